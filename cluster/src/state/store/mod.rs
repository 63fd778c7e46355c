//! The objects of a cluster, by kind and name. Copies share what they have in common.

mod objects;
mod pods;

use std::sync::Arc;

use bayplan_core::{NodeId, NominationId, PodDef, PodId, SpecId};

use crate::compile::Own;
use crate::objects::Pod;
use crate::state::storage::Reserved;
pub(crate) use objects::Objects;
pub(crate) use pods::{Pods, controller};

/// A pod, and where it stands in the tables.
#[derive(Clone, Debug)]
pub(crate) struct PodEntry {
    /// `namespace/name`.
    pub(crate) key: Arc<str>,
    pub(crate) pod: Arc<Pod>,
    /// Order of arrival.
    pub(crate) sequence: u64,
    /// Its own, or that of its class.
    pub(crate) priority: i32,
    /// Its row, where it is bound to a node that is there.
    pub(crate) row: Option<(PodId, NodeId)>,
    /// Its place in the order in which pods were bound.
    pub(crate) turn: u64,
    /// What stands in the row.
    pub(crate) bound_as: Option<PodDef>,
    /// Its nomination, where it waits for room on a node that is there.
    pub(crate) nomination: Option<NominationId>,
    /// When it was bound here, in seconds since the epoch.
    pub(crate) start: Option<i64>,
    /// It was bound here, and no watch has said so yet.
    pub(crate) assumed: Option<Arc<Assumed>>,
    /// Its class, once it was compiled.
    pub(crate) class: Option<(SpecId, Own)>,
}

/// What a bind would have to undo.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Assumed {
    /// The pod as it waited, or as a later event had it that did not know of the bind.
    pub(crate) before: Arc<Pod>,
    /// What was written to its claims and their volumes.
    pub(crate) reserved: Arc<[Reserved]>,
}

impl PodEntry {
    /// Whether it has a row of its own, bound or nominated.
    pub(crate) fn is_in_tables(&self) -> bool {
        self.row.is_some() || self.nomination.is_some()
    }

    /// Whether the pod ran to its end and holds nothing any more.
    pub(crate) fn finished(&self) -> bool {
        matches!(self.pod.status.phase.as_str(), "Succeeded" | "Failed")
    }

    /// Whether it waits for a node.
    pub(crate) fn waits(&self) -> bool {
        self.pod.spec.node_name.is_empty() && !self.finished() && self.pod.metadata.deletion_timestamp.is_none()
    }
}

/// All objects.
#[derive(Clone, Default)]
pub(crate) struct Store {
    /// All but pods.
    pub(crate) objects: Objects,
    pub(crate) pods: Pods,
}
