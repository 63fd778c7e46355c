//! A pod that names its node goes nowhere else.

use super::Class;
use crate::cycle::Request;

pub(crate) fn filter(class: &Class<'_>, request: &Request<'_>, bit: u32, mask: &mut [u32]) {
    if !request.node_name.is_some() {
        return;
    }
    for (mask, node) in mask.iter_mut().zip(class.labels(0)) {
        *mask |= u32::from(*node != request.node_name.0) << bit;
    }
}
