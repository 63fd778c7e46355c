//! The node must declare every feature that the pod needs.

use core::ops::Range;

use super::Class;

pub(crate) fn filter(class: &Class<'_>, range: Range<usize>, bit: u32, mask: &mut [u32]) {
    let needed = class.row.features;
    if needed == 0 {
        return;
    }
    for (mask, features) in mask[range.clone()].iter_mut().zip(&class.t.features[range]) {
        *mask |= u32::from(needed & !features != 0) << bit;
    }
}
