//! Counters: how many pods on each node a selector matches, or carry a term. Made when first asked for, kept by bind and unbind, and
//! recounted from the pods' lists when labels change.

use super::cache::{Cache, oldest};
use crate::NONE;
use crate::tables::{Count, Sequence, Tables, TermKind, pod_flag};

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
        self == Self::Matching && flags & pod_flag::TERMINATING != 0
    }
}

impl Cache<'_> {
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
            self.sums_key[slot] = NONE;
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
            let Some(kind) = Counter::of(self.counter_kind[slot]) else { continue };
            // One from before labels changed is recounted before it is used.
            if self.counter_labels[slot] != t.sequence(Sequence::Labels) {
                continue;
            }
            let times = times(t, kind, self.counter_id[slot], pod);
            if times > 0 {
                let count = &mut self.counter[slot * self.limits.nodes as usize + node];
                *count = if add { *count + times } else { *count - times };
                self.count_in_domain(t, slot, node, times, add);
            }
        }
    }
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
    terms.all(|term| term.kind != TermKind::Affinity as u32 || t.selects(term.own_selector, class))
}
