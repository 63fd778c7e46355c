//! `matchLabelKeys` and `mismatchLabelKeys`: the pod's own values become part of the selectors beside them.

use crate::objects::{LabelSelector, Pod, PodAffinity, PodAffinityTerm, SelectorRequirement, StringMap};

pub(super) fn merge(pod: &mut Pod) {
    let labels = &pod.metadata.labels;
    for constraint in &mut pod.spec.topology_spread_constraints {
        add(&mut constraint.label_selector, &constraint.match_label_keys, "In", labels);
    }
    if let Some(affinity) = &mut pod.spec.affinity {
        for affinity in [&mut affinity.pod_affinity, &mut affinity.pod_anti_affinity].into_iter().flatten() {
            for term in terms(affinity) {
                add(&mut term.label_selector, &term.match_label_keys, "In", labels);
                add(&mut term.label_selector, &term.mismatch_label_keys, "NotIn", labels);
            }
        }
    }
}

fn terms(affinity: &mut PodAffinity) -> impl Iterator<Item = &mut PodAffinityTerm> {
    affinity.required.iter_mut().chain(affinity.preferred.iter_mut().map(|weighted| &mut weighted.pod_affinity_term))
}

/// An absent selector selects nothing, and stays so.
fn add(selector: &mut Option<LabelSelector>, keys: &[String], operator: &str, labels: &StringMap) {
    let Some(selector) = selector else { return };
    for key in keys {
        if let Some(value) = labels.get(key) {
            selector.match_expressions.push(SelectorRequirement {
                key: key.clone(),
                operator: operator.to_owned(),
                values: vec![value.clone()],
            });
        }
    }
}
