//! TaintToleration: taints and tolerations.

use bayplan_core::plugins::taint_toleration::UNTOLERATED;

use super::{Entry, Text, filters, scores};
use crate::config::Point;
use crate::version::Version;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, version| match point {
        Point::PreFilter => version >= Version::V1_37,
        _ => filters(point) || scores(point),
    },
    is_pre_filter_optional: true,
    by_default: |_| Some(Some(3)),
    texts: &[(UNTOLERATED, Text::Is("node(s) had untolerated taint(s)"))],
    ..Entry::NONE
};
