//! What may change of a pod that is there (`ValidatePodUpdate` of Kubernetes' `pkg/apis/core/validation`, read for behaviour).

use crate::api::validate::Fault;
use crate::objects::{Affinity, NodeSelector, NodeSelectorTerm, PodSpec, Toleration};

const FIELDS: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,\
    `spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),\
    `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Finds what of a pod would be changed that may not be. A server adds to its words how the two differ, which is not said here.
pub(super) fn judge(new: &PodSpec, old: &PodSpec, faults: &mut Vec<Fault>) {
    let mut new = new.clone();
    let mut forbidden = |field: &str, problem: &str| {
        faults.push(Fault { field: field.to_owned(), problem: format!("Forbidden: {problem}") });
    };
    for (field, new, old) in [
        ("spec.containers", &new.containers, &old.containers),
        ("spec.initContainers", &new.init_containers, &old.init_containers),
    ] {
        if new.len() != old.len() {
            forbidden(field, "pod updates may not add or remove containers");
            return;
        }
    }
    if !old.tolerations.iter().all(|old| new.tolerations.iter().any(|new| is_same(new, old))) {
        forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
    }
    for (at, gate) in new.scheduling_gates.iter().enumerate().filter(|(_, gate)| !old.scheduling_gates.contains(gate)) {
        let problem = format!("only deletion is allowed, but found new scheduling gate '{}'", gate.name);
        forbidden(&format!("spec.schedulingGates[{at}].name"), &problem);
    }
    let lists = [(&mut new.containers, &old.containers), (&mut new.init_containers, &old.init_containers)];
    for (new, old) in lists {
        for (new, old) in new.iter_mut().zip(old.iter()) {
            new.image.clone_from(&old.image);
        }
    }
    let field = "spec.activeDeadlineSeconds";
    let deadline = match (new.active_deadline_seconds, old.active_deadline_seconds) {
        (Some(new), Some(old)) if new > old => Some((new.to_string(), "must be less than or equal to previous value")),
        (None, Some(_)) => Some(("null".to_owned(), "must not update from a positive integer to nil value")),
        _ => None,
    };
    if let Some((value, problem)) = deadline {
        faults.push(Fault { field: field.to_owned(), problem: format!("Invalid value: {value}: {problem}") });
    }
    new.active_deadline_seconds = old.active_deadline_seconds;
    new.tolerations.clone_from(&old.tolerations);
    if !old.scheduling_gates.is_empty() {
        narrowed(&mut new, old, faults);
    }
    new.scheduling_gates.clone_from(&old.scheduling_gates);
    if new.node_name.is_empty() {
        new.node_name.clone_from(&old.node_name);
    }
    if new != *old {
        faults.push(Fault { field: "spec".to_owned(), problem: format!("Forbidden: {FIELDS}") });
    }
}

/// Which nodes a gated pod takes may be narrowed.
fn narrowed(new: &mut PodSpec, old: &PodSpec, faults: &mut Vec<Fault>) {
    let mut invalid = |field: &str, value: String, problem: &str| {
        faults.push(Fault { field: format!("spec.{field}"), problem: format!("Invalid value: {value}: {problem}") });
    };
    let selector = &new.node_selector;
    if !old.node_selector.iter().all(|(key, value)| selector.get(key) == Some(value)) {
        let value = serde_json::to_string(selector).unwrap_or_default();
        invalid("nodeSelector", value, "only additions to spec.nodeSelector are allowed (no mutations or deletions)");
    }
    new.node_selector.clone_from(&old.node_selector);
    let none = NodeSelector::default();
    let (required, before) = (required(new).unwrap_or(&none), required(old).unwrap_or(&none));
    let (terms, before) = (&required.node_selector_terms, &before.node_selector_terms);
    let field = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
    if !before.is_empty() && before.len() != terms.len() {
        let value = serde_json::to_string(terms).unwrap_or_default();
        invalid(field, value, "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
    } else {
        for (at, (term, _)) in terms.iter().zip(before).enumerate().filter(|(_, (term, before))| !adds(term, before)) {
            let value = serde_json::to_string(term).unwrap_or_default();
            invalid(&format!("{field}[{at}]"), value, "only additions are allowed (no mutations or deletions)");
        }
    }
    // All else of the affinity must be as it was.
    let kept = old.affinity.as_ref().and_then(|affinity| affinity.node_affinity.clone());
    match (&mut new.affinity, &old.affinity) {
        (None, _) => new.affinity = kept.map(|kept| Affinity { node_affinity: Some(kept), ..Affinity::default() }),
        (Some(affinity), None) if affinity.pod_affinity.is_none() && affinity.pod_anti_affinity.is_none() => {
            new.affinity = None;
        }
        (Some(affinity), _) => affinity.node_affinity = kept,
    }
}

fn required(spec: &PodSpec) -> Option<&NodeSelector> {
    spec.affinity.as_ref()?.node_affinity.as_ref()?.required.as_ref()
}

/// Does a term say all that another says, and perhaps more?
fn adds(term: &NodeSelectorTerm, before: &NodeSelectorTerm) -> bool {
    let was_empty = before.match_expressions.is_empty() && before.match_fields.is_empty();
    let is_empty = term.match_expressions.is_empty() && term.match_fields.is_empty();
    (!was_empty || is_empty)
        && term.match_expressions.starts_with(&before.match_expressions)
        && term.match_fields.starts_with(&before.match_fields)
}

fn is_same(new: &Toleration, old: &Toleration) -> bool {
    let old = Toleration { toleration_seconds: new.toleration_seconds, ..old.clone() };
    *new == old
}
