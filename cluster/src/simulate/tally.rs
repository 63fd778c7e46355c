//! What happened to each workload: the rows of an answer.

use std::collections::BTreeMap;

use super::{Event, Simulation};
use crate::expand::desired_replicas;
use crate::objects::{Kind, Object, Pod};
use crate::plan::of_workload;
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

/// Kind, namespace and name of what nobody controls.
type Top = (Kind, String, String);

impl Simulation {
    /// The workloads that something happened to since, or whose pods wait.
    ///
    /// Costs a look at the pods of these workloads.
    pub(super) fn tally(&self, before: &Cluster) -> Vec<Tally> {
        // Each workload, and how many of its pods were preempted.
        let mut tops: BTreeMap<Top, usize> = BTreeMap::new();
        let mut note = |cluster: &Cluster, key: &str, preempted: usize| {
            if let Some(pod) = cluster.pod(key) {
                *tops.entry(top_of(cluster, pod)).or_default() += preempted;
            }
        };
        for event in &self.events {
            match event {
                Event::Deleted(pod) | Event::Evicted(pod) | Event::Finished(pod) => note(before, pod, 0),
                Event::Preempted { pod, .. } => note(before, pod, 1),
                Event::TaintEviction { pod, .. } => note(before, pod, 0),
                Event::Bound { pod, .. } => note(&self.cluster, pod, 0),
                _ => {}
            }
        }
        self.unplaced.keys().for_each(|pod| note(&self.cluster, pod, 0));
        let refused = self.touched.refused.iter();
        for (kind, namespace, name) in refused {
            if let Some(object) = self.cluster.object(*kind, namespace, name) {
                tops.entry(top_of_object(&self.cluster, object)).or_default();
            }
        }
        tops.into_iter().map(|(top, preempted)| self.tally_of(before, top, preempted)).collect()
    }

    fn tally_of(&self, before: &Cluster, (kind, namespace, name): Top, preempted: usize) -> Tally {
        let [old, new] = [before, &self.cluster].map(|cluster| pods_of(cluster, kind, &namespace, &name));
        let on = |pods: &[&Pod]| -> BTreeMap<String, String> {
            let on_nodes = pods.iter().filter(|pod| !pod.spec.node_name.is_empty());
            on_nodes.map(|pod| (pod.metadata.name.clone(), pod.spec.node_name.clone())).collect()
        };
        let (was, is) = (on(&old), on(&new));
        let stayed = was.iter().filter(|(pod, node)| is.get(*pod) == Some(node)).count();
        let (gone, came) = (was.len() - stayed, is.len() - stayed);
        let (wanted_before, wanted) =
            (wanted(before, kind, &namespace, &name, &old), wanted(&self.cluster, kind, &namespace, &name, &new));
        let priority = new.iter().chain(&old).map(|pod| self.cluster.priority_of(pod)).max();
        let is_there = kind == Kind::Pod && new.is_empty();
        Tally {
            kind,
            priority: priority.unwrap_or(0),
            wanted,
            before: was.len(),
            after: is.len(),
            moved: gone.min(came),
            lost: if is_there { gone } else { 0 },
            missing: wanted.saturating_sub(is.len()),
            missing_before: wanted_before.saturating_sub(was.len()),
            preempted,
            namespace,
            name,
        }
    }
}

/// How many pods a workload asks for: as its spec says, or for those that follow nodes or work that is left, those that are there.
fn wanted(cluster: &Cluster, kind: Kind, namespace: &str, name: &str, pods: &[&Pod]) -> usize {
    match kind {
        Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController | Kind::StatefulSet => {
            let object = cluster.object(kind, namespace, name);
            object.and_then(|object| desired_replicas(object, &crate::admit::Context::default())).unwrap_or(pods.len())
        }
        _ => pods.len(),
    }
}

/// The pods of a workload that neither ended nor end.
fn pods_of<'c>(cluster: &'c Cluster, kind: Kind, namespace: &str, name: &str) -> Vec<&'c Pod> {
    match kind {
        Kind::Pod => {
            let pod = cluster.pod(&key_of(namespace, name));
            let is_alive = |pod: &&Pod| {
                pod.metadata.deletion_timestamp.is_none()
                    && !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
            };
            pod.into_iter().filter(is_alive).collect()
        }
        Kind::CronJob => {
            let jobs = cluster.store().objects.in_namespace(Kind::Job, namespace);
            let jobs = jobs.filter(|job| {
                job.metadata().controller().is_some_and(|owner| owner.kind == "CronJob" && owner.name == name)
            });
            jobs.flat_map(|job| of_workload(cluster, job)).collect()
        }
        _ => match cluster.object(kind, namespace, name) {
            Some(object) => of_workload(cluster, object),
            // What the input lacks is known by its pods alone.
            None => {
                let pods = cluster.store().pods.controlled(namespace, kind.name(), name);
                pods.map(|entry| &*entry.pod).collect()
            }
        },
    }
}

/// What a pod belongs to in the end.
pub(crate) fn top_of(cluster: &Cluster, pod: &Pod) -> Top {
    let meta = &pod.metadata;
    let owner = meta.controller().and_then(|owner| Some((Kind::find(&owner.api_version, &owner.kind)?, owner)));
    let Some((kind, owner)) = owner else {
        return (Kind::Pod, meta.namespace.clone(), meta.name.clone());
    };
    if let Some(object) = cluster.object(kind, &meta.namespace, &owner.name) {
        return top_of_object(cluster, object);
    }
    // A dump may lack the ReplicaSets: their names are those of the Deployments and a hash.
    let of_hash = meta.labels.get("pod-template-hash").filter(|_| kind == Kind::ReplicaSet);
    let deployment = of_hash.and_then(|hash| owner.name.strip_suffix(hash.as_str())?.strip_suffix('-'));
    if let Some(deployment) = deployment
        && cluster.object(Kind::Deployment, &meta.namespace, deployment).is_some()
    {
        return (Kind::Deployment, meta.namespace.clone(), deployment.to_owned());
    }
    (kind, meta.namespace.clone(), owner.name.clone())
}

fn top_of_object(cluster: &Cluster, object: &Object) -> Top {
    let own = (object.kind(), object.namespace().to_owned(), object.name().to_owned());
    let Some(owner) = object.metadata().controller() else { return own };
    match Kind::find(&owner.api_version, &owner.kind) {
        Some(kind) if kind.makes_pods() => match cluster.object(kind, object.namespace(), &owner.name) {
            Some(owner) => top_of_object(cluster, owner),
            None => (kind, own.1, owner.name.clone()),
        },
        _ => own,
    }
}
