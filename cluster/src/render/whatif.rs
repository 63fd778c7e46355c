//! Answers to what-if questions.

use serde_json::{Value, json};

use super::answer::Answer;
use super::answers;
use super::json::{API_VERSION, simulation as simulation_json};
use super::page::{NONE, Page};
use super::summary::{nodes, pods};
use super::table::Table;
use super::units;
use crate::change::Scenario;
use crate::error::Error;
use crate::simulate::{DrainReport, Simulated, Tally, Utilisation};
use crate::whatif::{Checked, Fail, Failure, Shrink, Totals};

/// What becomes of a cluster.
#[must_use]
pub fn simulation(simulated: &Simulated) -> Answer {
    let mut page = changed(&simulated.changes);
    answers::applied(&simulated.applied, &mut page);
    let mut wide = page.clone();
    for (page, is_wide) in [(&mut page, false), (&mut wide, true)] {
        drains(&simulated.drains, page);
        let rows = workloads(&simulated.workloads, is_wide);
        if !rows.body().is_empty() {
            page.table(rows);
            page.gap();
        }
        if is_wide {
            page.append(answers::gone(&simulated.gone));
        }
        page.append(answers::pods_of(simulated, is_wide));
        before_and_after(&simulated.before, &simulated.after, page);
    }
    Answer::new(simulation_json(simulated), page, wide)
}

/// The changes, a line each.
pub(super) fn changed(changes: &[String]) -> Page {
    let mut page = Page::default();
    changes.iter().for_each(|change| page.line(change.clone()));
    if !changes.is_empty() {
        page.gap();
    }
    page
}

fn drains(drains: &[DrainReport], page: &mut Page) {
    for drain in drains {
        // kubectl says the same again at each retry.
        let mut said = std::collections::HashSet::new();
        drain.lines.iter().filter(|line| said.insert(line.as_str())).for_each(|line| page.line(line.clone()));
        page.gap();
    }
}

/// A row a workload; those that only lost pods with their nodes, and columns without numbers, are shown where all is.
fn workloads(rows: &[Tally], is_wide: bool) -> Table {
    let is_shown =
        |row: &&Tally| is_wide || row.moved + row.missing + row.lost + row.preempted > 0 || row.before < row.after;
    let mut rows: Vec<&Tally> = rows.iter().filter(is_shown).collect();
    let (is_lost, is_preempted) = (rows.iter().any(|row| row.lost > 0), rows.iter().any(|row| row.preempted > 0));
    let columns = [
        ("WORKLOAD", true),
        ("KIND", is_wide),
        ("READY", true),
        ("MOVED", true),
        ("MISSING", true),
        ("LOST", is_wide || is_lost),
        ("PREEMPTED", is_wide || is_preempted),
        ("PRIORITY", true),
    ];
    let mut table = Table::new(columns.iter().filter(|(_, is)| *is).map(|(name, _)| *name));
    rows.sort_by_key(|row| {
        (std::cmp::Reverse(row.missing), std::cmp::Reverse(row.lost), std::cmp::Reverse(row.priority))
    });
    for row in rows {
        let missing = match row.missing_before {
            0 => row.missing.to_string(),
            before => format!("{} ({before} before)", row.missing),
        };
        let cells = [
            format!("{}/{}", row.namespace, row.name),
            row.kind.to_string(),
            format!("{}/{}", row.after, row.wanted),
            row.moved.to_string(),
            missing,
            row.lost.to_string(),
            row.preempted.to_string(),
            row.priority.to_string(),
        ];
        table.row(cells.into_iter().zip(columns).filter(|(_, (_, is))| *is).map(|(cell, _)| cell).collect());
    }
    table
}

fn before_and_after(before: &Utilisation, after: &Utilisation, page: &mut Page) {
    if before == after {
        page.line(format!("Requested on {}: {}.", nodes(after.nodes), units::utilisation(after)));
        return;
    }
    page.line(format!("Requested before, on {}: {}.", nodes(before.nodes), units::utilisation(before)));
    page.line(format!("Requested after, on {}: {}.", nodes(after.nodes), units::utilisation(after)));
}

/// `12 pods move, 2 are lost, 5 are missing (3 were before).`
pub(super) fn totals(of: &Totals) -> String {
    let mut parts = vec![format!("{} {}", pods(of.moved), if of.moved == 1 { "moves" } else { "move" })];
    for (count, what) in [(of.lost, "lost"), (of.preempted, "preempted"), (of.missing, "missing")] {
        if count > 0 {
            parts.push(format!("{count} {} {what}", if count == 1 { "is" } else { "are" }));
        }
    }
    let before = of.missing - of.newly_missing;
    let before = if before > 0 { format!(" ({before} of them before)") } else { String::new() };
    format!("{}{before}.", parts.join(", "))
}

pub(super) fn totals_json(of: &Totals) -> Value {
    json!({
        "moved": of.moved, "lost": of.lost, "missing": of.missing, "newlyMissing": of.newly_missing, "preempted": of.preempted,
    })
}

pub(super) fn workload_json(row: &Tally) -> Value {
    json!({
        "namespace": row.namespace, "name": row.name, "kind": row.kind.name(), "priority": row.priority, "wanted": row.wanted,
        "before": row.before, "after": row.after, "moved": row.moved, "lost": row.lost, "missing": row.missing,
        "missingBefore": row.missing_before, "preempted": row.preempted,
    })
}

pub(super) fn utilisation_json(of: &Utilisation) -> Value {
    let resources = of.resources.iter().map(|(name, all)| {
        let value = json!({
            "allocatable": units::number(name, all.allocatable), "requested": units::number(name, all.requested), "share": all.share(),
        });
        (name.clone(), value)
    });
    json!({ "nodes": of.nodes, "resources": resources.collect::<serde_json::Map<_, _>>() })
}

pub(super) fn drain_json(drain: &DrainReport) -> Value {
    let nodes = drain.nodes.iter().map(|node| {
        json!({ "name": node.node, "isDrained": node.is_drained, "left": node.left, "errors": node.errors, "budgets": node.budgets })
    });
    json!({ "nodes": nodes.collect::<Vec<_>>(), "lines": drain.lines })
}

/// What happens when each domain fails.
#[must_use]
pub fn fail(fail: &Fail) -> Answer {
    let document = json!({
        "apiVersion": API_VERSION,
        "kind": "Fail",
        "by": fail.by,
        "changes": fail.changes,
        "summary": {
            "domains": fail.failures.len(),
            "missing": fail.failures.iter().map(|failure| failure.totals.missing).max().unwrap_or(0),
            "newlyMissing": fail.failures.iter().map(|failure| failure.totals.newly_missing).max().unwrap_or(0),
            "lost": fail.failures.iter().map(|failure| failure.totals.lost).max().unwrap_or(0),
            "missingBefore": fail.missing_before,
        },
        "before": utilisation_json(&fail.before),
        "failures": fail.failures.iter().map(failure_json).collect::<Vec<_>>(),
        "withoutLabel": fail.without_label,
        "warnings": fail.warnings,
        "leftOut": fail.left_out,
    });
    Answer::new(document, fail_page(fail, false), fail_page(fail, true))
}

fn failure_json(failure: &Failure) -> Value {
    let mut value = totals_json(&failure.totals);
    value["domains"] = json!(failure.domains);
    value["nodes"] = json!(failure.nodes);
    value["after"] = utilisation_json(&failure.after);
    value["preemptionAttempts"] = json!(failure.preemption_attempts);
    value["workloads"] = failure.workloads.iter().map(workload_json).collect();
    value["unsure"] = json!(failure.unsure);
    value
}

/// So many domains are shown: the worst.
const SHOWN: usize = 20;

fn fail_page(fail: &Fail, is_wide: bool) -> Page {
    let mut page = changed(&fail.changes);
    let hurt = |failure: &&Failure| failure.totals.newly_missing + failure.totals.lost > 0;
    let count = fail.failures.len();
    let worst = fail.failures.iter().filter(hurt).count();
    let is_paired = fail.failures.iter().any(|failure| failure.domains.len() > 1);
    let domains = |count: usize, by: &str| {
        let what = domains(count, by);
        if is_paired { format!("{what} and pairs of them") } else { what }
    };
    page.line(match worst {
        0 => format!("Any of {count} {} can fail: every pod finds another node.", domains(count, &fail.by)),
        _ => format!(
            "{worst} of {count} {} cannot fail without pods going missing or being lost.",
            domains(count, &fail.by)
        ),
    });
    if fail.missing_before > 0 {
        page.line(format!("{} missing while none fails.", are(fail.missing_before)));
    }
    page.gap();
    let mut failures: Vec<&Failure> = fail.failures.iter().collect();
    failures.sort_by_key(|failure| {
        let totals = failure.totals;
        std::cmp::Reverse((totals.newly_missing + totals.lost, totals.preempted, totals.moved))
    });
    let shown = if is_wide { count } else { count.min(SHOWN) };
    let resources: Vec<&String> = fail.before.resources.keys().filter(|name| units::is_shown(name)).take(4).collect();
    let mut header: Vec<String> =
        ["FAILS", "NODES", "MOVED", "NEWLY MISSING", "LOST", "PREEMPTED"].into_iter().map(str::to_owned).collect();
    // `GPU` of `example.com/gpu`: a narrow column for a narrow number.
    header.extend(resources.iter().map(|name| name.rsplit('/').next().unwrap_or(name).to_uppercase()));
    header.push("WHO IS MISSING".to_owned());
    let mut table = Table::new(header);
    for failure in failures.iter().take(shown) {
        let totals = failure.totals;
        let mut row = vec![
            failure.domains.join(" + "),
            failure.nodes.to_string(),
            totals.moved.to_string(),
            totals.newly_missing.to_string(),
            totals.lost.to_string(),
            totals.preempted.to_string(),
        ];
        let after = &failure.after.resources;
        row.extend(resources.iter().map(|name| after.get(*name).map_or_else(|| "-".to_owned(), units::percent)));
        row.push(missing(&failure.workloads, is_wide));
        table.row(row);
    }
    page.table(table);
    if shown < count {
        page.line(format!("… and {} more that fare better; -o wide shows all", count - shown));
    }
    if !fail.without_label.is_empty() {
        let first = &fail.without_label[0];
        page.line(format!(
            "{} without the label {} never fail here (first: {first}).",
            nodes(fail.without_label.len()),
            fail.by
        ));
    }
    let mut unsure: Vec<&String> = fail.failures.iter().flat_map(|failure| &failure.unsure).collect();
    unsure.sort_unstable();
    unsure.dedup();
    unsure.iter().for_each(|text| page.line((*text).clone()));
    fail.warnings.iter().for_each(|warning| page.line(format!("warning: {warning}")));
    page
}

fn domains(count: usize, by: &str) -> String {
    let (one, many) = match by {
        "topology.kubernetes.io/zone" => ("zone", "zones"),
        crate::change::HOSTNAME => ("node", "nodes"),
        _ => ("domain", "domains"),
    };
    let what = if count == 1 { one } else { many };
    if what.starts_with("domain") { format!("{what} of {by}") } else { what.to_owned() }
}

fn are(count: usize) -> String {
    format!("{} {}", pods(count), if count == 1 { "is" } else { "are" })
}

/// `data/kafka 2, shop/ads 1`, those of the highest priority first.
fn missing(rows: &[Tally], is_wide: bool) -> String {
    let mut rows: Vec<(usize, &Tally)> = rows
        .iter()
        .map(|row| (row.missing.saturating_sub(row.missing_before) + row.lost, row))
        .filter(|(missing, _)| *missing > 0)
        .collect();
    rows.sort_by_key(|(missing, row)| (std::cmp::Reverse(row.priority), std::cmp::Reverse(*missing)));
    let shown = if is_wide { rows.len() } else { rows.len().min(3) };
    let texts = rows.iter().take(shown).map(|(missing, row)| format!("{}/{} {missing}", row.namespace, row.name));
    let mut text = texts.collect::<Vec<_>>().join(", ");
    if shown < rows.len() {
        text += &format!(" and {} more", rows.len() - shown);
    }
    text
}

/// What came of a drain, as kubectl says it, and where the pods went.
#[must_use]
pub fn drain(simulated: &Simulated) -> Answer {
    let mut document = simulation_json(simulated);
    document["kind"] = json!("Drain");
    let mut page = Page::default();
    drains(&simulated.drains, &mut page);
    let mut wide = page.clone();
    for (page, is_wide) in [(&mut page, false), (&mut wide, true)] {
        let stuck: Vec<&str> = simulated
            .drains
            .iter()
            .flat_map(|drain| &drain.nodes)
            .flat_map(|node| &node.budgets)
            .map(String::as_str)
            .collect();
        if !stuck.is_empty() {
            page.line(format!("No pod of {} may go: give it more replicas, or loosen the budget.", stuck.join(", ")));
            page.gap();
        }
        let rows = workloads(&simulated.workloads, is_wide);
        if !rows.body().is_empty() {
            page.table(rows);
            page.gap();
        }
        page.append(answers::pods_of(simulated, is_wide));
        before_and_after(&simulated.before, &simulated.after, page);
    }
    Answer::new(document, page, wide)
}

/// Which nodes can be switched off together.
#[must_use]
pub fn shrink(shrink: &Shrink) -> Answer {
    let saved = shrink.price_before.zip(shrink.price_after).map(|(before, after)| before - after);
    let document = json!({
        "apiVersion": API_VERSION,
        "kind": "Shrink",
        "changes": shrink.changes,
        "summary": {
            "nodes": shrink.before.nodes, "emptied": shrink.emptied.len(), "kept": shrink.kept.len(),
            "priceBefore": shrink.price_before, "priceAfter": shrink.price_after, "saved": saved,
        },
        "before": utilisation_json(&shrink.before),
        "after": utilisation_json(&shrink.after),
        "emptied": shrink.emptied.iter().map(|one| json!({ "node": one.node, "price": one.price, "moves": one.moves })).collect::<Vec<_>>(),
        "kept": shrink.kept.iter().map(|one| json!({ "node": one.node, "why": one.why })).collect::<Vec<_>>(),
        "warnings": shrink.warnings,
        "leftOut": shrink.left_out,
    });
    let page = |is_wide: bool| {
        let mut page = changed(&shrink.changes);
        let many = shrink.emptied.len();
        page.line(match many {
            0 if shrink.kept.is_empty() => "No node was tried.".to_owned(),
            0 => "No node can be switched off: each carries a pod that fits nowhere else, or that may not move."
                .to_owned(),
            _ => {
                format!("{many} of {} can be switched off together, drained in this order:", nodes(shrink.before.nodes))
            }
        });
        if let (Some(before), Some(after)) = (shrink.price_before, shrink.price_after) {
            page.line(format!("That saves {:.2} of {before:.2}.", before - after));
            let unpriced = shrink.emptied.iter().filter(|one| one.price.is_none()).count();
            if unpriced > 0 {
                page.line(format!("{} that can go without a price: what they save is not in it.", nodes(unpriced)));
            }
        }
        let shown = if is_wide { many } else { many.min(SHOWN) };
        if many > 0 {
            let mut table = Table::new(["NODE", "PRICE", "PODS THAT MOVE"]);
            for one in shrink.emptied.iter().take(shown) {
                let price = one.price.map_or_else(|| NONE.to_owned(), |price| price.to_string());
                let moves = if is_wide { one.moves.join(", ") } else { one.moves.len().to_string() };
                table.row(vec![one.node.clone(), price, moves]);
            }
            page.gap();
            page.table(table);
            if shown < many {
                page.line(format!("… and {} more; -o wide shows all, and which pods move", many - shown));
            }
        }
        if !shrink.kept.is_empty() {
            let mut table = Table::new(["STAYS", "WHY"]);
            let shown = if is_wide { shrink.kept.len() } else { shrink.kept.len().min(5) };
            shrink.kept.iter().take(shown).for_each(|one| table.row(vec![one.node.clone(), one.why.clone()]));
            page.gap();
            page.table(table);
            if shown < shrink.kept.len() {
                page.line(format!("… and {} more stay; -o wide shows all", shrink.kept.len() - shown));
            }
        }
        page.gap();
        before_and_after(&shrink.before, &shrink.after, &mut page);
        shrink.warnings.iter().for_each(|warning| page.line(format!("warning: {warning}")));
        page
    };
    Answer::new(document, page(false), page(true))
}

/// One scenario of a sweep: what came of it, or why nothing did, and whether its assertions hold.
pub struct Swept<'s> {
    /// The scenario.
    pub scenario: &'s Scenario,
    /// What came of it.
    pub came: Result<(&'s Simulated, Vec<Checked>), Error>,
}

/// The row of a scenario.
#[must_use]
pub fn swept_json(swept: &Swept<'_>) -> Value {
    let mut value = match &swept.came {
        Ok((simulated, checked)) => {
            let mut value = totals_json(&simulated.totals());
            value["after"] = utilisation_json(&simulated.after);
            value["workloads"] = simulated.workloads.iter().map(workload_json).collect();
            value["notDrained"] = simulated
                .drains
                .iter()
                .flat_map(|drain| &drain.nodes)
                .filter(|node| !node.is_drained)
                .map(|node| json!(node.node))
                .collect();
            value["assert"] = checked.iter().map(|one| json!({ "holds": one.holds, "says": one.says })).collect();
            value["unsure"] = json!(unsure(simulated));
            value["error"] = Value::Null;
            value
        }
        Err(error) => json!({ "error": error.to_string() }),
    };
    value["scenario"] = json!(swept.scenario.name);
    value["changes"] = swept.scenario.changes.iter().map(|change| json!(change.to_string())).collect();
    value
}

/// What is left out, and rules that were not applied.
fn unsure(simulated: &Simulated) -> Vec<String> {
    let mut unsure = simulated.left_out.clone();
    for rule in simulated.decisions.iter().flat_map(|decision| &decision.not_applied) {
        let text = format!("rule not applied: {}: {}", rule.rule, rule.why);
        if !unsure.contains(&text) {
            unsure.push(text);
        }
    }
    unsure
}
