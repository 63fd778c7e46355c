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

/// Where so many more nodes came than there are, all are made anew.
const SPENT: usize = 16;

impl Nodes {
    /// No nodes but those that are kept.
    pub(super) fn none(load: &Load) -> Self {
        Nodes { cluster: load.cluster.clone(), names: vec![Vec::new(); load.models.len()], came: 0 }
    }

    /// The cluster.
    pub(super) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// So many nodes of each model.
    ///
    /// Costs what the nodes take that come or go.
    pub(super) fn become_mix(&mut self, load: &Load, mix: &[u32]) -> Result<(), Error> {
        if self.came > SPENT + mix.iter().map(|count| *count as usize).sum::<usize>() {
            *self = Nodes::none(load);
        }
        let cluster = &mut self.cluster;
        let mut objects = Vec::new();
        for ((names, model), count) in self.names.iter_mut().zip(&load.models).zip(mix) {
            for name in names.drain(names.len().min(*count as usize)..) {
                cluster.pods_on(&name).iter().try_for_each(|pod| cluster.evict(pod))?;
                cluster.delete(Kind::Node, "", &name)?;
            }
            let mut number = 0;
            while names.len() < *count as usize {
                number += 1;
                let name = format!("{}-{number}", model.stem);
                if !names.contains(&name) && cluster.object(Kind::Node, "", &name).is_none() {
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
