//! Trials: pods taken off and put on, asked about, and put back word by word.

use super::{Cycle, Decision, Pick};
use crate::block::Scheduler;
use crate::request::Request;
use crate::tables::undo::{self, Change, DEPTH, NODES, Record, WORDS};
use crate::tables::{PodDef, Tables};
use crate::{Error, NodeId, PodId};

/// A trial: pods are taken off nodes and put on them, and questions asked; in the end all is put back as it was (when it is dropped), or kept.
///
/// Ids, lists and their order, counters, the journal and the cached columns of other classes are afterwards as before, bit for bit.
/// Trials nest ([`Trial::nested`]). What they must put back lies in the block: [`crate::Limits::trial`] says how much.
///
/// ```
/// # use bayplan_core::{Limits, NodeDef, Pick, PodDef, ProfileDef, Plugin, Request, Scheduler, SpecDef, block_words};
/// # let limits = Limits::default();
/// # let mut memory = vec![0u64; block_words(&limits)];
/// # let mut scheduler = Scheduler::init(&mut memory, &limits)?;
/// # let (taints, images) = (scheduler.add_taint_set(&[])?, scheduler.add_image_set(&[])?);
/// # let name = scheduler.add_string(None)?;
/// # let node = NodeDef { name, taints, images, allocatable: &[2_000, 16 << 30, 0, 110], ..NodeDef::default() };
/// # let node = scheduler.add_node(&node)?;
/// # let fit = Plugin::NodeResourcesFit.into();
/// # scheduler.add_profile(&ProfileDef { filters: &[fit], scores: &[(fit, 1)], ..ProfileDef::default() })?;
/// # let asks = [1_500, 1 << 30];
/// # let spec = scheduler.add_spec(&SpecDef { fit: &asks, bound: &asks, score: &asks, ..SpecDef::default() })?;
/// # let namespace = scheduler.add_namespace(&[], true)?;
/// # let labels = scheduler.add_label_class(namespace, &[])?;
/// let request = Request::new(spec, labels);
/// let victim = scheduler.bind(&PodDef::new(spec, labels), node)?;
/// assert_eq!(scheduler.decide(&request, Pick::First)?.node, None); // 2 CPUs do not hold twice 1.5.
///
/// let mut trial = scheduler.trial();
/// trial.remove(victim)?;
/// assert!(trial.cycle(&request)?.judge(node)?.passes());
/// drop(trial);
/// assert_eq!(scheduler.tables().node_of(victim)?, node);
/// # Ok::<(), bayplan_core::Error>(())
/// ```
pub struct Trial<'s, 'm> {
    s: &'s mut Scheduler<'m>,
    begin: u32,
    kept: bool,
}

impl<'m> Scheduler<'m> {
    /// Begins a trial.
    pub fn trial(&mut self) -> Trial<'_, 'm> {
        let begin = self.begin_trial();
        Trial { s: self, begin, kept: false }
    }

    /// Begins a trial that [`Self::roll_back`] or [`Self::keep`] must end; where its record begins.
    pub(super) fn begin_trial(&mut self) -> u32 {
        self.work.trial_state[DEPTH] += 1;
        self.work.trial_state[WORDS]
    }

    /// Binds a pod in a trial.
    pub(super) fn try_bind(&mut self, pod: &PodDef, node: NodeId) -> Result<PodId, Error> {
        let work = &mut self.work;
        let mut record = Record::new(work.trial_record, &mut work.trial_state[WORDS]);
        let id = self.tables.bind(pod, node, &mut record)?;
        self.cache.count_pod(&self.tables, id.at(), true);
        self.touch(node);
        Ok(id)
    }

    /// Takes a pod off its node in a trial.
    pub(super) fn try_unbind(&mut self, pod: PodId) -> Result<(), Error> {
        let node = self.tables.node_of(pod)?;
        let work = &mut self.work;
        let mut record = Record::new(work.trial_record, &mut work.trial_state[WORDS]);
        // The counters need the pod's row, so it is looked at first whether it can be recorded.
        self.tables.recordable(pod, &record)?;
        self.cache.count_pod(&self.tables, pod.at(), false);
        self.tables.unbind(pod, &mut record)?;
        self.touch(node);
        Ok(())
    }

    /// Puts everything back that was recorded from a place on, and ends the trial.
    pub(super) fn roll_back(&mut self, begin: u32) {
        while self.work.trial_state[WORDS] > begin {
            let Some((change, at)) = undo::last(self.work.trial_record, self.work.trial_state[WORDS] as usize) else {
                break;
            };
            match change {
                Change::PodOn { pod, was_free, row, .. } => {
                    self.cache.count_pod(&self.tables, pod as usize, false);
                    self.tables.undo_bind(pod as usize, was_free, row);
                }
                Change::PodOff { pod, last, row } => {
                    self.tables.undo_unbind(pod as usize, last, row);
                    self.cache.count_pod(&self.tables, pod as usize, true);
                }
                Change::UseOn { use_, was_free, tag } => self.tables.undo_use_on(use_, was_free, tag),
                Change::UseOff { use_, before } => self.tables.undo_use_off(use_, before),
                Change::UseMore { row } => self.tables.use_count[row as usize] -= 1,
                Change::UseLess { row } => self.tables.use_count[row as usize] += 1,
            }
            self.work.trial_state[WORDS] = at as u32;
        }
        self.work.trial_state[WORDS] = begin;
        self.end_trial(false);
    }

    /// Keeps what was done.
    pub(super) fn keep(&mut self) {
        self.end_trial(true);
    }

    fn end_trial(&mut self, kept: bool) {
        self.work.trial_state[DEPTH] -= 1;
        if self.work.trial_state[DEPTH] > 0 {
            return;
        }
        if kept {
            self.note_changes();
        }
        self.refresh_after_trial();
        for at in 0..self.work.trial_state[NODES] as usize {
            self.work.trial_touched[self.work.trial_nodes[at] as usize] = 0;
        }
        self.work.trial_state[NODES] = 0;
        self.work.trial_state[WORDS] = 0;
    }

    /// Writes the nodes of kept changes to the journal, in the order of the changes.
    fn note_changes(&mut self) {
        let words = self.work.trial_state[WORDS] as usize;
        let mut changes = 0;
        let mut end = words;
        while let Some((change, begin)) = undo::last(self.work.trial_record, end) {
            changes += u32::from(matches!(change, Change::PodOn { .. } | Change::PodOff { .. }));
            end = begin;
        }
        // The record is read from its end, so the journal is filled from its end too.
        let mut back = 0;
        (0..changes).for_each(|_| self.tables.note(0));
        end = words;
        while let Some((change, begin)) = undo::last(self.work.trial_record, end) {
            if let Change::PodOn { node, .. } | Change::PodOff { row: [_, _, node, ..], .. } = change {
                back += 1;
                self.tables.set_noted(back, node);
            }
            end = begin;
        }
    }
}

impl<'m> Trial<'_, 'm> {
    /// Takes a bound pod off its node.
    ///
    /// # Errors
    /// [`Error::NoSuch`]; [`Error::Full`] where the record is full. Nothing is changed then.
    pub fn remove(&mut self, pod: PodId) -> Result<(), Error> {
        self.s.try_unbind(pod)
    }

    /// Puts a pod on a node. Its id is valid in this trial, and after it if it is kept.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]. Nothing is changed then.
    pub fn add(&mut self, pod: &PodDef, node: NodeId) -> Result<PodId, Error> {
        self.s.try_bind(pod, node)
    }

    /// Begins a cycle in the state of the trial.
    ///
    /// # Errors
    /// As [`Scheduler::cycle`].
    pub fn cycle<'s, 'r>(&'s mut self, request: &Request<'r>) -> Result<Cycle<'s, 'm, 'r>, Error> {
        self.s.cycle(request)
    }

    /// Decides for a pod in the state of the trial.
    ///
    /// # Errors
    /// As [`Scheduler::decide`].
    pub fn decide(&mut self, request: &Request<'_>, pick: Pick) -> Result<Decision, Error> {
        self.s.decide(request, pick)
    }

    /// The tables in the state of the trial.
    #[must_use]
    pub fn tables(&self) -> &Tables<'m> {
        self.s.tables()
    }

    /// A trial inside this one, which can be put back by itself.
    pub fn nested(&mut self) -> Trial<'_, 'm> {
        self.s.trial()
    }

    /// Ends the trial and keeps what was done: the state is as if pods had been bound and unbound.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Trial<'_, '_> {
    fn drop(&mut self) {
        if self.kept {
            self.s.keep();
        } else {
            self.s.roll_back(self.begin);
        }
    }
}
