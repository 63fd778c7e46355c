//! What a rule can say.

use std::collections::BTreeSet;

use crate::cluster::NodeView;
use crate::cycle::Cycle;

/// A rejection's weight: whether evicting pods might help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Unschedulable,
    UnschedulableAndUnresolvable,
}

impl Code {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Code::Unschedulable => "Unschedulable",
            Code::UnschedulableAndUnresolvable => "UnschedulableAndUnresolvable",
        }
    }
}

/// Why a pod, or a node for a pod, is out of the question.
#[derive(Clone, Debug)]
pub(crate) enum Rejection {
    /// The rule says no.
    No(Code, Vec<String>),
    /// The rule can't say; the whole attempt ends.
    Error(String),
}

impl Rejection {
    pub(crate) fn unschedulable(reason: impl Into<String>) -> Rejection {
        Rejection::No(Code::Unschedulable, vec![reason.into()])
    }

    pub(crate) fn unresolvable(reason: impl Into<String>) -> Rejection {
        Rejection::No(Code::UnschedulableAndUnresolvable, vec![reason.into()])
    }
}

/// What a rule says of a pod before it sees a node.
#[derive(Clone, Debug)]
pub(crate) enum PreFilter {
    /// Go on.
    Pass,
    /// The rule has nothing to say about this pod, on any node.
    Skip,
    /// Only these nodes.
    Only(BTreeSet<String>),
}

/// What a rule says of a pod on a node.
pub(crate) type Verdict = Result<(), Rejection>;

/// A rule that has counted what it needs of the whole cluster.
pub(crate) type Filter<'a> = Box<dyn Fn(&NodeView<'_>) -> Verdict + 'a>;

/// A rule.
pub(crate) trait Plugin {
    fn pre_filter(&self, _cycle: &Cycle<'_>) -> Result<PreFilter, Rejection> {
        Ok(PreFilter::Pass)
    }

    /// Counts the cluster as `view` shows it, and gives the test for its nodes.
    fn filter<'a>(&self, _cycle: &'a Cycle<'a>, _view: &[NodeView<'a>]) -> Filter<'a> {
        Box::new(|_| Ok(()))
    }

    /// The normalised scores of the feasible nodes; `None` where the rule has nothing to say about this pod.
    fn score(&self, _cycle: &Cycle<'_>, _feasible: &[&NodeView<'_>]) -> Result<Option<Vec<i64>>, String> {
        Ok(None)
    }
}

/// The highest score of one rule.
pub(crate) const MAX_SCORE: i64 = 100;

/// Spreads scores over 0 to 100 in proportion to the highest, or upside down.
pub(crate) fn normalize(scores: &mut [i64], reverse: bool) {
    let most = scores.iter().copied().max().unwrap_or(0).max(0);
    for score in scores {
        if most > 0 {
            *score = MAX_SCORE * *score / most;
        }
        if reverse {
            *score = MAX_SCORE - *score;
        }
    }
}
