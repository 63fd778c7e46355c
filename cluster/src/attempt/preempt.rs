//! Preemption for a pod that fits nowhere: which pods would be evicted, and kube-scheduler's words for it.

use std::collections::BTreeMap;

use bayplan_core::{Claims, Exempt, Filtered, NodeId, NotEligible, PodId, PreemptOptions, Reason, Weighed};
use serde::{Deserialize, Serialize};

use super::Decision;
use crate::config::Plugin;
use crate::error::Error;
use crate::objects::Pod;
use crate::plugins::dynamic_resources;
use crate::state::Cluster;
use crate::version::Version;

/// What preemption makes of a pod that fits nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Preemption {
    /// What the event says after the decision's own message, word for word; empty where it adds nothing.
    pub message: String,
    /// The node from which pods would be evicted, where that helps: the best, and of several the first in node order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// How many nodes are as good; kube-scheduler takes one of them by chance.
    pub ties: u32,
    /// The pods that would be evicted, the most important first.
    pub victims: Vec<String>,
    /// How many of them violate a disruption budget.
    pub violations: u32,
    /// Whether the pod loses the nomination that it may have.
    #[serde(skip)]
    pub(crate) clears_nomination: bool,
}

/// A node on which preemption helps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The node.
    pub node: String,
    /// The pods that would be evicted, the most important first.
    pub victims: Vec<String>,
    /// How many of them violate a disruption budget.
    pub violations: u32,
}

/// What preemption weighs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DryRun {
    /// What comes of it; nothing where the pod is not one that fits nowhere.
    pub preemption: Option<Preemption>,
    /// Every node on which it helps, in node order.
    pub candidates: Vec<Candidate>,
    /// Those that are as good as the best.
    pub best: Vec<String>,
}

/// What the core needs to know beside the request.
pub(crate) struct Conditions {
    never: bool,
    version: Version,
    exempt: Vec<Exempt>,
    claims: Vec<Claims>,
}

impl Conditions {
    pub(super) fn options(&self) -> PreemptOptions<'_> {
        let mut options = PreemptOptions::default();
        options.never = self.never;
        options.exempt = &self.exempt;
        options.claims = &self.claims;
        options.until_violated = self.version >= Version::V1_37;
        options.last_unstarted_first = self.version < Version::V1_37;
        options
    }
}

/// What the core found.
#[derive(Default)]
pub(crate) struct Found {
    result: Option<bayplan_core::Preemption>,
    /// Each candidate with its victims; the best alone where no more was asked for.
    candidates: Vec<(bayplan_core::Candidate, Vec<PodId>)>,
    /// Why nodes are no candidates, counted.
    reasons: BTreeMap<Reason, usize>,
    no_victims: usize,
    /// Nodes on which all pods may stay.
    all_spared: Vec<NodeId>,
    /// How many nodes any of this is about.
    nodes: usize,
}

impl Found {
    /// Weighs the nodes of a cycle without feasible ones; with `all`, every candidate is wanted.
    pub(crate) fn weigh(
        filtered: &mut Filtered<'_, '_, '_>,
        conditions: &Conditions,
        all: bool,
    ) -> Result<Self, bayplan_core::Error> {
        let options = conditions.options();
        let mut found = Found::default();
        if !all {
            let result = filtered.preempt(&options)?;
            found.result = Some(result);
            match result {
                bayplan_core::Preemption::Best(best, _) => {
                    filtered.preempt_on(best.node, &options, &mut |node, weighed| found.note(node, weighed))?;
                    return Ok(found);
                }
                bayplan_core::Preemption::NotEligible(_) => return Ok(found),
                // The message says of each node why it is none.
                _ => {}
            }
        }
        let mut last = None;
        let result = filtered.preempt_dry_run(&options, &mut |node, weighed| {
            found.nodes += usize::from(last.replace(node) != Some(node));
            found.note(node, weighed);
        })?;
        found.result = Some(result);
        Ok(found)
    }

    fn note(&mut self, node: NodeId, weighed: Weighed<'_>) {
        match weighed {
            Weighed::Candidate(candidate, victims) => {
                self.candidates.push((candidate, victims.iter().map(|(pod, _)| pod).collect()));
            }
            Weighed::NoVictims => self.no_victims += 1,
            Weighed::Rejected(reason) => *self.reasons.entry(reason.as_counted()).or_default() += 1,
            _ => self.all_spared.push(node),
        }
    }
}

impl Cluster {
    /// What preemption would do for a pending pod, with every node on which it helps; changes nothing. Where the cluster does not preempt
    /// (see [`crate::Options::preemption`]) it is asked all the same.
    ///
    /// Each node is weighed in a trial: some microseconds for each pod of lower priority.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] where there is no such pod.
    pub fn preempt_dry_run(&mut self, pod: &str) -> Result<DryRun, Error> {
        let (decision, found) = self.attempt(pod, true, true)?;
        let Some(found) = found else { return Ok(DryRun { preemption: decision.preemption, ..DryRun::default() }) };
        let best = match found.result {
            Some(bayplan_core::Preemption::Best(best, _)) => Some(best),
            _ => None,
        };
        let is_best = |other: &bayplan_core::Candidate| best.is_some_and(|best| best.is_as_good_as(other));
        let name = |node: NodeId| self.compiler().node_names[node.at()].to_string();
        let candidates = found.candidates.iter().map(|(candidate, victims)| Candidate {
            node: name(candidate.node),
            victims: self.pods_of(candidate.node, victims),
            violations: candidate.violations,
        });
        Ok(DryRun {
            candidates: candidates.collect(),
            best: found
                .candidates
                .iter()
                .filter(|(other, _)| is_best(other))
                .map(|(other, _)| name(other.node))
                .collect(),
            preemption: decision.preemption,
        })
    }

    /// One attempt to place a pending pod, with what kube-scheduler does after one that fails: where preemption helps, the victims are
    /// evicted at once and the pod is nominated to their node, to be decided for again; where it does not, the pod loses its nomination.
    /// A pod that finds a node is not bound: see [`Self::bind`].
    ///
    /// Pods of lower priority that were nominated to the node lose their nomination.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] where there is no such pod.
    pub fn preempt(&mut self, pod: &str) -> Result<Decision, Error> {
        let (decision, _) = self.attempt(pod, true, false)?;
        if let Some(preemption) = &decision.preemption {
            self.carry_out(pod, preemption)?;
        }
        Ok(decision)
    }

    /// Carries out what preemption came to for a pod.
    pub(crate) fn carry_out(&mut self, pod: &str, preemption: &Preemption) -> Result<(), Error> {
        let Some(node) = &preemption.node else {
            return if preemption.clears_nomination { self.take_nomination(pod) } else { Ok(()) };
        };
        for victim in &preemption.victims {
            self.evict(victim)?;
        }
        self.take_lower_nominations(pod, node)?;
        self.nominate(pod, node)
    }

    /// The conditions of a pod's preemption; none where its profile does not preempt.
    pub(crate) fn conditions(&self, pod: &Pod, profile: usize) -> Option<Conditions> {
        let preempts = self.compiler().config.profiles[profile].post_filters.contains(&Plugin::DefaultPreemption);
        preempts.then(|| Conditions {
            never: pod.spec.preemption_policy.as_deref() == Some("Never"),
            version: self.compiler().version,
            exempt: self.exempt_from_budgets(),
            claims: self.users_of_exclusive_names(pod),
        })
    }

    /// What the core found, in words.
    pub(crate) fn preemption_of(&self, found: Option<&Found>, profile: usize) -> Preemption {
        let version = self.compiler().version;
        let mut reasons: Vec<String> = Vec::new();
        for plugin in &self.compiler().config.profiles[profile].post_filters {
            match (plugin, found) {
                (Plugin::DynamicResources, _) => {
                    reasons.extend(dynamic_resources::post_filter(version).map(str::to_owned));
                }
                (Plugin::DefaultPreemption, Some(found)) => match self.success(found) {
                    Some(success) => return success,
                    None => reasons.push(format!("preemption: {}", self.no_preemption(found))),
                },
                _ => {}
            }
        }
        // One that was not eligible keeps it.
        let in_vain = |found: &Found| found.result == Some(bayplan_core::Preemption::NoCandidate);
        let clears_nomination = found.is_some_and(in_vain);
        Preemption { message: reasons.join(", "), clears_nomination, ..Preemption::default() }
    }

    /// The same for a pod that PreFilter rejects as a whole.
    pub(crate) fn preemption_without_nodes(&self, pod: &Pod, profile: usize, rejected_by: Plugin) -> Preemption {
        let of_profile = &self.compiler().config.profiles[profile];
        let place = |plugin: Plugin| of_profile.pre_filters.iter().position(|other| *other == plugin);
        // Its PostFilter looks for what its PreFilter, which did not run, would have left.
        if of_profile.post_filters.contains(&Plugin::DynamicResources)
            && place(Plugin::DynamicResources).is_none_or(|own| place(rejected_by).is_some_and(|other| other < own))
        {
            return Preemption { message: dynamic_resources::NO_STATE.to_owned(), ..Preemption::default() };
        }
        let never = self.conditions(pod, profile).is_some_and(|conditions| conditions.never);
        let result = if never {
            bayplan_core::Preemption::NotEligible(NotEligible::Never)
        } else {
            bayplan_core::Preemption::NoCandidate
        };
        self.preemption_of(Some(&Found { result: Some(result), ..Found::default() }), profile)
    }

    fn success(&self, found: &Found) -> Option<Preemption> {
        let Some(bayplan_core::Preemption::Best(best, ties)) = found.result else { return None };
        let (_, victims) = found.candidates.iter().find(|(candidate, _)| candidate.node == best.node)?;
        let node = self.compiler().node_names[best.node.at()].to_string();
        let message = if self.compiler().version >= Version::V1_37 {
            let count = victims.len();
            format!("preemption: found a potential placement for pod on node {node}, preempting {count} victims")
        } else {
            String::new()
        };
        let victims = self.pods_of(best.node, victims);
        Some(Preemption {
            message,
            node: Some(node),
            ties,
            victims,
            violations: best.violations,
            ..Preemption::default()
        })
    }

    /// Why nobody is preempted.
    fn no_preemption(&self, found: &Found) -> String {
        match found.result {
            Some(bayplan_core::Preemption::NotEligible(NotEligible::Never)) => {
                return "not eligible due to preemptionPolicy=Never.".to_owned();
            }
            Some(bayplan_core::Preemption::NotEligible(_)) => {
                return "not eligible due to a terminating pod on the nominated node.".to_owned();
            }
            _ => {}
        }
        let spared = |node: &NodeId| {
            let name = &self.compiler().node_names[node.at()];
            format!("expected at least one victim pod on node {:?}", &**name)
        };
        match &found.all_spared[..] {
            [] => {}
            [node] => return spared(node),
            nodes => return format!("[{}]", nodes.iter().map(spared).collect::<Vec<_>>().join(", ")),
        }
        let all = self.compiler().nodes.len();
        let counted = found.reasons.iter().map(|(reason, count)| (*count, self.text(*reason)));
        let no_victims = (found.no_victims, "No preemption victims found for incoming pod".to_owned());
        let no_help = (all - found.nodes, "Preemption is not helpful for scheduling".to_owned());
        let mut texts: Vec<String> = counted
            .chain([no_victims, no_help])
            .filter(|(count, _)| *count > 0)
            .map(|(count, text)| format!("{count} {text}"))
            .collect();
        texts.sort_unstable();
        format!("0/{all} nodes are available: {}.", texts.join(", "))
    }

    /// The names of pods on a node, in the order of their rows here.
    fn pods_of(&self, node: NodeId, rows: &[PodId]) -> Vec<String> {
        let pods = &self.store().pods;
        let on: BTreeMap<PodId, &str> = pods.on(node).filter_map(|key| Some((pods.get(key)?.row?.0, &**key))).collect();
        rows.iter().filter_map(|row| on.get(row).map(|key| (*key).to_owned())).collect()
    }
}
