//! What preemption changes beside pods: nominations, and budgets.

use std::sync::Arc;

use crate::error::Error;
use crate::objects::{Kind, Object, Pod};
use crate::state::{Cluster, no_pod};

impl Cluster {
    /// Takes the nominations to a node away from pods of lower priority than this one.
    pub(crate) fn take_lower_nominations(&mut self, pod: &str, node: &str) -> Result<(), Error> {
        let priority = self.store.pods.get(pod).ok_or_else(|| no_pod(pod))?.priority;
        let others = self.nominated.iter().filter(|key| {
            let entry = self.store.pods.get(key).filter(|entry| entry.pod.status.nominated_node_name == node);
            entry.is_some_and(|entry| entry.priority < priority)
        });
        for other in others.cloned().collect::<Vec<_>>() {
            self.take_nomination(&other)?;
        }
        Ok(())
    }

    /// Takes a pod's nomination away, if it has one.
    pub(crate) fn take_nomination(&mut self, pod: &str) -> Result<(), Error> {
        if self.store.pods.get(pod).is_none_or(|entry| entry.pod.status.nominated_node_name.is_empty()) {
            return Ok(());
        }
        self.store.pods.change(pod, |entry| {
            let mut free = Pod::clone(&entry.pod);
            free.status.nominated_node_name.clear();
            entry.pod = Arc::new(free);
        });
        self.nominated.remove(pod);
        self.settle_nomination(pod)?;
        self.settle()
    }

    /// Notes in the budgets of a pod that is evicted that one of their healthy pods went, as the disruption controller does before the
    /// next eviction is weighed.
    pub(crate) fn note_disruption(&mut self, pod: &Pod) -> Result<(), Error> {
        let is_ready = |pod: &Pod| pod.status.conditions.iter().any(|c| c.kind == "Ready" && c.status == "True");
        if !is_ready(pod) {
            return Ok(());
        }
        let budgets = self.store.objects.in_namespace(Kind::PodDisruptionBudget, &pod.metadata.namespace);
        let touched = budgets.filter_map(|object| match &**object {
            Object::PodDisruptionBudget(budget) => {
                let selector = crate::labels::Selector::new(budget.spec.selector.as_ref(), "spec.selector").ok()?;
                let counts = budget.status.disruptions_allowed > 0 && selector.matches(&pod.metadata.labels);
                counts.then(|| budget.clone())
            }
            _ => None,
        });
        for mut budget in touched.collect::<Vec<_>>() {
            budget.status.disruptions_allowed -= 1;
            self.upsert(Object::PodDisruptionBudget(budget))?;
        }
        Ok(())
    }
}
