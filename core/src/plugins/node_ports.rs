//! A host port is taken where a pod on the node uses the same protocol and number on the same address, or where one
//! of the two is on all addresses.

use core::ops::Range;

use super::Class;
use crate::tables::Port;

pub(crate) fn filter(class: &Class<'_>, range: Range<usize>, bit: u32, mask: &mut [u32]) {
    for port in class.t.list(class.row.ports).chunks_exact(2) {
        let (group, address) = (port[0], port[1]);
        for row in class.t.uses_of(group) {
            let (node, taken) = (class.t.use_node[row] as usize, class.t.use_tag[row]);
            if range.contains(&node) && (taken == address || taken == Port::ALL || address == Port::ALL) {
                mask[node] |= 1 << bit;
            }
        }
    }
}
