//! Claims, volumes and classes of storage.

use serde_json::Value;

use super::faults::Faults;
use super::{meta, names, placement};
use crate::api::schema::NOT_SOURCES;
use crate::api::stored::quantity;
use crate::api::view::{entries, get, list, sub, text, texts};

const MODES: &[&str] = &["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

pub(super) fn claim(it: &Value, out: &mut Faults) {
    meta::meta(it, true, names::subdomain, out);
    claim_spec(sub(it, "spec"), "spec", out);
}

pub(super) fn claim_spec(it: &Value, path: &str, out: &mut Faults) {
    let at = |field: &str| format!("{path}.{field}");
    let modes = texts(it, "accessModes");
    if modes.is_empty() {
        out.required(at("accessModes"), "at least 1 access mode is required");
    }
    meta::selector(it, "selector", &at("selector"), out);
    access_modes(&modes, &at("accessModes"), out);
    let field = format!("{path}.resources[storage]");
    match get(sub(sub(it, "resources"), "requests"), "storage").and_then(quantity) {
        None => out.required(field, ""),
        Some(amount) if amount.is_negative() || amount.is_zero() => {
            out.invalid(field, &amount.to_string(), "must be greater than zero");
        }
        Some(_) => {}
    }
    let class = text(it, "storageClassName");
    if !class.is_empty() {
        out.each(&at("storageClassName"), class, names::subdomain(class));
    }
    volume_mode(it, path, out);
}

fn access_modes(modes: &[&str], path: &str, out: &mut Faults) {
    for mode in modes.iter().filter(|mode| !MODES.contains(mode)) {
        out.unsupported(path, *mode, MODES);
    }
    let one_pod = modes.contains(&"ReadWriteOncePod");
    if one_pod && modes.iter().any(|mode| *mode != "ReadWriteOncePod" && MODES.contains(mode)) {
        out.forbidden(path, "may not use ReadWriteOncePod with other access modes");
    }
}

fn volume_mode(it: &Value, path: &str, out: &mut Faults) {
    if let Some(mode) = get(it, "volumeMode").and_then(Value::as_str)
        && !["Block", "Filesystem"].contains(&mode)
    {
        out.unsupported(format!("{path}.volumeMode"), mode, &["Block", "Filesystem"]);
    }
}

pub(super) fn volume(it: &Value, out: &mut Faults) {
    meta::meta(it, false, names::subdomain, out);
    let spec = sub(it, "spec");
    let modes = texts(spec, "accessModes");
    if modes.is_empty() {
        out.required("spec.accessModes", "");
    }
    access_modes(&modes, "spec.accessModes", out);
    let capacity = sub(spec, "capacity");
    if entries(spec, "capacity").next().is_none() {
        out.required("spec.capacity", "");
    }
    if get(capacity, "storage").is_none() || entries(spec, "capacity").count() > 1 {
        out.unsupported("spec.capacity", capacity, &["storage"]);
    }
    for (name, value) in entries(spec, "capacity") {
        if let Some(amount) = quantity(value).filter(|amount| amount.is_negative() || amount.is_zero()) {
            out.invalid(format!("spec.capacity[{name}]"), &amount.to_string(), "must be greater than zero");
        }
    }
    if let Some(required) = get(sub(spec, "nodeAffinity"), "required") {
        placement::node_selector(required, "spec.nodeAffinity.required", out);
    } else if get(spec, "local").is_some() {
        out.required("spec.nodeAffinity", "Local volume requires node affinity");
    }
    let sources: Vec<&str> = spec.as_object().map_or(Vec::new(), |spec| {
        spec.keys()
            .map(String::as_str)
            .filter(|key| !NOT_SOURCES.contains(key) && get(&it["spec"], key).is_some())
            .collect()
    });
    match sources[..] {
        [] => out.required("spec", "must specify a volume type"),
        [_] => {}
        [_, ref more @ ..] => {
            more.iter().for_each(|s| out.forbidden(format!("spec.{s}"), "may not specify more than 1 volume type"));
        }
    }
    volume_mode(spec, "spec", out);
}

pub(super) fn class(it: &Value, out: &mut Faults) {
    meta::meta(it, false, names::subdomain, out);
    if text(it, "provisioner").is_empty() {
        out.required("provisioner", "");
    }
    for (field, legal) in
        [("reclaimPolicy", &["Delete", "Retain"]), ("volumeBindingMode", &["Immediate", "WaitForFirstConsumer"])]
    {
        let value = text(it, field);
        if value.is_empty() {
            out.required(field, "");
        } else if !legal.contains(&value) {
            out.unsupported(field, value, legal);
        }
    }
    for (i, term) in list(it, "allowedTopologies").iter().enumerate() {
        for (j, requirement) in list(term, "matchLabelExpressions").iter().enumerate() {
            let path = format!("allowedTopologies[{i}].matchLabelExpressions[{j}]");
            if list(requirement, "values").is_empty() {
                out.required(format!("{path}.values"), "");
            }
            meta::label_name(text(requirement, "key"), &format!("{path}.key"), out);
        }
    }
}
