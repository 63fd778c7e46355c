//! TaintToleration: `NoSchedule` and `NoExecute` taints are a filter, `PreferNoSchedule` taints a score.
//!
//! Upstream: `pkg/scheduler/framework/plugins/tainttoleration`. The score is normalised in reverse over the feasible nodes: 100 where the fewest `PreferNoSchedule` taints are not tolerated.

use core::ops::Range;

use super::{Class, Entry, Filter, Marks, Pod, Score, Work};
use crate::NONE;
use crate::derived::{Columns, Scratch, fact, slot_flag};
use crate::math::simd::wide;
use crate::plugin::{Plugin, Reason};
use crate::tables::{Count, TaintEffect, TolerationOp};

/// A taint is not tolerated.
pub const UNTOLERATED: Reason = Reason::unresolvable(Plugin::TaintToleration, 0);

pub(crate) const PLUGIN: Entry = Entry {
    prepare: Some(prepare),
    filter: Filter::Class(filter),
    by_pods: super::never,
    score: Score::Feasible(score),
    reasons: &[UNTOLERATED],
    ..Entry::NONE
};

/// Whether the class tolerates a taint (key, value, effect).
pub(crate) fn tolerates(class: &Class<'_>, taint: &[u32]) -> bool {
    class.t.list(class.row.tolerations).chunks_exact(4).any(|t| {
        let (key, op, value, effect) = (t[0], t[1], t[2], t[3]);
        (effect == NONE || effect == taint[2])
            && (key == NONE || key == taint[0])
            && match op {
                x if x == TolerationOp::Exists as u32 => true,
                x if x == TolerationOp::Equal as u32 => value == taint[1],
                x => match (class.t.int_of(taint[1]), class.t.int_of(value)) {
                    (Some(taint), Some(bound)) if x == TolerationOp::Lt as u32 => taint < bound,
                    (Some(taint), Some(bound)) => taint > bound,
                    _ => false,
                },
            }
    })
}

/// Whether a list of taints keeps the class away, and how many of them advise against it.
fn verdict(class: &Class<'_>, set: u32) -> (bool, u16) {
    let Some(list) = class.t.taint_list.get(set as usize) else { return (false, 0) };
    let (mut forbids, mut advises) = (false, 0u16);
    for taint in class.t.list(*list).chunks_exact(3) {
        let advice = taint[2] == TaintEffect::PreferNoSchedule as u32;
        if !tolerates(class, taint) {
            if advice {
                advises = advises.saturating_add(1);
            } else {
                forbids = true;
            }
        }
    }
    (forbids, advises)
}

/// Notes for each node whether its taints keep the class away, and how many of them advise against the node.
fn prepare(class: &Class<'_>, range: Range<usize>, columns: &mut Columns<'_>, work: &mut Scratch<'_>) {
    let of_set = |set: u32| {
        let (forbids, advises) = verdict(class, set);
        (if forbids { fact::FORBIDDEN } else { 0 }) | advises.min(fact::ADVISED)
    };
    let sets = &class.t.taint_set[range];
    if let ([out], [set]) = (&mut *columns.facts, sets) {
        *out |= of_set(*set);
        if *out & fact::ADVISED != 0 {
            *columns.flags |= slot_flag::ANY_ADVISED;
        }
        return;
    }
    let verdicts = &mut work.taint_sets[..class.t.count(Count::TaintSets) as usize];
    let mut all = 0;
    for (verdict, set) in verdicts.iter_mut().zip(0..) {
        *verdict = of_set(set);
        all |= *verdict;
    }
    if all != 0 {
        for (out, set) in columns.facts.iter_mut().zip(sets) {
            *out |= verdicts.get(*set as usize).copied().unwrap_or(0);
        }
    }
    *columns.flags &= !slot_flag::ANY_ADVISED;
    if all & fact::ADVISED != 0 {
        *columns.flags |= slot_flag::ANY_ADVISED;
    }
}

/// Rejects the nodes whose taints keep the class away.
fn filter(_: &Class<'_>, _: Range<usize>, marks: Marks, mask: &mut [u32], facts: &[u16]) {
    let bits = marks.of(UNTOLERATED);
    wide!({
        for (mask, facts) in mask.iter_mut().zip(facts) {
            *mask |= if facts & fact::FORBIDDEN != 0 { bits } else { 0 };
        }
    });
}

/// The fewer taints advise against a node the better; 100 where none does on any.
fn score(pod: &Pod<'_>, weight: i64, mask: &[u32], total: &mut [i64], work: &mut Work<'_, '_>) -> bool {
    let columns = work.cache.columns(work.cache.slot(pod.class.spec), 0..mask.len());
    let facts = &*columns.facts;
    let of_feasible = |(mask, facts): (&u32, &u16)| u32::from(facts & fact::ADVISED) * u32::from(*mask == 0);
    let most = match *columns.flags & slot_flag::ANY_ADVISED {
        0 => 0,
        // Seldom is there more than one.
        _ => match wide!(mask.iter().zip(facts).map(of_feasible).fold(0, |all, advised| all | advised)) {
            few @ 0..=1 => few,
            _ => mask.iter().zip(facts).map(of_feasible).fold(0, u32::max),
        },
    };
    match most {
        0 => wide!(total.iter_mut().for_each(|total| *total += weight * 100)),
        1 => wide!({
            for (total, facts) in total.iter_mut().zip(facts) {
                *total += if facts & fact::ADVISED == 0 { weight * 100 } else { 0 };
            }
        }),
        _ => {
            for (total, facts) in total.iter_mut().zip(facts) {
                *total += weight * (100 - 100 * i64::from(facts & fact::ADVISED) / i64::from(most));
            }
        }
    }
    true
}
