//! DefaultBinder: binds the pod to its node.

use crate::config::Point;
use super::Entry;

pub(crate) const PLUGIN: Entry =
    Entry { points: |point, _| point == Point::Bind, by_default: |_| Some(None), ..Entry::NONE };
