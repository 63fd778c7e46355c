//! How much of a cluster's capacity is asked for.

use std::collections::BTreeMap;

use bayplan_core::{NodeId, ResourceId, Tables};

use crate::error::Error;
use crate::state::{Cluster, no_node};

/// What nodes can give to pods and what pods ask of it, as the scheduler counts: milli-CPU, bytes, pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// `status.allocatable` of the nodes.
    pub allocatable: i64,
    /// The requests of their pods.
    pub requested: i64,
}

impl Amount {
    /// Which part is requested; nothing of nothing is none.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.allocatable > 0).then(|| self.requested as f64 / self.allocatable as f64)
    }
}

/// The sums over all nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Utilisation {
    /// How many nodes there are.
    pub nodes: usize,
    /// Each resource that some node has, by name.
    pub resources: BTreeMap<String, Amount>,
}

impl Utilisation {
    /// Adds up a cluster.
    ///
    /// Costs a look at each node for each resource.
    ///
    /// # Errors
    /// Only where the cluster's tables are broken: a fault of this library.
    pub fn of(cluster: &mut Cluster) -> Result<Self, Error> {
        let names: Vec<String> = cluster.compiler().resources.all().map(str::to_owned).collect();
        let nodes: Vec<NodeId> = ids(cluster).map(|(_, id)| id).collect();
        let sums = cluster.read(|tables| {
            let mut sums = vec![Amount::default(); names.len()];
            for node in &nodes {
                for (sum, resource) in sums.iter_mut().zip(0..) {
                    let (all, used) = tables.amounts(*node, ResourceId(resource))?;
                    sum.allocatable = sum.allocatable.saturating_add(all);
                    sum.requested = sum.requested.saturating_add(used);
                }
            }
            Ok(sums)
        })?;
        let resources = names.into_iter().zip(sums).filter(|(_, sum)| *sum != Amount::default()).collect();
        Ok(Utilisation { nodes: nodes.len(), resources })
    }

    /// What some nodes have of some resources, in their orders; zero where there is no such node or resource.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(crate) fn of_each(
        cluster: &mut Cluster,
        nodes: &[Option<NodeId>],
        resources: &[&str],
    ) -> Result<Vec<Vec<Amount>>, Error> {
        let resources: Vec<Option<ResourceId>> = resources
            .iter()
            .map(|resource| cluster.compiler().resources.all().zip(0..).find(|(name, _)| name == resource))
            .map(|found| found.map(|(_, at)| ResourceId(at)))
            .collect();
        cluster.read(|tables| {
            let amount = |node: Option<NodeId>, resource: Option<ResourceId>| match (node, resource) {
                (Some(node), Some(resource)) => {
                    let (allocatable, requested) = tables.amounts(node, resource)?;
                    Ok(Amount { allocatable, requested })
                }
                _ => Ok(Amount::default()),
            };
            let of_node = |node: &Option<NodeId>| resources.iter().map(|resource| amount(*node, *resource)).collect();
            nodes.iter().map(of_node).collect()
        })
    }

    /// Each node by itself, in node order: its name, and what it has of each resource.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(crate) fn by_node(cluster: &mut Cluster) -> Result<Vec<NodeAmounts>, Error> {
        let names: Vec<String> = cluster.compiler().resources.all().map(str::to_owned).collect();
        let nodes: Vec<(String, NodeId)> = ids(cluster).map(|(name, id)| (name.to_owned(), id)).collect();
        cluster.read(|tables| {
            nodes.iter().map(|(name, id)| Ok((name.clone(), amounts_on(tables, &names, *id)?))).collect()
        })
    }
}

/// What a node has of each of these resources, where it has any.
fn amounts_on(
    tables: &Tables<'_>,
    resources: &[String],
    node: NodeId,
) -> Result<BTreeMap<String, Amount>, bayplan_core::Error> {
    let mut amounts = BTreeMap::new();
    for (name, resource) in resources.iter().zip(0..) {
        let (allocatable, requested) = tables.amounts(node, ResourceId(resource))?;
        if (allocatable, requested) != (0, 0) {
            amounts.insert(name.clone(), Amount { allocatable, requested });
        }
    }
    Ok(amounts)
}

impl Cluster {
    /// What a node gives, and what the pods on it ask for, by resource: `cpu` in thousandths, all others in whole units; those of which there is neither are left
    /// out.
    ///
    /// Costs a look at each resource.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`].
    pub fn node_amounts(&mut self, node: &str) -> Result<BTreeMap<String, Amount>, Error> {
        let id = self.node_id(node).ok_or_else(|| no_node(node))?;
        let names: Vec<String> = self.compiler().resources.all().map(str::to_owned).collect();
        self.read(|tables| amounts_on(tables, &names, id))
    }
}

/// A node's name, and what it has of each resource.
pub(crate) type NodeAmounts = (String, BTreeMap<String, Amount>);

/// The nodes in their order, with their rows.
fn ids(cluster: &Cluster) -> impl Iterator<Item = (&str, NodeId)> {
    let nodes = &cluster.compiler().nodes;
    cluster.nodes().into_iter().filter_map(|name| Some((name, nodes.get(name).copied()?)))
}
