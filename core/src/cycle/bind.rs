//! Binding pods and taking them off, with the counters and the journal that follow.

use crate::block::Scheduler;
use crate::tables::undo::Record;
use crate::tables::{Count, PodDef};
use crate::{Error, NodeId, PodId};

impl Scheduler<'_> {
    /// Binds a pod to a node, whether or not a decision said so.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]; nothing is written then.
    pub fn bind(&mut self, pod: &PodDef, node: NodeId) -> Result<PodId, Error> {
        let id = self.tables.bind(pod, node, &mut Record::none())?;
        self.tables.note(node.at());
        self.cache.count_pod(&self.tables, id.at(), true);
        Ok(id)
    }

    /// Takes a pod off its node.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn unbind(&mut self, pod: PodId) -> Result<(), Error> {
        let node = self.tables.node_of(pod)?;
        self.cache.count_pod(&self.tables, pod.at(), false);
        self.tables.unbind(pod, &mut Record::none())?;
        self.tables.note(node.at());
        Ok(())
    }

    /// Gives a bound pod another class: it was resized, relabelled, or marked as being deleted.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]; the pod is then as before.
    pub fn update_pod(&mut self, pod: PodId, to: &PodDef) -> Result<PodId, Error> {
        let t = &self.tables;
        let node = t.node_of(pod)?;
        t.known(Count::Specs, to.spec.0)?;
        t.known(Count::LabelClasses, to.labels.0)?;
        t.known_or_none(Count::UseLists, to.uses.0)?;
        let uses = t.uses_needed(to.spec, to.uses);
        if t.free_uses() < uses {
            return Err(Error::Full {
                table: Count::Uses.name(),
                holds: self.tables.limits.uses,
                needed: self.tables.limits.uses + uses,
            });
        }
        self.unbind(pod)?;
        self.bind(to, node)
    }
}
