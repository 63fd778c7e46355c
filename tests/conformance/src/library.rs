//! The library under test, as an engine.

use std::collections::BTreeMap;
use std::sync::Arc;

use bayplan::attempt::{Decision, DryRun, Explanation, Outcome, RejectedBy};
use bayplan::{Cluster, Options, read};
use bayplan_reference::vector::{Candidate, Engine, NodeStatus, PreFilter, Preemption, Step};
use serde_json::Value;

/// A cluster of the library.
#[derive(Clone)]
pub struct Library(pub Cluster);

impl Engine for Library {
    fn load(version: &str, config: Option<&Value>, objects: &[Value]) -> Result<Self, String> {
        let version = version.parse().map_err(|error| format!("{error}"))?;
        let options = Options { version, configuration: config.cloned(), ..Options::default() };
        let mut cluster = Cluster::new(options).map_err(text)?;
        if let Some(warning) = cluster.warnings().first() {
            return Err(format!("a warning of a sound configuration: {warning}"));
        }
        let objects = objects
            .iter()
            .map(|object| read::Reading::live().value(object))
            .collect::<Result<Vec<_>, _>>()
            .map_err(text)?;
        cluster.load(objects).map_err(text)?;
        Ok(Library(cluster))
    }

    fn decide(&mut self, pod: &str) -> Result<Step, String> {
        let alone = self.0.decide(pod).map_err(text)?;
        let all = self.0.why(pod).map_err(text)?;
        let nominated = self.0.pod(pod).map_or("", |pod| &pod.status.nominated_node_name);
        agrees(&alone, &all, nominated)?;
        let preemption = match all.decision.outcome {
            Outcome::Unschedulable => Some(preemption(self.0.preempt_dry_run(pod).map_err(text)?, &all.decision)?),
            _ => None,
        };
        let decision = all.decision;
        if let Some(rule) = decision.not_applied.first() {
            return Err(format!("{} was not applied: {}", rule.rule, rule.why));
        }
        let name = |node: Arc<str>| node.to_string();
        let filtered: BTreeMap<String, NodeStatus> = all
            .filtered
            .into_iter()
            .map(|(node, verdict)| {
                let reasons = (verdict.plugin != RejectedBy::PreFilterResult).then_some(verdict.reasons);
                (
                    name(node),
                    NodeStatus { plugin: verdict.plugin.to_string(), code: verdict.code.name().to_owned(), reasons },
                )
            })
            .collect();
        let (message, error) = match decision.outcome {
            Outcome::Error => (String::new(), decision.message),
            _ => (decision.message, String::new()),
        };
        Ok(Step {
            pod: decision.pod,
            result: format!("{:?}", decision.outcome),
            node: decision.node.unwrap_or_default(),
            pre_filter: all.pre_filter.map(|p| PreFilter {
                plugin: p.plugin.to_string(),
                code: p.code.name().to_owned(),
                reason: p.reason,
            }),
            filtered,
            feasible: all.feasible.into_iter().map(name).collect(),
            scores: all.scores.into_iter().map(|(node, of)| (name(node), named(of))).collect(),
            totals: all.totals.into_iter().map(|(node, total)| (name(node), total)).collect(),
            best: all.best.into_iter().map(name).collect(),
            message,
            error,
            preemption,
        })
    }

    fn bind(&mut self, pod: &str, node: &str, start: i64) -> Result<(), String> {
        self.0.bind(pod, node, start).map_err(text)
    }

    fn evict(&mut self, pod: &str) -> Result<(), String> {
        self.0.evict(pod).map_err(text)
    }

    fn nominate(&mut self, pod: &str, node: &str) -> Result<(), String> {
        self.0.nominate(pod, node).map_err(text)
    }
}

/// What preemption weighs, which must come to what the decision says.
fn preemption(weighed: DryRun, decision: &Decision) -> Result<Preemption, String> {
    if weighed.preemption != decision.preemption {
        return Err(format!("preemption: decided {:?}, weighed {:?}", decision.preemption, weighed.preemption));
    }
    let candidate = |candidate: bayplan::Candidate| Candidate {
        node: candidate.node,
        victims: candidate.victims,
        pdb_violations: i64::from(candidate.violations),
    };
    let decided = weighed.preemption.unwrap_or_default();
    Ok(Preemption {
        message: decided.message,
        candidates: weighed.candidates.into_iter().map(candidate).collect(),
        best: weighed.best,
        chosen: decided.node.unwrap_or_default(),
        victims: decided.victims,
    })
}

/// What was decided alone and what the explanation shows node by node are one answer, though each is found in its own way.
fn agrees(alone: &Decision, all: &Explanation, nominated: &str) -> Result<(), String> {
    if *alone != all.decision {
        return Err(format!("decided {alone:?}, but the explanation's decision is {:?}", all.decision));
    }
    let Some(node) = alone.node.as_ref() else { return Ok(()) };
    // Neither the only feasible node nor the nominated one is scored: it is taken.
    let is_scored = all.feasible.len() > 1 && node != nominated;
    let total = if is_scored { all.totals.get(node.as_str()).copied() } else { Some(0) };
    let ties = if is_scored { all.best.len() } else { 1 };
    let explained = (total, Some(ties), Some(all.feasible.len()));
    let decided = (Some(alone.score), usize::try_from(alone.ties).ok(), usize::try_from(alone.feasible).ok());
    if decided != explained {
        return Err(format!("score, ties and feasible nodes of {node}: decided {decided:?}, explained {explained:?}"));
    }
    Ok(())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Scores with the names of plugins as vectors have them.
fn named(scores: BTreeMap<&'static str, i64>) -> BTreeMap<String, i64> {
    scores.into_iter().map(|(plugin, score)| (plugin.to_owned(), score)).collect()
}
