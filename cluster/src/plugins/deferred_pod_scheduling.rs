//! DeferredPodScheduling (from 1.37 on, off by default).

use super::{Entry, filters};
use crate::config::Point;
use crate::version::Version;

pub(crate) const PLUGIN: Entry = Entry {
    since: Version::V1_37,
    is_idle: |_| true,
    points: |point, _| filters(point) || point == Point::Permit,
    ..Entry::NONE
};
