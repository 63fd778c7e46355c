//! Explanations: every reason on every node, from the one filter of the cycle.

use super::columns::filters;
use super::mask::bit;
use super::{Cycle, Filtered};
use crate::plugin::Reason;
use crate::plugins::pod_topology_spread::{self, SpreadNumbers};
use crate::plugins::{Filter, Marks, entry, volume_binding};
use crate::tables::Rule;
use crate::{Error, NodeId, VolumeId};

impl Filtered<'_, '_, '_> {
    /// Calls `emit` for each node that is rejected with each reason of each filter that rejects it, and whether this filter is the first
    /// to do so: kube-scheduler knows of no other. Filter by filter, so that each looks at all nodes once; of one node the filters come in the
    /// profile's order.
    ///
    /// # Errors
    /// [`Error::Full`] where nominated pods do not fit into the tables or the record of a trial.
    pub fn explain(&mut self, emit: &mut dyn FnMut(NodeId, Reason, bool)) -> Result<(), Error> {
        let cycle = &mut self.0;
        let nodes = cycle.nodes();
        let mask = core::mem::take(&mut cycle.s.work.mask);
        let marks = core::mem::take(&mut cycle.s.work.marks);
        let with_nominated = |cycle: &Cycle<'_, '_, '_>, node: usize| {
            let at = cycle.s.work.nominated(NodeId(node as u32));
            at.is_some_and(|at| cycle.s.work.nominated_mask[at] != 0)
        };
        for (node, mask) in mask[..nodes].iter().enumerate() {
            if mask & (bit::NOT_NAMED | bit::GONE) == bit::NOT_NAMED && !with_nominated(cycle, node) {
                emit(NodeId(node as u32), Reason::NOT_NAMED, true);
            }
        }
        let rejects = |mask: u32, place: usize| mask >> place & 1 != 0 && mask & bit::GONE == 0;
        for (place, rule) in filters(&cycle.profile) {
            if !mask[..nodes].iter().any(|mask| rejects(*mask, place)) {
                continue;
            }
            let marks = &mut marks[..nodes];
            cycle.mark_reasons(rule, marks);
            for (node, mask) in mask[..nodes].iter().enumerate().filter(|(_, mask)| rejects(**mask, place)) {
                if with_nominated(cycle, node) {
                    continue;
                }
                let is_first = mask & bit::NOT_NAMED == 0 && mask.trailing_zeros() as usize == place;
                let id = NodeId(node as u32);
                let (pod, ..) = cycle.parts();
                match rule {
                    Rule::Plugin(plugin) => {
                        entry(plugin).reasons(&pod, id, marks[node], &mut |reason| emit(id, reason, is_first));
                    }
                    Rule::External(slot) => emit(id, Reason::external(slot, marks[node]), is_first),
                }
            }
        }
        for (node, mask) in mask[..nodes].iter().enumerate() {
            if mask & (bit::CALLER | bit::GONE) == bit::CALLER && !with_nominated(cycle, node) {
                let is_first = mask & (bit::FILTERS | bit::NOT_NAMED) == 0;
                emit(NodeId(node as u32), Reason::CALLER, is_first);
            }
        }
        let mut outcome = Ok(());
        for at in 0..cycle.s.work.nominated_count[0] as usize {
            let node = NodeId(cycle.s.work.nominated_node[at]);
            if cycle.s.work.nominated_mask[at] != 0 && outcome.is_ok() {
                let mask = mask[node.at()];
                outcome =
                    cycle.explain_with_nominated(node, mask, &mut |reason, is_first| emit(node, reason, is_first));
            }
        }
        (cycle.s.work.mask, cycle.s.work.marks) = (mask, marks);
        outcome
    }

    /// Calls `emit` with each reason of each filter that rejects one node, in the profile's order, and whether the filter is the first.
    ///
    /// # Errors
    /// [`Error::NoSuch`]; [`Error::Full`] as in [`Self::explain`].
    pub fn explain_node(&mut self, node: NodeId, emit: &mut dyn FnMut(Reason, bool)) -> Result<(), Error> {
        let cycle = &mut self.0;
        cycle.s.tables.alive(node)?;
        let mask = cycle.s.work.mask[node.at()];
        match cycle.s.work.nominated(node).filter(|at| cycle.s.work.nominated_mask[*at] != 0) {
            Some(_) => cycle.explain_with_nominated(node, mask, emit),
            None => {
                cycle.explain_as_it_is(node, mask, emit);
                Ok(())
            }
        }
    }

    /// Calls `emit` for each node with how each `DoNotSchedule` constraint stands there, constraint by constraint; removed nodes are among
    /// them.
    pub fn spread_numbers(&mut self, emit: &mut dyn FnMut(NodeId, SpreadNumbers)) {
        let (pod, mut work, _) = self.0.parts();
        pod_topology_spread::numbers(&pod, &mut work, emit);
    }

    /// Calls `emit` with the number of each claim of the request that waits and the volume that it would get on the node,
    /// or none where one is to be provisioned. Nothing is emitted where the node cannot give them all.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn volumes_on(&mut self, node: NodeId, emit: &mut dyn FnMut(usize, Option<VolumeId>)) -> Result<(), Error> {
        self.0.volumes_on(node, emit)
    }
}

impl Cycle<'_, '_, '_> {
    /// Has a filter mark its reasons in a column of all nodes; a rule of the caller's own gives its codes.
    pub(super) fn mark_reasons(&mut self, rule: Rule, marks: &mut [u32]) {
        marks.fill(0);
        let nodes = marks.len();
        let slot = self.s.cache.slot(self.request.spec);
        let (pod, mut work, mut external) = self.parts();
        match rule {
            Rule::Plugin(plugin) => match entry(plugin).filter {
                Filter::None => {}
                Filter::Class(run) => {
                    run(&pod.class, 0..nodes, Marks::REASONS, marks, &work.cache.facts(slot)[..nodes]);
                }
                Filter::Pod { run, .. } => run(&pod, 0..nodes, Marks::REASONS, marks, &mut work),
            },
            Rule::External(slot) => super::external::codes(&pod, slot, 0..nodes, marks, &mut external),
        }
    }

    /// Calls `emit` with the number of each claim of the request that waits and the volume that it would get on the node,
    /// or none where one is to be provisioned. Nothing is emitted where the node cannot give them all.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn volumes_on(&mut self, node: NodeId, emit: &mut dyn FnMut(usize, Option<VolumeId>)) -> Result<(), Error> {
        self.s.tables.alive(node)?;
        let (pod, ..) = self.parts();
        volume_binding::each(&pod, node.at(), emit);
        Ok(())
    }

    /// The reasons of a node that is rejected with its nominated pods, found with these on it.
    fn explain_with_nominated(
        &mut self,
        node: NodeId,
        mask: u32,
        emit: &mut dyn FnMut(Reason, bool),
    ) -> Result<(), Error> {
        self.on_node_with_nominated(node, |cycle| cycle.explain_as_it_is(node, mask, emit))
    }

    fn explain_as_it_is(&mut self, node: NodeId, mask: u32, emit: &mut dyn FnMut(Reason, bool)) {
        let first = self.first(mask);
        self.reasons_of(node, mask, &mut |reason| emit(reason, Some(reason.by()) == first));
    }
}
