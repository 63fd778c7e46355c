//! InterPodAffinity: near to pods that match a term, or far from them, where "near" is the same value of a label of the node. Terms
//! work both ways: those of the pod, and those that bound pods carry.
//!
//! Upstream: `pkg/scheduler/framework/plugins/interpodaffinity`. The score adds the weights of preferred terms, the pod's own and those of bound pods, and `hardPodAffinityWeight` for required affinity of bound pods; the lowest sum becomes 0, the highest 100.

use core::ops::Range;

use super::{Class, Entry, Filter, Marks, Pod, Score, Work};
use crate::NONE;
use crate::derived::Counter;
use crate::math::exact_division;
use crate::math::simd::{self, wide};
use crate::plugin::{Plugin, Reason};
use crate::tables::{Count, TermKind, TermRow, profile_flag};

/// No pod that a required affinity term selects is in the node's domain.
pub const AFFINITY: Reason = Reason::unresolvable(Plugin::InterPodAffinity, 0);
/// A pod that a required anti-affinity term selects is in the node's domain.
pub const ANTI_AFFINITY: Reason = Reason::resolvable(Plugin::InterPodAffinity, 1);
/// A bound pod's required anti-affinity term selects this one.
pub const EXISTING_ANTI_AFFINITY: Reason = Reason::resolvable(Plugin::InterPodAffinity, 2);

pub(crate) const PLUGIN: Entry = Entry {
    filter: Filter::Pod { skips: filter_skips, run: filter },
    by_pods: |pod, work| !filter_skips(pod, work),
    score: Score::Feasible(score),
    reasons: &[AFFINITY, ANTI_AFFINITY, EXISTING_ANTI_AFFINITY],
    ..Entry::NONE
};

/// The class's own terms of a kind.
fn own<'t>(class: &Class<'t>, kind: TermKind) -> impl Iterator<Item = TermRow> + Clone + use<'t> {
    let t = class.t;
    t.list(class.row.terms).iter().map(move |id| t.terms[*id as usize]).filter(move |term| term.kind == kind as u32)
}

/// The terms that bound pods carry and that are about the pod.
fn carried<'t>(pod: &Pod<'t>) -> impl Iterator<Item = (u32, TermRow)> + use<'t> {
    let (t, labels) = (pod.class.t, pod.request.labels.0);
    (0..t.count(Count::Terms)).filter_map(move |id| {
        let term = t.terms[id as usize];
        (t.term_pods[id as usize] > 0 && t.selects(term.selector, labels)).then_some((id, term))
    })
}

/// Whether a label class matches all of a class's required affinity terms; it does not where there are none.
fn matches_every(class: &Class<'_>, labels: u32) -> bool {
    let mut terms = own(class, TermKind::Affinity);
    terms.clone().next().is_some() && terms.all(|term| class.t.selects(term.own_selector, labels))
}

/// Whether the filter has nothing to look at: no required terms of the pod's own, and no bound pod in any domain whose required
/// anti-affinity selects it.
fn filter_skips(pod: &Pod<'_>, work: &mut Work<'_, '_>) -> bool {
    let class = &pod.class;
    let nodes = class.t.node_rows();
    own(class, TermKind::Affinity).chain(own(class, TermKind::AntiAffinity)).next().is_none()
        && carried(pod).filter(|(_, term)| term.kind == TermKind::AntiAffinity as u32).all(|(id, term)| {
            let slot = work.cache.counter(class.t, Counter::Carrying, id);
            let mut counts = work.cache.counts(slot)[..nodes].iter().zip(class.labels(term.key));
            counts.all(|(count, label)| *count == 0 || *label == NONE)
        })
}

fn filter(pod: &Pod<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], work: &mut Work<'_, '_>) {
    let class = &pod.class;
    let nodes = class.t.node_rows();
    if own(class, TermKind::Affinity).next().is_some() {
        let slot = work.cache.counter(class.t, Counter::MatchingEvery, class.spec.0);
        // The first of a group that wants to be near itself may go anywhere: that must be known before a node fails.
        let mut counted = false;
        for term in own(class, TermKind::Affinity) {
            let rows = work.cache.counts(slot)[..nodes].iter().zip(class.labels(term.key));
            counted |= wide!(simd::any(rows.map(|(count, label)| (*count > 0) & (*label != NONE))));
        }
        let first = !counted && matches_every(class, pod.request.labels.0);
        for term in own(class, TermKind::Affinity) {
            sum(class, &term, slot, range.clone(), work);
            let (mask, labels) = (&mut *mask, &class.labels(term.key)[range.clone()]);
            let (sums, bits) = (&work.scratch.sums[range.clone()], marks.of(AFFINITY));
            wide!({
                for ((mask, label), sum) in mask.iter_mut().zip(labels).zip(sums) {
                    *mask |= if (*label == NONE) | (!first & (*sum == 0)) { bits } else { 0 };
                }
            });
        }
    }
    for term in own(class, TermKind::AntiAffinity) {
        let slot = work.cache.counter(class.t, Counter::MatchingAll, term.own_selector);
        sum(class, &term, slot, range.clone(), work);
        reject(&work.scratch.sums[range.clone()], marks.of(ANTI_AFFINITY), mask);
    }
    for (id, term) in carried(pod).filter(|(_, term)| term.kind == TermKind::AntiAffinity as u32) {
        let slot = work.cache.counter(class.t, Counter::Carrying, id);
        sum(class, &term, slot, range.clone(), work);
        reject(&work.scratch.sums[range.clone()], marks.of(EXISTING_ANTI_AFFINITY), mask);
    }
}

/// Sums a counter into `work.sums`, by the domain of each node of the range in the term's topology.
fn sum(class: &Class<'_>, term: &TermRow, slot: usize, range: Range<usize>, work: &mut Work<'_, '_>) {
    let sums = &mut work.scratch.sums[range.clone()];
    work.cache.sum_in_domains(class.t, slot, term.key, range, sums, work.scratch.by_value);
}

/// Rejects the nodes in whose domains something is counted.
fn reject(sums: &[u32], bits: u32, mask: &mut [u32]) {
    wide!({
        for (mask, sum) in mask.iter_mut().zip(sums) {
            *mask |= if *sum > 0 { bits } else { 0 };
        }
    });
}

/// Scores the feasible nodes by the weights of the terms that hold there.
fn score(pod: &Pod<'_>, weight: i64, mask: &[u32], total: &mut [i64], work: &mut Work<'_, '_>) -> bool {
    if !raw(pod, work) {
        return false;
    }
    normalise(mask, &work.scratch.raw[..mask.len()], weight, total);
    true
}

/// Writes each node's raw score into `work.raw`; whether there is anything to score.
fn raw(pod: &Pod<'_>, work: &mut Work<'_, '_>) -> bool {
    let class = &pod.class;
    let preferred = own(class, TermKind::PreferredAffinity).chain(own(class, TermKind::PreferredAntiAffinity));
    let prefers = preferred.into_iter().next().is_some();
    if class.profile.flags & profile_flag::IGNORE_PREFERRED != 0 && !prefers {
        return false;
    }
    // Most pods neither carry terms nor are meant by any.
    if class.row.terms.len == 0 && carried(pod).next().is_none() {
        return false;
    }
    let nodes = class.t.node_rows();
    work.scratch.raw[..nodes].fill(0);
    let mut any = false;
    for (kind, sign) in [(TermKind::PreferredAffinity, 1), (TermKind::PreferredAntiAffinity, -1)] {
        for term in own(class, kind) {
            let slot = work.cache.counter(class.t, Counter::MatchingAll, term.own_selector);
            sum(class, &term, slot, 0..nodes, work);
            any |= add(sign * i64::from(term.weight), nodes, work);
        }
    }
    const AFFINITY: u32 = TermKind::Affinity as u32;
    const PREFERRED: u32 = TermKind::PreferredAffinity as u32;
    const PREFERRED_ANTI: u32 = TermKind::PreferredAntiAffinity as u32;
    for (id, term) in carried(pod) {
        let weight = match term.kind {
            AFFINITY if class.profile.hard_pod_affinity_weight > 0 => class.profile.hard_pod_affinity_weight,
            PREFERRED => i64::from(term.weight),
            PREFERRED_ANTI => -i64::from(term.weight),
            _ => continue,
        };
        let slot = work.cache.counter(class.t, Counter::Carrying, id);
        sum(class, &term, slot, 0..nodes, work);
        any |= add(weight, nodes, work);
    }
    any
}

/// Adds the weight to each node's raw score, for each pod that counts in its domain; whether any does.
fn add(weight: i64, nodes: usize, work: &mut Work<'_, '_>) -> bool {
    let (raw, sums) = (&mut work.scratch.raw[..nodes], &work.scratch.sums[..nodes]);
    let any = wide!(simd::any(sums.iter().map(|sum| *sum > 0)));
    if any {
        wide!({
            for (raw, sum) in raw.iter_mut().zip(sums) {
                *raw += weight * i64::from(*sum);
            }
        });
    }
    any
}

/// Adds the weighted score to `total`: 0 for the lowest, 100 for the highest.
fn normalise(mask: &[u32], raw: &[i64], weight: i64, total: &mut [i64]) {
    let (least, most) = wide!({
        mask.iter().zip(raw).fold((i64::MAX, i64::MIN), |(least, most), (mask, raw)| {
            (least.min(if *mask == 0 { *raw } else { i64::MAX }), most.max(if *mask == 0 { *raw } else { i64::MIN }))
        })
    });
    if most <= least {
        return;
    }
    let range = (most - least) as f64;
    if exact_division::is_small(most.wrapping_sub(least)) && weight >> 32 == 0 {
        let weight = weight as f64;
        wide!({
            for ((mask, raw), total) in mask.iter().zip(raw).zip(total) {
                let above = if *mask == 0 { raw.wrapping_sub(least) } else { 0 };
                let score = exact_division::floor(100.0 * (exact_division::to_f64(above) / range));
                *total += exact_division::to_i64(score * weight);
            }
        });
        return;
    }
    for ((mask, raw), total) in mask.iter().zip(raw).zip(total) {
        if *mask == 0 {
            *total += weight * (100.0 * ((raw - least) as f64 / range)) as i64;
        }
    }
}
