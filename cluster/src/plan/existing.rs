//! The pods that a workload has in the cluster already.

use std::collections::{HashMap, HashSet};

use crate::cluster::Cluster;
use crate::objects::{Kind, Object, ObjectMeta, OwnerReference, Pod};

/// Pods of the cluster that neither ended nor end, by who controls them.
pub(super) struct Existing<'a> {
    by_owner: HashMap<(&'a str, &'a str, &'a str), Vec<&'a Pod>>,
}

impl<'a> Existing<'a> {
    pub(super) fn of(cluster: &'a Cluster) -> Self {
        let mut by_owner: HashMap<_, Vec<&Pod>> = HashMap::new();
        for entry in cluster.store.pods.values() {
            let meta = &entry.pod.metadata;
            if let (false, None, Some(owner)) = (entry.finished(), &meta.deletion_timestamp, controller(meta)) {
                let key = (owner.kind.as_str(), meta.namespace.as_str(), owner.name.as_str());
                by_owner.entry(key).or_default().push(&entry.pod);
            }
        }
        Existing { by_owner }
    }

    /// The pods that an object controls; those of a Deployment through its ReplicaSets.
    pub(super) fn of_workload(&self, cluster: &Cluster, object: &Object) -> Vec<&'a Pod> {
        let (kind, meta) = (object.kind(), object.metadata());
        if kind != Kind::Deployment {
            let key = (kind.name(), meta.namespace.as_str(), meta.name.as_str());
            return self.by_owner.get(&key).cloned().unwrap_or_default();
        }
        let sets: HashSet<&str> = replica_sets(cluster, meta).map(|set| set.metadata.name.as_str()).collect();
        let mut pods = Vec::new();
        for ((kind, namespace, name), owned) in &self.by_owner {
            if *kind == Kind::ReplicaSet.name() && *namespace == meta.namespace {
                let known = sets.contains(name);
                pods.extend(owned.iter().filter(|pod| known || looks_owned(pod, &meta.name, name)));
            }
        }
        pods
    }
}

/// The ReplicaSets of a Deployment.
pub(super) fn replica_sets<'a>(
    cluster: &'a Cluster,
    deployment: &'a ObjectMeta,
) -> impl Iterator<Item = &'a crate::objects::ReplicaSet> {
    cluster.store.in_namespace(Kind::ReplicaSet, &deployment.namespace).filter_map(move |object| match &**object {
        Object::ReplicaSet(set) => {
            let owner = controller(&set.metadata)?;
            (owner.kind == "Deployment" && owner.name == deployment.name).then_some(&**set)
        }
        _ => None,
    })
}

/// A dump may lack the ReplicaSets; their names are those of the Deployment and the hash that the pods carry.
fn looks_owned(pod: &Pod, deployment: &str, set: &str) -> bool {
    let hash = pod.metadata.labels.get("pod-template-hash");
    let rest = set.strip_prefix(deployment).and_then(|rest| rest.strip_prefix('-'));
    hash.is_some() && hash.map(String::as_str) == rest
}

pub(super) fn controller(meta: &ObjectMeta) -> Option<&OwnerReference> {
    meta.owner_references.iter().find(|owner| owner.controller == Some(true))
}

/// The node that a pod is bound or pinned to, as the pods of a DaemonSet are.
pub(super) fn node_of(pod: &Pod) -> Option<&str> {
    if !pod.spec.node_name.is_empty() {
        return Some(&pod.spec.node_name);
    }
    let required = pod.spec.affinity.as_ref()?.node_affinity.as_ref()?.required.as_ref()?;
    let [term] = &required.node_selector_terms[..] else { return None };
    let field = term.match_fields.iter().find(|field| field.key == "metadata.name")?;
    field.values.first().map(String::as_str)
}
