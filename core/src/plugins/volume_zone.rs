//! VolumeZone: a volume that is labelled with a zone or region can be mounted only there.
//!
//! Upstream: `pkg/scheduler/framework/plugins/volumezone`.

use core::ops::Range;

use super::{Entry, Filter, Marks, Pod, Work, never};
use crate::NodeSetId;
use crate::plugin::{Plugin, Reason};
use crate::tables::node_flag;

/// A volume is in another zone.
pub const OTHER_ZONE: Reason = Reason::unresolvable(Plugin::VolumeZone, 0);

pub(crate) const PLUGIN: Entry =
    Entry { filter: Filter::Pod { skips: never, run: filter }, by_pods: never, reasons: &[OTHER_ZONE], ..Entry::NONE };

fn filter(pod: &Pod<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], _: &mut Work<'_, '_>) {
    let t = pod.class.t;
    for volume in pod.request.volumes.zoned {
        let Some(row) = t.volumes.get(volume.at()) else { continue };
        for (node, mask) in range.clone().zip(&mut *mask) {
            let alive = t.node_flags[node] & node_flag::ALIVE != 0;
            let rejects = alive && !t.in_node_set(NodeSetId(row.zone), node);
            *mask |= if rejects { marks.of(OTHER_ZONE) } else { 0 };
        }
    }
}
