//! PodTopologySpread: topology spread constraints.

use bayplan_core::plugins::pod_topology_spread::{MISSING_LABEL, SKEW};

use super::details::Details;
use super::{Arguments, Entry, Text, filters, scores, text};
use crate::config::{Args, SpreadArgs, raw, wrong};
use crate::error::Error;
use crate::labels::is_qualified_name;
use crate::objects::{Pod, TopologySpreadConstraint};

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point) || scores(point),
    by_default: |_| Some(Some(2)),
    configure: Some(configure),
    texts: &[
        (MISSING_LABEL, Text::Is("node(s) didn't match pod topology spread constraints (missing required label)")),
        (SKEW, Text::Is("node(s) didn't match pod topology spread constraints")),
    ],
    details: Some(details),
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

/// The first constraint that must hold and does not on a node, by the numbers of all.
fn details(of: &mut Details<'_>) -> Result<Vec<String>, Error> {
    let (compiler, pod, rows) = (&of.cluster.compiler(), of.pod, of.index.spread(of.id));
    let hard: Vec<_> =
        pod.spec.topology_spread_constraints.iter().filter(|c| c.when_unsatisfiable == "DoNotSchedule").collect();
    for row in rows {
        let key = compiler.keys.iter().find(|(_, id)| **id == row.key).map_or("", |(key, _)| key);
        if !row.domain.is_some() {
            return Ok(vec![format!("the node has no label {key}")]);
        }
        let own = i64::from(row.counts_itself);
        if row.here + own - row.least > i64::from(row.max_skew) {
            let domain = compiler.strings.name(row.domain);
            let constraint = hard.get(row.constraint as usize);
            let pods = constraint.map_or("its like".to_owned(), |constraint| pods_of(constraint, pod));
            let (topology, here, max_skew) = (text::short(key), row.here, row.max_skew);
            // With fewer domains than are wanted, the lowest is 0 whatever lies in them.
            let least = if i64::from(row.domains) < i64::from(row.min_domains) {
                let of_min = format!("only {} of minDomains {}", row.domains, row.min_domains);
                format!("{of_min} {} are there for the pod, so the lowest counts as 0", domains_of(key))
            } else {
                format!("the lowest {key} {}", row.least)
            };
            return Ok(vec![format!("{topology} {domain} has {here} of {pods}, {least}, maxSkew {max_skew}")]);
        }
    }
    Ok(Vec::new())
}

/// The domains of a topology, as people say it.
fn domains_of(key: &str) -> String {
    match text::short(key) {
        short @ ("zone" | "region" | "node" | "rack") => format!("{short}s"),
        _ => format!("domains of {key}"),
    }
}

/// The pods that a constraint counts, with the pod's own values of `matchLabelKeys`. The API server of a later version has
/// put these into the selector already.
fn pods_of(constraint: &TopologySpreadConstraint, pod: &Pod) -> String {
    let mut pods = text::selector(constraint.label_selector.as_ref());
    for key in &constraint.match_label_keys {
        let Some(value) = pod.metadata.labels.get(key) else { continue };
        let equal = format!("{key}={value}");
        if !pods.split(',').any(|part| part == equal) {
            pods = format!("{pods},{equal}");
        }
    }
    pods
}
