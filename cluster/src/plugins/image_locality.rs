//! ImageLocality: nodes that have the images already.

use crate::config::Point;
use super::Entry;

pub(crate) const PLUGIN: Entry =
    Entry { points: |point, _| point == Point::Score, by_default: |_| Some(Some(1)), ..Entry::NONE };
