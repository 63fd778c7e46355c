//! Cordoned nodes take only pods that tolerate the taint that stands for the cordon.

use core::ops::Range;

use super::{Class, taint_toleration};
use crate::StrId;
use crate::tables::{TaintEffect, node_flag};

/// The taint that stands for the cordon: the second of the strings that every block begins with.
pub(crate) const KEY: StrId = StrId(1);

pub(crate) fn filter(class: &Class<'_>, range: Range<usize>, bit: u32, mask: &mut [u32]) {
    let taint = [KEY.0, crate::EMPTY.0, TaintEffect::NoSchedule as u32];
    if taint_toleration::tolerates(class, &taint) {
        return;
    }
    for (mask, flags) in mask[range.clone()].iter_mut().zip(&class.t.node_flags[range]) {
        *mask |= u32::from(flags & node_flag::UNSCHEDULABLE != 0) << bit;
    }
}
