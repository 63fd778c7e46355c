//! Objects that say what others may ask for: limits, quotas, priorities, runtimes, budgets.

use std::collections::BTreeSet;

use serde_json::Value;

use super::faults::Faults;
use super::{meta, names, placement, resources, workload};
use crate::api::stored::quantity;
use crate::api::view::{entries, get, list, number, sub, text, texts};
use crate::quantity::Quantity;

const SCOPES: &[&str] = &[
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "VolumeAttributesClass",
    "CrossNamespacePodAffinity",
];

pub(super) fn limit_range(it: &Value, out: &mut Faults) {
    meta::meta(it, true, names::subdomain, out);
    let mut types: BTreeSet<&str> = BTreeSet::new();
    for (i, limit) in list(sub(it, "spec"), "limits").iter().enumerate() {
        let (path, of) = (format!("spec.limits[{i}]"), text(limit, "type"));
        let messages = names::key(of);
        if messages.is_empty() && !of.contains('/') && !["Pod", "Container", "PersistentVolumeClaim"].contains(&of) {
            out.invalid(format!("{path}.type"), of, "must be a standard limit type or fully qualified");
        }
        out.each(&format!("{path}.type"), of, messages);
        if !types.insert(of) {
            out.duplicate(format!("{path}.type"), of);
        }
        let mut keys = BTreeSet::new();
        for field in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
            if of == "Pod" && field.starts_with("default") {
                if entries(limit, field).next().is_some() {
                    out.forbidden(format!("{path}.{field}"), "may not be specified when `type` is 'Pod'");
                }
                continue;
            }
            for (name, _) in entries(limit, field) {
                if matches!(of, "Pod" | "Container") {
                    resources::container_name(name, &format!("{path}.{field}[{name}]"), out);
                }
                keys.insert(name);
            }
            let lacks = |field: &str| get(sub(limit, field), "storage").is_none();
            if field == "defaultRequest" && of == "PersistentVolumeClaim" && lacks("min") && lacks("max") {
                let detail = "either minimum or maximum storage value is required, but neither was provided";
                out.required(format!("{path}.limits"), detail);
            }
        }
        keys.into_iter().for_each(|name| bounds(limit, name, &path, out));
    }
}

/// How the bounds of a resource fit together.
fn bounds(limit: &Value, name: &str, path: &str, out: &mut Faults) {
    let of = |field: &str| get(sub(limit, field), name).and_then(quantity);
    let (min, max, default, request) = (of("min"), of("max"), of("default"), of("defaultRequest"));
    let mut ordered =
        |low: Option<Quantity>, high: Option<Quantity>, field: &str, shown: Option<Quantity>, words: [&str; 2]| {
            if let (Some(low), Some(high), Some(shown)) = (low, high, shown)
                && low > high
            {
                let detail = format!("{} value {low} is greater than {} value {high}", words[0], words[1]);
                out.invalid(format!("{path}.{field}[{name}]"), &shown.to_string(), &detail);
            }
        };
    ordered(min, max, "min", min, ["min", "max"]);
    ordered(min, request, "defaultRequest", request, ["min", "default request"]);
    ordered(request, max, "defaultRequest", request, ["default request", "max"]);
    ordered(request, default, "defaultRequest", request, ["default request", "default limit"]);
    ordered(min, default, "default", min, ["min", "default"]);
    ordered(default, max, "default", max, ["default", "max"]);
    if let Some(ratio) = of("maxLimitRequestRatio") {
        let field = format!("{path}.maxLimitRequestRatio[{name}]");
        if ratio < Quantity::from_i64(1) {
            out.invalid(&field, &ratio.to_string(), &format!("ratio {ratio} is less than 1"));
        }
        if let (Some(min), Some(max)) = (min, max) {
            let most = max.nano() as f64 / min.nano() as f64;
            if ratio.nano() as f64 / 1e9 > most {
                let detail = format!("ratio {ratio} is greater than max/min = {most:.6}");
                out.invalid(&field, &ratio.to_string(), &detail);
            }
        }
    }
    if let (Some(default), Some(request)) = (default, request)
        && !resources::may_overcommit(name)
        && default != request
    {
        let detail = format!("default value {default} must equal to defaultRequest value {request} in {name}");
        out.invalid(format!("{path}.defaultRequest[{name}]"), &request.to_string(), &detail);
    }
}

pub(super) fn resource_quota(it: &Value, out: &mut Faults) {
    meta::meta(it, true, names::subdomain, out);
    let spec = sub(it, "spec");
    for (name, value) in entries(spec, "hard") {
        let field = format!("spec.hard[{name}]");
        resources::quota_name(name, &field, out);
        if let Some(amount) = quantity(value) {
            resources::value(name, amount, &field, out);
        }
    }
    let hard: Vec<&str> = entries(spec, "hard").map(|(name, _)| name).collect();
    let scopes = texts(spec, "scopes");
    for scope in &scopes {
        if !SCOPES.contains(scope) {
            out.invalid("spec.scopes", sub(spec, "scopes"), "unsupported scope");
        }
        for _ in hard.iter().filter(|name| !applies(scope, name)) {
            out.invalid("spec.scopes", sub(spec, "scopes"), "unsupported scope applied to resource");
        }
    }
    for pair in [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]] {
        if pair.iter().all(|scope| scopes.contains(scope)) {
            out.invalid("spec.scopes", sub(spec, "scopes"), "conflicting scopes");
        }
    }
    let path = "spec.scopeSelector.matchExpressions";
    for requirement in list(sub(spec, "scopeSelector"), "matchExpressions") {
        let (scope, operator) = (text(requirement, "scopeName"), text(requirement, "operator"));
        let values = list(requirement, "values");
        if !SCOPES.contains(&scope) {
            out.invalid(format!("{path}.scopeName"), scope, "unsupported scope");
        }
        for _ in hard.iter().filter(|name| !applies(scope, name)) {
            out.invalid(path, sub(spec, "scopeSelector"), "unsupported scope applied to resource");
        }
        if !matches!(scope, "PriorityClass" | "VolumeAttributesClass")
            && SCOPES.contains(&scope)
            && operator != "Exists"
        {
            let detail = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
            out.invalid(format!("{path}.operator"), operator, detail);
        }
        match operator {
            "In" | "NotIn" if values.is_empty() => {
                let detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
                out.required(format!("{path}.values"), detail);
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
                out.invalid(format!("{path}.values"), sub(requirement, "values"), detail);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => out.invalid(format!("{path}.operator"), other, "not a valid selector operator"),
        }
    }
}

/// May a quota of a resource have a scope?
fn applies(scope: &str, name: &str) -> bool {
    let compute = ["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
    if name.contains('/') {
        return true;
    }
    match scope {
        "BestEffort" => name == "pods",
        "VolumeAttributesClass" => matches!(name, "persistentvolumeclaims" | "requests.storage"),
        _ => name == "pods" || compute.contains(&name),
    }
}

pub(super) fn priority_class(it: &Value, out: &mut Faults) {
    meta::meta(it, false, names::subdomain, out);
    let (name, value) = (text(sub(it, "metadata"), "name"), number(it, "value").unwrap_or(0));
    if name.starts_with("system-") {
        let known = matches!(
            (name, value),
            ("system-node-critical", 2_000_001_000) | ("system-cluster-critical", 2_000_000_000)
        );
        if !known {
            let detail = format!(
                "priority class names with 'system-' prefix are reserved for system use only. error: {name} is not a known system priority class"
            );
            out.forbidden("metadata.name", &detail);
        }
    } else if value > 1_000_000_000 {
        out.forbidden("value", "maximum allowed value of a user defined priority is 1000000000");
    }
    let policy = text(it, "preemptionPolicy");
    if !["PreemptLowerPriority", "Never"].contains(&policy) {
        out.unsupported("preemptionPolicy", policy, &["PreemptLowerPriority", "Never"]);
    }
}

pub(super) fn runtime_class(it: &Value, out: &mut Faults) {
    meta::meta(it, false, names::subdomain, out);
    let handler = text(it, "handler");
    out.each("handler", handler, names::label(handler));
    if let Some(overhead) = get(it, "overhead") {
        let fixed = serde_json::json!({ "limits": sub(overhead, "podFixed") });
        resources::requirements(&fixed, resources::Of::Container, &[], "overhead", out);
    }
    if let Some(scheduling) = get(it, "scheduling") {
        meta::labels(scheduling, "nodeSelector", "scheduling.nodeSelector", out);
        placement::tolerations(list(scheduling, "tolerations"), "scheduling.tolerations", out);
    }
}

pub(super) fn disruption_budget(it: &Value, out: &mut Faults) {
    meta::meta(it, true, names::subdomain, out);
    let spec = sub(it, "spec");
    if get(spec, "minAvailable").is_some() && get(spec, "maxUnavailable").is_some() {
        out.invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
    }
    workload::share(spec, "minAvailable", out);
    workload::share(spec, "maxUnavailable", out);
    meta::selector(spec, "selector", "spec.selector", out);
}
