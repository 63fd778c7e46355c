//! Explanations: every verdict, every reason, every score.

use crate::columns::bit;
use crate::cycle::{Request, Scheduler};
use crate::plugins::{
    Class, Plugin, Reason, node_affinity, node_resources_balanced_allocation, node_resources_fit, pod_topology_spread,
    reasons, score_cached, volume_binding,
};
use crate::{Error, NodeId, VolumeId};

impl Scheduler<'_> {
    /// Calls `emit` with the number of each claim of the request that waits and the volume that it would get on the node,
    /// or none where one is to be made. Nothing is emitted where the node cannot give them all.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn volumes_on(
        &self,
        request: &Request<'_>,
        node: NodeId,
        emit: &mut dyn FnMut(usize, Option<VolumeId>),
    ) -> Result<(), Error> {
        self.tables.alive(node)?;
        request.check(&self.tables)?;
        let (row, profile) = self.tables.spec_row(request.spec)?;
        let class = Class { t: &self.tables, spec: request.spec, row: &row, profile: &profile };
        volume_binding::each(&class, request, node.at(), emit);
        Ok(())
    }

    /// For every node that is there: nothing where it is feasible, or the rule that rejects it first, with each of
    /// its reasons.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn explain(
        &mut self,
        request: &Request<'_>,
        emit: &mut dyn FnMut(NodeId, Option<Plugin>, Option<Reason>),
    ) -> Result<(), Error> {
        let (row, profile) = self.filter(request)?;
        let class = Class { t: &self.tables, spec: request.spec, row: &row, profile: &profile };
        for node in 0..self.tables.node_rows() {
            let (mask, id) = (self.work.mask[node], NodeId(node as u32));
            if mask & bit::GONE != 0 {
                continue;
            }
            if mask & bit::NOT_NAMED != 0 {
                emit(id, None, Some(Reason::NotNamed));
            } else if mask == 0 {
                emit(id, None, None);
            } else if mask.trailing_zeros() == 16 {
                emit(id, None, Some(Reason::Overlay));
            } else {
                let plugin = Plugin::ALL[profile.filters[mask.trailing_zeros() as usize] as usize];
                let verdict = (mask, self.short(&class, id));
                reasons(plugin, &class, request, id, verdict, &mut |reason| emit(id, Some(plugin), Some(reason)));
            }
        }
        Ok(())
    }

    /// Of which resources too little is left on a node, a bit each; where room is held for other pods and the node is
    /// rejected with them, what is short then.
    fn short(&self, class: &Class<'_>, node: NodeId) -> u64 {
        match self.work.held(node).filter(|at| self.work.held_mask[*at] != 0) {
            Some(at) => self.work.held_short[at],
            None => node_resources_fit::short(class, node),
        }
    }

    /// Every rule that rejects the node, with each of its reasons, in the profile's order.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn explain_all(
        &mut self,
        request: &Request<'_>,
        node: NodeId,
        emit: &mut dyn FnMut(Option<Plugin>, Reason),
    ) -> Result<(), Error> {
        self.tables.alive(node)?;
        let (row, profile) = self.filter(request)?;
        let class = Class { t: &self.tables, spec: request.spec, row: &row, profile: &profile };
        let mask = self.work.mask[node.at()];
        let verdict = (mask, self.short(&class, node));
        if mask & bit::NOT_NAMED != 0 {
            emit(None, Reason::NotNamed);
        }
        for (bit, plugin) in profile.filters.iter().enumerate() {
            if mask >> bit & 1 != 0 {
                let plugin = Plugin::ALL[*plugin as usize];
                reasons(plugin, &class, request, node, verdict, &mut |reason| emit(Some(plugin), reason));
            }
        }
        if mask & bit::OVERLAY != 0 {
            emit(None, Reason::Overlay);
        }
        Ok(())
    }

    /// The weighted score of each rule on each feasible node; a rule that has nothing to say for the pod is left out,
    /// as kube-scheduler skips it. Where one node alone is feasible there are none.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn scores(&mut self, request: &Request<'_>, emit: &mut dyn FnMut(Plugin, NodeId, i64)) -> Result<(), Error> {
        let (row, profile) = self.filter(request)?;
        let nodes = self.tables.node_rows();
        let slot = self.cache.slot(request.spec);
        for plugin in Plugin::ALL {
            let weight = profile.weights[plugin as usize];
            let class = Class { t: &self.tables, spec: request.spec, row: &row, profile: &profile };
            let skips = match plugin {
                _ if weight == 0 => true,
                Plugin::NodeResourcesBalancedAllocation => node_resources_balanced_allocation::skips(&class),
                Plugin::NodeAffinity => node_affinity::skips(&class),
                Plugin::PodTopologySpread => pod_topology_spread::skips(&class, request),
                _ => false,
            };
            if skips {
                continue;
            }
            self.work.total[..nodes].fill(0);
            match plugin {
                Plugin::TaintToleration => self.add_taints(slot, weight, nodes),
                Plugin::NodeAffinity => self.add_affinity(slot, weight, nodes),
                Plugin::PodTopologySpread => self.add_spread(request, &row, &profile, nodes),
                Plugin::VolumeBinding => self.add_volumes(request, &row, &profile, nodes),
                Plugin::InterPodAffinity => {
                    if !self.add_pod_affinity(request, &row, &profile, nodes) {
                        continue;
                    }
                }
                _ => {
                    let total = core::mem::take(&mut self.work.total);
                    let shares = self.cache.shares();
                    score_cached(plugin, &class, 0..nodes, &mut total[..nodes], shares, &mut self.work);
                    self.work.total = total;
                }
            }
            for node in 0..nodes {
                if self.work.mask[node] == 0 {
                    emit(plugin, NodeId(node as u32), self.work.total[node]);
                }
            }
        }
        Ok(())
    }
}
