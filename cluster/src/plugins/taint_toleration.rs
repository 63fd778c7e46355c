//! TaintToleration: taints and tolerations.

use bayplan_core::plugins::taint_toleration::UNTOLERATED;

use super::details::Details;
use super::{Entry, Text, filters, scores};
use crate::config::Point;
use crate::error::Error;
use crate::labels;
use crate::version::Version;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, version| match point {
        Point::PreFilter => version >= Version::V1_37,
        _ => filters(point) || scores(point),
    },
    is_pre_filter_optional: true,
    by_default: |_| Some(Some(3)),
    texts: &[(UNTOLERATED, Text::Is("node(s) had untolerated taint(s)"))],
    details: Some(details),
    ..Entry::NONE
};

/// The taints that are not tolerated.
fn details(of: &mut Details<'_>) -> Result<Vec<String>, Error> {
    let taints = labels::untolerated(&of.node.spec.taints, &of.pod.spec.tolerations).map(|t| {
        let value = if t.value.is_empty() { String::new() } else { format!("={}", t.value) };
        format!("taint {}{value}:{} is not tolerated", t.key, t.effect)
    });
    Ok(taints.into_iter().collect())
}
