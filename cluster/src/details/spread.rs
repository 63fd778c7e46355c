//! Which spread constraint would be broken, and by how many pods.

use bayplan_core::plugins::pod_topology_spread::SpreadNumbers;

use super::text;
use crate::cluster::Cluster;
use crate::objects::{Pod, TopologySpreadConstraint};

impl Cluster {
    /// The first constraint that must hold and does not on a node, by the numbers of all.
    pub(super) fn spread_details(&self, rows: &[SpreadNumbers], pod: &Pod) -> Vec<String> {
        let hard: Vec<_> =
            pod.spec.topology_spread_constraints.iter().filter(|c| c.when_unsatisfiable == "DoNotSchedule").collect();
        for row in rows {
            let key = self.compiler.keys.iter().find(|(_, id)| **id == row.key).map_or("", |(key, _)| key);
            if !row.domain.is_some() {
                return vec![format!("the node has no label {key}")];
            }
            let own = i64::from(row.counts_itself);
            if row.here + own - row.least > i64::from(row.max_skew) {
                let domain = self.compiler.strings.name(row.domain);
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
                return vec![format!("{topology} {domain} has {here} of {pods}, {least}, maxSkew {max_skew}")];
            }
        }
        Vec::new()
    }
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
