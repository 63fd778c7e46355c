//! PrioritySort: the queue is in the order of priority, then of arrival.

use super::Entry;
use crate::config::Point;

pub(crate) const PLUGIN: Entry =
    Entry { points: |point, _| point == Point::QueueSort, by_default: |_| Some(None), ..Entry::NONE };
