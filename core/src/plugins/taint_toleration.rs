//! Taints: those that forbid are a filter, those that only advise against the node are a score.

use core::ops::Range;

use super::Class;
use crate::cache::Scratch;
use crate::tables::TaintEffect;
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

/// The verdicts of all taint lists, for a walk over many nodes.
fn each_set<'w>(class: &Class<'_>, work: &'w mut Scratch<'_>) -> &'w [u16] {
    let sets = class.t.count(crate::tables::Count::TaintSets) as usize;
    for set in 0..sets {
        let (forbids, advises) = verdict(class, set as u32);
        work.taint_sets[set] = u16::from(forbids) << 15 | advises.min(0x7fff);
    }
    &work.taint_sets[..sets]
}

pub(crate) fn filter(class: &Class<'_>, range: Range<usize>, bit: u32, mask: &mut [u32], work: &mut Scratch<'_>) {
    if range.len() == 1 {
        let node = range.start;
        mask[node] |= u32::from(verdict(class, class.t.taint_set[node]).0) << bit;
        return;
    }
    let verdicts = each_set(class, work);
    for (mask, set) in mask[range.clone()].iter_mut().zip(&class.t.taint_set[range]) {
        *mask |= u32::from(verdicts.get(*set as usize).is_some_and(|v| v >> 15 != 0)) << bit;
    }
}

/// How many taints advise against each node, before normalising.
pub(crate) fn raw(class: &Class<'_>, range: Range<usize>, out: &mut [u16], work: &mut Scratch<'_>) {
    if range.len() == 1 {
        let node = range.start;
        out[node] = verdict(class, class.t.taint_set[node]).1.min(0x7fff);
        return;
    }
    let verdicts = each_set(class, work);
    for (out, set) in out[range.clone()].iter_mut().zip(&class.t.taint_set[range]) {
        *out = verdicts.get(*set as usize).map_or(0, |v| v & 0x7fff);
    }
}
