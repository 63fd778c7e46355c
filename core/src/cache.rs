//! What can be computed again: columns of spec classes, counters of pods per node, and scratch. Forks and snapshots
//! leave it out. Emptying it costs little: the small columns say which of the large ones hold something.

use crate::domains::FEW;
use crate::layout::region;
use crate::tables::{Count, PodFlags, Sequence, Tables};
use crate::{Limits, NONE, NodeId, SpecId};

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
        // Which rules reject the node, a bit each in the profile's order; the weighted scores that need no
        // normalising, summed; what else is known of the class on the node, see `fact`; the weights of the preferred node
        // affinity that it meets.
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

        // How the values of a label key lie over the nodes, see `domains`; as of which `Sequence::Topology`, plus one.
        key_as_of: u64 [|_: &Limits| 1, |l: &Limits| l.keys],
        key_known: u32 [|_: &Limits| 1, |l: &Limits| l.keys],
        key_values: u32 [|l: &Limits| l.keys, |_: &Limits| FEW as u32] = unset,

        // What the scores of resources need of a node alone, see `shares`: how far it has replayed the journal, plus one;
        // the bits of all numbers; whether some node has none of a resource. Then, by node, the reciprocals of CPU and
        // memory, and how balanced the two are.
        share_state: u64 [|_: &Limits| 1, |_: &Limits| 3],
        share_inverse: f64 [|_: &Limits| 2, |l: &Limits| l.nodes] = unset,
        share_balance: f64 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
    }
}

region! {
    /// Space to work in.
    pub(crate) struct Scratch {
        mask: u32 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
        total: i64 [|_: &Limits| 1, |l: &Limits| l.nodes] = unset,
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
        // While a node is looked at as if nominated pods were there: the node, and how many; they are its first pods.
        assumed: u32 [|_: &Limits| 1, |_: &Limits| 2],
        // What came of it, for each node that room is held on: how many these are; the node, which rules reject it, and of
        // which resources too little is left.
        held_count: u32 [|_: &Limits| 1, |_: &Limits| 1],
        held_node: u32 [|_: &Limits| 1, |l: &Limits| l.nominations] = unset,
        held_mask: u32 [|_: &Limits| 1, |l: &Limits| l.nominations] = unset,
        held_short: u64 [|_: &Limits| 1, |l: &Limits| l.nominations] = unset,
        // The best total of each block of nodes.
        best: i64 [|_: &Limits| 1, |l: &Limits| l.nodes.div_ceil(BLOCK as u32)] = unset,
        taint_sets: u16 [|_: &Limits| 1, |l: &Limits| l.taint_sets] = unset,
        image_sets: i64 [|_: &Limits| 1, |l: &Limits| l.image_sets] = unset,
    }
}

/// How many nodes make a block.
pub(crate) const BLOCK: usize = 64;

/// Bits of `slot_facts`; below them, how many taints advise against the node.
pub(crate) mod fact {
    /// Taints keep the class off the node.
    pub(crate) const FORBIDDEN: u16 = 1 << 15;
    /// The class's own node selector or required affinity does not match; known where spreading asks.
    pub(crate) const UNMATCHED: u16 = 1 << 14;
    /// Mask of the number of taints.
    pub(crate) const ADVISED: u16 = UNMATCHED - 1;
}

/// What a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Counter {
    /// Pods that a selector matches, but for those being deleted.
    Matching = 0,
    /// Pods that a selector matches.
    MatchingAll = 1,
    /// Pods that carry a term, as often as they carry it.
    Carrying = 2,
    /// Pods that all required affinity terms of a spec class match.
    MatchingEvery = 3,
}

impl Counter {
    pub(crate) fn of(number: u32) -> Option<Self> {
        [Self::Matching, Self::MatchingAll, Self::Carrying, Self::MatchingEvery]
            .into_iter()
            .find(|k| *k as u32 == number)
    }

    /// Whether a pod of these flags does not count.
    fn leaves_out(self, flags: u8) -> bool {
        self == Self::Matching && flags & PodFlags::TERMINATING != 0
    }
}

impl Cache<'_> {
    /// The next moment.
    pub(crate) fn now(&mut self) -> u64 {
        self.tick[0] += 1;
        self.tick[0]
    }

    /// The slot of a counter, counted if it was not there; the one asked longest ago gives way.
    pub(crate) fn counter(&mut self, t: &Tables<'_>, kind: Counter, id: u32) -> usize {
        let now = self.now();
        let labels = t.sequence(Sequence::Labels);
        let slots = self.counter_kind.len();
        let found = (0..slots).find(|s| self.counter_kind[*s] == kind as u32 && self.counter_id[*s] == id);
        let slot = found.unwrap_or_else(|| oldest(self.counter_tick));
        self.counter_tick[slot] = now;
        if found.is_none() || self.counter_labels[slot] != labels {
            self.counter_kind[slot] = kind as u32;
            self.counter_id[slot] = id;
            self.counter_labels[slot] = labels;
            let stride = self.limits.nodes as usize;
            let column = &mut self.counter[slot * stride..(slot + 1) * stride];
            column.fill(0);
            recount(t, kind, id, column);
        }
        slot
    }

    /// A counter's column.
    pub(crate) fn counts(&self, slot: usize) -> &[u32] {
        let stride = self.limits.nodes as usize;
        &self.counter[slot * stride..(slot + 1) * stride]
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

    /// Counts a pod in or out of every counter that it belongs to.
    pub(crate) fn count_pod(&mut self, t: &Tables<'_>, pod: usize, add: bool) {
        let node = t.pod_node[pod] as usize;
        for slot in 0..self.counter_kind.len() {
            let Some(kind) = Counter::of(self.counter_kind[slot]) else { continue };
            // One from before labels changed is counted anew before it is used.
            if self.counter_labels[slot] != t.sequence(Sequence::Labels) {
                continue;
            }
            let times = times(t, kind, self.counter_id[slot], pod);
            if times > 0 {
                let count = &mut self.counter[slot * self.limits.nodes as usize + node];
                *count = if add { *count + times } else { *count - times };
            }
        }
    }
}

impl Scratch<'_> {
    /// Where the verdict on a node is that room is held on.
    pub(crate) fn held(&self, node: NodeId) -> Option<usize> {
        self.held_node[..self.held_count[0] as usize].iter().position(|held| *held == node.0)
    }
}

/// The slot asked longest ago.
pub(crate) fn oldest(ticks: &[u64]) -> usize {
    ticks.iter().enumerate().min_by_key(|(_, tick)| **tick).map_or(0, |(slot, _)| slot)
}

/// How often a bound pod counts.
fn times(t: &Tables<'_>, kind: Counter, id: u32, pod: usize) -> u32 {
    if kind == Counter::Carrying {
        return carries(t, t.pod_spec[pod] as usize, id);
    }
    u32::from(!kind.leaves_out(t.pod_flags[pod]) && matches(t, kind, id, t.pod_labels[pod]))
}

/// Counts from scratch, by the lists that run through the pods.
pub(crate) fn recount(t: &Tables<'_>, kind: Counter, id: u32, column: &mut [u32]) {
    if kind == Counter::Carrying {
        for spec in 0..t.count(Count::Specs) as usize {
            let times = carries(t, spec, id);
            if times > 0 {
                t.pods_of_spec(spec).for_each(|pod| column[t.pod_node[pod.at()] as usize] += times);
            }
        }
        return;
    }
    for class in 0..t.count(Count::LabelClasses) {
        if matches(t, kind, id, class) {
            let pods = t.pods_labelled(class as usize).filter(|pod| !kind.leaves_out(t.pod_flags[pod.at()]));
            pods.for_each(|pod| column[t.pod_node[pod.at()] as usize] += 1);
        }
    }
}

/// How often pods of a spec class carry a term.
fn carries(t: &Tables<'_>, spec: usize, term: u32) -> u32 {
    t.list(t.specs[spec].terms).iter().filter(|carried| **carried == term).count() as u32
}

/// Whether a counter counts pods of a label class.
fn matches(t: &Tables<'_>, kind: Counter, id: u32, class: u32) -> bool {
    if kind != Counter::MatchingEvery {
        return t.selects(id, class);
    }
    let mut terms = t.list(t.specs[id as usize].terms).iter().map(|term| t.terms[*term as usize]);
    terms.all(|term| term.kind != 0 || t.selects(term.own_selector, class))
}
