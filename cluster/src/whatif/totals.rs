//! The sums of an answer.

use crate::simulate::{Simulated, Tally};

/// What the rows of workloads add up to, in pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// On another node now, or replaced by one that is.
    pub moved: usize,
    /// Gone for good: nobody makes them again.
    pub lost: usize,
    /// Asked for by workloads, and on no node.
    pub missing: usize,
    /// The same, those left out that were missing before.
    pub newly_missing: usize,
    /// Evicted to make room for others.
    pub preempted: usize,
}

impl Totals {
    /// Adds rows up.
    #[must_use]
    pub fn of(workloads: &[Tally], preempted: usize) -> Self {
        let mut totals = Totals { preempted, ..Totals::default() };
        for row in workloads {
            totals.moved += row.moved;
            totals.lost += row.lost;
            totals.missing += row.missing;
            totals.newly_missing += row.missing.saturating_sub(row.missing_before);
        }
        totals
    }
}

impl Simulated {
    /// What the changes were to do and did not: objects that a server refuses, nodes that could not be drained. A question that is asked
    /// afterwards is not about the cluster that was meant.
    #[must_use]
    pub fn not_done(&self) -> Vec<String> {
        let stuck = self.drains.iter().flat_map(|drain| &drain.nodes).filter(|node| !node.is_drained);
        let stuck = stuck.map(|node| format!("node {} is not drained: {}", node.node, node.errors.join("; ")));
        self.left_out.iter().cloned().chain(stuck).collect()
    }

    /// What the rows of workloads add up to.
    #[must_use]
    pub fn totals(&self) -> Totals {
        Totals::of(&self.workloads, self.preempted)
    }
}
