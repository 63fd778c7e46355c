//! VolumeBinding: whether the pod's volumes can be had on a node: bound ones reached, those of claims that wait for the pod's node found or
//! provisioned.
//!
//! Upstream: `pkg/scheduler/framework/plugins/volumebinding`. The score by storage capacity (KEP-4049) is on from 1.37.

use core::ops::Range;

use super::{Entry, Explain, Filter, Marks, Pod, Score, Work, never, node_resources_fit};
use crate::plugin::{Plugin, Reason};
use crate::request::MAX_WAITING;
use crate::tables::node_flag;
use crate::{NodeSetId, VolumeId};

/// A bound volume cannot be reached from the node.
pub const NOT_REACHABLE: Reason = Reason::unresolvable(Plugin::VolumeBinding, 0);
/// A claim's volume is no object.
pub const NO_SUCH_VOLUME: Reason = Reason::unresolvable(Plugin::VolumeBinding, 1);
/// There is no volume for a claim, and none can be provisioned.
pub const NONE_TO_BIND: Reason = Reason::unresolvable(Plugin::VolumeBinding, 2);
/// The driver has no room to provision a volume.
pub const NO_SPACE: Reason = Reason::unresolvable(Plugin::VolumeBinding, 3);

pub(crate) const PLUGIN: Entry = Entry {
    filter: Filter::Pod { skips: never, run: filter },
    by_pods: never,
    score: Score::Feasible(score),
    reasons: &[NOT_REACHABLE, NO_SUCH_VOLUME, NONE_TO_BIND, NO_SPACE],
    explain: Explain::Each,
    ..Entry::NONE
};

/// What the waiting claims would get on a node.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gets {
    /// A volume that is there.
    Volume(VolumeId),
    /// A new one; the room that was found for it.
    New(Option<i64>),
}

/// What each waiting claim would get, or the reason why one gets nothing.
fn find(pod: &Pod<'_>, node: usize) -> Result<[Option<Gets>; MAX_WAITING], Reason> {
    let (class, waiting) = (&pod.class, pod.request.volumes.waiting);
    let mut gets = [None; MAX_WAITING];
    let name = class.labels(0)[node];
    if waiting.iter().any(|claim| claim.selected.is_some() && claim.selected.0 != name) {
        return Err(NONE_TO_BIND);
    }
    let reaches = |volume: VolumeId| {
        class.t.volumes.get(volume.at()).is_some_and(|row| class.t.in_node_set(NodeSetId(row.reach), node))
    };
    for (at, claim) in waiting.iter().enumerate().filter(|(_, claim)| !claim.selected.is_some()) {
        let taken =
            |volume: VolumeId| gets[..at].iter().any(|g| matches!(g, Some(Gets::Volume(other)) if *other == volume));
        let found = match claim.reserved.iter().copied().find(|volume| !taken(*volume)) {
            Some(volume) => reaches(volume).then_some(volume),
            None => claim.candidates.iter().copied().find(|volume| !taken(*volume) && reaches(*volume)),
        };
        gets[at] = found.map(Gets::Volume);
    }
    // Those that a volume is being made for already come first, then those that found none.
    let order = |selected: bool| waiting.iter().enumerate().filter(move |(_, c)| c.selected.is_some() == selected);
    for (at, claim) in order(true).chain(order(false)) {
        if gets[at].is_some() {
            continue;
        }
        if !claim.makes.is_some_and(|set| class.t.in_node_set(set, node)) {
            return Err(NONE_TO_BIND);
        }
        let room = match claim.rooms {
            None => None,
            Some(rooms) => match rooms.iter().find(|room| class.t.in_node_set(room.nodes, node)) {
                Some(room) => Some(room.bytes),
                None => return Err(NO_SPACE),
            },
        };
        gets[at] = Some(Gets::New(room));
    }
    Ok(gets)
}

fn filter(pod: &Pod<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], _: &mut Work<'_, '_>) {
    let (t, volumes) = (pod.class.t, &pod.request.volumes);
    if volumes.bound.is_empty() && !volumes.lost && volumes.waiting.is_empty() {
        return;
    }
    for (node, mask) in range.zip(mask) {
        if t.node_flags[node] & node_flag::ALIVE == 0 {
            continue;
        }
        let unreachable = volumes
            .bound
            .iter()
            .any(|volume| !t.volumes.get(volume.at()).is_some_and(|row| t.in_node_set(NodeSetId(row.reach), node)));
        if unreachable {
            *mask |= marks.of(NOT_REACHABLE);
        } else if volumes.lost {
            *mask |= marks.of(NO_SUCH_VOLUME);
        }
        if !volumes.waiting.is_empty()
            && let Err(reason) = find(pod, node)
        {
            *mask |= marks.of(reason);
        }
    }
}

/// Calls `emit` with the number of each waiting claim and the volume that it would get on the node, or none where one is
/// to be made.
pub(crate) fn each(pod: &Pod<'_>, node: usize, emit: &mut dyn FnMut(usize, Option<VolumeId>)) {
    if let Ok(gets) = find(pod, node) {
        for (at, gets) in gets[..pod.request.volumes.waiting.len()].iter().enumerate() {
            emit(at, if let Some(Gets::Volume(volume)) = gets { Some(*volume) } else { None });
        }
    }
}

/// Adds the weighted score: the mean over storage classes of the value at their utilization, of the volumes to bind, or
/// else of the room to make volumes in.
fn score(pod: &Pod<'_>, weight: i64, mask: &[u32], out: &mut [i64], _: &mut Work<'_, '_>) -> bool {
    if !pod.request.volumes.waiting.is_empty() {
        for (node, (out, mask)) in out.iter_mut().zip(mask).enumerate() {
            if *mask == 0
                && let Ok(gets) = find(pod, node)
            {
                *out += weight * score_of(pod, &gets);
            }
        }
    }
    true
}

fn score_of(pod: &Pod<'_>, gets: &[Option<Gets>; MAX_WAITING]) -> i64 {
    let class = &pod.class;
    // Storage class, bytes asked for, bytes there.
    let mut classes = [(0u32, 0i64, 0i64); MAX_WAITING];
    let mut used = 0;
    let mut at_class = |id: u32, change: &dyn Fn(&mut (u32, i64, i64))| {
        let found = classes[..used].iter().position(|(other, _, _)| *other == id);
        let at = found.unwrap_or(used);
        if found.is_none() {
            classes[at] = (id, 0, 0);
            used += 1;
        }
        change(&mut classes[at]);
    };
    let binds = gets.iter().any(|g| matches!(g, Some(Gets::Volume(_))));
    for (claim, gets) in pod.request.volumes.waiting.iter().zip(gets) {
        match gets {
            Some(Gets::Volume(volume)) => {
                let row = class.t.volumes[volume.at()];
                at_class(row.class, &|c| *c = (c.0, c.1.wrapping_add(claim.size), c.2.wrapping_add(row.size)));
            }
            Some(Gets::New(Some(room))) if !binds => {
                at_class(claim.class, &|c| *c = (c.0, c.1.wrapping_add(claim.size), *room));
            }
            _ => {}
        }
    }
    if used == 0 {
        return 0;
    }
    let shape = class.t.list(class.profile.volume_shape);
    let value = |(_, asked, there): &(u32, i64, i64)| {
        let full = *there == 0 || asked > there;
        node_resources_fit::on_shape(shape, if full { 100 } else { asked.wrapping_mul(100).wrapping_div(*there) })
    };
    let sum: i64 = classes[..used].iter().map(value).sum();
    libm::round(sum as f64 / used as f64) as i64
}
