//! What each answer says to people, line by line and table by table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::page::{NONE, Page};
use super::summary::{Summary, nodes, parts, pods, status};
use super::table::Table;
use super::units;
use crate::attempt::{Decision, Explanation, NotApplied, Outcome, Preemption};
use crate::plan::{Eviction, Fit};
use crate::simulate::{Applied, Gone, Simulated};

/// Where pods landed, a row a pod, and why others did not.
#[must_use]
pub fn decisions(decisions: &[Decision], evictions: &[Eviction], warnings: &[String]) -> Page {
    placements(decisions, evictions, warnings, placement_table)
}

/// The same, a row a workload; of pods that nobody controls, or of which nothing is known beside, a row each.
#[must_use]
pub fn by_workload(decisions: &[Decision], evictions: &[Eviction], warnings: &[String]) -> Page {
    let is_known = decisions.iter().all(|decision| decision.about.is_some());
    let is_alone =
        |decision: &Decision| decision.about.as_ref().is_some_and(|about| about.workload.starts_with("Pod/"));
    let by_pod = !is_known || decisions.iter().all(is_alone);
    placements(decisions, evictions, warnings, if by_pod { placement_table } else { workload_table })
}

fn placements(
    decisions: &[Decision],
    evictions: &[Eviction],
    warnings: &[String],
    table: fn(&[Decision], &Summary) -> Table,
) -> Page {
    let summary = Summary::of(decisions);
    let mut page = Page::default();
    if !evictions.is_empty() {
        page.line(evicts(evictions));
        page.gap();
    }
    if !decisions.is_empty() {
        page.table(table(decisions, &summary));
        page.gap();
    }
    if !evictions.is_empty() {
        page.table(eviction_table(evictions));
        page.gap();
    }
    page.line(summary.sentence());
    page.append(remarks(&summary, warnings, true));
    page
}

/// Why pods are not placed, and what is to be known.
fn remarks(summary: &Summary, warnings: &[String], is_numbered: bool) -> Page {
    let mut page = Page::default();
    for (number, (message, of)) in summary.messages.iter().enumerate() {
        page.line(match (is_numbered, of.len()) {
            (true, _) => format!("({}) {}: {message}", number + 1, pods(of.len())),
            (false, 1) => format!("{}: {message}", of[0]),
            (false, many) => format!("{} and {} more: {message}", of[0], many - 1),
        });
    }
    if let Some((_, of)) = summary.messages.first() {
        page.line(format!("For each node's verdict, ask why of a pod, as of {}.", of[0]));
    }
    for (rule, of) in &summary.not_applied {
        page.line(not_applied(rule, &format!(" ({}, first: {})", pods(of.len()), of[0])));
    }
    for (object, of) in &summary.missing {
        page.line(missing(object, &format!(" ({}, first: {})", pods(of.len()), of[0])));
    }
    for warning in warnings {
        page.line(format!("warning: {warning}"));
    }
    page
}

/// What was applied, a line each.
pub(super) fn applied(applied: &[Applied], page: &mut Page) {
    let before = page.len();
    for (kind, name, result) in applied.iter().filter_map(Applied::result) {
        page.line(format!("{kind} {name} {result}"));
    }
    if page.len() > before {
        page.gap();
    }
}

/// The pods that went.
pub(super) fn gone(gone: &[Gone]) -> Page {
    let mut page = Page::default();
    if !gone.is_empty() {
        let mut table = Table::new(["GONE", "NODE", "WHY", "BY"]);
        for gone in gone {
            let node = if gone.node.is_empty() { NONE } else { &gone.node };
            let by = gone.by.clone().unwrap_or_else(|| NONE.to_owned());
            table.row(vec![gone.pod.clone(), node.to_owned(), gone.why.to_owned(), by]);
        }
        page.table(table);
        page.gap();
    }
    page
}

/// The sums of a simulation, and why pods wait; with all of its pods where that is asked for.
pub(super) fn pods_of(simulated: &Simulated, is_wide: bool) -> Page {
    let summary = Summary::of(&simulated.decisions);
    let mut page = Page::default();
    if is_wide && !simulated.decisions.is_empty() {
        page.table(placement_table(&simulated.decisions, &summary));
        page.gap();
    }
    page.line(super::whatif::totals(&simulated.totals()));
    page.line(summary.sentence());
    page.append(remarks(&summary, &simulated.warnings, is_wide));
    page
}

/// `2 pods of lower priority are evicted to make room for 1 pod.`
fn evicts(evictions: &[Eviction]) -> String {
    let by: BTreeSet<&str> = evictions.iter().map(|eviction| eviction.by.as_str()).collect();
    let (count, is_are) = (evictions.len(), if evictions.len() == 1 { "is" } else { "are" });
    format!("{} of lower priority {is_are} evicted to make room for {}.", pods(count), pods(by.len()))
}

fn eviction_table(evictions: &[Eviction]) -> Table {
    let mut table = Table::new(["EVICTED", "PRIORITY", "NODE", "BY", "COMES AGAIN AS"]);
    for eviction in evictions {
        let Eviction { pod, node, priority, by, replaced_by } = eviction;
        let again = replaced_by.clone().unwrap_or_else(|| NONE.to_owned());
        table.row(vec![pod.clone(), priority.to_string(), node.clone(), by.clone(), again]);
    }
    table
}

/// A row a workload, in the order in which their first pods were decided for.
fn workload_table(decisions: &[Decision], summary: &Summary) -> Table {
    let mut rows: Vec<(String, Vec<&Decision>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for decision in decisions {
        let Some(about) = &decision.about else { continue };
        let (namespace, _) = parts(&decision.pod);
        let (_, name) = about.workload.split_once('/').unwrap_or_default();
        let at = *places.entry(format!("{namespace}/{}", about.workload)).or_insert_with(|| {
            rows.push((format!("{namespace}/{name}"), Vec::new()));
            rows.len() - 1
        });
        rows[at].1.push(decision);
    }
    let mut table = Table::new(["WORKLOAD", "PLACED", "NODES", "ZONES", "PRIORITY", "CPU", "MEMORY", "REASON"]);
    for (name, of) in rows {
        let about = || of.iter().filter_map(|decision| decision.about.as_ref());
        let placed = of.iter().filter(|decision| decision.outcome == Outcome::Scheduled).count();
        let nodes: BTreeSet<&str> = of.iter().filter_map(|decision| decision.node.as_deref()).collect();
        let zones: BTreeSet<&str> = about().filter_map(|about| about.zone.as_deref()).collect();
        let why =
            summary.messages.iter().enumerate().filter(|(_, (_, pods))| of.iter().any(|one| pods.contains(&one.pod)));
        let why: Vec<String> = why.map(|(number, _)| format!("({})", number + 1)).collect();
        table.row(vec![
            name,
            format!("{placed}/{}", of.len()),
            nodes.len().to_string(),
            zones.len().to_string(),
            about().map(|about| about.priority).max().unwrap_or(0).to_string(),
            units::amount("cpu", about().map(|about| about.milli_cpu).sum()),
            units::amount("memory", about().map(|about| about.memory).sum()),
            why.join(" "),
        ]);
    }
    table
}

fn placement_table(decisions: &[Decision], summary: &Summary) -> Table {
    let mut table = Table::new(["NAMESPACE", "NAME", "STATUS", "NODE", "SCORE", "TIES", "REASON"]);
    for decision in decisions {
        let (namespace, name) = parts(&decision.pod);
        let reason = summary.messages.iter().position(|(message, _)| *message == decision.event());
        let (score, ties, reason) = match decision.outcome {
            // Where one node alone would do, nothing is scored.
            Outcome::Scheduled if decision.feasible == 1 => (NONE.to_owned(), decision.ties.to_string(), String::new()),
            Outcome::Scheduled => (decision.score.to_string(), decision.ties.to_string(), String::new()),
            _ => (NONE.to_owned(), NONE.to_owned(), reason.map_or(String::new(), |number| format!("({})", number + 1))),
        };
        let node = decision.node.clone().unwrap_or_else(|| NONE.to_owned());
        let status = status(decision.outcome).to_owned();
        table.row(vec![namespace.to_owned(), name.to_owned(), status, node, score, ties, reason]);
    }
    table
}

/// Why a pod goes where it goes; `on` is the node that it was taken off to be decided again.
#[must_use]
pub fn explanation(explanation: &Explanation, on: Option<&str>) -> Page {
    let decision = &explanation.decision;
    let mut page = explanation_head(explanation, on);
    for table in [rejections(explanation), verdicts(explanation)].into_iter().filter(|table| !table.body().is_empty()) {
        page.gap();
        page.table(table);
    }
    scores(explanation, &mut page);
    let hint = match (decision.outcome, explanation.pre_filter.is_some()) {
        (Outcome::Unschedulable, false) if !explanation.filtered.is_empty() => {
            "To place the pod, relax the rule that rejects the most nodes, or make room on a node that only that rule rejects."
        }
        (Outcome::Gated, _) => "The scheduler looks at the pod once the gates are removed from spec.schedulingGates.",
        (Outcome::Ignored, _) if decision.message.contains("no profile") => {
            "To have it placed here, give the configuration a profile of that scheduler name."
        }
        _ => "",
    };
    if !hint.is_empty() {
        page.gap();
        page.line(hint);
    }
    explanation_remarks(explanation, &mut page);
    page
}

/// Where the pod goes, or the event's words; whom it would evict, and what rejects it before any node is looked at.
pub(super) fn explanation_head(explanation: &Explanation, on: Option<&str>) -> Page {
    let decision = &explanation.decision;
    let mut page = Page::default();
    if let Some(node) = on {
        page.line(format!("The pod is on node {node}; this is how it would be placed again."));
    }
    match &decision.node {
        Some(node) => page.line(format!("Pod {} goes to node {node}.", decision.pod)),
        None => {
            page.line(format!("Pod {}: {}", decision.pod, status(decision.outcome)));
            page.line(decision.event());
        }
    }
    if let Some(preemption) = &decision.preemption
        && let Some(node) = &preemption.node
    {
        page.line(preempts(node, preemption));
    }
    if let Some(rejected) = &explanation.pre_filter {
        page.line(format!("{} rejects the pod before any node is looked at: {}", rejected.plugin, rejected.reason));
        if !rejected.details.is_empty() {
            page.line(format!("Behind it: {}", rejected.details.join("; ")));
        }
    }
    page
}

/// What is to be known of the answer.
pub(super) fn explanation_remarks(explanation: &Explanation, page: &mut Page) {
    let decision = &explanation.decision;
    for rule in &decision.not_applied {
        page.line(not_applied(rule, ""));
    }
    for object in &decision.missing {
        page.line(missing(object, ""));
    }
    for tie in &decision.volume_ties {
        page.line(format!("{tie}; kube-scheduler takes one of them by chance"));
    }
}

/// `It would preempt 2 pods on node n1: a/b, a/c; of these 1 violates a disruption budget; 3 nodes are as good.`
fn preempts(node: &str, preemption: &Preemption) -> String {
    let Preemption { victims, violations, ties, .. } = preemption;
    let mut text = format!("It would preempt {} on node {node}: {}", pods(victims.len()), victims.join(", "));
    if *violations > 0 {
        text += &format!("; {violations} of them against a disruption budget");
    }
    if *ties > 1 {
        text += &format!("; {ties} nodes are as good, and kube-scheduler takes one of them by chance");
    }
    text + "."
}

/// Per rule and reason, how many nodes it rejects.
fn rejections(explanation: &Explanation) -> Table {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for verdict in explanation.filtered.values() {
        for reason in &verdict.reasons {
            *counts.entry((verdict.plugin.name(), reason)).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut table = Table::new(["RULE", "NODES", "REASON"]);
    for ((rule, reason), count) in &counts {
        table.row(vec![(*rule).to_owned(), count.to_string(), (*reason).to_owned()]);
    }
    table
}

/// Per rejected node, the rule that rejects it first, its reasons, and the rules that would reject it too.
fn verdicts(explanation: &Explanation) -> Table {
    let mut table = Table::new(["REJECTED NODE", "FIRST RULE", "REASONS", "BEHIND IT", "ALSO REJECTED BY"]);
    for (node, verdict) in &explanation.filtered {
        let all = explanation.all_reasons.get(node).map_or(&[][..], |all| all);
        let also: Vec<&str> =
            all.iter().map(|(rule, _)| rule.name()).filter(|rule| *rule != verdict.plugin.name()).collect();
        let (reasons, details) = (verdict.reasons.join("; "), verdict.details.join("; "));
        table.row(vec![node.to_string(), verdict.plugin.to_string(), reasons, details, also.join(", ")]);
    }
    table
}

/// Per feasible node, the score of each rule and the sum; the best first, marked.
pub(super) fn scores(explanation: &Explanation, page: &mut Page) {
    if explanation.feasible.is_empty() {
        return;
    }
    page.gap();
    if let [node] = &explanation.feasible[..] {
        return page.line(format!("Only {node} will do, so nothing was scored."));
    }
    page.table(score_table(explanation));
    if explanation.best.len() > 1 {
        let many = explanation.best.len();
        page.line(format!("{many} nodes share the best score (*); kube-scheduler takes one of them by chance."));
    }
}

fn score_table(explanation: &Explanation) -> Table {
    let rules: Vec<&str> =
        explanation.scores.values().next().map_or(Vec::new(), |scores| scores.keys().copied().collect());
    let mut header = vec!["FEASIBLE NODE".to_owned()];
    header.extend(rules.iter().map(|rule| (*rule).to_owned()));
    header.push("TOTAL".to_owned());
    let mut table = Table::new(header);
    let total = |node: &Arc<str>| explanation.totals.get(node).copied().unwrap_or(0);
    let mut order: Vec<&Arc<str>> = explanation.feasible.iter().collect();
    order.sort_by_key(|node| std::cmp::Reverse(total(node)));
    for node in order {
        let mut row = vec![node.to_string()];
        let of = explanation.scores.get(node);
        row.extend(rules.iter().map(|rule| of.and_then(|s| s.get(*rule)).map_or(String::new(), i64::to_string)));
        row.push(format!("{}{}", total(node), if explanation.best.contains(node) { " *" } else { "" }));
        table.row(row);
    }
    table
}

/// How many more replicas fit, where, and what stops the next.
#[must_use]
pub fn fit(fit: &Fit) -> Page {
    let mut page = Page::default();
    if !fit.evictions.is_empty() {
        page.line(evicts(&fit.evictions));
        page.gap();
    }
    page.line(fit_sentence(fit));
    if !fit.by_node.is_empty() {
        let mut table = Table::new(["NODE", "REPLICAS"]);
        for (node, replicas) in &fit.by_node {
            table.row(vec![node.clone(), replicas.to_string()]);
        }
        page.gap();
        page.table(table);
    }
    if !fit.evictions.is_empty() {
        page.gap();
        page.table(eviction_table(&fit.evictions));
    }
    if let Some(next) = &fit.stopped_by {
        page.gap();
        page.line(format!("The next one stays pending: {}", next.event()));
        let mut table = Table::new(["NODES", "REASON"]);
        for (reason, count) in &fit.reasons {
            table.row(vec![count.to_string(), reason.clone()]);
        }
        if !fit.reasons.is_empty() {
            page.gap();
            page.table(table);
        }
    }
    if let Some(refused) = &fit.refused {
        page.gap();
        page.line(format!("The next one is refused: {refused}"));
    }
    for rule in &fit.not_applied {
        page.line(not_applied(rule, ""));
    }
    for object in fit.stopped_by.iter().flat_map(|next| &next.missing) {
        page.line(missing(object, ""));
    }
    for warning in &fit.warnings {
        page.line(format!("warning: {warning}"));
    }
    page
}

fn fit_sentence(fit: &Fit) -> String {
    let on = nodes(fit.by_node.len());
    match (fit.replicas, fit.limit_reached) {
        (0, false) => "No more replica fits.".to_owned(),
        (0, true) => "Nothing was tried: the limit is 0; ask with a higher one.".to_owned(),
        (1, false) => "1 more replica fits.".to_owned(),
        (count, false) => format!("{count} more replicas fit, on {on}."),
        (count, true) => {
            format!(
                "At least {count} more replicas fit, on {on}: the limit is reached; ask with a higher one for more."
            )
        }
    }
}

fn not_applied(rule: &NotApplied, of: &str) -> String {
    format!("rule not applied: {}: {}{of}; the real scheduler may decide otherwise", rule.rule, rule.why)
}

fn missing(object: &str, of: &str) -> String {
    format!("not in the input: {object}{of}; add it, or the real scheduler may decide otherwise")
}
