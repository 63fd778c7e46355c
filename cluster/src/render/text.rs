//! Text for a terminal.

use std::collections::BTreeMap;

use super::summary::{Summary, nodes, parts, pods, status};
use super::table::Table;
use crate::decision::{Decision, Explanation, NotApplied, Outcome};
use crate::plan::{Fit, Placements};

const NONE: &str = "<none>";

/// The pods as `kubectl get pods -o wide` shows them, then how many were placed, and exactly why others were not.
#[must_use]
pub fn placements(placements: &Placements) -> String {
    decisions(&placements.decisions, &placements.warnings)
}

/// The same for decisions that were made one by one.
#[must_use]
pub fn decisions(decisions: &[Decision], warnings: &[String]) -> String {
    let summary = Summary::of(decisions);
    let mut text = String::new();
    if !decisions.is_empty() {
        text += &placement_table(decisions, &summary).text();
        text.push('\n');
    }
    text += &summary.sentence();
    text.push('\n');
    for (number, (message, of)) in summary.messages.iter().enumerate() {
        text += &format!("({}) {}: {message}\n", number + 1, pods(of.len()));
    }
    if let Some((_, of)) = summary.messages.first() {
        text += &format!("For each node's verdict, ask why of a pod, as of {}.\n", of[0]);
    }
    for (rule, of) in &summary.not_applied {
        text += &not_applied(rule, &format!(" ({}, first: {})", pods(of.len()), of[0]));
    }
    for (object, of) in &summary.missing {
        text += &missing(object, &format!(" ({}, first: {})", pods(of.len()), of[0]));
    }
    for warning in warnings {
        text += &format!("warning: {warning}\n");
    }
    text
}

pub(super) fn placement_table(decisions: &[Decision], summary: &Summary) -> Table {
    let mut table = Table::new(["NAMESPACE", "NAME", "STATUS", "NODE", "SCORE", "TIES", "REASON"]);
    for decision in decisions {
        let (namespace, name) = parts(&decision.pod);
        let reason = summary.messages.iter().position(|(message, _)| *message == decision.message);
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

/// Why a pod goes where it goes, or nowhere: the exact message, the rules that reject nodes, each node's verdict, and the
/// scores of the nodes that would do.
#[must_use]
pub fn explanation(explanation: &Explanation) -> String {
    let decision = &explanation.decision;
    let mut text = match &decision.node {
        Some(node) => format!("Pod {} goes to node {node}.\n", decision.pod),
        None => format!("Pod {}: {}\n{}\n", decision.pod, status(decision.outcome), decision.message),
    };
    if let Some(rejected) = &explanation.pre_filter {
        text += &format!("{} rejects the pod before any node is looked at: {}\n", rejected.plugin, rejected.reason);
    }
    for section in [rejections(explanation), verdicts(explanation), scores(explanation)].into_iter().flatten() {
        text.push('\n');
        text += &section;
    }
    let hint = match (decision.outcome, explanation.pre_filter.is_some()) {
        (Outcome::Unschedulable, false) if !explanation.filtered.is_empty() => {
            "\nTo place the pod, relax the rule that rejects the most nodes, or make room on a node that only that rule rejects.\n"
        }
        (Outcome::Gated, _) => {
            "\nThe scheduler looks at the pod once the gates are removed from spec.schedulingGates.\n"
        }
        (Outcome::Ignored, _) => "\nTo have it placed here, give the configuration a profile of that scheduler name.\n",
        _ => "",
    };
    text += hint;
    for rule in &decision.not_applied {
        text += &not_applied(rule, "");
    }
    for object in &decision.missing {
        text += &missing(object, "");
    }
    for tie in &decision.volume_ties {
        text += &format!("{tie}; kube-scheduler takes one of them by chance\n");
    }
    text
}

/// Per rule and reason, how many nodes it rejects.
fn rejections(explanation: &Explanation) -> Option<String> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for verdict in explanation.filtered.values() {
        for reason in &verdict.reasons {
            *counts.entry((&verdict.plugin, reason)).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut table = Table::new(["RULE", "NODES", "REASON"]);
    for ((rule, reason), count) in &counts {
        table.row(vec![(*rule).to_owned(), count.to_string(), (*reason).to_owned()]);
    }
    (!counts.is_empty()).then(|| table.text())
}

/// Per rejected node, the rule that rejects it first, its reasons, and the rules that would reject it too.
fn verdicts(explanation: &Explanation) -> Option<String> {
    let mut table = Table::new(["REJECTED NODE", "FIRST RULE", "REASONS", "BEHIND IT", "ALSO REJECTED BY"]);
    for (node, verdict) in &explanation.filtered {
        let all = explanation.all_reasons.get(node).map_or(&[][..], |all| all);
        let also: Vec<&str> =
            all.iter().map(|(rule, _)| rule.as_str()).filter(|rule| *rule != verdict.plugin).collect();
        let (reasons, details) = (verdict.reasons.join("; "), verdict.details.join("; "));
        table.row(vec![node.clone(), verdict.plugin.clone(), reasons, details, also.join(", ")]);
    }
    (!explanation.filtered.is_empty()).then(|| table.text())
}

/// Per feasible node, the score of each rule and the sum; the best first, marked.
fn scores(explanation: &Explanation) -> Option<String> {
    match explanation.feasible.len() {
        0 => return None,
        1 => return Some(format!("Only {} will do, so nothing was scored.\n", explanation.feasible[0])),
        _ => {}
    }
    let mut text = score_table(explanation).text();
    if explanation.best.len() > 1 {
        let many = explanation.best.len();
        text += &format!("{many} nodes share the best score (*); kube-scheduler takes one of them by chance.\n");
    }
    Some(text)
}

pub(super) fn score_table(explanation: &Explanation) -> Table {
    let rules: Vec<&String> = explanation.scores.values().next().map_or(Vec::new(), |scores| scores.keys().collect());
    let mut header = vec!["FEASIBLE NODE".to_owned()];
    header.extend(rules.iter().map(|rule| (*rule).clone()));
    header.push("TOTAL".to_owned());
    let mut table = Table::new(header);
    let total = |node: &String| explanation.totals.get(node).copied().unwrap_or(0);
    let mut order: Vec<&String> = explanation.feasible.iter().collect();
    order.sort_by_key(|node| std::cmp::Reverse(total(node)));
    for node in order {
        let mut row = vec![node.clone()];
        let of = explanation.scores.get(node);
        row.extend(rules.iter().map(|rule| of.and_then(|s| s.get(*rule)).map_or(String::new(), i64::to_string)));
        row.push(format!("{}{}", total(node), if explanation.best.contains(node) { " *" } else { "" }));
        table.row(row);
    }
    table
}

/// How many more replicas fit, where they go, and what stops the next.
#[must_use]
pub fn fit(fit: &Fit) -> String {
    let mut text = fit_sentence(fit);
    text.push('\n');
    if !fit.by_node.is_empty() {
        let mut table = Table::new(["NODE", "REPLICAS"]);
        for (node, replicas) in &fit.by_node {
            table.row(vec![node.clone(), replicas.to_string()]);
        }
        text += &format!("\n{}", table.text());
    }
    if let Some(next) = &fit.stopped_by {
        text += &format!("\nThe next one stays pending: {}\n", next.message);
        let mut table = Table::new(["NODES", "REASON"]);
        for (reason, count) in &fit.reasons {
            table.row(vec![count.to_string(), reason.clone()]);
        }
        if !fit.reasons.is_empty() {
            text += &format!("\n{}", table.text());
        }
    }
    for rule in &fit.not_applied {
        text += &not_applied(rule, "");
    }
    for warning in &fit.warnings {
        text += &format!("warning: {warning}\n");
    }
    text
}

pub(super) fn fit_sentence(fit: &Fit) -> String {
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
    format!("rule not applied: {}: {}{of}; the real scheduler may decide otherwise\n", rule.rule, rule.why)
}

fn missing(object: &str, of: &str) -> String {
    format!("not in the input: {object}{of}; add it, or the real scheduler may decide otherwise\n")
}
