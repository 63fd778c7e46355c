//! What a pod belongs to in the end: a Deployment rather than its ReplicaSet; and what is said of a pod beside its decision.

use crate::attempt::{About, Decision};
use crate::objects::{Kind, Object, Pod};
use crate::requests;
use crate::state::Cluster;

/// Kind, namespace and name of what nobody controls.
pub(crate) type Top = (Kind, String, String);

const ZONE: &str = "topology.kubernetes.io/zone";

impl Cluster {
    /// Says of each decision what its pod belongs to and asks for, and the zone that it goes to.
    pub(crate) fn describe(&self, decisions: &mut [Decision]) {
        for decision in decisions {
            let Some(pod) = self.pod(&decision.pod) else { continue };
            let (kind, _, name) = top_of(self, pod);
            let node = decision.node.as_ref().and_then(|node| self.object(Kind::Node, "", node));
            let amounts = requests::bound(pod, self.version()).requested;
            decision.about = Some(About {
                workload: format!("{kind}/{name}"),
                zone: node.and_then(|node| node.metadata().labels.get(ZONE).cloned()),
                priority: self.priority_of(pod),
                milli_cpu: amounts.milli_cpu,
                memory: amounts.memory,
            });
        }
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

pub(crate) fn top_of_object(cluster: &Cluster, object: &Object) -> Top {
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
