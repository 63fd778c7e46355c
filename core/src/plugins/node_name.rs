//! A pod that names its node goes nowhere else.

use super::Class;
use crate::StrId;

pub(crate) fn filter(class: &Class<'_>, name: StrId, bit: u32, mask: &mut [u32]) {
    for (mask, node) in mask.iter_mut().zip(class.labels(0)) {
        *mask |= u32::from(*node != name.0) << bit;
    }
}
