//! NodeUnschedulable: cordoned nodes.

use bayplan_core::plugins::node_unschedulable::CORDONED;

use super::{Entry, Text, filters};
use crate::config::Point;
use crate::version::Version;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, version| match point {
        Point::PreFilter => version >= Version::V1_37,
        _ => filters(point),
    },
    is_pre_filter_optional: true,
    by_default: |_| Some(None),
    texts: &[(CORDONED, Text::Is("node(s) were unschedulable"))],
    ..Entry::NONE
};
