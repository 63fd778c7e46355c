//! Preemption (kube-scheduler: DefaultPreemption): which pods of lower priority would have to go so that a pod fits, node by node, and
//! on which node that costs least. Nothing is evicted here, and the state is afterwards as it was, bit for bit.
//!
//! 1. Nodes that a filter rejects with a reason that no eviction changes are passed over.
//! 2. On each other node all pods of lower priority are taken off. Where the pod does not fit even so, the node is no candidate.
//! 3. They are put back one by one, those whose eviction would violate a disruption budget first, the most important first; a
//!    pod stays where the preemptor still fits beside it. The others are the victims.
//! 4. Of the candidates the best is the one with the fewest violations, then the lowest priority of its most important victim, then
//!    the least sum of priorities, then the fewest victims, then the latest start of the most important ones.
//!
//! Where nothing but requested amounts stands in the way, steps 2 and 3 are arithmetic over the node's pods (`amounts`), and nodes that
//! cannot be better than the best so far are not weighed to the end. Else the pods are taken off and put back in a trial (`trial`).

mod amounts;
mod budgets;
mod trial;
mod victims;

use super::columns::filters;
use super::mask::bit;
use super::{Cycle, Filtered};
use crate::plugin::{Code, Plugin, Reason, RejectedBy};
use crate::plugins::{Explain, entry, volume_restrictions};
use crate::tables::{Rule, VictimRow, pod_flag, undo, victim_flag};
use crate::{BudgetId, Error, NodeId, PodId};

/// What preemption goes by beside the request.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct PreemptOptions<'a> {
    /// `preemptionPolicy: Never`.
    pub never: bool,
    /// Pods that a budget is not asked for: those that it counts as disrupted already (`status.disruptedPods`), and those that have no labels.
    pub exempt: &'a [Exempt],
    /// Bound pods with how many of their volumes are claims of a name that is among the pod's own `ReadWriteOncePod` claims, in whatever
    /// namespace: kube-scheduler takes the eviction of any of them for a claim that becomes free.
    pub claims: &'a [Claims],
    /// A pod that violates one budget is not counted in the budgets after it. kube-scheduler does so from 1.37 on.
    pub until_violated: bool,
    /// Of pods that have not started, the one that came last is the most important: kube-scheduler up to 1.36 takes the present moment for
    /// their start each time that it compares two of them.
    pub last_unstarted_first: bool,
}

/// A pod that a budget is not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Exempt {
    /// The budget.
    pub budget: BudgetId,
    /// The bound pod.
    pub pod: PodId,
}

/// How many of a bound pod's volumes are claims that count, see [`PreemptOptions::claims`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Claims {
    /// The bound pod.
    pub pod: PodId,
    /// How many.
    pub claims: u32,
}

/// A node on which preemption helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The node.
    pub node: NodeId,
    /// How many of the victims violate a disruption budget.
    pub violations: u32,
    /// The priority of the most important victim.
    pub highest: i32,
    /// The sum of the victims' priorities, each raised by 2^31 so that none is below 0.
    pub sum: i64,
    /// How many victims there are.
    pub victims: u32,
    /// The earliest start of the victims of the highest priority; [`crate::PodDef::NOT_STARTED`] where none has started.
    pub start: i64,
}

impl Candidate {
    /// Whether it is as good as another, so that kube-scheduler may take either.
    #[must_use]
    pub fn is_as_good_as(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// What makes one candidate better than another: the least.
    fn key(&self) -> (u32, i32, i64, u32, core::cmp::Reverse<i64>) {
        (self.violations, self.highest, self.sum, self.victims, core::cmp::Reverse(self.start))
    }
}

/// The victims on a node, the most important first.
#[derive(Clone, Copy, Debug)]
pub struct Victims<'v>(&'v [VictimRow]);

impl Victims<'_> {
    /// Each victim, and whether its eviction violates a disruption budget.
    pub fn iter(&self) -> impl Iterator<Item = (PodId, bool)> + '_ {
        self.0.iter().map(|row| (PodId(row.pod), row.flags & victim_flag::VIOLATES != 0))
    }
}

/// What preemption finds on a node.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Weighed<'v> {
    /// It helps.
    Candidate(Candidate, Victims<'v>),
    /// No pod on the node has a lower priority.
    NoVictims,
    /// The pod does not fit even without them, for this reason; a node is reported once for each reason.
    Rejected(Reason),
    /// All of them may stay: kube-scheduler takes that for a fault of its own.
    AllSpared,
}

/// Why a pod may not preempt others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotEligible {
    /// Its policy is `Never`.
    Never,
    /// On its nominated node, pods that were preempted for it are still going.
    Terminating,
}

/// What preemption comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Preemption {
    /// The pod may not preempt others.
    NotEligible(NotEligible),
    /// There is no candidate.
    NoCandidate,
    /// The best candidate, the first in node order, and how many are as good as it.
    Best(Candidate, u32),
}

/// The candidate to beat, and how many are as good.
#[derive(Clone, Copy, Default)]
struct Best(Option<(Candidate, u32)>);

impl Best {
    fn take(&mut self, candidate: Candidate) {
        match &mut self.0 {
            Some((best, _)) if best.key() < candidate.key() => {}
            Some((best, ties)) if best.key() == candidate.key() => *ties += 1,
            best => *best = Some((candidate, 1)),
        }
    }
}

/// Who is told what is found on each node.
type Watch<'w> = &'w mut dyn FnMut(NodeId, Weighed<'_>);

impl Filtered<'_, '_, '_> {
    /// Finds where evicting pods of lower priority would help, and which candidate is the best. The nodes that the caller rejects are left out.
    ///
    /// Costs a look at each pod on each node that eviction may help; much more for a pod with ports, volumes, constraints or pod affinity, for
    /// which each pod is taken off its node and put back in a trial.
    ///
    /// # Errors
    /// [`Error::Full`] where the pods of a node do not fit into `victims` or the record of a trial. Nothing is changed then.
    pub fn preempt(&mut self, options: &PreemptOptions<'_>) -> Result<Preemption, Error> {
        self.weigh_all(options, None)
    }

    /// The same for every node, with what is found on each: `watch` is called in node order, and never for nodes that eviction cannot help.
    ///
    /// # Errors
    /// As [`Self::preempt`].
    pub fn preempt_dry_run(
        &mut self,
        options: &PreemptOptions<'_>,
        watch: &mut dyn FnMut(NodeId, Weighed<'_>),
    ) -> Result<Preemption, Error> {
        self.weigh_all(options, Some(watch))
    }

    /// What preemption finds on one node; nothing where eviction cannot help.
    ///
    /// # Errors
    /// [`Error::NoSuch`]; else as [`Self::preempt`].
    pub fn preempt_on(
        &mut self,
        node: NodeId,
        options: &PreemptOptions<'_>,
        watch: &mut dyn FnMut(NodeId, Weighed<'_>),
    ) -> Result<(), Error> {
        self.0.s.tables.alive(node)?;
        let way = self.0.way(options);
        if self.0.may_help(node)? {
            self.0.weigh_in_trial(node, &way, options, &mut Best::default(), &mut Some(watch))?;
        }
        Ok(())
    }

    fn weigh_all(&mut self, options: &PreemptOptions<'_>, mut watch: Option<Watch<'_>>) -> Result<Preemption, Error> {
        let cycle = &mut self.0;
        if let Some(why) = cycle.not_eligible(options)? {
            return Ok(Preemption::NotEligible(why));
        }
        let mut way = cycle.way(options);
        let mut best = Best::default();
        for node in (0..cycle.nodes() as u32).map(NodeId) {
            // By amounts alone, a node that any other filter rejects is none, whatever the code.
            let mask = cycle.s.work.mask[node.at()];
            let quick = way.amounts.filter(|_| watch.is_none() && cycle.s.work.nominated(node).is_none());
            match quick {
                Some(fit) if mask != fit => {}
                Some(_) => cycle.weigh_amounts(node, &mut way, options, &mut best)?,
                // Whatever else stands in the way, the victims must free what is short.
                None if watch.is_none() && way.fits && !cycle.may_beat(node, &mut way, &best) => {}
                None if cycle.may_help(node)? => {
                    cycle.weigh_in_trial(node, &way, options, &mut best, &mut watch)?;
                }
                None => {}
            }
        }
        Ok(best.0.map_or(Preemption::NoCandidate, |(best, ties)| Preemption::Best(best, ties)))
    }
}

/// How nodes are weighed in a cycle.
struct Way {
    /// The priority of the pod.
    priority: i32,
    /// The filters that PreFilter skips.
    skip: u32,
    /// The bit of the only filter that pods on the node have a part in, where that is the one of requested amounts.
    amounts: Option<u32>,
    /// Whether requested amounts are looked at.
    fits: bool,
    /// How many budgets are noted, and the sets of budgets that label classes are part of, see `note_budgets`.
    budgets: usize,
    groups: [u64; amounts::GROUPS],
    /// The pods of a node up to a priority, see `low_on`.
    low: [u32; amounts::MOST_PODS],
    /// Of the budgets of a pod, only the first is surely counted down.
    first_budget: bool,
}

impl Cycle<'_, '_, '_> {
    fn way(&mut self, options: &PreemptOptions<'_>) -> Way {
        let skip = self.skipped();
        let (pod, work, _) = self.parts();
        work.scratch.trial_state[undo::CLAIMS] = volume_restrictions::claims_in_use(&pod);
        // Pods that are exempt from a budget may go whatever it allows, which what is noted does not say.
        let (budgets, groups) = if options.exempt.is_empty() { self.note_budgets() } else { (0, [0; amounts::GROUPS]) };
        Way {
            priority: self.row.priority,
            skip,
            amounts: self.by_amounts(),
            fits: filters(&self.profile).any(|(_, rule)| rule == Rule::Plugin(Plugin::NodeResourcesFit)),
            budgets,
            groups,
            low: [0; amounts::MOST_PODS],
            first_budget: options.until_violated,
        }
    }

    /// Whether the pod may preempt others at all.
    fn not_eligible(&mut self, options: &PreemptOptions<'_>) -> Result<Option<NotEligible>, Error> {
        if options.never {
            return Ok(Some(NotEligible::Never));
        }
        // Where its nominated node can no longer help, the pod looks for another.
        let Some(node) = self.s.tables.nominated_to(self.request.nomination) else { return Ok(None) };
        if self.s.tables.alive(node).is_err() || self.code_of(node)? == Some(Code::UnschedulableAndUnresolvable) {
            return Ok(None);
        }
        let t = &self.s.tables;
        let going = t.pods_on(node).any(|pod| {
            t.pod_priority[pod.at()] < self.row.priority && t.pod_flags[pod.at()] & pod_flag::PREEMPTED != 0
        });
        Ok(going.then_some(NotEligible::Terminating))
    }

    /// Whether evicting pods from a node may help.
    fn may_help(&mut self, node: NodeId) -> Result<bool, Error> {
        let mask = self.s.work.mask[node.at()];
        if mask == 0 || mask & (bit::GONE | bit::CALLER) != 0 {
            return Ok(false);
        }
        Ok(self.code_of(node)? == Some(Code::Unschedulable))
    }

    /// With which code a node is rejected.
    fn code_of(&mut self, node: NodeId) -> Result<Option<Code>, Error> {
        let mask = self.s.work.mask[node.at()];
        let first = self.first(mask);
        if let Some(RejectedBy::Plugin(plugin)) = first {
            let entry = entry(plugin);
            let mut codes = entry.reasons.iter().map(|reason| reason.code());
            let code = codes.next();
            if !matches!(entry.explain, Explain::With(_)) && codes.all(|other| Some(other) == code) {
                return Ok(code);
            }
        }
        let mut code = None;
        let mut note = |reason: Reason| {
            if Some(reason.by()) == first {
                code = code.max(Some(reason.code()));
            }
        };
        match self.s.work.nominated(node).filter(|at| self.s.work.nominated_mask[*at] != 0) {
            Some(_) => self.on_node_with_nominated(node, |cycle| cycle.reasons_of(node, mask, &mut note))?,
            None => self.reasons_of(node, mask, &mut note),
        }
        Ok(code)
    }

    /// Judges a node as it is and with its nominated pods, and tells the reasons of the first filter that rejects it.
    fn passes(&mut self, node: NodeId, skip: u32, tell: &mut dyn FnMut(Reason)) -> Result<bool, Error> {
        let judge = |cycle: &mut Self, tell: &mut dyn FnMut(Reason)| {
            let mask = cycle.judge_mask(node, skip);
            if mask != 0 {
                let first = cycle.first(mask);
                cycle.reasons_of(node, mask, &mut |reason| {
                    if Some(reason.by()) == first {
                        tell(reason);
                    }
                });
            }
            mask == 0
        };
        if self.has_nominated(node) && !self.on_node_with_nominated(node, |cycle| judge(cycle, tell))? {
            return Ok(false);
        }
        Ok(judge(self, tell))
    }

    /// No node is being weighed any more.
    fn leave(&mut self, begin: u32) {
        self.s.roll_back(begin);
        self.s.work.trial_state[undo::VICTIMS] = 0;
    }
}

impl Candidate {
    /// Of victims in their order; none where there are none.
    fn of(node: NodeId, victims: &[VictimRow]) -> Option<Self> {
        let first = victims.first()?;
        let highest = victims.iter().take_while(|victim| victim.priority == first.priority);
        Some(Candidate {
            node,
            violations: victims.iter().filter(|victim| victim.flags & victim_flag::VIOLATES != 0).count() as u32,
            highest: first.priority,
            sum: victims.iter().map(|victim| i64::from(victim.priority) + (1 << 31)).sum(),
            victims: victims.len() as u32,
            start: highest.map(|victim| victim.start).min()?,
        })
    }
}
