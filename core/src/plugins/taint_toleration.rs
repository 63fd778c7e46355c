//! Taints: those that forbid are a filter, those that only advise against the node are a score.

use core::ops::Range;

use super::Class;
use crate::cache::{Scratch, fact};
use crate::simd::wide;
use crate::tables::{Count, TaintEffect};
use crate::{NONE, tables::TolerationOp};

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
pub(crate) fn verdict(class: &Class<'_>, set: u32) -> (bool, u16) {
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

/// Notes for each node whether its taints keep the class away, and how many of them advise against the node; whether any
/// does the latter.
pub(crate) fn facts(class: &Class<'_>, range: Range<usize>, out: &mut [u16], work: &mut Scratch<'_>) -> bool {
    let of_set = |set: u32| {
        let (forbids, advises) = verdict(class, set);
        (if forbids { fact::FORBIDDEN } else { 0 }) | advises.min(fact::ADVISED)
    };
    let sets = &class.t.taint_set[range.clone()];
    let out = &mut out[range];
    if let ([out], [set]) = (&mut *out, sets) {
        *out = of_set(*set);
        return *out & fact::ADVISED != 0;
    }
    let verdicts = &mut work.taint_sets[..class.t.count(Count::TaintSets) as usize];
    let mut all = 0;
    for (verdict, set) in verdicts.iter_mut().zip(0..) {
        *verdict = of_set(set);
        all |= *verdict;
    }
    if all == 0 {
        out.fill(0);
    } else {
        for (out, set) in out.iter_mut().zip(sets) {
            *out = verdicts.get(*set as usize).copied().unwrap_or(0);
        }
    }
    all & fact::ADVISED != 0
}

/// Rejects the nodes whose taints keep the class away.
pub(crate) fn filter(facts: &[u16], bit: u32, mask: &mut [u32]) {
    wide!({
        for (mask, facts) in mask.iter_mut().zip(facts) {
            *mask |= u32::from(facts & fact::FORBIDDEN != 0) << bit;
        }
    });
}
