//! SchedulingGates: a pod with gates is not looked at.

use super::Entry;
use crate::config::Point;

pub(crate) const PLUGIN: Entry =
    Entry { points: |point, _| point == Point::PreEnqueue, by_default: |_| Some(None), ..Entry::NONE };
