//! The pods that a pod is spread among where it has no constraints of its own: those of its services and its owner.

use bayplan::objects::{Pod, StringMap};

use crate::cluster::{Cluster, is};
use crate::labels::Selector;

/// Selects what the pod's services, and its controller, select; everything where there are none.
pub(crate) fn default_selector(cluster: &Cluster, pod: &Pod) -> Selector {
    let namespace = &pod.metadata.namespace;
    let mut labels = StringMap::new();
    for service in cluster.services.iter().filter(|service| service.metadata.namespace == *namespace) {
        if Selector::equal(&service.spec.selector).matches(&pod.metadata.labels) {
            labels.extend(service.spec.selector.clone());
        }
    }
    let Some(owner) = pod.metadata.owner_references.iter().find(|owner| owner.controller == Some(true)) else {
        return Selector::equal(&labels);
    };
    let more = match (owner.api_version.as_str(), owner.kind.as_str()) {
        ("v1", "ReplicationController") => {
            let controllers = &cluster.replication_controllers;
            if let Some(found) = controllers.iter().find(|rc| is(&rc.metadata, namespace, &owner.name)) {
                labels.extend(found.spec.selector.clone());
            }
            None
        }
        ("apps/v1", "ReplicaSet") => {
            let found = cluster.replica_sets.iter().find(|set| is(&set.metadata, namespace, &owner.name));
            found.map(|set| Selector::new(set.spec.selector.as_ref()))
        }
        ("apps/v1", "StatefulSet") => {
            let found = cluster.stateful_sets.iter().find(|set| is(&set.metadata, namespace, &owner.name));
            found.map(|set| Selector::new(set.spec.selector.as_ref()))
        }
        _ => None,
    };
    match more.filter(|more| !more.is_nothing()) {
        Some(more) => Selector::equal(&labels).and(more),
        None => Selector::equal(&labels),
    }
}
