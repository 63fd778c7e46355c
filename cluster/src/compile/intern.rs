//! Strings and other values to ids.

use std::hash::Hash;
use std::sync::Arc;

use bayplan_core::{EMPTY, KeyId, NodeId, ResourceId, StrId, UNSCHEDULABLE_TAINT, UseKeyId};

use imbl::Vector;

use crate::compile::memory::Table;
use crate::error::Error;
use crate::requests::{CPU, EPHEMERAL_STORAGE, MEMORY, PODS};
use crate::shared::SharedMap;

/// Strings.
#[derive(Clone)]
pub(crate) struct Strings {
    ids: SharedMap<Arc<str>, StrId>,
    /// By id.
    names: Vector<Arc<str>>,
}

impl Strings {
    pub(crate) fn new() -> Self {
        let mut strings = Strings { ids: SharedMap::new(), names: Vector::new() };
        for (text, id) in [("", EMPTY), ("node.kubernetes.io/unschedulable", UNSCHEDULABLE_TAINT)] {
            strings.add(text, id);
        }
        strings
    }

    pub(crate) fn id(&mut self, table: &mut Table, text: &str) -> Result<StrId, Error> {
        if let Some(id) = self.ids.get(text) {
            return Ok(*id);
        }
        let int = text.parse::<i64>().ok();
        let id = table.run(|s| s.add_string(int))?;
        self.add(text, id);
        Ok(id)
    }

    fn add(&mut self, text: &str, id: StrId) {
        let text: Arc<str> = Arc::from(text);
        self.ids.insert(text.clone(), id);
        self.names.push_back(text);
    }

    pub(crate) fn name(&self, id: StrId) -> &str {
        self.names.get(id.at()).map_or("", |name| name)
    }
}

/// Values that get an id when first seen.
#[derive(Clone)]
pub(crate) struct Interned<K, I>(SharedMap<K, I>);

impl<K: Clone + Eq + Hash, I: Copy> Interned<K, I> {
    pub(crate) fn new() -> Self {
        Interned(SharedMap::new())
    }

    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<I>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.get(key).copied()
    }

    /// The id of a value; `add` makes one.
    pub(crate) fn id(&mut self, key: K, add: impl FnOnce(&K) -> Result<I, Error>) -> Result<I, Error> {
        if let Some(id) = self.0.get(&key) {
            return Ok(*id);
        }
        let id = add(&key)?;
        self.0.insert(key, id);
        Ok(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Resources by name.
#[derive(Clone)]
pub(crate) struct Resources {
    ids: SharedMap<Arc<str>, ResourceId>,
    /// By id.
    names: Vector<Arc<str>>,
}

impl Resources {
    pub(crate) fn new() -> Self {
        let mut resources = Resources { ids: SharedMap::new(), names: Vector::new() };
        for (name, id) in [CPU, MEMORY, EPHEMERAL_STORAGE, PODS].into_iter().zip(0..) {
            resources.add(name, ResourceId(id));
        }
        resources
    }

    pub(crate) fn id(&mut self, table: &mut Table, name: &str) -> Result<ResourceId, Error> {
        if let Some(id) = self.ids.get(name) {
            return Ok(*id);
        }
        let id = table.run(|s| s.add_resource())?;
        self.add(name, id);
        Ok(id)
    }

    fn add(&mut self, name: &str, id: ResourceId) {
        let name: Arc<str> = Arc::from(name);
        self.ids.insert(name.clone(), id);
        self.names.push_back(name);
    }

    /// The names by id.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    pub(crate) fn name(&self, id: ResourceId) -> &str {
        &self.names[id.at()]
    }
}

/// Label keys that have a column, with what the nodes' columns need when one is added.
pub(crate) type Keys = SharedMap<Arc<str>, KeyId>;
/// Nodes by name.
pub(crate) type Nodes = SharedMap<Arc<str>, NodeId>;
/// Ports by protocol and number.
pub(crate) type PortGroups = Interned<(String, i32), UseKeyId>;
