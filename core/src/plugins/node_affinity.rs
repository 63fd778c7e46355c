//! NodeAffinity: `nodeSelector` and node affinity, the pod's own and that which the profile adds. What is required is a filter, what
//! is preferred a score.
//!
//! Upstream: `pkg/scheduler/framework/plugins/nodeaffinity`. The score is the sum of the weights of the preferred terms that match, normalised so that the highest is 100.

use core::ops::Range;

use super::{Class, Entry, Explain, Filter, Marks, Pod, Rejected, Score, Work};
use crate::NodeId;
use crate::derived::{Columns, Scratch, fact};
use crate::math::simd::wide;
use crate::plugin::{Plugin, Reason};
use crate::tables::{SpecFlags, profile_flag};

/// The profile's added affinity does not match.
pub const ENFORCED: Reason = Reason::unresolvable(Plugin::NodeAffinity, 0);
/// The pod's own selector or affinity does not match.
pub const NO_MATCH: Reason = Reason::unresolvable(Plugin::NodeAffinity, 1);

pub(crate) const PLUGIN: Entry = Entry {
    prepare: Some(prepare),
    filter: Filter::Class(filter),
    by_pods: super::never,
    score: Score::Feasible(score),
    reasons: &[ENFORCED, NO_MATCH],
    explain: Explain::With(explain),
    count: Some(count),
};

/// The nominated node may be rejected because the affinity names others, which no mark says.
fn explain(_: &Pod<'_>, _: NodeId, marks: u32, emit: &mut dyn FnMut(Reason)) {
    emit(if marks >> ENFORCED.kind() & 1 != 0 { ENFORCED } else { NO_MATCH });
}

/// Without an added affinity there is one reason.
fn count(pod: &Pod<'_>, rejected: Rejected<'_>, tell: &mut dyn FnMut(Reason, u32)) -> bool {
    let is_own = pod.class.profile.flags & profile_flag::ENFORCED == 0;
    if is_own {
        tell(NO_MATCH, rejected.nodes());
    }
    is_own
}

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

fn filter(class: &Class<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], _: &[u16]) {
    if trivial(class) && class.profile.flags & profile_flag::ENFORCED == 0 {
        return;
    }
    for (node, mask) in range.zip(mask) {
        *mask |= if !enforced(class, node) {
            marks.of(ENFORCED)
        } else if !required(class, node) {
            marks.of(NO_MATCH)
        } else {
            0
        };
    }
}

/// Notes which nodes the pod's own selector and affinity do not match, where spread constraints ask; and the weights of the
/// preferred terms that each node matches, before normalising.
fn prepare(class: &Class<'_>, range: Range<usize>, columns: &mut Columns<'_>, _: &mut Scratch<'_>) {
    let spreads = class.row.spread_hard.len > 0 || class.row.spread_soft.len > 0;
    if spreads && !trivial(class) {
        for (node, facts) in range.clone().zip(&mut *columns.facts) {
            *facts |= if required(class, node) { 0 } else { fact::UNMATCHED };
        }
    }
    if !skips(class) {
        for (node, affinity) in range.zip(&mut *columns.affinity) {
            let sum = class.t.weight_of_terms(class.profile.added_preferred, node)
                + class.t.weight_of_terms(class.row.preferred, node);
            *affinity = sum.clamp(0, i64::from(i32::MAX)) as i32;
        }
    }
}

/// Whether there is nothing to score.
fn skips(class: &Class<'_>) -> bool {
    class.row.flags & SpecFlags::PREFERRED_AFFINITY == 0 && class.profile.flags & profile_flag::PREFERS_NODES == 0
}

/// The more preferred terms match the better; 0 where none does on any node.
fn score(pod: &Pod<'_>, weight: i64, mask: &[u32], total: &mut [i64], work: &mut Work<'_, '_>) -> bool {
    if skips(&pod.class) {
        return false;
    }
    let columns = work.cache.columns(work.cache.slot(pod.class.spec), 0..mask.len());
    let raw = &*columns.affinity;
    let of_feasible = |(mask, raw): (&u32, &i32)| if *mask == 0 { *raw } else { 0 };
    let most = wide!(mask.iter().zip(raw).map(of_feasible).fold(0, i32::max));
    if most > 0 {
        for (total, raw) in total.iter_mut().zip(raw) {
            *total += weight * (100 * i64::from(*raw) / i64::from(most));
        }
    }
    true
}
