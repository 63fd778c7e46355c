//! What happened to each workload: the rows of an answer.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Event, Simulation};
use crate::expand::desired_replicas;
use crate::objects::{Kind, Object, Pod};
use crate::plan::{Top, top_of, top_of_object};
use crate::state::{Cluster, key_of};

/// A workload whose pods came, moved or went, or that lacks some.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// The kind of what nobody controls: a Deployment rather than its ReplicaSets, a CronJob rather than its Jobs.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
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

impl Simulation {
    /// The workloads that something happened to since, or whose pods wait.
    ///
    /// Costs a look at what happened, and at the pods that these workloads had before.
    pub(crate) fn tally(&self, before: &Cluster) -> Vec<Tally> {
        let mut deltas: BTreeMap<Top, Delta> = BTreeMap::new();
        // Which pods went that were on nodes before, and which are on nodes that came there since.
        let (mut gone, mut came): (HashSet<&str>, HashSet<&str>) = Default::default();
        for event in &self.events {
            let (key, is_preempted) = match event {
                Event::Bound { pod, node } => {
                    let is_there = self.cluster.pod(pod).is_some_and(|pod| pod.spec.node_name == *node && !ends(pod));
                    if is_there && came.insert(pod) {
                        note(&mut deltas, &self.cluster, pod, |delta| delta.came += 1);
                    }
                    continue;
                }
                Event::Deleted(pod) | Event::Evicted(pod) | Event::Finished(pod) => (pod, false),
                Event::TaintEviction { pod, .. } => (pod, false),
                Event::Preempted { pod, .. } => (pod, true),
                _ => continue,
            };
            let was_there = before.pod(key).is_some_and(|pod| !pod.spec.node_name.is_empty() && !ends(pod));
            if was_there && gone.insert(key) {
                note(&mut deltas, before, key, |delta| delta.gone += 1);
            }
            if is_preempted {
                note(&mut deltas, if was_there { before } else { &self.cluster }, key, |delta| delta.preempted += 1);
            }
        }
        self.unplaced.keys().for_each(|pod| note(&mut deltas, &self.cluster, pod, |_| {}));
        for (kind, namespace, name) in &self.touched.refused {
            if let Some(object) = self.cluster.object(*kind, namespace, name) {
                deltas.entry(top_of_object(&self.cluster, object)).or_default();
            }
        }
        // Static pods belong to their node.
        deltas.retain(|(kind, ..), _| kind.makes_pods());
        let waiting = (waiting(before), waiting(&self.cluster));
        let row = |(top, delta)| self.tally_of(before, top, delta, (&waiting.0, &waiting.1));
        deltas.into_iter().map(row).collect()
    }

    fn tally_of(&self, cluster: &Cluster, top: Top, delta: Delta, waiting: (&Waiting, &Waiting)) -> Tally {
        let was = Pods::of(cluster, &top);
        let is = Pods::of(&self.cluster, &top);
        let before = was.count.saturating_sub(was.waiting(waiting.0));
        let after = (before + delta.came).saturating_sub(delta.gone);
        let (wanted_before, wanted) = (was.wanted(cluster, &top), is.wanted(&self.cluster, &top));
        let priority = is.priority(&self.cluster).or_else(|| was.priority(cluster));
        let (kind, namespace, name) = top;
        // Where the controller is not in the input, nobody is known to make them again.
        let is_lost = kind == Kind::Pod && is.count == 0
            || kind != Kind::Pod && self.cluster.object(kind, &namespace, &name).is_none();
        Tally {
            kind,
            namespace,
            name,
            priority: priority.unwrap_or(0),
            wanted,
            before,
            after,
            moved: delta.gone.min(delta.came),
            lost: if is_lost { delta.gone.saturating_sub(delta.came) } else { 0 },
            missing: wanted.saturating_sub(after).max(is.waiting(waiting.1)),
            missing_before: wanted_before.saturating_sub(before).max(was.waiting(waiting.0)),
            preempted: delta.preempted,
        }
    }
}

/// What happened to the pods of a workload.
#[derive(Default)]
struct Delta {
    gone: usize,
    came: usize,
    preempted: usize,
}

fn note(deltas: &mut BTreeMap<Top, Delta>, cluster: &Cluster, key: &str, change: impl FnOnce(&mut Delta)) {
    if let Some(pod) = cluster.pod(key) {
        change(deltas.entry(top_of(cluster, pod)).or_default());
    }
}

/// Has it ended, or is it about to?
fn ends(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_some() || matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
}

/// How many pods wait, by namespace, kind and name of the controller; one that nobody controls by its own name alone.
type Waiting = HashMap<(String, String, String), usize>;

fn waiting(cluster: &Cluster) -> Waiting {
    let store = &cluster.store().pods;
    let mut waiting = Waiting::new();
    for entry in store.waiting().filter_map(|key| store.get(key)) {
        let key = match entry.pod.metadata.controller() {
            Some(owner) => (entry.pod.metadata.namespace.clone(), owner.kind.clone(), owner.name.clone()),
            None => (entry.key.to_string(), String::new(), String::new()),
        };
        *waiting.entry(key).or_default() += 1;
    }
    waiting
}

/// The pods of a workload that neither ended nor end: how many, and whose they are.
struct Pods {
    /// The controllers of the pods: namespace, kind, name.
    controllers: Vec<(String, &'static str, String)>,
    /// A pod without a controller.
    alone: Option<String>,
    count: usize,
}

impl Pods {
    fn of(cluster: &Cluster, (kind, namespace, name): &Top) -> Self {
        let store = &cluster.store().pods;
        let mut controllers = Vec::new();
        let mut alone = None;
        match kind {
            Kind::Pod => {
                let key = key_of(namespace, name);
                alone = cluster.pod(&key).is_some_and(|pod| !ends(pod)).then_some(key);
            }
            Kind::Deployment | Kind::CronJob => {
                let between = if *kind == Kind::Deployment { Kind::ReplicaSet } else { Kind::Job };
                let owned = cluster.store().objects.in_namespace(between, namespace).filter(|object| {
                    let owner = object.metadata().controller();
                    owner.is_some_and(|owner| owner.kind == kind.name() && owner.name == *name)
                });
                controllers.extend(owned.map(|set| (namespace.clone(), between.name(), set.name().to_owned())));
                if let (true, Some(Object::Deployment(_))) =
                    (controllers.is_empty(), cluster.object(*kind, namespace, name))
                {
                    // A dump may lack the ReplicaSets.
                    let like = store.controlled_by_prefix(namespace, between.name(), name);
                    let is_own =
                        |set: &str| set.strip_prefix(name.as_str()).is_some_and(|hash| hash.matches('-').count() == 1);
                    controllers.extend(
                        like.filter(|(set, _)| is_own(set))
                            .map(|(set, _)| (namespace.clone(), between.name(), set.to_owned())),
                    );
                }
            }
            kind => controllers.push((namespace.clone(), kind.name(), name.clone())),
        }
        let of = |(namespace, kind, name): &(String, &str, String)| store.count_controlled(namespace, kind, name);
        let count = usize::from(alone.is_some()) + controllers.iter().map(of).sum::<usize>();
        Pods { controllers, alone, count }
    }

    /// How many of them wait for a node.
    fn waiting(&self, waiting: &Waiting) -> usize {
        let alone = self.alone.iter().map(|key| (key.clone(), String::new(), String::new()));
        let of_controllers = self
            .controllers
            .iter()
            .map(|(namespace, kind, name)| (namespace.clone(), (*kind).to_owned(), name.clone()));
        of_controllers.chain(alone).filter_map(|owner| waiting.get(&owner)).sum()
    }

    /// How many the workload asks for: as its spec says, or where that follows nodes, or work that is left, as many as there are.
    fn wanted(&self, cluster: &Cluster, (kind, namespace, name): &Top) -> usize {
        match kind {
            Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController | Kind::StatefulSet => {
                let object = cluster.object(*kind, namespace, name);
                let asked = object.and_then(|object| desired_replicas(object, &crate::admit::Context::default()));
                asked.unwrap_or(self.count)
            }
            _ => self.count,
        }
    }

    fn priority(&self, cluster: &Cluster) -> Option<i32> {
        let store = &cluster.store().pods;
        let mut first = self
            .controllers
            .iter()
            .filter_map(|(namespace, kind, name)| store.controlled(namespace, kind, name).next());
        let entry = first.next().or_else(|| store.get(self.alone.as_deref()?))?;
        Some(entry.priority)
    }
}
