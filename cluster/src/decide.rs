//! Deciding for a pod, and explaining the decision.

use std::collections::BTreeMap;

use bayplan_core::{
    Code, LabelClassId, NodeId, NominationId, Pick, Reason, RejectedBy, Request, Rule, Scheduler, SelectorId, SpecId,
    StrId, UseListId, VolumeId,
};

use crate::cluster::{Cluster, no_pod};
use crate::config;
use crate::decision::{Decision, Explanation, Outcome, PreFilter, Verdict};
use crate::details::Behind;
use crate::error::{Error, ErrorKind};
use crate::faults::Fault;
use crate::objects::{Object, Pod};
use crate::volumes::{Plan, Stop};

/// What waiting claims get: the plan that they are numbered in, and for each the volume or none.
pub(crate) type Gets = (Plan, Vec<(usize, Option<VolumeId>)>);

/// What is known of a pod before any node is looked at.
enum Start {
    /// Ask the core.
    Ask(Asked),
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
    pub(crate) fault: Option<String>,
    pub(crate) profile: usize,
    /// Nodes on which a rule fails.
    faults: BTreeMap<NodeId, Fault>,
    /// The same nodes.
    rejects: Vec<NodeId>,
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
    pub(crate) fn volumes_for(&mut self, pod: &str, node: &str) -> Result<Option<Gets>, Error> {
        if self.store.pods.get(pod).is_none_or(|e| e.pod.spec.volumes.is_empty()) {
            return Ok(None);
        }
        let Start::Ask(asked) = self.start(pod)? else { return Ok(None) };
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
        let mut decision = self.blank(pod)?;
        match self.start(pod)? {
            Start::End(outcome, message, _) => {
                decision.outcome = outcome;
                decision.message = message;
            }
            Start::Ask(asked) => {
                let pick = self.pick();
                let found = self.ask(&asked, |s, request| s.decide(request, pick))?;
                decision.score = found.score;
                decision.ties = found.ties;
                decision.feasible = found.feasible;
                let is_scored = found.feasible > 1 && found.node.is_some_and(|node| node != asked.nominated);
                let fault = if is_scored { self.score_fault(&asked)? } else { None };
                match found.node {
                    Some(_) if fault.is_some() => {
                        decision.outcome = Outcome::Error;
                        decision.message = fault.unwrap_or_default();
                        (decision.score, decision.ties) = (0, 0);
                    }
                    Some(node) => {
                        decision.outcome = Outcome::Scheduled;
                        decision.node = Some(self.compiler.node_names[node.at()].clone());
                        if asked.plan.waits() {
                            decision.volume_ties = self.volume_ties(&asked, node)?;
                        }
                    }
                    None => decision.message = self.failure(&asked)?,
                }
            }
        }
        Ok(decision)
    }

    /// Decides where a pending pod goes and says everything about it; changes nothing. A pod that is on a node is taken
    /// off it first, on a fork, and decided anew.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] where there is no such pod.
    pub fn explain(&mut self, pod: &str) -> Result<Explanation, Error> {
        let entry = self.store.pods.get(pod).ok_or_else(|| self.unknown(pod))?;
        if entry.pod.spec.node_name.is_empty() {
            return self.explain_pending(pod);
        }
        let mut pending = Pod::clone(&entry.pod);
        pending.spec.node_name.clear();
        let mut fork = self.clone();
        fork.upsert(Object::from(pending))?;
        fork.explain_pending(pod)
    }

    fn explain_pending(&mut self, pod: &str) -> Result<Explanation, Error> {
        let mut all = self.verdicts(pod)?;
        self.add_details(&mut all)?;
        Ok(all)
    }

    /// The explanation without what is behind the reasons, which takes a look at other pods and objects for each node.
    pub(crate) fn verdicts(&mut self, pod: &str) -> Result<Explanation, Error> {
        let draws = self.draws;
        let mut all = Explanation {
            decision: self.decide(pod)?,
            pre_filter: None,
            filtered: BTreeMap::new(),
            all_reasons: BTreeMap::new(),
            feasible: Vec::new(),
            scores: BTreeMap::new(),
            totals: BTreeMap::new(),
            best: Vec::new(),
        };
        self.draws = draws;
        if all.decision.outcome == Outcome::Error {
            return Ok(all);
        }
        let asked = match self.start(pod)? {
            Start::Ask(asked) => asked,
            Start::End(_, _, pre_filter) => {
                all.pre_filter = pre_filter;
                return Ok(all);
            }
        };
        let mut feasible: Vec<NodeId> = Vec::new();
        let mut reasons: Vec<(NodeId, Reason, bool)> = Vec::new();
        let mut scores: Vec<(Rule, NodeId, i64)> = Vec::new();
        self.ask(&asked, |s, request| {
            (feasible, reasons, scores) = Default::default();
            let mut filtered = s.cycle(request)?.filter()?;
            feasible.extend(filtered.feasible_nodes());
            filtered.explain(&mut |node, reason, is_first| reasons.push((node, reason, is_first)))?;
            if feasible.len() > 1 {
                filtered.scores(&mut |rule, node, score| scores.push((rule, node, score)));
            }
            Ok(())
        })?;
        all.feasible = feasible.into_iter().map(|node| self.compiler.node_names[node.at()].clone()).collect();
        for (node, reason, is_first) in reasons {
            let name = &self.compiler.node_names[node.at()];
            let (rule, text) = (rejected_by(reason), self.text(reason));
            if is_first {
                let verdict = all.filtered.entry(name.clone()).or_insert_with(|| Verdict {
                    plugin: rule.to_owned(),
                    code: reason.code().name().to_owned(),
                    reasons: Vec::new(),
                    details: Vec::new(),
                });
                if reason.code() == Code::UnschedulableAndUnresolvable {
                    reason.code().name().clone_into(&mut verdict.code);
                }
                verdict.reasons.push(text.clone());
                verdict.reasons.sort_unstable();
            }
            let of_node: &mut Vec<(String, Vec<String>)> = all.all_reasons.entry(name.clone()).or_default();
            match of_node.last_mut() {
                Some((last, reasons)) if last == rule => reasons.push(text),
                _ => of_node.push((rule.to_owned(), vec![text])),
            }
        }
        for (node, Fault { rule, words, .. }) in &asked.faults {
            let verdict = Verdict {
                plugin: rule.name().to_owned(),
                code: "Error".to_owned(),
                reasons: vec![words.clone()],
                details: Vec::new(),
            };
            all.filtered.insert(self.compiler.node_names[node.at()].clone(), verdict);
        }
        // The nominated node is taken without scores; where these fail there are none to show.
        if self.score_fault(&asked)?.is_some() {
            scores.clear();
        }
        for (rule, node, score) in scores {
            let name = &self.compiler.node_names[node.at()];
            if let Rule::Plugin(plugin) = rule {
                all.scores.entry(name.clone()).or_default().insert(plugin.name().to_owned(), score);
            }
            *all.totals.entry(name.clone()).or_default() += score;
        }
        if let Some(most) = all.totals.values().max() {
            all.best = all.feasible.iter().filter(|name| all.totals[*name] == *most).cloned().collect();
        }
        Ok(all)
    }

    /// There is no such pod; perhaps one of its name in another namespace was meant.
    fn unknown(&self, pod: &str) -> Error {
        let name = pod.rsplit_once('/').map_or(pod, |(_, name)| name);
        let same = |key: &&String| !name.is_empty() && key.rsplit_once('/').is_some_and(|(_, other)| other == name);
        match self.store.pods.keys().filter(same).min() {
            Some(other) => no_pod(pod).hint(format!("there is {other}")),
            None => no_pod(pod),
        }
    }

    /// Says what is behind the reasons of an explanation.
    fn add_details(&mut self, all: &mut Explanation) -> Result<(), Error> {
        let Some(pod) = self.store.pods.get(&all.decision.pod).map(|entry| entry.pod.clone()) else { return Ok(()) };
        if let Some(rejected) = &mut all.pre_filter {
            rejected.details = self.whole_details(&pod, &rejected.plugin);
        }
        if all.filtered.is_empty() {
            return Ok(());
        }
        let Start::Ask(asked) = self.start(&all.decision.pod)? else { return Ok(()) };
        let behind = Behind::default();
        for (name, verdict) in &mut all.filtered {
            verdict.details = self.details(&asked, &pod, &behind, name, &verdict.plugin)?;
        }
        Ok(())
    }

    fn blank(&self, pod: &str) -> Result<Decision, Error> {
        let entry = self.store.pods.get(pod).ok_or_else(|| self.unknown(pod))?;
        Ok(Decision {
            pod: pod.to_owned(),
            outcome: Outcome::Unschedulable,
            node: None,
            score: 0,
            ties: 0,
            feasible: 0,
            message: String::new(),
            not_applied: self.not_applied(&entry.pod),
            missing: self.missing(&entry.pod),
            volume_ties: Vec::new(),
        })
    }

    /// All that comes before the nodes: the profile, gates, classes, and what rejects the pod as a whole.
    fn start(&mut self, key: &str) -> Result<Start, Error> {
        let pod = self.store.pods.get(key).ok_or_else(|| no_pod(key))?.pod.clone();
        let Some(profile) = self.profile_of(&pod) else {
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
        for rule in self.compiler.config.clone().profiles[profile].pre_filters.iter().copied() {
            if rule == config::Plugin::NodeAffinity {
                if self.store.pods[key].class.as_ref().is_some_and(|(_, own)| own.conflict) {
                    return Ok(self.rejected("NodeAffinity", "pod affinity terms conflict"));
                }
                continue;
            }
            match self.volumes_reject(rule, &pod) {
                Some(Stop::Rejected(rule, reason)) => return Ok(self.rejected(rule, &reason)),
                Some(Stop::Failed(message)) => return Ok(Start::End(Outcome::Error, message, None)),
                None => {}
            }
        }
        let uses = self.uses_asked(&pod)?;
        let plan = match self.plan(&pod) {
            Ok(plan) => plan,
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                return Ok(Start::End(Outcome::Error, error.to_string(), None));
            }
            Err(error) => return Err(error),
        };
        let labels = self.compiler.label_class(&pod.metadata.namespace, &pod.metadata.labels)?;
        let default_selector = self.default_selector(&pod, labels, profile)?;
        let stale = !self.compiler.new_label_keys.is_empty();
        self.settle()?;
        // A new key may have changed the pod's own label class.
        let labels =
            if stale { self.compiler.label_class(&pod.metadata.namespace, &pod.metadata.labels)? } else { labels };
        let Some((spec, own)) = self.store.pods[key].class.clone() else {
            return Ok(Start::End(Outcome::Ignored, "the pod has run to its end".to_owned(), None));
        };
        let nomination = self.store.pods[key].nomination.unwrap_or(NominationId::NONE);
        let nominated = self.compiler.nodes.get(&pod.status.nominated_node_name).copied().unwrap_or(NodeId::NONE);
        let mut asked = Asked {
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
        };
        asked.faults = self.faults(&pod, profile, &asked)?;
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

/// Who rejects a node, in explanations.
fn rejected_by(reason: Reason) -> &'static str {
    match reason.by() {
        RejectedBy::Plugin(plugin) => plugin.name(),
        RejectedBy::PreFilterResult => "PreFilterResult",
        _ => "Caller",
    }
}
