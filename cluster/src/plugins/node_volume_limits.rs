//! NodeVolumeLimits: how many volumes of each CSI driver a node takes.

use std::collections::BTreeMap;

use bayplan_core::DriverId;
use bayplan_core::plugins::node_volume_limits::{DRIVER_MISSING, TOO_MANY};

use super::details::Details;
use super::{Entry, Text, filters};
use crate::error::Error;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point),
    by_default: |_| Some(None),
    texts: &[
        (DRIVER_MISSING, Text::OfDriver(|driver| format!("{driver} CSI driver is not installed on the node"))),
        (TOO_MANY, Text::Is("node(s) exceed max volume count")),
    ],
    details: Some(details),
    ..Entry::NONE
};

/// The drivers of which the node takes fewer volumes than the pod would bring.
fn details(of: &mut Details<'_>) -> Result<Vec<String>, Error> {
    let mut brings = of.cluster.mounted(of.pod);
    // A volume that several pods mount counts once; those of nominated pods are not there yet.
    for other in of.others().into_values().filter(|other| !other.spec.node_name.is_empty()) {
        let there = of.cluster.mounted(other);
        brings.retain(|volume| !there.contains(volume));
    }
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    brings.into_iter().for_each(|(driver, _)| *counts.entry(driver).or_default() += 1);
    let (node, mut out) = (of.id, Vec::new());
    for (name, number) in of.cluster.compiler().driver_names.clone().iter().zip(0..) {
        let Some(new) = counts.get(&**name).copied() else { continue };
        let (used, limit) = of.cluster.read(|t| t.driver_on(node, DriverId(number)))?;
        if let Some(limit) = limit.filter(|limit| used.saturating_add(new) > *limit) {
            out.push(format!("{name}: {used} of at most {limit} volumes, the pod brings {new}"));
        }
    }
    Ok(out)
}
