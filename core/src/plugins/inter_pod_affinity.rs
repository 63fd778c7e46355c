//! Near to pods that match a term, or far from them, where "near" is the same value of a label of the node. Terms work
//! both ways: those of the pod, and those that bound pods carry.

use super::{Class, detail};
use crate::cache::{Cache, Counter, Scratch};
use crate::cycle::Request;
use crate::simd::{self, wide};
use crate::tables::{Count, TermRow, profile_flag};
use crate::{NONE, divide};

const NEAR: u32 = 0;
const FAR: u32 = 1;
const LIKES: u32 = 2;
const DISLIKES: u32 = 3;

/// The class's own terms of a kind.
fn own<'t>(class: &Class<'t>, kind: u32) -> impl Iterator<Item = TermRow> + Clone + use<'t> {
    let t = class.t;
    t.list(class.row.terms).iter().map(move |id| t.terms[*id as usize]).filter(move |term| term.kind == kind)
}

/// The terms that bound pods carry and that are about the pod.
fn carried<'t>(class: &Class<'t>, request: &Request<'_>) -> impl Iterator<Item = (u32, TermRow)> + use<'t> {
    let (t, labels) = (class.t, request.labels.0);
    (0..t.count(Count::Terms)).filter_map(move |id| {
        let term = t.terms[id as usize];
        (t.term_pods[id as usize] > 0 && t.selects(term.selector, labels)).then_some((id, term))
    })
}

/// Whether a label class matches all of a class's required affinity terms; it does not where there are none.
pub(crate) fn matches_every(class: &Class<'_>, labels: u32) -> bool {
    let mut terms = own(class, NEAR);
    terms.clone().next().is_some() && terms.all(|term| class.t.selects(term.own_selector, labels))
}

/// Whether the filter has nothing to look at: no required terms of the pod's own, and no bound pod in any domain that
/// wants it far.
pub(crate) fn filter_skips(class: &Class<'_>, request: &Request<'_>, cache: &mut Cache<'_>) -> bool {
    let nodes = class.t.node_rows();
    own(class, NEAR).chain(own(class, FAR)).next().is_none()
        && carried(class, request).filter(|(_, term)| term.kind == FAR).all(|(id, term)| {
            let slot = cache.counter(class.t, Counter::Carrying, id);
            let mut counts = cache.counts(slot)[..nodes].iter().zip(class.labels(term.key));
            counts.all(|(count, label)| *count == 0 || *label == NONE)
        })
}

pub(crate) fn filter(
    class: &Class<'_>,
    request: &Request<'_>,
    bit: u32,
    cache: &mut Cache<'_>,
    mask: &mut [u32],
    work: &mut Scratch<'_>,
) {
    let nodes = mask.len();
    if own(class, NEAR).next().is_some() {
        let slot = cache.counter(class.t, Counter::MatchingEvery, class.spec.0);
        // The first of a group that wants to be near itself may go anywhere: that must be known before a node fails.
        let mut counted = false;
        for term in own(class, NEAR) {
            let rows = cache.counts(slot)[..nodes].iter().zip(class.labels(term.key));
            counted |= wide!(simd::any(rows.map(|(count, label)| (*count > 0) & (*label != NONE))));
        }
        let first = !counted && matches_every(class, request.labels.0);
        for term in own(class, NEAR) {
            sum(class, &term, slot, cache, work);
            let (mask, labels, sums) = (&mut *mask, class.labels(term.key), &work.sums[..nodes]);
            let bits = 1 << bit | detail::AFFINITY;
            wide!({
                for ((mask, label), sum) in mask.iter_mut().zip(labels).zip(sums) {
                    *mask |= if (*label == NONE) | (!first & (*sum == 0)) { bits } else { 0 };
                }
            });
        }
    }
    for term in own(class, FAR) {
        let slot = cache.counter(class.t, Counter::MatchingAll, term.own_selector);
        sum(class, &term, slot, cache, work);
        reject(&work.sums[..nodes], 1 << bit | detail::ANTI_AFFINITY, mask);
    }
    for (id, term) in carried(class, request).filter(|(_, term)| term.kind == FAR) {
        let slot = cache.counter(class.t, Counter::Carrying, id);
        sum(class, &term, slot, cache, work);
        reject(&work.sums[..nodes], 1 << bit | detail::EXISTING_ANTI_AFFINITY, mask);
    }
}

/// Sums a counter into `work.sums`, by the domain of each node in the term's topology.
fn sum(class: &Class<'_>, term: &TermRow, slot: usize, cache: &mut Cache<'_>, work: &mut Scratch<'_>) {
    let domains = cache.domains(class.t, term.key, work.by_value);
    let labels = class.labels(term.key);
    domains.add_up(labels, cache.counts(slot), &mut work.sums[..labels.len()], work.by_value);
}

/// Rejects the nodes in whose domains something is counted.
fn reject(sums: &[u32], bits: u32, mask: &mut [u32]) {
    wide!({
        for (mask, sum) in mask.iter_mut().zip(sums) {
            *mask |= if *sum > 0 { bits } else { 0 };
        }
    });
}

/// Writes each node's raw score into `work.raw`; whether there is anything to score.
pub(crate) fn raw(class: &Class<'_>, request: &Request<'_>, cache: &mut Cache<'_>, work: &mut Scratch<'_>) -> bool {
    let prefers = own(class, LIKES).next().is_some() || own(class, DISLIKES).next().is_some();
    if class.profile.flags & profile_flag::IGNORE_PREFERRED != 0 && !prefers {
        return false;
    }
    // Most pods neither carry terms nor are meant by any.
    if class.row.terms.len == 0 && carried(class, request).next().is_none() {
        return false;
    }
    work.raw[..class.t.node_rows()].fill(0);
    let mut any = false;
    for (kind, sign) in [(LIKES, 1), (DISLIKES, -1)] {
        for term in own(class, kind) {
            let slot = cache.counter(class.t, Counter::MatchingAll, term.own_selector);
            sum(class, &term, slot, cache, work);
            any |= add(sign * i64::from(term.weight), class.t.node_rows(), work);
        }
    }
    for (id, term) in carried(class, request) {
        let weight = match term.kind {
            NEAR if class.profile.hard_pod_affinity_weight > 0 => class.profile.hard_pod_affinity_weight,
            LIKES => i64::from(term.weight),
            DISLIKES => -i64::from(term.weight),
            _ => continue,
        };
        let slot = cache.counter(class.t, Counter::Carrying, id);
        sum(class, &term, slot, cache, work);
        any |= add(weight, class.t.node_rows(), work);
    }
    any
}

/// Adds the weight to each node's raw score, for each pod that counts in its domain; whether any does.
fn add(weight: i64, nodes: usize, work: &mut Scratch<'_>) -> bool {
    let (raw, sums) = (&mut work.raw[..nodes], &work.sums[..nodes]);
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
pub(crate) fn normalise(mask: &[u32], raw: &[i64], weight: i64, total: &mut [i64]) {
    let (least, most) = wide!({
        mask.iter().zip(raw).fold((i64::MAX, i64::MIN), |(least, most), (mask, raw)| {
            (least.min(if *mask == 0 { *raw } else { i64::MAX }), most.max(if *mask == 0 { *raw } else { i64::MIN }))
        })
    });
    if most <= least {
        return;
    }
    let range = (most - least) as f64;
    if divide::is_small(most.wrapping_sub(least)) && weight >> 32 == 0 {
        let weight = weight as f64;
        wide!({
            for ((mask, raw), total) in mask.iter().zip(raw).zip(total) {
                let above = if *mask == 0 { raw.wrapping_sub(least) } else { 0 };
                let score = divide::floor(100.0 * (divide::to_f64(above) / range));
                *total += divide::to_i64(score * weight);
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
