//! The cached columns: a slot for each spec class that was asked for lately, counters, topologies, node resources.

use core::ops::Range;

use super::topology::FEW;
use crate::region::region;
use crate::{Limits, NONE, SpecId};

region! {
    /// Cached columns.
    pub(crate) struct Cache {
        tick: u64 [|_: &Limits| 1, |_: &Limits| 1],
        // A slot for each cached spec class: which, how far its columns have replayed the journal, under which epoch,
        // and when it was last asked.
        slot_spec: u32 [|_: &Limits| 1, |l: &Limits| l.cached_specs] = NONE,
        slot_flags: u32 [|_: &Limits| 1, |l: &Limits| l.cached_specs],
        slot_cursor: u64 [|_: &Limits| 1, |l: &Limits| l.cached_specs],
        slot_epoch: u64 [|_: &Limits| 1, |l: &Limits| l.cached_specs],
        slot_tick: u64 [|_: &Limits| 1, |l: &Limits| l.cached_specs],
        // Which filters reject the node, a bit each in the profile's order; the weighted scores that need no
        // normalising, summed; what else is known of the class on the node, see `fact`; the weights of the preferred node
        // affinity terms that it matches.
        slot_mask: u32 [|l: &Limits| l.cached_specs, |l: &Limits| l.nodes] = unset,
        slot_base: i64 [|l: &Limits| l.cached_specs, |l: &Limits| l.nodes] = unset,
        slot_facts: u16 [|l: &Limits| l.cached_specs, |l: &Limits| l.nodes] = unset,
        slot_affinity: i32 [|l: &Limits| l.cached_specs, |l: &Limits| l.nodes] = unset,

        // Counters: of what, under which labels, and when last asked; then pods per node.
        counter_kind: u32 [|_: &Limits| 1, |l: &Limits| l.cached_counters] = NONE,
        counter_id: u32 [|_: &Limits| 1, |l: &Limits| l.cached_counters] = NONE,
        counter_labels: u64 [|_: &Limits| 1, |l: &Limits| l.cached_counters],
        counter_tick: u64 [|_: &Limits| 1, |l: &Limits| l.cached_counters],
        counter: u32 [|l: &Limits| l.cached_counters, |l: &Limits| l.nodes] = unset,
        // And the sums by the values of one key that has few, see `topology`: which key, as of which `Sequence::Topology`, plus one.
        sums_key: u32 [|_: &Limits| 1, |l: &Limits| l.cached_counters] = NONE,
        sums_as_of: u64 [|_: &Limits| 1, |l: &Limits| l.cached_counters],
        sums: u32 [|l: &Limits| l.cached_counters, |_: &Limits| FEW as u32] = unset,

        // How the values of a label key lie over the nodes, see `domains`; as of which `Sequence::Topology`, plus one.
        key_as_of: u64 [|_: &Limits| 1, |l: &Limits| l.keys],
        key_known: u32 [|_: &Limits| 1, |l: &Limits| l.keys],
        key_values: u32 [|l: &Limits| l.keys, |_: &Limits| FEW as u32] = unset,

        // What the scores of resources need of a node alone, see `node_resources`: how far it has replayed the journal, plus one;
        // the bits of all numbers; whether some node has none of a resource. Then, by node, the reciprocals of CPU and
        // memory, and how balanced the two are.
        share_state: u64 [|_: &Limits| 1, |_: &Limits| 3],
        share_inverse: f64 [|_: &Limits| 2, |l: &Limits| l.nodes] = unset,
        share_balance: f64 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
    }
}

/// Bits of `slot_facts`; below them, how many taints advise against the node.
pub(crate) mod fact {
    /// Taints keep the class off the node.
    pub(crate) const FORBIDDEN: u16 = 1 << 15;
    /// The class's own node selector or required affinity does not match; known where spreading asks.
    pub(crate) const UNMATCHED: u16 = 1 << 14;
    /// Mask of the number of taints.
    pub(crate) const ADVISED: u16 = UNMATCHED - 1;
}

/// Bits of `slot_flags`.
pub(crate) mod slot_flag {
    /// Some node has taints that the class does not tolerate and that only advise against it.
    pub(crate) const ANY_ADVISED: u32 = 1;
    /// Columns were brought up to date inside a trial.
    pub(crate) const IN_TRIAL: u32 = 2;
}

/// A slot's columns over a range of nodes, to be written.
pub(crate) struct Columns<'c> {
    pub(crate) mask: &'c mut [u32],
    pub(crate) facts: &'c mut [u16],
    pub(crate) affinity: &'c mut [i32],
    pub(crate) flags: &'c mut u32,
}

impl Cache<'_> {
    /// The next moment.
    pub(crate) fn now(&mut self) -> u64 {
        self.tick[0] += 1;
        self.tick[0]
    }

    /// The slot of a spec class; its columns are there.
    pub(crate) fn slot(&self, spec: SpecId) -> usize {
        self.slot_spec.iter().position(|s| *s == spec.0).unwrap_or(0)
    }

    /// The facts of a slot.
    pub(crate) fn facts(&self, slot: usize) -> &[u16] {
        let stride = self.limits.nodes as usize;
        &self.slot_facts[slot * stride..(slot + 1) * stride]
    }

    /// The columns of a slot over a range of nodes.
    pub(crate) fn columns(&mut self, slot: usize, range: Range<usize>) -> Columns<'_> {
        let stride = self.limits.nodes as usize;
        let rows = slot * stride + range.start..slot * stride + range.end;
        Columns {
            mask: &mut self.slot_mask[rows.clone()],
            facts: &mut self.slot_facts[rows.clone()],
            affinity: &mut self.slot_affinity[rows],
            flags: &mut self.slot_flags[slot],
        }
    }
}

/// The slot asked longest ago.
pub(crate) fn oldest(ticks: &[u64]) -> usize {
    ticks.iter().enumerate().min_by_key(|(_, tick)| **tick).map_or(0, |(slot, _)| slot)
}
