//! Pods that nobody controls belong to the workload whose selector chooses them, and count among its own
//! (`pkg/controller/controller_ref_manager.go`, read for behaviour).

use std::collections::HashMap;
use std::sync::Arc;

use super::Simulation;
use crate::error::Error;
use crate::expand::owner_of;
use crate::labels::Selector;
use crate::objects::{LabelSelector, Object, Pod};

/// The pods that a controller may adopt, by namespace.
pub(super) type Orphans = HashMap<String, Vec<Arc<Pod>>>;

impl Simulation {
    /// The pods without a controller.
    ///
    /// Costs a look at each pod.
    pub(super) fn orphans(&self) -> Orphans {
        let mut orphans = Orphans::new();
        for pod in self.cluster.store().pods.iter().map(|entry| &entry.pod) {
            let meta = &pod.metadata;
            if meta.controller().is_none()
                && !meta.labels.is_empty()
                && meta.deletion_timestamp.is_none()
                && !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
            {
                orphans.entry(meta.namespace.clone()).or_default().push(pod.clone());
            }
        }
        orphans.values_mut().for_each(|pods| pods.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name)));
        orphans
    }

    /// A workload takes those that it selects.
    pub(super) fn adopt(&mut self, workload: &Object, orphans: &mut Orphans) -> Result<(), Error> {
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
        let (Some(_), Some(here)) = (selector, orphans.get_mut(workload.namespace())) else { return Ok(()) };
        let Ok(selects) = Selector::new(selector, "spec.selector") else { return Ok(()) };
        let is_set = matches!(workload, Object::StatefulSet(_));
        let is_member = |pod: &Pod| {
            let parts = pod.metadata.name.rsplit_once('-');
            parts.is_some_and(|(set, ordinal)| set == workload.name() && ordinal.parse::<u32>().is_ok())
        };
        let is_mine = |pod: &Pod| selects.matches(&pod.metadata.labels) && (!is_set || is_member(pod));
        let mine: Vec<Arc<Pod>> = here.iter().filter(|pod| is_mine(pod)).cloned().collect();
        if mine.is_empty() {
            return Ok(());
        }
        here.retain(|pod| !is_mine(pod));
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
