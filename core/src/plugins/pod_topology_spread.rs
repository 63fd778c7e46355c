//! How evenly the pods of a selector lie over the domains of a topology.

use super::{Class, detail, node_affinity, taint_toleration};
use crate::cache::{Cache, Counter, Scratch};
use crate::cycle::Request;
use crate::tables::{Range, SpecFlags, SpreadRow, node_flag, profile_flag};
use crate::{EMPTY, KeyId, NONE, SpreadNumbers, StrId, divide};

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
    mark_keyed(class, list.clone(), work);
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

/// Calls `emit` with how each constraint that must hold stands on a node.
pub(crate) fn numbers(
    class: &Class<'_>,
    request: &Request<'_>,
    node: usize,
    cache: &mut Cache<'_>,
    work: &mut Scratch<'_>,
    emit: &mut dyn FnMut(SpreadNumbers),
) {
    let list = constraints(class, class.row.spread_hard, request);
    mark_keyed(class, list.clone(), work);
    for (c, number) in list.zip(0..) {
        let label = class.labels(c.key)[node];
        let (least, domains) = domains_of(class, &c, cache, work);
        emit(SpreadNumbers {
            constraint: number,
            key: KeyId(c.key),
            domain: StrId(label),
            here: if label == NONE { 0 } else { work.domains[label as usize].max(0) },
            least: if (domains as i64) < i64::from(c.min_domains) { 0 } else { least },
            counts_itself: class.t.selects(c.selector, request.labels.0),
            max_skew: c.max_skew,
        });
    }
}

/// Marks with 1 in `work.raw` the nodes that are there and have the key of every constraint.
fn mark_keyed(class: &Class<'_>, list: impl Iterator<Item = SpreadRow> + Clone, work: &mut Scratch<'_>) {
    let nodes = class.t.node_rows();
    for (node, raw) in work.raw[..nodes].iter_mut().enumerate() {
        let there = class.t.node_flags[node] & node_flag::ALIVE != 0;
        *raw = i64::from(there && list.clone().all(|c| class.labels(c.key)[node] != NONE));
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

/// Writes each feasible node's raw score into `work.real`; other nodes, and those that are left out, get -1. `mask` is 0
/// for feasible nodes.
pub(crate) fn raw(
    class: &Class<'_>,
    request: &Request<'_>,
    cache: &mut Cache<'_>,
    mask: &[u32],
    work: &mut Scratch<'_>,
) {
    let nodes = class.t.node_rows();
    let mask = &mask[..nodes];
    work.real[..nodes].fill(0.0);
    let all_keys =
        class.row.flags & SpecFlags::OWN_SPREAD != 0 || class.profile.flags & profile_flag::SYSTEM_SPREAD == 0;
    let list = constraints(class, class.row.spread_soft, request);
    // Nodes that lack a key, where that leaves them out, get -1.
    let raw = &mut work.raw[..nodes];
    let mut lacking = false;
    if all_keys {
        raw.fill(0);
        for c in list.clone() {
            for (raw, label) in raw.iter_mut().zip(class.labels(c.key)) {
                *raw = if *label == NONE { -1 } else { *raw };
            }
        }
        lacking = raw.iter().fold(0, |any, raw| any | *raw) != 0;
    }
    let feasible = mask.iter().fold(0u32, |n, mask| n + u32::from(*mask == 0));
    let ignored = if lacking { mask.iter().zip(&*raw).filter(|(m, r)| **m == 0 && **r != 0).count() } else { 0 };
    for c in list.clone() {
        let labels = &class.labels(c.key)[..nodes];
        let slot = cache.counter(class.t, Counter::Matching, c.selector);
        let counts = &cache.counts(slot)[..nodes];
        let nothing = c.flags & SpreadRow::COUNTS_NOTHING != 0;
        let skew = f64::from(c.max_skew - 1);
        if c.flags & SpreadRow::HOSTNAME != 0 {
            let weight = libm::log((feasible as usize - ignored + 2) as f64);
            let weight = if nothing { 0.0 } else { weight };
            for ((real, count), label) in work.real[..nodes].iter_mut().zip(counts).zip(labels) {
                let score = f64::from(*count as i32) * weight + skew;
                *real += if *label == NONE { 0.0 } else { score };
            }
        } else if let Some(values) = few_values(labels, mask)
            && !lacking
            && counts_all(class, &c)
        {
            let weight = libm::log((values.size + 2) as f64);
            let scores = values.values.map(|value| {
                let of = |(count, label): (&u32, &u32)| if *label == value { *count } else { 0 };
                let sum = if nothing { 0 } else { counts.iter().zip(labels).map(of).sum::<u32>() };
                f64::from(sum) * weight + skew
            });
            let (values, [s0, s1, s2, s3]) = (values.values, scores);
            for (real, label) in work.real[..nodes].iter_mut().zip(labels) {
                let early = if *label == values[0] { s0 } else { s1 };
                let late = if *label == values[2] { s2 } else { s3 };
                *real += if (*label == values[0]) | (*label == values[1]) { early } else { late };
            }
        } else {
            let lacking = lacking.then_some(&work.raw[..nodes]);
            let size = sums(class, &c, if nothing { &[] } else { counts }, mask, lacking, work.domains);
            let weight = libm::log((size + 2) as f64);
            for ((real, label), mask) in work.real[..nodes].iter_mut().zip(labels).zip(mask) {
                if *label != NONE && *mask == 0 {
                    *real += work.domains[*label as usize].max(0) as f64 * weight + skew;
                }
            }
        }
    }
    for (real, mask) in work.real[..nodes].iter_mut().zip(mask) {
        *real = if *mask == 0 { divide::round(*real) } else { -1.0 };
    }
    if lacking {
        for (real, raw) in work.real[..nodes].iter_mut().zip(&work.raw[..nodes]) {
            *real = if *raw != 0 { -1.0 } else { *real };
        }
    }
}

/// The values of a label key that feasible nodes have, where they are few.
struct FewValues {
    /// The values; those beyond `size` are the first again.
    values: [u32; 4],
    size: usize,
}

/// At most four values, and none of them "no value" or the empty one, which count as the same domain.
fn few_values(labels: &[u32], mask: &[u32]) -> Option<FewValues> {
    let first = labels[mask.iter().position(|mask| *mask == 0)?];
    let mut few = FewValues { values: [first; 4], size: 0 };
    for (labels, mask) in labels.chunks(64).zip(mask.chunks(64)) {
        loop {
            let [a, b, c, d] = few.values;
            let other = |(label, mask): (&u32, &u32)| {
                (*mask == 0) & (*label != a) & (*label != b) & (*label != c) & (*label != d)
            };
            if few.size > 0 && labels.iter().zip(mask).fold(0, |any, pair| any | u32::from(other(pair))) == 0 {
                break;
            }
            let next = if few.size == 0 { first } else { *labels.iter().zip(mask).find(|pair| other(*pair))?.0 };
            if few.size == few.values.len() || next == NONE || next == EMPTY.0 {
                return None;
            }
            few.values[few.size] = next;
            few.size += 1;
        }
    }
    Some(few)
}

/// Sums pods by domain into `domains`, over the domains of feasible nodes; a value that is none has -1. How many
/// there are.
fn sums(
    class: &Class<'_>,
    c: &SpreadRow,
    counts: &[u32],
    mask: &[u32],
    lacking: Option<&[i64]>,
    domains: &mut [i64],
) -> usize {
    let labels = &class.labels(c.key)[..mask.len()];
    let value = |label: u32| if label == NONE { EMPTY.at() } else { label as usize };
    let lacks = |node: usize| lacking.is_some_and(|raw| raw[node] != 0);
    for label in labels {
        domains[value(*label)] = -1;
    }
    let mut size = 0usize;
    for (node, (label, mask)) in labels.iter().zip(mask).enumerate() {
        let domain = &mut domains[value(*label)];
        if *mask == 0 && *domain < 0 && !lacks(node) {
            *domain = 0;
            size += 1;
        }
    }
    let all = counts_all(class, c);
    for (node, (label, count)) in labels.iter().zip(counts).enumerate() {
        let domain = &mut domains[value(*label)];
        if *count > 0
            && *domain >= 0
            && (all || counts_node(class, c, node))
            && !lacks(node)
            && class.t.node_flags[node] & node_flag::ALIVE != 0
        {
            *domain += i64::from(*count);
        }
    }
    size
}

/// Adds the weighted score to `work.total` (the fewer pods the better), from what [`raw`] wrote.
pub(crate) fn normalise(weight: i64, nodes: usize, work: &mut Scratch<'_>) {
    let real = &work.real[..nodes];
    let (least, most) = divide::bounds(real);
    let weight = weight as f64;
    let by = divide::Divisor::new(if most > 0.0 { most } else { 1.0 });
    for (total, real) in work.total[..nodes].iter_mut().zip(real) {
        let score = if most > 0.0 { by.of(100.0 * (most + least - real)) } else { 100.0 };
        *total += divide::to_i64(if *real >= 0.0 { score * weight } else { 0.0 });
    }
}
