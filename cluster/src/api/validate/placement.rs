//! What says where a pod may go: node selectors, affinity, tolerations, spread constraints, gates.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::faults::Faults;
use super::{meta, names};
use crate::api::view::{entries, get, list, number, sub, text, texts};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
const EFFECTS: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];

pub(super) fn affinity(it: &Value, path: &str, out: &mut Faults) {
    if let Some(of_node) = get(it, "nodeAffinity") {
        let path = format!("{path}.nodeAffinity");
        if let Some(required) = get(of_node, REQUIRED) {
            node_selector(required, &format!("{path}.{REQUIRED}"), out);
        }
        for (i, term) in list(of_node, PREFERRED).iter().enumerate() {
            let path = format!("{path}.{PREFERRED}[{i}]");
            weight(term, &path, out);
            node_term(sub(term, "preference"), false, &format!("{path}.preference"), out);
        }
    }
    for kind in ["podAffinity", "podAntiAffinity"] {
        let Some(of_pods) = get(it, kind) else { continue };
        let path = format!("{path}.{kind}");
        for (i, term) in list(of_pods, REQUIRED).iter().enumerate() {
            pod_term(term, &format!("{path}.{REQUIRED}[{i}]"), out);
        }
        for (i, weighted) in list(of_pods, PREFERRED).iter().enumerate() {
            let path = format!("{path}.{PREFERRED}[{i}]");
            weight(weighted, &path, out);
            pod_term(sub(weighted, "podAffinityTerm"), &format!("{path}.podAffinityTerm"), out);
        }
    }
}

fn weight(term: &Value, path: &str, out: &mut Faults) {
    let weight = number(term, "weight").unwrap_or(0);
    if !(1..=100).contains(&weight) {
        out.invalid(format!("{path}.weight"), weight, "must be in the range 1-100");
    }
}

pub(super) fn node_selector(it: &Value, path: &str, out: &mut Faults) {
    let terms = list(it, "nodeSelectorTerms");
    let path = format!("{path}.nodeSelectorTerms");
    if terms.is_empty() {
        out.required(&path, "must have at least one node selector term");
    }
    terms.iter().enumerate().for_each(|(i, term)| node_term(term, true, &format!("{path}[{i}]"), out));
}

/// A term; the values of preferred ones may be of any form.
fn node_term(term: &Value, is_required: bool, path: &str, out: &mut Faults) {
    for (i, requirement) in list(term, "matchExpressions").iter().enumerate() {
        let (path, values) = (format!("{path}.matchExpressions[{i}]"), texts(requirement, "values"));
        let of_values = format!("{path}.values");
        match text(requirement, "operator") {
            "In" | "NotIn" if values.is_empty() => {
                out.required(&of_values, "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                out.forbidden(&of_values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
            }
            "Gt" | "Lt" if values.len() != 1 => {
                out.required(&of_values, "must be specified single value when `operator` is 'Lt' or 'Gt'");
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
            other => out.invalid(format!("{path}.operator"), other, "not a valid selector operator"),
        }
        meta::label_name(text(requirement, "key"), &format!("{path}.key"), out);
        if is_required {
            for (j, value) in values.iter().enumerate() {
                out.each(&format!("{of_values}[{j}]"), value, names::value(value));
            }
        }
    }
    for (i, requirement) in list(term, "matchFields").iter().enumerate() {
        let (path, values) = (format!("{path}.matchFields[{i}]"), texts(requirement, "values"));
        match text(requirement, "operator") {
            "In" | "NotIn" if values.len() != 1 => {
                let detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
                out.required(format!("{path}.values"), detail);
            }
            "In" | "NotIn" => {}
            other => out.invalid(format!("{path}.operator"), other, "not a valid selector operator"),
        }
        match text(requirement, "key") {
            "metadata.name" => {
                for (j, value) in values.iter().enumerate() {
                    out.each(&format!("{path}.values[{j}]"), value, names::subdomain(value));
                }
            }
            other => out.invalid(format!("{path}.key"), other, "not a valid field selector key"),
        }
    }
}

fn pod_term(term: &Value, path: &str, out: &mut Faults) {
    meta::selector(term, "labelSelector", &format!("{path}.labelSelector"), out);
    meta::selector(term, "namespaceSelector", &format!("{path}.namespaceSelector"), out);
    for name in texts(term, "namespaces") {
        out.each(&format!("{path}.namespace"), name, names::label(name));
    }
    label_keys(term, path, out);
    let key = text(term, "topologyKey");
    let path = format!("{path}.topologyKey");
    if key.is_empty() {
        out.required(&path, "can not be empty");
    }
    meta::label_name(key, &path, out);
}

/// `matchLabelKeys` and `mismatchLabelKeys`, before they are merged into the selector.
fn label_keys(it: &Value, path: &str, out: &mut Faults) {
    let (matched, mismatched) = (texts(it, "matchLabelKeys"), texts(it, "mismatchLabelKeys"));
    let selector = get(it, "labelSelector");
    for (keys, field) in [(&matched, "matchLabelKeys"), (&mismatched, "mismatchLabelKeys")] {
        let path = format!("{path}.{field}");
        if !keys.is_empty() && selector.is_none() {
            out.forbidden(&path, "must not be specified when labelSelector is not set");
        } else {
            for (i, key) in keys.iter().enumerate() {
                meta::label_name(key, &format!("{path}[{i}]"), out);
            }
        }
    }
    if let Some(selector) = selector {
        let mut known: HashSet<&str> = entries(selector, "matchLabels").map(|(key, _)| key).collect();
        let places: HashMap<&str, usize> = matched.iter().enumerate().map(|(i, key)| (*key, i)).collect();
        for expression in list(selector, "matchExpressions") {
            let key = text(expression, "key");
            // The server has put the pod's own labels behind the other expressions by then.
            if let (Some(i), true) = (places.get(key), known.contains(key)) {
                out.invalid(format!("{path}[{i}]"), key, "exists in both matchLabelKeys and labelSelector");
            }
            known.insert(key);
        }
    }
    let mismatched: HashSet<&str> = mismatched.into_iter().collect();
    for (i, key) in matched.iter().enumerate() {
        if mismatched.contains(key) {
            let field = format!("{path}.matchLabelKeys[{i}]");
            out.invalid(field, *key, "exists in both matchLabelKeys and mismatchLabelKeys");
        }
    }
}

pub(super) fn tolerations(it: &[Value], path: &str, out: &mut Faults) {
    for (i, toleration) in it.iter().enumerate() {
        let path = format!("{path}[{i}]");
        let field = |name: &str| text(toleration, name);
        let (key, operator, value, effect) = (field("key"), field("operator"), field("value"), field("effect"));
        let (of_operator, of_effect) = (format!("{path}.operator"), format!("{path}.effect"));
        if !key.is_empty() {
            meta::label_name(key, &format!("{path}.key"), out);
        }
        if key.is_empty() && operator != "Exists" {
            let detail = "operator must be Exists when `key` is empty, which means \"match all values and all keys\"";
            out.invalid(&of_operator, operator, detail);
        }
        if get(toleration, "tolerationSeconds").is_some() && effect != "NoExecute" {
            out.invalid(&of_effect, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
        match operator {
            "Equal" | "" => {
                let messages = names::value(value);
                if !messages.is_empty() {
                    out.invalid(&of_operator, value, &messages.join(";"));
                }
            }
            "Exists" if !value.is_empty() => {
                out.invalid(&of_operator, value, "value must be empty when `operator` is 'Exists'");
            }
            "Exists" => {}
            // Behind a feature gate that is off.
            "Lt" | "Gt" => out.unsupported(&of_operator, operator, &["Equal", "Exists", "Lt", "Gt"]),
            _ => out.unsupported(&of_operator, operator, &["Equal", "Exists"]),
        }
        if !effect.is_empty() && !EFFECTS.contains(&effect) {
            out.unsupported(&of_effect, effect, EFFECTS);
        }
    }
}

/// Taints of a node, at the path at which the server names them.
pub(super) fn taints(it: &[Value], path: &str, out: &mut Faults) {
    let mut seen: HashSet<(&str, &str)> = HashSet::new();
    for (i, taint) in it.iter().enumerate() {
        let path = format!("{path}[{i}]");
        let (key, value, effect) = (text(taint, "key"), text(taint, "value"), text(taint, "effect"));
        meta::label_name(key, &format!("{path}.key"), out);
        let messages = names::value(value);
        if !messages.is_empty() {
            out.invalid(format!("{path}.value"), value, &messages.join(";"));
        }
        if effect.is_empty() {
            out.required(format!("{path}.effect"), "");
        } else if !EFFECTS.contains(&effect) {
            out.unsupported(format!("{path}.effect"), effect, EFFECTS);
        }
        if !seen.insert((effect, key)) {
            let taint = serde_json::json!({"Key": key, "Value": value, "Effect": effect, "TimeAdded": null});
            out.repeated(path, &taint, "taints must be unique by key and effect pair");
        }
    }
}

pub(super) fn spread(it: &[Value], path: &str, out: &mut Faults) {
    const ACTIONS: &[&str] = &["DoNotSchedule", "ScheduleAnyway"];
    let mut pairs: HashMap<(&str, &str), usize> = HashMap::new();
    for constraint in it {
        *pairs.entry((text(constraint, "topologyKey"), text(constraint, "whenUnsatisfiable"))).or_default() += 1;
    }
    for (i, constraint) in it.iter().enumerate() {
        let path = format!("{path}[{i}]");
        let skew = number(constraint, "maxSkew").unwrap_or(0);
        if skew <= 0 {
            out.invalid(format!("{path}.maxSkew"), skew, "must be greater than zero");
        }
        let (key, action) = (text(constraint, "topologyKey"), text(constraint, "whenUnsatisfiable"));
        if key.is_empty() {
            out.required(format!("{path}.topologyKey"), "can not be empty");
        }
        if !ACTIONS.contains(&action) {
            out.unsupported(format!("{path}.whenUnsatisfiable"), action, ACTIONS);
        }
        let left = pairs.entry((key, action)).and_modify(|left| *left -= 1).or_default();
        if *left > 0 {
            let field = format!("{path}.{{topologyKey, whenUnsatisfiable}}");
            out.duplicate(field, &format!("{{{key}, {action}}}"));
        }
        if let Some(domains) = number(constraint, "minDomains") {
            if domains <= 0 {
                out.invalid(format!("{path}.minDomains"), domains, "must be greater than zero");
            }
            if action != "DoNotSchedule" {
                let detail = format!("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}");
                out.invalid(format!("{path}.minDomains"), domains, &detail);
            }
        }
        for policy in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            if let Some(value) = get(constraint, policy).and_then(Value::as_str)
                && !["Honor", "Ignore"].contains(&value)
            {
                out.unsupported(format!("{path}.{policy}"), value, &["Honor", "Ignore"]);
            }
        }
        label_keys(constraint, &path, out);
        meta::selector(constraint, "labelSelector", &format!("{path}.labelSelector"), out);
    }
}

pub(super) fn gates(it: &[Value], path: &str, out: &mut Faults) {
    let mut seen: HashSet<&str> = HashSet::new();
    for (i, gate) in it.iter().enumerate() {
        let (field, name) = (format!("{path}[{i}]"), text(gate, "name"));
        out.each(&field, name, names::key(name));
        if !seen.insert(name) {
            out.duplicate(&field, name);
        }
    }
}
