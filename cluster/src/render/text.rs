//! Text for a terminal.

use super::answers;
use crate::attempt::{Decision, Explanation};
use crate::plan::{Eviction, Fit, Placements};
use crate::simulate::Simulated;

/// The pods as `kubectl get pods -o wide` shows them, then how many were placed, and exactly why others were not.
#[must_use]
pub fn placements(placements: &Placements) -> String {
    decisions(&placements.decisions, &placements.evictions, &placements.warnings)
}

/// The same for decisions that were made one by one.
#[must_use]
pub fn decisions(decisions: &[Decision], evictions: &[Eviction], warnings: &[String]) -> String {
    answers::decisions(decisions, evictions, warnings).text(None)
}

/// Why a pod goes where it goes, or nowhere: the exact message, the rules that reject nodes, each node's verdict, and the
/// scores of the nodes that would do.
#[must_use]
pub fn explanation(explanation: &Explanation) -> String {
    answers::explanation(explanation, None).text(None)
}

/// The same for a pod that is on a node already, and was decided again.
#[must_use]
pub fn explanation_anew(explanation: &Explanation, node: &str) -> String {
    answers::explanation(explanation, Some(node)).text(None)
}

/// How many more replicas fit, where they go, and what stops the next.
#[must_use]
pub fn fit(fit: &Fit) -> String {
    answers::fit(fit).text(None)
}

/// What became of a cluster.
#[must_use]
pub fn simulation(simulated: &Simulated) -> String {
    super::simulation(simulated).page.text(None)
}
