//! The words of the conformance vectors: a case, and the steps that the real scheduler took.
//! The format is described in `tests/conformance/README.md`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One line of a `cases` file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Case {
    pub name: String,
    #[serde(default)]
    pub config: Option<Value>,
    pub objects: Vec<Value>,
    pub pending: Vec<String>,
}

/// One line of an `expected` file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Expected {
    pub name: String,
    #[serde(default)]
    pub error: String,
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// What was decided for one pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Step {
    pub pod: String,
    pub result: String,
    pub node: String,
    pub pre_filter: Option<PreFilter>,
    pub filtered: BTreeMap<String, NodeStatus>,
    pub feasible: Vec<String>,
    pub scores: BTreeMap<String, BTreeMap<String, i64>>,
    pub totals: BTreeMap<String, i64>,
    pub best: Vec<String>,
    pub message: String,
    pub error: String,
    pub preemption: Option<Preemption>,
}

/// A rejection of the pod as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct PreFilter {
    pub plugin: String,
    pub code: String,
    pub reason: String,
}

/// Why a node was rejected; `reasons` are sorted, and `None` under plugin `PreFilterResult`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct NodeStatus {
    pub plugin: String,
    pub code: String,
    pub reasons: Option<Vec<String>>,
}

/// What preemption made of a failure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs)]
pub struct Preemption {
    pub message: String,
    pub candidates: Vec<Candidate>,
    pub best: Vec<String>,
    pub chosen: String,
    pub victims: Vec<String>,
}

/// A node on which preemption would help, with its victims in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Candidate {
    pub node: String,
    pub victims: Vec<String>,
    #[serde(rename = "pdbViolations")]
    pub pdb_violations: i64,
}

/// Anything that can be played against the vectors.
pub trait Engine: Sized {
    /// A cluster of `objects` under a Kubernetes minor version (`"1.37"`) and a `KubeSchedulerConfiguration`.
    ///
    /// # Errors
    /// What is wrong with the input, in words.
    fn load(version: &str, config: Option<&Value>, objects: &[Value]) -> Result<Self, String>;
    /// What the scheduler decides for the pending pod `namespace/name`; changes nothing.
    ///
    /// # Errors
    /// Where the engine can't say.
    fn decide(&mut self, pod: &str) -> Result<Step, String>;
    /// Binds the pod to the node; `start` is its `status.startTime` in seconds since the epoch.
    ///
    /// # Errors
    /// Where there is no such pod or node.
    fn bind(&mut self, pod: &str, node: &str, start: i64) -> Result<(), String>;
    /// Removes the pod at once.
    ///
    /// # Errors
    /// Where there is no such pod.
    fn evict(&mut self, pod: &str) -> Result<(), String>;
    /// Sets the pending pod's nominated node.
    ///
    /// # Errors
    /// Where there is no such pod or node.
    fn nominate(&mut self, pod: &str, node: &str) -> Result<(), String>;
}
