//! Explaining a decision: what every node says to it, from one filter.

use std::collections::BTreeMap;
use std::sync::Arc;

use bayplan_core::plugins::pod_topology_spread::SpreadNumbers;
use bayplan_core::{NodeId, Plugin, Reason, Rule};

use crate::attempt::{Code, Counted, Explanation, Found, Outcome, RejectedBy, Start, Verdict, decide_extended};
use crate::custom::Extended;
use crate::error::{Error, ErrorKind};
use crate::objects::{Kind, Object, Pod};
use crate::plugins::{self, Details, ExplainIndex};
use crate::state::Cluster;
use crate::state::prepared::{FilterError, Prepared};

/// What the core says of all nodes for one pod.
struct Rows {
    decision: bayplan_core::Decision,
    feasible: Vec<NodeId>,
    /// Node, reason, and whether it is one of the filter that rejects the node first; of one node in the profile's order.
    reasons: Vec<(NodeId, Reason, bool)>,
    scores: Vec<(Rule, NodeId, i64)>,
    /// How the constraints stand, where one rejects a node first.
    spread: Vec<(NodeId, SpreadNumbers)>,
    /// What preemption comes to, where no node is feasible.
    preemption: Option<Found>,
}

impl Cluster {
    /// Decides where a pending pod goes and says everything about it; changes nothing. A pod that is on a node is taken
    /// off it first, on a fork, and decided again.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] where there is no such pod.
    pub fn why(&mut self, pod: &str) -> Result<Explanation, Error> {
        let object = self.known(pod)?;
        if object.spec.node_name.is_empty() {
            return self.explain_pending(pod, &object, true);
        }
        let mut pending = Pod::clone(&object);
        pending.spec.node_name.clear();
        let mut fork = self.clone();
        fork.upsert(Object::from(pending))?;
        let object = fork.known(pod)?;
        fork.explain_pending(pod, &object, true)
    }

    /// The explanation without what is behind the reasons.
    pub(crate) fn verdicts(&mut self, pod: &str) -> Result<Explanation, Error> {
        let object = self.known(pod)?;
        self.explain_pending(pod, &object, false)
    }

    fn explain_pending(&mut self, key: &str, pod: &Arc<Pod>, with_details: bool) -> Result<Explanation, Error> {
        match self.explain_attempt(key, pod, with_details) {
            // Where a plugin of the caller's own fails, the attempt ends with its words.
            Err(error) if error.kind() == ErrorKind::Plugin => {
                let mut all = self.nothing_explained(key, pod);
                (all.decision.outcome, all.decision.message) = (Outcome::Error, error.problem().to_owned());
                Ok(all)
            }
            explained => explained,
        }
    }

    fn nothing_explained(&self, key: &str, pod: &Pod) -> Explanation {
        Explanation {
            decision: self.blank(key, pod),
            pre_filter: None,
            filtered: BTreeMap::new(),
            all_reasons: BTreeMap::new(),
            feasible: Vec::new(),
            scores: BTreeMap::new(),
            totals: BTreeMap::new(),
            best: Vec::new(),
        }
    }

    fn explain_attempt(&mut self, key: &str, pod: &Arc<Pod>, with_details: bool) -> Result<Explanation, Error> {
        let mut all = self.nothing_explained(key, pod);
        let prepared = match self.start(key, pod)? {
            Start::Ready(prepared) => prepared,
            Start::End(outcome, message, pre_filter) => {
                (all.decision.outcome, all.decision.message) = (outcome, message);
                all.pre_filter = pre_filter;
                let Some(rejected) = &mut all.pre_filter else { return Ok(all) };
                if let (Some(details), true) = (plugins::entry(rejected.plugin).pre_filter_details, with_details) {
                    rejected.details = details(self, pod);
                }
                if let (Some(profile), true) = (self.profile_of(pod), self.preempts()) {
                    all.decision.preemption = Some(self.preemption_without_nodes(pod, profile, rejected.plugin));
                }
                return Ok(all);
            }
        };
        let rows = self.rows_of(&prepared, pod)?;
        let mut counted = Counted::default();
        for (node, reason, is_first) in &rows.reasons {
            counted.add(&prepared, *node, *reason, *is_first);
        }
        self.finish(&mut all.decision, &prepared, rows.decision, &counted)?;
        match all.decision.outcome {
            Outcome::Error => return Ok(all),
            Outcome::Unschedulable if self.preempts() => {
                all.decision.preemption = Some(self.preemption_of(rows.preemption.as_ref(), prepared.profile));
                all.decision.not_applied.extend(self.not_asked_by_preemption(pod, &prepared));
            }
            _ => {}
        }
        let places = self.places();
        self.write_reasons(&mut all, &prepared, &rows.reasons, &places);
        let name = |node: NodeId| self.compiler().node_names[node.at()].clone();
        all.feasible = rows.feasible.into_iter().map(name).collect();
        // The nominated node is taken without scores; where these fail there are none to show.
        let scores = if self.score_error(&prepared)?.is_some() { Vec::new() } else { rows.scores };
        self.write_scores(&mut all, scores, &places, &prepared.extended);
        if with_details {
            let index = ExplainIndex::new(rows.spread);
            for (name, verdict) in &mut all.filtered {
                verdict.details = self.details(&prepared, pod, &index, name, verdict.plugin)?;
            }
        }
        Ok(all)
    }

    /// Filters once, and takes down everything.
    fn rows_of(&mut self, prepared: &Prepared, pod: &Pod) -> Result<Rows, Error> {
        let conditions = self.conditions(pod, prepared.profile).filter(|_| self.preempts());
        // An explanation draws no lot of its own.
        let pick = self.next_pick();
        self.ask(prepared, |cycle| {
            let mut filtered = cycle.filter()?;
            let feasible: Vec<NodeId> = filtered.feasible_nodes().collect();
            let (mut reasons, mut scores, mut spread) = (Vec::new(), Vec::new(), Vec::new());
            filtered.explain(&mut |node, reason, is_first| reasons.push((node, reason, is_first)))?;
            let is_spread = |(_, reason, is_first): &(NodeId, Reason, bool)| {
                *is_first && reason.plugin() == Some(Plugin::PodTopologySpread)
            };
            if reasons.iter().any(is_spread) {
                filtered.spread_numbers(&mut |node, numbers| spread.push((node, numbers)));
            }
            let mut preemption = None;
            if let (Some(conditions), true) = (&conditions, feasible.is_empty()) {
                preemption = Some(Found::weigh(&mut filtered, conditions, false)?);
            }
            if feasible.len() > 1 {
                filtered.scores(&mut |rule, node, score| scores.push((rule, node, score)));
            }
            let decision = decide_extended(filtered, prepared, pick);
            Ok(Rows { decision, feasible, reasons, scores, spread, preemption })
        })
    }

    /// The place of each node, by row, in the order of names: maps that are filled in their order need no sorting.
    fn places(&self) -> Vec<u32> {
        let mut places = vec![0; self.compiler().node_names.len()];
        for (object, place) in self.store().objects.of_kind(Kind::Node).zip(0..) {
            if let Some(node) = self.compiler().nodes.get(object.name()) {
                places[node.at()] = place;
            }
        }
        places
    }

    fn write_reasons(
        &self,
        all: &mut Explanation,
        prepared: &Prepared,
        reasons: &[(NodeId, Reason, bool)],
        places: &[u32],
    ) {
        let mut texts: BTreeMap<Reason, String> = BTreeMap::new();
        for (_, reason, _) in reasons {
            texts.entry(reason.as_counted()).or_insert_with(|| self.text(*reason));
        }
        let text = |reason: Reason| texts[&reason.as_counted()].clone();
        let mut by_node = reasons.to_vec();
        by_node.sort_by_key(|(node, ..)| places[node.at()]);
        let of_nodes = || {
            let of_nodes = by_node.chunk_by(|(a, ..), (b, ..)| a == b);
            of_nodes.map(|of_node| (self.compiler().node_names[of_node[0].0.at()].clone(), of_node))
        };
        let verdict = |of_node: &[(NodeId, Reason, bool)]| {
            let first: Vec<Reason> =
                of_node.iter().filter(|(.., is_first)| *is_first).map(|(_, reason, _)| *reason).collect();
            let code = first.iter().map(|reason| Code::from(reason.code())).max().unwrap_or(Code::Unschedulable);
            let mut reasons: Vec<String> = first.iter().map(|reason| text(*reason)).collect();
            reasons.sort_unstable();
            let plugin = self.rejected_by(*first.first()?)?;
            Some(Verdict { plugin, code, reasons, details: Vec::new() })
        };
        all.filtered = of_nodes().filter_map(|(name, of_node)| Some((name, verdict(of_node)?))).collect();
        let by_rule = |of_node: &[(NodeId, Reason, bool)]| {
            let rules = of_node.chunk_by(|(_, a, _), (_, b, _)| self.rejected_by(*a) == self.rejected_by(*b));
            rules
                .filter_map(|rule| {
                    Some((self.rejected_by(rule[0].1)?, rule.iter().map(|(_, reason, _)| text(*reason)).collect()))
                })
                .collect()
        };
        all.all_reasons = of_nodes().map(|(name, of_node)| (name, by_rule(of_node))).collect();
        for (node, (words, is_unresolvable)) in &prepared.extended.rejected {
            let verdict = Verdict {
                plugin: RejectedBy::Extender,
                code: if *is_unresolvable { Code::UnschedulableAndUnresolvable } else { Code::Unschedulable },
                reasons: words.iter().map(ToString::to_string).collect(),
                details: Vec::new(),
            };
            let name = &self.compiler().node_names[node.at()];
            all.all_reasons.insert(name.clone(), vec![(RejectedBy::Extender, verdict.reasons.clone())]);
            all.filtered.insert(name.clone(), verdict);
        }
        for (node, FilterError { plugin, text, .. }) in &prepared.filter_errors {
            let verdict = Verdict {
                plugin: RejectedBy::Plugin(*plugin),
                code: Code::Error,
                reasons: vec![text.clone()],
                details: Vec::new(),
            };
            all.filtered.insert(self.compiler().node_names[node.at()].clone(), verdict);
        }
    }

    fn write_scores(
        &self,
        all: &mut Explanation,
        mut scores: Vec<(Rule, NodeId, i64)>,
        places: &[u32],
        extended: &Extended,
    ) {
        scores.sort_by_key(|(_, node, _)| places[node.at()]);
        let of_nodes = || {
            let of_nodes = scores.chunk_by(|(_, a, _), (_, b, _)| a == b);
            of_nodes.map(|of_node| (self.compiler().node_names[of_node[0].1.at()].clone(), of_node))
        };
        let plugins = |of_node: &[(Rule, NodeId, i64)]| -> BTreeMap<&'static str, i64> {
            let plugins = of_node.iter().filter_map(|(rule, _, score)| match rule {
                Rule::Plugin(plugin) => Some((plugin.name(), *score)),
                Rule::External(slot) => Some((self.compiler().plugins.get(slot.at())?.name(), *score)),
                _ => None,
            });
            plugins.collect()
        };
        let by_plugin = of_nodes().map(|(name, of_node)| (name, plugins(of_node)));
        all.scores = by_plugin.filter(|(_, plugins)| !plugins.is_empty()).collect();
        all.totals = of_nodes().map(|(name, of_node)| (name, of_node.iter().map(|(.., score)| score).sum())).collect();
        if !all.totals.is_empty() {
            for (extender, node, score) in &extended.scores {
                let name = &self.compiler().node_names[node.at()];
                *all.scores.entry(name.clone()).or_default().entry(extender).or_default() += score;
                *all.totals.entry(name.clone()).or_default() += score;
            }
        }
        if let Some(most) = all.totals.values().max() {
            all.best = all.feasible.iter().filter(|name| all.totals[*name] == *most).cloned().collect();
        }
    }
}

impl Cluster {
    /// The numbers and names behind the first rejection of a node.
    fn details(
        &mut self,
        prepared: &Prepared,
        pod: &Pod,
        index: &ExplainIndex,
        node: &str,
        by: RejectedBy,
    ) -> Result<Vec<String>, Error> {
        let plugin = match by {
            RejectedBy::Plugin(plugin) => plugin,
            RejectedBy::PreFilterResult => return Ok(plugins::pre_filter_result_details(pod)),
            RejectedBy::Custom(_) | RejectedBy::Extender => return Ok(Vec::new()),
        };
        let Some(details) = plugins::entry(plugin).details else { return Ok(Vec::new()) };
        let Some(id) = self.compiler().nodes.get(node).copied() else { return Ok(Vec::new()) };
        let Some(object) = self.store().objects.get(Kind::Node, "", node).cloned() else { return Ok(Vec::new()) };
        let Object::Node(node) = &*object else { return Ok(Vec::new()) };
        details(&mut Details { cluster: self, prepared, pod, index, id, node })
    }

    /// Who rejects a node; nobody that this crate knows of, where it was the caller.
    fn rejected_by(&self, reason: Reason) -> Option<RejectedBy> {
        match reason.by() {
            bayplan_core::RejectedBy::Plugin(plugin) => Some(RejectedBy::Plugin(plugin.into())),
            bayplan_core::RejectedBy::PreFilterResult => Some(RejectedBy::PreFilterResult),
            bayplan_core::RejectedBy::External(slot) => {
                self.compiler().plugins.get(slot.at()).map(|plugin| RejectedBy::Custom(plugin.name()))
            }
            _ => None,
        }
    }
}
