//! Pods that nobody controls belong to the workload whose selector chooses them, and count among its own
//! (`pkg/controller/controller_ref_manager.go`, read for behaviour).

use std::sync::Arc;

use super::Simulation;
use crate::error::Error;
use crate::expand::owner_of;
use crate::labels::Selector;
use crate::objects::{LabelSelector, Object, Pod};

impl Simulation {
    /// The pods that a controller may adopt.
    ///
    /// Costs a look at each pod.
    pub(super) fn orphans(&self) -> Vec<Arc<Pod>> {
        let pods = self.cluster.store().pods.iter().map(|entry| &entry.pod);
        let mut orphans: Vec<Arc<Pod>> = pods
            .filter(|pod| {
                pod.metadata.controller().is_none()
                    && !pod.metadata.labels.is_empty()
                    && pod.metadata.deletion_timestamp.is_none()
                    && !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
            })
            .cloned()
            .collect();
        orphans
            .sort_by(|a, b| (&a.metadata.namespace, &a.metadata.name).cmp(&(&b.metadata.namespace, &b.metadata.name)));
        orphans
    }

    /// A workload takes those that it selects.
    pub(super) fn adopt(&mut self, workload: &Object, orphans: &mut Vec<Arc<Pod>>) -> Result<(), Error> {
        if !orphans.iter().any(|pod| pod.metadata.namespace == workload.namespace()) {
            return Ok(());
        }
        let of_labels;
        let selector = match workload {
            Object::ReplicaSet(set) => set.spec.selector.as_ref(),
            Object::StatefulSet(set) => set.spec.selector.as_ref(),
            Object::DaemonSet(set) => set.spec.selector.as_ref(),
            Object::ReplicationController(controller) if !controller.spec.selector.is_empty() => {
                let match_labels = controller.spec.selector.clone();
                of_labels = LabelSelector { match_labels, ..LabelSelector::default() };
                Some(&of_labels)
            }
            _ => None,
        };
        let (Some(_), Ok(selects)) = (selector, Selector::new(selector, "spec.selector")) else { return Ok(()) };
        let is_set = matches!(workload, Object::StatefulSet(_));
        let is_mine = |pod: &Pod| {
            let is_member = pod
                .metadata
                .name
                .rsplit_once('-')
                .is_some_and(|(set, ordinal)| set == workload.name() && ordinal.parse::<u32>().is_ok());
            pod.metadata.namespace == workload.namespace()
                && selects.matches(&pod.metadata.labels)
                && (!is_set || is_member)
        };
        let (mine, others) = std::mem::take(orphans).into_iter().partition(|pod| is_mine(pod));
        *orphans = others;
        let mine: Vec<Arc<Pod>> = mine;
        for pod in mine {
            let mut pod = Pod::clone(&pod);
            pod.metadata.owner_references.push(owner_of(workload));
            self.touch(&pod);
            self.moved = true;
            self.cluster.upsert(Object::from(pod))?;
        }
        Ok(())
    }
}
