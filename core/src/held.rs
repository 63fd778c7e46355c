//! Nodes on which room is held for pods that wait for it. kube-scheduler looks at such a node twice: as if these pods were
//! there, and as it is; a pod must fit both times.

use crate::cycle::{Request, Scheduler};
use crate::plugins::{Class, Plugin, detail, inter_pod_affinity, node_resources_fit, volume_restrictions};
use crate::tables::{Count, ProfileRow, SpecRow};
use crate::{Error, NodeId, NominationId, PodId};

impl Scheduler<'_> {
    /// Whether a node passes as if the pods were there that room is held for; `None` where it is held for none that this
    /// one must respect. Nothing is changed in the end.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn passes_with_nominated(&mut self, request: &Request<'_>, node: NodeId) -> Result<Option<bool>, Error> {
        self.filter(request)?;
        let held = self.work.held(node);
        Ok(held.map(|at| self.work.held_mask[at] == 0))
    }

    /// Finds the verdicts on nodes that room is held on, as if the pods were there that it is held for.
    pub(crate) fn hold(&mut self, request: &Request<'_>, row: &SpecRow, profile: &ProfileRow) -> Result<(), Error> {
        self.work.held_count[0] = 0;
        for nomination in 0..self.tables.count(Count::Nominations) {
            let held = self.tables.holds(NominationId(nomination), request.spec, request.nomination);
            let Some(node) = held.filter(|node| self.work.held(*node).is_none()) else { continue };
            let (mask, short) = self.with_nominated(request, row, profile, node)?;
            let at = self.work.held_count[0] as usize;
            self.work.held_node[at] = node.0;
            self.work.held_mask[at] = mask;
            self.work.held_short[at] = short;
            self.work.held_count[0] += 1;
        }
        Ok(())
    }

    /// Which rules reject the node if the pods are there, and of which resources too little is left then, a bit each.
    fn with_nominated(
        &mut self,
        request: &Request<'_>,
        row: &SpecRow,
        profile: &ProfileRow,
        node: NodeId,
    ) -> Result<(u32, u64), Error> {
        // A rule that finds nothing to look at is skipped, nominated pods or not.
        let class = Class { t: &self.tables, spec: request.spec, row, profile };
        let skipped = [
            (Plugin::InterPodAffinity, inter_pod_affinity::filter_skips(&class, request, &mut self.cache)),
            (Plugin::VolumeRestrictions, volume_restrictions::filter_skips(&class, request)),
        ];
        let mut bound = 0;
        let mut outcome = Ok(());
        for nomination in (0..self.tables.count(Count::Nominations)).map(NominationId) {
            if self.tables.holds(nomination, request.spec, request.nomination) != Some(node) {
                continue;
            }
            outcome = self.bind(&self.tables.nominated_pod(nomination), node).map(|_| ());
            if outcome.is_err() {
                break;
            }
            bound += 1;
        }
        let mut verdict = (0, 0);
        if outcome.is_ok() {
            self.work.assumed.copy_from_slice(&[node.0, bound]);
            self.mark(request, row, profile);
            self.work.assumed.fill(0);
            let class = Class { t: &self.tables, spec: request.spec, row, profile };
            verdict = (self.work.mask[node.at()], node_resources_fit::short(&class, node));
        }
        for (plugin, skips) in skipped {
            if let (true, Some(bit)) = (skips, profile.filters.iter().position(|p| *p == plugin as u8)) {
                verdict.0 &= !(1 << bit | detail::of(plugin));
            }
        }
        // The pods that were bound last are the first on the node.
        for _ in 0..bound {
            let id = self.tables.pods_on(node).next().unwrap_or(PodId::NONE);
            self.unbind(id)?;
        }
        outcome.map(|()| verdict)
    }
}
