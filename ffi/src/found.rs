//! What a question comes to.

use bayplan::inventory::{Group, NodeRow};
use bayplan::simulate::Simulated;
use bayplan::whatif::{Fail, GpuView, Shrink, Size, Upgrade};
use bayplan::{Cluster as Inner, Decision, DryRun, Fit, read, render};
use serde_json::Value;

use crate::cluster::skipped;

/// An answer as the facade gives it.
pub(crate) enum Found {
    Simulated(Simulated),
    Drained(Simulated),
    Fail(Fail),
    Shrink(Shrink),
    Size(Size),
    Upgrade(Upgrade),
    Gpus(GpuView),
    /// The decision, whom the pod would evict, and the cluster.
    Preempt(Decision, DryRun, Inner),
    /// The nodes, and their groups by a label.
    Nodes(Vec<NodeRow>, Option<(String, Vec<Group>)>),
    Fit(Fit),
}

impl Found {
    /// The versioned document. What reading the input skipped is its first warning.
    pub(crate) fn json(&self, while_reading: &read::Skipped) -> String {
        let mut document = self.document();
        if !while_reading.is_empty()
            && let Some(document) = document.as_object_mut()
            && let Some(warnings) = document.entry("warnings").or_insert_with(|| Value::Array(vec![])).as_array_mut()
        {
            warnings.insert(0, skipped(while_reading).into());
        }
        render::ordered(&document)
    }

    fn document(&self) -> Value {
        let answer = match self {
            Found::Simulated(simulated) => render::simulation(simulated),
            Found::Drained(simulated) => render::drain(simulated),
            Found::Fail(fail) => render::fail(fail),
            Found::Shrink(shrink) => render::shrink(shrink),
            Found::Size(size) => render::size(size),
            Found::Upgrade(upgrade) => render::upgrade(upgrade),
            Found::Gpus(gpus) => render::gpus(gpus),
            Found::Preempt(decision, weighed, cluster) => render::preemption(decision, weighed, cluster),
            Found::Nodes(rows, groups) => {
                render::nodes(rows, groups.as_ref().map(|(by, groups)| (by.as_str(), groups.as_slice())))
            }
            Found::Fit(fit) => return render::json::fit(fit),
        };
        answer.document
    }

    /// The cluster after, where the question has one.
    pub(crate) fn after(&self) -> Option<&Inner> {
        match self {
            Found::Simulated(simulated) | Found::Drained(simulated) => Some(&simulated.cluster),
            Found::Size(size) => Some(&size.cluster),
            _ => None,
        }
    }

    /// The same, of an answer that nobody needs any more.
    pub(crate) fn into_after(self) -> Option<Inner> {
        match self {
            Found::Simulated(simulated) | Found::Drained(simulated) => Some(simulated.cluster),
            Found::Size(size) => Some(size.cluster),
            _ => None,
        }
    }

    pub(crate) fn decisions(&self) -> Vec<Decision> {
        match self {
            Found::Simulated(simulated) | Found::Drained(simulated) => simulated.decisions.clone(),
            Found::Preempt(decision, ..) => vec![decision.clone()],
            Found::Fit(fit) => fit.stopped_by.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// What a user should know of the input.
    pub(crate) fn warnings(&self) -> &[String] {
        match self {
            Found::Simulated(simulated) | Found::Drained(simulated) => &simulated.warnings,
            Found::Fail(fail) => &fail.warnings,
            Found::Shrink(shrink) => &shrink.warnings,
            Found::Size(size) => &size.warnings,
            Found::Upgrade(upgrade) => &upgrade.warnings,
            Found::Gpus(gpus) => &gpus.warnings,
            Found::Fit(fit) => &fit.warnings,
            Found::Preempt(..) | Found::Nodes(..) => &[],
        }
    }

    /// What plays no part or was not applied, so that a real cluster may do otherwise. Decisions say their own.
    pub(crate) fn left_out(&self) -> Vec<String> {
        match self {
            Found::Simulated(simulated) | Found::Drained(simulated) => simulated.left_out.clone(),
            Found::Fail(fail) => fail.left_out.clone(),
            Found::Shrink(shrink) => shrink.left_out.clone(),
            Found::Size(size) => size.left_out.clone(),
            Found::Upgrade(upgrade) => upgrade.unsure.clone(),
            Found::Fit(fit) => {
                let rules = fit.not_applied.iter().map(|one| format!("rule not applied: {}: {}", one.rule, one.why));
                fit.left_out.iter().cloned().chain(rules).collect()
            }
            Found::Gpus(_) | Found::Preempt(..) | Found::Nodes(..) => Vec::new(),
        }
    }

    pub(crate) fn evictions(&self) -> Vec<bayplan::Eviction> {
        match self {
            Found::Fit(fit) => fit.evictions.clone(),
            _ => Vec::new(),
        }
    }
}
