//! Deciding for a pod.

use std::collections::BTreeMap;
use std::sync::Arc;

use bayplan_core::{
    Code, LabelClassId, NodeId, NominationId, Pick, Reason, Request, Scheduler, SelectorId, SpecId, StrId, UseListId,
    VolumeId,
};

use crate::cluster::{Cluster, no_pod};
use crate::config;
use crate::decision::{Decision, Outcome, PreFilter};
use crate::error::{Error, ErrorKind};
use crate::faults::Fault;
use crate::objects::Pod;
use crate::volumes::{Plan, Stop, claim_names};

/// What waiting claims get: the plan that they are numbered in, and for each the volume or none.
pub(crate) type Gets = (Plan, Vec<(usize, Option<VolumeId>)>);

/// What is known of a pod before any node is looked at.
pub(crate) enum Start {
    /// Ask the core.
    Ask(Box<Asked>),
    /// It ends here.
    End(Outcome, String, Option<PreFilter>),
}

/// A request to the core, owned.
#[derive(Clone)]
pub(crate) struct Asked {
    spec: SpecId,
    labels: LabelClassId,
    pin: StrId,
    default_selector: SelectorId,
    uses: UseListId,
    pub(crate) plan: Plan,
    /// The room that is held for the pod, and on which node.
    nomination: NominationId,
    pub(crate) nominated: NodeId,
    pub(crate) fault: Option<Arc<str>>,
    pub(crate) profile: usize,
    /// Nodes on which a rule fails.
    pub(crate) faults: BTreeMap<NodeId, Fault>,
    /// The same nodes.
    rejects: Vec<NodeId>,
}

/// What a decision found, with the reasons of all nodes where there is none.
struct Found {
    decision: bayplan_core::Decision,
    reasons: Vec<(NodeId, Reason, bool)>,
}

impl Cluster {
    /// Runs an operation of the core with the request.
    pub(crate) fn ask<R>(
        &mut self,
        asked: &Asked,
        mut operation: impl FnMut(&mut Scheduler<'_>, &Request<'_>) -> Result<R, bayplan_core::Error>,
    ) -> Result<R, Error> {
        let Asked { spec, labels, pin, default_selector, uses, nomination, ref plan, ref rejects, .. } = *asked;
        plan.with(|volumes| {
            let request =
                Request { pin, default_selector, uses, nomination, volumes, rejects, ..Request::new(spec, labels) };
            self.compiler.table.run(|s| operation(s, &request))
        })
    }

    /// What the claims of a pending pod that wait for its node get on this one.
    pub(crate) fn volumes_for(&mut self, pod: &Arc<Pod>, key: &str, node: &str) -> Result<Option<Gets>, Error> {
        if claim_names(pod).next().is_none() {
            return Ok(None);
        }
        let Start::Ask(asked) = self.start(key, pod)? else { return Ok(None) };
        let Some(node) = self.compiler.nodes.get(node).copied().filter(|_| asked.plan.waits()) else { return Ok(None) };
        let mut gets = Vec::new();
        self.ask(&asked, |s, request| {
            gets.clear();
            s.cycle(request)?.volumes_on(node, &mut |at, volume| gets.push((at, volume)))
        })?;
        Ok(Some((asked.plan, gets)))
    }

    /// Decides where a pending pod goes, and changes nothing. A pod that is on a node already, or has run to its end, is
    /// [`Outcome::Ignored`].
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] where there is no such pod.
    pub fn decide(&mut self, pod: &str) -> Result<Decision, Error> {
        let object = self.known(pod)?;
        let mut decision = self.blank(pod, &object);
        match self.start(pod, &object)? {
            Start::End(outcome, message, _) => (decision.outcome, decision.message) = (outcome, message),
            Start::Ask(asked) => {
                let pick = self.pick();
                let found = self.ask(&asked, |s, request| {
                    let mut filtered = s.cycle(request)?.filter()?;
                    let mut reasons = Vec::new();
                    if filtered.feasible() == 0 {
                        filtered.explain(&mut |node, reason, is_first| reasons.push((node, reason, is_first)))?;
                    }
                    Ok(Found { decision: filtered.decide(pick), reasons })
                })?;
                self.finish(&mut decision, &asked, found.decision, &found.reasons)?;
            }
        }
        Ok(decision)
    }

    /// Completes a decision by what the core found.
    pub(crate) fn finish(
        &mut self,
        decision: &mut Decision,
        asked: &Asked,
        found: bayplan_core::Decision,
        reasons: &[(NodeId, Reason, bool)],
    ) -> Result<(), Error> {
        (decision.score, decision.ties, decision.feasible) = (found.score, found.ties, found.feasible);
        let is_scored = found.feasible > 1 && found.node.is_some_and(|node| node != asked.nominated);
        let fault = if is_scored { self.score_fault(asked)? } else { None };
        match (found.node, fault) {
            (Some(_), Some(fault)) => {
                (decision.outcome, decision.message) = (Outcome::Error, fault);
                (decision.score, decision.ties) = (0, 0);
            }
            (Some(node), None) => {
                decision.outcome = Outcome::Scheduled;
                decision.node = Some(self.compiler.node_names[node.at()].to_string());
                if asked.plan.waits() {
                    decision.volume_ties = self.volume_ties(asked, node)?;
                }
            }
            (None, _) => decision.message = self.failure(asked, reasons),
        }
        Ok(())
    }

    /// The pod of this name.
    pub(crate) fn known(&self, key: &str) -> Result<Arc<Pod>, Error> {
        match self.store.pods.get(key) {
            Some(entry) => Ok(entry.pod.clone()),
            None => Err(self.unknown(key)),
        }
    }

    /// There is no such pod; perhaps one of its name in another namespace was meant.
    fn unknown(&self, pod: &str) -> Error {
        let name = pod.rsplit_once('/').map_or(pod, |(_, name)| name);
        let same = if name.is_empty() { None } else { self.store.pods.named(name).min() };
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
            not_applied: self.not_applied(pod),
            missing: self.missing(pod),
            volume_ties: Vec::new(),
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
        if !gates.is_empty()
            && self.compiler.config.profiles[profile].pre_enqueue.contains(&config::Plugin::SchedulingGates)
        {
            let message = format!("waiting for scheduling gates: [{}]", gates.join(" "));
            return Ok(Start::End(Outcome::Gated, message, None));
        }
        if let Err(error) = self.classify(key) {
            return Ok(Start::End(Outcome::Error, error.to_string(), None));
        }
        if self.compiler.nodes.is_empty() {
            return Ok(Start::End(Outcome::Error, "no nodes available to schedule pods".to_owned(), None));
        }
        let entry = self.store.pods.get(key).ok_or_else(|| no_pod(key))?;
        let (class, nomination) = (entry.class.clone(), entry.nomination.unwrap_or(NominationId::NONE));
        for rule in self.compiler.config.clone().profiles[profile].pre_filters.iter().copied() {
            if rule == config::Plugin::NodeAffinity {
                if class.as_ref().is_some_and(|(_, own)| own.conflict) {
                    return Ok(self.rejected("NodeAffinity", "pod affinity terms conflict"));
                }
                continue;
            }
            match self.volumes_reject(rule, pod) {
                Some(Stop::Rejected(rule, reason)) => return Ok(self.rejected(rule, &reason)),
                Some(Stop::Failed(message)) => return Ok(Start::End(Outcome::Error, message, None)),
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
        let labels = self.compiler.label_class(&pod.metadata.namespace, &pod.metadata.labels)?;
        let default_selector = self.default_selector(pod, labels, profile)?;
        let stale = !self.compiler.new_label_keys.is_empty();
        self.settle()?;
        // A new key may have changed the pod's own label class.
        let labels =
            if stale { self.compiler.label_class(&pod.metadata.namespace, &pod.metadata.labels)? } else { labels };
        let Some((spec, own)) = class else {
            return Ok(Start::End(Outcome::Ignored, "the pod has run to its end".to_owned(), None));
        };
        let nominated = self.compiler.nodes.get(pod.status.nominated_node_name.as_str()).copied();
        let nominated = nominated.unwrap_or(NodeId::NONE);
        let mut asked = Box::new(Asked {
            spec,
            labels,
            pin: own.pin,
            default_selector,
            uses,
            plan,
            nomination,
            nominated,
            fault: own.fault,
            profile,
            faults: BTreeMap::new(),
            rejects: Vec::new(),
        });
        asked.faults = self.faults(pod, profile, &asked)?;
        if let Some(Fault { words, .. }) = asked.faults.values().next() {
            // The nominated node is looked at first, and taken where it can be.
            let words = words.clone();
            asked.rejects = asked.faults.keys().copied().collect();
            let found = self.ask(&asked, |s, request| s.decide(request, Pick::First))?;
            if !asked.nominated.is_some() || found.node != Some(asked.nominated) {
                return Ok(Start::End(Outcome::Error, words, None));
            }
        }
        Ok(Start::Ask(asked))
    }

    fn rejected(&self, plugin: &str, reason: &str) -> Start {
        let message = format!("0/{} nodes are available: {reason}.", self.compiler.nodes.len());
        let pre_filter = PreFilter {
            plugin: plugin.to_owned(),
            code: Code::UnschedulableAndUnresolvable.name().to_owned(),
            reason: reason.to_owned(),
            details: Vec::new(),
        };
        Start::End(Outcome::Unschedulable, message, Some(pre_filter))
    }
}
