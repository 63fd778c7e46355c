//! The pods that a workload has in the cluster already.

use std::collections::HashSet;

use crate::objects::{Deployment, Kind, Object, ObjectMeta, Pod};
use crate::state::Cluster;
use crate::state::store::controller;

/// The pods that an object controls and that neither ended nor end, those of a Deployment through its ReplicaSets.
pub(super) fn of_workload<'a>(cluster: &'a Cluster, object: &Object) -> Vec<&'a Pod> {
    let (kind, meta) = (object.kind(), object.metadata());
    let pods = &cluster.store().pods;
    if kind != Kind::Deployment {
        return pods.controlled(&meta.namespace, kind.name(), &meta.name).map(|entry| &*entry.pod).collect();
    }
    let kind = Kind::ReplicaSet.name();
    let sets: HashSet<&str> = replica_sets(cluster, meta).map(|set| set.metadata.name.as_str()).collect();
    let known = sets.iter().flat_map(|set| pods.controlled(&meta.namespace, kind, set)).map(|entry| &*entry.pod);
    // Their names begin with the Deployment's.
    let others = pods.controlled_by_prefix(&meta.namespace, kind, &meta.name).filter(|(set, _)| !sets.contains(set));
    let others = others.flat_map(|(set, members)| members.values().map(move |key| (set, key)));
    let others = others.filter_map(|(set, key)| Some((set, &*pods.get(key)?.pod)));
    let others = others.filter(|(set, pod)| looks_owned(pod, &meta.name, set)).map(|(_, pod)| pod);
    known.chain(others).collect()
}

/// Has a Deployment pods, through whatever ReplicaSets?
pub(crate) fn has_pods(cluster: &Cluster, deployment: &Deployment) -> bool {
    let pods = &cluster.store().pods;
    let meta = &deployment.metadata;
    let mut sets = pods.controlled_by_prefix(&meta.namespace, Kind::ReplicaSet.name(), &meta.name);
    sets.any(|(set, members)| {
        members.values().any(|key| pods.get(key).is_some_and(|entry| looks_owned(&entry.pod, &meta.name, set)))
    })
}

/// The ReplicaSets of a Deployment.
pub(crate) fn replica_sets<'a>(
    cluster: &'a Cluster,
    deployment: &'a ObjectMeta,
) -> impl Iterator<Item = &'a crate::objects::ReplicaSet> {
    cluster.store().objects.in_namespace(Kind::ReplicaSet, &deployment.namespace).filter_map(move |object| {
        match &**object {
            Object::ReplicaSet(set) => {
                let owner = controller(&set.metadata)?;
                (owner.kind == "Deployment" && owner.name == deployment.name).then_some(&**set)
            }
            _ => None,
        }
    })
}

/// A dump may lack the ReplicaSets; their names are those of the Deployment and the hash that the pods carry.
fn looks_owned(pod: &Pod, deployment: &str, set: &str) -> bool {
    let hash = pod.metadata.labels.get("pod-template-hash");
    let rest = set.strip_prefix(deployment).and_then(|rest| rest.strip_prefix('-'));
    hash.is_some() && hash.map(String::as_str) == rest
}

/// The node that a pod is bound or pinned to, as the pods of a DaemonSet are.
pub(crate) fn node_of(pod: &Pod) -> Option<&str> {
    if !pod.spec.node_name.is_empty() {
        return Some(&pod.spec.node_name);
    }
    let required = pod.spec.affinity.as_ref()?.node_affinity.as_ref()?.required.as_ref()?;
    let [term] = &required.node_selector_terms[..] else { return None };
    let field = term.match_fields.iter().find(|field| field.key == "metadata.name")?;
    field.values.first().map(String::as_str)
}

/// Is a pod of an older template than the one whose revision this is? Those that were made here say so; others are as old as the template
/// that was there at first.
pub(crate) fn is_outdated(pod: &Pod, revision: &str, is_changed: bool) -> bool {
    match pod.metadata.labels.get("controller-revision-hash") {
        Some(of) if of == revision => false,
        Some(_) if pod.metadata.provenance.is_made() => true,
        _ => is_changed,
    }
}
