//! Strings and other values to ids.

use std::collections::HashMap;
use std::hash::Hash;

use bayplan_core::{EMPTY, KeyId, NodeId, ResourceId, StrId, UNSCHEDULABLE_TAINT, UseKeyId};

use crate::error::Error;
use crate::requests::{CPU, EPHEMERAL_STORAGE, MEMORY, PODS};
use crate::table::Table;

/// Strings.
#[derive(Clone)]
pub(crate) struct Strings {
    ids: HashMap<Box<str>, StrId>,
    names: Vec<Box<str>>,
}

impl Strings {
    pub(crate) fn new() -> Self {
        let mut strings = Strings { ids: HashMap::new(), names: Vec::new() };
        for (text, id) in [("", EMPTY), ("node.kubernetes.io/unschedulable", UNSCHEDULABLE_TAINT)] {
            strings.ids.insert(text.into(), id);
            strings.names.push(text.into());
        }
        strings
    }

    pub(crate) fn id(&mut self, table: &mut Table, text: &str) -> Result<StrId, Error> {
        if let Some(id) = self.ids.get(text) {
            return Ok(*id);
        }
        let int = text.parse::<i64>().ok();
        let id = table.run(|s| s.add_string(int))?;
        self.ids.insert(text.into(), id);
        self.names.push(text.into());
        Ok(id)
    }
}

impl Strings {
    pub(crate) fn name(&self, id: StrId) -> &str {
        self.names.get(id.at()).map_or("", |name| name)
    }
}

/// Values that get an id when first seen.
#[derive(Clone)]
pub(crate) struct Interned<K, I>(HashMap<K, I>);

impl<K: Eq + Hash, I: Copy> Interned<K, I> {
    pub(crate) fn new() -> Self {
        Interned(HashMap::new())
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
    ids: HashMap<String, ResourceId>,
    names: Vec<String>,
}

impl Resources {
    pub(crate) fn new() -> Self {
        let names = [CPU, MEMORY, EPHEMERAL_STORAGE, PODS].map(str::to_owned).to_vec();
        let ids = names.iter().zip(0..).map(|(name, id)| (name.clone(), ResourceId(id))).collect();
        Resources { ids, names }
    }

    pub(crate) fn id(&mut self, table: &mut Table, name: &str) -> Result<ResourceId, Error> {
        if let Some(id) = self.ids.get(name) {
            return Ok(*id);
        }
        let id = table.run(|s| s.add_resource())?;
        self.ids.insert(name.to_owned(), id);
        self.names.push(name.to_owned());
        Ok(id)
    }

    pub(crate) fn name(&self, id: ResourceId) -> &str {
        &self.names[id.at()]
    }
}

/// Label keys that have a column, with what the nodes' columns need when one is added.
pub(crate) type Keys = HashMap<String, KeyId>;
/// Nodes by name.
pub(crate) type Nodes = HashMap<String, NodeId>;
/// Ports by protocol and number.
pub(crate) type PortGroups = Interned<(String, i32), UseKeyId>;
