//! Attempts as rows, behind those of what was written: see [`crate::compile::record`].

use bayplan_core::{Code, Decision, NodeId, Preemption, Reason, RejectedBy, ResourceId, Rule, VolumeId, Weighed};

use super::preempt::Conditions;
use crate::compile::record::{Operation, Row};
use crate::error::Error;
use crate::state::Cluster;
use crate::state::prepared::Prepared;

/// What the core says of a request.
#[derive(Default)]
struct Answers {
    verdicts: Vec<(NodeId, Reason, bool)>,
    scores: Vec<(Rule, NodeId, i64)>,
    totals: Vec<Option<i64>>,
    /// Of each node by itself: the reasons; what waiting claims get, where it can give them all.
    judged: Vec<Vec<Reason>>,
    gets: Vec<Vec<(usize, Option<VolumeId>)>>,
    /// What preemption comes to, in its quick form and with all candidates.
    preemption: Option<[Preemption; 2]>,
    candidates: Vec<(bayplan_core::Candidate, Vec<(u32, bool)>)>,
}

impl Cluster {
    /// What was written to this cluster's block, and what was decided on it, for tests: see `crate::compile::record`.
    #[doc(hidden)]
    #[must_use]
    pub fn recorded(&mut self) -> &[u32] {
        self.written()
    }

    /// Takes down what the nodes have of each resource, and what is requested of them.
    ///
    /// # Errors
    /// Those of reading the tables.
    #[doc(hidden)]
    pub fn record_amounts(&mut self) -> Result<(), Error> {
        let nodes = self.compiler().node_names.len() as u32;
        let (resources, amounts) = self.read(|tables| {
            let resources = (0..).take_while(|id| tables.amounts(NodeId(0), ResourceId(*id)).is_ok()).count() as u32;
            let all = (0..nodes).flat_map(|node| (0..resources).map(move |id| (NodeId(node), ResourceId(id))));
            let amounts = all.map(|(node, id)| tables.amounts(node, id)).collect::<Result<Vec<_>, _>>()?;
            Ok((resources, amounts))
        })?;
        Row::write(self.written(), Operation::Closing, |row| {
            row.word(nodes).word(resources);
            amounts.iter().for_each(|(allocatable, requested)| _ = row.wide(*allocatable).wide(*requested));
        });
        Ok(())
    }

    /// Takes down an attempt: the request, what was decided, and what else the core says of it.
    pub(super) fn record(
        &mut self,
        prepared: &Prepared,
        conditions: Option<&Conditions>,
        decided: Decision,
    ) -> Result<(), Error> {
        let nodes = self.compiler().node_names.len() as u32;
        let answers = self.ask(prepared, |mut cycle| {
            let mut answers = Answers::default();
            for node in (0..nodes).map(NodeId) {
                let (mut reasons, mut gets) = (Vec::new(), Vec::new());
                let verdict = cycle.judge(node)?;
                cycle.reasons(node, verdict, &mut |reason| reasons.push(reason))?;
                cycle.volumes_on(node, &mut |claim, volume| gets.push((claim, volume)))?;
                answers.judged.push(reasons);
                answers.gets.push(gets);
            }
            let mut filtered = cycle.filter()?;
            filtered.explain(&mut |node, reason, is_first| answers.verdicts.push((node, reason, is_first)))?;
            filtered.scores(&mut |rule, node, score| answers.scores.push((rule, node, score)));
            if let (0, Some(conditions)) = (filtered.feasible(), conditions) {
                let options = conditions.options();
                let quick = filtered.preempt(&options)?;
                let candidates = &mut answers.candidates;
                let all = filtered.preempt_dry_run(&options, &mut |_, weighed| {
                    if let Weighed::Candidate(found, victims) = weighed {
                        candidates.push((found, victims.iter().map(|(pod, violates)| (pod.0, violates)).collect()));
                    }
                })?;
                answers.preemption = Some([quick, all]);
            }
            let scored = filtered.score();
            answers.totals = (0..nodes).map(|node| scored.total(NodeId(node))).collect();
            Ok(answers)
        })?;
        Row::write(self.written(), Operation::Attempt, |row| {
            request(row, prepared);
            row.word(decided.node.map_or(u32::MAX, |node| node.0)).wide(decided.score);
            row.word(decided.ties).word(decided.feasible);
            row.list(&answers.verdicts, |row, (node, reason, is_first)| verdict(row, node, reason, is_first));
            row.list(&answers.scores, |row, (rule, node, score)| _ = row.word(node.0).rule(rule).wide(score));
            row.list(&answers.totals, |row, total| _ = row.wide(total.unwrap_or(i64::MIN)));
            for ((node, reasons), gets) in (0..).map(NodeId).zip(&answers.judged).zip(&answers.gets) {
                // Where no pod is nominated to the node, an explanation says the same of it, with the same flags.
                let said: Vec<_> = answers.verdicts.iter().filter(|verdict| verdict.0 == node).collect();
                let is_same =
                    said.len() == reasons.len() && said.iter().zip(reasons).all(|(said, reason)| said.1 == *reason);
                let first = reasons.first().map(|reason| reason.by());
                let flagged = reasons
                    .iter()
                    .enumerate()
                    .map(|(at, reason)| (*reason, if is_same { said[at].2 } else { Some(reason.by()) == first }));
                row.list(&flagged.collect::<Vec<_>>(), |row, (reason, is_first)| verdict(row, node, reason, is_first));
                row.list(gets, |row, (claim, volume)| {
                    _ = row.word(claim as u32).word(volume.map_or(u32::MAX, |v| v.0))
                });
            }
            row.option(answers.preemption.zip(conditions), |row, (found, conditions)| {
                let options = conditions.options();
                row.flag(options.never).flag(options.until_violated);
                row.list(options.exempt, |row, exempt| _ = row.word(exempt.budget.0).word(exempt.pod.0));
                row.list(options.claims, |row, claims| _ = row.word(claims.pod.0).word(claims.claims));
                found.iter().for_each(|found| outcome(row, found));
                row.word(answers.candidates.len() as u32);
                for (found, victims) in &answers.candidates {
                    row.word(found.node.0).word(found.violations).word(found.highest as u32);
                    row.wide(found.sum).wide(found.start);
                    row.list(victims, |row, (pod, violates)| _ = row.word(pod).flag(violates));
                }
            });
        });
        Ok(())
    }
}

fn request(row: &mut Row<'_>, of: &Prepared) {
    row.word(of.spec.0).word(of.labels.0).word(of.pin.0).word(of.default_selector.0);
    row.word(of.uses.0).word(of.nomination.0).list(&of.rejects, |row, node| _ = row.word(node.0));
    of.plan.with(|volumes| {
        row.list(volumes.bound, |row, volume| _ = row.word(volume.0));
        row.flag(volumes.lost).list(volumes.zoned, |row, volume| _ = row.word(volume.0));
        row.list(volumes.waiting, |row, claim| {
            row.word(claim.selected.0).list(claim.candidates, |row, volume| _ = row.word(volume.0));
            row.list(claim.reserved, |row, volume| _ = row.word(volume.0));
            row.word(claim.makes.map_or(u32::MAX, |nodes| nodes.0)).option(claim.rooms, |row, rooms| {
                row.list(rooms, |row, room| _ = row.word(room.nodes.0).wide(room.bytes));
            });
            row.wide(claim.size).word(claim.class);
        });
    });
}

/// A verdict as C has it.
fn verdict(row: &mut Row<'_>, node: NodeId, reason: Reason, is_first: bool) {
    row.word(node.0);
    match reason.by() {
        RejectedBy::PreFilterResult => row.word(254),
        RejectedBy::Plugin(plugin) => row.rule(plugin.into()),
        RejectedBy::External(slot) => row.rule(slot.into()),
        _ => row.word(255),
    };
    let unresolvable = reason.code() == Code::UnschedulableAndUnresolvable;
    row.word(reason.kind().into()).word(reason.external_code());
    row.word(u32::from(is_first) | u32::from(unresolvable) << 1);
}

fn outcome(row: &mut Row<'_>, found: &Preemption) {
    use bayplan_core::NotEligible::Never;
    match found {
        Preemption::Best(best, ties) => row.word(0).word(best.node.0).word(*ties),
        Preemption::NotEligible(Never) => row.word(2).word(u32::MAX).word(0),
        Preemption::NotEligible(_) => row.word(3).word(u32::MAX).word(0),
        _ => row.word(1).word(u32::MAX).word(0),
    };
}
