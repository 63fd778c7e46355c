//! Space that a cycle works in. Nothing in it outlives a call but the record of a trial.

use crate::region::region;
use crate::tables::VictimRow;
use crate::{Limits, NodeId};

region! {
    /// Space to work in.
    pub(crate) struct Scratch {
        // Which filters reject the node, see `cycle::mask`; its total score.
        mask: u32 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        total: i64 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        // While an explanation is made: which of a filter's reasons hold, a bit each.
        marks: u32 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        raw: i64 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        sum: i64 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        weights: i64 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        real: f64 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        // Sums over domains, with the counters that they are the sums of; nodes that are not counted in them, and those that
        // have no score; a column of labels with the empty value in the place of none.
        sums: u32 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        counts: u32 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        rejects: u32 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        feasible: u32 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        filled: u32 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        by_value: u32 [|_: &Limits| 1, |l: &Limits| l.strings] = unset,
        // The nodes that have nominated pods which the pod must respect: how many, which, and the filters that reject them with
        // these pods added.
        nominated_count: u32 [|_: &Limits| 1, |_: &Limits| 1],
        nominated_node: u32 [|_: &Limits| 1, |l: &Limits| l.nominations] = unset,
        nominated_mask: u32 [|_: &Limits| 1, |l: &Limits| l.nominations] = unset,
        // The best total of each group of nodes.
        best: i64 [|_: &Limits| 1, |l: &Limits| l.nodes.div_ceil(GROUP as u32)] = unset,
        taint_sets: u16 [|_: &Limits| 1, |l: &Limits| l.taint_sets] = unset,
        image_sets: i64 [|_: &Limits| 1, |l: &Limits| l.image_sets] = unset,
        // The record of a trial, see `undo`: how deep trials are nested, how many words the record has, how many nodes were
        // touched; the record; the nodes, each once, and for each node whether it is among them.
        trial_state: u32 [|_: &Limits| 1, |_: &Limits| 5],
        trial_record: u32 [|_: &Limits| 1, |l: &Limits| l.trial] = unset,
        trial_nodes: u32 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        trial_touched: u8 [|_: &Limits| 1, |l: &Limits| l.nodes],
        // Preemption: the pods that may be evicted from the node that is weighed; how many more each budget allows.
        victims: VictimRow [|_: &Limits| 1, |l: &Limits| l.victims] = unset,
        budget_left: i32 [|_: &Limits| 1, |l: &Limits| l.budgets] = unset,
        // By label class, the group of its set of budgets.
        label_groups: u64 [|_: &Limits| 1, |l: &Limits| l.label_classes] = unset,
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
