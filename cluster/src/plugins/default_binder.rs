//! DefaultBinder: binds the pod to its node.

use super::Entry;
use crate::config::Point;

pub(crate) const PLUGIN: Entry =
    Entry { points: |point, _| point == Point::Bind, by_default: |_| Some(None), ..Entry::NONE };
