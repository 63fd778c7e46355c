//! Whether the pod's volumes can be had on a node: bound ones reached, waiting ones found or made.

use super::{Class, detail, node_resources_fit};
use crate::cycle::Request;
use crate::tables::node_flag;
use crate::{NodeSetId, StrId, VolumeId};

/// What a pod's claims need. The lists are the caller's: they hold just what does not depend on the node.
#[derive(Clone, Copy, Debug, Default)]
pub struct Volumes<'a> {
    /// Volumes of bound claims, up to the first that is no object.
    pub bound: &'a [VolumeId],
    /// A bound claim's volume is no object.
    pub lost: bool,
    /// Volumes whose zone counts.
    pub zoned: &'a [VolumeId],
    /// Claims that wait for the pod's node: those that look for a volume first, the smallest of them first.
    pub waiting: &'a [Waiting<'a>],
}

/// A claim that waits for its pod's node.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// The node for which a volume is being made already, or none.
    pub selected: StrId,
    /// Volumes that would do, the smallest first.
    pub candidates: &'a [VolumeId],
    /// Volumes that are reserved for the claim: the first that no other claim of the pod has taken, or none; candidates come
    /// after them.
    pub reserved: &'a [VolumeId],
    /// Where a volume can be made; `None` where the class makes none.
    pub makes: Option<NodeSetId>,
    /// Room for a new volume: where, and how much in all. `None` where nobody says.
    pub rooms: Option<&'a [(NodeSetId, i64)]>,
    /// How large it is to be, in bytes.
    pub size: i64,
    /// Its storage class, a number of the caller's.
    pub class: u32,
}

/// The most claims of a pod that may wait.
pub const MAX_WAITING: usize = 32;

/// What the waiting claims would get on a node.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gets {
    /// A volume that is there.
    Volume(VolumeId),
    /// A new one; the room that was found for it.
    New(Option<i64>),
}

/// What each waiting claim would get, or the reason why one gets nothing.
fn find(class: &Class<'_>, request: &Request<'_>, node: usize) -> Result<[Option<Gets>; MAX_WAITING], u32> {
    let waiting = request.volumes.waiting;
    let mut gets = [None; MAX_WAITING];
    let name = class.labels(0)[node];
    if waiting.iter().any(|claim| claim.selected.is_some() && claim.selected.0 != name) {
        return Err(detail::NONE_TO_BIND);
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
            return Err(detail::NONE_TO_BIND);
        }
        let room = match claim.rooms {
            None => None,
            Some(rooms) => match rooms.iter().find(|(set, _)| class.t.in_node_set(*set, node)) {
                Some((_, room)) => Some(*room),
                None => return Err(detail::NO_SPACE),
            },
        };
        gets[at] = Some(Gets::New(room));
    }
    Ok(gets)
}

pub(crate) fn filter(class: &Class<'_>, request: &Request<'_>, bit: u32, mask: &mut [u32]) {
    let volumes = &request.volumes;
    if volumes.bound.is_empty() && !volumes.lost && volumes.waiting.is_empty() {
        return;
    }
    for (node, mask) in mask.iter_mut().enumerate() {
        if class.t.node_flags[node] & node_flag::ALIVE == 0 {
            continue;
        }
        let unreachable = volumes.bound.iter().any(|volume| {
            !class.t.volumes.get(volume.at()).is_some_and(|row| class.t.in_node_set(NodeSetId(row.reach), node))
        });
        if unreachable {
            *mask |= 1 << bit | detail::NOT_REACHABLE;
        } else if volumes.lost {
            *mask |= 1 << bit | detail::NO_SUCH_VOLUME;
        }
        if !volumes.waiting.is_empty()
            && let Err(reason) = find(class, request, node)
        {
            *mask |= 1 << bit | reason;
        }
    }
}

/// Calls `emit` with the number of each waiting claim and the volume that it would get on the node, or none where one is
/// to be made.
pub(crate) fn each(
    class: &Class<'_>,
    request: &Request<'_>,
    node: usize,
    emit: &mut dyn FnMut(usize, Option<VolumeId>),
) {
    if let Ok(gets) = find(class, request, node) {
        for (at, gets) in gets[..request.volumes.waiting.len()].iter().enumerate() {
            emit(at, if let Some(Gets::Volume(volume)) = gets { Some(*volume) } else { None });
        }
    }
}

/// Adds the weighted score: the mean over storage classes of the value at their utilization, of the volumes to bind, or
/// else of the room to make volumes in.
pub(crate) fn score(class: &Class<'_>, request: &Request<'_>, weight: i64, mask: &[u32], out: &mut [i64]) {
    if request.volumes.waiting.is_empty() {
        return;
    }
    for node in 0..class.t.node_rows() {
        if mask[node] == 0
            && let Ok(gets) = find(class, request, node)
        {
            out[node] += weight * score_of(class, request, &gets);
        }
    }
}

fn score_of(class: &Class<'_>, request: &Request<'_>, gets: &[Option<Gets>; MAX_WAITING]) -> i64 {
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
    for (claim, gets) in request.volumes.waiting.iter().zip(gets) {
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
