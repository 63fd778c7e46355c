//! Changes of a cluster as values: what a planner asks about. They are plain, have an order, and are the same in Rust, in Python, in a
//! document of `kind: Scenarios`, and as options of the command.
//!
//! ```
//! use bayplan::change::Change;
//!
//! let change = Change::option("scale", "shop/ads=12", None)?;
//! assert_eq!(change.to_string(), "--scale shop/ads=12");
//! assert_eq!(serde_json::to_string(&change).unwrap(), r#"{"scale":{"workload":"shop/ads","replicas":12}}"#);
//! # Ok::<(), bayplan::Error>(())
//! ```

mod add_nodes;
mod apply;
mod manifests;
mod nodes;
mod options;
mod scenario;
mod workload;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use add_nodes::AddNodes;
pub use apply::Carried;
pub use manifests::Manifests;
pub use nodes::{Domain, HOSTNAME, Nodes, domains, label_key, parse as selector};
pub use options::OPTIONS;
pub use scenario::{Assertion, Counted, Scenario, Scenarios};

pub(crate) use apply::taint;
pub(crate) use nodes::is_like;
pub(crate) use workload::find;

use crate::error::Error;

/// A change of a cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Change {
    /// The nodes are gone, machine and `Node` object, as after the loss of a zone when the cloud has removed them: their pods are made again by
    /// their controllers, and those without one are lost.
    WithoutNodes(Nodes),
    /// The nodes' kubelets are heard of no more: the nodes are tainted, and their pods evicted when their tolerations end. The pods stay
    /// Terminating, so that those of StatefulSets do not come again.
    UnreachableNodes(Nodes),
    /// `kubectl drain`, node after node.
    Drain(Drain),
    /// `kubectl cordon`.
    Cordon(Nodes),
    /// `kubectl uncordon`.
    Uncordon(Nodes),
    /// `kubectl taint nodes`.
    Taint(Taint),
    /// `kubectl label nodes`.
    Label(Label),
    /// Nodes come.
    AddNodes(AddNodes),
    /// Nodes become larger or smaller machines; their pods stay.
    ResizeNodes(Resize),
    /// `kubectl scale`.
    Scale(Scale),
    /// `kubectl set resources --requests`: a changed template is rolled out.
    SetRequests(SetRequests),
    /// `kubectl apply`.
    Apply(Manifests),
    /// `kubectl delete`, with all that it owns.
    Delete(Delete),
    /// The scheduler, admission and the controllers of another minor version, such as `1.36`.
    KubernetesVersion(String),
    /// Another `KubeSchedulerConfiguration`.
    Config(Value),
}

/// See [`Change::Drain`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Drain {
    /// The nodes.
    pub nodes: Nodes,
    /// `--ignore-daemonsets`: without it kubectl refuses to drain a node that has pods of DaemonSets.
    #[serde(default, skip_serializing_if = "is_no")]
    pub ignore_daemonsets: bool,
    /// `--delete-emptydir-data`.
    #[serde(default, skip_serializing_if = "is_no")]
    pub delete_emptydir_data: bool,
    /// `--force`: pods without a controller go too.
    #[serde(default, skip_serializing_if = "is_no")]
    pub force: bool,
    /// `--timeout`, in seconds: how long evictions that a budget refuses are tried again; with 0, as long as anything changes.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub timeout: i64,
}

impl Drain {
    /// A drain with kubectl's default options.
    #[must_use]
    pub fn of(nodes: Nodes) -> Self {
        Drain { nodes, ignore_daemonsets: false, delete_emptydir_data: false, force: false, timeout: 0 }
    }
}

/// See [`Change::Taint`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Taint {
    /// The nodes.
    pub nodes: Nodes,
    /// `key=value:Effect`, or `key-` and `key:Effect-` to take one away.
    pub taints: Vec<String>,
}

/// See [`Change::Label`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Label {
    /// The nodes.
    pub nodes: Nodes,
    /// `key=value`, or `key-` to take one away.
    pub labels: Vec<String>,
}

/// See [`Change::ResizeNodes`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resize {
    /// The nodes.
    pub nodes: Nodes,
    /// The new capacity, by resource. What the system reserves stays as much.
    pub resources: BTreeMap<String, String>,
}

/// See [`Change::Scale`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scale {
    /// Which one, see [`Reference`](crate::reference::Reference).
    pub workload: String,
    /// Its namespace, where the name does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How many replicas it asks for.
    pub replicas: u32,
}

/// See [`Change::SetRequests`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetRequests {
    /// Which one, see [`Reference`](crate::reference::Reference).
    pub workload: String,
    /// Its namespace, where the name does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The container; all of them where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The requests, by resource; `0` takes one away.
    pub requests: BTreeMap<String, String>,
}

/// See [`Change::Delete`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Delete {
    /// Which one, see [`Reference`](crate::reference::Reference).
    pub object: String,
    /// Its namespace, where the name does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

impl Change {
    /// Reads a change that is JSON already, as an item of `changes`.
    ///
    /// # Errors
    /// Names what is wrong, and what is legal.
    pub fn from_value(value: Value) -> Result<Self, Error> {
        let named = match &value {
            Value::Object(fields) if fields.len() == 1 => fields.keys().next().cloned(),
            _ => None,
        };
        let Some(named) = named else {
            return Err(
                Error::input("a change is an object of one field, its name").hint(format!("such are {}", names()))
            );
        };
        let is_known = OPTIONS.iter().any(|option| option.field == named);
        if !is_known {
            let meant = OPTIONS
                .iter()
                .find(|option| option.name.replace('-', "") == named.to_lowercase().replace(['-', '_'], ""));
            let hint =
                meant.map_or_else(|| format!("such are {}", names()), |it| format!("did you mean {}?", it.field));
            return Err(Error::input(format!("there is no change `{named}`")).hint(hint));
        }
        serde_json::from_value(value).map_err(|error| Error::input(error.to_string()).at(named))
    }
}

fn names() -> String {
    OPTIONS.iter().map(|option| option.field).collect::<Vec<_>>().join(", ")
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_nothing(it: &i64) -> bool {
    *it == 0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_no(it: &bool) -> bool {
    !it
}

impl fmt::Display for Change {
    /// As the option of the command.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        options::write(self, f)
    }
}
