//! Why a pod goes where it goes, or nowhere, and what would help.

use serde_json::{Value, json};

use super::answer::Answer;
use super::answers;
use super::json::explanation as explanation_json;
use super::page::Page;
use super::summary::nodes;
use super::table::Table;
use super::units;
use crate::attempt::{Explanation, Outcome};
use crate::whatif::{Analysis, Lack, Near, Remedy, Stopped, folded};

/// `on` is the node that the pod was taken off to be decided again.
#[must_use]
pub fn why(explanation: &Explanation, analysis: &Analysis, on: Option<&str>) -> Answer {
    let mut document = explanation_json(explanation);
    let lack = |lack: &Lack| {
        json!({
            "resource": lack.resource, "asked": units::number(&lack.resource, lack.asked),
            "free": units::number(&lack.resource, lack.free), "allocatable": units::number(&lack.resource, lack.allocatable),
        })
    };
    let stopped = |one: &Stopped| {
        let short = one.short.iter().map(|(resource, asked, least, most, all)| {
            json!({
                "resource": resource, "asked": units::number(resource, *asked), "leastFree": units::number(resource, *least),
                "mostFree": units::number(resource, *most), "allocatable": units::number(resource, *all),
            })
        });
        json!({
            "rule": one.rule, "reasons": one.reasons, "detail": one.detail, "short": short.collect::<Vec<_>>(), "nodes": one.nodes,
        })
    };
    let near = |near: &Near| json!({ "node": near.node, "rules": near.rules, "lacks": near.lacks.iter().map(lack).collect::<Vec<_>>() });
    let remedy = |one: &Remedy| json!({ "says": one.says, "node": one.node, "change": one.change });
    document["stopped"] = analysis.stopped.iter().map(stopped).collect();
    document["nearest"] = analysis.nearest.iter().map(near).collect();
    document["remedies"] = analysis.remedies.iter().map(remedy).collect::<Vec<Value>>().into();
    Answer::new(document, why_page(explanation, analysis, on), answers::explanation(explanation, on))
}

/// The page alone, where the nodes one by one and the document are not asked for: they are most of the work.
#[must_use]
pub fn why_page(explanation: &Explanation, analysis: &Analysis, on: Option<&str>) -> Page {
    let decision = &explanation.decision;
    let mut page = answers::explanation_head(explanation, on);
    if !analysis.stopped.is_empty() {
        let mut table = Table::new(["NODES", "RULE", "WHY", "WHICH"]);
        for one in &analysis.stopped {
            let which = folded(one.nodes.iter().map(String::as_str));
            let shown = which.len().min(4);
            let more = if shown < which.len() { format!(" and {} more", which.len() - shown) } else { String::new() };
            table.row(vec![
                one.nodes.len().to_string(),
                one.rule.to_string(),
                reason(one),
                which[..shown].join(", ") + &more,
            ]);
        }
        page.gap();
        page.table(table);
    }
    answers::scores(explanation, &mut page);
    if !analysis.nearest.is_empty() {
        page.gap();
        page.line("The nearest nodes:");
        analysis.nearest.iter().for_each(|near| page.line(format!("  {}", lacking(near))));
    }
    if !analysis.remedies.is_empty() {
        page.gap();
        page.line("One of these makes it fit (each was tried):");
        for one in &analysis.remedies {
            let change = one.change.as_ref().map_or(String::new(), |change| format!("; in simulate: {change}"));
            page.line(format!("  {}: it goes to {}{change}", one.says, one.node));
        }
    } else if decision.outcome == Outcome::Unschedulable && !explanation.filtered.is_empty() {
        page.gap();
        page.line(
            "No single change of a request, a toleration, a label, a cordon or the number of nodes makes it fit.",
        );
    }
    answers::explanation_remarks(explanation, &mut page);
    if explanation.filtered.len() + explanation.feasible.len() > 1 {
        page.gap();
        page.line(format!(
            "{} in all; -o wide (--all) shows each, --node NAME one.",
            nodes(explanation.filtered.len() + explanation.feasible.len())
        ));
    }
    page
}

/// `needs 7.5 cpu; 0.3–1.45 free of 8`
fn reason(one: &Stopped) -> String {
    if one.short.is_empty() {
        return if one.detail.is_empty() { one.reasons.join("; ") } else { one.detail.clone() };
    }
    let is_one = one.short.len() == 1;
    let parts = one.short.iter().map(|(resource, asked, least, most, all)| {
        let [asked, least, most, all] = [asked, least, most, all].map(|amount| units::amount(resource, *amount));
        let free = if least == most { least } else { format!("{least}–{most}") };
        match resource.as_str() {
            "pods" => format!("has {free} of {all} places for pods left"),
            _ if is_one => format!("needs {asked} {resource}; {free} free of {all}"),
            _ => format!("needs {asked} {resource} ({free} free of {all})"),
        }
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// `worker-06 lacks 3.55 cpu and 2 example.com/gpu`
fn lacking(near: &Near) -> String {
    let lacks = near
        .lacks
        .iter()
        .map(|lack| format!("{} {}", units::amount(&lack.resource, lack.asked - lack.free), lack.resource));
    let mut lacks: Vec<String> = lacks.collect();
    let others = near.rules.iter().filter(|rule| **rule != "NodeResourcesFit");
    let others: Vec<&str> = others.copied().collect();
    let last = lacks.pop();
    let lacks = match (lacks.is_empty(), last) {
        (_, None) => String::new(),
        (true, Some(last)) => format!(" lacks {last}"),
        (false, Some(last)) => format!(" lacks {} and {last}", lacks.join(", ")),
    };
    let others = match (others.is_empty(), lacks.is_empty()) {
        (true, _) => String::new(),
        (false, true) => format!(" is rejected by {} alone", others.join(" and ")),
        (false, false) => format!(", and is rejected by {}", others.join(" and ")),
    };
    format!("{}{lacks}{others}", near.node)
}
