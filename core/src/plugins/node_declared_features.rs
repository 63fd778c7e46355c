//! NodeDeclaredFeatures (from 1.36 on): the node must declare every feature that the pod needs.
//!
//! Upstream: `pkg/scheduler/framework/plugins/nodedeclaredfeatures`. KEP-5328; a feature is a bit.

use core::ops::Range;

use super::{Class, Entry, Filter, Marks};
use crate::plugin::{Plugin, Reason};

/// The node does not declare a feature.
pub const MISSING: Reason = Reason::unresolvable(Plugin::NodeDeclaredFeatures, 0);

pub(crate) const PLUGIN: Entry =
    Entry { filter: Filter::Class(filter), by_pods: super::never, reasons: &[MISSING], ..Entry::NONE };

fn filter(class: &Class<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], _: &[u16]) {
    let needed = class.row.features;
    if needed == 0 {
        return;
    }
    for (mask, features) in mask.iter_mut().zip(&class.t.features[range]) {
        *mask |= if needed & !features != 0 { marks.of(MISSING) } else { 0 };
    }
}
