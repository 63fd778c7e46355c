//! Nodes as rows.

use std::collections::BTreeMap;

use crate::change::{domains, label_key};
use crate::error::Error;
use crate::objects::{Kind, Object, StringMap};
use crate::simulate::{Amount, Utilisation};
use crate::state::Cluster;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeRow {
    /// Its name.
    pub name: String,
    /// Its zone, where it says one.
    pub zone: Option<String>,
    /// Its instance type, where it says one.
    pub instance_type: Option<String>,
    /// What it gives, and what is asked of it, by resource.
    pub resources: BTreeMap<String, Amount>,
    /// How many pods are on it.
    pub pods: usize,
    /// Is it cordoned?
    pub is_cordoned: bool,
    /// Is it ready?
    pub is_ready: bool,
    /// Its taints: `key=value:Effect`.
    pub taints: Vec<String>,
    /// Its labels.
    pub labels: StringMap,
}

/// Nodes that have the same value of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Group {
    /// The value; none of those without the label.
    pub value: Option<String>,
    /// How many nodes.
    pub nodes: usize,
    /// How many pods are on them.
    pub pods: usize,
    /// The sums by resource.
    pub resources: BTreeMap<String, Amount>,
    /// The most that is free on one node that pods may come to, by resource: what a single pod can have.
    pub largest_free: BTreeMap<String, i64>,
}

impl Cluster {
    /// The nodes, in node order.
    ///
    /// # Errors
    /// Only where the cluster's tables are broken: a fault of this library.
    pub fn node_rows(&mut self) -> Result<Vec<NodeRow>, Error> {
        let by_node = Utilisation::by_node(self)?;
        let mut rows = Vec::with_capacity(by_node.len());
        for (name, resources) in by_node {
            let Some(Object::Node(node)) = self.object(Kind::Node, "", &name) else { continue };
            let labels = &node.metadata.labels;
            let taints = node.spec.taints.iter().map(|taint| match taint.value.as_str() {
                "" => format!("{}:{}", taint.key, taint.effect),
                value => format!("{}={value}:{}", taint.key, taint.effect),
            });
            let ready = node.status.conditions.iter().find(|condition| condition.kind == "Ready");
            rows.push(NodeRow {
                zone: labels.get(label_key("zone")).cloned(),
                instance_type: labels.get(label_key("type")).cloned(),
                pods: self.pods_on(&name).len(),
                is_cordoned: node.spec.unschedulable,
                is_ready: ready.is_none_or(|condition| condition.status == "True"),
                taints: taints.collect(),
                labels: labels.clone(),
                resources,
                name,
            });
        }
        Ok(rows)
    }

    /// The nodes by the value of a label, in the order of the values; `zone` and the like are short for the well-known keys.
    ///
    /// # Errors
    /// As [`Self::node_rows`].
    pub fn node_groups(&mut self, by: &str) -> Result<Vec<Group>, Error> {
        domains(self, by)?;
        let key = label_key(by);
        let mut groups: BTreeMap<Option<String>, Group> = BTreeMap::new();
        for row in self.node_rows()? {
            let value = row.labels.get(key).cloned();
            let group = groups.entry(value.clone()).or_insert_with(|| Group {
                value,
                nodes: 0,
                pods: 0,
                resources: BTreeMap::new(),
                largest_free: BTreeMap::new(),
            });
            group.nodes += 1;
            group.pods += row.pods;
            for (name, amount) in row.resources {
                let sum = group.resources.entry(name.clone()).or_default();
                sum.allocatable = sum.allocatable.saturating_add(amount.allocatable);
                sum.requested = sum.requested.saturating_add(amount.requested);
                let free = group.largest_free.entry(name).or_default();
                if row.is_ready && !row.is_cordoned {
                    *free = (*free).max(amount.allocatable.saturating_sub(amount.requested));
                }
            }
        }
        Ok(groups.into_values().collect())
    }
}
