//! The bridge to `bayplan_core.h`: the block of a cluster, and the rows in it.

use std::ffi::{c_char, c_void};

use bayplan::attempt::{NodeResult as Result, PodRows as Rows};
use bayplan::bayplan_core::{Code, RejectedBy};

use crate::cluster::{Cluster, change, look};
use crate::error::{Error, Failure};
use crate::guard::{BAYPLAN_ZERO_ENDED, out, sized};
use crate::status::{BAYPLAN_NOT_FOUND, Status};

/// A pod by rows of its cluster's block: the fields of a bayplan_core_request_t of the same names. UINT32_MAX is no row.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PodRows {
    /// Its spec class.
    pub spec: u32,
    /// Its label class.
    pub labels: u32,
    /// The only node that its affinity admits by name.
    pub pin: u32,
    /// The pods that it is spread from by default.
    pub default_selector: u32,
    /// The volumes and claims that it uses.
    pub uses: u32,
    /// Its own nomination.
    pub nomination: u32,
}

impl From<Rows> for PodRows {
    fn from(of: Rows) -> Self {
        PodRows {
            spec: of.spec.0,
            labels: of.labels.0,
            pin: of.pin.0,
            default_selector: of.default_selector.0,
            uses: of.uses.0,
            nomination: of.nomination.0,
        }
    }
}

fn missing(what: &str) -> Failure {
    Failure::new(BAYPLAN_NOT_FOUND, what.to_owned())
}

/// The block of a cluster, for bayplan_core.h: `data` points to `size` bytes that the cluster owns. They stay until the
/// cluster is changed, asked with a function that takes it without const, or freed, and may only be read: copy them with
/// bayplan_core_fork(data, size, memory, size, fault). O(1); the copy is O(state).
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_block(
    cluster: *const Cluster,
    data: *mut *const c_void,
    size: *mut usize,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        look(cluster, error, |cluster| {
            let (data, size) = (out(data, "data")?, out(size, "size")?);
            let words = cluster.inner().block();
            data.write(words.as_ptr().cast());
            size.write(size_of_val(words));
            Ok(())
        })
    }
}

/// A node will do.
pub const BAYPLAN_NODE_FEASIBLE: u32 = 1;
/// No preemption can help.
pub const BAYPLAN_NODE_UNRESOLVABLE: u32 = 2;

/// What one node comes to for a pod. `rule` and `reason` are the numbers of bayplan_core.h: a plugin by its place in
/// kube-scheduler's default order, and which of its reasons.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NodeResult {
    /// Its row: bayplan_cluster_node_of_row() has its name.
    pub node: u32,
    /// BAYPLAN_NODE_FEASIBLE and so on.
    pub flags: u32,
    /// The rule that rejects it first; 253 for an extender, 254 where the affinity names other nodes, 255 for a plugin of the caller's own; UINT32_MAX where none does, or the pod is
    /// rejected before any node is looked at.
    pub rule: u32,
    /// Which of its reasons; the code that it gave, where it is a plugin of the caller's own.
    pub reason: u32,
    /// Its total score, where it is feasible.
    pub total: i64,
}

impl From<Result> for NodeResult {
    fn from(of: Result) -> Self {
        let is_unresolvable = of.reason.is_some_and(|reason| reason.code() == Code::UnschedulableAndUnresolvable);
        let flags = if of.total.is_some() { BAYPLAN_NODE_FEASIBLE } else { 0 }
            | if is_unresolvable { BAYPLAN_NODE_UNRESOLVABLE } else { 0 };
        let rule = of.reason.map_or(u32::MAX, |reason| match reason.by() {
            RejectedBy::Plugin(plugin) => plugin as u32,
            RejectedBy::PreFilterResult => 254,
            RejectedBy::Caller => 253,
            _ => 255,
        });
        let reason = of.reason.map_or(0, |reason| match reason.by() {
            RejectedBy::External(_) => reason.external_code(),
            _ => u32::from(reason.kind()),
        });
        NodeResult { node: of.node.0, flags, rule, reason, total: of.total.unwrap_or(0) }
    }
}

/// What each node comes to for a pending pod ("namespace/name"), in node order: what an extender of kube-scheduler answers.
/// Writes up to `capacity` results, and to `count` how many nodes there are. Nodes are scored even where one alone is
/// feasible; preemption is not weighed. BAYPLAN_CONFLICT for a pod that is not to be placed: it is on a node, held back by gates, or of another scheduler;
/// BAYPLAN_UNSUPPORTED where a rule fails for it, or concerns it and is not applied. O(nodes), without texts.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_evaluate(
    cluster: *mut Cluster,
    pod: *const c_char,
    results: *mut NodeResult,
    capacity: usize,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_evaluate_n(cluster, pod, BAYPLAN_ZERO_ENDED, results, capacity, count, error) }
}

/// As bayplan_cluster_evaluate, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_evaluate_n(
    cluster: *mut Cluster,
    pod: *const c_char,
    pod_length: usize,
    results: *mut NodeResult,
    capacity: usize,
    count: *mut usize,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            let to = out(count, "count")?;
            if capacity > 0 {
                out(results, "results")?;
            }
            let found = cluster.inner_mut().evaluate(sized(pod, pod_length, "pod")?)?;
            for (at, result) in found.iter().take(capacity).enumerate() {
                results.add(at).write((*result).into());
            }
            to.write(found.len());
            Ok(())
        })
    }
}

/// The rows of a pending pod ("namespace/name"). It may make new classes, which are rows of the block: copy the block
/// afterwards. Rows stay what they are in copies; the cluster itself may make its tables anew when it is changed.
/// BAYPLAN_UNSUPPORTED for a pod of which rows do not say all, such as one with claims. O(1) for a class that is known.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_pod_rows(
    cluster: *mut Cluster,
    pod: *const c_char,
    rows: *mut PodRows,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_pod_rows_n(cluster, pod, BAYPLAN_ZERO_ENDED, rows, error) }
}

/// As bayplan_cluster_pod_rows, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_pod_rows_n(
    cluster: *mut Cluster,
    pod: *const c_char,
    pod_length: usize,
    rows: *mut PodRows,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            let to = out(rows, "rows")?;
            let rows = cluster.inner_mut().core_rows(sized(pod, pod_length, "pod")?)?;
            to.write(rows.into());
            Ok(())
        })
    }
}

/// The row of a pod ("namespace/name") that is bound to a node. O(1)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_bound_row(
    cluster: *const Cluster,
    pod: *const c_char,
    row: *mut u32,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_bound_row_n(cluster, pod, BAYPLAN_ZERO_ENDED, row, error) }
}

/// As bayplan_cluster_bound_row, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_bound_row_n(
    cluster: *const Cluster,
    pod: *const c_char,
    pod_length: usize,
    row: *mut u32,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        look(cluster, error, |cluster| {
            let (to, pod) = (out(row, "row")?, sized(pod, pod_length, "pod")?);
            let row = cluster.inner().bound_row(pod).ok_or_else(|| missing(&format!("no pod {pod} is on a node")))?;
            to.write(row.0);
            Ok(())
        })
    }
}

/// The row of a node. O(1)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_node_row(
    cluster: *const Cluster,
    node: *const c_char,
    row: *mut u32,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller's promise is the same.
    unsafe { bayplan_cluster_node_row_n(cluster, node, BAYPLAN_ZERO_ENDED, row, error) }
}

/// As bayplan_cluster_node_row, for texts with a length, which need not end in a zero byte. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_node_row_n(
    cluster: *const Cluster,
    node: *const c_char,
    node_length: usize,
    row: *mut u32,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        look(cluster, error, |cluster| {
            let (to, node) = (out(row, "row")?, sized(node, node_length, "node")?);
            let row = cluster.inner().node_row(node).ok_or_else(|| missing(&format!("there is no node {node}")))?;
            to.write(row.0);
            Ok(())
        })
    }
}

/// The name of the node in a row, or of the one that was there: `length` bytes from `data` on, without a zero byte behind
/// them. They live until the cluster is changed or freed. O(1)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_node_of_row(
    cluster: *const Cluster,
    row: u32,
    data: *mut *const c_char,
    length: *mut usize,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        look(cluster, error, |cluster| {
            let (data, length) = (out(data, "data")?, out(length, "length")?);
            let name = cluster.inner().node_of_row(bayplan::bayplan_core::NodeId(row));
            let name = name.ok_or_else(|| missing(&format!("no node has the row {row}")))?;
            data.write(name.as_ptr().cast());
            length.write(name.len());
            Ok(())
        })
    }
}
