//! The nodes of a mix, kept from one replay to the next: only those that differ come and go.

use super::load::Load;
use crate::error::Error;
use crate::objects::Kind;
use crate::state::Cluster;

/// A load's cluster with nodes, their daemon pods on them; the load's pods wait.
#[derive(Clone)]
pub(super) struct Nodes {
    cluster: Cluster,
    /// The names of each model's nodes.
    names: Vec<Vec<String>>,
    /// How many nodes came since all were new: rows of nodes that are gone are not used again.
    came: usize,
}

/// All nodes are made anew when this many more have come than there are twice.
const SPENT: usize = 16;

impl Nodes {
    /// None bought yet.
    pub(super) fn none(load: &Load) -> Self {
        Nodes { cluster: load.cluster.clone(), names: vec![Vec::new(); load.models.len()], came: 0 }
    }

    /// The cluster, to keep.
    pub(super) fn into_cluster(self) -> Cluster {
        self.cluster
    }

    /// The cluster.
    pub(super) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// Makes all nodes anew where too many rows are of nodes that are gone.
    pub(super) fn renew(&mut self, load: &Load, mix: &[u32]) -> Result<(), Error> {
        if self.came <= SPENT + 2 * mix.iter().map(|count| *count as usize).sum::<usize>() {
            return Ok(());
        }
        *self = Nodes::none(load);
        self.become_mix(load, mix)
    }

    /// So many nodes of each model.
    ///
    /// Costs what the nodes take that come or go.
    pub(super) fn become_mix(&mut self, load: &Load, mix: &[u32]) -> Result<(), Error> {
        let cluster = &mut self.cluster;
        let mut objects = Vec::new();
        for ((names, model), count) in self.names.iter_mut().zip(&load.models).zip(mix) {
            for name in names.drain(names.len().min(*count as usize)..) {
                cluster.pods_on(&name).iter().try_for_each(|pod| cluster.evict(pod))?;
                cluster.delete(Kind::Node, "", &name)?;
            }
            // Names that are kept are the first ones.
            let mut number = names.len();
            while names.len() < *count as usize {
                number += 1;
                let name = format!("{}-{number}", model.stem);
                if cluster.object(Kind::Node, "", &name).is_none() {
                    model.objects(&name, &mut objects);
                    names.push(name);
                    self.came += 1;
                }
            }
        }
        cluster.load(objects)?;
        Ok(())
    }
}
