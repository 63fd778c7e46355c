//! JSON for programs: `apiVersion: bayplan/v1`. Keys are added within a version, never taken away or changed.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::summary::{Summary, parts};
use crate::attempt::{Decision, Explanation};
use crate::plan::{Eviction, Fit, Placements};
use crate::simulate::{Applied, Simulated};

/// The version of the documents.
pub const API_VERSION: &str = "bayplan/v1";

/// `kind: Placements`.
#[must_use]
pub fn placements(placements: &Placements) -> Value {
    decisions(&placements.decisions, &placements.evictions, &placements.warnings, &placements.left_out)
}

/// `kind: Placements` of decisions that were made one by one.
#[must_use]
pub fn decisions(decisions: &[Decision], evictions: &[Eviction], warnings: &[String], left_out: &[String]) -> Value {
    json!({
        "apiVersion": API_VERSION,
        "kind": "Placements",
        "summary": summary(decisions, evictions.len()),
        "items": decisions.iter().map(decision).collect::<Vec<_>>(),
        "evictions": evictions,
        "warnings": warnings,
        "leftOut": left_out,
    })
}

fn summary(decisions: &[Decision], evicted: usize) -> Value {
    let summary = Summary::of(decisions);
    json!({
        "pods": summary.total(),
        "placed": summary.placed,
        "nodes": summary.nodes,
        "pending": summary.pending,
        "gated": summary.gated,
        "ignored": summary.ignored,
        "evicted": evicted,
    })
}

/// `kind: Simulation`.
#[must_use]
pub fn simulation(simulated: &Simulated) -> Value {
    let applied = simulated.applied.iter().filter_map(Applied::result);
    let applied = applied.map(|(kind, name, result)| json!({ "kind": kind.name(), "name": name, "result": result }));
    let gone = simulated.gone.iter().map(|gone| {
        let node = (!gone.node.is_empty()).then_some(&gone.node);
        json!({ "pod": gone.pod, "node": node, "why": gone.why, "by": gone.by })
    });
    let evicted = simulated.gone.iter().filter(|gone| gone.why == "Preempted" || gone.why == "TaintEviction").count();
    json!({
        "apiVersion": API_VERSION,
        "kind": "Simulation",
        "summary": summary(&simulated.decisions, evicted),
        "changes": simulated.changes,
        "applied": applied.collect::<Vec<_>>(),
        "drains": simulated.drains.iter().map(super::whatif::drain_json).collect::<Vec<_>>(),
        "totals": super::whatif::totals_json(&simulated.totals()),
        "workloads": simulated.workloads.iter().map(super::whatif::workload_json).collect::<Vec<_>>(),
        "before": super::whatif::utilisation_json(&simulated.before),
        "after": super::whatif::utilisation_json(&simulated.after),
        "items": simulated.decisions.iter().map(decision).collect::<Vec<_>>(),
        "gone": gone.collect::<Vec<_>>(),
        "warnings": simulated.warnings,
        "leftOut": simulated.left_out,
    })
}

/// One decision, every key there: an entry of `items`.
#[must_use]
pub fn decision(decision: &Decision) -> Value {
    let mut value = serde_json::to_value(decision).unwrap_or_default();
    let Some(map) = value.as_object_mut() else { return value };
    let (namespace, name) = parts(&decision.pod);
    let always = [
        ("namespace", json!(namespace)),
        ("name", json!(name)),
        ("node", Value::Null),
        ("message", json!("")),
        ("preemption", Value::Null),
        ("notApplied", json!([])),
        ("missing", json!([])),
        ("volumeTies", json!([])),
    ];
    for (key, default) in always {
        map.entry(key).or_insert(default);
    }
    let about = decision.about.as_ref();
    map.insert("workload".to_owned(), json!(about.map(|about| &about.workload)));
    map.insert("zone".to_owned(), json!(about.and_then(|about| about.zone.as_ref())));
    map.insert("priority".to_owned(), json!(about.map(|about| about.priority)));
    map.insert("cpu".to_owned(), json!(about.map(|about| about.milli_cpu as f64 / 1000.0)));
    map.insert("memory".to_owned(), json!(about.map(|about| about.memory)));
    value
}

/// `kind: Explanation`.
#[must_use]
pub fn explanation(explanation: &Explanation) -> Value {
    let nodes = |f: &dyn Fn(&Arc<str>) -> Value, names: &mut dyn Iterator<Item = &Arc<str>>| {
        names.map(|name| (name.to_string(), f(name))).collect::<Map<String, Value>>()
    };
    let rejected = nodes(
        &|name| {
            let verdict = &explanation.filtered[name];
            let all = explanation.all_reasons.get(name).into_iter().flatten();
            json!({
                "rule": verdict.plugin,
                "code": verdict.code,
                "reasons": verdict.reasons,
                "details": verdict.details,
                "all": all.map(|(rule, reasons)| json!({ "rule": rule, "reasons": reasons })).collect::<Vec<_>>(),
            })
        },
        &mut explanation.filtered.keys(),
    );
    json!({
        "apiVersion": API_VERSION,
        "kind": "Explanation",
        "decision": decision(&explanation.decision),
        "preFilter": explanation.pre_filter.as_ref().map(|rejected| {
            json!({
                "rule": rejected.plugin,
                "code": rejected.code,
                "reason": rejected.reason,
                "details": rejected.details,
            })
        }),
        "rejected": rejected,
        "feasible": explanation.feasible,
        "scores": explanation.scores,
        "totals": explanation.totals,
        "best": explanation.best,
        "stopped": [],
        "nearest": [],
        "remedies": [],
    })
}

/// `kind: Fit`.
#[must_use]
pub fn fit(fit: &Fit) -> Value {
    let by_node = fit.by_node.iter().map(|(node, replicas)| json!({ "node": node, "replicas": replicas }));
    let reasons = fit.reasons.iter().map(|(reason, nodes)| json!({ "reason": reason, "nodes": nodes }));
    json!({
        "apiVersion": API_VERSION,
        "kind": "Fit",
        "replicas": fit.replicas,
        "limitReached": fit.limit_reached,
        "byNode": by_node.collect::<Vec<_>>(),
        "evictions": fit.evictions,
        "stoppedBy": fit.stopped_by.as_ref().map(decision),
        "reasons": reasons.collect::<Vec<_>>(),
        "notApplied": fit.not_applied,
        "refused": fit.refused,
        "warnings": fit.warnings,
        "leftOut": fit.left_out,
    })
}
