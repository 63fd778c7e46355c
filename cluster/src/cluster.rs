//! A cluster: objects in, and the tables that follow them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bayplan_core::{NodeId, Pick, UseKeyId};
use serde_json::Value;

use crate::attachable::ANNOUNCED;
use crate::compile::Compiler;
use crate::config::Config;
use crate::default_selector::DefaultSelectors;
use crate::error::{Error, ErrorKind};
use crate::objects::{Kind, Node, Object, Pod};
use crate::store::{PodEntry, Store};
use crate::version::Version;

/// How a cluster decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The Kubernetes minor version; the newest by default.
    pub version: Version,
    /// A `KubeSchedulerConfiguration` as JSON; the defaults of the version without one.
    pub configuration: Option<Value>,
    /// Chooses among nodes of the same score by chance, the same for the same seed; without one the first in node
    /// order is taken.
    pub seed: Option<u64>,
}

/// A cluster that can be asked where pods would land. Cloning it makes an independent fork.
#[derive(Clone)]
pub struct Cluster {
    pub(crate) compiler: Compiler,
    pub(crate) store: Store,
    /// Pods that name a node that is not there, by node.
    pub(crate) orphans: HashMap<String, Vec<String>>,
    pub(crate) seed: Option<u64>,
    /// Draws so far, so that each is another.
    pub(crate) draws: u64,
    /// The start time of the pod bound last.
    pub(crate) clock: i64,
    warnings: Vec<String>,
    /// Volumes that are attached to nodes.
    pub(crate) attached: BTreeSet<(UseKeyId, NodeId)>,
    /// Bound pods whose volumes cannot be counted.
    pub(crate) uncounted: BTreeSet<String>,
    /// Objects of storage changed.
    pub(crate) storage_stale: bool,
    /// The default selectors found since a service or controller changed last.
    pub(crate) default_selectors: DefaultSelectors,
    /// Waiting pods that preemption has nominated to a node.
    pub(crate) nominated: BTreeSet<String>,
    /// How many objects came, changed and went.
    pub(crate) changes: u64,
    /// How many rows were in use when the tables held no more than was needed, see `compact`.
    pub(crate) needed: u64,
}

impl Cluster {
    /// An empty cluster.
    ///
    /// # Errors
    /// Where the configuration is one that kube-scheduler would not start with.
    pub fn new(options: Options) -> Result<Self, Error> {
        let config = match &options.configuration {
            Some(configuration) => Config::read(configuration, options.version)?,
            None => Config::of_version(options.version),
        };
        Self::empty(options.version, config, options.seed)
    }

    pub(crate) fn empty(version: Version, config: Config, seed: Option<u64>) -> Result<Self, Error> {
        let warnings = config.warnings.iter().map(ToString::to_string).collect();
        Ok(Cluster {
            compiler: Compiler::new(version, config)?,
            store: Store::default(),
            orphans: HashMap::new(),
            seed,
            draws: 0,
            clock: 0,
            warnings,
            attached: BTreeSet::new(),
            uncounted: BTreeSet::new(),
            storage_stale: false,
            default_selectors: DefaultSelectors::new(),
            nominated: BTreeSet::new(),
            changes: 0,
            needed: 0,
        })
    }

    /// Takes in objects, in order; a later one updates an earlier one of the same name, as `kubectl apply` does.
    ///
    /// # Errors
    /// Names the object that is wrong; the cluster is then as it was.
    pub fn load(&mut self, objects: impl IntoIterator<Item = Object>) -> Result<(), Error> {
        let mut next = self.clone();
        next.take_in(objects)?;
        next.needed = next.rows()?;
        *self = next;
        Ok(())
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
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (rows, pod_rows) = (self.compiler.node_names.len() + nodes.len(), self.store.pods.len() + pods.len());
        let few = |n: usize| n > 16;
        if few(nodes.len()) || few(pods.len()) {
            self.compiler.table.reserve(&[
                ("nodes", count(rows + rows / 8 + 16)),
                ("pods", count(pod_rows + pod_rows / 4 + 64)),
                ("strings", count(rows * 2 + 256)),
                ("specs", count(pod_rows / 32 + 64)),
                ("label_classes", count(pod_rows / 32 + 64)),
                ("arena", count(pod_rows * 4 + rows * 4 + 4096)),
            ])?;
        }
        for node in nodes {
            self.put_node(*node)?;
        }
        // Classes first, so that every label that a selector names is known before pods get their label classes.
        let keys: Vec<String> = pods.into_iter().map(|pod| self.put_pod(Arc::from(pod))).collect();
        for key in &keys {
            self.classify(key)?;
        }
        self.settle_labels()?;
        for key in keys {
            self.settle_pod(&key)?;
        }
        self.settle()
    }

    /// Puts in one object, in the place of the one of the same name: the door that a watch feeds.
    ///
    /// # Errors
    /// Names what is wrong with the object; the cluster is then as it was.
    pub fn upsert(&mut self, object: Object) -> Result<(), Error> {
        match object {
            Object::Node(node) => self.put_node(*node)?,
            Object::Pod(pod) => {
                let (namespace, name) = (pod.metadata.namespace.clone(), pod.metadata.name.clone());
                let old = self.store.pods.get(&key_of(&namespace, &name)).map(|entry| entry.pod.clone());
                let key = self.put_pod(Arc::from(pod));
                if let Err(error) = self.classify(&key).and_then(|()| self.settle_pod(&key)) {
                    match old {
                        Some(old) => {
                            self.put_pod(old);
                            self.settle_pod(&key)?;
                        }
                        None => _ = self.take_out(Kind::Pod, &namespace, &name)?,
                    }
                    return Err(error);
                }
            }
            other => self.put_other(other)?,
        }
        self.settle()?;
        self.changed()
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
                if let Some(nomination) = self.store.pods.get_mut(&key).and_then(|entry| entry.nomination.take()) {
                    self.compiler.table.run(|s| s.withdraw(nomination))?;
                }
                let entry = self.store.pods.remove(&key);
                self.nominated.remove(&key);
                if let Some(entry) = &entry {
                    self.forget_orphan(&entry.pod.spec.node_name, &key);
                }
                Ok(entry.is_some())
            }
            Kind::Node => {
                let Some(_) = self.store.remove(kind, "", name) else { return Ok(false) };
                for key in self.pods_on(name) {
                    self.unbind_row(&key)?;
                    self.orphans.entry(name.to_owned()).or_default().push(key);
                }
                for (key, node) in self.attached.clone() {
                    if self.compiler.nodes.get(name) == Some(&node) {
                        self.compiler.table.run(|s| s.set_attached(key, node, false))?;
                        self.attached.remove(&(key, node));
                    }
                }
                self.compiler.drop_node(name)?;
                self.settle_nominated_to(name)?;
                Ok(true)
            }
            _ => {
                let namespace = if kind.namespaced() { namespace } else { "" };
                let Some(object) = self.store.remove(kind, namespace, name) else { return Ok(false) };
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
        let id = self.compiler.put_node(&node).map_err(|e| e.in_object(format!("Node {name}")))?;
        let object = Arc::new(Object::Node(Box::new(node)));
        self.store.put(object.clone());
        let announces = self.compiler.keys.keys().any(|key| key.starts_with(ANNOUNCED));
        if let (Object::Node(node), true) = (&*object, announces || !self.compiler.driver_names.is_empty()) {
            self.set_drivers(node)?;
        }
        self.storage_stale |= self.store.of_kind(Kind::VolumeAttachment).next().is_some();
        let _: NodeId = id;
        for key in self.orphans.remove(&name).unwrap_or_default() {
            self.settle_pod(&key)?;
        }
        self.settle_nominated_to(&name)
    }

    /// Stores a pod; its row is taken care of by [`Self::settle_pod`].
    fn put_pod(&mut self, pod: Arc<Pod>) -> String {
        let key = key_of(&pod.metadata.namespace, &pod.metadata.name);
        let old = self.store.pods.remove(&key);
        if let Some(old) = &old
            && old.pod.spec.node_name != pod.spec.node_name
        {
            self.forget_orphan(&old.pod.spec.node_name, &key);
        }
        if pod.status.nominated_node_name.is_empty() || !pod.spec.node_name.is_empty() {
            self.nominated.remove(&key);
        } else {
            self.nominated.insert(key.clone());
        }
        let sequence = old.as_ref().map_or(self.store.next_sequence, |old| old.sequence);
        self.store.next_sequence += u64::from(old.is_none());
        let (row, nomination) = old.as_ref().map_or((None, None), |old| (old.row, old.nomination));
        let start = old.filter(|old| old.pod.spec.node_name == pod.spec.node_name).and_then(|old| old.start);
        let entry = PodEntry { pod, sequence, row, nomination, start, class: None };
        self.store.pods.insert(key.clone(), entry);
        key
    }

    fn put_other(&mut self, object: Object) -> Result<(), Error> {
        if let Object::Namespace(namespace) = &object {
            self.compiler.set_namespace(&namespace.metadata.name, &namespace.metadata.labels, true)?;
        }
        let object = Arc::new(object);
        self.store.put(object.clone());
        self.dependents_changed(&object)
    }

    /// The pods bound to a node, by name.
    #[must_use]
    pub fn pods_on(&self, node: &str) -> Vec<String> {
        let Some(id) = self.compiler.nodes.get(node) else { return Vec::new() };
        let on = |entry: &PodEntry| entry.row.is_some_and(|(_, n)| n == *id);
        let mut keys: Vec<String> = self.store.pods.iter().filter(|(_, e)| on(e)).map(|(key, _)| key.clone()).collect();
        keys.sort_unstable();
        keys
    }

    /// The names of the nodes, in node order.
    #[must_use]
    pub fn nodes(&self) -> Vec<&str> {
        let mut nodes: Vec<(&NodeId, &str)> = self.compiler.nodes.iter().map(|(n, id)| (id, n.as_str())).collect();
        nodes.sort_unstable();
        nodes.into_iter().map(|(_, name)| name).collect()
    }

    /// A pod by `namespace/name`.
    #[must_use]
    pub fn pod(&self, key: &str) -> Option<&Pod> {
        self.store.pods.get(key).map(|entry| &*entry.pod)
    }

    /// An object of any kind but Pod.
    #[must_use]
    pub fn object(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Object> {
        self.store.get(kind, namespace, name).map(|object| &**object)
    }

    /// Objects of a kind but Pod, by namespace and name.
    pub fn objects(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.store.of_kind(kind).map(|object| &**object)
    }

    /// The pods that wait for a node, in the order of the scheduler's queue: the highest priority first, then the
    /// oldest.
    #[must_use]
    pub fn pending(&self) -> Vec<String> {
        let waits = |e: &&PodEntry| {
            e.pod.spec.node_name.is_empty() && !e.finished() && e.pod.metadata.deletion_timestamp.is_none()
        };
        let mut waiting: Vec<(std::cmp::Reverse<i32>, u64, &String)> = self
            .store
            .pods
            .iter()
            .filter(|(_, e)| waits(e))
            .map(|(key, e)| (std::cmp::Reverse(self.priority_of(&e.pod)), e.sequence, key))
            .collect();
        waiting.sort_unstable();
        waiting.into_iter().map(|(_, _, key)| key.clone()).collect()
    }

    /// What is to be known of the input: configuration that is not honoured, pods on nodes that are not there, objects that
    /// lack what a cluster would have filled in.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.warnings.clone();
        let mut nodes: Vec<_> = self.orphans.iter().collect();
        nodes.sort_unstable();
        for (node, pods) in nodes {
            warnings.push(format!(
                "{} pod(s) are on node {node}, which is not among the objects; they are left out (first: {})",
                pods.len(),
                pods[0]
            ));
        }
        warnings.extend(self.unfinished());
        warnings
    }

    /// Recounts every sum and counter from scratch and compares; how many counters were compared.
    ///
    /// # Errors
    /// Where one differs: a fault of this library.
    pub fn recount(&mut self) -> Result<usize, Error> {
        self.compiler.table.run(|s| s.recount())
    }

    /// How many spec classes and label classes the pods have.
    #[must_use]
    pub fn classes(&self) -> (usize, usize) {
        self.compiler.classes()
    }

    /// The version that it decides as.
    #[must_use]
    pub fn version(&self) -> Version {
        self.compiler.version
    }

    /// The state of the tables as it may be stored: 64-bit words with a checksum, to be opened by the core.
    pub fn state(&mut self) -> &[u64] {
        self.compiler.table.state()
    }

    pub(crate) fn pick(&mut self) -> Pick {
        match self.seed {
            None => Pick::First,
            Some(seed) => {
                self.draws += 1;
                Pick::Seeded(seed.wrapping_add(self.draws.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
            }
        }
    }

    /// The profile that the pod's scheduler name chooses.
    pub(crate) fn profile_of(&self, pod: &Pod) -> Option<usize> {
        let profile = self.compiler.config.profile(&pod.spec.scheduler_name)?;
        self.compiler.config.profiles.iter().position(|p| p.scheduler_name == profile.scheduler_name)
    }

    /// The pod's priority: its own, that of the class it names, or the default one.
    pub(crate) fn priority_of(&self, pod: &Pod) -> i32 {
        if let Some(priority) = pod.spec.priority {
            return priority;
        }
        match pod.spec.priority_class_name.as_str() {
            "system-cluster-critical" => return 2_000_000_000,
            "system-node-critical" => return 2_000_001_000,
            _ => {}
        }
        let named = self.store.get(Kind::PriorityClass, "", &pod.spec.priority_class_name);
        if let Some(Object::PriorityClass(class)) = named.map(|object| &**object) {
            return class.value;
        }
        let defaults = self.store.of_kind(Kind::PriorityClass).filter_map(|object| match &**object {
            Object::PriorityClass(class) if class.global_default => Some(class.value),
            _ => None,
        });
        // Of several the lowest wins.
        defaults.min().unwrap_or(0)
    }
}

/// `namespace/name`.
pub(crate) fn key_of(namespace: &str, name: &str) -> String {
    format!("{}/{name}", if namespace.is_empty() { "default" } else { namespace })
}

pub(crate) fn no_pod(key: &str) -> Error {
    let error = Error::new(ErrorKind::NotFound, format!("there is no pod {key}"));
    match key.split_once('/') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains('/') => error,
        _ => error.hint("name it as namespace/name"),
    }
}

pub(crate) fn no_node(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no node {name}"))
}
