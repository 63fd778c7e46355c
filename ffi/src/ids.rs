//! Pods by number, and decisions without texts.

use std::collections::HashMap;
use std::ffi::c_char;
use std::sync::Arc;

use bayplan::{Cluster as Inner, Decision, Outcome};

use crate::cluster::{Cluster, change, look, memory_for};
use crate::decision::outcome;
use crate::error::{Error, Failure};
use crate::guard::{array, out, sized, slice};
use crate::status::{BAYPLAN_NOT_FOUND, BAYPLAN_STOPPED, Status};

/// Each pod that found a node is bound to it, so that the next sees it there.
pub const BAYPLAN_DECIDE_BIND: u32 = 1;

/// What was decided for a pod, in numbers.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct DecisionNumbers {
    /// The pod.
    pub pod: u64,
    /// The node's total score; 0 where it was the only feasible one, as scoring is then skipped.
    pub score: i64,
    /// One of the BAYPLAN_OUTCOME_ numbers.
    pub outcome: u32,
    /// The node's row, see bayplan_cluster_node_of_row; UINT32_MAX where none was found.
    pub node: u32,
    /// How many nodes have that score.
    pub ties: u32,
    /// How many nodes are feasible.
    pub feasible: u32,
    /// The row of the node from which pods of lower priority are to be evicted so that this one fits; UINT32_MAX for none.
    pub preempts_on: u32,
    /// How many pods are to be evicted.
    pub victims: u32,
    /// How many rules concern the pod and were not applied, so that the real decision may be another.
    pub not_applied: u32,
    /// How many objects a rule needed that are not there.
    pub missing: u32,
}

/// The names that ids stand for. A name keeps its id, whatever becomes of the pod.
#[derive(Clone, Default)]
pub(crate) struct Names(Arc<Known>);

#[derive(Clone, Default)]
struct Known {
    ids: HashMap<Arc<str>, u64>,
    names: Vec<Arc<str>>,
}

impl Names {
    fn id(&mut self, name: &str) -> u64 {
        if let Some(id) = self.0.ids.get(name) {
            return *id;
        }
        // The names that a fork knows are its parent's until one of them learns a new one.
        let known = Arc::make_mut(&mut self.0);
        let (id, name) = (known.names.len() as u64, Arc::<str>::from(name));
        known.names.push(name.clone());
        known.ids.insert(name, id);
        id
    }

    fn name(&self, id: u64) -> Result<Arc<str>, Failure> {
        let name = usize::try_from(id).ok().and_then(|at| self.0.names.get(at)).cloned();
        name.ok_or_else(|| Failure::new(BAYPLAN_NOT_FOUND, format!("no pod has the id {id}")))
    }
}

fn row(cluster: &Inner, node: Option<&str>) -> u32 {
    node.and_then(|name| cluster.node_row(name)).map_or(u32::MAX, |node| node.at() as u32)
}

fn numbers(cluster: &Inner, pod: u64, decision: &Decision) -> DecisionNumbers {
    let preemption = decision.preemption.as_ref();
    DecisionNumbers {
        pod,
        score: decision.score,
        outcome: outcome(decision.outcome),
        node: row(cluster, decision.node.as_deref()),
        ties: decision.ties,
        feasible: decision.feasible,
        preempts_on: row(cluster, preemption.and_then(|preemption| preemption.node.as_deref())),
        victims: preemption.map_or(0, |preemption| preemption.victims.len() as u32),
        not_applied: decision.not_applied.len() as u32,
        missing: decision.missing.len() as u32,
    }
}

/// The id of a pod ("namespace/name"), for bayplan_cluster_decide_ids: it stays the same in this cluster and in its later forks, as long as they live, and
/// costs some bytes of memory. `length` may be BAYPLAN_ZERO_ENDED. BAYPLAN_NOT_FOUND where there is no such pod. O(1); after a fork, the first new id copies
/// the list of ids.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_pod_id(
    cluster: *mut Cluster,
    pod: *const c_char,
    length: usize,
    id: *mut u64,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            let (id, pod) = (out(id, "id")?, sized(pod, length, "pod")?);
            if cluster.inner().pod(pod).is_none() {
                return Err(Failure::new(BAYPLAN_NOT_FOUND, format!("there is no pod {pod}")));
            }
            id.write(cluster.names.id(pod));
            Ok(())
        })
    }
}

/// The name of an id's pod, "namespace/name": `length` bytes from `data` on, without a zero byte behind them. They live until the next
/// bayplan_cluster_pod_id, or until the cluster is freed. O(1)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_pod_of_id(
    cluster: *const Cluster,
    id: u64,
    data: *mut *const c_char,
    length: *mut usize,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        look(cluster, error, |cluster| {
            let (data, length) = (out(data, "data")?, out(length, "length")?);
            let name = cluster.names.name(id)?;
            // The cluster holds the same text.
            data.write(name.as_ptr().cast());
            length.write(name.len());
            Ok(())
        })
    }
}

/// Decides for pods one after the other, by their ids, and writes as many results, without texts. `flags` is BAYPLAN_DECIDE_BIND or 0; `start` is the start
/// time of bound pods in seconds since 1970. On an error nothing is bound, and results are not written. O(pods x nodes), less for pods of one class; and a fork where more than one is bound.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_decide_ids(
    cluster: *mut Cluster,
    pods: *const u64,
    count: usize,
    flags: u32,
    start: i64,
    results: *mut DecisionNumbers,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        change(cluster, error, |cluster| {
            if results.is_null() && count > 0 {
                return Err(Failure::argument("results is null"));
            }
            if flags & !BAYPLAN_DECIDE_BIND != 0 {
                return Err(Failure::argument(format!("flags has unknown bits: {flags:#x}")));
            }
            let binds = flags & BAYPLAN_DECIDE_BIND != 0;
            let pods = slice(pods, count, "pods")?;
            let names = pods.iter().map(|pod| cluster.names.name(*pod)).collect::<Result<Vec<_>, _>>()?;
            // One pod is bound or not; of more, those before one that fails would be.
            let mut fork = None;
            if binds && count > 1 {
                memory_for(cluster.inner())?;
                fork = Some(cluster.inner().clone());
            }
            let mut decided = Vec::with_capacity(count);
            for (at, (pod, name)) in pods.iter().zip(&names).enumerate() {
                if count > 1 && !cluster.go_on(at, count) {
                    return Err(Failure::new(BAYPLAN_STOPPED, "stopped: nothing is bound"));
                }
                let world = fork.as_mut().unwrap_or(cluster.inner_mut());
                let decision = world.decide(name)?;
                if let (true, Outcome::Scheduled, Some(node)) = (binds, decision.outcome, &decision.node) {
                    world.bind(name, node, start)?;
                }
                decided.push(numbers(world, *pod, &decision));
            }
            for (to, result) in array(results, count, "results")?.iter_mut().zip(decided) {
                to.write(result);
            }
            if let Some(fork) = fork {
                *cluster.inner_mut() = fork;
            }
            Ok(())
        })
    }
}
