//! PodTopologySpread: topology spread constraints.

use bayplan_core::plugins::pod_topology_spread::{MISSING_LABEL, SKEW};

use super::{Arguments, Entry, Text, filters, scores};
use crate::config::{Args, SpreadArgs, raw, wrong};
use crate::error::Error;
use crate::labels::is_qualified_name;
use crate::objects::TopologySpreadConstraint;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point) || scores(point),
    by_default: |_| Some(Some(2)),
    configure: Some(configure),
    texts: &[
        (MISSING_LABEL, Text::Is("node(s) didn't match pod topology spread constraints (missing required label)")),
        (SKEW, Text::Is("node(s) didn't match pod topology spread constraints")),
    ],
    ..Entry::NONE
};

fn configure(args: &mut Args, given: Arguments<'_>) -> Result<(), Error> {
    if let Some(listed) = spread(given.typed()?, given.path)? {
        args.spread = listed;
    }
    Ok(())
}

/// The listed constraints; `None` leaves the system's.
fn spread(raw: raw::PodTopologySpreadArgs, path: &str) -> Result<Option<SpreadArgs>, Error> {
    let type_path = format!("{path}.defaultingType");
    match raw.defaulting_type.as_str() {
        "" | "System" if raw.default_constraints.is_empty() => return Ok(None),
        "" | "System" => {
            return Err(wrong(type_path, "must be List where defaultConstraints are given"));
        }
        "List" => {}
        other => return Err(wrong(type_path, format!("`{other}` is not one of System, List"))),
    }
    for (i, constraint) in raw.default_constraints.iter().enumerate() {
        let path = format!("{path}.defaultConstraints[{i}]");
        let TopologySpreadConstraint { max_skew, topology_key, when_unsatisfiable, label_selector, .. } = constraint;
        let reject = |field: &str, reason: String| Err(wrong(format!("{path}.{field}"), reason));
        if *max_skew <= 0 {
            return reject("maxSkew", format!("{max_skew} is not above 0"));
        }
        if !is_qualified_name(topology_key) {
            return reject("topologyKey", format!("`{topology_key}` is not a label key"));
        }
        if !matches!(when_unsatisfiable.as_str(), "DoNotSchedule" | "ScheduleAnyway") {
            let reason = format!("`{when_unsatisfiable}` is not one of DoNotSchedule, ScheduleAnyway");
            return reject("whenUnsatisfiable", reason);
        }
        if label_selector.is_some() {
            return reject("labelSelector", "is not legal here: it is deduced for each pod".to_owned());
        }
        let is_same = |other: &TopologySpreadConstraint| {
            other.topology_key == *topology_key && other.when_unsatisfiable == *when_unsatisfiable
        };
        if raw.default_constraints[..i].iter().any(is_same) {
            return Err(wrong(path, format!("{topology_key} with {when_unsatisfiable} stands here twice")));
        }
    }
    Ok(Some(SpreadArgs { is_system: false, constraints: raw.default_constraints }))
}
