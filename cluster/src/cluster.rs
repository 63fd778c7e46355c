//! A cluster: objects in, and the tables that follow them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bayplan_core::{NodeId, Pick, PodDef, PodFlags, UseKeyId};
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
    orphans: HashMap<String, Vec<String>>,
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
    storage_stale: bool,
    /// The default selectors found since a service or controller changed last.
    pub(crate) default_selectors: DefaultSelectors,
    /// Waiting pods that preemption has nominated to a node.
    pub(crate) nominated: BTreeSet<String>,
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
        let warnings = config.warnings.iter().map(ToString::to_string).collect();
        Ok(Cluster {
            compiler: Compiler::new(options.version, config)?,
            store: Store::default(),
            orphans: HashMap::new(),
            seed: options.seed,
            draws: 0,
            clock: 0,
            warnings,
            attached: BTreeSet::new(),
            uncounted: BTreeSet::new(),
            storage_stale: false,
            default_selectors: DefaultSelectors::new(),
            nominated: BTreeSet::new(),
        })
    }

    /// Takes in objects, in order; a later one updates an earlier one of the same name, as `kubectl apply` does.
    ///
    /// # Errors
    /// Names the object that is wrong; the cluster is then as it was.
    pub fn load(&mut self, objects: impl IntoIterator<Item = Object>) -> Result<(), Error> {
        let mut next = self.clone();
        next.take_in(objects)?;
        *self = next;
        Ok(())
    }

    fn take_in(&mut self, objects: impl IntoIterator<Item = Object>) -> Result<(), Error> {
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
        let keys = pods.into_iter().map(|pod| self.put_pod(*pod)).collect::<Result<Vec<_>, _>>()?;
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
                let old = self.store.pods.get(&key_of(&pod.metadata.namespace, &pod.metadata.name)).cloned();
                let key = self.put_pod(*pod)?;
                if let Err(error) = self.classify(&key).and_then(|()| self.settle_pod(&key)) {
                    match old {
                        Some(old) => drop(self.store.pods.insert(key, old)),
                        None => drop(self.store.pods.remove(&key)),
                    }
                    return Err(error);
                }
            }
            other => self.put_other(other)?,
        }
        self.settle()
    }

    /// Takes an object away; whether it was there.
    ///
    /// # Errors
    /// Where what depends on it cannot be compiled without it.
    pub fn delete(&mut self, kind: Kind, namespace: &str, name: &str) -> Result<bool, Error> {
        match kind {
            Kind::Pod => {
                let key = key_of(namespace, name);
                self.unbind_row(&key)?;
                if let Some(nomination) = self.store.pods.get_mut(&key).and_then(|entry| entry.nomination.take()) {
                    self.compiler.table.run(|s| s.tables.withdraw(nomination))?;
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
                        self.compiler.table.run(|s| s.tables.attach(key, node, false))?;
                        self.attached.remove(&(key, node));
                    }
                }
                self.compiler.drop_node(name)?;
                self.settle_nominated_to(name)?;
                Ok(true)
            }
            _ => {
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
    fn put_pod(&mut self, pod: Pod) -> Result<String, Error> {
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
        let (row, nomination) = old.map_or((None, None), |old| (old.row, old.nomination));
        let pod = Arc::new(pod);
        let entry = PodEntry { pod, sequence, row, nomination, class: None };
        self.store.pods.insert(key.clone(), entry);
        Ok(key)
    }

    fn put_other(&mut self, object: Object) -> Result<(), Error> {
        if let Object::Namespace(namespace) = &object {
            self.compiler.set_namespace(&namespace.metadata.name, &namespace.metadata.labels, true)?;
        }
        let object = Arc::new(object);
        self.store.put(object.clone());
        self.dependents_changed(&object)
    }

    /// Recompiles what depends on an object that came, changed or went.
    fn dependents_changed(&mut self, object: &Object) -> Result<(), Error> {
        match object {
            Object::Service(_) | Object::ReplicationController(_) | Object::ReplicaSet(_) | Object::StatefulSet(_) => {
                self.default_selectors.clear();
                self.look_at_selected(object);
                Ok(())
            }
            Object::PriorityClass(class) => {
                let names = |pod: &Pod| {
                    pod.spec.priority.is_none()
                        && (class.global_default || pod.spec.priority_class_name == class.metadata.name)
                };
                let keys: Vec<String> =
                    self.store.pods.iter().filter(|(_, e)| names(&e.pod)).map(|(key, _)| key.clone()).collect();
                for key in keys {
                    if let Some(entry) = self.store.pods.get_mut(&key) {
                        entry.class = None;
                    }
                    self.settle_pod(&key)?;
                }
                Ok(())
            }
            Object::PersistentVolume(_)
            | Object::PersistentVolumeClaim(_)
            | Object::StorageClass(_)
            | Object::CSINode(_)
            | Object::CSIDriver(_)
            | Object::VolumeAttachment(_) => {
                self.storage_stale = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The pod's spec class.
    pub(crate) fn classify(&mut self, key: &str) -> Result<(), Error> {
        let Some(entry) = self.store.pods.get(key) else { return Err(no_pod(key)) };
        if entry.class.is_some() || entry.finished() {
            return Ok(());
        }
        let pod = entry.pod.clone();
        // A pod of another scheduler still fills its node; its class then goes by the first profile.
        let profile = self.profile_of(&pod).unwrap_or(0);
        let priority = self.priority_of(&pod);
        let class = self.compiler.spec(&pod, profile, priority).map_err(|e| e.in_object(format!("Pod {key}")))?;
        if let Some(entry) = self.store.pods.get_mut(key) {
            entry.class = Some(class);
        }
        Ok(())
    }

    /// Brings a pod's row in line with the pod: bound where it names a node that is there and has not ended.
    pub(crate) fn settle_pod(&mut self, key: &str) -> Result<(), Error> {
        let Some(entry) = self.store.pods.get(key) else { return Ok(()) };
        let pod = entry.pod.clone();
        let (row, entry_is_finished) = (entry.row, entry.finished());
        let node = self.compiler.nodes.get(&pod.spec.node_name).copied();
        self.settle_nomination(key)?;
        if pod.spec.node_name.is_empty() || entry_is_finished || node.is_none() {
            self.unbind_row(key)?;
            if !pod.spec.node_name.is_empty() && node.is_none() {
                let waiting = self.orphans.entry(pod.spec.node_name.clone()).or_default();
                if !waiting.iter().any(|k| k == key) {
                    waiting.push(key.to_owned());
                }
            }
            return Ok(());
        }
        self.classify(key)?;
        let labels = self.compiler.label_class(&pod.metadata.namespace, &pod.metadata.labels)?;
        let Some((spec, _)) = self.store.pods[key].class else { return Ok(()) };
        let flags = if pod.metadata.deletion_timestamp.is_some() { PodFlags::TERMINATING } else { 0 };
        let start = pod.status.start_time.as_deref().and_then(crate::time::seconds).unwrap_or(self.clock);
        let uses = self.uses_of(&pod)?;
        let def = PodDef { spec, labels, uses, start, flags };
        let node = node.unwrap_or(NodeId::NONE);
        let id = match row {
            Some((id, on)) if on == node => self.compiler.table.run(|s| s.update_pod(id, &def))?,
            _ => {
                self.unbind_row(key)?;
                self.compiler.table.run(|s| s.bind(&def, node))?
            }
        };
        if let Some(entry) = self.store.pods.get_mut(key) {
            entry.row = Some((id, node));
        }
        if !pod.spec.volumes.is_empty() && self.uncountable(&pod).is_some() {
            self.uncounted.insert(key.to_owned());
        } else {
            self.uncounted.remove(key);
        }
        Ok(())
    }

    /// After a node came or went: the pods that are nominated to it.
    fn settle_nominated_to(&mut self, node: &str) -> Result<(), Error> {
        let is_to = |key: &&String| self.store.pods.get(*key).is_some_and(|e| e.pod.status.nominated_node_name == node);
        for key in self.nominated.iter().filter(is_to).cloned().collect::<Vec<_>>() {
            self.settle_nomination(&key)?;
        }
        Ok(())
    }

    /// Holds room for a pod that waits for a node that is there, or gives it up.
    fn settle_nomination(&mut self, key: &str) -> Result<(), Error> {
        let Some(entry) = self.store.pods.get_mut(key) else { return Ok(()) };
        let old = entry.nomination.take();
        let pod = entry.pod.clone();
        // Gated pods count from 1.37 on.
        let counts = !entry.finished()
            && pod.spec.node_name.is_empty()
            && (pod.spec.scheduling_gates.is_empty() || self.compiler.version >= Version::V1_37);
        if let Some(old) = old {
            self.compiler.table.run(|s| s.tables.withdraw(old))?;
        }
        let node = self.compiler.nodes.get(&pod.status.nominated_node_name).copied().filter(|_| counts);
        let Some(node) = node else { return Ok(()) };
        self.classify(key)?;
        let labels = self.compiler.label_class(&pod.metadata.namespace, &pod.metadata.labels)?;
        let Some((spec, _)) = self.store.pods[key].class else { return Ok(()) };
        let uses = self.uses_nominated(&pod)?;
        let def = PodDef { spec, labels, uses, start: 0, flags: 0 };
        let id = self.compiler.table.run(|s| s.tables.nominate(&def, node))?;
        if let Some(entry) = self.store.pods.get_mut(key) {
            entry.nomination = Some(id);
        }
        Ok(())
    }

    fn unbind_row(&mut self, key: &str) -> Result<(), Error> {
        if let Some(entry) = self.store.pods.get_mut(key)
            && let Some((id, _)) = entry.row.take()
        {
            self.compiler.table.run(|s| s.unbind(id))?;
            self.uncounted.remove(key);
        }
        Ok(())
    }

    fn forget_orphan(&mut self, node: &str, key: &str) {
        if let Some(waiting) = self.orphans.get_mut(node) {
            waiting.retain(|k| k != key);
            if waiting.is_empty() {
                self.orphans.remove(node);
            }
        }
    }

    /// After a compilation: fills columns of new label keys, and finds label classes anew where a selector named a new
    /// key.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        let keys = std::mem::take(&mut self.compiler.new_keys);
        self.storage_stale |= keys.iter().any(|(key, _)| key.starts_with(ANNOUNCED));
        if !keys.is_empty() {
            let nodes: Vec<Arc<Object>> = self.store.of_kind(Kind::Node).cloned().collect();
            for object in nodes {
                let Object::Node(node) = &*object else { continue };
                let Some(id) = self.compiler.nodes.get(&node.metadata.name).copied() else { continue };
                for (key, column) in &keys {
                    if let Some(value) = node.metadata.labels.get(key) {
                        let value = self.compiler.string(value)?;
                        self.compiler.table.run(|s| s.tables.fill_label(id, *column, value))?;
                    }
                }
            }
        }
        if std::mem::take(&mut self.storage_stale) || self.compiler.drivers_stale {
            self.refresh_storage()?;
        }
        self.settle_labels()
    }

    /// Finds the label classes anew of the pods in the tables that have a label that is looked at only now.
    fn settle_labels(&mut self) -> Result<(), Error> {
        let labels = std::mem::take(&mut self.compiler.new_label_keys);
        if !labels.is_empty() {
            let has_one = |entry: &PodEntry| labels.iter().any(|label| entry.pod.metadata.labels.contains_key(label));
            let rows = self.store.pods.iter().filter(|(_, e)| e.is_in_tables() && has_one(e));
            for key in rows.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
                self.settle_pod(&key)?;
            }
        }
        Ok(())
    }

    /// Binds a pending pod to a node; `start` is its start time in seconds since the epoch.
    ///
    /// # Errors
    /// Where there is no such pod or node, or the pod is bound already.
    pub fn bind(&mut self, pod: &str, node: &str, start: i64) -> Result<(), Error> {
        let Some(entry) = self.store.pods.get(pod) else { return Err(no_pod(pod)) };
        if !entry.pod.spec.node_name.is_empty() {
            let on = &entry.pod.spec.node_name;
            return Err(Error::new(ErrorKind::Input, format!("pod {pod} is bound to {on} already")));
        }
        if !self.compiler.nodes.contains_key(node) {
            return Err(no_node(node));
        }
        let gets = self.volumes_for(pod, node)?;
        let entry = self.store.pods.get(pod).ok_or_else(|| no_pod(pod))?;
        let mut bound = (*entry.pod).clone();
        node.clone_into(&mut bound.spec.node_name);
        bound.status.nominated_node_name.clear();
        if self.compiler.version >= Version::V1_35
            && let Some(node) = self.store.get(Kind::Node, "", node)
        {
            // As the API server does, over labels that the pod has already.
            for label in TOPOLOGY_LABELS {
                if let Some(value) = node.metadata().labels.get(label) {
                    bound.metadata.labels.insert(label.to_owned(), value.clone());
                }
            }
        }
        let entry = self.store.pods.get_mut(pod).expect("it was there just now");
        entry.pod = Arc::new(bound);
        self.nominated.remove(pod);
        self.clock = start;
        if let Some((plan, gets)) = gets {
            self.reserve(&plan, node, &gets);
        }
        self.settle_pod(pod)?;
        self.settle()
    }

    /// Takes a pod away at once.
    ///
    /// # Errors
    /// Where there is no such pod.
    pub fn evict(&mut self, pod: &str) -> Result<(), Error> {
        let (namespace, name) = pod.split_once('/').unwrap_or(("default", pod));
        if self.delete(Kind::Pod, namespace, name)? { Ok(()) } else { Err(no_pod(pod)) }
    }

    /// Nominates a pending pod to a node, as preemption does.
    ///
    /// # Errors
    /// Where there is no such pod or node.
    pub fn nominate(&mut self, pod: &str, node: &str) -> Result<(), Error> {
        if !self.compiler.nodes.contains_key(node) {
            return Err(no_node(node));
        }
        let entry = self.store.pods.get_mut(pod).ok_or_else(|| no_pod(pod))?;
        node.clone_into(&mut Arc::make_mut(&mut entry.pod).status.nominated_node_name);
        self.nominated.insert(pod.to_owned());
        self.settle_nomination(pod)?;
        self.settle()
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

    /// What is to be known of the input: configuration that is not honoured, pods on nodes that are not there.
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
        warnings
    }

    /// Recounts every sum and counter from scratch and compares; how many counters were compared.
    ///
    /// # Errors
    /// Where one differs: a fault of this library.
    pub fn verify(&mut self) -> Result<usize, Error> {
        self.compiler.table.run(|s| s.verify())
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
        let default = || {
            self.store
                .of_kind(Kind::PriorityClass)
                .find(|o| matches!(&***o, Object::PriorityClass(c) if c.global_default))
        };
        match named.or_else(default).map(|o| &**o) {
            Some(Object::PriorityClass(class)) => class.value,
            _ => 0,
        }
    }
}

/// The labels that a pod takes over from its node when it is bound, from 1.35 on.
const TOPOLOGY_LABELS: [&str; 2] = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

/// `namespace/name`.
pub(crate) fn key_of(namespace: &str, name: &str) -> String {
    format!("{}/{name}", if namespace.is_empty() { "default" } else { namespace })
}

pub(crate) fn no_pod(key: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no pod {key}")).hint("name it as namespace/name")
}

fn no_node(name: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no node {name}"))
}
