//! A cluster that reacts: manifests are applied, controllers make and remove pods, the scheduler places them, nodes are tainted and pods
//! evicted, until nothing changes any more. The same input gives the same end.
//!
//! ```text
//! apply ─► admission, quota ─► objects ─► controllers ─► pods ─► scheduler ─► kubelets ─┐
//!                                           ▲                                          │
//!                                           └── node lifecycle, budgets, volumes ◄─────┘
//! ```
//!
//! The parts know nothing of the loop: each looks at the cluster and changes what it is about. The clock is virtual: it moves when nothing
//! else happens, to the next moment at which something will.

mod adopt;
mod apply;
mod ask;
mod base;
mod budgets;
mod create;
mod daemon_set;
mod delete;
mod deployment;
mod drain;
mod drain_lines;
mod edit;
mod event;
mod job;
mod node_changes;
mod nodes;
mod replicas;
mod scale;
mod schedule;
mod stateful_set;
mod tally;
mod touched;
mod utilisation;
mod volumes;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

pub use ask::{Gone, Simulated};
pub use base::Base;
pub use drain::{DrainOptions, DrainReport, Drained};
pub use event::{Applied, Event};
pub use tally::Tally;
pub use utilisation::{Amount, Utilisation};

use self::budgets::Owner;
use self::touched::Touched;
use crate::attempt::Decision;
use crate::error::Error;
use crate::expand::{MAX_PODS, WORKLOADS};
use crate::objects::{Kind, Object, Pod};
use crate::plan::Quotas;
use crate::state::Cluster;

/// How a simulation is played.
#[derive(Clone, Copy, Debug)]
pub struct SimulationOptions {
    /// Whether pods of Jobs run to their end once they are bound; without, they run on.
    pub jobs_finish: bool,
    /// Whether each CronJob runs once.
    pub cron_jobs: bool,
    /// Whether provisioners make the volumes of claims whose class binds at once. Without, these claims wait.
    pub provision: bool,
    /// How many seconds of the virtual clock a run may take: what would happen later does not.
    pub seconds: i64,
    /// How many rounds a run may take before it is an error, beside two for each pod of the cluster.
    pub rounds: usize,
    /// How many pods may be made.
    pub max_pods: usize,
}

impl Default for SimulationOptions {
    fn default() -> Self {
        SimulationOptions {
            jobs_finish: true,
            cron_jobs: false,
            provision: false,
            seconds: 3600,
            rounds: 10_000,
            max_pods: MAX_PODS,
        }
    }
}

/// A cluster and what happens in it.
pub struct Simulation {
    cluster: Cluster,
    options: SimulationOptions,
    /// Seconds since it began.
    clock: i64,
    events: Vec<Event>,
    quotas: Quotas,
    /// The numbers that the names of pods have come to.
    numbers: OrdMap<String, usize>,
    /// When pods are evicted that a node's taint drives away, by pod.
    evictions: BTreeMap<String, i64>,
    /// The nodes with a taint that drives pods away.
    driving: OrdSet<String>,
    /// What was said last of each pod that found no node.
    unplaced: OrdMap<String, String>,
    /// The refusals of each owner's pods, so that none is said twice.
    refused: BTreeSet<(String, String)>,
    /// The pods of Jobs that ran to their end, by Job.
    ended: HashMap<String, Vec<String>>,
    made: usize,
    /// The live objects that manifests changed.
    overlaid: Vec<String>,
    /// The last decision for each pod, and which pod's turn it was first.
    decisions: OrdMap<String, (usize, Arc<Decision>)>,
    /// Workloads whose controllers were not played, and why.
    unplayed: BTreeMap<String, String>,
    /// What was taken for granted.
    assumed: BTreeSet<String>,
    touched: Touched,
    /// DaemonSets with pods of an older template: what becomes of a pod of theirs depends on the others.
    rolling: BTreeSet<(String, String)>,
    /// Budgets came or changed.
    budgets_unseen: bool,
    /// Whose pods each budget counts: what a budget is counted by again.
    counted_by: OrdMap<String, Arc<BTreeSet<Owner>>>,
    /// Who chooses among equal nodes.
    chooser: Option<Chooser>,
    /// Did this round change anything?
    moved: bool,
    /// Is everything looked at once more in the end, to see that nothing was missed?
    verifies: bool,
    /// More pods that find no node than these end it.
    most_unplaced: usize,
    /// Attempts that weighed whom to evict.
    preemptions: usize,
}

/// Chooses one of several nodes that are as good for a pod; none leaves it at the first.
pub type Chooser = Box<dyn FnMut(&Pod, &[Arc<str>]) -> Option<String> + Send + Sync>;

impl Simulation {
    /// A simulation of what comes of a cluster.
    #[must_use]
    pub fn new(cluster: Cluster, options: SimulationOptions) -> Self {
        Simulation {
            cluster,
            options,
            clock: 0,
            events: Vec::new(),
            quotas: Quotas::default(),
            numbers: OrdMap::new(),
            evictions: BTreeMap::new(),
            driving: OrdSet::new(),
            unplaced: OrdMap::new(),
            refused: BTreeSet::new(),
            ended: HashMap::new(),
            made: 0,
            overlaid: Vec::new(),
            decisions: OrdMap::new(),
            unplayed: BTreeMap::new(),
            assumed: BTreeSet::new(),
            touched: Touched::default(),
            rolling: BTreeSet::new(),
            budgets_unseen: true,
            counted_by: OrdMap::new(),
            chooser: None,
            moved: false,
            verifies: true,
            most_unplaced: usize::MAX,
            preemptions: 0,
        }
    }

    /// The cluster as it is now.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The same, to ask.
    pub fn cluster_mut(&mut self) -> &mut Cluster {
        &mut self.cluster
    }

    /// Lets somebody choose among equal nodes, where a real scheduler draws: to follow what one drew.
    pub fn choose_with(&mut self, chooser: Chooser) {
        self.chooser = Some(chooser);
    }

    /// Notes among the events that a step begins.
    pub fn mark(&mut self, step: &str) {
        self.events.push(Event::Step(step.to_owned()));
    }

    /// What happened, in order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The last decision for each pod that waited or came, and is still there, in the order of the first attempts.
    #[must_use]
    pub fn decisions(&self) -> Vec<Decision> {
        let mut decisions: Vec<_> = self.decisions.values().collect();
        decisions.sort_by_key(|(turn, _)| *turn);
        decisions.into_iter().map(|(_, decision)| Decision::clone(decision)).collect()
    }

    /// How many attempts weighed whom to evict.
    #[must_use]
    pub fn preemption_attempts(&self) -> usize {
        self.preemptions
    }

    /// Plays until nothing changes any more, or the time is over.
    ///
    /// # Errors
    /// Where it has no end within the rounds of its options, or asks for more pods than they allow.
    pub fn run(&mut self) -> Result<(), Error> {
        self.run_telling(&mut |_, _| true)
    }

    /// The same; `progress` is told how many pods found a node, and how many there were to place, and stops it with `false`.
    pub(crate) fn run_telling(&mut self, progress: &mut dyn FnMut(usize, usize) -> bool) -> Result<(), Error> {
        let end = self.clock.saturating_add(self.options.seconds);
        // Pods of a large DaemonSet or StatefulSet may be replaced one by one.
        let rounds = self.options.rounds.saturating_add(self.cluster.store().pods.len().saturating_mul(2));
        for _ in 0..rounds {
            self.moved = false;
            let all = self.touched.all;
            self.lifecycle()?;
            if all {
                self.end_terminating()?;
            }
            self.evict_by_taints()?;
            self.reconcile()?;
            self.bind_volumes()?;
            if all {
                self.disruption_budgets()?;
            }
            self.schedule(progress)?;
            self.kubelets()?;
            if self.moved {
                continue;
            }
            // To see that nothing was missed.
            if !all && self.verifies {
                self.touch_all();
                continue;
            }
            match self.next_moment() {
                Some(moment) if moment <= end && moment > self.clock => self.clock = moment,
                _ => {
                    return Ok(());
                }
            }
        }
        Err(Error::input(format!("the simulation has no end within {rounds} rounds"))
            .hint("a controller and the scheduler may work against each other; in Rust, SimulationOptions::rounds allows more"))
    }

    /// When something happens by itself.
    fn next_moment(&self) -> Option<i64> {
        self.evictions.values().copied().min()
    }

    /// Each workload's controller, in the order of the kinds and names.
    fn reconcile(&mut self) -> Result<(), Error> {
        let all = std::mem::take(&mut self.touched.all);
        let mut orphans = if all { self.orphans() } else { Default::default() };
        // Pods have no controller, and CronJobs run when they are asked to.
        for kind in WORKLOADS {
            if kind == Kind::DaemonSet {
                self.daemon_sets_on_nodes(all)?;
            }
            let touched = self.touched.take(kind);
            let workloads = if all {
                self.all(&[kind])
            } else {
                let there = touched.iter().filter_map(|(namespace, name)| self.cluster.object(kind, namespace, name));
                there.cloned().collect()
            };
            // What is being deleted makes no pods any more.
            let alive = |workload: &Object| workload.metadata().deletion_timestamp.is_none();
            for workload in workloads.into_iter().filter(alive) {
                // Refused again, it is noted again.
                let (namespace, name) = (workload.namespace().to_owned(), workload.name().to_owned());
                self.touched.refused.remove(&(kind, namespace, name));
                self.adopt(&workload, &mut orphans)?;
                match &workload {
                    Object::Deployment(deployment) => self.deployment(deployment)?,
                    Object::ReplicaSet(_) | Object::ReplicationController(_) => self.replicas(&workload)?,
                    Object::StatefulSet(set) => self.stateful_set(set)?,
                    Object::DaemonSet(set) => self.daemon_set(set)?,
                    Object::Job(job) => self.job(job)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn all(&self, kinds: &[Kind]) -> Vec<Object> {
        kinds.iter().flat_map(|kind| self.cluster.objects(*kind)).cloned().collect()
    }

    /// Notes what happened.
    fn happened(&mut self, event: Event) {
        self.moved = true;
        self.events.push(event);
    }
}

/// A pod as a server stores it, with all the fields of its template.
#[must_use]
pub fn stored(pod: &Pod) -> serde_json::Value {
    crate::admit::stored(pod)
}

/// Is a pod there and serving? One that is bound starts at once.
fn is_ready(pod: &Pod) -> bool {
    let condition = pod.status.conditions.iter().find(|condition| condition.kind == "Ready");
    !pod.spec.node_name.is_empty()
        && pod.metadata.deletion_timestamp.is_none()
        && !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
        && condition.is_none_or(|condition| condition.status == "True")
}
