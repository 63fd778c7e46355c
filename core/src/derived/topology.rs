//! Domains of a topology: the nodes that have the same value of a label key. Spreading and pod affinity both ask how many pods
//! of some kind are in a node's domain.
//!
//! How values lie over nodes seldom changes, so it is known for each key. Most keys are either a name that each node has
//! for itself, where a node's domain is the node, or a zone, of which there are a handful. Both are loops over columns
//! without a table in between.

use core::ops::Range;

use super::Cache;
use crate::math::simd::{self, wide};
use crate::tables::{Sequence, Tables, node_flag};
use crate::{EMPTY, NONE};

/// How many values are "few".
pub(crate) const FEW: usize = 8;

/// How the values of a key lie over the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Domains {
    kind: Kind,
    /// Some node that is there lacks the key.
    pub(crate) lacking: bool,
    /// Some node has the empty value.
    pub(crate) empty: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// No two nodes have the same value.
    Single,
    /// There are only so many values; the places beyond them hold [`NONE`].
    Few([u32; FEW], usize),
    /// Neither.
    Many,
}

/// What the cache holds of a key: the number of values where they are few, and in the bits above what else is known.
mod known {
    pub(crate) const SIZE: u32 = 0xff;
    pub(crate) const SINGLE: u32 = 1 << 8;
    pub(crate) const MANY: u32 = 1 << 9;
    pub(crate) const LACKING: u32 = 1 << 10;
    pub(crate) const EMPTY: u32 = 1 << 11;
}

impl Cache<'_> {
    /// How the values of a key lie over the nodes. `by_value` has a place for each string, here and below.
    pub(crate) fn domains(&mut self, t: &Tables<'_>, key: u32, by_value: &mut [u32]) -> Domains {
        let (at, now) = (key as usize, t.sequence(Sequence::Topology) + 1);
        if self.key_as_of[at] != now {
            self.key_as_of[at] = now;
            self.key_known[at] = classify(t, key, &mut self.key_values[at * FEW..(at + 1) * FEW], by_value);
        }
        let what = self.key_known[at];
        let kind = if what & known::SINGLE != 0 {
            Kind::Single
        } else if what & known::MANY != 0 {
            Kind::Many
        } else {
            let mut values = [NONE; FEW];
            values.copy_from_slice(&self.key_values[at * FEW..(at + 1) * FEW]);
            Kind::Few(values, (what & known::SIZE) as usize)
        };
        Domains { kind, lacking: what & known::LACKING != 0, empty: what & known::EMPTY != 0 }
    }
}

impl Cache<'_> {
    /// A counter's sums by the values of a key that has few of them, in their order: summed once, and kept right from then on.
    pub(crate) fn few_sums(&mut self, t: &Tables<'_>, slot: usize, key: u32, domains: &Domains) -> Option<[u32; FEW]> {
        let Kind::Few(values, size) = domains.kind else { return None };
        let now = t.sequence(Sequence::Topology) + 1;
        if self.sums_key[slot] != key || self.sums_as_of[slot] != now {
            let labels = t.labels_of(key);
            let counts = &self.counter[slot * self.limits.nodes as usize..][..labels.len()];
            let mut sums = [0; FEW];
            for (sum, value) in sums.iter_mut().zip(&values[..size]) {
                let value = *value;
                let in_domain = |(label, count): (&u32, &u32)| if *label == value { *count } else { 0 };
                *sum = wide!(labels.iter().zip(counts).map(in_domain).fold(0, u32::wrapping_add));
            }
            self.sums[slot * FEW..(slot + 1) * FEW].copy_from_slice(&sums);
            (self.sums_key[slot], self.sums_as_of[slot]) = (key, now);
        }
        let mut sums = [0; FEW];
        sums.copy_from_slice(&self.sums[slot * FEW..(slot + 1) * FEW]);
        Some(sums)
    }

    /// Whether a counter's kept sums are those of its column.
    pub(crate) fn sums_hold(&self, t: &Tables<'_>, slot: usize) -> bool {
        let key = self.sums_key[slot];
        if key == NONE || self.sums_as_of[slot] != t.sequence(Sequence::Topology) + 1 {
            return true;
        }
        let values = &self.key_values[key as usize * FEW..(key as usize + 1) * FEW];
        let in_domain = |value: u32| {
            let rows = t.labels_of(key).iter().zip(self.counts(slot));
            rows.filter(|(label, _)| **label == value).map(|(_, count)| *count).sum::<u32>()
        };
        let mut kept = values.iter().zip(&self.sums[slot * FEW..(slot + 1) * FEW]);
        kept.all(|(value, sum)| *value == NONE || in_domain(*value) == *sum)
    }

    /// After a counter changed on a node: the sum of the node's domain, where sums are kept.
    pub(super) fn count_in_domain(&mut self, t: &Tables<'_>, slot: usize, node: usize, times: u32, add: bool) {
        let key = self.sums_key[slot];
        if key == NONE {
            return;
        }
        if self.sums_as_of[slot] != t.sequence(Sequence::Topology) + 1 {
            self.sums_key[slot] = NONE;
            return;
        }
        let label = t.labels_of(key)[node];
        let values = &self.key_values[key as usize * FEW..(key as usize + 1) * FEW];
        if label != NONE
            && let Some(at) = values.iter().position(|value| *value == label)
        {
            let sum = &mut self.sums[slot * FEW + at];
            *sum = if add { *sum + times } else { *sum - times };
        }
    }

    /// Writes, for each node of a range, how many pods a counter has in the node's domain; 0 for a node without the key. Only where a key has
    /// many values of many nodes each does it look at nodes outside of the range.
    pub(crate) fn sum_in_domains(
        &mut self,
        t: &Tables<'_>,
        slot: usize,
        key: u32,
        range: Range<usize>,
        out: &mut [u32],
        by_value: &mut [u32],
    ) {
        let domains = self.domains(t, key, by_value);
        let labels = t.labels_of(key);
        if let (Kind::Few(values, size), Some(sums)) = (&domains.kind, self.few_sums(t, slot, key, &domains)) {
            write_few(&values[..*size], &sums, &labels[range], out);
            return;
        }
        let counts = &self.counts(slot)[..labels.len()];
        match domains.kind {
            Kind::Many => {
                sum_by_value(labels, counts, by_value);
                for (sum, label) in out.iter_mut().zip(&labels[range]) {
                    *sum = if *label == NONE { 0 } else { by_value[*label as usize] };
                }
            }
            _ => domains.sum_per_domain(&labels[range.clone()], &counts[range], out, by_value),
        }
    }
}

/// Writes each node's sum, by the few values that there are.
fn write_few(values: &[u32], sums: &[u32; FEW], labels: &[u32], out: &mut [u32]) {
    out.fill(0);
    for (value, sum) in values.iter().copied().zip(sums.iter().copied()).filter(|(_, sum)| *sum != 0) {
        let out = &mut *out;
        wide!({
            for (out, label) in out.iter_mut().zip(labels) {
                *out |= if *label == value { sum } else { 0 };
            }
        });
    }
}

/// Sums counts by value.
fn sum_by_value(labels: &[u32], counts: &[u32], by_value: &mut [u32]) {
    let with_key = || labels.iter().zip(counts).filter(|(label, _)| **label != NONE);
    with_key().for_each(|(label, _)| by_value[*label as usize] = 0);
    with_key().for_each(|(label, count)| by_value[*label as usize] += count);
}

/// Finds out how the values of a column lie over the nodes, and which there are if they are few.
fn classify(t: &Tables<'_>, key: u32, values: &mut [u32], by_value: &mut [u32]) -> u32 {
    let labels = t.labels_of(key);
    let with_key = || labels.iter().copied().filter(|label| *label != NONE);
    with_key().for_each(|label| by_value[label as usize] = 0);
    values.fill(NONE);
    let (mut size, mut repeats) = (0, false);
    for label in with_key() {
        if core::mem::replace(&mut by_value[label as usize], 1) != 0 {
            repeats = true;
            continue;
        }
        if let Some(value) = values.get_mut(size) {
            *value = label;
        }
        size += 1;
    }
    let kind = match size {
        _ if size <= FEW => size as u32,
        _ if repeats => known::MANY,
        _ => known::SINGLE,
    };
    let is_alive = |flags: &u8| flags & node_flag::ALIVE != 0;
    let lacks = labels.iter().zip(&*t.node_flags).any(|(label, flags)| *label == NONE && is_alive(flags));
    let lacking = if lacks { known::LACKING } else { 0 };
    kind | lacking | if labels.contains(&EMPTY.0) { known::EMPTY } else { 0 }
}

impl Domains {
    /// The least of the sums of the few values, and how many these are.
    pub(crate) fn least_of_few(&self, sums: &[u32; FEW]) -> (u32, usize) {
        match self.kind {
            Kind::Few(_, size) => (sums[..size].iter().copied().min().unwrap_or(0), size),
            _ => (0, 0),
        }
    }

    /// Writes each node's sum of the few values.
    pub(crate) fn write_few(&self, sums: &[u32; FEW], labels: &[u32], out: &mut [u32]) {
        if let Kind::Few(values, size) = &self.kind {
            write_few(&values[..*size], sums, labels, out);
        }
    }

    /// The domains of [`lacking_as_empty`].
    pub(crate) const MANY: Self = Domains { kind: Kind::Many, lacking: false, empty: true };

    /// Writes, for each node, how many pods `counts` has in the node's domain; 0 for a node without the key.
    pub(crate) fn sum_per_domain(&self, labels: &[u32], counts: &[u32], sums: &mut [u32], by_value: &mut [u32]) {
        let nodes = sums.len();
        let (labels, counts) = (&labels[..nodes], &counts[..nodes]);
        match &self.kind {
            Kind::Single => wide!({
                for ((sum, label), count) in sums.iter_mut().zip(labels).zip(counts) {
                    let count = *count;
                    *sum = if *label == NONE { 0 } else { count };
                }
            }),
            Kind::Few(values, size) => {
                let mut few = [0; FEW];
                for (few, value) in few.iter_mut().zip(&values[..*size]) {
                    let value = *value;
                    let in_domain = |(label, count): (&u32, &u32)| if *label == value { *count } else { 0 };
                    *few = wide!(labels.iter().zip(counts).map(in_domain).fold(0, u32::wrapping_add));
                }
                write_few(&values[..*size], &few, labels, sums);
            }
            Kind::Many => {
                sum_by_value(labels, counts, by_value);
                for (sum, label) in sums.iter_mut().zip(labels) {
                    *sum = if *label == NONE { 0 } else { by_value[*label as usize] };
                }
            }
        }
    }

    /// How many domains have a node of which `rejects` is 0.
    pub(crate) fn count_domains(&self, labels: &[u32], rejects: &[u32], by_value: &mut [u32]) -> usize {
        let labels = &labels[..rejects.len()];
        match &self.kind {
            Kind::Single => {
                let accepted = |(label, reject): (&u32, &u32)| (*label != NONE) & (*reject == 0);
                wide!(simd::count(labels.iter().zip(rejects).map(accepted))) as usize
            }
            // Most often a node near the start has the value.
            Kind::Few(values, size) => {
                let rows = |value: &&u32| {
                    let value = **value;
                    labels.chunks(256).zip(rejects.chunks(256)).any(|(labels, rejects)| {
                        let accepted = |(label, reject): (&u32, &u32)| (*label == value) & (*reject == 0);
                        wide!(simd::any(labels.iter().zip(rejects).map(accepted)))
                    })
                };
                values[..*size].iter().filter(|value| rows(value)).count()
            }
            Kind::Many => {
                let accepted = || labels.iter().zip(rejects).filter(|(label, reject)| **label != NONE && **reject == 0);
                accepted().for_each(|(label, _)| by_value[*label as usize] = 0);
                accepted().map(|(label, _)| 1 - core::mem::replace(&mut by_value[*label as usize], 1) as usize).sum()
            }
        }
    }
}

/// Writes a key's column with the empty value for nodes that lack the key.
pub(crate) fn lacking_as_empty(labels: &[u32], out: &mut [u32]) {
    for (out, label) in out.iter_mut().zip(labels) {
        *out = if *label == NONE { EMPTY.0 } else { *label };
    }
}
