//! GangScheduling (from 1.35 on, off by default): pods that are scheduled together or not at all.

use super::Entry;
use crate::config::Point;
use crate::version::Version;

pub(crate) const PLUGIN: Entry = Entry {
    since: Version::V1_35,
    is_idle: |_| true,
    points: |point, version| match point {
        Point::PreEnqueue | Point::Permit => true,
        Point::Reserve => version == Version::V1_35,
        _ => false,
    },
    ..Entry::NONE
};
