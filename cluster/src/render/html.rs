//! An HTML fragment for a notebook: a table and a few lines, everything escaped.

use super::summary::Summary;
use super::table::Table;
use super::text::{fit_sentence, placement_table, score_table};
use crate::decision::{Decision, Explanation};
use crate::plan::{Fit, Placements};

/// Longer tables are cut: a notebook is no place for thousands of rows.
const MAX_ROWS: usize = 200;

/// Where pods landed.
#[must_use]
pub fn placements(placements: &Placements) -> String {
    decisions(&placements.decisions, &placements.warnings)
}

/// The same for decisions that were made one by one.
#[must_use]
pub fn decisions(decisions: &[Decision], warnings: &[String]) -> String {
    let summary = Summary::of(decisions);
    let mut lines = vec![summary.sentence()];
    let messages = summary.messages.iter().enumerate();
    lines.extend(messages.map(|(number, (message, _))| format!("({}) {message}", number + 1)));
    for (rule, _) in &summary.not_applied {
        lines.push(format!("rule not applied: {}: {}; the real scheduler may decide otherwise", rule.rule, rule.why));
    }
    lines.extend(summary.missing.iter().map(|(object, _)| format!("not in the input: {object}")));
    lines.extend(warnings.iter().map(|warning| format!("warning: {warning}")));
    fragment(&[placement_table(decisions, &summary)], &lines)
}

/// Why a pod goes where it goes, or nowhere.
#[must_use]
pub fn explanation(explanation: &Explanation) -> String {
    let decision = &explanation.decision;
    let line = match &decision.node {
        Some(node) => format!("{} goes to {node}", decision.pod),
        None => format!("{}: {}", decision.pod, decision.message),
    };
    let mut rejected = Table::new(["REJECTED NODE", "FIRST RULE", "REASONS"]);
    for (node, verdict) in &explanation.filtered {
        rejected.row(vec![node.clone(), verdict.plugin.clone(), verdict.reasons.join("; ")]);
    }
    let mut lines = vec![line];
    for rule in &decision.not_applied {
        lines.push(format!("rule not applied: {}: {}; the real scheduler may decide otherwise", rule.rule, rule.why));
    }
    lines.extend(decision.missing.iter().map(|object| format!("not in the input: {object}")));
    fragment(&[score_table(explanation), rejected], &lines)
}

/// How many more replicas fit.
#[must_use]
pub fn fit(fit: &Fit) -> String {
    let mut table = Table::new(["NODE", "REPLICAS"]);
    for (node, replicas) in &fit.by_node {
        table.row(vec![node.clone(), replicas.to_string()]);
    }
    let mut lines = vec![fit_sentence(fit)];
    lines.extend(fit.stopped_by.as_ref().map(|next| format!("The next one stays pending: {}", next.message)));
    for rule in &fit.not_applied {
        lines.push(format!("rule not applied: {}: {}; the real scheduler may decide otherwise", rule.rule, rule.why));
    }
    lines.extend(fit.warnings.iter().map(|warning| format!("warning: {warning}")));
    fragment(&[table], &lines)
}

fn fragment(tables: &[Table], lines: &[String]) -> String {
    let mut html = String::from("<div class=\"bayplan\">");
    for line in lines {
        html += &format!("<p>{}</p>", escape(line));
    }
    for table in tables.iter().filter(|table| !table.body().is_empty()) {
        html += "<table><thead>";
        html += &row("th", table.header());
        html += "</thead><tbody>";
        table.body().iter().take(MAX_ROWS).for_each(|cells| html += &row("td", cells));
        html += "</tbody></table>";
        if table.body().len() > MAX_ROWS {
            html += &format!("<p>… and {} more rows</p>", table.body().len() - MAX_ROWS);
        }
    }
    html + "</div>"
}

fn row(tag: &str, cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect();
    format!("<tr>{cells}</tr>")
}

/// Names come from files that somebody else may have written.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
