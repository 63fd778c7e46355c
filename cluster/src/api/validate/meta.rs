//! Metadata, labels and label selectors.

use serde_json::Value;

use super::faults::Faults;
use super::names::{self, Rule};
use crate::api::view::{at, entries, get, list, number, sub, text};

/// `metadata` of an object.
pub(super) fn meta(it: &Value, namespaced: bool, name: Rule, out: &mut Faults) {
    let meta = sub(it, "metadata");
    let named = text(meta, "name");
    if named.is_empty() {
        out.required("metadata.name", "name or generateName is required");
    } else {
        out.each("metadata.name", named, name(named));
    }
    let namespace = text(meta, "namespace");
    if namespaced {
        out.each("metadata.namespace", namespace, names::label(namespace));
    } else if !namespace.is_empty() {
        out.forbidden("metadata.namespace", "not allowed on this type");
    }
    labels(meta, "labels", "metadata.labels", out);
    annotations(meta, "metadata.annotations", out);
    owners(list(meta, "ownerReferences"), out);
    for finalizer in list(meta, "finalizers").iter().filter_map(Value::as_str) {
        out.each("metadata.finalizers", finalizer, names::key(finalizer));
    }
}

fn owners(owners: &[Value], out: &mut Faults) {
    let mut controller = None;
    for (i, owner) in owners.iter().enumerate() {
        for field in ["apiVersion", "kind", "name", "uid"] {
            if text(owner, field).is_empty() {
                out.required(format!("metadata.ownerReferences[{i}].{field}"), "must not be empty");
            }
        }
        if sub(owner, "controller") == &Value::Bool(true) {
            let name = format!("{}/{}", text(owner, "kind"), text(owner, "name"));
            match &controller {
                None => controller = Some(name),
                Some(first) => out.invalid(
                    "metadata.ownerReferences",
                    &Value::Array(owners.to_vec()),
                    &format!("Only one reference can have Controller set to true. Found \"true\" in references for {first} and {name}"),
                ),
            }
        }
    }
}

/// A map of labels.
pub(super) fn labels(of: &Value, field: &str, path: &str, out: &mut Faults) {
    for (key, value) in entries(of, field) {
        label_name(key, path, out);
        let value = value.as_str().unwrap_or_default();
        out.each(path, value, names::value(value));
    }
}

pub(super) fn label_name(key: &str, path: &str, out: &mut Faults) {
    out.each(path, key, names::key(key));
}

pub(super) fn annotations(of: &Value, path: &str, out: &mut Faults) {
    let mut size = 0;
    for (key, value) in entries(of, "annotations") {
        out.each(path, key, names::key(&key.to_lowercase()));
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > 256 << 10 {
        out.too_long(path, 256 << 10);
    }
}

/// A label selector; one that is absent has no faults.
pub(super) fn selector(of: &Value, field: &str, path: &str, out: &mut Faults) {
    let Some(selector) = get(of, field) else { return };
    labels(selector, "matchLabels", &format!("{path}.matchLabels"), out);
    for (i, requirement) in list(selector, "matchExpressions").iter().enumerate() {
        let path = format!("{path}.matchExpressions[{i}]");
        let values = list(requirement, "values");
        match text(requirement, "operator") {
            "In" | "NotIn" if values.is_empty() => {
                out.required(format!("{path}.values"), "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                out.forbidden(format!("{path}.values"), detail);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => out.invalid(format!("{path}.operator"), other, "not a valid selector operator"),
        }
        label_name(text(requirement, "key"), &format!("{path}.key"), out);
        for (j, value) in values.iter().filter_map(Value::as_str).enumerate() {
            out.each(&format!("{path}.values[{j}]"), value, names::value(value));
        }
    }
}

/// Has a selector nothing that it asks for?
pub(super) fn is_empty(selector: &Value) -> bool {
    entries(selector, "matchLabels").next().is_none() && list(selector, "matchExpressions").is_empty()
}

/// Does a selector match labels? `None` where it cannot be evaluated.
pub(super) fn selects(selector: &Value, labels: &Value) -> Option<bool> {
    let value = |key: &str| labels.get(key).and_then(Value::as_str);
    let mut all = entries(selector, "matchLabels").all(|(key, wanted)| value(key) == wanted.as_str());
    for requirement in list(selector, "matchExpressions") {
        let (key, values) = (value(text(requirement, "key")), list(requirement, "values"));
        let is_among = key.is_some_and(|key| values.iter().any(|value| value.as_str() == Some(key)));
        let wants_values = matches!(text(requirement, "operator"), "In" | "NotIn");
        if wants_values == values.is_empty() {
            return None;
        }
        all &= match text(requirement, "operator") {
            "In" => is_among,
            "NotIn" => !is_among,
            "Exists" => key.is_some(),
            "DoesNotExist" => key.is_none(),
            _ => return None,
        };
    }
    Some(all)
}

/// A number that may not be negative.
pub(super) fn not_negative(of: &Value, field: &str, path: &str, out: &mut Faults) {
    if let Some(number) = number(of, field).filter(|number| *number < 0) {
        out.invalid(format!("{path}.{field}"), number, "must be greater than or equal to 0");
    }
}

/// The labels of a template.
pub(super) fn template_labels(spec: &Value) -> &Value {
    at(spec, &["template", "metadata", "labels"])
}
