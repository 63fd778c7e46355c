//! ToyFilter: pods go only to every second node.

use core::ops::Range;

use super::{Class, Entry, Filter, Marks};
use crate::plugin::{Plugin, Reason};

/// The node is not one of every second.
pub const ODD: Reason = Reason::resolvable(Plugin::ToyFilter, 0);

pub(crate) const PLUGIN: Entry = Entry { filter: Filter::Class(filter), reasons: &[ODD], ..Entry::NONE };

fn filter(_: &Class<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], _: &[u16]) {
    for (node, mask) in range.zip(mask) {
        *mask |= if node % 2 == 1 { marks.of(ODD) } else { 0 };
    }
}
