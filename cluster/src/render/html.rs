//! An HTML fragment for a notebook: what [`text`](super::text) says, in tables and paragraphs, everything escaped.

use super::answers;
use crate::attempt::{Decision, Explanation};
use crate::plan::{Eviction, Fit, Placements};
use crate::simulate::Simulated;

/// Where pods landed.
#[must_use]
pub fn placements(placements: &Placements) -> String {
    decisions(&placements.decisions, &placements.evictions, &placements.warnings)
}

/// The same for decisions that were made one by one.
#[must_use]
pub fn decisions(decisions: &[Decision], evictions: &[Eviction], warnings: &[String]) -> String {
    answers::decisions(decisions, evictions, warnings).html()
}

/// Why a pod goes where it goes, or nowhere.
#[must_use]
pub fn explanation(explanation: &Explanation) -> String {
    answers::explanation(explanation, None).html()
}

/// The same for a pod that is on a node already, and was decided again.
#[must_use]
pub fn explanation_anew(explanation: &Explanation, node: &str) -> String {
    answers::explanation(explanation, Some(node)).html()
}

/// How many more replicas fit.
#[must_use]
pub fn fit(fit: &Fit) -> String {
    answers::fit(fit).html()
}

/// What became of a cluster.
#[must_use]
pub fn simulation(simulated: &Simulated) -> String {
    super::simulation(simulated).page.html()
}
