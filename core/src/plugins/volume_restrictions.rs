//! Disks that only one pod may write, and claims that only one pod may use.

use super::{Class, detail};
use crate::NONE;
use crate::cycle::Request;
use crate::tables::UseTag;

/// The claims of the pod that only one pod may use.
fn exclusive<'c>(class: &Class<'c>, request: &Request<'_>) -> impl Iterator<Item = u32> + use<'c> {
    class.t.use_list(request.uses).chunks_exact(2).filter(|u| u[1] == UseTag::EXCLUSIVE).map(|u| u[0])
}

/// Whether there is nothing to look at: no disks, and no claim of the pod's own that another pod has.
pub(crate) fn filter_skips(class: &Class<'_>, request: &Request<'_>) -> bool {
    class.row.disks.len == 0 && exclusive(class, request).all(|claim| class.t.use_first[claim as usize] == NONE)
}

pub(crate) fn filter(class: &Class<'_>, request: &Request<'_>, bit: u32, mask: &mut [u32]) {
    let t = class.t;
    for disk in t.list(class.row.disks).chunks_exact(2) {
        let (key, read_only) = (disk[0], disk[1]);
        for row in t.uses_of(key) {
            if read_only == 0 || t.use_tag[row] == 0 {
                mask[t.use_node[row] as usize] |= 1 << bit | detail::DISK;
            }
        }
    }
    // Of nominated pods only the claims' names are known.
    let named = t.use_list(request.uses).chunks_exact(2).filter(|u| u[1] == UseTag::EXCLUSIVE_NAME).map(|u| u[0]);
    let is_used = |key: u32| t.uses_of(key).any(|row| t.use_tag[row] == UseTag::EXCLUSIVE);
    if exclusive(class, request).chain(named).any(is_used) {
        mask.iter_mut().for_each(|mask| *mask |= 1 << bit);
    }
}
