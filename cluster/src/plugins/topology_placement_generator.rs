//! TopologyPlacementGenerator (from 1.36 on, off by default): where a group of pods may be placed.

use super::Entry;
use crate::config::Point;
use crate::version::Version;

pub(crate) const PLUGIN: Entry = Entry {
    since: Version::V1_36,
    is_idle: |_| true,
    points: |point, _| point == Point::PlacementGenerate,
    ..Entry::NONE
};
