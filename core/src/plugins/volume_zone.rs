//! A volume that is labelled with a zone can be mounted only there.

use super::Class;
use crate::NodeSetId;
use crate::cycle::Request;
use crate::tables::node_flag;

pub(crate) fn filter(class: &Class<'_>, request: &Request<'_>, bit: u32, mask: &mut [u32]) {
    for volume in request.volumes.zoned {
        let Some(row) = class.t.volumes.get(volume.at()) else { continue };
        for (node, mask) in mask.iter_mut().enumerate() {
            let alive = class.t.node_flags[node] & node_flag::ALIVE != 0;
            *mask |= u32::from(alive && !class.t.in_node_set(NodeSetId(row.zone), node)) << bit;
        }
    }
}
