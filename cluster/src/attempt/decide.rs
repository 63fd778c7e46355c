//! Deciding for a pod.

use std::collections::BTreeMap;
use std::sync::Arc;

use bayplan_core::{NodeId, NominationId, Pick, VolumeId};

use super::messages::Counted;
use super::{Code, Decision, Found, Outcome, PreFilter};
use crate::config::Plugin;
use crate::custom::Extended;
use crate::error::{Error, ErrorKind};
use crate::objects::Pod;
use crate::plugins::{self, PreFilterStatus};
use crate::state::prepared::{FilterError, Prepared};
use crate::state::storage::{ClaimPlan, claim_names};
use crate::state::{Cluster, no_pod};

/// What waiting claims get: the plan that they are numbered in, and for each the volume or none.
pub(crate) type Gets = (ClaimPlan, Vec<(usize, Option<VolumeId>)>);

/// What is known of a pod before any node is looked at.
pub(crate) enum Start {
    /// The core can be asked.
    Ready(Box<Prepared>),
    /// It ends here.
    End(Outcome, String, Option<PreFilter>),
}

impl Cluster {
    /// What the claims of a pending pod that wait for its node get on this one.
    pub(crate) fn volumes_for(&mut self, pod: &Arc<Pod>, key: &str, node: &str) -> Result<Option<Gets>, Error> {
        if claim_names(pod).next().is_none() {
            return Ok(None);
        }
        let Start::Ready(prepared) = self.start(key, pod)? else { return Ok(None) };
        let Some(node) = self.compiler().nodes.get(node).copied().filter(|_| prepared.plan.waits()) else {
            return Ok(None);
        };
        let mut gets = Vec::new();
        self.ask(&prepared, |mut cycle| {
            gets.clear();
            cycle.volumes_on(node, &mut |at, volume| gets.push((at, volume)))
        })?;
        Ok(Some((prepared.plan, gets)))
    }

    /// Decides where a pending pod goes, and changes nothing. A pod that is on a node already, or has run to its end, is
    /// [`Outcome::Ignored`].
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] where there is no such pod.
    pub fn decide(&mut self, pod: &str) -> Result<Decision, Error> {
        Ok(self.attempt(pod, self.preempts(), false)?.0)
    }

    /// One attempt, with preemption or without it; what it finds on the nodes is given where it is asked for all of it.
    pub(crate) fn attempt(&mut self, pod: &str, preempts: bool, all: bool) -> Result<(Decision, Option<Found>), Error> {
        match self.attempt_it(pod, preempts, all) {
            // Where a plugin of the caller's own fails, the attempt ends with its words.
            Err(error) if error.kind() == ErrorKind::Plugin => {
                let mut decision = self.blank(pod, &*self.known(pod)?);
                (decision.outcome, decision.message) = (Outcome::Error, error.problem().to_owned());
                Ok((decision, None))
            }
            came => came,
        }
    }

    fn attempt_it(&mut self, pod: &str, preempts: bool, all: bool) -> Result<(Decision, Option<Found>), Error> {
        let object = self.known(pod)?;
        let mut decision = self.blank(pod, &object);
        let prepared = match self.start(pod, &object)? {
            Start::Ready(prepared) => prepared,
            Start::End(outcome, message, pre_filter) => {
                (decision.outcome, decision.message) = (outcome, message);
                if let (Some(rejected), Some(profile), true) = (pre_filter, self.profile_of(&object), preempts) {
                    let preemption = self.preemption_without_nodes(&object, profile, rejected.plugin);
                    decision.preemption = Some(preemption);
                }
                return Ok((decision, None));
            }
        };
        let pick = self.pick();
        let conditions = self.conditions(&object, prepared.profile).filter(|_| preempts);
        let (found, reasons, preemption) = self.ask(&prepared, |cycle| {
            let mut filtered = cycle.filter()?;
            let (mut reasons, mut preemption) = (Counted::default(), None);
            if filtered.feasible() == 0 {
                if prepared.nominated == NodeId::NONE && prepared.extended.rejected.is_empty() {
                    filtered.count_reasons(&mut |reason, nodes| reasons.add_first(reason, nodes))?;
                } else {
                    filtered.explain(&mut |node, reason, is_first| reasons.add(&prepared, node, reason, is_first))?;
                }
                if let Some(conditions) = &conditions {
                    preemption = Some(Found::weigh(&mut filtered, conditions, all)?);
                }
            }
            Ok((super::decide_extended(filtered, &prepared, pick), reasons, preemption))
        })?;
        #[cfg(feature = "record")]
        self.record(&prepared, conditions.as_ref(), found)?;
        self.finish(&mut decision, &prepared, found, &reasons)?;
        if preempts && decision.outcome == Outcome::Unschedulable {
            decision.preemption = Some(self.preemption_of(preemption.as_ref(), prepared.profile));
            decision.not_applied.extend(self.not_asked_by_preemption(&object, &prepared));
        }
        Ok((decision, preemption))
    }

    /// Completes a decision by what the core found.
    pub(crate) fn finish(
        &mut self,
        decision: &mut Decision,
        prepared: &Prepared,
        found: bayplan_core::Decision,
        reasons: &Counted,
    ) -> Result<(), Error> {
        (decision.score, decision.ties, decision.feasible) = (found.score, found.ties, found.feasible);
        let is_scored = found.feasible > 1 && found.node.is_some_and(|node| node != prepared.nominated);
        let fault = if is_scored { self.score_error(prepared)? } else { None };
        match (found.node, fault) {
            (Some(_), Some(fault)) => {
                (decision.outcome, decision.message) = (Outcome::Error, fault);
                (decision.score, decision.ties) = (0, 0);
            }
            (Some(node), None) => {
                decision.outcome = Outcome::Scheduled;
                decision.node = Some(self.compiler().node_names[node.at()].to_string());
                if prepared.plan.waits() {
                    decision.volume_ties = self.volume_ties(prepared, node)?;
                }
            }
            (None, _) => decision.message = self.failure(reasons),
        }
        Ok(())
    }

    /// The pod of this name.
    pub(crate) fn known(&self, key: &str) -> Result<Arc<Pod>, Error> {
        match self.store().pods.get(key) {
            Some(entry) => Ok(entry.pod.clone()),
            None => Err(self.unknown(key)),
        }
    }

    /// There is no such pod; perhaps one of its name in another namespace was meant.
    fn unknown(&self, pod: &str) -> Error {
        let name = pod.rsplit_once('/').map_or(pod, |(_, name)| name);
        let same = if name.is_empty() { None } else { self.store().pods.named(name).min() };
        match same {
            Some(other) => no_pod(pod).hint(format!("there is {other}")),
            None => no_pod(pod),
        }
    }

    /// A decision of which nothing is known but the pod.
    pub(crate) fn blank(&self, key: &str, pod: &Pod) -> Decision {
        Decision {
            pod: key.to_owned(),
            outcome: Outcome::Unschedulable,
            node: None,
            score: 0,
            ties: 0,
            feasible: 0,
            message: String::new(),
            preemption: None,
            not_applied: self.not_applied(pod),
            missing: self.missing(pod),
            volume_ties: Vec::new(),
            about: None,
        }
    }

    /// All that comes before the nodes: the profile, gates, classes, and what rejects the pod as a whole.
    pub(crate) fn start(&mut self, key: &str, pod: &Arc<Pod>) -> Result<Start, Error> {
        let Some(profile) = self.profile_of(pod) else {
            let name = &pod.spec.scheduler_name;
            let message = format!("the pod is left to the scheduler {name}: no profile has that name");
            return Ok(Start::End(Outcome::Ignored, message, None));
        };
        if !pod.spec.node_name.is_empty() {
            let message = format!("the pod is bound to node {} already", pod.spec.node_name);
            return Ok(Start::End(Outcome::Ignored, message, None));
        }
        let gates: Vec<&str> = pod.spec.scheduling_gates.iter().map(|g| g.name.as_str()).collect();
        if !gates.is_empty() && self.compiler().config.profiles[profile].pre_enqueue.contains(&Plugin::SchedulingGates)
        {
            let message = format!("waiting for scheduling gates: [{}]", gates.join(" "));
            return Ok(Start::End(Outcome::Gated, message, None));
        }
        if let Err(error) = self.classify(key) {
            return Ok(Start::End(Outcome::Error, error.to_string(), None));
        }
        if self.compiler().nodes.is_empty() {
            return Ok(Start::End(Outcome::Error, "no nodes available to schedule pods".to_owned(), None));
        }
        let entry = self.store().pods.get(key).ok_or_else(|| no_pod(key))?;
        let (class, nomination) = (entry.class.clone(), entry.nomination.unwrap_or(NominationId::NONE));
        for plugin in self.compiler().config.clone().profiles[profile].pre_filters.iter().copied() {
            let (Some(pre_filter), Some((_, own))) = (plugins::entry(plugin).pre_filter, &class) else { continue };
            match pre_filter(self, pod, own) {
                Some(PreFilterStatus::Rejected(reason)) => return Ok(self.rejected(plugin, &reason)),
                Some(PreFilterStatus::Failed(message)) => return Ok(Start::End(Outcome::Error, message, None)),
                None => {}
            }
        }
        let uses = self.uses_asked(pod)?;
        let plan = match self.plan(pod) {
            Ok(plan) => plan,
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                return Ok(Start::End(Outcome::Error, error.to_string(), None));
            }
            Err(error) => return Err(error),
        };
        let (labels, default_selector) = self.labels_of(pod, profile)?;
        let Some((spec, own)) = class else {
            return Ok(Start::End(Outcome::Ignored, "the pod has run to its end".to_owned(), None));
        };
        let nominated = self.compiler().nodes.get(pod.status.nominated_node_name.as_str()).copied();
        let nominated = nominated.unwrap_or(NodeId::NONE);
        let mut prepared = Box::new(Prepared {
            pod: pod.clone(),
            spec,
            labels,
            pin: own.pin,
            default_selector,
            uses,
            plan,
            nomination,
            nominated,
            score_error: own.fault,
            profile,
            filter_errors: BTreeMap::new(),
            rejects: Vec::new(),
            extended: Extended::default(),
        });
        prepared.filter_errors = self.filter_errors(pod, profile, &prepared)?;
        if let Some(FilterError { text, .. }) = prepared.filter_errors.values().next() {
            // The nominated node is looked at first, and taken where it can be.
            let text = text.clone();
            prepared.rejects = prepared.filter_errors.keys().copied().collect();
            let found = self.ask(&prepared, |cycle| Ok(cycle.filter()?.decide(Pick::First)))?;
            if !prepared.nominated.is_some() || found.node != Some(prepared.nominated) {
                return Ok(Start::End(Outcome::Error, text, None));
            }
        }
        match self.extended(pod, &prepared) {
            Ok(Ok(extended)) => {
                prepared.rejects.extend(extended.rejected.keys());
                prepared.extended = extended;
            }
            Ok(Err(fault)) => return Ok(Start::End(Outcome::Error, fault, None)),
            Err(error) if error.kind() == ErrorKind::Plugin => {
                return Ok(Start::End(Outcome::Error, error.problem().to_owned(), None));
            }
            Err(error) => return Err(error),
        }
        Ok(Start::Ready(prepared))
    }

    fn rejected(&self, plugin: Plugin, reason: &str) -> Start {
        let message = format!("0/{} nodes are available: {reason}.", self.compiler().nodes.len());
        let pre_filter = PreFilter {
            plugin,
            code: Code::UnschedulableAndUnresolvable,
            reason: reason.to_owned(),
            details: Vec::new(),
        };
        Start::End(Outcome::Unschedulable, message, Some(pre_filter))
    }
}
