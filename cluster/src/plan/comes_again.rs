//! The pod that a controller makes in the place of one that was evicted.

use crate::objects::{Kind, Pod, PodStatus, Provenance};
use crate::state::store::controller;
use crate::state::{Cluster, TOPOLOGY_LABELS, key_of};

/// The pod that comes in the place of an evicted one: pending, of the same spec, under another name but for a StatefulSet's. None where no controller
/// owns the pod: it is gone for good.
pub(super) fn pod_for(cluster: &Cluster, evicted: &Pod) -> Option<Pod> {
    let owner = controller(&evicted.metadata)?;
    let mut pod = evicted.clone();
    pod.metadata.uid.clear();
    // It was admitted once, and its template was.
    pod.metadata.provenance = Provenance::Live;
    pod.metadata.creation_timestamp = None;
    pod.metadata.deletion_timestamp = None;
    pod.status = PodStatus { phase: "Pending".to_owned(), ..PodStatus::default() };
    // What binding added.
    if let Some(node) = cluster.object(Kind::Node, "", &evicted.spec.node_name) {
        let of_node = &node.metadata().labels;
        pod.metadata
            .labels
            .retain(|key, value| !TOPOLOGY_LABELS.contains(&key.as_str()) || of_node.get(key) != Some(value));
    }
    pod.spec.node_name.clear();
    if owner.kind != "StatefulSet" {
        let base = match pod.metadata.generate_name.as_str() {
            "" => format!("{}-", owner.name),
            base => base.to_owned(),
        };
        let is_free = |name: &String| cluster.pod(&key_of(&pod.metadata.namespace, name)).is_none();
        let mut names = (1u32..).map(|number| format!("{base}{number:05}"));
        pod.metadata.name = names.find(is_free)?;
    }
    Some(pod)
}
