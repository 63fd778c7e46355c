//! Binding pods and taking them off, with the counters that follow; what callers add of their own.

use crate::cycle::{Held, Request, Scheduler};
use crate::plugins::{Class, Plugin, detail, inter_pod_affinity, node_resources_fit, volume_restrictions};
use crate::tables::{Count, PodDef};
use crate::{Error, NONE, NodeId, PodId, SpecId};

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
        t.known(crate::tables::Count::Specs, "specs", to.spec.0)?;
        t.known(crate::tables::Count::LabelClasses, "label_classes", to.labels.0)?;
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

    /// The verdict on a node as if the pods that are nominated to it were there; what else is nominated plays no part.
    /// The request's own `held` is not looked at. Nothing is changed in the end.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn hold(&mut self, request: &Request<'_>, node: NodeId, pods: &[PodDef]) -> Result<Held, Error> {
        // A rule that finds nothing to look at is skipped, nominated pods or not.
        let (row, profile) = self.tables.spec_row(request.spec)?;
        let class = Class { t: &self.tables, spec: request.spec, row: &row, profile: &profile };
        let skipped = [
            (Plugin::InterPodAffinity, inter_pod_affinity::filter_skips(&class, request, &mut self.cache)),
            (Plugin::VolumeRestrictions, volume_restrictions::filter_skips(&class, request)),
        ];
        let mut bound = 0;
        let mut outcome = Ok(());
        for pod in pods {
            outcome = self.bind(pod, node).map(|_| ());
            if outcome.is_err() {
                break;
            }
            bound += 1;
        }
        if outcome.is_ok() {
            self.work.held.copy_from_slice(&[node.0, bound]);
            outcome = self.filter(&Request { held: &[], ..*request }).map(|_| ());
            self.work.held.fill(0);
        }
        let mut held = Held { mask: self.work.mask.get(node.at()).copied().unwrap_or(0), short: 0 };
        for (plugin, skips) in skipped {
            if let (true, Some(bit)) = (skips, profile.filters.iter().position(|p| *p == plugin as u8)) {
                held.mask &= !(1 << bit | detail::of(plugin));
            }
        }
        if outcome.is_ok() {
            let class = Class { t: &self.tables, spec: request.spec, row: &row, profile: &profile };
            held.short = node_resources_fit::short(&class, node);
        }
        // The pods that were bound last are the first on the node.
        for _ in 0..bound {
            let id = self.tables.pods_on(node).next().unwrap_or(PodId::NONE);
            self.unbind(id)?;
        }
        outcome.map(|()| held)
    }

    /// Gives the pods of a spec class a mask and a score column of the caller's own: a node whose bit is set is
    /// rejected, and its score is added to the node's total. Both are by node row; missing rows are 0.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn set_overlay(&mut self, spec: SpecId, reject: &[u64], score: &[i64]) -> Result<(), Error> {
        self.tables.known(Count::Specs, "specs", spec.0)?;
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
