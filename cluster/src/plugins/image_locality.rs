//! ImageLocality: nodes that have the images already.

use super::Entry;
use crate::config::Point;

pub(crate) const PLUGIN: Entry =
    Entry { points: |point, _| point == Point::Score, by_default: |_| Some(Some(1)), ..Entry::NONE };
