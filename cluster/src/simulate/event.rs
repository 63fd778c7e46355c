//! What happens in a simulation.

use std::sync::Arc;

use crate::error::Error;
use crate::objects::{Kind, Pod};

/// What came of an object that was applied.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Applied {
    /// It is new.
    Created(Kind, String),
    /// It was there, and is another now.
    Configured(Kind, String),
    /// It was there as it is.
    Unchanged(Kind, String),
    /// A server refuses it.
    Refused(Error),
}

impl Applied {
    /// Kind, name, and what came of it as kubectl says it; none where it was refused.
    #[must_use]
    pub fn result(&self) -> Option<(Kind, &str, &'static str)> {
        match self {
            Applied::Created(kind, name) => Some((*kind, name, "created")),
            Applied::Configured(kind, name) => Some((*kind, name, "configured")),
            Applied::Unchanged(kind, name) => Some((*kind, name, "unchanged")),
            Applied::Refused(_) => None,
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A step that the caller has named begins.
    Step(String),
    /// A pod came to be.
    Created(Arc<Pod>),
    /// A controller's pod was refused: who owns it, and the words of its FailedCreate event.
    FailedCreate {
        /// `ReplicaSet/shop/web-5d4f8`
        owner: String,
        /// The message.
        message: String,
    },
    /// A pod was bound.
    Bound {
        /// `namespace/name`
        pod: String,
        /// The node.
        node: String,
    },
    /// A pod was evicted to make room for another.
    Preempted {
        /// `namespace/name`
        pod: String,
        /// The pod that it made room for.
        by: String,
    },
    /// A pod was evicted by a taint of its node.
    TaintEviction {
        /// `namespace/name`
        pod: String,
        /// The node.
        node: String,
    },
    /// A pod was evicted by the eviction API, as a drain asks for.
    Evicted(String),
    /// A controller removed a pod.
    Deleted(String),
    /// A pod ran to its end.
    Finished(String),
}
