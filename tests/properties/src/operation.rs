//! What can be done to a cluster, as plain data: so that a failure can be told, shortened and played again.

use std::fmt;

use serde_json::{Value, json};

/// One change of the cluster.
#[derive(Clone, Debug)]
pub enum Change {
    /// An object comes or changes.
    Put(Value),
    /// An object goes: its kind, namespace and name.
    Delete(String, String, String),
    /// An object comes that is not legal: it is refused, and nothing changes.
    Refuse(Value),
    /// A pending pod gets a node, and starts at that second.
    Bind(String, String, i64),
    /// A pod is evicted, and gone at once.
    Evict(String),
    /// A pending pod is nominated to a node, as room is being made for it there.
    Nominate(String, String),
    /// The library goes on with a fork of itself; the one it came from must stay as it was.
    Fork,
    /// The library makes its tables anew.
    Compact,
    /// The library's state is saved and opened again.
    Attach,
}

/// A change, and the pending pod that both engines are asked about afterwards.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What is done.
    pub change: Change,
    /// `namespace/name`.
    pub ask: Option<String>,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = match &self.change {
            Change::Put(object) => json!({ "put": object }),
            Change::Delete(kind, namespace, name) => json!({ "delete": [kind, namespace, name] }),
            Change::Refuse(object) => json!({ "refuse": object }),
            Change::Bind(pod, node, start) => json!({ "bind": [pod, node, start] }),
            Change::Evict(pod) => json!({ "evict": pod }),
            Change::Nominate(pod, node) => json!({ "nominate": [pod, node] }),
            Change::Fork => json!("fork"),
            Change::Compact => json!("compact"),
            Change::Attach => json!("attach"),
        };
        write!(f, "{change}")?;
        self.ask.iter().try_for_each(|pod| write!(f, " ask {pod}"))
    }
}
