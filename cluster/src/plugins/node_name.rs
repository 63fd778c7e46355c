//! NodeName: a pod that names its node.

use bayplan_core::plugins::node_name::OTHER_NODE;

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
    texts: &[(OTHER_NODE, Text::Is("node(s) didn't match the requested node name"))],
    ..Entry::NONE
};
