//! The objects of a cluster, by kind and name.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bayplan_core::{NodeId, NominationId, PodId, SpecId};

use crate::compile::Own;
use crate::objects::{Kind, Object, Pod};

/// A pod, and where it stands in the tables.
#[derive(Clone, Debug)]
pub(crate) struct PodEntry {
    pub(crate) pod: Arc<Pod>,
    /// Order of arrival.
    pub(crate) sequence: u64,
    /// Its row, where it is bound to a node that is there.
    pub(crate) row: Option<(PodId, NodeId)>,
    /// The room that is held for it on a node, where it waits for that.
    pub(crate) nomination: Option<NominationId>,
    /// When it was bound here, in seconds since the epoch.
    pub(crate) start: Option<i64>,
    /// Its class, once it was compiled.
    pub(crate) class: Option<(SpecId, Own)>,
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
}

/// All objects.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    /// By kind, namespace and name.
    objects: BTreeMap<Kind, BTreeMap<String, BTreeMap<String, Arc<Object>>>>,
    pub(crate) pods: HashMap<String, PodEntry>,
    pub(crate) next_sequence: u64,
}

impl Store {
    /// Puts an object in, in the place of the one of the same name.
    pub(crate) fn put(&mut self, object: Arc<Object>) {
        let meta = object.metadata();
        let namespace = if object.kind().namespaced() { meta.namespace.clone() } else { String::new() };
        let name = meta.name.clone();
        self.objects.entry(object.kind()).or_default().entry(namespace).or_default().insert(name, object);
    }

    pub(crate) fn remove(&mut self, kind: Kind, namespace: &str, name: &str) -> Option<Arc<Object>> {
        let of_kind = self.objects.get_mut(&kind)?;
        let all = of_kind.get_mut(namespace)?;
        let removed = all.remove(name);
        if all.is_empty() {
            of_kind.remove(namespace);
        }
        removed
    }

    pub(crate) fn get(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Arc<Object>> {
        self.objects.get(&kind)?.get(namespace)?.get(name)
    }

    /// The objects of a kind, of all namespaces, by namespace and name.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Arc<Object>> {
        self.objects.get(&kind).into_iter().flat_map(BTreeMap::values).flat_map(BTreeMap::values)
    }

    /// The objects of a kind in a namespace, by name.
    pub(crate) fn in_namespace(&self, kind: Kind, namespace: &str) -> impl Iterator<Item = &Arc<Object>> {
        self.objects.get(&kind).and_then(|all| all.get(namespace)).into_iter().flat_map(BTreeMap::values)
    }
}
