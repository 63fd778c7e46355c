//! Binding pods and taking them off, with the counters that follow; what callers add of their own.

use crate::cycle::Scheduler;
use crate::tables::{Count, PodDef};
use crate::{Error, NONE, NodeId, PodId, SpecId};

/// The greatest score, up or down, that a caller can give a node.
pub(crate) const MOST_OVERLAY: u64 = 1 << 53;

impl Scheduler<'_> {
    /// Binds a pod to a node, whether or not a decision said so.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]; nothing is written then.
    pub fn bind(&mut self, pod: &PodDef, node: NodeId) -> Result<PodId, Error> {
        let id = self.tables.bind(pod, node)?;
        self.cache.count_pod(&self.tables, id.at(), true);
        Ok(id)
    }

    /// Takes a pod off its node.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn unbind(&mut self, pod: PodId) -> Result<(), Error> {
        self.tables.bound(pod)?;
        self.cache.count_pod(&self.tables, pod.at(), false);
        self.tables.unbind(pod)
    }

    /// Gives a bound pod another class: it was resized, relabelled, or marked as being deleted.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]; the pod is then as before.
    pub fn update_pod(&mut self, pod: PodId, to: &PodDef) -> Result<PodId, Error> {
        let t = &self.tables;
        let node = t.node_of(pod)?;
        t.known(Count::Specs, "specs", to.spec.0)?;
        t.known(Count::LabelClasses, "label_classes", to.labels.0)?;
        t.known_or_none(Count::UseLists, "use_lists", to.uses.0)?;
        let uses = t.uses_needed(to.spec, to.uses);
        if t.free_uses() < uses {
            return Err(Error::Full {
                table: "uses",
                holds: self.tables.limits.uses,
                needed: self.tables.limits.uses + uses,
            });
        }
        self.unbind(pod)?;
        self.bind(to, node)
    }

    /// Gives the pods of a spec class a mask and a score column of the caller's own: a node whose bit is set is
    /// rejected, and its score is added to the node's total. Both are by node row; missing rows are 0.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]; [`Error::OutOfRange`] for a score beyond 2^53.
    pub fn set_overlay(&mut self, spec: SpecId, reject: &[u64], score: &[i64]) -> Result<(), Error> {
        self.tables.known(Count::Specs, "specs", spec.0)?;
        if score.iter().any(|score| score.unsigned_abs() > MOST_OVERLAY) {
            return Err(Error::OutOfRange { field: "overlay score", most: MOST_OVERLAY });
        }
        let row = match self.tables.specs[spec.at()].overlay {
            NONE => self.tables.take(Count::Overlays, "overlays", self.tables.limits.overlays)?,
            row => row,
        };
        let (words, nodes) = (self.tables.limits.nodes.div_ceil(64) as usize, self.tables.limits.nodes as usize);
        let at = row as usize;
        let mask = &mut self.tables.overlay_mask[at * words..(at + 1) * words];
        for (word, from) in mask.iter_mut().zip(reject.iter().chain(core::iter::repeat(&0))) {
            *word = *from;
        }
        let scores = &mut self.tables.overlay_score[at * nodes..(at + 1) * nodes];
        for (to, from) in scores.iter_mut().zip(score.iter().chain(core::iter::repeat(&0))) {
            *to = *from;
        }
        self.tables.specs[spec.at()].overlay = row;
        if let Some(slot) = self.cache.slot_spec.iter().position(|s| *s == spec.0) {
            self.cache.slot_spec[slot] = NONE;
        }
        Ok(())
    }
}
