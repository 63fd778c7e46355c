//! A mix of nodes, replayed: all pods are placed on it by the scheduler, and again when a domain is lost.

use std::sync::Arc;

use super::Survive;
use super::load::Load;
use super::models::Model;
use super::nodes::Nodes;
use super::quick::{Bound, Quick};
use crate::attempt::Outcome;
use crate::change::{HOSTNAME, label_key};
use crate::error::Error;
use crate::objects::{Kind, Object, Pod, PodStatus};
use crate::state::Cluster;
use crate::state::storage::{SELECTED_NODE, claim_names};

/// How much may be left without a node before a replay ends: what pods of each class are worth, and what they may be worth together.
#[derive(Clone, Copy)]
pub(super) struct Limit<'w> {
    pub(super) worth: &'w [f64],
    pub(super) most: f64,
}

/// Pods that found no node.
pub(super) struct Short {
    /// Each with what the scheduler says.
    pub(super) pods: Vec<(usize, String)>,
    /// What they are worth; where the replay ended early, what those so far are.
    pub(super) worth: f64,
    /// The zone whose loss left them without one.
    pub(super) without: Option<usize>,
}

/// Which pods find no node when some are lost, and their zone where it is one.
type Without<'w> = &'w mut dyn FnMut(&[String], Option<usize>) -> Result<Vec<(usize, String)>, Error>;

/// A cluster whose pods are on their nodes, or the pods that are on none.
pub(super) enum Played {
    Whole(Box<Cluster>),
    Short(Short),
}

impl Load {
    /// Places all pods on so many nodes of each model, until too much finds none.
    ///
    /// Costs a fork, what the nodes and their daemon pods take, and an attempt for each pod; for each domain whose loss is survived a fork and an
    /// attempt for each of its pods.
    pub(super) fn play(
        &self,
        mix: &[u32],
        seed: Option<u64>,
        limit: Limit<'_>,
        survive: Option<Survive>,
    ) -> Result<Played, Error> {
        let mut nodes = Nodes::none(self);
        nodes.become_mix(self, mix)?;
        let mut cluster = nodes.into_cluster();
        cluster.set_seed(seed);
        let all: Vec<usize> = (0..self.pods.len()).collect();
        let pods = self.by_name(&mut cluster, &all, limit)?;
        if !pods.is_empty() {
            return Ok(Played::Short(Short { worth: self.worth(&pods, limit), pods, without: None }));
        }
        let Some(survive) = survive else { return Ok(Played::Whole(Box::new(cluster))) };
        let worst =
            self.worst(&cluster, survive, limit, &mut |nodes, zone| self.without(&cluster, nodes, zone, limit))?;
        Ok(worst.map_or_else(|| Played::Whole(Box::new(cluster)), Played::Short))
    }

    /// The same by number: what pods find no node, or nothing where all do.
    pub(super) fn play_quickly(
        &self,
        nodes: &Nodes,
        limit: Limit<'_>,
        survive: Option<Survive>,
    ) -> Result<Option<Short>, Error> {
        let (mut cluster, mut bound) = (nodes.cluster().clone(), Bound::default());
        cluster.set_seed(None);
        self.quick.bind_claims(&mut cluster, &self.pods)?;
        let all: Vec<usize> = (0..self.pods.len()).collect();
        let pods = self.attempt_all(&all, limit, &mut |at| self.quickly(&mut cluster, at, &mut bound))?;
        if !pods.is_empty() {
            return Ok(Some(Short { worth: self.worth(&pods, limit), pods, without: None }));
        }
        let Some(survive) = survive else { return Ok(None) };
        self.worst(&cluster, survive, limit, &mut |nodes, zone| {
            self.quickly_without((&cluster, &bound), nodes, zone, limit)
        })
    }

    /// One attempt by number; what is said where the pod finds no node.
    fn quickly(&self, cluster: &mut Cluster, at: usize, bound: &mut Bound) -> Result<Option<String>, Error> {
        Ok((!self.quick.attempt(cluster, (at, &self.pods[at]), bound)?).then(String::new))
    }

    /// The domain whose loss leaves most without a node.
    fn worst(
        &self,
        cluster: &Cluster,
        survive: Survive,
        limit: Limit<'_>,
        without: Without<'_>,
    ) -> Result<Option<Short>, Error> {
        let mut worst: Option<Short> = None;
        for (zone, nodes) in self.domains(cluster, survive) {
            let pods = without(&nodes, zone)?;
            let worth = self.worth(&pods, limit);
            if !pods.is_empty() && worst.as_ref().is_none_or(|worst| worst.worth < worth) {
                worst = Some(Short { pods, worth, without: zone });
            }
            if worth > limit.most {
                break;
            }
        }
        Ok(worst)
    }

    /// The nodes that may be lost together; and their zone where it is one.
    fn domains(&self, cluster: &Cluster, survive: Survive) -> Vec<(Option<usize>, Vec<String>)> {
        let nodes = cluster.objects(Kind::Node);
        match survive {
            Survive::Node => nodes.map(|node| (None, vec![node.name().to_owned()])).collect(),
            Survive::Zone => {
                let mut zones: Vec<(Option<usize>, Vec<String>)> =
                    (0..self.zones.len()).map(|zone| (Some(zone), Vec::new())).collect();
                for node in nodes {
                    let zone = node.metadata().labels.get(label_key("zone"));
                    if let Some(at) = self.zones.iter().position(|one| one.as_ref() == zone) {
                        zones[at].1.push(node.name().to_owned());
                    }
                }
                zones
            }
        }
    }

    /// Which pods find no node when these nodes are gone, machine and `Node` object.
    fn without(
        &self,
        cluster: &Cluster,
        nodes: &[String],
        zone: Option<usize>,
        limit: Limit<'_>,
    ) -> Result<Vec<(usize, String)>, Error> {
        let mut fork = cluster.clone();
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        for node in nodes {
            for key in fork.pods_on(node) {
                let at = self.places.get(key.as_str()).copied();
                match fork.pod(&key) {
                    Some(pod) if at.is_some_and(|at| self.has_other(self.class_of[at], zone)) => {
                        come.extend(at.map(|at| (at, Object::from(taken_off(pod)))));
                    }
                    _ => gone.push(key),
                }
            }
        }
        gone.iter().try_for_each(|key| fork.evict(key))?;
        for node in nodes {
            fork.delete(Kind::Node, "", node)?;
        }
        come.sort_by_key(|(at, _)| *at);
        let (pods, objects): (Vec<usize>, Vec<Object>) = come.into_iter().unzip();
        fork.load(objects)?;
        let keys: Vec<Arc<str>> = pods.iter().map(|at| self.pods[*at].clone()).collect();
        forget_nodes(&mut fork, &keys)?;
        self.by_name(&mut fork, &pods, limit)
    }

    /// The same by number.
    fn quickly_without(
        &self,
        (cluster, bound): (&Cluster, &Bound),
        nodes: &[String],
        zone: Option<usize>,
        limit: Limit<'_>,
    ) -> Result<Vec<(usize, String)>, Error> {
        let (mut fork, mut bound) = (cluster.clone(), bound.clone());
        let mut pods = Quick::take_off(&mut fork, &self.pods, nodes, &mut bound)?;
        pods.retain(|at| self.has_other(self.class_of[*at], zone));
        for node in nodes {
            fork.delete(Kind::Node, "", node)?;
        }
        self.attempt_all(&pods, limit, &mut |at| self.quickly(&mut fork, at, &mut bound))
    }

    fn worth(&self, pods: &[(usize, String)], limit: Limit<'_>) -> f64 {
        pods.iter().map(|(at, _)| self.worth_of(*at, limit)).sum()
    }

    fn worth_of(&self, at: usize, limit: Limit<'_>) -> f64 {
        limit.worth[self.class_of[at]]
    }

    /// An attempt for each pod, in this order, until too much finds none; those that found no node, each with what is said of it.
    fn attempt_all(
        &self,
        pods: &[usize],
        limit: Limit<'_>,
        attempt: &mut dyn FnMut(usize) -> Result<Option<String>, Error>,
    ) -> Result<Vec<(usize, String)>, Error> {
        let mut short = Vec::new();
        let mut next: Vec<usize> = pods.to_vec();
        loop {
            let before = next.len();
            let mut worth = 0.0;
            short.clear();
            for at in next {
                let Some(said) = attempt(at)? else { continue };
                if !self.follows[at] {
                    worth += self.worth_of(at, limit);
                }
                short.push((at, said));
                if worth > limit.most {
                    return Ok(short);
                }
            }
            // One that wants to be beside another is tried again when that came.
            next = short.iter().map(|(at, _)| *at).collect();
            if next.is_empty() || next.len() == before || !next.iter().any(|at| self.follows[*at]) {
                return Ok(short);
            }
        }
    }

    fn by_name(&self, cluster: &mut Cluster, pods: &[usize], limit: Limit<'_>) -> Result<Vec<(usize, String)>, Error> {
        let mut start = cluster.last_start();
        for at in pods {
            cluster.bind_claims_of(&self.pods[*at])?;
        }
        self.attempt_all(pods, limit, &mut |at| {
            let key = &self.pods[at];
            let decision = cluster.decide(key)?;
            let (Outcome::Scheduled, Some(node)) = (decision.outcome, &decision.node) else {
                return Ok(Some(decision.event()));
            };
            start = start.saturating_add(1);
            cluster.bind(key, node, start)?;
            Ok(None)
        })
    }

    /// May pods of a class be elsewhere than in a zone? Those with a volume there may not.
    pub(super) fn has_other(&self, class: usize, zone: Option<usize>) -> bool {
        let Some(zone) = zone else { return true };
        let types = self.problem.types.iter().zip(&self.problem.classes[class].on);
        types.into_iter().any(|(node, on)| *on && node.zone != zone)
    }
}

impl Model {
    /// A node of it, and the pods that come along.
    pub(super) fn objects(&self, name: &str, to: &mut Vec<Object>) {
        let mut node = self.node.clone();
        name.clone_into(&mut node.metadata.name);
        node.metadata.labels.insert(HOSTNAME.to_owned(), name.to_owned());
        to.push(Object::from(node));
        for (pod, nth) in self.daemons.iter().zip(1..) {
            let mut pod = pod.clone();
            let owner = pod.metadata.controller().map(|owner| owner.name.clone()).unwrap_or_default();
            pod.metadata.name = format!("{owner}-{name}-{nth}");
            pod.metadata.uid.clear();
            name.clone_into(&mut pod.spec.node_name);
            pin_to(&mut pod, name);
            to.push(Object::from(pod));
        }
    }
}

/// Does a pod have to be beside others?
pub(super) fn follows(pod: &Pod) -> bool {
    let affinity = pod.spec.affinity.as_ref().and_then(|affinity| affinity.pod_affinity.as_ref());
    affinity.is_some_and(|affinity| !affinity.required.is_empty())
}

/// Names the node in what pins the pod of a DaemonSet to its own.
fn pin_to(pod: &mut Pod, node: &str) {
    let affinity = pod.spec.affinity.as_mut().and_then(|affinity| affinity.node_affinity.as_mut());
    let Some(required) = affinity.and_then(|nodes| nodes.required.as_mut()) else { return };
    let fields = required.node_selector_terms.iter_mut().flat_map(|term| term.match_fields.iter_mut());
    for field in fields.filter(|field| field.key == "metadata.name") {
        field.values = vec![node.to_owned()];
    }
}

/// Claims that wait for the first pod that uses them were told its node, which is gone.
pub(super) fn forget_nodes(cluster: &mut Cluster, pods: &[Arc<str>]) -> Result<(), Error> {
    let mut claims = Vec::new();
    for key in pods {
        let Some(pod) = cluster.pod(key) else { continue };
        for (name, _) in claim_names(pod) {
            let claim = cluster.object(Kind::PersistentVolumeClaim, &pod.metadata.namespace, &name);
            let Some(Object::PersistentVolumeClaim(claim)) = claim else { continue };
            if claim.spec.volume_name.is_empty() && claim.metadata.annotations.contains_key(SELECTED_NODE) {
                let mut claim = claim.clone();
                claim.metadata.annotations.remove(SELECTED_NODE);
                claims.push(Object::PersistentVolumeClaim(claim));
            }
        }
    }
    claims.into_iter().try_for_each(|claim| cluster.upsert(claim))
}

/// Does a pod come and go with its node?
pub(super) fn is_of_node(pod: &Pod) -> bool {
    let owner = pod.metadata.controller().map(|owner| owner.kind.as_str());
    matches!(owner, Some("DaemonSet" | "Node")) || pod.metadata.annotations.contains_key("kubernetes.io/config.mirror")
}

/// The same pod as its controller makes it again, on no node.
pub(super) fn taken_off(pod: &Pod) -> Pod {
    let mut pod = pod.clone();
    pod.spec.node_name.clear();
    pod.status = PodStatus { phase: "Pending".to_owned(), ..PodStatus::default() };
    pod
}
