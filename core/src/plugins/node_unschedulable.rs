//! NodeUnschedulable: cordoned nodes take only pods that tolerate the taint that stands for the cordon.
//!
//! Upstream: `pkg/scheduler/framework/plugins/nodeunschedulable`.

use core::ops::Range;

use super::{Class, Entry, Filter, Marks, taint_toleration};
use crate::plugin::{Plugin, Reason};
use crate::tables::{TaintEffect, node_flag};
use crate::{EMPTY, UNSCHEDULABLE_TAINT};

/// The node is cordoned.
pub const CORDONED: Reason = Reason::unresolvable(Plugin::NodeUnschedulable, 0);

pub(crate) const PLUGIN: Entry =
    Entry { filter: Filter::Class(filter), by_pods: super::never, reasons: &[CORDONED], ..Entry::NONE };

fn filter(class: &Class<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], _: &[u16]) {
    let taint = [UNSCHEDULABLE_TAINT.0, EMPTY.0, TaintEffect::NoSchedule as u32];
    if taint_toleration::tolerates(class, &taint) {
        return;
    }
    let bits = marks.of(CORDONED);
    for (mask, flags) in mask.iter_mut().zip(&class.t.node_flags[range]) {
        *mask |= if flags & node_flag::UNSCHEDULABLE != 0 { bits } else { 0 };
    }
}
