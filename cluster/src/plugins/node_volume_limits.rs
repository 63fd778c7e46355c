//! NodeVolumeLimits: how many volumes of each CSI driver a node takes.

use bayplan_core::plugins::node_volume_limits::{DRIVER_MISSING, TOO_MANY};

use super::{Entry, Text, filters};

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point),
    by_default: |_| Some(None),
    texts: &[
        (DRIVER_MISSING, Text::OfDriver(|driver| format!("{driver} CSI driver is not installed on the node"))),
        (TOO_MANY, Text::Is("node(s) exceed max volume count")),
    ],
    ..Entry::NONE
};
