//! Pods that wait for room on a node: preemption has nominated them to it, and others must leave them the room.

use super::{Count, PodDef, Tables};
use crate::{Error, LabelClassId, NONE, NodeId, NominationId, SpecId, UseListId};

impl Tables<'_> {
    /// Holds room on a node for a pod that waits for it. Pods of a lower priority are from now on decided for as if it
    /// were there; its start time and flags play no part.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]; nothing is written then.
    pub fn nominate(&mut self, pod: &PodDef, node: NodeId) -> Result<NominationId, Error> {
        self.alive(node)?;
        self.known(Count::Specs, "specs", pod.spec.0)?;
        self.known(Count::LabelClasses, "label_classes", pod.labels.0)?;
        self.known_or_none(Count::UseLists, "use_lists", pod.uses.0)?;
        let free = (0..self.count(Count::Nominations)).find(|row| self.nominated_node[*row as usize] == NONE);
        let row = match free {
            Some(row) => row,
            None => self.take(Count::Nominations, "nominations", self.limits.nominations)?,
        };
        let at = row as usize;
        self.nominated_node[at] = node.0;
        self.nominated_spec[at] = pod.spec.0;
        self.nominated_labels[at] = pod.labels.0;
        self.nominated_uses[at] = pod.uses.0;
        Ok(NominationId(row))
    }

    /// Gives the room up that is held for a pod.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn withdraw(&mut self, nomination: NominationId) -> Result<(), Error> {
        self.nominated_to(nomination).ok_or(Error::NoSuch { table: "nominations", id: nomination.0 })?;
        self.nominated_node[nomination.at()] = NONE;
        Ok(())
    }

    /// The node that room is held on.
    pub(crate) fn nominated_to(&self, nomination: NominationId) -> Option<NodeId> {
        let rows = self.count(Count::Nominations) as usize;
        let node = NodeId(*self.nominated_node.get(..rows)?.get(nomination.at())?);
        node.is_some().then_some(node)
    }

    /// The node on which room is held that a pod must respect: of a pod of its spec class's priority or a higher, other than
    /// itself (`own`), where the node is there.
    pub(crate) fn holds(&self, nomination: NominationId, spec: SpecId, own: NominationId) -> Option<NodeId> {
        let node = self.nominated_to(nomination).filter(|node| nomination != own && self.alive(*node).is_ok())?;
        let priority = |spec: usize| self.specs[spec].priority;
        (priority(self.nominated_spec[nomination.at()] as usize) >= priority(spec.at())).then_some(node)
    }

    /// The pod of a nomination as it would be bound.
    pub(crate) fn nominated_pod(&self, nomination: NominationId) -> PodDef {
        let at = nomination.at();
        PodDef {
            spec: SpecId(self.nominated_spec[at]),
            labels: LabelClassId(self.nominated_labels[at]),
            uses: UseListId(self.nominated_uses[at]),
            start: 0,
            flags: 0,
        }
    }
}
