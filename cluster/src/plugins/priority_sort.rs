//! PrioritySort: the queue is in the order of priority, then of arrival.

use crate::config::Point;
use super::Entry;

pub(crate) const PLUGIN: Entry =
    Entry { points: |point, _| point == Point::QueueSort, by_default: |_| Some(None), ..Entry::NONE };
