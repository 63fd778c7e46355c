//! Answers that compare: what differs between two clusters, what an upgrade goes through.

use serde_json::json;

use super::answer::Answer;
use super::json::API_VERSION;
use super::page::{NONE, Page};
use super::summary::{nodes, pods};
use super::table::Table;
use crate::whatif::{Diff, Difference, Upgrade};

/// What differs between two clusters, a line each: `~ pod shop/web-1: n1 → n2`.
#[must_use]
pub fn diff(diff: &Diff) -> Answer {
    let count = |sign: char| diff.differences.iter().filter(|one| one.sign() == sign).count();
    let items = diff.differences.iter().map(|one| {
        json!({ "sign": one.sign().to_string(), "of": one.of, "name": one.name, "before": one.before, "after": one.after })
    });
    let document = json!({
        "apiVersion": API_VERSION,
        "kind": "Diff",
        "summary": { "same": diff.differences.is_empty(), "added": count('+'), "removed": count('-'), "changed": count('~'), "samePods": diff.same_pods },
        "items": items.collect::<Vec<_>>(),
        "unsure": diff.unsure,
        "warnings": diff.warnings,
    });
    const SHOWN: usize = 50;
    // Lines that begin with - and + are lists in Markdown, and no rows of CSV.
    let rows = diff.differences.iter().map(|one| {
        let text = |side: &Option<String>| side.clone().unwrap_or_else(|| NONE.to_owned());
        vec![one.sign().to_string(), one.of.to_owned(), one.name.clone(), text(&one.before), text(&one.after)]
    });
    let header = ["SIGN", "OF", "NAME", "BEFORE", "AFTER"].map(str::to_owned).to_vec();
    let table = Page::of_table(header, rows.collect(), Vec::new());
    let page = |is_wide: bool| {
        let mut page = Page::default();
        let many = folded(&diff.differences, is_wide).len();
        let shown = if is_wide { many } else { many.min(SHOWN) };
        for (one, others) in folded(&diff.differences, is_wide).into_iter().take(shown) {
            let what = match (&one.before, &one.after) {
                (Some(before), Some(after)) => format!("{before} → {after}"),
                (Some(one), None) | (None, Some(one)) => one.clone(),
                (None, None) => String::new(),
            };
            let more = if others > 0 { format!(" and {others} more like it") } else { String::new() };
            page.line(format!("{} {} {}{more}: {what}", one.sign(), one.of, one.name));
        }
        if shown < many {
            page.line(format!("… and {} more; -o wide shows all", many - shown));
        }
        if many > 0 {
            page.gap();
        }
        page.line(match many {
            0 => format!("Nothing differs: {} are where they were.", pods(diff.same_pods)),
            _ => format!(
                "{} came, {} went, {} changed; {} are as before.",
                count('+'),
                count('-'),
                count('~'),
                pods(diff.same_pods)
            ),
        });
        diff.unsure.iter().for_each(|text| page.line(text.clone()));
        diff.warnings.iter().for_each(|warning| page.line(format!("warning: {warning}")));
        page
    };
    Answer::new(document, page(false), page(true)).with_table(table)
}

/// Differences, and of how many more the same can be said; all of them where all rows are shown.
fn folded(differences: &[Difference], is_wide: bool) -> Vec<(&Difference, usize)> {
    let mut folded: Vec<(&Difference, usize)> = Vec::new();
    for one in differences {
        // Pods of one workload: their names begin alike.
        let stem = |name: &str| name.rsplit_once('-').map_or_else(|| name.to_owned(), |(stem, _)| stem.to_owned());
        let is_like = |other: &Difference| {
            (other.of, &other.before, &other.after, stem(&other.name))
                == (one.of, &one.before, &one.after, stem(&one.name))
        };
        match folded.iter_mut().find(|(first, _)| !is_wide && is_like(first)) {
            Some((_, others)) => *others += 1,
            None => folded.push((one, 0)),
        }
    }
    folded
}

/// What an upgrade goes through.
#[must_use]
pub fn upgrade(upgrade: &Upgrade) -> Answer {
    let blocked = upgrade.steps.iter().filter(|step| !step.is_done).count();
    let steps = upgrade.steps.iter().map(|step| {
        json!({
            "node": step.node, "replacement": step.replacement, "isDone": step.is_done, "evicted": step.evicted,
            "missing": step.missing, "blockedBy": step.blocked_by,
        })
    });
    let document = json!({
        "apiVersion": API_VERSION,
        "kind": "Upgrade",
        "summary": {
            "nodes": upgrade.steps.len(), "blocked": blocked, "peakExtraNodes": upgrade.peak_extra_nodes,
            "peakMissing": upgrade.peak_missing,
        },
        "items": steps.collect::<Vec<_>>(),
        "unsure": upgrade.unsure,
        "warnings": upgrade.warnings,
    });
    let page = |is_wide: bool| {
        let mut page = Page::default();
        let many = upgrade.steps.len();
        page.line(match blocked {
            0 if many == 1 => "The node can be replaced.".to_owned(),
            0 => format!("All {} can be replaced in turn.", nodes(many)),
            _ => format!("{blocked} of {} cannot be drained.", nodes(many)),
        });
        page.line(format!(
            "At most {} more than at the beginning, and {} missing that were not.",
            nodes(upgrade.peak_extra_nodes),
            pods(upgrade.peak_missing)
        ));
        let is_shown = |step: &&crate::whatif::Step| is_wide || !step.is_done || step.missing > 0;
        let rows: Vec<_> = upgrade.steps.iter().filter(is_shown).collect();
        if !rows.is_empty() {
            let mut table = Table::new(["NODE", "DRAINED", "EVICTED", "MISSING", "BLOCKED BY"]);
            for step in rows {
                let is_done = if step.is_done { "yes" } else { "no" };
                let blocked = if step.blocked_by.is_empty() { NONE.to_owned() } else { step.blocked_by.join("; ") };
                table.row(vec![
                    step.node.clone(),
                    is_done.to_owned(),
                    step.evicted.to_string(),
                    step.missing.to_string(),
                    blocked,
                ]);
            }
            page.gap();
            let shown = table.body().len();
            page.table(table);
            if shown < many {
                page.line(format!("… and {} more that went well; -o wide shows all", many - shown));
            }
        }
        upgrade.unsure.iter().for_each(|text| page.line(text.clone()));
        upgrade.warnings.iter().for_each(|warning| page.line(format!("warning: {warning}")));
        page
    };
    Answer::new(document, page(false), page(true))
}
