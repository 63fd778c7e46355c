//! NodeVolumeLimits: a node takes only so many volumes of a CSI driver.
//!
//! Upstream: `pkg/scheduler/framework/plugins/nodevolumelimits`. The limit is `CSINode.spec.drivers[].allocatable.count`.

use core::ops::Range;

use super::{Entry, Explain, Filter, Marks, Pod, Work, never};
use crate::plugin::{Plugin, Reason};
use crate::tables::UseTag;
use crate::{NONE, NodeId};

/// A driver that must be there is not installed on the node; [`Reason::driver`] says which.
pub const DRIVER_MISSING: Reason = Reason::resolvable(Plugin::NodeVolumeLimits, 0);
/// The node holds as many volumes of a driver as it takes.
pub const TOO_MANY: Reason = Reason::resolvable(Plugin::NodeVolumeLimits, 1);

pub(crate) const PLUGIN: Entry = Entry {
    filter: Filter::Pod { skips: never, run: filter },
    by_pods: |pod, _| mounted(pod).next().is_some(),
    reasons: &[DRIVER_MISSING, TOO_MANY],
    explain: Explain::With(explain),
    ..Entry::NONE
};

/// The drivers of the volumes that the pod mounts, with each volume.
fn mounted<'c>(pod: &Pod<'c>) -> impl Iterator<Item = (u32, u32)> + Clone + use<'c> {
    let t = pod.class.t;
    let uses = t.use_list(pod.request.uses).chunks_exact(2).filter(|u| u[1] == UseTag::Mounted as u32);
    uses.map(|u| (t.use_driver[u[0] as usize], u[0])).filter(|(driver, _)| *driver != NONE)
}

fn filter(pod: &Pod<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], work: &mut Work<'_, '_>) {
    let t = pod.class.t;
    let stride = t.limits.nodes as usize;
    let mut last = NONE;
    // The list is in the order of the drivers.
    for (driver, _) in mounted(pod) {
        if driver == last {
            continue;
        }
        last = driver;
        let rows = driver as usize * stride + range.start..driver as usize * stride + range.end;
        let (lacks, limits, used) =
            (&t.driver_lacks[rows.clone()], &t.driver_limit[rows.clone()], &t.driver_used[rows]);
        let new = &mut work.scratch.raw[..mask.len()];
        let volumes = mounted(pod).filter(|(d, _)| *d == driver);
        new.fill(volumes.clone().count() as i64);
        for (_, key) in volumes {
            for entry in t.uses_of(key).filter(|row| t.use_tag[*row] == UseTag::Mounted as u32) {
                let node = t.use_node[entry] as usize;
                if range.contains(&node) {
                    new[node - range.start] -= 1;
                }
            }
        }
        for (node, mask) in mask.iter_mut().enumerate() {
            if lacks[node] != 0 {
                *mask |= marks.of(DRIVER_MISSING);
            } else if limits[node] != NONE
                && new[node] > 0
                && i64::from(used[node]) + new[node] > i64::from(limits[node])
            {
                *mask |= marks.of(TOO_MANY);
            }
        }
    }
}

/// The first driver that is not installed on the node; without one, there are too many volumes.
fn explain(pod: &Pod<'_>, node: NodeId, marks: u32, emit: &mut dyn FnMut(Reason)) {
    let stride = pod.class.t.limits.nodes as usize;
    let lacks = |driver: &u32| pod.class.t.driver_lacks[*driver as usize * stride + node.at()] != 0;
    match mounted(pod).map(|(driver, _)| driver).find(lacks) {
        Some(driver) if marks >> DRIVER_MISSING.kind() & 1 != 0 => emit(DRIVER_MISSING.about(driver)),
        _ => emit(TOO_MANY),
    }
}
