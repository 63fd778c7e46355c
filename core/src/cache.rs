//! What can be computed again: columns of spec classes, counters of pods per node, and scratch. Forks and snapshots
//! leave it out.

use crate::layout::region;
use crate::tables::{Count, Sequence, Tables};
use crate::{Limits, NONE};

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
        // normalising, summed; the raw scores that do.
        slot_mask: u32 [|l: &Limits| l.cached_specs, |l: &Limits| l.nodes],
        slot_base: i64 [|l: &Limits| l.cached_specs, |l: &Limits| l.nodes],
        slot_taints: u16 [|l: &Limits| l.cached_specs, |l: &Limits| l.nodes],
        slot_affinity: i32 [|l: &Limits| l.cached_specs, |l: &Limits| l.nodes],

        // Counters: of what, under which labels, and when last asked; then pods per node.
        counter_kind: u32 [|_: &Limits| 1, |l: &Limits| l.cached_counters] = NONE,
        counter_id: u32 [|_: &Limits| 1, |l: &Limits| l.cached_counters] = NONE,
        counter_labels: u64 [|_: &Limits| 1, |l: &Limits| l.cached_counters],
        counter_tick: u64 [|_: &Limits| 1, |l: &Limits| l.cached_counters],
        counter: u32 [|l: &Limits| l.cached_counters, |l: &Limits| l.nodes],
    }
}

region! {
    /// Space to work in.
    pub(crate) struct Scratch {
        mask: u32 [|_: &Limits| 1, |l: &Limits| l.nodes],
        total: i64 [|_: &Limits| 1, |l: &Limits| l.nodes],
        raw: i64 [|_: &Limits| 1, |l: &Limits| l.nodes],
        sum: i64 [|_: &Limits| 1, |l: &Limits| l.nodes],
        weights: i64 [|_: &Limits| 1, |l: &Limits| l.nodes],
        real: f64 [|_: &Limits| 1, |l: &Limits| l.nodes],
        // By value of a topology key; stamps mark values without clearing.
        domains: i64 [|_: &Limits| 1, |l: &Limits| l.strings],
        stamp: i64 [|_: &Limits| 1, |_: &Limits| 1],
        taint_sets: u16 [|_: &Limits| 1, |l: &Limits| l.taint_sets],
        image_sets: i64 [|_: &Limits| 1, |l: &Limits| l.image_sets],
    }
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

    /// Counts a pod in or out of every counter that it belongs to.
    pub(crate) fn count_pod(&mut self, t: &Tables<'_>, pod: usize, add: bool) {
        let node = t.pod_node[pod] as usize;
        for slot in 0..self.counter_kind.len() {
            let kind = self.counter_kind[slot];
            if kind == NONE {
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

/// The slot asked longest ago.
pub(crate) fn oldest(ticks: &[u64]) -> usize {
    ticks.iter().enumerate().min_by_key(|(_, tick)| **tick).map_or(0, |(slot, _)| slot)
}

/// How often a bound pod counts.
pub(crate) fn times(t: &Tables<'_>, kind: u32, id: u32, pod: usize) -> u32 {
    if kind == Counter::Carrying as u32 {
        let terms = t.specs[t.pod_spec[pod] as usize].terms;
        return t.list(terms).iter().filter(|term| **term == id).count() as u32;
    }
    if kind == Counter::MatchingEvery as u32 {
        let terms = t.list(t.specs[id as usize].terms).iter().map(|term| t.terms[*term as usize]);
        return u32::from(
            terms.filter(|term| term.kind == 0).all(|term| t.selects(term.own_selector, t.pod_labels[pod])),
        );
    }
    let leaves_out = kind == Counter::Matching as u32 && t.pod_flags[pod] & crate::tables::PodFlags::TERMINATING != 0;
    u32::from(!leaves_out && t.selects(id, t.pod_labels[pod]))
}

/// Counts from scratch, by the lists that run through the pods.
pub(crate) fn recount(t: &Tables<'_>, kind: Counter, id: u32, column: &mut [u32]) {
    let mut add = |pod: usize| {
        let times = times(t, kind as u32, id, pod);
        if times > 0 {
            column[t.pod_node[pod] as usize] += times;
        }
    };
    if kind == Counter::Carrying {
        for spec in 0..t.count(Count::Specs) as usize {
            if t.list(t.specs[spec].terms).contains(&id) {
                t.pods_of_spec(spec).for_each(|pod| add(pod.at()));
            }
        }
    } else {
        for class in 0..t.count(Count::LabelClasses) as usize {
            if kind == Counter::MatchingEvery || t.selects(id, class as u32) {
                t.pods_labelled(class).for_each(|pod| add(pod.at()));
            }
        }
    }
}
