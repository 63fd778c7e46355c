//! What a cluster has, and how much more of several workloads it can take.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::answer::Answer;
use super::json::{API_VERSION, decision};
use super::page::{NONE, Page};
use super::summary::nodes as count_nodes;
use super::table::Table;
use super::units;
use super::whatif::utilisation_json;
use crate::attempt::Outcome;
use crate::inventory::{Group, NodeRow, PodRow, WorkloadRow};
use crate::simulate::Amount;
use crate::whatif::{Bundle, Fitted, Together};

/// The nodes, or with groups the sums by a label.
#[must_use]
pub fn nodes(rows: &[NodeRow], by: Option<(&str, &[Group])>) -> Answer {
    let document = json!({
        "apiVersion": API_VERSION,
        "kind": "Nodes",
        "by": by.map(|(by, _)| by),
        "items": rows.iter().map(node_json).collect::<Vec<_>>(),
        "groups": by.map(|(_, groups)| groups.iter().map(group_json).collect::<Vec<_>>()),
    });
    let page = |is_wide: bool| match by {
        Some((by, groups)) => groups_page(by, groups, is_wide),
        None => nodes_page(rows, is_wide),
    };
    Answer::new(document, page(false), page(true)).with_table(match by {
        Some((_, groups)) => group_rows(groups),
        None => node_rows(rows),
    })
}

/// Amounts as plain numbers, a column each.
fn numbers(header: &mut Vec<String>, names: &[&str], what: &[&str]) {
    for name in names {
        header.extend(what.iter().map(|what| format!("{name} {what}")));
    }
}

fn plain(name: &str, amount: i64) -> String {
    units::number(name, amount).to_string()
}

fn node_rows(rows: &[NodeRow]) -> Page {
    let names = shown(rows.iter().map(|row| &row.resources), true);
    let mut header: Vec<String> = ["name", "zone", "type", "pods", "ready", "cordoned"].map(str::to_owned).to_vec();
    numbers(&mut header, &names, &["allocatable", "requested", "free"]);
    let rows = rows.iter().map(|row| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let mut cells = vec![row.name.clone(), text(&row.zone), text(&row.instance_type), row.pods.to_string()];
        cells.extend([row.is_ready.to_string(), row.is_cordoned.to_string()]);
        for name in &names {
            let of = row.resources.get(*name).copied().unwrap_or_default();
            cells.extend(
                [of.allocatable, of.requested, of.allocatable - of.requested].map(|amount| plain(name, amount)),
            );
        }
        cells
    });
    Page::of_table(header, rows.collect(), Vec::new())
}

fn group_rows(groups: &[Group]) -> Page {
    let names = shown(groups.iter().map(|group| &group.resources), true);
    let mut header: Vec<String> = ["name", "nodes", "pods"].map(str::to_owned).to_vec();
    numbers(&mut header, &names, &["allocatable", "requested", "free", "largest hole"]);
    let rows = groups.iter().map(|group| {
        let mut cells = vec![group.value.clone().unwrap_or_default(), group.nodes.to_string(), group.pods.to_string()];
        for name in &names {
            let of = group.resources.get(*name).copied().unwrap_or_default();
            let largest = group.largest_free.get(*name).copied().unwrap_or_default();
            let amounts = [of.allocatable, of.requested, of.allocatable - of.requested, largest];
            cells.extend(amounts.map(|amount| plain(name, amount)));
        }
        cells
    });
    Page::of_table(header, rows.collect(), Vec::new())
}

fn amounts_json(resources: &BTreeMap<String, Amount>) -> Value {
    let amounts = resources.iter().map(|(name, all)| {
        let free = all.allocatable.saturating_sub(all.requested);
        let value = json!({
            "allocatable": units::number(name, all.allocatable), "requested": units::number(name, all.requested),
            "free": units::number(name, free), "share": all.share(),
        });
        (name.clone(), value)
    });
    Value::Object(amounts.collect())
}

fn node_json(row: &NodeRow) -> Value {
    json!({
        "name": row.name, "zone": row.zone, "instanceType": row.instance_type, "pods": row.pods, "ready": row.is_ready,
        "cordoned": row.is_cordoned, "taints": row.taints, "labels": row.labels, "resources": amounts_json(&row.resources),
    })
}

fn group_json(group: &Group) -> Value {
    let largest = group.largest_free.iter().map(|(name, amount)| (name.clone(), units::number(name, *amount)));
    json!({
        "name": group.value, "nodes": group.nodes, "pods": group.pods, "resources": amounts_json(&group.resources),
        "largestFree": largest.collect::<serde_json::Map<_, _>>(),
    })
}

/// The resources that some row has, in the order of their names, those that are seldom asked about left out.
fn shown<'r>(resources: impl Iterator<Item = &'r BTreeMap<String, Amount>>, is_wide: bool) -> Vec<&'r str> {
    let names: BTreeSet<&str> = resources.flat_map(|resources| resources.keys().map(String::as_str)).collect();
    names.into_iter().filter(|name| (is_wide || units::is_shown(name)) && *name != "pods").collect()
}

/// `5.2 of 8`
fn of(name: &str, amount: Option<&Amount>) -> String {
    amount.map_or_else(
        || NONE.to_owned(),
        |all| format!("{} of {}", units::amount(name, all.requested), units::amount(name, all.allocatable)),
    )
}

fn free(name: &str, amount: Option<&Amount>) -> String {
    amount.map_or_else(|| NONE.to_owned(), |all| units::amount(name, all.allocatable.saturating_sub(all.requested)))
}

fn nodes_page(rows: &[NodeRow], is_wide: bool) -> Page {
    let names = shown(rows.iter().map(|row| &row.resources), is_wide);
    let mut header = vec!["NAME".to_owned(), "STATUS".to_owned(), "ZONE".to_owned(), "PODS".to_owned()];
    for name in &names {
        let short = name.rsplit('/').next().unwrap_or(name).to_uppercase();
        header.push(short.clone());
        header.push(if is_wide { format!("{short} FREE") } else { "FREE".to_owned() });
    }
    if is_wide {
        header.extend(["TYPE".to_owned(), "TAINTS".to_owned()]);
    }
    let mut table = Table::new(header);
    for row in rows {
        let ready = if row.is_ready { "Ready" } else { "NotReady" };
        let status = if row.is_cordoned { format!("{ready},SchedulingDisabled") } else { ready.to_owned() };
        let most = row.resources.get("pods").map_or(0, |pods| pods.allocatable);
        let zone = row.zone.clone().unwrap_or_else(|| NONE.to_owned());
        let mut cells = vec![row.name.clone(), status, zone, format!("{} of {most}", row.pods)];
        for name in &names {
            cells.push(of(name, row.resources.get(*name)));
            cells.push(free(name, row.resources.get(*name)));
        }
        if is_wide {
            cells.push(row.instance_type.clone().unwrap_or_else(|| NONE.to_owned()));
            cells.push(row.taints.join(" "));
        }
        table.row(cells);
    }
    let mut page = Page::default();
    page.table(table);
    let closed: Vec<&str> =
        rows.iter().filter(|row| row.is_cordoned || !row.is_ready).map(|row| row.name.as_str()).collect();
    if !closed.is_empty() {
        page.line(format!(
            "What is free on {} is of no use: no pod comes there.",
            crate::whatif::folded(closed).join(", ")
        ));
    }
    page
}

fn groups_page(by: &str, groups: &[Group], is_wide: bool) -> Page {
    let names = shown(groups.iter().map(|group| &group.resources), is_wide);
    let mut header = vec![by.rsplit('/').next().unwrap_or(by).to_uppercase(), "NODES".to_owned(), "PODS".to_owned()];
    for name in &names {
        let short = name.rsplit('/').next().unwrap_or(name).to_uppercase();
        let of = |what: &str| if is_wide { format!("{short} {what}") } else { what.to_owned() };
        header.extend([short.clone(), of("FREE"), of("LARGEST HOLE")]);
    }
    let mut table = Table::new(header);
    for group in groups {
        let value = group.value.clone().unwrap_or_else(|| NONE.to_owned());
        let mut cells = vec![value, group.nodes.to_string(), group.pods.to_string()];
        for name in &names {
            cells.push(of(name, group.resources.get(*name)));
            cells.push(free(name, group.resources.get(*name)));
            cells
                .push(group.largest_free.get(*name).map_or_else(|| NONE.to_owned(), |most| units::amount(name, *most)));
        }
        table.row(cells);
    }
    let mut page = Page::default();
    page.table(table);
    page
}

/// `kind: Inventory`: nodes, pods and workloads as rows.
#[must_use]
pub fn inventory(nodes: &[NodeRow], pods: &[PodRow], workloads: &[WorkloadRow]) -> Value {
    let pods = pods.iter().map(|pod| {
        json!({
            "namespace": pod.namespace, "name": pod.name, "node": pod.node, "workload": format!("{}/{}", pod.workload.0, pod.workload.1),
            "priority": pod.priority, "cpu": units::number("cpu", pod.cpu), "memory": pod.memory,
        })
    });
    let workloads = workloads.iter().map(|row| {
        json!({
            "namespace": row.namespace, "name": row.name, "kind": row.kind.name(), "wanted": row.wanted, "ready": row.ready,
            "pending": row.pending, "priority": row.priority, "cpu": units::number("cpu", row.cpu), "memory": row.memory,
        })
    });
    json!({
        "apiVersion": API_VERSION,
        "kind": "Inventory",
        "nodes": nodes.iter().map(node_json).collect::<Vec<_>>(),
        "pods": pods.collect::<Vec<_>>(),
        "workloads": workloads.collect::<Vec<_>>(),
    })
}

/// How many more of several workloads fit.
#[must_use]
pub fn bundle(bundle: &Bundle) -> Answer {
    let item = |item: &Fitted| {
        json!({
            "workload": item.workload, "count": item.count, "replicas": item.replicas, "limitReached": item.limit_reached,
            "stoppedBy": item.stopped_by.as_ref().map(decision), "refused": item.refused, "notApplied": item.not_applied,
            "reasons": item.reasons.iter().map(|(reason, nodes)| json!({ "reason": reason, "nodes": nodes })).collect::<Vec<_>>(),
        })
    };
    let stranded = bundle.stranded.iter().map(|(name, amount)| (name.clone(), units::number(name, *amount)));
    let document = json!({
        "apiVersion": API_VERSION,
        "kind": "FitSeveral",
        "together": match bundle.together {
            Together::Apart => "apart",
            Together::InTurn => "in-turn",
            Together::Bundle => "bundle",
        },
        "bundles": bundle.bundles,
        "items": bundle.items.iter().map(item).collect::<Vec<_>>(),
        "before": utilisation_json(&bundle.before),
        "after": bundle.after.as_ref().map(utilisation_json),
        "stranded": stranded.collect::<serde_json::Map<_, _>>(),
        "warnings": bundle.warnings,
        "leftOut": bundle.left_out,
    });
    let page = |is_wide| bundle_page(bundle, is_wide);
    Answer::new(document, page(false), page(true))
}

fn bundle_page(bundle: &Bundle, is_wide: bool) -> Page {
    let mut page = Page::default();
    match (bundle.together, bundle.bundles) {
        (Together::Bundle, Some(bundles)) => {
            let parts = bundle.items.iter().map(|item| format!("{} {}", item.count, short(&item.workload)));
            page.line(format!("{bundles} times {} fit.", parts.collect::<Vec<_>>().join(" + ")));
        }
        (Together::Apart, _) => page.line("So many more replicas of each fit, as long as none of the others comes:"),
        _ => page.line("So many more replicas fit, each after those above it:"),
    }
    page.gap();
    let mut table = Table::new(["WORKLOAD", "REPLICAS", "WHAT STOPS THE NEXT"]);
    for item in &bundle.items {
        let stop = match (&item.stopped_by, &item.refused) {
            (_, Some(refused)) => refused.clone(),
            (Some(_), _) if !is_wide && !item.reasons.is_empty() => {
                let reasons = item.reasons.iter().take(3).map(|(reason, nodes)| format!("{nodes} {reason}"));
                reasons.collect::<Vec<_>>().join(", ")
            }
            (Some(stopped), _) => stopped.event(),
            (None, None) if item.limit_reached => "the limit; ask with a higher one for more".to_owned(),
            (None, None) => "another of the bundle".to_owned(),
        };
        let many = if item.limit_reached { format!("{}+", item.replicas) } else { item.replicas.to_string() };
        table.row(vec![short(&item.workload).to_owned(), many, stop]);
    }
    page.table(table);
    page.gap();
    if let Some(after) = &bundle.after {
        page.line(format!("Requested then, on {}: {}.", count_nodes(after.nodes), units::utilisation(after)));
        let free = bundle.stranded.iter().filter(|(name, _)| units::is_shown(name));
        let free: Vec<String> = free.map(|(name, amount)| format!("{} {name}", units::amount(name, *amount))).collect();
        page.line(format!("Stranded, so that no further one can use it: {}.", free.join(", ")));
    }
    for rule in bundle.items.iter().flat_map(|item| &item.not_applied).collect::<BTreeSet<_>>() {
        page.line(format!("rule not applied: {}: {}; the real scheduler may decide otherwise", rule.rule, rule.why));
    }
    bundle.warnings.iter().for_each(|warning| page.line(format!("warning: {warning}")));
    page
}

/// `shop/web` of `Deployment shop/web`.
fn short(workload: &str) -> &str {
    workload.split_once(' ').map_or(workload, |(_, name)| name)
}

/// Whom a pod would evict: every node on which that helps, the best first.
#[must_use]
pub fn preemption(
    decision: &crate::attempt::Decision,
    weighed: &crate::attempt::DryRun,
    cluster: &crate::Cluster,
) -> Answer {
    let best: BTreeSet<&str> = weighed.best.iter().map(String::as_str).collect();
    let chosen = weighed.preemption.as_ref().and_then(|preemption| preemption.node.as_deref());
    let mut candidates: Vec<_> = weighed.candidates.iter().collect();
    candidates.sort_by_key(|candidate| {
        let node = candidate.node.as_str();
        (Some(node) != chosen, !best.contains(node), candidate.violations, candidate.victims.len())
    });
    let priority = |pod: &str| cluster.pod(pod).map(|pod| cluster.priority_of(pod));
    let of_candidate = |candidate: &&crate::attempt::Candidate| {
        let victims = candidate.victims.iter().map(|victim| json!({ "pod": victim, "priority": priority(victim) }));
        json!({
            "node": candidate.node, "victims": victims.collect::<Vec<_>>(), "violations": candidate.violations,
            "best": best.contains(candidate.node.as_str()),
        })
    };
    let document = json!({
        "apiVersion": API_VERSION,
        "kind": "PreemptionPreview",
        "pod": decision.pod,
        "decision": self::decision(decision),
        "node": chosen,
        "candidates": candidates.iter().map(of_candidate).collect::<Vec<_>>(),
    });
    let page = |is_wide: bool| {
        let mut page = Page::default();
        page.line(match (&decision.node, chosen) {
            (Some(node), _) => format!("Pod {} fits on node {node}: nobody is evicted.", decision.pod),
            (None, Some(node)) => {
                let victims = candidates.first().map_or(0, |candidate| candidate.victims.len());
                let ties = best.len();
                let others = if ties > 1 {
                    format!("; {ties} nodes are as good, and kube-scheduler takes one of them by chance")
                } else {
                    String::new()
                };
                format!("Pod {} would evict {} from node {node}{others}.", decision.pod, super::summary::pods(victims))
            }
            (None, None) if decision.outcome != Outcome::Unschedulable => {
                format!("Pod {} waits for no node.", decision.pod)
            }
            (None, None) => format!("Pod {} fits nowhere, and no eviction helps.", decision.pod),
        });
        if decision.node.is_none() {
            page.line(decision.event());
        }
        if candidates.is_empty() {
            return page;
        }
        let mut table = Table::new(["NODE", "VICTIMS", "AGAINST BUDGETS", "WHO (PRIORITY)"]);
        let shown = if is_wide { candidates.len() } else { candidates.len().min(10) };
        for candidate in candidates.iter().take(shown) {
            let many = if is_wide { candidate.victims.len() } else { 4 };
            let who = candidate.victims.iter().take(many).map(|victim| {
                format!(
                    "{victim} ({})",
                    priority(victim).map_or_else(|| NONE.to_owned(), |priority| priority.to_string())
                )
            });
            let mut who = who.collect::<Vec<_>>().join(", ");
            if candidate.victims.len() > many {
                who += &format!(" and {} more", candidate.victims.len() - many);
            }
            let mark = if best.contains(candidate.node.as_str()) { " *" } else { "" };
            table.row(vec![
                format!("{}{mark}", candidate.node),
                candidate.victims.len().to_string(),
                candidate.violations.to_string(),
                who,
            ]);
        }
        page.gap();
        page.table(table);
        if shown < candidates.len() {
            page.line(format!("… and {} more nodes on which it helps; -o wide shows all", candidates.len() - shown));
        }
        page
    };
    Answer::new(document, page(false), page(true))
}
