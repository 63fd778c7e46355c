//! VolumeZone: volumes that are labelled with a zone or region.

use bayplan_core::plugins::volume_zone::OTHER_ZONE;

use super::{Entry, Text, filters};

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point),
    by_default: |_| Some(None),
    texts: &[(OTHER_ZONE, Text::Is("node(s) had no available volume zone"))],
    ..Entry::NONE
};
