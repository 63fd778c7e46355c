//! Planning questions: where would these pods land, and how many more would fit?
//!
//! Each is answered on a fork; the cluster that is asked stays as it was. Pods that fit nowhere preempt others, as in a real cluster, where the
//! cluster lets them ([`crate::Options::preemption`]).

mod claims;
mod comes_again;
mod daemons;
mod existing;
mod fit;
mod lacking_pods;
mod owner;
mod place;
mod queue;
mod quotas;
mod volumes;
mod workloads;

pub(crate) use claims::{give_uid, of_pod as claims_of_pod};
pub(crate) use existing::{has_pods, is_outdated, node_of, replica_sets};
pub(crate) use fit::Copies;
pub(crate) use lacking_pods::{Current, REVISION, age, current_among, keeps_replicas, revision_of};
pub(crate) use owner::{Top, top_of, top_of_object};
pub(crate) use quotas::Quotas;
pub use workloads::{check_workloads, is_workload};

use serde::{Deserialize, Serialize};

use crate::admit::Context;
use crate::attempt::{Decision, NotApplied};
use crate::error::Error;
use crate::expand::MAX_PODS;
use crate::objects::{Kind, Object};
use crate::state::Cluster;

/// What else is to be placed.
#[derive(Clone, Debug)]
pub struct PlaceOptions {
    /// The pods that wait in the cluster already are placed too; they came first, so they go before others of their
    /// priority.
    pub include_pending: bool,
    /// How many pods the workloads may make, those that exist already included; more are an error of the kind
    /// [`TooManyPods`](crate::ErrorKind::TooManyPods) before any is made. [`MAX_PODS`] by default.
    pub max_pods: usize,
    /// Whether pods that fit nowhere preempt others; as the cluster does by default.
    pub preemption: Option<bool>,
}

/// How many replicas to look for, and how.
#[derive(Clone, Copy, Debug)]
pub struct FitOptions {
    /// No more are placed.
    pub limit: usize,
    /// Whether replicas may preempt pods of lower priority; none does by default.
    pub preemption: bool,
}

impl Default for FitOptions {
    fn default() -> Self {
        FitOptions { limit: usize::MAX, preemption: false }
    }
}

impl Default for PlaceOptions {
    fn default() -> Self {
        PlaceOptions { include_pending: false, max_pods: MAX_PODS, preemption: None }
    }
}

/// A pod that was evicted to make room for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Eviction {
    /// `namespace/name`.
    pub pod: String,
    /// The node that it was on.
    pub node: String,
    /// Its priority.
    pub priority: i32,
    /// The pod that it made room for.
    pub by: String,
    /// The pod that its controller makes in its place; it is among the decisions. None where no controller owns the pod: it is gone for good.
    pub replaced_by: Option<String>,
}

/// Where pods landed.
#[derive(Clone)]
pub struct Placements {
    /// One per pod, in the order of the scheduler's queue: the highest priority first, then the oldest. A pod that was tried several times has its
    /// last decision; pods that come in the place of evicted ones are among them.
    pub decisions: Vec<Decision>,
    /// The pods that were evicted, in order.
    pub evictions: Vec<Eviction>,
    /// The cluster after.
    pub cluster: Cluster,
    /// What a user should know of the input, as of replicas that exist already.
    pub warnings: Vec<String>,
    /// What a real cluster would do and the answer lacks: pods that a server refuses (whose they are, and the words of the FailedCreate event),
    /// pods of DaemonSets without room on added nodes, rollouts of changed templates.
    pub left_out: Vec<String>,
}

/// How many more replicas fit.
#[derive(Clone, Debug)]
pub struct Fit {
    /// How many were placed.
    pub replicas: usize,
    /// Whether the limit ended it, so that more may fit.
    pub limit_reached: bool,
    /// How many went to each node that got some, in node order.
    pub by_node: Vec<(String, usize)>,
    /// The decision for the first one that did not fit, with the exact message.
    pub stopped_by: Option<Decision>,
    /// Why it did not fit: each reason, and on how many nodes it holds; the most frequent first.
    pub reasons: Vec<(String, usize)>,
    /// The pods that were evicted, in order: none unless replicas may preempt.
    pub evictions: Vec<Eviction>,
    /// Rules that concern the pods and were not applied.
    pub not_applied: Vec<NotApplied>,
    /// What a server says that refuses the next one, as where a quota is exhausted: the words of the FailedCreate event.
    pub refused: Option<String>,
    /// What a user should know of the input.
    pub warnings: Vec<String>,
    /// Pods that the cluster would have first and that were not placed, so that the number may be another, and what refuses the template.
    pub left_out: Vec<String>,
}

/// Told how far a long question is (pods placed, of how many); `false` stops it with an error. While workloads become pods none
/// is placed, and the second number grows with each workload.
pub type Progress<'a> = &'a mut dyn FnMut(usize, usize) -> bool;

fn tell(progress: &mut dyn FnMut(usize, usize) -> bool, done: usize, of: usize) -> Result<(), Error> {
    if progress(done, of) { Ok(()) } else { Err(Error::stopped()) }
}

/// What admission and expansion look up, from the cluster; the nodes only where a DaemonSet looks at them.
fn context<'c>(cluster: &'c Cluster, workloads: &[&Object]) -> Context<'c> {
    if workloads.iter().any(|workload| workload.kind() == Kind::DaemonSet) {
        return cluster.context_with_nodes();
    }
    cluster.context()
}
