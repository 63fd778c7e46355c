//! The tree of a YAML document, in which what an anchor names is there once, however often aliases stand for it; and its JSON.

use std::collections::btree_map;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use super::{DEPTH, scalar};

/// How many bytes of JSON the aliases and merge keys of one input may stand for, so that a few lines can't fill the memory.
/// The API server takes objects of 1.5 MiB at most.
pub(super) const EXPANDED: usize = 4 << 20;

/// What an entry of a mapping takes at least, beside its key.
const ENTRY: usize = 32;

/// A node of the tree, by number; whether an alias or a merge key stands for it here.
#[derive(Clone, Copy)]
pub(super) struct Child {
    node: usize,
    is_copy: bool,
}

impl Child {
    /// The same node in another place.
    pub(super) fn copied(self) -> Child {
        Child { is_copy: true, ..self }
    }
}

enum Node {
    Scalar(Value),
    List(Vec<Child>),
    Map(BTreeMap<Rc<str>, Child>),
}

/// A collection that is still open.
pub(super) enum Open {
    List { items: Vec<Child>, anchor: usize },
    Map { map: BTreeMap<Rc<str>, Child>, merged: HashSet<Rc<str>>, key: Option<Key>, anchor: usize },
}

pub(super) enum Key {
    Plain(Rc<str>),
    Merge,
}

impl Open {
    pub(super) fn list(anchor: usize) -> Open {
        Open::List { items: Vec::new(), anchor }
    }

    pub(super) fn map(anchor: usize) -> Open {
        Open::Map { map: BTreeMap::new(), merged: HashSet::new(), key: None, anchor }
    }
}

/// The nodes of a document, and how many bytes copies in the input have come to so far.
#[derive(Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    expanded: usize,
    /// Keys that were twice in one mapping; the last value is taken.
    pub(super) doubled: Vec<Rc<str>>,
}

impl Tree {
    /// Forgets the nodes; what copies have come to stays, as it counts for the whole input.
    pub(super) fn clear(&mut self) {
        self.nodes.clear();
    }

    pub(super) fn scalar(&mut self, value: Value) -> Child {
        self.add(Node::Scalar(value))
    }

    pub(super) fn is_null(&self, child: Child) -> bool {
        matches!(&self.nodes[child.node], Node::Scalar(Value::Null))
    }

    /// Closes a collection; the node, and the anchor that names it (0 for none).
    pub(super) fn close(&mut self, open: Open) -> (Child, usize) {
        match open {
            Open::List { items, anchor } => (self.add(Node::List(items)), anchor),
            Open::Map { map, anchor, .. } => (self.add(Node::Map(map)), anchor),
        }
    }

    fn add(&mut self, node: Node) -> Child {
        self.nodes.push(node);
        Child { node: self.nodes.len() - 1, is_copy: false }
    }

    /// Puts a node into an open collection, as an item, a key or a value.
    pub(super) fn put(&mut self, open: &mut Open, child: Child) -> Result<(), String> {
        match open {
            Open::List { items, .. } => items.push(child),
            Open::Map { map, merged, key, .. } => match key.take() {
                None => {
                    let Node::Scalar(value) = &self.nodes[child.node] else {
                        return Err("a key must be a word".to_owned());
                    };
                    let word: Rc<str> = scalar::key(value)?.into();
                    if child.is_copy {
                        self.expanded += word.len();
                    }
                    *key = Some(Key::Plain(word));
                }
                Some(Key::Merge) => self.merge(map, merged, child)?,
                Some(Key::Plain(key)) => {
                    if map.contains_key(&key) && !merged.remove(&key) {
                        self.doubled.push(key.clone());
                    }
                    map.insert(key, child);
                }
            },
        }
        if self.expanded > EXPANDED { Err(too_much()) } else { Ok(()) }
    }

    /// Kubernetes lets a merge win over what stands before it, and what stands behind it over the merge. Of several mappings
    /// the earlier ones win.
    fn merge(
        &mut self,
        map: &mut BTreeMap<Rc<str>, Child>,
        merged: &mut HashSet<Rc<str>>,
        child: Child,
    ) -> Result<(), String> {
        let several = [child];
        let parts = match &self.nodes[child.node] {
            Node::List(items) => items.as_slice(),
            _ => &several,
        };
        for part in parts.iter().rev() {
            let Node::Map(entries) = &self.nodes[part.node] else {
                return Err("<< takes a mapping or a list of mappings".to_owned());
            };
            let is_copy = child.is_copy || part.is_copy;
            for (key, value) in entries {
                if is_copy {
                    self.expanded += key.len() + ENTRY;
                }
                merged.insert(key.clone());
                map.insert(key.clone(), Child { is_copy: is_copy || value.is_copy, ..*value });
            }
            if self.expanded > EXPANDED {
                return Err(too_much());
            }
        }
        Ok(())
    }

    /// The document as JSON, written without recursion.
    pub(super) fn json(&mut self, root: Child) -> Result<String, String> {
        let mut json = Vec::new();
        let mut open: Vec<(Rest<'_>, bool)> = Vec::new();
        let (mut child, mut in_copy) = (root, root.is_copy);
        loop {
            let begin = json.len();
            match &self.nodes[child.node] {
                Node::Scalar(value) => serde_json::to_writer(&mut json, value).map_err(|e| e.to_string())?,
                Node::List(items) => {
                    json.push(b'[');
                    open.push((Rest::List(items.iter()), in_copy));
                }
                Node::Map(map) => {
                    json.push(b'{');
                    open.push((Rest::Map(map.iter()), in_copy));
                }
            }
            if open.len() > DEPTH {
                return Err(too_deep());
            }
            let mut copied = if in_copy { json.len() - begin } else { 0 };
            child = loop {
                let Some((rest, is_copy)) = open.last_mut() else {
                    return String::from_utf8(json).map_err(|e| e.to_string());
                };
                let begin = json.len();
                let is_first = matches!(json.last(), Some(b'[' | b'{'));
                let next = rest.next();
                if let Some((key, _)) = &next {
                    json.extend((!is_first).then_some(b','));
                    if let Some(key) = key {
                        serde_json::to_writer(&mut json, key).map_err(|e| e.to_string())?;
                        json.push(b':');
                    }
                } else {
                    json.push(rest.end());
                }
                copied += if *is_copy { json.len() - begin } else { 0 };
                match next {
                    Some((_, next)) => {
                        in_copy = *is_copy || next.is_copy;
                        break next;
                    }
                    None => _ = open.pop(),
                }
            };
            self.expanded += copied;
            if self.expanded > EXPANDED {
                return Err(too_much());
            }
        }
    }
}

/// What is still to be written of a collection.
enum Rest<'t> {
    List(std::slice::Iter<'t, Child>),
    Map(btree_map::Iter<'t, Rc<str>, Child>),
}

impl<'t> Rest<'t> {
    fn next(&mut self) -> Option<(Option<&'t str>, Child)> {
        match self {
            Rest::List(items) => items.next().map(|child| (None, *child)),
            Rest::Map(entries) => entries.next().map(|(key, child)| (Some(&**key), *child)),
        }
    }

    fn end(&self) -> u8 {
        match self {
            Rest::List(_) => b']',
            Rest::Map(_) => b'}',
        }
    }
}

pub(super) fn too_deep() -> String {
    format!("it is nested more than {DEPTH} levels deep")
}

fn too_much() -> String {
    format!("aliases and merge keys add more than {EXPANDED} bytes")
}
