//! What was decided for a pod, and why.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::Preemption;
use crate::config::Plugin;

/// How a scheduling attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Outcome {
    /// A node was found.
    Scheduled,
    /// No node will do.
    Unschedulable,
    /// Scheduling gates hold the pod back.
    Gated,
    /// The scheduler fails on the pod.
    Error,
    /// The pod is not for this scheduler to place: no profile has its scheduler name, it is on a node already, or it has
    /// run to its end.
    Ignored,
}

/// The status code of a rejection, as in kube-scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[non_exhaustive]
pub enum Code {
    /// Evicting pods may help.
    Unschedulable,
    /// Evicting pods cannot help.
    UnschedulableAndUnresolvable,
    /// The plugin fails, and the attempt with it.
    Error,
}

impl Code {
    /// The name in kube-scheduler's records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Code::Unschedulable => "Unschedulable",
            Code::UnschedulableAndUnresolvable => "UnschedulableAndUnresolvable",
            Code::Error => "Error",
        }
    }
}

impl From<bayplan_core::Code> for Code {
    fn from(code: bayplan_core::Code) -> Self {
        match code {
            bayplan_core::Code::Unschedulable => Code::Unschedulable,
            bayplan_core::Code::UnschedulableAndUnresolvable => Code::UnschedulableAndUnresolvable,
        }
    }
}

/// Who rejects a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RejectedBy {
    /// PreFilter: the pod's affinity names other nodes, so that this one is not filtered.
    PreFilterResult,
    /// A filter plugin.
    Plugin(Plugin),
    /// A filter of the caller's own, by its name.
    Custom(&'static str),
    /// One of the configuration's extenders.
    Extender,
}

impl RejectedBy {
    /// The name in kube-scheduler's records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            RejectedBy::PreFilterResult => "PreFilterResult",
            RejectedBy::Plugin(plugin) => plugin.name(),
            RejectedBy::Custom(name) => name,
            RejectedBy::Extender => "Extender",
        }
    }
}

impl std::fmt::Display for RejectedBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for RejectedBy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A rule that concerns a pod and was not applied, so that the real decision may be another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NotApplied {
    /// The rule, as kube-scheduler names it.
    pub rule: String,
    /// What of the pod or the cluster it concerns.
    pub why: String,
}

/// What is said of a pod beside the decision, where it was decided for as one of many.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct About {
    /// What the pod belongs to in the end: `Deployment/web`.
    pub workload: String,
    /// The zone of its node.
    pub zone: Option<String>,
    /// Its priority.
    pub priority: i32,
    /// What it asks for of cpu, in thousandths of a core.
    pub milli_cpu: i64,
    /// The same of memory, in bytes.
    pub memory: i64,
}

impl About {
    /// From the fields of a document, where they are there.
    #[must_use]
    pub fn of_json(item: &serde_json::Value) -> Option<Self> {
        Some(About {
            workload: item["workload"].as_str()?.to_owned(),
            zone: item["zone"].as_str().map(str::to_owned),
            priority: i32::try_from(item["priority"].as_i64()?).ok()?,
            milli_cpu: (item["cpu"].as_f64()? * 1000.0).round() as i64,
            memory: item["memory"].as_i64()?,
        })
    }
}

/// The result of one scheduling attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Decision {
    /// `namespace/name`.
    pub pod: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The node, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The node's total score; 0 where it was the only feasible one, as scoring is then skipped.
    pub score: i64,
    /// How many nodes have that score.
    pub ties: u32,
    /// How many nodes are feasible.
    pub feasible: u32,
    /// Why it is not placed, word for word as kube-scheduler says it; empty where it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// What preemption makes of a pod that fits nowhere; nothing where the cluster does not preempt, or something else ends the attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preemption: Option<Preemption>,
    /// Rules that concern the pod and were not applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_applied: Vec<NotApplied>,
    /// Objects that the dump lacks and a rule needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Claims for which several volumes of the same size would have done: kube-scheduler takes one by chance, bayplan
    /// the one of the lowest name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volume_ties: Vec<String>,
    /// What is said of the pod beside.
    #[serde(skip)]
    pub about: Option<About>,
}

impl Decision {
    /// The text of the event that kube-scheduler writes for a pod that it cannot place: the message, and what preemption adds.
    #[must_use]
    pub fn event(&self) -> String {
        let added = self.preemption.as_ref().map_or("", |preemption| preemption.message.as_str());
        if added.is_empty() { self.message.clone() } else { format!("{} {added}", self.message) }
    }
}

/// A rejection of the pod as a whole, before any node is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PreFilter {
    /// The plugin.
    pub plugin: Plugin,
    /// Whether evicting pods may help.
    pub code: Code,
    /// Why.
    pub reason: String,
    /// The names behind it, such as `claim default/data is not there`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// Why a node was rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Who rejected it first.
    pub plugin: RejectedBy,
    /// Whether evicting pods may help.
    pub code: Code,
    /// Its reasons, sorted.
    pub reasons: Vec<String>,
    /// The numbers and names behind them, such as
    /// `zone z2 has 3 of app=web, the lowest topology.kubernetes.io/zone 1, maxSkew 1`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// Everything about one scheduling attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Explanation {
    /// The result.
    pub decision: Decision,
    /// A rejection of the pod as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_filter: Option<PreFilter>,
    /// Per rejected node, why.
    pub filtered: BTreeMap<Arc<str>, Verdict>,
    /// Per rejected node, every plugin that rejects it and its reasons, in the profile's order.
    pub all_reasons: BTreeMap<Arc<str>, Vec<(RejectedBy, Vec<String>)>>,
    /// Feasible nodes, in node order.
    pub feasible: Vec<Arc<str>>,
    /// Per feasible node, the weighted score of each plugin by its name; empty where one node alone is feasible.
    pub scores: BTreeMap<Arc<str>, BTreeMap<&'static str, i64>>,
    /// Their sums.
    pub totals: BTreeMap<Arc<str>, i64>,
    /// The nodes with the highest sum, in node order.
    pub best: Vec<Arc<str>>,
}
