//! PodGroupPodsCount (from 1.36 on, off by default): scores placements of a group of pods.

use super::Entry;
use crate::config::Point;
use crate::version::Version;

pub(crate) const PLUGIN: Entry = Entry {
    since: Version::V1_36,
    is_idle: |_| true,
    points: |point, _| point == Point::PlacementScore,
    ..Entry::NONE
};
