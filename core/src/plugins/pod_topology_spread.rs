//! PodTopologySpread: how evenly the pods of a selector lie over the domains of a topology.
//!
//! Upstream: `pkg/scheduler/framework/plugins/podtopologyspread`. KEP-895, with `minDomains` (KEP-3022), node inclusion policies (KEP-3094) and `matchLabelKeys` (KEP-3243), which the API server or the caller has put into the selector.

use core::ops;

use super::{Class, Entry, Filter, Marks, Pod, Score, Work, node_affinity};
use crate::derived::topology::{self, Domains};
use crate::derived::{Cache, Counter, fact};
use crate::math::exact_division;
use crate::math::simd::{self, wide};
use crate::plugin::{Plugin, Reason};
use crate::tables::{Range, SpecFlags, SpreadRow, VictimRow, pod_flag, profile_flag, undo};
use crate::{KeyId, NONE, NodeId, StrId};

/// The node lacks the topology key of a constraint.
pub const MISSING_LABEL: Reason = Reason::unresolvable(Plugin::PodTopologySpread, 0);
/// A constraint would be broken.
pub const SKEW: Reason = Reason::resolvable(Plugin::PodTopologySpread, 1);

pub(crate) const PLUGIN: Entry = Entry {
    filter: Filter::Pod { skips: super::never, run: filter },
    by_pods: |pod, _| !skips(pod, pod.class.row.spread_hard),
    score: Score::Feasible(score),
    reasons: &[MISSING_LABEL, SKEW],
    ..Entry::NONE
};

/// How a `DoNotSchedule` constraint stands on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpreadNumbers {
    /// Which of the pod's `DoNotSchedule` constraints, counted from 0.
    pub constraint: u32,
    /// The topology.
    pub key: KeyId,
    /// The node's domain; [`StrId::NONE`] where the node lacks the label.
    pub domain: StrId,
    /// The pods that the constraint counts in the domain.
    pub here: i64,
    /// The least of all domains, 0 where there are fewer than `minDomains`.
    pub least: i64,
    /// How many domains count: those of nodes with all keys of the pod's constraints that its policies do not leave out.
    pub domains: u32,
    /// `minDomains`.
    pub min_domains: i32,
    /// Whether the pod itself counts.
    pub counts_itself: bool,
    /// `maxSkew`.
    pub max_skew: i32,
}

/// The constraint, with the pod's default selector where it has none of its own.
fn constraint(pod: &Pod<'_>, list: Range, at: u32) -> Option<SpreadRow> {
    let mut row = pod.class.t.spread(list, at)?;
    if row.selector == NONE {
        row.selector = pod.request.default_selector.0;
    }
    Some(row)
}

fn constraints<'c>(pod: &Pod<'c>, list: Range) -> impl Iterator<Item = SpreadRow> + Clone + use<'c> {
    let pod = *pod;
    (0..list.len / SpreadRow::WORDS).filter_map(move |at| constraint(&pod, list, at))
}

/// Whether there is nothing to do for these constraints: there are none, or they are defaults without a selector.
fn skips(pod: &Pod<'_>, list: Range) -> bool {
    list.len == 0 || pod.class.row.flags & SpecFlags::OWN_SPREAD == 0 && !pod.request.default_selector.is_some()
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
fn filter(pod: &Pod<'_>, range: ops::Range<usize>, marks: Marks, mask: &mut [u32], work: &mut Work<'_, '_>) {
    let (class, hard) = (&pod.class, pod.class.row.spread_hard);
    if skips(pod, hard) {
        return;
    }
    let list = constraints(pod, hard);
    for c in list.clone() {
        let labels = &class.labels(c.key)[range.clone()];
        let (least, domains) = domains_of(class, &c, list.clone(), range.clone(), work);
        let own = i64::from(class.t.selects(c.selector, pod.request.labels.0));
        let mut least = i64::from(least);
        // While preemption weighs this node, a count may be below zero.
        let beyond = match &range {
            one if one.len() == 1 => beyond_counting(class, &c, list.clone(), one.start, work),
            _ => 0,
        };
        if beyond > 0 {
            let here = i64::from(work.scratch.sums[range.start]) - beyond;
            least = if (domains as i64) < i64::from(c.min_domains) { 0 } else { least.min(here) };
            // What follows looks at the sum alone: no sum is too much, or this one is.
            work.scratch.sums[range.start] = if here + own - least > i64::from(c.max_skew) { u32::MAX } else { 0 };
        } else if (domains as i64) < i64::from(c.min_domains) {
            least = 0;
        }
        // The least sum that is too much.
        let too_many = match beyond {
            0 => (i64::from(c.max_skew) + least - own + 1).clamp(0, i64::from(u32::MAX)) as u32,
            _ => u32::MAX,
        };
        let (sums, mask) = (&work.scratch.sums[range.clone()], &mut *mask);
        let (missing, skewed, rejected) = (marks.of(MISSING_LABEL), marks.of(SKEW), marks.own());
        wide!({
            for ((mask, label), sum) in mask.iter_mut().zip(labels).zip(sums) {
                let skewed = if *sum >= too_many { skewed } else { 0 };
                let why = if *label == NONE { missing } else { skewed };
                // The first constraint that fails is the reason.
                *mask |= if *mask & rejected == 0 { why } else { 0 };
            }
        });
    }
}

/// How many pods preemption has taken off this node that a constraint subtracts though it never counted them: kube-scheduler
/// leaves pods that are being deleted out of its counts, and those that an empty selector selects, but takes any victim away from them.
fn beyond_counting(
    class: &Class<'_>,
    c: &SpreadRow,
    mut list: impl Iterator<Item = SpreadRow>,
    node: usize,
    work: &Work<'_, '_>,
) -> i64 {
    let victims = work.scratch.trial_state[undo::VICTIMS] as usize;
    let nothing = c.flags & SpreadRow::COUNTS_NOTHING != 0;
    let uncounted = |victim: &&VictimRow| {
        let terminating = victim.flags & u32::from(pod_flag::TERMINATING) != 0;
        victim.row == NONE && (nothing || terminating) && class.t.selects(c.selector, victim.labels)
    };
    let count = work.scratch.victims[..victims].iter().filter(uncounted).count();
    if count == 0 || list.any(|c| class.labels(c.key)[node] == NONE) {
        return 0;
    }
    let policies = policies(class, c);
    let left_out = policies != 0 && work.cache.facts(work.cache.slot(class.spec))[node] & policies != 0;
    if left_out { 0 } else { count as i64 }
}

/// Calls `emit` for each node with how each constraint that must hold stands there, constraint by constraint.
pub(crate) fn numbers(pod: &Pod<'_>, work: &mut Work<'_, '_>, emit: &mut dyn FnMut(NodeId, SpreadNumbers)) {
    let class = &pod.class;
    let list = constraints(pod, class.row.spread_hard);
    for (c, constraint) in list.clone().zip(0..) {
        let (least, domains) = domains_of(class, &c, list.clone(), 0..class.t.node_rows(), work);
        let counts_itself = class.t.selects(c.selector, pod.request.labels.0);
        for (node, label) in class.labels(c.key).iter().enumerate() {
            let numbers = SpreadNumbers {
                constraint,
                key: KeyId(c.key),
                domain: StrId(*label),
                here: i64::from(work.scratch.sums[node]),
                least: if (domains as i64) < i64::from(c.min_domains) { 0 } else { i64::from(least) },
                domains: domains as u32,
                min_domains: c.min_domains,
                counts_itself,
                max_skew: c.max_skew,
            };
            emit(NodeId(node as u32), numbers);
        }
    }
}

/// Sums a constraint's pods into `work.sums` by the domain of each node of the range at least, over the nodes that have the keys of all
/// constraints and that this one counts; the least sum of their domains, and how many domains they are.
fn domains_of(
    class: &Class<'_>,
    c: &SpreadRow,
    list: impl Iterator<Item = SpreadRow> + Clone,
    range: ops::Range<usize>,
    work: &mut Work<'_, '_>,
) -> (u32, usize) {
    let nodes = class.t.node_rows();
    let labels = class.labels(c.key);
    let policies = policies(class, c);
    let domains = work.cache.domains(class.t, c.key, work.scratch.by_value);
    let mut lacking = list.clone().map(|c| work.cache.domains(class.t, c.key, work.scratch.by_value).lacking);
    // Most often all nodes count, and the topology has few domains, whose sums are kept.
    if policies == 0 && c.flags & SpreadRow::COUNTS_NOTHING == 0 && !lacking.any(|lacking| lacking) {
        let slot = work.cache.counter(class.t, Counter::Matching, c.selector);
        if let Some(sums) = work.cache.few_sums(class.t, slot, c.key, &domains) {
            domains.write_few(&sums, &labels[range.clone()], &mut work.scratch.sums[range]);
            return domains.least_of_few(&sums);
        }
    }
    leave_out(class, list, policies, work.cache, &mut work.scratch.rejects[..nodes]);
    sum_per_domain(class, c, (domains, labels), true, work);
    let (rejects, sums) = (&work.scratch.rejects[..nodes], &work.scratch.sums[..nodes]);
    let counted = |(sum, reject): (&u32, &u32)| if *reject == 0 { *sum } else { u32::MAX };
    let least = wide!(sums.iter().zip(rejects).map(counted).fold(u32::MAX, u32::min));
    let number = domains.count_domains(labels, rejects, work.scratch.by_value);
    (if number == 0 { 0 } else { least }, number)
}

/// Sums a constraint's pods into `work.sums` by the domain of each node; where some are left out, over nodes only of which
/// `work.rejects` is 0.
fn sum_per_domain(
    class: &Class<'_>,
    c: &SpreadRow,
    (domains, labels): (Domains, &[u32]),
    some_left_out: bool,
    work: &mut Work<'_, '_>,
) {
    let nodes = labels.len();
    let scratch = &mut *work.scratch;
    let sums = &mut scratch.sums[..nodes];
    if c.flags & SpreadRow::COUNTS_NOTHING != 0 {
        sums.fill(0);
        // An empty selector counts no pod that is there, but pods that are added to the cycle.
        let words = scratch.trial_state[undo::WORDS] as usize;
        let counts = &mut scratch.counts[..nodes];
        counts.fill(0);
        let mut any = false;
        let victims = &scratch.victims[..scratch.trial_state[undo::VICTIMS] as usize];
        for pod in added(&scratch.trial_record[..words]) {
            let (at, node) = (pod as usize, class.t.pod_node[pod as usize] as usize);
            // A victim that is spared was there before.
            if victims.iter().any(|victim| victim.row == pod) {
                continue;
            }
            if class.t.selects(c.selector, class.t.pod_labels[at]) && scratch.rejects[node] == 0 {
                counts[node] += 1;
                any = true;
            }
        }
        if any {
            domains.sum_per_domain(labels, counts, sums, scratch.by_value);
        }
        return;
    }
    let slot = work.cache.counter(class.t, Counter::Matching, c.selector);
    let mut counts = &work.cache.counts(slot)[..nodes];
    if some_left_out {
        let (kept, rejects) = (&mut scratch.counts[..nodes], &scratch.rejects[..nodes]);
        wide!({
            for ((kept, count), reject) in kept.iter_mut().zip(counts).zip(rejects) {
                *kept = if *reject == 0 { *count } else { 0 };
            }
        });
        counts = &scratch.counts[..nodes];
    }
    domains.sum_per_domain(labels, counts, sums, scratch.by_value);
}

/// The pods that a trial has put on nodes and that are there still.
fn added(record: &[u32]) -> impl Iterator<Item = u32> + '_ {
    let mut end = record.len();
    let changes = core::iter::from_fn(move || {
        let (change, begin) = undo::last(record, end)?;
        end = begin;
        Some(change)
    });
    changes.filter_map(|change| if let undo::Change::PodOn { pod, .. } = change { Some(pod) } else { None })
}

/// Scores the feasible nodes: the fewer pods the better.
fn score(pod: &Pod<'_>, weight: i64, mask: &[u32], total: &mut [i64], work: &mut Work<'_, '_>) -> bool {
    if skips(pod, pod.class.row.spread_soft) {
        return false;
    }
    let bounds = raw(pod, mask, work);
    normalise(bounds, weight, &work.scratch.real[..mask.len()], total);
    true
}

/// Writes each feasible node's raw score into `work.real`; other nodes, and those that are left out, get -1. `mask` is 0
/// for feasible nodes. The least and the greatest score; without any, the greatest is below zero.
fn raw(pod: &Pod<'_>, mask: &[u32], work: &mut Work<'_, '_>) -> (f64, f64) {
    let (class, nodes) = (&pod.class, mask.len());
    let list = constraints(pod, class.row.spread_soft);
    // Nodes that lack a key are left out; with the system's own constraints they are in the domain of the empty value.
    let all_keys =
        class.row.flags & SpecFlags::OWN_SPREAD != 0 || class.profile.flags & profile_flag::SYSTEM_SPREAD == 0;
    let lacking = all_keys && list.clone().any(|c| work.cache.domains(class.t, c.key, work.scratch.by_value).lacking);
    let own = core::mem::take(&mut work.scratch.feasible);
    let mut feasible = mask;
    if lacking {
        own[..nodes].copy_from_slice(mask);
        list.clone().for_each(|c| leave_out_lacking(class, c.key, &mut own[..nodes]));
        feasible = &own[..nodes];
    }
    for (c, nth) in list.clone().zip(0..) {
        let labels = class.labels(c.key);
        let size = if c.flags & SpreadRow::HOSTNAME != 0 {
            let slot = work.cache.counter(class.t, Counter::Matching, c.selector);
            work.scratch.sums[..nodes].copy_from_slice(&work.cache.counts(slot)[..nodes]);
            wide!(simd::count(feasible.iter().map(|reject| *reject == 0))) as usize
        } else {
            let domains = work.cache.domains(class.t, c.key, work.scratch.by_value);
            let policies = policies(class, &c);
            if lacking || policies != 0 {
                let keyed = list.clone().filter(|_| lacking);
                leave_out(class, keyed, policies, work.cache, &mut work.scratch.rejects[..nodes]);
            }
            let some_left_out = lacking || policies != 0;
            if !all_keys && domains.lacking && domains.empty {
                let filled = core::mem::take(&mut work.scratch.filled);
                topology::lacking_as_empty(labels, &mut filled[..nodes]);
                sum_per_domain(class, &c, (Domains::MANY, &filled[..nodes]), some_left_out, work);
                let size = Domains::MANY.count_domains(&filled[..nodes], feasible, work.scratch.by_value);
                work.scratch.filled = filled;
                size
            } else {
                if some_left_out || c.flags & SpreadRow::COUNTS_NOTHING != 0 {
                    sum_per_domain(class, &c, (domains, labels), some_left_out, work);
                } else {
                    let slot = work.cache.counter(class.t, Counter::Matching, c.selector);
                    let sums = &mut work.scratch.sums[..nodes];
                    work.cache.sum_in_domains(class.t, slot, c.key, 0..nodes, sums, work.scratch.by_value);
                }
                let of_lacking = !all_keys && domains.lacking && {
                    let rows = labels.iter().zip(feasible);
                    wide!(simd::any(rows.map(|(label, reject)| (*label == NONE) & (*reject == 0))))
                };
                domains.count_domains(labels, feasible, work.scratch.by_value) + usize::from(of_lacking)
            }
        };
        let weight = if c.flags & SpreadRow::COUNTS_NOTHING != 0 { 0.0 } else { libm::log((size + 2) as f64) };
        let skew = f64::from(c.max_skew) - 1.0;
        let (real, sums) = (&mut work.scratch.real[..nodes], &work.scratch.sums[..nodes]);
        let first = nth == 0;
        wide!({
            for ((real, sum), label) in real.iter_mut().zip(sums).zip(labels) {
                let score = f64::from(*sum as i32) * weight + skew;
                let before = if first { 0.0 } else { *real };
                *real = if *label == NONE { before } else { before + score };
            }
        });
    }
    let bounds = round(&mut work.scratch.real[..nodes], feasible);
    work.scratch.feasible = own;
    bounds
}

/// Rounds the scores of feasible nodes, makes the others -1, and says the least and the greatest.
fn round(real: &mut [f64], feasible: &[u32]) -> (f64, f64) {
    // The bits of numbers that are not negative are in the order of the numbers. As signed integers -1 is below them,
    // and as unsigned ones above.
    let (least, most) = wide!({
        let (mut least, mut most) = (u64::MAX, i64::MIN);
        for (real, reject) in real.iter_mut().zip(feasible) {
            let score = exact_division::round(*real);
            *real = if *reject == 0 { score } else { -1.0 };
            least = least.min(real.to_bits());
            most = most.max(real.to_bits() as i64);
        }
        (least, most)
    });
    (f64::from_bits(least), f64::from_bits(most as u64))
}

/// Adds the weighted score to `total` (the fewer pods the better), from the raw scores with their bounds.
fn normalise((least, most): (f64, f64), weight: i64, real: &[f64], total: &mut [i64]) {
    let weight = weight as f64;
    if most <= 0.0 {
        let full = exact_division::to_i64(100.0 * weight);
        wide!({
            for (total, real) in total.iter_mut().zip(real) {
                *total += if *real >= 0.0 { full } else { 0 };
            }
        });
        return;
    }
    let by = exact_division::Divisor::new(most);
    wide!({
        for (total, real) in total.iter_mut().zip(real) {
            let score = by.of(100.0 * (most + least - real)) * weight;
            *total += exact_division::to_i64(if *real >= 0.0 { score } else { 0.0 });
        }
    });
}
