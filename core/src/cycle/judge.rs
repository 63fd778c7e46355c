//! Judging one node, without a filter over all of them: for nominated pods, for preemption, for callers that try something.

use super::Cycle;
use super::columns::{filter_class, filters, prepare};
use super::filter::filter_request;
use super::mask::bit;
use crate::derived::Columns;
use crate::plugin::{Reason, RejectedBy};
use crate::plugins::{Filter, Marks, entry};
use crate::tables::Rule;
use crate::{Error, NodeId};

/// What filters say of one node as it is: without its nominated pods, and without what the caller rejects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    mask: u32,
}

impl Verdict {
    /// Whether it passes all filters.
    #[must_use]
    pub const fn passes(self) -> bool {
        self.mask == 0
    }
}

impl Cycle<'_, '_, '_> {
    /// Judges one node. Filters that look at the node and the pod alone look at nothing else; those that count pods in a topology (PodTopologySpread,
    /// InterPodAffinity) sum their counters, and only for a pod that has such constraints or is meant by some.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn judge(&mut self, node: NodeId) -> Result<Verdict, Error> {
        self.s.tables.alive(node)?;
        Ok(Verdict { mask: self.judge_mask(node, 0) })
    }

    /// Calls `emit` with all reasons of all filters that reject the node in a verdict, in the profile's order. The state must be as it
    /// was when the node was judged.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn reasons(&mut self, node: NodeId, verdict: Verdict, emit: &mut dyn FnMut(Reason)) -> Result<(), Error> {
        self.s.tables.alive(node)?;
        self.reasons_of(node, verdict.mask, emit);
        Ok(())
    }

    /// The mask of one node. The filters at the places in `skip` say nothing.
    pub(super) fn judge_mask(&mut self, node: NodeId, skip: u32) -> u32 {
        self.refresh_facts();
        let range = node.at()..node.at() + 1;
        let (mut mask, mut facts, mut affinity, mut flags) = ([0], [0], [0], 0);
        let mut columns = Columns { mask: &mut mask, facts: &mut facts, affinity: &mut affinity, flags: &mut flags };
        let (pod, mut work, mut external) = self.parts();
        filter_class(&pod.class, range.clone(), &mut columns, work.scratch);
        filter_request(&pod, range, &mut mask, skip, &mut work, &mut external);
        mask[0] & !skip
    }

    /// Spread constraints ask which nodes the class's affinity and tolerations leave out: its cached facts must be there.
    fn refresh_facts(&mut self) {
        if self.row.spread_hard.len > 0 {
            self.s.refresh(self.request.spec, &self.row, &self.profile);
        }
    }

    /// Who rejects a node of this mask first.
    pub(super) fn first(&self, mask: u32) -> Option<RejectedBy> {
        if mask & bit::NOT_NAMED != 0 {
            return Some(RejectedBy::PreFilterResult);
        }
        let filter = filters(&self.profile).find(|(place, _)| mask >> place & 1 != 0);
        match filter {
            Some((_, Rule::Plugin(plugin))) => Some(RejectedBy::Plugin(plugin)),
            Some((_, Rule::External(slot))) => Some(RejectedBy::External(slot)),
            None => (mask & bit::CALLER != 0).then_some(RejectedBy::Caller),
        }
    }

    /// The reasons for which a node has this mask.
    pub(super) fn reasons_of(&mut self, node: NodeId, mask: u32, emit: &mut dyn FnMut(Reason)) {
        if mask & bit::NOT_NAMED != 0 {
            emit(Reason::NOT_NAMED);
        }
        self.refresh_facts();
        let range = node.at()..node.at() + 1;
        let (mut unused, mut facts, mut affinity, mut flags) = ([0], [0], [0], 0);
        let mut columns = Columns { mask: &mut unused, facts: &mut facts, affinity: &mut affinity, flags: &mut flags };
        let (pod, mut work, mut external) = self.parts();
        prepare(&pod.class, range.clone(), &mut columns, work.scratch);
        for (_, rule) in filters(pod.class.profile).filter(|(place, _)| mask >> place & 1 != 0) {
            let mut marks = [0];
            match rule {
                Rule::Plugin(plugin) => {
                    match entry(plugin).filter {
                        Filter::None => {}
                        Filter::Class(run) => run(&pod.class, range.clone(), Marks::REASONS, &mut marks, &facts),
                        Filter::Pod { run, .. } => run(&pod, range.clone(), Marks::REASONS, &mut marks, &mut work),
                    }
                    entry(plugin).reasons(&pod, node, marks[0], emit);
                }
                Rule::External(slot) => {
                    super::external::codes(&pod, slot, range.clone(), &mut marks, &mut external);
                    emit(Reason::external(slot, marks[0]));
                }
            }
        }
        if mask & bit::CALLER != 0 {
            emit(Reason::CALLER);
        }
    }
}
