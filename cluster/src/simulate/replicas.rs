//! ReplicaSet and ReplicationController: as many pods as are asked for.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use super::{Event, Simulation, is_ready};
use crate::error::Error;
use crate::objects::{Object, Pod};
use crate::state::key_of;

impl Simulation {
    pub(super) fn replicas(&mut self, workload: &Object) -> Result<(), Error> {
        let wanted = match workload {
            Object::ReplicaSet(set) => set.spec.replicas,
            Object::ReplicationController(controller) => controller.spec.replicas,
            _ => return Ok(()),
        };
        let wanted = usize::try_from(wanted.unwrap_or(1)).unwrap_or(0);
        let store = &self.cluster.store().pods;
        let there = store.count_controlled(workload.namespace(), workload.kind().name(), workload.name());
        if there < wanted {
            self.make_pods(workload, wanted - there, "Error creating: ")?;
        }
        if there > wanted {
            let many = there - wanted;
            let mut pods = self.pods_of(workload);
            rank(&mut pods);
            for pod in pods.into_iter().take(many) {
                self.scale_down(&pod)?;
            }
        }
        Ok(())
    }

    /// The pods that an object controls and that neither ended nor end, in the order of arrival.
    pub(super) fn pods_of(&self, owner: &Object) -> Vec<Arc<Pod>> {
        let pods = &self.cluster.store().pods;
        let mut entries: Vec<_> = pods.controlled(owner.namespace(), owner.kind().name(), owner.name()).collect();
        entries.sort_unstable_by_key(|entry| entry.sequence);
        entries.into_iter().map(|entry| entry.pod.clone()).collect()
    }

    pub(super) fn scale_down(&mut self, pod: &Pod) -> Result<(), Error> {
        let key = key_of(&pod.metadata.namespace, &pod.metadata.name);
        self.remove(&key)?;
        self.happened(Event::Deleted(key));
        Ok(())
    }
}

/// Brings the pods that go first to the front: those without a node, not ready, of a lower deletion cost, beside more siblings, younger.
fn rank(pods: &mut [Arc<Pod>]) {
    let mut on: HashMap<String, usize> = HashMap::new();
    for pod in pods.iter().filter(|pod| !pod.spec.node_name.is_empty()) {
        *on.entry(pod.spec.node_name.clone()).or_default() += 1;
    }
    let cost = |pod: &Pod| -> i64 {
        let cost = pod.metadata.annotations.get("controller.kubernetes.io/pod-deletion-cost");
        cost.and_then(|cost| cost.parse().ok()).unwrap_or(0)
    };
    // What came last goes first among equals.
    pods.reverse();
    pods.sort_by_key(|pod| {
        let node = &pod.spec.node_name;
        let beside = on.get(node).copied().unwrap_or(0);
        (!node.is_empty(), is_ready(pod), cost(pod), Reverse(beside))
    });
}
