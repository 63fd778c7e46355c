//! The rows of planners' answers. Everything in them lives as long as the answer. The structs of whole answers may grow at their end, as the library makes them
//! and programs hold pointers; rows and what lies within another struct are frozen.

use crate::text::Str;

/// Some texts.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Texts {
    /// The first of them; null where there are none.
    pub texts: *const Str,
    /// How many.
    pub count: usize,
}

/// What nodes give of a resource, and what pods ask of it: thousandths of a core of cpu, bytes, pieces.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// The resource.
    pub resource: Str,
    /// What is allocatable.
    pub allocatable: i64,
    /// What is requested.
    pub requested: i64,
    /// In a group of nodes: the most that is free on one of them that is ready and not cordoned. 0 elsewhere.
    pub largest_free: i64,
}

/// What is requested of a cluster.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Utilisation {
    /// How many nodes there are.
    pub nodes: usize,
    /// The sums over them, a row a resource that some node has.
    pub amounts: *const Amount,
    /// How many rows.
    pub amount_count: usize,
}

/// A workload whose pods came, moved or went, or that lacks some.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// The kind of what nobody controls: a Deployment rather than its ReplicaSets.
    pub kind: Str,
    /// Its namespace.
    pub namespace_name: Str,
    /// Its name.
    pub name: Str,
    /// The priority of its pods.
    pub priority: i32,
    /// How many pods it asks for, after.
    pub wanted: usize,
    /// How many were on nodes before.
    pub before: usize,
    /// How many are on nodes after.
    pub after: usize,
    /// How many of those before are on another node now, or were replaced by one that is on a node.
    pub moved: usize,
    /// How many went and come no more: nobody controls them.
    pub lost: usize,
    /// How many it asks for and has not on nodes, after.
    pub missing: usize,
    /// The same before.
    pub missing_before: usize,
    /// How many were evicted to make room for pods of higher priority.
    pub preempted: usize,
}

/// What workloads add up to.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Totals {
    /// How many pods are on another node.
    pub moved: usize,
    /// How many went and come no more.
    pub lost: usize,
    /// How many are asked for and not on nodes.
    pub missing: usize,
    /// How many of those were not missing before.
    pub newly_missing: usize,
    /// How many were evicted to make room for others.
    pub preempted: usize,
}

/// A pod that is there no more.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Gone {
    /// The pod, "namespace/name".
    pub pod: Str,
    /// The node that it was on, or "".
    pub node: Str,
    /// "Deleted", "Evicted" by a drain, "Preempted", "TaintEviction" or "Finished".
    pub why: Str,
    /// The pod that it made room for, or "".
    pub by: Str,
}

/// A node that was to be drained.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Drained {
    /// The node.
    pub node: Str,
    /// Every pod that had to go is gone.
    pub is_drained: bool,
    /// The pods that had to go and are still there; where kubectl does not begin, those that keep it from that.
    pub left: Texts,
    /// What kubectl says of this node where it fails: pods that it does not delete, evictions that were refused, the timeout.
    pub errors: Texts,
    /// The budgets that let no more pods go.
    pub budgets: Texts,
}

/// What became of a cluster: the answer to "simulate" and "drain". The decisions are in bayplan_answer_decisions.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Simulated {
    /// What the workloads add up to.
    pub totals: Totals,
    /// The workloads that something happened to, or whose pods wait.
    pub workloads: *const Workload,
    /// How many.
    pub workload_count: usize,
    /// The pods that went.
    pub gone: *const Gone,
    /// How many.
    pub gone_count: usize,
    /// The nodes that were drained, in order.
    pub drained: *const Drained,
    /// How many.
    pub drained_count: usize,
    /// What was requested before.
    pub before: Utilisation,
    /// The same after.
    pub after: Utilisation,
}

/// What happens when a domain fails, or two at once.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct DomainFailure {
    /// The domains that fail together.
    pub domains: Texts,
    /// How many nodes go.
    pub nodes: usize,
    /// What the workloads add up to.
    pub totals: Totals,
    /// The workloads that something happened to, or whose pods wait.
    pub workloads: *const Workload,
    /// How many.
    pub workload_count: usize,
    /// What is requested of the nodes that stay.
    pub after: Utilisation,
    /// How many attempts to preempt were made.
    pub preemption_attempts: usize,
    /// What was left out or not applied, so that the real cluster may do otherwise.
    pub unsure: Texts,
}

/// The answer to "fail".
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FailAnswer {
    /// The label whose values are the domains.
    pub by: Str,
    /// A row a domain, or a pair of them.
    pub failures: *const DomainFailure,
    /// How many.
    pub failure_count: usize,
    /// The nodes without the label, which never fail.
    pub without_label: Texts,
    /// How many pods are missing while none fails.
    pub missing_before: usize,
    /// What is requested while none fails.
    pub before: Utilisation,
}

/// A node that can be switched off.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Emptied {
    /// The node.
    pub node: Str,
    /// Is its price known?
    pub has_price: bool,
    /// What it costs; 0 where that is not known.
    pub price: f64,
    /// The pods that move, in order.
    pub moves: Texts,
}

/// A name, and why: a node that stays, or a pod that nothing carries.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Because {
    /// The node or the pod.
    pub name: Str,
    /// Why.
    pub why: Str,
}

/// The answer to "shrink".
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ShrinkAnswer {
    /// The nodes that can be switched off together, in the order in which they are drained.
    pub emptied: *const Emptied,
    /// How many.
    pub emptied_count: usize,
    /// The nodes that were tried and stay, and why; nodes that were not tried are in neither list.
    pub kept: *const Because,
    /// How many.
    pub kept_count: usize,
    /// Has a node a price?
    pub has_prices: bool,
    /// What the nodes that have a price cost before.
    pub price_before: f64,
    /// The same after.
    pub price_after: f64,
    /// What is requested before.
    pub before: Utilisation,
    /// The same after.
    pub after: Utilisation,
}

/// Nodes of one shape in one zone.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Bought {
    /// The shape.
    pub shape: Str,
    /// The zone, or "" where there are none.
    pub zone: Str,
    /// How many.
    pub count: u32,
    /// What one costs.
    pub price: f64,
}

/// Nodes to buy, and what they cost.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Priced {
    /// Was such a mix found? The rest is 0 where not, and where none was looked for: there is no packing where a failure is to be survived.
    pub is_found: bool,
    /// What all cost.
    pub price: f64,
    /// How many nodes.
    pub nodes: u32,
    /// A row a shape and zone.
    pub bought: *const Bought,
    /// How many rows.
    pub bought_count: usize,
}

/// The answer to "size".
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SizeAnswer {
    /// How many pods are to be carried.
    pub pods: usize,
    /// How many classes of them differ.
    pub classes: usize,
    /// No mix that carries the pods costs less.
    pub bound: f64,
    /// The cheapest mix found on which the scheduler places all pods.
    pub scheduled: Priced,
    /// The cheapest mix found whose nodes can be packed with all pods.
    pub packed: Priced,
    /// The cheapest of one shape alone on which the scheduler places all.
    pub single: Priced,
    /// The pods that nothing of the catalogue carries, and why.
    pub impossible: *const Because,
    /// How many.
    pub impossible_count: usize,
    /// The zones in which nodes were bought.
    pub zones: Texts,
    /// What may be lost: "node", "zone", or "".
    pub survives: Str,
    /// What is requested of the nodes of `scheduled`, and of those that are kept.
    pub after: Utilisation,
}

/// One node of an upgrade.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct UpgradeStep {
    /// The node.
    pub node: Str,
    /// The node that takes its place.
    pub replacement: Str,
    /// Was it drained and removed?
    pub is_done: bool,
    /// How many of its pods were evicted.
    pub evicted: usize,
    /// How many pods more than at the beginning were on no node once it was drained.
    pub missing: usize,
    /// Who keeps it from being drained: budgets, or in kubectl's words what else.
    pub blocked_by: Texts,
}

/// The answer to "upgrade".
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct UpgradeAnswer {
    /// The steps, in order.
    pub steps: *const UpgradeStep,
    /// How many.
    pub step_count: usize,
    /// How many nodes there were at most beyond those at the beginning.
    pub peak_extra_nodes: usize,
    /// How many pods were missing at most beyond those at the beginning.
    pub peak_missing: usize,
}

/// The GPUs of a node, or of a pool.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct GpuRow {
    /// The node, or the pool.
    pub name: Str,
    /// The pool of a node, or "".
    pub pool: Str,
    /// The resource.
    pub resource: Str,
    /// How many nodes.
    pub nodes: usize,
    /// How many GPUs there are.
    pub total: i64,
    /// How many are requested.
    pub used: i64,
    /// How many are not.
    pub free: i64,
    /// How many of these no pod can use: cpu, memory or room for pods is gone, or the node is cordoned or not ready.
    pub stranded: i64,
    /// The most that one pod can have.
    pub largest: i64,
    /// How many pods of 1, 2, 4 and 8 GPUs still fit, each size alone.
    pub fits: [i64; 4],
}

/// The fewest moves that free a block of GPUs.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FreedGpus {
    /// The resource.
    pub resource: Str,
    /// How many GPUs the block has.
    pub size: i64,
    /// The node.
    pub node: Str,
    /// The pods that move.
    pub moves: Texts,
}

/// What a pod is taken to need beside each GPU.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BesideGpu {
    /// The resource of the GPUs.
    pub resource: Str,
    /// Thousandths of a core.
    pub milli_cpu: i64,
    /// Bytes.
    pub memory: i64,
}

/// The answer to "gpus".
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct GpusAnswer {
    /// By node.
    pub nodes: *const GpuRow,
    /// How many rows.
    pub node_count: usize,
    /// By pool.
    pub pools: *const GpuRow,
    /// How many rows.
    pub pool_count: usize,
    /// What a pod is taken to need beside each GPU.
    pub beside: *const BesideGpu,
    /// How many.
    pub beside_count: usize,
    /// Blocks that no node has free, and that moves can free.
    pub freed: *const FreedGpus,
    /// How many.
    pub freed_count: usize,
}

/// A node on which preemption helps.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PreemptionCandidate {
    /// The node.
    pub node: Str,
    /// The pods that would be evicted, the most important first.
    pub victims: Texts,
    /// How many of them violate a disruption budget.
    pub violations: u32,
    /// No other node is better.
    pub is_best: bool,
}

/// The answer to "preempt". The decision is in bayplan_answer_decisions.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PreemptAnswer {
    /// The node that is chosen, or "" where preemption helps nowhere or the pod fits.
    pub node: Str,
    /// Every node on which it helps, in node order.
    pub candidates: *const PreemptionCandidate,
    /// How many.
    pub candidate_count: usize,
}

/// A node of the cluster.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NodeRow {
    /// Its name.
    pub name: Str,
    /// Its zone, or "".
    pub zone: Str,
    /// Its instance type, or "".
    pub instance_type: Str,
    /// How many pods are on it.
    pub pods: usize,
    /// Is it cordoned?
    pub is_cordoned: bool,
    /// Is it ready?
    pub is_ready: bool,
    /// Its taints: "key=value:Effect".
    pub taints: Texts,
    /// Its labels: "key=value".
    pub labels: Texts,
    /// A row a resource.
    pub amounts: *const Amount,
    /// How many rows.
    pub amount_count: usize,
}

/// Nodes that have the same value of a label.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NodeGroup {
    /// Have they the label at all?
    pub has_label: bool,
    /// The value.
    pub value: Str,
    /// How many nodes.
    pub nodes: usize,
    /// How many pods are on them.
    pub pods: usize,
    /// The sums, a row a resource.
    pub amounts: *const Amount,
    /// How many rows.
    pub amount_count: usize,
}

/// The answer to "nodes".
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NodesAnswer {
    /// The nodes, in node order.
    pub nodes: *const NodeRow,
    /// How many.
    pub node_count: usize,
    /// The label that was asked for, or "".
    pub by: Str,
    /// Groups of the nodes by that label.
    pub groups: *const NodeGroup,
    /// How many.
    pub group_count: usize,
}

/// A name or a reason, and how many.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// The node, or the reason.
    pub name: Str,
    /// How many replicas are on the node, or how many nodes have the reason.
    pub count: usize,
}

/// The answer of bayplan_cluster_fit_answer. The decision for the first replica that did not fit is in bayplan_answer_decisions.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct FitAnswer {
    /// How many were placed.
    pub replicas: usize,
    /// The limit ended it, so that more may fit.
    pub is_limit_reached: bool,
    /// How many went to each node that got some.
    pub by_node: *const Counted,
    /// How many rows.
    pub by_node_count: usize,
    /// Why the next one does not fit: each reason, and on how many nodes it holds.
    pub reasons: *const Counted,
    /// How many rows.
    pub reason_count: usize,
    /// What a server says that refuses the next one, or "".
    pub refused: Str,
}
