//! Recounting everything from scratch, to find faults.

use crate::block::Scheduler;
use crate::derived::{Counter, recount};
use crate::tables::{Count, Sequence};
use crate::{Error, NodeId, ResourceId};

impl Scheduler<'_> {
    /// Recounts every counter, and what is requested of every node, from the bound pods, and compares; how many counters
    /// there were.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with what differs.
    pub fn recount(&mut self) -> Result<usize, Error> {
        let nodes = self.tables.node_rows();
        let stride = self.tables.limits.nodes as usize;
        let labels = self.tables.sequence(Sequence::Labels);
        let mut compared = 0;
        for slot in 0..self.cache.counter_kind.len() {
            let Some(kind) = Counter::of(self.cache.counter_kind[slot]) else { continue };
            // One from before labels changed is recounted before it is used.
            if self.cache.counter_labels[slot] != labels {
                continue;
            }
            let fresh = &mut self.work.mask[..];
            fresh.fill(0);
            recount(&self.tables, kind, self.cache.counter_id[slot], fresh);
            if fresh[..nodes] != self.cache.counter[slot * stride..slot * stride + nodes] {
                return Err(Error::Corrupt { table: "counters" });
            }
            if !self.cache.sums_hold(&self.tables, slot) {
                return Err(Error::Corrupt { table: "sums" });
            }
            compared += 1;
        }
        for resource in 0..self.tables.counts[Count::Resources as usize] as usize {
            for node in 0..nodes {
                let held = self.tables.pods_on(NodeId(node as u32)).map(|pod| {
                    let spec = self.tables.pod_spec[pod.at()] as usize;
                    let row = spec * self.tables.limits.resources as usize;
                    if resource == ResourceId::PODS.at() { 1 } else { self.tables.spec_bound[row + resource] }
                });
                if held.fold(0i64, i64::wrapping_add) != self.tables.requested[resource * stride + node] {
                    return Err(Error::Corrupt { table: "requested" });
                }
            }
        }
        Ok(compared)
    }
}
