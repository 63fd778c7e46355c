//! Nominated pods (kube-scheduler: RunFilterPluginsWithNominatedPods). A node with nominated pods of the pod's priority or a higher one is
//! filtered twice, with these added and as it is; the pod must pass both times.

use super::Cycle;
use super::columns::filters;
use crate::plugins::{Filter, entry};
use crate::tables::{Count, Rule};
use crate::{Error, NodeId, NominationId};

impl Cycle<'_, '_, '_> {
    /// Finds the verdicts on nodes with nominated pods, with these added.
    pub(super) fn filter_with_nominated(&mut self) -> Result<(), Error> {
        self.s.work.nominated_count[0] = 0;
        let mut skip = None;
        for nomination in 0..self.s.tables.count(Count::Nominations) {
            let node = self.s.tables.must_respect(NominationId(nomination), self.request.spec, self.request.nomination);
            let Some(node) = node.filter(|node| self.s.work.nominated(*node).is_none()) else { continue };
            let skip = *skip.get_or_insert_with(|| self.skipped());
            let mask = self.on_node_with_nominated(node, |cycle| cycle.judge_mask(node, skip))?;
            let work = &mut self.s.work;
            let at = work.nominated_count[0] as usize;
            (work.nominated_node[at], work.nominated_mask[at]) = (node.0, mask);
            work.nominated_count[0] += 1;
        }
        Ok(())
    }

    /// The places of the filters that have nothing to look at as things are: PreFilter skips them, whatever comes later.
    pub(super) fn skipped(&mut self) -> u32 {
        let (pod, mut work, _) = self.parts();
        let mut skip = 0;
        for (place, rule) in filters(pod.class.profile) {
            if let Rule::Plugin(plugin) = rule
                && let Filter::Pod { skips, .. } = entry(plugin).filter
                && skips(&pod, &mut work)
            {
                skip |= 1 << place;
            }
        }
        skip
    }

    /// Whether a node has nominated pods that this pod must respect.
    pub(super) fn has_nominated(&self, node: NodeId) -> bool {
        let t = &self.s.tables;
        let mut all = (0..t.count(Count::Nominations)).map(NominationId);
        all.any(|nomination| t.must_respect(nomination, self.request.spec, self.request.nomination) == Some(node))
    }

    /// Runs `then` while the nominated pods of a node are on it.
    pub(super) fn on_node_with_nominated<R>(
        &mut self,
        node: NodeId,
        then: impl FnOnce(&mut Self) -> R,
    ) -> Result<R, Error> {
        let begin = self.s.begin_trial();
        let mut outcome = Ok(());
        for nomination in (0..self.s.tables.count(Count::Nominations)).map(NominationId) {
            if self.s.tables.must_respect(nomination, self.request.spec, self.request.nomination) == Some(node) {
                let pod = self.s.tables.nominated_pod(nomination);
                outcome = outcome.and_then(|()| self.s.try_bind(&pod, node).map(|_| ()));
            }
        }
        let result = outcome.map(|()| then(self));
        self.s.roll_back(begin);
        result
    }
}
