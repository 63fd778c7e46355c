//! Nominated pods: preemption has made room for them on a node, and pods of their priority or a lower one must leave it to them.

use super::{Count, PodDef, Tables};
use crate::{Error, LabelClassId, NONE, NodeId, NominationId, SpecId, UseListId};

impl Tables<'_> {
    pub(crate) fn nominate(&mut self, pod: &PodDef, node: NodeId) -> Result<NominationId, Error> {
        self.alive(node)?;
        self.known(Count::Specs, pod.spec.0)?;
        self.known(Count::LabelClasses, pod.labels.0)?;
        self.known_or_none(Count::UseLists, pod.uses.0)?;
        let free = (0..self.count(Count::Nominations)).find(|row| self.nominated_node[*row as usize] == NONE);
        let row = match free {
            Some(row) => row,
            None => self.take(Count::Nominations)?,
        };
        let at = row as usize;
        self.nominated_node[at] = node.0;
        self.nominated_spec[at] = pod.spec.0;
        self.nominated_labels[at] = pod.labels.0;
        self.nominated_uses[at] = pod.uses.0;
        Ok(NominationId(row))
    }

    pub(crate) fn withdraw(&mut self, nomination: NominationId) -> Result<(), Error> {
        self.nominated_to(nomination).ok_or(Error::NoSuch { table: Count::Nominations.name(), id: nomination.0 })?;
        self.nominated_node[nomination.at()] = NONE;
        Ok(())
    }

    /// The node of a nomination.
    pub(crate) fn nominated_to(&self, nomination: NominationId) -> Option<NodeId> {
        let rows = self.count(Count::Nominations) as usize;
        let node = NodeId(*self.nominated_node.get(..rows)?.get(nomination.at())?);
        node.is_some().then_some(node)
    }

    /// The node of a nominated pod that a pod of the spec class must respect: one of its priority or a higher, other than itself (`own`),
    /// whose node is there.
    pub(crate) fn must_respect(&self, nomination: NominationId, spec: SpecId, own: NominationId) -> Option<NodeId> {
        let node = self.nominated_to(nomination).filter(|node| nomination != own && self.alive(*node).is_ok())?;
        let priority = |spec: usize| self.specs[spec].priority;
        (priority(self.nominated_spec[nomination.at()] as usize) >= priority(spec.at())).then_some(node)
    }

    /// The pod of a nomination as it would be bound.
    pub(crate) fn nominated_pod(&self, nomination: NominationId) -> PodDef {
        let at = nomination.at();
        let (spec, labels) = (SpecId(self.nominated_spec[at]), LabelClassId(self.nominated_labels[at]));
        PodDef { uses: UseListId(self.nominated_uses[at]), ..PodDef::new(spec, labels) }
    }
}
