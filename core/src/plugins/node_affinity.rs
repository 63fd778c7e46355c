//! Node selector and node affinity: what must match is a filter, what is preferred a score.

use core::ops::Range;

use super::{Class, Reason};
use crate::NodeId;
use crate::cache::fact;
use crate::tables::{SpecFlags, profile_flag};

/// Whether the profile's added affinity lets the node pass.
fn enforced(class: &Class<'_>, node: usize) -> bool {
    class.profile.flags & profile_flag::ENFORCED == 0 || class.t.any_term_matches(class.profile.enforced, node)
}

/// Whether the pod's own selector and affinity match; spreading asks this too.
pub(crate) fn required(class: &Class<'_>, node: usize) -> bool {
    (class.row.flags & SpecFlags::NODE_SELECTOR == 0 || class.t.any_term_matches(class.row.selector, node))
        && (class.row.flags & SpecFlags::REQUIRED_AFFINITY == 0 || class.t.any_term_matches(class.row.required, node))
}

/// Whether every node passes.
pub(crate) fn trivial(class: &Class<'_>) -> bool {
    class.row.flags & (SpecFlags::NODE_SELECTOR | SpecFlags::REQUIRED_AFFINITY) == 0
}

pub(crate) fn filter(class: &Class<'_>, range: Range<usize>, bit: u32, mask: &mut [u32]) {
    if trivial(class) && class.profile.flags & profile_flag::ENFORCED == 0 {
        return;
    }
    for node in range {
        mask[node] |= u32::from(!enforced(class, node) || !required(class, node)) << bit;
    }
}

/// Notes which nodes the pod's own selector and affinity do not match.
pub(crate) fn facts(class: &Class<'_>, range: Range<usize>, out: &mut [u16]) {
    if !trivial(class) {
        for node in range {
            out[node] |= if required(class, node) { 0 } else { fact::UNMATCHED };
        }
    }
}

pub(crate) fn reason(class: &Class<'_>, node: NodeId) -> Reason {
    if enforced(class, node.at()) { Reason::NodeAffinity } else { Reason::EnforcedAffinity }
}

/// Whether there is nothing to score.
pub(crate) fn skips(class: &Class<'_>) -> bool {
    class.row.flags & SpecFlags::PREFERRED_AFFINITY == 0 && class.profile.flags & profile_flag::PREFERS_NODES == 0
}

/// The weights of the preferred terms that each node meets, before normalising.
pub(crate) fn raw(class: &Class<'_>, range: Range<usize>, out: &mut [i32]) {
    if skips(class) {
        out[range].fill(0);
        return;
    }
    for node in range {
        let sum = class.t.weight_of_terms(class.profile.added_preferred, node)
            + class.t.weight_of_terms(class.row.preferred, node);
        out[node] = sum.clamp(0, i64::from(i32::MAX)) as i32;
    }
}
