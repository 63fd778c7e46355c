//! Weighing a node by taking pods off and putting them back: for a pod that other pods can be in the way of in more than one manner.

use super::{Best, Candidate, PreemptOptions, Victims, Watch, Way, Weighed, victims};
use crate::cycle::Cycle;
use crate::tables::{pod_flag, undo, victim_flag};
use crate::{Error, LabelClassId, NONE, NodeId, PodDef, PodId, SpecId, UseListId};

impl Cycle<'_, '_, '_> {
    pub(super) fn weigh_in_trial(
        &mut self,
        node: NodeId,
        way: &Way,
        options: &PreemptOptions<'_>,
        best: &mut Best,
        watch: &mut Option<Watch<'_>>,
    ) -> Result<(), Error> {
        let mut tell = |weighed: Weighed<'_>| {
            if let Some(watch) = watch {
                watch(node, weighed);
            }
        };
        let count = self.gather(node, way.priority, options)?;
        if count == 0 {
            tell(Weighed::NoVictims);
            return Ok(());
        }
        let begin = self.s.begin_trial();
        self.s.work.trial_state[undo::VICTIMS] = count as u32;
        let fits = self.spare(node, count, way, options, &mut tell);
        self.leave(begin);
        if !fits? {
            return Ok(());
        }
        let rows = &mut self.s.work.victims[..count];
        let kept = victims::keep_victims(rows, options);
        match Candidate::of(node, &rows[..kept]) {
            Some(candidate) => {
                best.take(candidate);
                tell(Weighed::Candidate(candidate, Victims(&rows[..kept])));
            }
            None => tell(Weighed::AllSpared),
        }
        Ok(())
    }

    /// Takes all off and puts back those that may stay; whether the pod fits at all.
    fn spare(
        &mut self,
        node: NodeId,
        count: usize,
        way: &Way,
        options: &PreemptOptions<'_>,
        tell: &mut dyn FnMut(Weighed<'_>),
    ) -> Result<bool, Error> {
        for at in 0..count {
            self.s.try_unbind(PodId(self.s.work.victims[at].row))?;
            self.s.work.victims[at].row = NONE;
        }
        if !self.passes(node, way.skip, &mut |reason| tell(Weighed::Rejected(reason)))? {
            return Ok(false);
        }
        victims::sort(&mut self.s.work.victims[..count], options);
        self.mark_violations(count, options);
        for violates in [victim_flag::VIOLATES, 0] {
            for at in 0..count {
                let victim = self.s.work.victims[at];
                if victim.flags & victim_flag::VIOLATES != violates {
                    continue;
                }
                let flag = |flag: u8| victim.flags & u32::from(flag) != 0;
                let def = PodDef {
                    uses: UseListId(victim.uses),
                    start: victim.start,
                    terminating: flag(pod_flag::TERMINATING),
                    preempted: flag(pod_flag::PREEMPTED),
                    ..PodDef::new(SpecId(victim.spec), LabelClassId(victim.labels))
                };
                let begin = self.s.begin_trial();
                let fits = match self.s.try_bind(&def, node) {
                    Ok(row) => {
                        self.s.work.victims[at].row = row.0;
                        self.passes(node, way.skip, &mut |_| {})
                    }
                    Err(error) => Err(error),
                };
                match fits {
                    Ok(true) => {
                        self.s.work.victims[at].flags |= victim_flag::REPRIEVED;
                        self.s.keep();
                    }
                    other => {
                        self.s.roll_back(begin);
                        self.s.work.victims[at].row = NONE;
                        other?;
                    }
                }
            }
        }
        Ok(true)
    }
}
