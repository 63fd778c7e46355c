//! A node takes only so many volumes of a storage driver.

use super::{Class, detail};
use crate::cache::Scratch;
use crate::cycle::Request;
use crate::tables::UseTag;
use crate::{DriverId, NONE};

/// The drivers of the volumes that the pod mounts, with each volume.
fn mounted<'c>(class: &'c Class<'_>, request: &Request<'_>) -> impl Iterator<Item = (u32, u32)> + Clone + 'c {
    let uses = class.t.use_list(request.uses).chunks_exact(2).filter(|u| u[1] == UseTag::MOUNTED);
    uses.map(|u| (class.t.use_driver[u[0] as usize], u[0])).filter(|(driver, _)| *driver != NONE)
}

pub(crate) fn filter(class: &Class<'_>, request: &Request<'_>, bit: u32, mask: &mut [u32], work: &mut Scratch<'_>) {
    let t = class.t;
    let stride = t.limits.nodes as usize;
    let nodes = mask.len();
    let mut last = NONE;
    // The list is in the order of the drivers.
    for (driver, _) in mounted(class, request) {
        if driver == last {
            continue;
        }
        last = driver;
        let row = driver as usize * stride;
        let lacks = &t.driver_lacks[row..row + nodes];
        let limits = &t.driver_limit[row..row + nodes];
        let used = &t.driver_used[row..row + nodes];
        let new = &mut work.raw[..nodes];
        let volumes = mounted(class, request).filter(|(d, _)| *d == driver);
        new.fill(volumes.clone().count() as i64);
        for (_, key) in volumes {
            for entry in t.uses_of(key).filter(|row| t.use_tag[*row] == UseTag::MOUNTED) {
                new[t.use_node[entry] as usize] -= 1;
            }
        }
        for node in 0..nodes {
            if lacks[node] != 0 {
                mask[node] |= 1 << bit | detail::DRIVER;
            } else if limits[node] != NONE
                && new[node] > 0
                && i64::from(used[node]) + new[node] > i64::from(limits[node])
            {
                mask[node] |= 1 << bit;
            }
        }
    }
}

/// The first driver that keeps the pod off the node because it is not installed there.
pub(crate) fn lacking(class: &Class<'_>, request: &Request<'_>, node: usize) -> DriverId {
    let stride = class.t.limits.nodes as usize;
    let lacks = |driver: u32| class.t.driver_lacks[driver as usize * stride + node] != 0;
    let driver = mounted(class, request).map(|(driver, _)| driver).find(|driver| lacks(*driver));
    driver.map_or(DriverId::NONE, DriverId)
}
