//! Requests and limits.

use std::collections::BTreeSet;

use serde_json::Value;

use super::faults::Faults;
use super::names;
use crate::api::stored::quantity;
use crate::api::view::{entries, get, list, sub, text};
use crate::quantity::Quantity;
use crate::requests::{is_extended_resource_name, is_hugepage_resource_name};

/// Names without a prefix that mean something somewhere.
const STANDARD: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "pods",
    "services",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.cpu",
    "requests.memory",
    "requests.storage",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "services.nodeports",
    "services.loadbalancers",
];
/// Those that are counted.
const WHOLE: &[&str] = &[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];

/// Whose requests they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Container,
    Pod,
}

/// `resources` of a container or a pod; `claims` are the names of the pod's claims on devices.
pub(super) fn requirements(it: &Value, of: Of, claims: &[&str], path: &str, out: &mut Faults) {
    let (requests, limits) = (format!("{path}.requests"), format!("{path}.limits"));
    let (mut has_compute, mut has_huge_pages) = (false, false);
    for (name, value) in entries(it, "limits") {
        amount(name, value, of, &format!("{limits}[{name}]"), out);
        has_compute |= is_compute(name);
        has_huge_pages |= is_hugepage_resource_name(name);
    }
    for (name, value) in entries(it, "requests") {
        let field = format!("{requests}[{name}]");
        let request = name_and_value(name, value, of, &field, out);
        let limit = get(sub(it, "limits"), name).and_then(quantity);
        match (request, limit) {
            (Some(request), Some(limit)) if request != limit && !may_overcommit(name) => {
                out.invalid(&requests, &request.to_string(), &format!("must be equal to {name} limit of {limit}"));
            }
            (Some(request), Some(limit)) if request > limit => {
                let detail = format!("must be less than or equal to {name} limit of {limit}");
                out.invalid(&requests, &request.to_string(), &detail);
            }
            (_, None) if !may_overcommit(name) => {
                out.required(&limits, "Limit must be set for non overcommitable resources");
            }
            _ => {}
        }
        huge_pages(name, request, &field, out);
        has_compute |= is_compute(name);
        has_huge_pages |= is_hugepage_resource_name(name);
    }
    if !has_compute && has_huge_pages {
        out.forbidden(path, "HugePages require cpu or memory");
    }
    device_claims(list(it, "claims"), claims, &format!("{path}.claims"), out);
}

fn amount(name: &str, value: &Value, of: Of, field: &str, out: &mut Faults) {
    let amount = name_and_value(name, value, of, field, out);
    huge_pages(name, amount, field, out);
}

fn name_and_value(name: &str, value: &Value, of: Of, field: &str, out: &mut Faults) -> Option<Quantity> {
    match of {
        Of::Container => container_name(name, field, out),
        Of::Pod => pod_name(name, field, out),
    }
    quantity(value).inspect(|amount| self::value(name, *amount, field, out))
}

fn is_compute(name: &str) -> bool {
    name == "cpu" || name == "memory"
}

/// May more of it be promised than there is?
pub(crate) fn may_overcommit(name: &str) -> bool {
    is_native(name) && !is_hugepage_resource_name(name)
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// The name of any resource; was it legal?
fn resource_name(name: &str, field: &str, out: &mut Faults) -> bool {
    let messages = names::key(name);
    let mut legal = messages.is_empty();
    out.each(field, name, messages);
    if legal && !name.contains('/') && !STANDARD.contains(&name) && !is_hugepage(name) {
        out.invalid(field, name, "must be a standard resource type or fully qualified");
        legal = false;
    }
    legal
}

fn is_hugepage(name: &str) -> bool {
    is_hugepage_resource_name(name) || name.starts_with("requests.hugepages-")
}

pub(super) fn container_name(name: &str, field: &str, out: &mut Faults) {
    resource_name(name, field, out);
    if !name.contains('/') {
        if !["cpu", "memory", "ephemeral-storage"].contains(&name) && !is_hugepage_resource_name(name) {
            out.invalid(field, name, "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended_resource_name(name) {
        out.invalid(field, name, "doesn't follow extended resource name standard");
    }
}

fn pod_name(name: &str, field: &str, out: &mut Faults) {
    if resource_name(name, field, out) && !is_compute(name) && !is_hugepage_resource_name(name) {
        out.unsupported(field, name, &["cpu", "hugepages-", "memory"]);
    }
}

pub(super) fn quota_name(name: &str, field: &str, out: &mut Faults) {
    resource_name(name, field, out);
    if !name.contains('/') && (!STANDARD.contains(&name) || name == "storage") && !is_hugepage(name) {
        out.invalid(field, name, "must be a standard resource for quota");
    }
}

/// An amount: not negative, and whole where things are counted.
pub(super) fn value(name: &str, amount: Quantity, field: &str, out: &mut Faults) {
    if amount.is_negative() {
        out.invalid(field, &amount.to_string(), "must be greater than or equal to 0");
    }
    let counted = WHOLE.contains(&name) || is_extended_resource_name(name);
    if counted && amount.milli_value() % 1000 != 0 {
        out.invalid(field, &amount.to_string(), "must be an integer");
    }
}

fn huge_pages(name: &str, amount: Option<Quantity>, field: &str, out: &mut Faults) {
    let (Some(size), Some(amount)) = (name.strip_prefix("hugepages-"), amount) else { return };
    let page = size.parse::<Quantity>().map_or(0, Quantity::value);
    if page <= 0 || amount.value() % page != 0 {
        out.invalid(field, &amount.to_string(), &format!("{amount} is not positive integer multiple of {name}"));
    }
}

fn device_claims(claims: &[Value], known: &[&str], path: &str, out: &mut Faults) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (i, claim) in claims.iter().enumerate() {
        let (field, name, request) = (format!("{path}[{i}]"), text(claim, "name"), text(claim, "request"));
        if name.is_empty() {
            out.required(field, "");
            continue;
        }
        let key = if request.is_empty() { name.to_owned() } else { format!("{name}/{request}") };
        if seen.contains(name) || seen.contains(&key) {
            out.duplicate(&field, &key);
        }
        seen.insert(key);
        if !known.contains(&name) {
            let mut detail = "must be one of the names in pod.spec.resourceClaims".to_owned();
            let mut sorted = known.to_vec();
            sorted.sort_unstable();
            detail += &if known.is_empty() { " which is empty".to_owned() } else { format!(": {}", sorted.join(", ")) };
            out.not_found(field, name, &detail);
        }
    }
}
