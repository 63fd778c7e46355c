//! What must hold after changes.

use crate::change::{Assertion, Counted, is_like as nodes_like};
use crate::simulate::{Simulated, Tally};

/// An assertion, and whether it holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Checked {
    /// Does it hold?
    pub holds: bool,
    /// What was found, in a sentence: `2 pods of priority 1000 or more are missing, and 0 may be: kafka/kafka 2`.
    pub says: String,
}

/// Checks assertions on an answer, in order. One that is about no workload of the cluster, or a resource that no node has, does not hold: it is
/// misspelt.
#[must_use]
pub fn check(assertions: &[Assertion], simulated: &Simulated) -> Vec<Checked> {
    let is_named = |form: &str| {
        // All workloads are looked at only where none of those that something happened to is meant.
        simulated.workloads.iter().any(|row| is_like(form, &row.namespace, &row.name))
            || simulated.cluster.workload_rows().iter().any(|row| is_like(form, &row.namespace, &row.name))
    };
    let known = |assertion: &Assertion| match (&assertion.workload, &assertion.resource) {
        (Some(form), _) if !is_named(form) => {
            Some(format!("no workload is called {form}: write ads, shop/ads or shop/*"))
        }
        (_, Some(resource)) if !simulated.after.resources.contains_key(resource) => {
            Some(format!("no node has {resource}"))
        }
        _ => None,
    };
    let checked = assertions.iter().map(|assertion| match known(assertion) {
        Some(says) => Checked { holds: false, says },
        None => one(assertion, simulated),
    });
    checked.collect()
}

/// Does a form mean a workload: `shop/*`, `shop/ads`, `ads`?
fn is_like(form: &str, namespace: &str, name: &str) -> bool {
    match form.contains('/') {
        true => nodes_like(form, &format!("{namespace}/{name}")),
        false => nodes_like(form, name),
    }
}

fn one(assertion: &Assertion, simulated: &Simulated) -> Checked {
    let most = assertion.at_most;
    match assertion.count {
        Counted::Utilisation => {
            let resource = assertion.resource.as_deref().unwrap_or_default();
            let amount = simulated.after.resources.get(resource).copied().unwrap_or_default();
            let percent = amount.share().unwrap_or(0.0) * 100.0;
            Checked {
                holds: percent <= most,
                says: format!("{percent:.1} % of {resource} is requested, and {most} % may be"),
            }
        }
        Counted::NotDrained => {
            let nodes = simulated.drains.iter().flat_map(|drain| &drain.nodes).filter(|node| !node.is_drained);
            let names: Vec<&str> = nodes.map(|node| node.node.as_str()).collect();
            let of = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
            Checked {
                holds: names.len() as f64 <= most,
                says: format!("{} are not drained, and {most} may be{of}", count(names.len(), "node")),
            }
        }
        counted => {
            let mut found: Vec<(usize, &Tally)> = simulated
                .workloads
                .iter()
                .filter(|row| is_meant(assertion, row))
                .map(|row| (pods(counted, row), row))
                .filter(|(pods, _)| *pods > 0)
                .collect();
            found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| b.1.priority.cmp(&a.1.priority)));
            let sum: usize = found.iter().map(|(pods, _)| pods).sum();
            let rows: Vec<String> =
                found.iter().take(5).map(|(pods, row)| format!("{}/{} {pods}", row.namespace, row.name)).collect();
            let more = if found.len() > rows.len() { ", …" } else { "" };
            let of = if rows.is_empty() { String::new() } else { format!(": {}{more}", rows.join(", ")) };
            let priority =
                assertion.min_priority.map_or(String::new(), |least| format!(" of priority {least} or more"));
            let which = assertion.workload.as_ref().map_or(String::new(), |name| format!(" of {name}"));
            let verb = match counted {
                Counted::Missing => "missing",
                Counted::NewlyMissing => "newly missing",
                Counted::Lost => "lost",
                Counted::Moved => "moved",
                _ => "preempted",
            };
            Checked {
                holds: sum as f64 <= most,
                says: format!("{}{priority}{which} are {verb}, and {most} may be{of}", count(sum, "pod")),
            }
        }
    }
}

fn count(count: usize, of: &str) -> String {
    format!("{count} {of}{}", if count == 1 { "" } else { "s" })
}

fn is_meant(assertion: &Assertion, row: &Tally) -> bool {
    let is_named = |form: &str| is_like(form, &row.namespace, &row.name);
    assertion.min_priority.is_none_or(|least| row.priority >= least)
        && assertion.workload.as_deref().is_none_or(is_named)
}

fn pods(counted: Counted, row: &Tally) -> usize {
    match counted {
        Counted::Missing => row.missing,
        Counted::NewlyMissing => row.missing.saturating_sub(row.missing_before),
        Counted::Lost => row.lost,
        Counted::Moved => row.moved,
        Counted::Preempted => row.preempted,
        Counted::NotDrained | Counted::Utilisation => 0,
    }
}
