//! Disruption budgets: which of the pods that might go would go against one.

use bayplan::objects::{Pod, PodDisruptionBudget};

use crate::cycle::Cycle;
use crate::labels::Selector;
use crate::version::Version;

/// The pods, in their order, that a budget no longer allows to evict after those before them, and the others.
pub(crate) fn split<'a>(cycle: &Cycle<'_>, pods: &[&'a Pod]) -> (Vec<&'a Pod>, Vec<&'a Pod>) {
    let budgets = &cycle.cluster.disruption_budgets;
    let mut allowed: Vec<i32> = budgets.iter().map(|budget| budget.status.disruptions_allowed).collect();
    pods.iter().partition(|pod| {
        let mut violates = false;
        for (_, allowed) in budgets.iter().zip(&mut allowed).filter(|(budget, _)| covers(budget, pod)) {
            // Less than the lowest number is the highest, as it is to Go.
            *allowed = allowed.wrapping_sub(1);
            violates |= *allowed < 0;
            // From 1.37 on the budgets after the first that is violated are not charged.
            if violates && cycle.version >= Version::V1_37 {
                break;
            }
        }
        violates
    })
}

/// Whether evicting the pod counts against the budget. An empty selector selects nothing here, a pod without labels is in
/// no budget, and one that the budget's status names has been counted already.
fn covers(budget: &PodDisruptionBudget, pod: &Pod) -> bool {
    let selector = Selector::new(budget.spec.selector.as_ref());
    budget.metadata.namespace == pod.metadata.namespace
        && !pod.metadata.labels.is_empty()
        && !selector.is_everything()
        && selector.matches(&pod.metadata.labels)
        && !budget.status.disrupted_pods.contains_key(&pod.metadata.name)
}
