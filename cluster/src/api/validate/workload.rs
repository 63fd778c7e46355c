//! Controllers of pods.

use serde_json::Value;

use super::faults::Faults;
use super::meta::{self, not_negative, selects, template_labels};
use super::{names, pod, storage};
use crate::api::view::{at, get, list, number, sub, text};

const MISMATCH: &str = "`selector` does not match template `labels`";

/// The labels as they stand in a message.
fn shown_labels(spec: &Value) -> Value {
    match template_labels(spec) {
        Value::Object(labels) => Value::Object(labels.clone()),
        _ => Value::Null,
    }
}

/// A selector that must be there and ask for something; whether it can be used to select.
fn selector(spec: &Value, of: &str, invalid: &str, out: &mut Faults) -> bool {
    let Some(it) = get(spec, "selector") else {
        out.required("spec.selector", "");
        return true;
    };
    meta::selector(spec, "selector", "spec.selector", out);
    if meta::is_empty(it) {
        out.invalid("spec.selector", it, &format!("empty selector is invalid for {of}"));
    }
    let usable = selects(it, &Value::Null).is_some();
    if !usable {
        out.invalid("spec.selector", it, invalid);
    }
    usable
}

/// The template of pods that are to be made again and again.
fn template(spec: &Value, kind: &str, out: &mut Faults) {
    let its_selector = sub(spec, "selector");
    if !meta::is_empty(its_selector) && selects(its_selector, template_labels(spec)) == Some(false) {
        out.invalid("spec.template.metadata.labels", &shown_labels(spec), MISMATCH);
    }
    pod::template(sub(spec, "template"), "spec.template", out);
    restarts(spec, kind, out);
}

fn restarts(spec: &Value, kind: &str, out: &mut Faults) {
    let of_pods = at(spec, &["template", "spec"]);
    let policy = text(of_pods, "restartPolicy");
    if policy != "Always" {
        out.unsupported("spec.template.spec.restartPolicy", policy, &["Always"]);
    }
    if get(of_pods, "activeDeadlineSeconds").is_some() {
        let detail = format!("activeDeadlineSeconds in {kind} is not Supported");
        out.forbidden("spec.template.spec.activeDeadlineSeconds", &detail);
    }
}

pub(super) fn deployment(it: &Value, out: &mut Faults) {
    meta::meta(it, true, names::subdomain, out);
    let spec = sub(it, "spec");
    not_negative(spec, "replicas", "spec", out);
    if selector(spec, "deployment", "invalid label selector", out) {
        template(spec, "ReplicaSet", out);
    }
    strategy(sub(spec, "strategy"), out);
    not_negative(spec, "minReadySeconds", "spec", out);
    not_negative(spec, "revisionHistoryLimit", "spec", out);
    if let Some(deadline) = number(spec, "progressDeadlineSeconds") {
        not_negative(spec, "progressDeadlineSeconds", "spec", out);
        if deadline <= number(spec, "minReadySeconds").unwrap_or(0) {
            out.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
        }
    }
}

fn strategy(it: &Value, out: &mut Faults) {
    let path = "spec.strategy";
    match (text(it, "type"), get(it, "rollingUpdate")) {
        ("Recreate", Some(_)) => {
            out.forbidden(format!("{path}.rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'")
        }
        ("Recreate", None) => {}
        ("RollingUpdate", Some(update)) => {
            let path = format!("{path}.rollingUpdate");
            let (unavailable, surge) = (sub(update, "maxUnavailable"), sub(update, "maxSurge"));
            int_or_percent(unavailable, &format!("{path}.maxUnavailable"), out);
            int_or_percent(surge, &format!("{path}.maxSurge"), out);
            if amount(unavailable) == 0 && amount(surge) == 0 {
                let detail = "may not be 0 when `maxSurge` is 0";
                out.invalid(format!("{path}.maxUnavailable"), unavailable, detail);
            }
            at_most_all(unavailable, &format!("{path}.maxUnavailable"), out);
        }
        ("RollingUpdate", None) => {
            out.required(format!("{path}.rollingUpdate"), "this should be defaulted and never be nil");
        }
        _ => out.unsupported(path, it, &["Recreate", "RollingUpdate"]),
    }
}

fn int_or_percent(it: &Value, path: &str, out: &mut Faults) {
    match it {
        Value::String(percent) => {
            if let Some(detail) = names::percent(percent) {
                out.invalid(path, percent, &detail);
            }
        }
        other => {
            if let Some(number) = other.as_i64().filter(|number| *number < 0) {
                out.invalid(path, number, "must be greater than or equal to 0");
            }
        }
    }
}

/// The number, or that of a percentage.
fn amount(it: &Value) -> i64 {
    match it {
        Value::String(text) => text.strip_suffix('%').and_then(|digits| digits.parse().ok()).unwrap_or(0),
        other => other.as_i64().unwrap_or(0),
    }
}

fn at_most_all(it: &Value, path: &str, out: &mut Faults) {
    if it.is_string() && amount(it) > 100 {
        out.invalid(path, it, "must not be greater than 100%");
    }
}

/// A number of pods or a percentage of them.
pub(super) fn share(it: &Value, field: &str, out: &mut Faults) {
    let path = format!("spec.{field}");
    if let Some(it) = get(it, field) {
        int_or_percent(it, &path, out);
        at_most_all(it, &path, out);
    }
}

pub(super) fn replica_set(it: &Value, out: &mut Faults) {
    meta::meta(it, true, names::subdomain, out);
    let spec = sub(it, "spec");
    not_negative(spec, "replicas", "spec", out);
    not_negative(spec, "minReadySeconds", "spec", out);
    // A server has these words for a ReplicaSet too.
    if selector(spec, "deployment", "invalid label selector", out) {
        template(spec, "ReplicaSet", out);
    }
}

pub(super) fn replication_controller(it: &Value, out: &mut Faults) {
    meta::meta(it, true, names::subdomain, out);
    let spec = sub(it, "spec");
    not_negative(spec, "minReadySeconds", "spec", out);
    let labels = serde_json::json!({ "matchLabels": sub(spec, "selector") });
    if meta::is_empty(&labels) {
        out.required("spec.selector", "");
    }
    not_negative(spec, "replicas", "spec", out);
    if get(spec, "template").is_none() {
        return out.required("spec.template", "");
    }
    if !meta::is_empty(&labels) && selects(&labels, template_labels(spec)) == Some(false) {
        out.invalid("spec.template.metadata.labels", &shown_labels(spec), MISMATCH);
    }
    pod::template(sub(spec, "template"), "spec.template", out);
    restarts(spec, "ReplicationController", out);
}

pub(super) fn stateful_set(it: &Value, out: &mut Faults) {
    meta::meta(it, true, names::label, out);
    let spec = sub(it, "spec");
    match text(spec, "podManagementPolicy") {
        "OrderedReady" | "Parallel" => {}
        "" => out.required("spec.podManagementPolicy", ""),
        other => out.invalid("spec.podManagementPolicy", other, "must be 'OrderedReady' or 'Parallel'"),
    }
    let strategy = sub(spec, "updateStrategy");
    match (text(strategy, "type"), get(strategy, "rollingUpdate")) {
        ("OnDelete", Some(update)) => {
            out.invalid("spec.updateStrategy.rollingUpdate", update, "only allowed for updateStrategy 'RollingUpdate'")
        }
        ("RollingUpdate", Some(update)) => {
            not_negative(update, "partition", "spec.updateStrategy.rollingUpdate", out);
            if let Some(unavailable) = get(update, "maxUnavailable") {
                let path = "spec.updateStrategy.rollingUpdate.maxUnavailable";
                int_or_percent(unavailable, path, out);
                if amount(unavailable) == 0 {
                    out.invalid(path, unavailable, "cannot be 0");
                }
                at_most_all(unavailable, path, out);
            }
        }
        ("OnDelete" | "RollingUpdate", None) => {}
        _ => out.invalid("spec.updateStrategy", strategy, "must be 'RollingUpdate' or 'OnDelete'"),
    }
    let retention = sub(spec, "persistentVolumeClaimRetentionPolicy");
    for field in ["whenDeleted", "whenScaled"] {
        let policy = text(retention, field);
        if !["Retain", "Delete"].contains(&policy) {
            let field = format!("spec.persistentVolumeClaimRetentionPolicy.{field}");
            out.unsupported(field, policy, &["Retain", "Delete"]);
        }
    }
    for (i, claim) in list(spec, "volumeClaimTemplates").iter().enumerate() {
        storage::claim_spec(sub(claim, "spec"), &format!("spec.volumeClaimTemplates[{i}].spec"), out);
    }
    not_negative(spec, "replicas", "spec", out);
    not_negative(spec, "minReadySeconds", "spec", out);
    if let Some(start) = number(sub(spec, "ordinals"), "start").filter(|start| *start < 0) {
        out.invalid("spec.ordinals.start", start, "must be greater than or equal to 0");
    }
    let service = text(spec, "serviceName");
    if !service.is_empty() {
        out.each("spec.serviceName", service, names::label(service));
    }
    if selector(spec, "statefulset", "", out) {
        let mut spec = spec.clone();
        claims_as_volumes(&mut spec);
        let its_selector = sub(&spec, "selector");
        if !meta::is_empty(its_selector) && selects(its_selector, template_labels(&spec)) == Some(false) {
            out.invalid("spec.template.metadata.labels", &shown_labels(&spec), MISMATCH);
        }
        pod::template(sub(&spec, "template"), "spec.template", out);
    }
    restarts(spec, "StatefulSet", out);
}

/// A template may mount the claims that are made for its pods.
fn claims_as_volumes(spec: &mut Value) {
    let names: Vec<String> = list(spec, "volumeClaimTemplates")
        .iter()
        .map(|claim| text(sub(claim, "metadata"), "name").to_owned())
        .collect();
    let Some(of_pods) = spec.pointer_mut("/template/spec").and_then(Value::as_object_mut) else { return };
    of_pods.remove("hostname");
    of_pods.remove("subdomain");
    if names.is_empty() {
        return;
    }
    let own = of_pods.get("volumes").and_then(Value::as_array).cloned().unwrap_or_default();
    let claim = |name: &String| serde_json::json!({"name": name, "persistentVolumeClaim": {"claimName": name}});
    let mut volumes: Vec<Value> = names.iter().map(claim).collect();
    volumes.extend(own.into_iter().filter(|volume| !names.iter().any(|name| name == text(volume, "name"))));
    of_pods.insert("volumes".to_owned(), volumes.into());
}

pub(super) fn daemon_set(it: &Value, out: &mut Faults) {
    meta::meta(it, true, names::subdomain, out);
    let spec = sub(it, "spec");
    meta::selector(spec, "selector", "spec.selector", out);
    let its_selector = sub(spec, "selector");
    // What is absent selects nothing.
    let matches = get(spec, "selector").map_or(Some(false), |selector| selects(selector, template_labels(spec)));
    if matches == Some(false) {
        out.invalid("spec.template.metadata.labels", &shown_labels(spec), MISMATCH);
    }
    if its_selector.is_object() && meta::is_empty(its_selector) {
        out.invalid("spec.selector", its_selector, "empty selector is invalid for daemonset");
    }
    pod::template(sub(spec, "template"), "spec.template", out);
    restarts(spec, "DaemonSet", out);
    not_negative(spec, "minReadySeconds", "spec", out);
    let strategy = sub(spec, "updateStrategy");
    match (text(strategy, "type"), get(strategy, "rollingUpdate")) {
        ("OnDelete", _) => {}
        ("RollingUpdate", Some(update)) => daemon_update(update, out),
        ("RollingUpdate", None) => out.required("spec.updateStrategy.rollingUpdate", ""),
        _ => out.unsupported("spec.updateStrategy", strategy, &["RollingUpdate", "OnDelete"]),
    }
    not_negative(spec, "revisionHistoryLimit", "spec", out);
}

fn daemon_update(it: &Value, out: &mut Faults) {
    let path = "spec.updateStrategy.rollingUpdate";
    let (unavailable, surge) = (sub(it, "maxUnavailable"), sub(it, "maxSurge"));
    for check in [int_or_percent, at_most_all] {
        check(unavailable, &format!("{path}.maxUnavailable"), out);
        check(surge, &format!("{path}.maxSurge"), out);
    }
    match (amount(unavailable) != 0, amount(surge) != 0) {
        (true, true) => {
            out.invalid(format!("{path}.maxSurge"), surge, "may not be set when maxUnavailable is non-zero");
        }
        (false, false) => out.required(format!("{path}.maxUnavailable"), "cannot be 0 when maxSurge is 0"),
        _ => {}
    }
}

pub(super) fn job(it: &Value, out: &mut Faults) {
    meta::meta(it, true, names::subdomain, out);
    let spec = sub(it, "spec");
    job_spec(spec, "spec", out);
    // Without manualSelector the server makes the selector, and puts its labels into the template.
    if sub(spec, "manualSelector") == &Value::Bool(true) {
        match get(spec, "selector") {
            None => out.required("spec.selector", ""),
            Some(its_selector) => {
                meta::selector(spec, "selector", "spec.selector", out);
                if selects(its_selector, template_labels(spec)) == Some(false) {
                    out.invalid("spec.template.metadata.labels", &shown_labels(spec), MISMATCH);
                }
            }
        }
    } else if let Some(its_selector) = get(spec, "selector") {
        out.invalid("spec.selector", its_selector, "`selector` not auto-generated");
    }
    let completions = number(spec, "completions").unwrap_or(0);
    if text(spec, "completionMode") == "Indexed" && completions > 0 {
        let name = text(sub(it, "metadata"), "name");
        let last = format!("{name}-{}", completions - 1);
        if !names::label(&last).is_empty() {
            let detail = format!("will not able to create pod with invalid DNS label: {last}");
            out.invalid("metadata.name", name, &detail);
        }
    }
}

fn job_spec(spec: &Value, path: &str, out: &mut Faults) {
    let field = |name: &str| format!("{path}.{name}");
    for name in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        not_negative(spec, name, path, out);
    }
    let of = |name: &str| number(spec, name);
    match text(spec, "completionMode") {
        "Indexed" => {
            if of("completions").is_none() {
                out.required(field("completions"), "when completion mode is Indexed");
            }
            if let Some(parallelism) = of("parallelism").filter(|n| *n > 100_000) {
                let detail = "must be less than or equal to 100000 when completion mode is Indexed";
                out.invalid(field("parallelism"), parallelism, detail);
            }
        }
        "NonIndexed" => {
            for name in ["backoffLimitPerIndex", "maxFailedIndexes"] {
                if let Some(number) = of(name) {
                    out.invalid(field(name), number, "requires indexed completion mode");
                }
            }
        }
        other => out.unsupported(field("completionMode"), other, &["NonIndexed", "Indexed"]),
    }
    let replaced = text(spec, "podReplacementPolicy");
    let legal: &[&str] =
        if get(spec, "podFailurePolicy").is_some() { &["Failed"] } else { &["Failed", "TerminatingOrFailed"] };
    if !legal.contains(&replaced) {
        out.unsupported(field("podReplacementPolicy"), replaced, legal);
    }
    pod::template(sub(spec, "template"), &field("template"), out);
    let restart = text(at(spec, &["template", "spec"]), "restartPolicy");
    let at = field("template.spec.restartPolicy");
    match restart {
        "Always" | "" => out.required(at, "valid values: \"OnFailure\", \"Never\""),
        "OnFailure" if get(spec, "podFailurePolicy").is_some() => {
            out.invalid(at, restart, "only \"Never\" is supported when podFailurePolicy is specified");
        }
        "OnFailure" | "Never" => {}
        other => out.unsupported(at, other, &["OnFailure", "Never"]),
    }
}

pub(super) fn cron_job(it: &Value, out: &mut Faults) {
    meta::meta(it, true, names::subdomain, out);
    let spec = sub(it, "spec");
    if text(spec, "schedule").is_empty() {
        out.required("spec.schedule", "");
    }
    not_negative(spec, "startingDeadlineSeconds", "spec", out);
    let policy = text(spec, "concurrencyPolicy");
    if !["Allow", "Forbid", "Replace"].contains(&policy) {
        out.unsupported("spec.concurrencyPolicy", policy, &["Allow", "Forbid", "Replace"]);
    }
    let of_job = at(spec, &["jobTemplate", "spec"]);
    job_spec(of_job, "spec.jobTemplate.spec", out);
    if let Some(selector) = get(of_job, "selector") {
        out.invalid("spec.jobTemplate.spec.selector", selector, "`selector` will be auto-generated");
    }
    not_negative(spec, "successfulJobsHistoryLimit", "spec", out);
    not_negative(spec, "failedJobsHistoryLimit", "spec", out);
    let name = text(sub(it, "metadata"), "name");
    if name.len() > 52 {
        out.invalid("metadata.name", name, "must be no more than 52 characters");
    }
}
