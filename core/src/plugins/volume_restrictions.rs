//! VolumeRestrictions: disks that only one pod may write, and `ReadWriteOncePod` claims.
//!
//! Upstream: `pkg/scheduler/framework/plugins/volumerestrictions`. `ReadWriteOncePod` is KEP-2485.

use core::ops::Range;

use super::{Entry, Filter, Marks, Pod, Work};
use crate::plugin::{Plugin, Reason};
use crate::tables::{Tables, UseTag, VictimRow, undo};
use crate::{NONE, UseListId};

/// A disk is in use on the node.
pub const DISK_IN_USE: Reason = Reason::resolvable(Plugin::VolumeRestrictions, 0);
/// A `ReadWriteOncePod` claim is in use, on whatever node.
pub const CLAIM_IN_USE: Reason = Reason::resolvable(Plugin::VolumeRestrictions, 1);

pub(crate) const PLUGIN: Entry = Entry {
    filter: Filter::Pod { skips, run: filter },
    by_pods: |pod, work| !skips(pod, work),
    reasons: &[DISK_IN_USE, CLAIM_IN_USE],
    ..Entry::NONE
};

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

/// How many of the pod's `ReadWriteOncePod` claims are in use.
pub(crate) fn claims_in_use(pod: &Pod<'_>) -> u32 {
    let t = pod.class.t;
    let in_use = |key: &u32| t.uses_of(*key).any(|row| t.use_tag[row] == UseTag::Exclusive as u32);
    tagged(t, pod.request.uses, UseTag::Exclusive).filter(in_use).count() as u32
}

/// Whether a claim is in use while preemption weighs a node. kube-scheduler counts claims in use once, and then adds and subtracts pods by
/// the names of their claims alone, whatever their namespace.
fn is_in_use_without(pod: &Pod<'_>, victims: &[VictimRow], in_use: u32) -> bool {
    let t = pod.class.t;
    let removed = victims.iter().filter(|victim| victim.row == NONE).map(|victim| u64::from(victim.claims)).sum::<u64>();
    let names = tagged(t, pod.request.uses, UseTag::ExclusiveName).flat_map(|key| t.uses_of(key));
    let nominated = names.filter(|row| t.use_tag[*row] == UseTag::Exclusive as u32).map(|row| u64::from(t.use_count[row]));
    u64::from(in_use) + nominated.sum::<u64>() > removed
}

fn filter(pod: &Pod<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], work: &mut Work<'_, '_>) {
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
    let victims = work.scratch.trial_state[undo::VICTIMS] as usize;
    if let (true, [mask]) = (victims > 0, &mut *mask) {
        let victims = &work.scratch.victims[..victims];
        if is_in_use_without(pod, victims, work.scratch.trial_state[undo::CLAIMS]) {
            *mask |= marks.of(CLAIM_IN_USE);
        }
        return;
    }
    // Of nominated pods only the claims' names are known.
    let claims = tagged(t, pod.request.uses, UseTag::Exclusive);
    let mut claims = claims.chain(tagged(t, pod.request.uses, UseTag::ExclusiveName));
    if claims.any(|key| t.uses_of(key).any(|row| t.use_tag[row] == UseTag::Exclusive as u32)) {
        mask.iter_mut().for_each(|mask| *mask |= marks.of(CLAIM_IN_USE));
    }
}
