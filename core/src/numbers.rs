//! The numbers behind a verdict: what an explanation says beyond the reason.

use crate::cycle::{Request, Scheduler};
use crate::plugins::{Class, pod_topology_spread};
use crate::tables::Tables;
use crate::{DriverId, Error, KeyId, NodeId, ResourceId, StrId};

/// How a spread constraint that must hold stands on a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpreadNumbers {
    /// Which of the pod's constraints that must hold, counted from 0.
    pub constraint: u32,
    /// The topology.
    pub key: KeyId,
    /// The node's domain; [`StrId::NONE`] where the node lacks the label.
    pub domain: StrId,
    /// The pods that the constraint counts in the domain.
    pub here: i64,
    /// The least of all domains, 0 where there are fewer than the constraint wants.
    pub least: i64,
    /// How many domains count: those of nodes with all keys of the pod's constraints that its policies do not leave out.
    pub domains: u32,
    /// How many domains the constraint wants.
    pub min_domains: i32,
    /// Whether the pod itself counts.
    pub counts_itself: bool,
    /// The greatest difference that is allowed.
    pub max_skew: i32,
}

impl Tables<'_> {
    /// What a node has of a resource in all, and what is requested of it.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn amounts(&self, node: NodeId, resource: ResourceId) -> Result<(i64, i64), Error> {
        self.alive(node)?;
        let at = resource.at() * self.limits.nodes as usize + node.at();
        match (self.allocatable.get(at), self.requested.get(at)) {
            (Some(all), Some(used)) => Ok((*all, *used)),
            _ => Err(Error::NoSuch { table: "resources", id: resource.0 }),
        }
    }

    /// How many volumes of a driver are on a node, and how many it takes at most.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn driver_on(&self, node: NodeId, driver: DriverId) -> Result<(u32, Option<u32>), Error> {
        self.alive(node)?;
        let at = driver.at() * self.limits.nodes as usize + node.at();
        match (self.driver_used.get(at), self.driver_limit.get(at)) {
            (Some(used), Some(limit)) => Ok((*used, (*limit != crate::NONE).then_some(*limit))),
            _ => Err(Error::NoSuch { table: "drivers", id: driver.0 }),
        }
    }
}

impl Scheduler<'_> {
    /// Calls `emit` with how each spread constraint that must hold stands on a node.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn spread_numbers(
        &mut self,
        request: &Request<'_>,
        node: NodeId,
        emit: &mut dyn FnMut(SpreadNumbers),
    ) -> Result<(), Error> {
        self.tables.alive(node)?;
        request.check(&self.tables)?;
        let (row, profile) = self.tables.spec_row(request.spec)?;
        self.refresh(request.spec, &row, &profile);
        let class = Class { t: &self.tables, spec: request.spec, row: &row, profile: &profile };
        pod_topology_spread::numbers(&class, request, node.at(), &mut self.cache, &mut self.work, emit);
        Ok(())
    }
}
