//! How evenly the pods of a selector lie over the domains of a topology.

use super::{Class, detail, node_affinity, taint_toleration};
use crate::cache::{Cache, Counter, Scratch};
use crate::cycle::Request;
use crate::tables::{Range, SpecFlags, SpreadRow, node_flag, profile_flag};
use crate::{EMPTY, NONE};

/// The constraint, with the pod's default selector where it has none of its own.
fn constraint(class: &Class<'_>, list: Range, at: u32, request: &Request<'_>) -> Option<SpreadRow> {
    let mut row = class.t.spread(list, at)?;
    if row.selector == NONE {
        row.selector = request.default_selector.0;
    }
    Some(row)
}

fn constraints<'c>(
    class: &'c Class<'_>,
    list: Range,
    request: &'c Request<'_>,
) -> impl Iterator<Item = SpreadRow> + Clone + 'c {
    (0..list.len / SpreadRow::WORDS).filter_map(move |at| constraint(class, list, at, request))
}

/// Whether there is nothing to score: no constraint, or defaults without a selector.
pub(crate) fn skips(class: &Class<'_>, request: &Request<'_>) -> bool {
    class.row.spread_soft.len == 0
        || class.row.flags & SpecFlags::OWN_SPREAD == 0 && !request.default_selector.is_some()
}

/// Whether the constraint counts the node's pods.
fn counts_node(class: &Class<'_>, constraint: &SpreadRow, node: usize) -> bool {
    (constraint.flags & SpreadRow::HONOR_AFFINITY == 0 || node_affinity::required(class, node))
        && (constraint.flags & SpreadRow::HONOR_TAINTS == 0
            || !taint_toleration::verdict(class, class.t.taint_set[node]).0)
}

/// Whether every node counts, so that nobody need ask.
fn counts_all(class: &Class<'_>, constraint: &SpreadRow) -> bool {
    constraint.flags & SpreadRow::HONOR_TAINTS == 0
        && (constraint.flags & SpreadRow::HONOR_AFFINITY == 0 || node_affinity::trivial(class))
}

/// Rejects nodes that lack a key of a constraint that must hold, and those on which it would be broken: where the
/// pods in the node's domain, with this one if it matches, would exceed the least of all domains by more than the
/// constraint's skew.
pub(crate) fn filter(
    class: &Class<'_>,
    request: &Request<'_>,
    bit: u32,
    cache: &mut Cache<'_>,
    mask: &mut [u32],
    work: &mut Scratch<'_>,
) {
    let hard = class.row.spread_hard;
    if hard.len == 0 || class.row.flags & SpecFlags::OWN_SPREAD == 0 && !request.default_selector.is_some() {
        return;
    }
    let nodes = class.t.node_rows();
    let list = constraints(class, hard, request);
    // Nodes that have all keys, and are there.
    for (node, raw) in work.raw[..nodes].iter_mut().enumerate() {
        let there = class.t.node_flags[node] & node_flag::ALIVE != 0;
        *raw = i64::from(there && list.clone().all(|c| class.labels(c.key)[node] != NONE));
    }
    for c in list.clone() {
        let labels = &class.labels(c.key)[..nodes];
        let (least, domains) = domains_of(class, &c, cache, work);
        let least = if (domains as i64) < i64::from(c.min_domains) { 0 } else { least };
        let own = i64::from(class.t.selects(c.selector, request.labels.0));
        for (mask, label) in mask.iter_mut().zip(labels) {
            if *mask >> bit & 1 != 0 {
                continue;
            }
            if *label == NONE {
                *mask |= 1 << bit | detail::SPREAD_LABEL;
            } else if work.domains[*label as usize].max(0) + own - least > i64::from(c.max_skew) {
                *mask |= 1 << bit | detail::SPREAD;
            }
        }
    }
}

/// Sums a constraint's pods by domain into `work.domains` (-1 for a value that is no domain), over the nodes that
/// `work.raw` marks with 1 and the constraint counts; the least sum, and the number of domains.
fn domains_of(class: &Class<'_>, c: &SpreadRow, cache: &mut Cache<'_>, work: &mut Scratch<'_>) -> (i64, usize) {
    let nodes = class.t.node_rows();
    let labels = &class.labels(c.key)[..nodes];
    let slot = cache.counter(class.t, Counter::Matching, c.selector);
    let counts = &cache.counts(slot)[..nodes];
    let nothing = c.flags & SpreadRow::COUNTS_NOTHING != 0;
    let domains = &mut *work.domains;
    for label in labels.iter().filter(|label| **label != NONE) {
        domains[*label as usize] = -1;
    }
    let all = counts_all(class, c);
    let mut number = 0;
    for (node, label) in labels.iter().enumerate() {
        if work.raw[node] == 0 || !all && !counts_node(class, c, node) {
            continue;
        }
        let domain = &mut domains[*label as usize];
        if *domain < 0 {
            *domain = 0;
            number += 1;
        }
        *domain += if nothing { 0 } else { i64::from(counts[node]) };
    }
    let sums = labels.iter().filter(|label| **label != NONE).map(|label| domains[*label as usize]);
    (sums.filter(|sum| *sum >= 0).min().unwrap_or(0), number)
}

/// Writes each feasible node's raw score into `work.raw`; a node that is left out gets -1. `mask` is 0 for feasible
/// nodes.
pub(crate) fn raw(
    class: &Class<'_>,
    request: &Request<'_>,
    cache: &mut Cache<'_>,
    mask: &[u32],
    work: &mut Scratch<'_>,
) {
    let nodes = class.t.node_rows();
    let (real, raw, domains) = (&mut work.real[..nodes], &mut work.raw[..nodes], &mut *work.domains);
    let mask = &mask[..nodes];
    real.fill(0.0);
    let all_keys =
        class.row.flags & SpecFlags::OWN_SPREAD != 0 || class.profile.flags & profile_flag::SYSTEM_SPREAD == 0;
    let list = constraints(class, class.row.spread_soft, request);
    let keyed = |node: usize| list.clone().all(|c| class.labels(c.key)[node] != NONE);
    let (mut feasible, mut ignored) = (0usize, 0usize);
    for node in 0..nodes {
        let out = mask[node] == 0 && all_keys && !keyed(node);
        raw[node] = if out { -1 } else { 0 };
        feasible += usize::from(mask[node] == 0);
        ignored += usize::from(out);
    }
    for c in list.clone() {
        let labels = &class.labels(c.key)[..nodes];
        let slot = cache.counter(class.t, Counter::Matching, c.selector);
        let counts = &cache.counts(slot)[..nodes];
        let nothing = c.flags & SpreadRow::COUNTS_NOTHING != 0;
        let skew = f64::from(c.max_skew - 1);
        if c.flags & SpreadRow::HOSTNAME != 0 {
            let weight = libm::log((feasible - ignored + 2) as f64);
            for ((real, count), label) in real.iter_mut().zip(counts).zip(labels) {
                let score = f64::from(if nothing { 0 } else { *count }) * weight + skew;
                *real += if *label == NONE { 0.0 } else { score };
            }
            continue;
        }
        let value = |label: u32| if label == NONE { EMPTY.at() } else { label as usize };
        for label in labels {
            domains[value(*label)] = -1;
        }
        let mut size = 0usize;
        for ((label, mask), raw) in labels.iter().zip(mask).zip(&*raw) {
            let domain = &mut domains[value(*label)];
            if *mask == 0 && *raw == 0 && *domain < 0 {
                *domain = 0;
                size += 1;
            }
        }
        let all = counts_all(class, &c);
        for node in 0..nodes {
            let domain = &mut domains[value(labels[node])];
            if *domain >= 0
                && counts[node] > 0
                && !nothing
                && (all || counts_node(class, &c, node))
                && (!all_keys || keyed(node))
                && class.t.node_flags[node] & node_flag::ALIVE != 0
            {
                *domain += i64::from(counts[node]);
            }
        }
        let weight = libm::log((size + 2) as f64);
        for ((real, label), mask) in real.iter_mut().zip(labels).zip(mask) {
            if *label != NONE && *mask == 0 {
                *real += domains[*label as usize].max(0) as f64 * weight + skew;
            }
        }
    }
    for (raw, real) in raw.iter_mut().zip(real) {
        if *raw == 0 {
            *raw = libm::round(*real) as i64;
        }
    }
}

/// Adds the weighted score to `work.total` (the fewer pods the better), from what [`raw`] wrote.
pub(crate) fn normalise(mask: &[u32], weight: i64, nodes: usize, work: &mut Scratch<'_>) {
    let (mut least, mut most) = (i64::MAX, 0i64);
    for (mask, raw) in mask[..nodes].iter().zip(&work.raw[..nodes]) {
        if *mask == 0 && *raw >= 0 {
            least = least.min(*raw);
            most = most.max(*raw);
        }
    }
    for ((mask, raw), total) in mask[..nodes].iter().zip(&work.raw[..nodes]).zip(&mut work.total[..nodes]) {
        if *mask == 0 && *raw >= 0 {
            *total += weight * if most == 0 { 100 } else { (100 * (most + least - raw)).wrapping_div(most) };
        }
    }
}
