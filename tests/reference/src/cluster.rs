//! The cluster: plain lists of objects, and the changes that can be made to them.

use std::collections::BTreeMap;

use bayplan::objects::{
    CsiDriver, CsiNode, CsiStorageCapacity, Namespace, Node, ObjectMeta, PersistentVolume, PersistentVolumeClaim, Pod,
    PodDisruptionBudget, ReplicaSet, ReplicationController, Service, StatefulSet, StorageClass, VolumeAttachment,
};
use serde_json::Value;

use crate::version::Version;

/// Kinds that may be there and that no rule looks at.
const IGNORED: [&str; 11] = [
    "ConfigMap",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "LimitRange",
    "PriorityClass",
    "ResourceQuota",
    "RuntimeClass",
    "Secret",
    "ServiceAccount",
];

macro_rules! cluster {
    ($($field:ident: $kind:ident),* $(,)?) => {
        /// Every object, in the order in which it came.
        #[derive(Clone, Debug, Default)]
        pub(crate) struct Cluster {
            $(pub(crate) $field: Vec<$kind>,)*
            /// Volumes and claims as they will be once the reservations of placed pods have been carried out.
            assumed_volumes: Vec<PersistentVolume>,
            assumed_claims: Vec<PersistentVolumeClaim>,
            /// The pods on each node, in the order in which the scheduler's cache has them.
            places: BTreeMap<String, Vec<String>>,
        }

        impl Cluster {
            /// Adds the object, or puts it in the place of the one with its name.
            pub(crate) fn upsert(&mut self, object: &Value) -> Result<(), String> {
                let kind = object["kind"].as_str().ok_or("an object has no kind")?;
                let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
                self.forget(kind, text("namespace"), text("name"));
                let done = match kind {
                    $(stringify!($kind) => {
                        let new: $kind = serde_json::from_value(object.clone())
                            .map_err(|error| format!("{kind} {}: {error}", object["metadata"]["name"]))?;
                        let key = (new.metadata.namespace.clone(), new.metadata.name.clone());
                        match self.$field.iter_mut().find(|old| is(&old.metadata, &key.0, &key.1)) {
                            Some(old) => *old = new,
                            None => self.$field.push(new),
                        }
                        Ok(())
                    })*
                    kind if IGNORED.contains(&kind) => Ok(()),
                    kind => Err(format!("{kind}: not a kind that is known here")),
                };
                if kind == "Pod" {
                    self.settle(&format!("{}/{}", text("namespace"), text("name")));
                }
                done
            }

            /// Removes the object.
            pub(crate) fn delete(&mut self, kind: &str, namespace: &str, name: &str) -> Result<(), String> {
                self.forget(kind, namespace, name);
                let done = match kind {
                    $(stringify!($kind) => {
                        let index = self.$field.iter().position(|old| is(&old.metadata, namespace, name));
                        self.$field.remove(index.ok_or_else(|| format!("{kind} {namespace}/{name}: not there"))?);
                        Ok(())
                    })*
                    kind if IGNORED.contains(&kind) => Ok(()),
                    kind => Err(format!("{kind}: not a kind that is known here")),
                };
                if kind == "Pod" {
                    self.settle(&format!("{namespace}/{name}"));
                }
                done
            }
        }
    };
}

cluster! {
    nodes: Node,
    pods: Pod,
    namespaces: Namespace,
    services: Service,
    replication_controllers: ReplicationController,
    replica_sets: ReplicaSet,
    stateful_sets: StatefulSet,
    claims: PersistentVolumeClaim,
    volumes: PersistentVolume,
    storage_classes: StorageClass,
    disruption_budgets: PodDisruptionBudget,
    csi_nodes: CSINode,
    csi_drivers: CSIDriver,
    csi_storage_capacities: CSIStorageCapacity,
    volume_attachments: VolumeAttachment,
}

/// The API's spelling of three kinds.
type CSINode = CsiNode;
type CSIDriver = CsiDriver;
type CSIStorageCapacity = CsiStorageCapacity;

/// Whether the metadata bears this name.
pub(crate) fn is(metadata: &ObjectMeta, namespace: &str, name: &str) -> bool {
    metadata.namespace == namespace && metadata.name == name
}

/// `namespace/name` of a pod.
pub(crate) fn key(pod: &Pod) -> String {
    format!("{}/{}", pod.metadata.namespace, pod.metadata.name)
}

/// A pod's priority; 0 where it has none.
pub(crate) fn priority(pod: &Pod) -> i32 {
    pod.spec.priority.unwrap_or(0)
}

/// A pod that has ended holds nothing.
fn is_alive(pod: &Pod) -> bool {
    !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
}

/// A node and what is on it.
#[derive(Clone, Debug)]
pub(crate) struct NodeView<'a> {
    pub(crate) node: &'a Node,
    /// The pods that have their place here.
    pub(crate) bound: Vec<&'a Pod>,
    /// Pods that are nominated to this node, where they are counted as if they were here.
    pub(crate) nominated: Vec<&'a Pod>,
    /// Pods that had their place here when the attempt began, and that preemption has taken off.
    pub(crate) taken_off: Vec<&'a Pod>,
}

impl<'a> NodeView<'a> {
    /// All that count as being here.
    pub(crate) fn pods(&self) -> impl Iterator<Item = &'a Pod> {
        self.bound.iter().chain(&self.nominated).copied()
    }

    pub(crate) fn label(&self, key: &str) -> Option<&'a str> {
        self.node.metadata.labels.get(key).map(String::as_str)
    }
}

impl Cluster {
    pub(crate) fn node(&self, name: &str) -> Result<&Node, String> {
        self.nodes.iter().find(|node| node.metadata.name == name).ok_or_else(|| format!("node {name}: not there"))
    }

    pub(crate) fn pod(&self, key: &str) -> Result<&Pod, String> {
        self.pods.iter().find(|pod| self::key(pod) == key).ok_or_else(|| format!("pod {key}: not there"))
    }

    pub(crate) fn pod_mut(&mut self, key: &str) -> Result<&mut Pod, String> {
        self.pods.iter_mut().find(|pod| self::key(pod) == key).ok_or_else(|| format!("pod {key}: not there"))
    }

    /// The claim, as reserved.
    pub(crate) fn assumed_claim(&self, namespace: &str, name: &str) -> Option<&PersistentVolumeClaim> {
        let mut claims = self.assumed_claims.iter().chain(&self.claims);
        claims.find(|claim| is(&claim.metadata, namespace, name))
    }

    /// The volume, as reserved.
    pub(crate) fn assumed_volume(&self, name: &str) -> Option<&PersistentVolume> {
        self.assumed_volumes.iter().chain(&self.volumes).find(|volume| volume.metadata.name == name)
    }

    pub(crate) fn assume_claim(&mut self, claim: PersistentVolumeClaim) {
        self.forget("PersistentVolumeClaim", &claim.metadata.namespace, &claim.metadata.name);
        self.assumed_claims.push(claim);
    }

    pub(crate) fn assume_volume(&mut self, volume: PersistentVolume) {
        self.forget("PersistentVolume", "", &volume.metadata.name);
        self.assumed_volumes.push(volume);
    }

    /// A volume or claim that comes anew is as it says it is.
    fn forget(&mut self, kind: &str, namespace: &str, name: &str) {
        match kind {
            "PersistentVolume" => self.assumed_volumes.retain(|volume| volume.metadata.name != name),
            "PersistentVolumeClaim" => self.assumed_claims.retain(|claim| !is(&claim.metadata, namespace, name)),
            _ => {}
        }
    }

    /// Every node with its pods, in order. A finished pod holds nothing, and a pod on an unknown node is nowhere.
    pub(crate) fn view(&self) -> Vec<NodeView<'_>> {
        let on = |node: &Node| {
            self.pods.iter().filter(|pod| pod.spec.node_name == node.metadata.name && is_alive(pod)).collect()
        };
        let view = |node| NodeView { node, bound: on(node), nominated: Vec::new(), taken_off: Vec::new() };
        self.nodes.iter().map(view).collect()
    }

    /// A pod that came, changed, moved or went: the scheduler's cache takes it off its node, where the last pod takes its
    /// place in the list, and puts it at the end of the list of the node that it is on now.
    pub(crate) fn settle(&mut self, pod: &str) {
        for place in self.places.values_mut() {
            if let Some(at) = place.iter().position(|other| other == pod) {
                place.swap_remove(at);
            }
        }
        let node = match self.pod(pod) {
            Ok(pod) if is_alive(pod) && !pod.spec.node_name.is_empty() => pod.spec.node_name.clone(),
            _ => return,
        };
        self.places.entry(node).or_default().push(pod.to_owned());
    }

    /// Pods that are there when the scheduler starts come to it in the order of their names.
    pub(crate) fn settle_all(&mut self) {
        let mut pods: Vec<(String, String)> =
            self.pods.iter().map(|pod| (pod.metadata.namespace.clone(), pod.metadata.name.clone())).collect();
        pods.sort();
        self.places.clear();
        pods.iter().for_each(|(namespace, name)| self.settle(&format!("{namespace}/{name}")));
    }

    /// Which place the pod has in the list of its node.
    pub(crate) fn place(&self, pod: &Pod) -> Option<usize> {
        self.places.get(&pod.spec.node_name)?.iter().position(|other| *other == key(pod))
    }

    /// The pods that `pod` must leave room for on the node, as it can't count on being placed before them. A gated pod is
    /// among them only from 1.37 on.
    pub(crate) fn nominated<'a>(&'a self, version: Version, node: &Node, pod: &Pod) -> Vec<&'a Pod> {
        let waits = |other: &&Pod| {
            other.spec.node_name.is_empty()
                && other.status.nominated_node_name == node.metadata.name
                && (version >= Version::V1_37 || other.spec.scheduling_gates.is_empty())
                && key(other) != key(pod)
                && priority(other) >= priority(pod)
        };
        self.pods.iter().filter(waits).collect()
    }
}
