//! A mirror of a real cluster, fed by lists and watches.

use std::ffi::c_char;
use std::mem::size_of;

use bayplan::Changes as Inner;
use bayplan::objects::Object;
use bayplan::read::Treat;

use crate::cluster::{Cluster, change, input, kind_of, memory_for, not_read};
use crate::error::{Error, Failure};
use crate::guard::{BAYPLAN_ZERO_ENDED, clear, give, sized, text};
use crate::status::Status;
use crate::text::Strings;

/// What became of objects that came. Set struct_size to sizeof(bayplan_changes_t) before it is written to.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Changes {
    /// sizeof(bayplan_changes_t).
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// How many objects were not known.
    pub added: u64,
    /// How many were, and changed.
    pub updated: u64,
    /// How many pods that this cluster had bound are on that node.
    pub confirmed: u64,
    /// How many events changed nothing: they are no newer than what is known, or of the time before this cluster bound the pod.
    pub unchanged: u64,
    /// How many objects are gone.
    pub removed: u64,
    /// How many pods are on another node than was known: somebody else bound them, and that stands.
    pub moved: u64,
}

/// Hands out what became of them.
///
/// # Safety
/// Both are null or may be written.
unsafe fn tell(changes: Inner, to: *mut Changes, moved: *mut *mut Strings) {
    let count = |n: usize| n as u64;
    let own = Changes {
        struct_size: size_of::<Changes>() as u32,
        reserved: 0,
        added: count(changes.added),
        updated: count(changes.updated),
        confirmed: count(changes.confirmed),
        unchanged: count(changes.unchanged),
        removed: count(changes.removed),
        moved: count(changes.moved.len()),
    };
    // SAFETY: as above.
    unsafe {
        if !to.is_null() {
            to.write(own);
        }
        if !moved.is_null() {
            give(moved, changes.moved.into_iter().collect());
        }
    }
}

/// # Safety
/// `changes` is null or can be read.
unsafe fn check(changes: *const Changes) -> Result<(), Failure> {
    if changes.is_null() {
        return Ok(());
    }
    // SAFETY: not null; the size is the first field, and all that the caller has set.
    let size = unsafe { (&raw const (*changes).struct_size).read() } as usize;
    if size != size_of::<Changes>() {
        let expected = size_of::<Changes>();
        return Err(Failure::argument(format!(
            "changes.struct_size is {size}: sizeof(bayplan_changes_t) is {expected}"
        )));
    }
    Ok(())
}

/// Objects as an API server returns them, with a uid or without.
///
/// # Safety
/// As [`input`].
unsafe fn live(cluster: &Cluster, data: *const c_char, length: usize) -> Result<Vec<Object>, Failure> {
    let mut reading = cluster.reading.clone();
    reading.treat = Treat::Live;
    // SAFETY: as above.
    let input = unsafe { input(data, length, std::ptr::null(), &reading) }?;
    if let Some((version, kind, _)) = input.skipped.iter().next() {
        return Err(not_read(version, kind));
    }
    Ok(input.objects)
}

/// Takes in what a watch brings as ADDED or MODIFIED: one object or a list of any, as an API server returns them. By their
/// resourceVersion, events that are late or come twice change nothing. (After its deletion no event of an object may come,
/// which a watch sees to.) A pod that bayplan_cluster_bind, schedule or decide_ids has bound stays on its node while older
/// events say that it waits: until the watch confirms it, says that it is on another node, or bayplan_cluster_forget undoes
/// the bind. `changes` may be null, and so may `moved`, which gets the pods ("namespace/name") that are on another node than
/// was known. On an error nothing is taken in. O(changed), and a fork for a list; O(1) for an event that changes nothing.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_observe(
    cluster: *mut Cluster,
    data: *const c_char,
    length: usize,
    changes: *mut Changes,
    moved: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(moved);
        change(cluster, error, |cluster| {
            check(changes)?;
            let objects = live(cluster, data, length)?;
            if objects.len() > 1 {
                memory_for(cluster.inner())?;
            }
            tell(cluster.inner_mut().observe_all(objects)?, changes, moved);
            Ok(())
        })
    }
}

/// Takes away what a watch brings as DELETED: one object or a list. An object of the same name that came later, with another uid, stays. `changes` may be
/// null. On an error nothing is taken away. O(changed), and a fork for a list.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_observe_deleted(
    cluster: *mut Cluster,
    data: *const c_char,
    length: usize,
    changes: *mut Changes,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            check(changes)?;
            let objects = live(cluster, data, length)?;
            if objects.len() > 1 {
                memory_for(cluster.inner())?;
            }
            tell(cluster.inner_mut().observe_deleted(objects)?, changes, std::ptr::null_mut());
            Ok(())
        })
    }
}

/// Takes in a list of all objects of a kind ("v1", "Pod"), as a watch begins and after it broke off: each as bayplan_cluster_observe does, and objects of the
/// kind that are not in the list are gone. The rest is as there. A fork, and O(objects of the kind).
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_replace(
    cluster: *mut Cluster,
    api_version: *const c_char,
    kind: *const c_char,
    data: *const c_char,
    length: usize,
    changes: *mut Changes,
    moved: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(moved);
        change(cluster, error, |cluster| {
            check(changes)?;
            let (version, kind) = (text(api_version, "api_version")?, text(kind, "kind")?);
            let known = kind_of(version, kind)?;
            let objects = live(cluster, data, length)?;
            memory_for(cluster.inner())?;
            tell(cluster.inner_mut().replace(known, objects)?, changes, moved);
            Ok(())
        })
    }
}

/// Undoes the bind of a pod ("namespace/name") that failed in the real cluster: it waits for a node again, as the newest
/// event has it, and its claims and volumes are as before, unless something newer came for them. BAYPLAN_CONFLICT where this
/// cluster did not bind it, or a watch has confirmed it. Load and upsert take a pod as it is given, and it counts as
/// confirmed then: a mirror uses replace and observe. O(changed)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_forget(
    cluster: *mut Cluster,
    pod: *const c_char,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_forget_n(cluster, pod, BAYPLAN_ZERO_ENDED, error) }
}

/// As bayplan_cluster_forget, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_forget_n(
    cluster: *mut Cluster,
    pod: *const c_char,
    pod_length: usize,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe { change(cluster, error, |cluster| Ok(cluster.inner_mut().forget(sized(pod, pod_length, "pod")?)?)) }
}

/// Nominates a pending pod ("namespace/name") to a node, as preemption does: pods of lower priority leave the room to it. O(changed)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_nominate(
    cluster: *mut Cluster,
    pod: *const c_char,
    node: *const c_char,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_nominate_n(cluster, pod, BAYPLAN_ZERO_ENDED, node, BAYPLAN_ZERO_ENDED, error) }
}

/// As bayplan_cluster_nominate, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_nominate_n(
    cluster: *mut Cluster,
    pod: *const c_char,
    pod_length: usize,
    node: *const c_char,
    node_length: usize,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            Ok(cluster.inner_mut().nominate(sized(pod, pod_length, "pod")?, sized(node, node_length, "node")?)?)
        })
    }
}
