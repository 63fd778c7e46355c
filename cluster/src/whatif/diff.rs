//! What differs between two clusters at rest: nodes, workloads, and where pods are.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Error;
use crate::inventory::{NodeRow, WorkloadRow};
use crate::simulate::{Base, SimulationOptions};
use crate::state::Cluster;

/// What of a thing differs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// `node`, `workload` or `pod`.
    pub of: &'static str,
    /// Its name, `namespace/name` where it lives in a namespace.
    pub name: String,
    /// What it is before; none where it was not there.
    pub before: Option<String>,
    /// What it is after; none where it is not there any more.
    pub after: Option<String>,
}

impl Difference {
    /// `+` for what came, `-` for what went, `~` for what is another.
    #[must_use]
    pub fn sign(&self) -> char {
        match (&self.before, &self.after) {
            (None, _) => '+',
            (_, None) => '-',
            _ => '~',
        }
    }
}

/// What differs between two clusters.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Diff {
    /// Nodes first, then workloads, then pods, each by name.
    pub differences: Vec<Difference>,
    /// How many pods are the same in both.
    pub same_pods: usize,
    /// What a user should know of the inputs.
    pub warnings: Vec<String>,
    /// Rules that concern the pods and were not applied, and what a server refuses.
    pub unsure: Vec<String>,
}

impl Cluster {
    /// What differs between this cluster and another one, both played to rest.
    ///
    /// A pod differs where it is on another node, or waits for another reason. The names that controllers make up are numbered here, so that a
    /// pod that both clusters make has the same name in both; in two dumps it has not, and its workload tells.
    ///
    /// # Errors
    /// As [`Cluster::simulate`].
    pub fn diff(
        &self,
        other: &Cluster,
        options: SimulationOptions,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Diff, Error> {
        let before = Base::of(self, options, progress)?;
        let after = Base::of(other, options, progress)?;
        let mut diff = Diff::default();
        let mut rows = Vec::new();
        for base in [&before, &after] {
            let mut fork = base.cluster().clone();
            rows.push((fork.node_rows()?, fork.workload_rows()));
            for text in base.simulation().unsure() {
                if !diff.unsure.contains(&text) {
                    diff.unsure.push(text);
                }
            }
            for text in base.cluster().warnings() {
                if !diff.warnings.contains(&text) {
                    diff.warnings.push(text);
                }
            }
        }
        let nodes: [BTreeMap<String, String>; 2] =
            [0, 1].map(|at| rows[at].0.iter().map(|row| (row.name.clone(), of_node(row))).collect());
        let workloads: [BTreeMap<String, String>; 2] = [0, 1].map(|at| {
            rows[at]
                .1
                .iter()
                .map(|row| (format!("{} {}/{}", row.kind, row.namespace, row.name), of_workload(row)))
                .collect()
        });
        let pods = [&before, &after].map(places);
        add(&mut diff, "node", &nodes);
        add(&mut diff, "workload", &workloads);
        let first = diff.differences.len();
        add(&mut diff, "pod", &pods);
        let differ = diff.differences.len() - first;
        diff.same_pods = pods.iter().flat_map(BTreeMap::keys).collect::<BTreeSet<_>>().len() - differ;
        Ok(diff)
    }
}

fn add(diff: &mut Diff, of: &'static str, [before, after]: &[BTreeMap<String, String>; 2]) {
    for name in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let (before, after) = (before.get(name), after.get(name));
        if before != after {
            let (before, after) = (before.cloned(), after.cloned());
            diff.differences.push(Difference { of, name: name.clone(), before, after });
        }
    }
}

/// Where each pod is, or why it waits.
fn places(base: &Base) -> BTreeMap<String, String> {
    let cluster = base.cluster();
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for node in cluster.nodes() {
        places.extend(cluster.pods_on(node).into_iter().map(|pod| (pod, node.to_owned())));
    }
    for pod in cluster.pending() {
        let why = base.simulation().why_waiting(&pod).unwrap_or_default();
        places.insert(pod, format!("pending: {why}"));
    }
    places
}

fn of_node(row: &NodeRow) -> String {
    let amounts = row.resources.iter().filter(|(_, amount)| amount.allocatable > 0);
    let mut parts: Vec<String> = amounts
        .map(|(name, amount)| match name.as_str() {
            "cpu" => format!("{name} {}m", amount.allocatable),
            "memory" | "ephemeral-storage" => format!("{name} {}Mi", amount.allocatable >> 20),
            _ => format!("{name} {}", amount.allocatable),
        })
        .collect();
    if row.is_cordoned {
        parts.push("cordoned".to_owned());
    }
    if !row.is_ready {
        parts.push("not ready".to_owned());
    }
    parts.extend(row.taints.iter().map(|taint| format!("taint {taint}")));
    parts.extend(row.labels.iter().map(|(key, value)| format!("label {key}={value}")));
    parts.join(", ")
}

fn of_workload(row: &WorkloadRow) -> String {
    let waiting = if row.pending > 0 { format!(", {} pending", row.pending) } else { String::new() };
    format!("{}/{}{waiting}, {}m cpu, {}Mi memory", row.ready, row.wanted, row.cpu, row.memory >> 20)
}
