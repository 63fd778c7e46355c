//! Objects that come, change and go.

use std::sync::Arc;

use crate::csi_migration::ANNOUNCED;
use crate::error::Error;
use crate::objects::{Kind, Node, Object, Pod};
use crate::state::{Cluster, key_of};

/// So many objects are taken in one after the other; for more a fork costs less than their undoing might.
const FEW: usize = 64;

/// What had an object's name before.
enum Before {
    Nothing,
    Pod(Arc<Pod>),
    Other(Arc<Object>),
}

impl Cluster {
    /// Takes in objects, in order; a later one updates an earlier one of the same name, as `kubectl apply` does.
    ///
    /// # Errors
    /// Names the object that is wrong; the cluster is then as it was.
    pub fn load(&mut self, objects: impl IntoIterator<Item = Object>) -> Result<(), Error> {
        let objects: Vec<Object> = objects.into_iter().collect();
        objects.iter().try_for_each(Object::check_names)?;
        let (objects, overlaid) = self.admitted(objects)?;
        if objects.len() <= FEW {
            self.apply(objects)?;
            self.overlaid.extend(overlaid);
            return self.changed();
        }
        let mut next = self.clone();
        next.take_in(objects)?;
        next.overlaid.extend(overlaid);
        next.needed = next.rows()?;
        *self = next;
        Ok(())
    }

    /// Puts in one object, in the place of the one of the same name: the door that a watch feeds.
    ///
    /// # Errors
    /// Names what is wrong with the object; the cluster is then as it was.
    pub fn upsert(&mut self, object: Object) -> Result<(), Error> {
        let (objects, overlaid) = self.admitted(vec![object])?;
        self.apply(objects)?;
        self.overlaid.extend(overlaid);
        self.changed()
    }

    /// Takes in a few objects, all or none.
    fn apply(&mut self, objects: Vec<Object>) -> Result<(), Error> {
        // All that can be wrong with an object is found before anything is changed.
        for object in &objects {
            self.check(object)?;
        }
        let before: Vec<_> = objects.iter().map(|object| self.before(object)).collect();
        self.take_in(objects).inspect_err(|_| {
            // Only a table that cannot grow comes here. Each object is put back as far as there is room.
            for (kind, namespace, name, old) in before.into_iter().rev() {
                let _ = match old {
                    Before::Nothing => self.take_out(kind, &namespace, &name).map(drop),
                    Before::Pod(pod) => self.take_in([Object::from(Pod::clone(&pod))]),
                    Before::Other(object) => self.take_in([Object::clone(&object)]),
                };
            }
        })
    }

    /// What is wrong with an object whatever else is there.
    pub(in crate::state) fn check(&self, object: &Object) -> Result<(), Error> {
        object.check_names()?;
        match object {
            Object::Pod(pod) => self.compiler.check(pod).map_err(|error| error.in_object(object.to_string())),
            _ => Ok(()),
        }
    }

    /// An object's name, and what has it now.
    fn before(&self, object: &Object) -> (Kind, String, String, Before) {
        let (kind, namespace, name) = (object.kind(), object.namespace(), object.name());
        let of_pod = || Some(Before::Pod(self.store.pods.get(&key_of(namespace, name))?.pod.clone()));
        let of_other = || Some(Before::Other(self.store.objects.get(kind, scope(kind, namespace), name)?.clone()));
        let old = if kind == Kind::Pod { of_pod() } else { of_other() }.unwrap_or(Before::Nothing);
        (kind, namespace.to_owned(), name.to_owned(), old)
    }

    pub(crate) fn take_in(&mut self, objects: impl IntoIterator<Item = Object>) -> Result<(), Error> {
        let mut nodes = Vec::new();
        let mut pods = Vec::new();
        for object in objects {
            match object {
                Object::Node(node) => nodes.push(node),
                Object::Pod(pod) => pods.push(pod),
                other => self.put_other(other)?,
            }
        }
        self.reserve_for(nodes.len(), pods.len())?;
        for node in nodes {
            self.put_node(*node)?;
        }
        // Classes first, so that every label that a selector names is known before pods get their label classes.
        let mut keys: Vec<Arc<str>> = pods.into_iter().map(|pod| self.put_pod(Arc::from(pod))).collect();
        for key in &keys {
            self.classify(key)?;
        }
        self.settle_labels()?;
        // A scheduler that starts gets the pods in the order of their names, as they are stored. Of equal victims preemption takes the one last
        // that came first.
        keys.sort_unstable();
        for key in keys {
            self.settle_pod(&key)?;
        }
        self.settle()
    }

    /// Makes room for so many more nodes and pods, where they are many.
    pub(crate) fn reserve_for(&mut self, nodes: usize, pods: usize) -> Result<(), Error> {
        if nodes <= 16 && pods <= 16 {
            return Ok(());
        }
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (rows, pod_rows) = (self.compiler.node_names.len() + nodes, self.store.pods.len() + pods);
        self.compiler.table.reserve(&[
            ("nodes", count(rows + rows / 8 + 16)),
            ("pods", count(pod_rows + pod_rows / 8 + 64)),
            ("strings", count(rows * 2 + 256)),
            ("specs", count(pod_rows / 32 + 64)),
            ("label_classes", count(pod_rows / 32 + 64)),
            ("arena", count(pod_rows * 2 + rows * 2 + 4096)),
        ])
    }

    /// Takes an object away; whether it was there.
    ///
    /// # Errors
    /// Where what depends on it cannot be compiled without it.
    pub fn delete(&mut self, kind: Kind, namespace: &str, name: &str) -> Result<bool, Error> {
        let was_there = self.take_out(kind, namespace, name)?;
        self.changed()?;
        Ok(was_there)
    }

    fn take_out(&mut self, kind: Kind, namespace: &str, name: &str) -> Result<bool, Error> {
        match kind {
            Kind::Pod => {
                let key = key_of(namespace, name);
                self.unbind_row(&key)?;
                self.withdraw(&key)?;
                let entry = self.store.pods.remove(&key);
                self.nominated.remove(&*key);
                if let Some(entry) = &entry {
                    self.forget_orphan(&entry.pod.spec.node_name, &key);
                }
                Ok(entry.is_some())
            }
            Kind::Node => {
                let Some(_) = self.store.objects.remove(kind, "", name) else { return Ok(false) };
                if let Some(node) = self.compiler.nodes.get(name).copied() {
                    for key in self.store.pods.on(node).cloned().collect::<Vec<_>>() {
                        self.unbind_row(&key)?;
                        self.orphans.entry(Arc::from(name)).or_default().push(key);
                    }
                    let attached = self.attached.iter().filter(|(_, on)| *on == node).map(|(key, _)| *key);
                    for key in attached.collect::<Vec<_>>() {
                        self.compiler.table.run(|s| s.set_attached(key, node, false))?;
                        self.attached.remove(&(key, node));
                    }
                }
                self.compiler.drop_node(name)?;
                self.settle_nominated_to(name)?;
                Ok(true)
            }
            _ => {
                let namespace = scope(kind, namespace);
                let Some(object) = self.store.objects.remove(kind, namespace, name) else { return Ok(false) };
                if kind == Kind::Namespace {
                    self.compiler.set_namespace(name, &Default::default(), false)?;
                }
                self.dependents_changed(&object)?;
                self.settle()?;
                Ok(true)
            }
        }
    }

    fn put_node(&mut self, node: Node) -> Result<(), Error> {
        let name = node.metadata.name.clone();
        let is_new = !self.compiler.nodes.contains_key(name.as_str());
        self.compiler.put_node(&node).map_err(|e| e.in_object(format!("Node {name}")))?;
        self.store.objects.put(Arc::new(Object::from(node)));
        // An update writes all columns of labels, those of announcements too.
        let announces = self.compiler.keys.keys().any(|key| key.starts_with(ANNOUNCED));
        if announces || is_new && !self.compiler.driver_names.is_empty() {
            self.set_drivers(&name)?;
        }
        if !is_new {
            return Ok(());
        }
        self.stale_storage.node_came(&self.store.objects);
        for key in self.orphans.remove(name.as_str()).unwrap_or_default() {
            self.settle_pod(&key)?;
        }
        self.settle_nominated_to(&name)
    }

    /// Stores a pod; its row is taken care of by [`Self::settle_pod`].
    pub(crate) fn put_pod(&mut self, pod: Arc<Pod>) -> Arc<str> {
        let waits_for_room = !pod.status.nominated_node_name.is_empty() && pod.spec.node_name.is_empty();
        let priority = self.priority_of(&pod);
        let (key, old) = self.store.pods.put(pod.clone(), priority);
        if let Some(old) = old
            && old.pod.spec.node_name != pod.spec.node_name
        {
            self.forget_orphan(&old.pod.spec.node_name, &key);
        }
        if waits_for_room {
            self.nominated.insert(key.clone());
        } else if !self.nominated.is_empty() {
            self.nominated.remove(&key);
        }
        key
    }

    fn put_other(&mut self, object: Object) -> Result<(), Error> {
        if let Object::Namespace(namespace) = &object {
            self.compiler.set_namespace(&namespace.metadata.name, &namespace.metadata.labels, true)?;
        }
        let object = Arc::new(object);
        self.store.objects.put(object.clone());
        self.dependents_changed(&object)
    }
}

/// The namespace under which an object of a kind is kept.
fn scope(kind: Kind, namespace: &str) -> &str {
    if kind.namespaced() { namespace } else { "" }
}
