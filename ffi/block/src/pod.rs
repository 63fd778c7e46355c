//! Pods on nodes, and those that are nominated.

use core::ffi::c_void;

use bayplan_core::{LabelClassId, NodeId, NominationId, PodDef, PodId, SpecId, UseListId};

use crate::decide::Filler;
use crate::fault::{Fault, Status};
use crate::guard::{array, call, list, open, out};

/// Flag of a pod: it is being deleted, and spreading leaves it out.
pub const BAYPLAN_CORE_TERMINATING: u32 = 1;
/// Flag of a pod: it is being deleted to make room for a pod that preempted it.
pub const BAYPLAN_CORE_PREEMPTED: u32 = 2;
/// The start of a pod that has not started.
pub const BAYPLAN_CORE_NOT_STARTED: i64 = i64::MAX;
const _: () = assert!(BAYPLAN_CORE_NOT_STARTED == PodDef::NOT_STARTED);

/// A pod on a node.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Pod {
    /// Its spec class.
    pub spec: u32,
    /// Its label class.
    pub labels: u32,
    /// The volumes and claims that it uses, a row of bayplan_core_add_use_list(), or BAYPLAN_CORE_NONE.
    pub uses: u32,
    /// BAYPLAN_CORE_TERMINATING and so on.
    pub flags: u32,
    /// Its start in seconds since the epoch, or BAYPLAN_CORE_NOT_STARTED.
    pub start: i64,
}

/// # Safety
/// `from` is null or points to a pod.
unsafe fn pod(from: *const Pod) -> Result<PodDef, Fault> {
    // SAFETY: as above.
    let Some(from) = (unsafe { list(from, usize::from(!from.is_null()), "pod") })?.first() else {
        return Err(Fault::argument("pod"));
    };
    if from.flags & !(BAYPLAN_CORE_TERMINATING | BAYPLAN_CORE_PREEMPTED) != 0 {
        return Err(Fault::argument("flags"));
    }
    Ok(PodDef {
        uses: UseListId(from.uses),
        start: from.start,
        terminating: from.flags & BAYPLAN_CORE_TERMINATING != 0,
        preempted: from.flags & BAYPLAN_CORE_PREEMPTED != 0,
        ..PodDef::new(SpecId(from.spec), LabelClassId(from.labels))
    })
}

/// Binds a pod to a node, whether or not a decision said so. O(resources + cached counters + its things).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_bind(
    block: *mut c_void,
    size: usize,
    pod: *const Pod,
    node: u32,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut None, block, size)?.bind(&self::pod(pod)?, NodeId(node)) }?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Takes a pod off its node; its row is used again. As bayplan_core_bind().
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_unbind(block: *mut c_void, size: usize, pod: u32, fault: *mut Fault) -> Status {
    let body = || {
        let mut place = None;
        // SAFETY: the caller's promise.
        unsafe { open(&mut place, block, size) }?.unbind(PodId(pod))?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Gives a bound pod other classes: it was resized, relabelled, or marked as being deleted. Its row may be another one
/// then. BAYPLAN_CORE_FULL where the things of both do not fit at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_update_pod(
    block: *mut c_void,
    size: usize,
    pod: u32,
    to: *const Pod,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let place = out(id, "id")?;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut None, block, size)?.update_pod(PodId(pod), &self::pod(to)?) }?.0;
        // SAFETY: the caller's promise.
        unsafe { place.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// The node that a pod is bound to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_node_of(
    block: *mut c_void,
    size: usize,
    pod: u32,
    node: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(node, "node")?;
        let mut place = None;
        // SAFETY: the caller's promise.
        let node = unsafe { open(&mut place, block, size) }?.tables().node_of(PodId(pod))?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(node) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// The pods on a node: writes up to `capacity` of them and how many there are in all. O(pods on the node).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_pods_on(
    block: *mut c_void,
    size: usize,
    node: u32,
    pods: *mut u32,
    capacity: usize,
    count: *mut usize,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(count, "count")?;
        // SAFETY: the caller's promise.
        let mut filler = Filler::new(unsafe { array(pods, capacity, "pods") }?);
        let mut place = None;
        // SAFETY: the caller's promise.
        let scheduler = unsafe { open(&mut place, block, size) }?;
        // An id that is no node's is told apart from a node without pods.
        scheduler.tables().amounts(NodeId(node), bayplan_core::ResourceId::CPU)?;
        scheduler.tables().pods_on(NodeId(node)).for_each(|pod| filler.push(pod.0));
        // SAFETY: the caller's promise.
        unsafe { to.write(filler.count) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Nominates a pod to a node: for pods of its priority or a lower one the node is filtered with it added as well.
/// O(nominations).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_nominate(
    block: *mut c_void,
    size: usize,
    pod: *const Pod,
    node: u32,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut None, block, size)?.nominate(&self::pod(pod)?, NodeId(node)) }?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Takes a nomination away.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_withdraw(
    block: *mut c_void,
    size: usize,
    nomination: u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let mut place = None;
        // SAFETY: the caller's promise.
        unsafe { open(&mut place, block, size) }?.withdraw(NominationId(nomination))?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}
