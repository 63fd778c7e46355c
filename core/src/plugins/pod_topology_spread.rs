//! How evenly the pods of a selector lie over the domains of a topology.

use super::{Class, detail, node_affinity};
use crate::cache::{Cache, Counter, Scratch, fact};
use crate::cycle::Request;
use crate::domains::{self, Domains};
use crate::simd::{self, wide};
use crate::tables::{Range, SpecFlags, SpreadRow, profile_flag};
use crate::{KeyId, NONE, NodeId, SpreadNumbers, StrId, divide};

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

/// Which facts about a node make the constraint leave its pods out: its policies say whether the class's node affinity and
/// tolerations do.
fn policies(class: &Class<'_>, constraint: &SpreadRow) -> u16 {
    let affinity = constraint.flags & SpreadRow::HONOR_AFFINITY != 0 && !node_affinity::trivial(class);
    let taints = constraint.flags & SpreadRow::HONOR_TAINTS != 0;
    (if affinity { fact::UNMATCHED } else { 0 }) | (if taints { fact::FORBIDDEN } else { 0 })
}

/// Marks the nodes that lack a key of a constraint, and those that the policies leave out.
fn leave_out(
    class: &Class<'_>,
    list: impl Iterator<Item = SpreadRow>,
    policies: u16,
    cache: &Cache<'_>,
    rejects: &mut [u32],
) {
    rejects.fill(0);
    list.for_each(|c| leave_out_lacking(class, c.key, rejects));
    if policies != 0 {
        let facts = cache.facts(cache.slot(class.spec));
        wide!({
            for (reject, facts) in rejects.iter_mut().zip(facts) {
                *reject |= u32::from(facts & policies != 0);
            }
        });
    }
}

/// Marks the nodes that lack the key.
fn leave_out_lacking(class: &Class<'_>, key: u32, rejects: &mut [u32]) {
    let labels = class.labels(key);
    wide!({
        for (reject, label) in rejects.iter_mut().zip(labels) {
            *reject |= u32::from(*label == NONE);
        }
    });
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
    let list = constraints(class, hard, request);
    for c in list.clone() {
        let labels = class.labels(c.key);
        let (least, domains) = domains_of(class, &c, list.clone(), cache, work);
        let least = if (domains as i64) < i64::from(c.min_domains) { 0 } else { i64::from(least) };
        let own = i64::from(class.t.selects(c.selector, request.labels.0));
        // The least sum that is too much.
        let too_many = (i64::from(c.max_skew) + least - own + 1).clamp(0, i64::from(u32::MAX)) as u32;
        let (sums, mask) = (&work.sums[..mask.len()], &mut *mask);
        let (no_label, skewed) = (1 << bit | detail::SPREAD_LABEL, 1 << bit | detail::SPREAD);
        wide!({
            for ((mask, label), sum) in mask.iter_mut().zip(labels).zip(sums) {
                let skewed = if *sum >= too_many { skewed } else { 0 };
                let why = if *label == NONE { no_label } else { skewed };
                // The first constraint that fails is the reason.
                *mask |= if *mask >> bit & 1 == 0 { why } else { 0 };
            }
        });
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
    for (c, number) in list.clone().zip(0..) {
        let label = class.labels(c.key)[node];
        let (least, domains) = domains_of(class, &c, list.clone(), cache, work);
        emit(SpreadNumbers {
            constraint: number,
            key: KeyId(c.key),
            domain: StrId(label),
            here: i64::from(work.sums[node]),
            least: if (domains as i64) < i64::from(c.min_domains) { 0 } else { i64::from(least) },
            domains: domains as u32,
            min_domains: c.min_domains,
            counts_itself: class.t.selects(c.selector, request.labels.0),
            max_skew: c.max_skew,
        });
    }
}

/// Sums a constraint's pods into `work.sums` by the domain of each node, over the nodes that have the keys of all
/// constraints and that this one counts; the least sum of their domains, and how many domains they are.
fn domains_of(
    class: &Class<'_>,
    c: &SpreadRow,
    list: impl Iterator<Item = SpreadRow>,
    cache: &mut Cache<'_>,
    work: &mut Scratch<'_>,
) -> (u32, usize) {
    let nodes = class.t.node_rows();
    let labels = class.labels(c.key);
    leave_out(class, list, policies(class, c), cache, &mut work.rejects[..nodes]);
    let domains = cache.domains(class.t, c.key, work.by_value);
    add_up(class, c, (domains, labels), true, cache, work);
    let (rejects, sums) = (&work.rejects[..nodes], &work.sums[..nodes]);
    let counted = |(sum, reject): (&u32, &u32)| if *reject == 0 { *sum } else { u32::MAX };
    let least = wide!(sums.iter().zip(rejects).map(counted).fold(u32::MAX, u32::min));
    let number = domains.number(labels, rejects, work.by_value);
    (if number == 0 { 0 } else { least }, number)
}

/// Sums a constraint's pods into `work.sums` by the domain of each node; where some are left out, over nodes only of which
/// `work.rejects` is 0.
fn add_up(
    class: &Class<'_>,
    c: &SpreadRow,
    (domains, labels): (Domains, &[u32]),
    some_left_out: bool,
    cache: &mut Cache<'_>,
    work: &mut Scratch<'_>,
) {
    let nodes = labels.len();
    let sums = &mut work.sums[..nodes];
    if c.flags & SpreadRow::COUNTS_NOTHING != 0 {
        sums.fill(0);
        let [node, pods] = [work.assumed[0], work.assumed[1]].map(|word| word as usize);
        let held = class.t.pods_on(NodeId(node as u32)).take(pods);
        let counted = held.filter(|pod| class.t.selects(c.selector, class.t.pod_labels[pod.at()])).count() as u32;
        // Pods that room is held for do count.
        if counted > 0 && work.rejects[node] == 0 {
            let counts = &mut work.counts[..nodes];
            counts.fill(0);
            counts[node] = counted;
            domains.add_up(labels, counts, sums, work.by_value);
        }
        return;
    }
    let slot = cache.counter(class.t, Counter::Matching, c.selector);
    let mut counts = &cache.counts(slot)[..nodes];
    if some_left_out {
        let (kept, rejects) = (&mut work.counts[..nodes], &work.rejects[..nodes]);
        wide!({
            for ((kept, count), reject) in kept.iter_mut().zip(counts).zip(rejects) {
                *kept = if *reject == 0 { *count } else { 0 };
            }
        });
        counts = &work.counts[..nodes];
    }
    domains.add_up(labels, counts, sums, work.by_value);
}

/// Writes each feasible node's raw score into `work.real`; other nodes, and those that are left out, get -1. `mask` is 0
/// for feasible nodes. The least and the greatest score; without any, the greatest is below zero.
pub(crate) fn raw(
    class: &Class<'_>,
    request: &Request<'_>,
    cache: &mut Cache<'_>,
    mask: &[u32],
    work: &mut Scratch<'_>,
) -> (f64, f64) {
    let nodes = mask.len();
    let list = constraints(class, class.row.spread_soft, request);
    // Nodes that lack a key are left out; with the system's own constraints they are in the domain of the empty value.
    let all_keys =
        class.row.flags & SpecFlags::OWN_SPREAD != 0 || class.profile.flags & profile_flag::SYSTEM_SPREAD == 0;
    let lacking = all_keys && list.clone().any(|c| cache.domains(class.t, c.key, work.by_value).lacking);
    let own = core::mem::take(&mut work.feasible);
    let mut feasible = mask;
    if lacking {
        own[..nodes].copy_from_slice(mask);
        list.clone().for_each(|c| leave_out_lacking(class, c.key, &mut own[..nodes]));
        feasible = &own[..nodes];
    }
    for (c, nth) in list.clone().zip(0..) {
        let labels = class.labels(c.key);
        let size = if c.flags & SpreadRow::HOSTNAME != 0 {
            let slot = cache.counter(class.t, Counter::Matching, c.selector);
            work.sums[..nodes].copy_from_slice(&cache.counts(slot)[..nodes]);
            wide!(simd::count(feasible.iter().map(|reject| *reject == 0))) as usize
        } else {
            let domains = cache.domains(class.t, c.key, work.by_value);
            let policies = policies(class, &c);
            if lacking || policies != 0 {
                let keyed = list.clone().filter(|_| lacking);
                leave_out(class, keyed, policies, cache, &mut work.rejects[..nodes]);
            }
            let some_left_out = lacking || policies != 0;
            if !all_keys && domains.lacking && domains.empty {
                let filled = core::mem::take(&mut work.filled);
                domains::lacking_as_empty(labels, &mut filled[..nodes]);
                add_up(class, &c, (Domains::MANY, &filled[..nodes]), some_left_out, cache, work);
                let size = Domains::MANY.number(&filled[..nodes], feasible, work.by_value);
                work.filled = filled;
                size
            } else {
                add_up(class, &c, (domains, labels), some_left_out, cache, work);
                let of_lacking = !all_keys && domains.lacking && {
                    let rows = labels.iter().zip(feasible);
                    wide!(simd::any(rows.map(|(label, reject)| (*label == NONE) & (*reject == 0))))
                };
                domains.number(labels, feasible, work.by_value) + usize::from(of_lacking)
            }
        };
        let weight = if c.flags & SpreadRow::COUNTS_NOTHING != 0 { 0.0 } else { libm::log((size + 2) as f64) };
        let skew = f64::from(c.max_skew) - 1.0;
        let (real, sums) = (&mut work.real[..nodes], &work.sums[..nodes]);
        let first = nth == 0;
        wide!({
            for ((real, sum), label) in real.iter_mut().zip(sums).zip(labels) {
                let score = f64::from(*sum as i32) * weight + skew;
                let before = if first { 0.0 } else { *real };
                *real = if *label == NONE { before } else { before + score };
            }
        });
    }
    let bounds = round(&mut work.real[..nodes], feasible);
    work.feasible = own;
    bounds
}

/// Rounds the scores of feasible nodes, makes the others -1, and says the least and the greatest.
fn round(real: &mut [f64], feasible: &[u32]) -> (f64, f64) {
    // The bits of numbers that are not negative are in the order of the numbers. As signed integers -1 is below them,
    // and as unsigned ones above.
    let (least, most) = wide!({
        let (mut least, mut most) = (u64::MAX, i64::MIN);
        for (real, reject) in real.iter_mut().zip(feasible) {
            let score = divide::round(*real);
            *real = if *reject == 0 { score } else { -1.0 };
            least = least.min(real.to_bits());
            most = most.max(real.to_bits() as i64);
        }
        (least, most)
    });
    (f64::from_bits(least), f64::from_bits(most as u64))
}

/// Adds the weighted score to `total` (the fewer pods the better), from the raw scores with their bounds.
pub(crate) fn normalise((least, most): (f64, f64), weight: i64, real: &[f64], total: &mut [i64]) {
    let weight = weight as f64;
    if most <= 0.0 {
        let full = divide::to_i64(100.0 * weight);
        wide!({
            for (total, real) in total.iter_mut().zip(real) {
                *total += if *real >= 0.0 { full } else { 0 };
            }
        });
        return;
    }
    let by = divide::Divisor::new(most);
    wide!({
        for (total, real) in total.iter_mut().zip(real) {
            let score = by.of(100.0 * (most + least - real)) * weight;
            *total += divide::to_i64(if *real >= 0.0 { score } else { 0.0 });
        }
    });
}
