//! VolumeRestrictions: disks that only one pod may write, and `ReadWriteOncePod` claims.
//!
//! Upstream: `pkg/scheduler/framework/plugins/volumerestrictions`. `ReadWriteOncePod` is KEP-2485.

use core::ops::Range;

use super::{Entry, Filter, Marks, Pod, Work};
use crate::plugin::{Plugin, Reason};
use crate::tables::{Tables, UseTag};
use crate::{NONE, UseListId};

/// A disk is in use on the node.
pub const DISK_IN_USE: Reason = Reason::resolvable(Plugin::VolumeRestrictions, 0);
/// A `ReadWriteOncePod` claim is in use, on whatever node.
pub const CLAIM_IN_USE: Reason = Reason::resolvable(Plugin::VolumeRestrictions, 1);

pub(crate) const PLUGIN: Entry =
    Entry { filter: Filter::Pod { skips, run: filter }, reasons: &[DISK_IN_USE, CLAIM_IN_USE], ..Entry::NONE };

/// The keys under one tag of a list of uses.
fn tagged<'t>(t: &'t Tables<'t>, uses: UseListId, tag: UseTag) -> impl Iterator<Item = u32> + use<'t> {
    t.use_list(uses).chunks_exact(2).filter(move |u| u[1] == tag as u32).map(|u| u[0])
}

/// Whether there is nothing to look at: no disks, and no claim of the pod's own that another pod has.
fn skips(pod: &Pod<'_>, _: &mut Work<'_, '_>) -> bool {
    let t = pod.class.t;
    pod.class.row.disks.len == 0
        && tagged(t, pod.request.uses, UseTag::Exclusive).all(|claim| t.use_first[claim as usize] == NONE)
}

fn filter(pod: &Pod<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], _: &mut Work<'_, '_>) {
    let t = pod.class.t;
    for disk in t.list(pod.class.row.disks).chunks_exact(2) {
        let (key, read_only) = (disk[0], disk[1]);
        for row in t.uses_of(key) {
            let node = t.use_node[row] as usize;
            if range.contains(&node) && (read_only == 0 || t.use_tag[row] == 0) {
                mask[node - range.start] |= marks.of(DISK_IN_USE);
            }
        }
    }
    // Of nominated pods only the claims' names are known.
    let claims = tagged(t, pod.request.uses, UseTag::Exclusive);
    let mut claims = claims.chain(tagged(t, pod.request.uses, UseTag::ExclusiveName));
    if claims.any(|key| t.uses_of(key).any(|row| t.use_tag[row] == UseTag::Exclusive as u32)) {
        mask.iter_mut().for_each(|mask| *mask |= marks.of(CLAIM_IN_USE));
    }
}
