//! Near to pods that match a term, or far from them, where "near" is the same value of a label of the node. Terms work
//! both ways: those of the pod, and those that bound pods carry.

use super::{Class, detail};
use crate::NONE;
use crate::cache::{Cache, Counter, Scratch};
use crate::cycle::Request;
use crate::tables::{Count, TermRow, profile_flag};

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
    let nodes = class.t.node_rows();
    if own(class, NEAR).next().is_some() {
        let slot = cache.counter(class.t, Counter::MatchingEvery, class.spec.0);
        let mut any = false;
        // The first of a group that wants to be near itself may go anywhere: that must be known before a node fails.
        for term in own(class, NEAR) {
            let labels = class.labels(term.key);
            any |= cache.counts(slot)[..nodes].iter().zip(labels).any(|(count, label)| *count > 0 && *label != NONE);
        }
        let first = !any && matches_every(class, request.labels.0);
        for term in own(class, NEAR) {
            let labels = &class.labels(term.key)[..nodes];
            let stamp = mark(labels, &cache.counts(slot)[..nodes], work);
            for (mask, label) in mask.iter_mut().zip(labels) {
                if *label == NONE || !first && work.domains[*label as usize] != stamp {
                    *mask |= 1 << bit | detail::AFFINITY;
                }
            }
        }
    }
    for term in own(class, FAR) {
        let slot = cache.counter(class.t, Counter::MatchingAll, term.own_selector);
        reject(class, &term, cache.counts(slot), 1 << bit | detail::ANTI_AFFINITY, mask, work);
    }
    for (id, term) in carried(class, request).filter(|(_, term)| term.kind == FAR) {
        let slot = cache.counter(class.t, Counter::Carrying, id);
        reject(class, &term, cache.counts(slot), 1 << bit | detail::EXISTING_ANTI_AFFINITY, mask, work);
    }
}

/// Marks the domains in which something is counted, and says with what.
fn mark(labels: &[u32], counts: &[u32], work: &mut Scratch<'_>) -> i64 {
    // Below every sum that other rules leave there.
    work.stamp[0] -= 1;
    let stamp = work.stamp[0] - 1;
    for (label, count) in labels.iter().zip(counts) {
        if *count > 0 && *label != NONE {
            work.domains[*label as usize] = stamp;
        }
    }
    stamp
}

/// Rejects the nodes of domains in which something is counted.
fn reject(class: &Class<'_>, term: &TermRow, counts: &[u32], bits: u32, mask: &mut [u32], work: &mut Scratch<'_>) {
    let nodes = class.t.node_rows();
    let labels = &class.labels(term.key)[..nodes];
    let stamp = mark(labels, &counts[..nodes], work);
    for (mask, label) in mask.iter_mut().zip(labels) {
        if *label != NONE && work.domains[*label as usize] == stamp {
            *mask |= bits;
        }
    }
}

/// Writes each node's raw score into `work.raw`; whether there is anything to score.
pub(crate) fn raw(class: &Class<'_>, request: &Request<'_>, cache: &mut Cache<'_>, work: &mut Scratch<'_>) -> bool {
    let nodes = class.t.node_rows();
    let prefers = own(class, LIKES).next().is_some() || own(class, DISLIKES).next().is_some();
    if class.profile.flags & profile_flag::IGNORE_PREFERRED != 0 && !prefers {
        return false;
    }
    // Most pods neither carry terms nor are meant by any.
    if class.row.terms.len == 0 && carried(class, request).next().is_none() {
        return false;
    }
    work.raw[..nodes].fill(0);
    let mut any = false;
    for (kind, sign) in [(LIKES, 1), (DISLIKES, -1)] {
        for term in own(class, kind) {
            let slot = cache.counter(class.t, Counter::MatchingAll, term.own_selector);
            any |= add(class, term.key, sign * i64::from(term.weight), cache.counts(slot), work);
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
        any |= add(class, term.key, weight, cache.counts(slot), work);
    }
    any
}

/// Adds the weight, for each pod that counts in a node's domain; whether any does.
fn add(class: &Class<'_>, key: u32, weight: i64, counts: &[u32], work: &mut Scratch<'_>) -> bool {
    let nodes = class.t.node_rows();
    let (labels, counts) = (&class.labels(key)[..nodes], &counts[..nodes]);
    let (raw, domains) = (&mut work.raw[..nodes], &mut *work.domains);
    for label in labels {
        if *label != NONE {
            domains[*label as usize] = 0;
        }
    }
    let mut any = false;
    for (label, count) in labels.iter().zip(counts) {
        if *count > 0 && *label != NONE {
            domains[*label as usize] += i64::from(*count);
            any = true;
        }
    }
    if any {
        for (raw, label) in raw.iter_mut().zip(labels) {
            if *label != NONE {
                *raw += weight * domains[*label as usize];
            }
        }
    }
    any
}

/// Adds the weighted score to `work.total`: 0 for the lowest, 100 for the highest.
pub(crate) fn normalise(mask: &[u32], weight: i64, nodes: usize, work: &mut Scratch<'_>) {
    let (mut least, mut most) = (i64::MAX, i64::MIN);
    for (mask, raw) in mask[..nodes].iter().zip(&work.raw[..nodes]) {
        if *mask == 0 {
            least = least.min(*raw);
            most = most.max(*raw);
        }
    }
    if most <= least {
        return;
    }
    let range = (most - least) as f64;
    for ((mask, raw), total) in mask[..nodes].iter().zip(&work.raw[..nodes]).zip(&mut work.total[..nodes]) {
        if *mask == 0 {
            *total += weight * (100.0 * ((raw - least) as f64 / range)) as i64;
        }
    }
}
