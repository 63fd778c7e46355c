//! Space that a cycle works in. Nothing in it outlives a call but the record of a trial.

use crate::region::region;
use crate::{Limits, NodeId};

region! {
    /// Space to work in.
    pub(crate) struct Scratch {
        // Which filters reject the node, see `cycle::mask`; its total score.
        mask: u32 [|_: &Limits| 1, |l: &Limits| l.nodes],
        total: i64 [|_: &Limits| 1, |l: &Limits| l.nodes],
        // While an explanation is made: which of a filter's reasons hold, a bit each.
        marks: u32 [|_: &Limits| 1, |l: &Limits| l.nodes],
        raw: i64 [|_: &Limits| 1, |l: &Limits| l.nodes],
        sum: i64 [|_: &Limits| 1, |l: &Limits| l.nodes],
        weights: i64 [|_: &Limits| 1, |l: &Limits| l.nodes],
        real: f64 [|_: &Limits| 1, |l: &Limits| l.nodes],
        // Sums over domains, with the counters that they are the sums of; nodes that are not counted in them, and those that
        // have no score; a column of labels with the empty value in the place of none.
        sums: u32 [|_: &Limits| 1, |l: &Limits| l.nodes],
        counts: u32 [|_: &Limits| 1, |l: &Limits| l.nodes],
        rejects: u32 [|_: &Limits| 1, |l: &Limits| l.nodes],
        feasible: u32 [|_: &Limits| 1, |l: &Limits| l.nodes],
        filled: u32 [|_: &Limits| 1, |l: &Limits| l.nodes],
        by_value: u32 [|_: &Limits| 1, |l: &Limits| l.strings],
        // The nodes that have nominated pods which the pod must respect: how many, which, and the filters that reject them with
        // these pods added.
        nominated_count: u32 [|_: &Limits| 1, |_: &Limits| 1],
        nominated_node: u32 [|_: &Limits| 1, |l: &Limits| l.nominations],
        nominated_mask: u32 [|_: &Limits| 1, |l: &Limits| l.nominations],
        // The best total of each group of nodes.
        best: i64 [|_: &Limits| 1, |l: &Limits| l.nodes.div_ceil(GROUP as u32)],
        taint_sets: u16 [|_: &Limits| 1, |l: &Limits| l.taint_sets],
        image_sets: i64 [|_: &Limits| 1, |l: &Limits| l.image_sets],
        // The record of a trial, see `undo`: how deep trials are nested, how many words the record has, how many nodes were
        // touched; the record; the nodes, each once, and for each node whether it is among them.
        trial_state: u32 [|_: &Limits| 1, |_: &Limits| 4],
        trial_record: u32 [|_: &Limits| 1, |l: &Limits| l.trial],
        trial_nodes: u32 [|_: &Limits| 1, |l: &Limits| l.nodes],
        trial_touched: u8 [|_: &Limits| 1, |l: &Limits| l.nodes],
    }
}

/// How many nodes make a group.
pub(crate) const GROUP: usize = 64;

impl Scratch<'_> {
    /// Which of the nodes with nominated pods this is.
    pub(crate) fn nominated(&self, node: NodeId) -> Option<usize> {
        self.nominated_node[..self.nominated_count[0] as usize].iter().position(|other| *other == node.0)
    }
}
