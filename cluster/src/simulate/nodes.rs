//! The life of nodes: taints from their conditions, and the pods that taints drive away.

use std::collections::BTreeSet;

use super::{Event, Simulation};
use crate::error::Error;
use crate::labels::tolerates;
use crate::objects::{Condition, Kind, Node, Object, Pod, Taint};

/// When a pod is marked for deletion matters to nobody.
const AT_SOME_TIME: &str = "2000-01-01T00:00:00Z";
const PREFIX: &str = "node.kubernetes.io/";
/// Conditions, the status that taints, and the taint.
const CONDITIONS: [(&str, &str, &str); 6] = [
    ("Ready", "False", "not-ready"),
    ("Ready", "Unknown", "unreachable"),
    ("MemoryPressure", "True", "memory-pressure"),
    ("DiskPressure", "True", "disk-pressure"),
    ("PIDPressure", "True", "pid-pressure"),
    ("NetworkUnavailable", "True", "network-unavailable"),
];

impl Simulation {
    /// Brings the taints of nodes in line with their conditions, as the node lifecycle controller does.
    pub(super) fn lifecycle(&mut self) -> Result<(), Error> {
        let touched = std::mem::take(&mut self.touched.nodes);
        let nodes = if self.touched.all {
            self.all(&[Kind::Node])
        } else {
            touched.iter().filter_map(|name| self.cluster.object(Kind::Node, "", name)).cloned().collect()
        };
        let mut names = Vec::new();
        for object in nodes {
            let Object::Node(mut node) = object else { continue };
            if node.status.conditions.iter().any(|condition| condition.kind == "Ready" && condition.status != "True") {
                names.push(node.metadata.name.clone());
            }
            let wanted = wanted(&node);
            let ours = |taint: &Taint| {
                let names = CONDITIONS.iter().map(|(_, _, name)| *name).chain(["unschedulable"]);
                names.into_iter().any(|name| taint.key.strip_prefix(PREFIX) == Some(name))
            };
            let kept = node.spec.taints.iter().filter(|taint| !ours(taint) || is_among(taint, &wanted));
            let mut taints: Vec<Taint> = kept.cloned().collect();
            taints.extend(wanted.into_iter().filter(|taint| !is_among(taint, &node.spec.taints)));
            if taints != node.spec.taints {
                node.spec.taints = taints;
                self.moved = true;
                self.touched.woken = true;
                let node = Object::Node(node);
                self.note_driving(&node);
                self.cluster.upsert(node)?;
            }
        }
        names.into_iter().try_for_each(|name| self.mark_pods_not_ready(&name))
    }

    /// The node controller says of pods on a node that is not ready that they are not ready either.
    fn mark_pods_not_ready(&mut self, node: &str) -> Result<(), Error> {
        for key in self.cluster.pods_on(node) {
            let Some(pod) = self.cluster.pod(&key).filter(|pod| super::is_ready(pod)) else { continue };
            let mut pod = pod.clone();
            pod.status.conditions.retain(|condition| condition.kind != "Ready");
            let (kind, status) = ("Ready".to_owned(), "False".to_owned());
            pod.status.conditions.push(Condition { kind, status, ..Condition::default() });
            self.touch(&pod);
            self.moved = true;
            self.cluster.upsert(Object::from(pod))?;
        }
        Ok(())
    }

    /// Pods that do not tolerate a taint that drives away go at once, or when their time is over.
    pub(super) fn evict_by_taints(&mut self) -> Result<(), Error> {
        if self.touched.all {
            let nodes = self.cluster.objects(Kind::Node);
            self.driving = nodes.filter(|node| drives(node)).map(|node| node.name().to_owned()).collect();
        }
        // A pod whose node drives no more is let be.
        let of_evicted = self.evictions.keys().filter_map(|key| self.cluster.pod(key));
        let mut names: BTreeSet<String> = of_evicted.map(|pod| pod.spec.node_name.clone()).collect();
        names.extend(self.driving.iter().cloned());
        let nodes = names.iter().filter_map(|name| self.cluster.object(Kind::Node, "", name));
        let nodes: Vec<Object> = nodes.cloned().collect();
        for object in nodes {
            let Object::Node(node) = object else { continue };
            let driving: Vec<&Taint> = node.spec.taints.iter().filter(|taint| taint.effect == "NoExecute").collect();
            for key in self.cluster.pods_on(&node.metadata.name) {
                let Some(pod) = self.cluster.pod(&key).filter(|pod| pod.metadata.deletion_timestamp.is_none()) else {
                    continue;
                };
                match stays(pod, &driving) {
                    Stay::Ever => _ = self.evictions.remove(&key),
                    Stay::Seconds(seconds) => {
                        let moment = self.clock.saturating_add(seconds);
                        let moment = *self.evictions.entry(key.clone()).or_insert(moment);
                        if moment <= self.clock {
                            self.evict(&key, &node.metadata.name)?;
                        }
                    }
                    Stay::Never => self.evict(&key, &node.metadata.name)?,
                }
            }
        }
        Ok(())
    }

    /// Notes whether a node that came or changed drives pods away.
    pub(super) fn note_driving(&mut self, node: &Object) {
        if drives(node) {
            self.driving.insert(node.name().to_owned());
        } else {
            self.driving.remove(node.name());
        }
    }

    fn evict(&mut self, key: &str, node: &str) -> Result<(), Error> {
        if self.is_silent(node) {
            self.terminate(key, node)?;
        } else {
            self.remove(key)?;
        }
        self.happened(Event::TaintEviction { pod: key.to_owned(), node: node.to_owned() });
        Ok(())
    }

    /// Does the control plane hear nothing of a node's kubelet? Then nobody says that a pod has ended.
    pub(super) fn is_silent(&self, node: &str) -> bool {
        let Some(Object::Node(node)) = self.cluster.object(Kind::Node, "", node) else { return false };
        node.status.conditions.iter().any(|condition| condition.kind == "Ready" && condition.status == "Unknown")
    }

    /// Marks a pod for deletion. It stays, and holds what it has of its node, and its name.
    pub(super) fn terminate(&mut self, key: &str, node: &str) -> Result<(), Error> {
        let Some(mut pod) = self.cluster.pod(key).cloned() else { return Ok(()) };
        self.evictions.remove(key);
        self.touch(&pod);
        pod.metadata.deletion_timestamp = Some(AT_SOME_TIME.to_owned());
        self.assumed.insert(format!(
            "nothing is heard of node {node}: the pods that are evicted from it stay Terminating, and those of StatefulSets are not made again, until the node is deleted"
        ));
        self.cluster.upsert(Object::from(pod))
    }
}

/// Has a node a taint that drives pods away?
pub(super) fn drives(node: &Object) -> bool {
    let Object::Node(node) = node else { return false };
    node.spec.taints.iter().any(|taint| taint.effect == "NoExecute")
}

/// How long a pod stays on a node with these taints.
enum Stay {
    Ever,
    Seconds(i64),
    Never,
}

fn stays(pod: &Pod, taints: &[&Taint]) -> Stay {
    let mut shortest: Option<i64> = None;
    for taint in taints {
        let mut tolerating = pod.spec.tolerations.iter().filter(|toleration| tolerates(toleration, taint)).peekable();
        if tolerating.peek().is_none() {
            return Stay::Never;
        }
        if let Some(seconds) = tolerating.filter_map(|toleration| toleration.toleration_seconds).min() {
            shortest = Some(shortest.map_or(seconds, |least| least.min(seconds)));
        }
    }
    match shortest {
        None => Stay::Ever,
        Some(seconds) if seconds <= 0 => Stay::Never,
        Some(seconds) => Stay::Seconds(seconds),
    }
}

fn is_among(taint: &Taint, taints: &[Taint]) -> bool {
    taints.iter().any(|other| other.key == taint.key && other.effect == taint.effect)
}

/// The taints that a node's conditions ask for.
fn wanted(node: &Node) -> Vec<Taint> {
    let taint = |name: &str, effect: &str| Taint {
        key: format!("{PREFIX}{name}"),
        effect: effect.to_owned(),
        ..Taint::default()
    };
    let mut wanted = Vec::new();
    for (kind, status, name) in CONDITIONS {
        if node.status.conditions.iter().any(|condition| condition.kind == kind && condition.status == status) {
            wanted.push(taint(name, "NoSchedule"));
            if kind == "Ready" {
                wanted.push(taint(name, "NoExecute"));
            }
        }
    }
    if node.spec.unschedulable {
        wanted.push(taint("unschedulable", "NoSchedule"));
    }
    wanted
}
