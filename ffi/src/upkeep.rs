//! What a cluster has, in numbers, and its upkeep.

use std::ffi::c_char;
use std::mem::size_of;

use bayplan::objects::{Kind, Object};
use bayplan::{Cluster as Inner, read};

use crate::cluster::{Cluster, change, input, look, memory_for, one};
use crate::decision::Decisions;
use crate::error::{Error, Failure};
use crate::guard::{BAYPLAN_ZERO_ENDED, bytes, call, clear, give, out, sized};
use crate::options::bare;
use crate::status::{BAYPLAN_CONFLICT, BAYPLAN_NOT_FOUND, BAYPLAN_UNSUPPORTED, Status};
use crate::text::Strings;

/// How much a cluster has. Set struct_size to sizeof(bayplan_counts_t) before it is written to.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// sizeof(bayplan_counts_t).
    pub struct_size: u32,
    /// The Kubernetes minor version that it decides as: 37 for 1.37.
    pub minor: u32,
    /// Nodes.
    pub nodes: u64,
    /// Pods, with those that have ended.
    pub pods: u64,
    /// Pods that wait for a node.
    pub pending: u64,
    /// Pods that hold room on a node that is there.
    pub bound: u64,
}

/// How many nodes and pods a cluster has, and the version that it decides as. O(1)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_counts(
    cluster: *const Cluster,
    counts: *mut Counts,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        look(cluster, error, |cluster| {
            // The size is all that the caller has set.
            let size = (&raw const (*out(counts, "counts")?).struct_size).read() as usize;
            if size != size_of::<Counts>() {
                let expected = size_of::<Counts>();
                let message = format!("counts.struct_size is {size}: sizeof(bayplan_counts_t) is {expected}");
                return Err(Failure::argument(message));
            }
            let now = cluster.inner().counts();
            let minor = cluster.inner().version().name().rsplit('.').next().and_then(|minor| minor.parse().ok());
            counts.write(Counts {
                struct_size: size as u32,
                minor: minor.unwrap_or(0),
                nodes: now.nodes as u64,
                pods: now.pods as u64,
                pending: now.pending as u64,
                bound: now.bound as u64,
            });
            Ok(())
        })
    }
}

/// What a node gives of a resource, and what the pods on it ask for: cpu in thousandths, all others in whole units; 0 for a resource that it does not have.
/// O(resources)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_node_amount(
    cluster: *mut Cluster,
    node: *const c_char,
    resource: *const c_char,
    allocatable: *mut i64,
    requested: *mut i64,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe {
        bayplan_cluster_node_amount_n(
            cluster,
            node,
            BAYPLAN_ZERO_ENDED,
            resource,
            BAYPLAN_ZERO_ENDED,
            allocatable,
            requested,
            error,
        )
    }
}

/// As bayplan_cluster_node_amount, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_node_amount_n(
    cluster: *mut Cluster,
    node: *const c_char,
    node_length: usize,
    resource: *const c_char,
    resource_length: usize,
    allocatable: *mut i64,
    requested: *mut i64,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            let (allocatable, requested) = (out(allocatable, "allocatable")?, out(requested, "requested")?);
            let (node, resource) = (sized(node, node_length, "node")?, sized(resource, resource_length, "resource")?);
            let amounts = cluster.inner_mut().node_amounts(node)?;
            let amount = amounts.get(resource).copied().unwrap_or_default();
            allocatable.write(amount.allocatable);
            requested.write(amount.requested);
            Ok(())
        })
    }
}

/// The resources that a node gives or that pods on it ask for, by name. O(resources)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_node_resources(
    cluster: *mut Cluster,
    node: *const c_char,
    resources: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_node_resources_n(cluster, node, BAYPLAN_ZERO_ENDED, resources, error) }
}

/// As bayplan_cluster_node_resources, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_node_resources_n(
    cluster: *mut Cluster,
    node: *const c_char,
    node_length: usize,
    resources: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(resources);
        change(cluster, error, |cluster| {
            let resources = out(resources, "resources")?;
            let amounts = cluster.inner_mut().node_amounts(sized(node, node_length, "node")?)?;
            give(resources, amounts.into_keys().collect());
            Ok(())
        })
    }
}

/// The node that a pod ("namespace/name", whose length may be BAYPLAN_ZERO_ENDED) is on: `node_length` bytes from `node` on, without a zero byte behind them;
/// none where it waits. They live until the cluster is changed or freed. O(1)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_pod_node(
    cluster: *const Cluster,
    pod: *const c_char,
    length: usize,
    node: *mut *const c_char,
    node_length: *mut usize,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        look(cluster, error, |cluster| {
            let (node, node_length) = (out(node, "node")?, out(node_length, "node_length")?);
            let pod = sized(pod, length, "pod")?;
            let Some(pod) = cluster.inner().pod(pod) else {
                return Err(Failure::new(BAYPLAN_NOT_FOUND, format!("there is no pod {pod}")));
            };
            // An empty text of Rust points nowhere.
            let name = if pod.spec.node_name.is_empty() { "\0" } else { &pod.spec.node_name };
            node.write(name.as_ptr().cast());
            node_length.write(pod.spec.node_name.len());
            Ok(())
        })
    }
}

/// Decides for a pod that is not in the cluster, on a fork: `data` is a manifest of one Pod. Where the cluster has a pod of its name that waits, the manifest
/// is decided upon in its place; BAYPLAN_CONFLICT where that one is on a node. Gives one decision. A fork, and a decision.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_decide_manifest(
    cluster: *const Cluster,
    data: *const c_char,
    length: usize,
    decisions: *mut *mut Decisions,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(decisions);
        look(cluster, error, |cluster| {
            let decisions = out(decisions, "decisions")?;
            let object = one(input(data, length, std::ptr::null(), &cluster.reading)?)?;
            if object.kind() != Kind::Pod {
                let message = format!("{object} is no Pod: bayplan_cluster_place is for what makes pods");
                return Err(Failure::new(BAYPLAN_UNSUPPORTED, message));
            }
            memory_for(cluster.inner())?;
            let mut fork = cluster.inner().clone();
            let key = key_of(&object);
            if let Some(there) = fork.pod(&key) {
                if !there.spec.node_name.is_empty() {
                    let message = format!("pod {key} is on {}: another name is free", there.spec.node_name);
                    return Err(Failure::new(BAYPLAN_CONFLICT, message));
                }
                fork.evict(&key)?;
            }
            fork.upsert(object)?;
            give(decisions, Decisions::new(vec![fork.decide(&key)?], Vec::new()));
            Ok(())
        })
    }
}

fn key_of(object: &Object) -> String {
    let namespace = if object.namespace().is_empty() { "default" } else { object.namespace() };
    format!("{namespace}/{}", object.name())
}

/// Makes the cluster's tables again, with just what the objects need; rows of the block are others afterwards. A cluster does so by itself when its tables are
/// much larger than needed. O(all)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_compact(cluster: *mut Cluster, error: *mut *mut Error) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe { change(cluster, error, |cluster| Ok(cluster.inner_mut().compact()?)) }
}

/// Recounts every sum of the cluster from its objects. BAYPLAN_INTERNAL where one differs, which would be a fault of the library. O(all)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_verify(cluster: *mut Cluster, error: *mut *mut Error) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe { change(cluster, error, |cluster| Ok(cluster.inner_mut().recount().map(drop)?)) }
}

/// The cluster as bytes, for bayplan_cluster_open of the same version of the library, in this or another process. `bytes` gets a list of one text, which may
/// have zero bytes in it. Not saved are: resourceVersions, so that a mirror that is opened begins with bayplan_cluster_replace; which binds no watch has
/// confirmed; max_pods and the flags of how input is read; warnings of kinds that were not read. O(all)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_save(
    cluster: *const Cluster,
    bytes: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(bytes);
        look(cluster, error, |cluster| {
            let bytes = out(bytes, "bytes")?;
            give(bytes, Strings::of_bytes(cluster.inner().to_bytes()?));
            Ok(())
        })
    }
}

/// Opens what bayplan_cluster_save gave: a cluster with the same objects that decides the same. How it reads input is as without options.
/// BAYPLAN_INVALID_INPUT for other bytes. O(all)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_open(
    data: *const c_char,
    length: usize,
    cluster: *mut *mut Cluster,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(cluster);
        call(error, || {
            let cluster = out(cluster, "cluster")?;
            let inner = Inner::from_bytes(bytes(data, length, "data")?)?;
            give(cluster, Cluster::of(inner, read::Skipped::default(), bare()));
            Ok(())
        })
    }
}
