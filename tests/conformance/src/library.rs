//! The library under test, as an engine.

use std::collections::BTreeMap;

use bayplan::decision::Outcome;
use bayplan::{Cluster, Options, read};
use bayplan_reference::vector::{Engine, NodeStatus, PreFilter, Step};
use serde_json::Value;

/// A cluster of the library.
#[derive(Clone)]
pub struct Library(pub Cluster);

impl Engine for Library {
    fn load(version: &str, config: Option<&Value>, objects: &[Value]) -> Result<Self, String> {
        let version = version.parse().map_err(|error| format!("{error}"))?;
        let options = Options { version, configuration: config.cloned(), seed: None };
        let mut cluster = Cluster::new(options).map_err(text)?;
        let objects = objects.iter().map(read::from_value).collect::<Result<Vec<_>, _>>().map_err(text)?;
        cluster.load(objects).map_err(text)?;
        Ok(Library(cluster))
    }

    fn decide(&mut self, pod: &str) -> Result<Step, String> {
        let all = self.0.explain(pod).map_err(text)?;
        let decision = all.decision;
        if let Some(rule) = decision.not_applied.first() {
            return Err(format!("{} was not applied: {}", rule.rule, rule.why));
        }
        let filtered: BTreeMap<String, NodeStatus> = all
            .filtered
            .into_iter()
            .map(|(node, verdict)| {
                let reasons = (verdict.plugin != "PreFilterResult").then_some(verdict.reasons);
                (node, NodeStatus { plugin: verdict.plugin, code: verdict.code, reasons })
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
            pre_filter: all.pre_filter.map(|p| PreFilter { plugin: p.plugin, code: p.code, reason: p.reason }),
            filtered,
            feasible: all.feasible,
            scores: all.scores,
            totals: all.totals,
            best: all.best,
            message,
            error,
            preemption: None,
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

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
