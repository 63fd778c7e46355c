//! A cluster: objects in, and the tables that follow them.

use std::sync::Arc;

use bayplan_core::{LabelClassId, NodeId, Pick, ResourceId, SelectorId, Tables, UseKeyId};
use imbl::{OrdMap, OrdSet};
use serde_json::Value;

use crate::compile::Compiler;
use crate::compile::memory::Block;
use crate::config::{Config, check_plugins};
use crate::custom::{CallExtender, CustomPlugin};
use crate::error::{Error, ErrorKind};
use crate::objects::{Kind, Object, Pod};
use crate::state::Overlay;
use crate::state::budgets::Budget;
use crate::state::default_selector::DefaultSelectors;
use crate::state::storage::StaleStorage;
use crate::state::store::Store;
use crate::version::Version;

/// How a cluster decides.
#[derive(Clone, Debug)]
pub struct Options {
    /// The Kubernetes minor version; the newest by default.
    pub version: Version,
    /// A `KubeSchedulerConfiguration` as JSON; the defaults of the version without one.
    pub configuration: Option<Value>,
    /// Chooses among nodes of the same score by chance, the same for the same seed; without one the first in node
    /// order is taken.
    pub seed: Option<u64>,
    /// Whether a pod that fits nowhere may preempt others, as kube-scheduler lets it; true by default. Without, decisions say nothing of
    /// preemption, and no pod is evicted.
    pub preemption: bool,
    /// What becomes of a live object where a manifest of the same name comes.
    pub overlay: Overlay,
    /// Plugins of the caller's own. One that the configuration names runs in the profiles that enable it, at the points and with the weight that they say;
    /// any other in every profile. They come after kube-scheduler's.
    pub plugins: Vec<CustomPlugin>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            version: Version::default(),
            configuration: None,
            seed: None,
            preemption: true,
            overlay: Overlay::default(),
            plugins: Vec::new(),
        }
    }
}

/// How many nodes and pods a cluster has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Nodes.
    pub nodes: usize,
    /// Pods, those among them that have ended.
    pub pods: usize,
    /// Pods that wait for a node.
    pub pending: usize,
    /// Pods that hold room on a node that is there.
    pub bound: usize,
}

/// A cluster that can be asked where pods would land. Cloning it makes an independent fork.
#[derive(Clone)]
pub struct Cluster {
    pub(in crate::state) compiler: Compiler,
    pub(in crate::state) store: Store,
    /// Pods that name a node that is not there, by node.
    pub(in crate::state) orphans: OrdMap<Arc<str>, Vec<Arc<str>>>,
    pub(in crate::state) seed: Option<u64>,
    /// Draws so far, so that each is another.
    pub(in crate::state) draws: u64,
    /// The start time of the pod bound last.
    pub(in crate::state) clock: i64,
    /// The configuration as it was given.
    pub(in crate::state) configuration: Option<Arc<Value>>,
    warnings: Arc<[String]>,
    /// Volumes that are attached to nodes.
    pub(in crate::state) attached: OrdSet<(UseKeyId, NodeId)>,
    /// Bound pods whose volumes cannot be counted.
    pub(in crate::state) uncounted: OrdSet<Arc<str>>,
    /// Objects of storage that changed.
    pub(in crate::state) stale_storage: StaleStorage,
    /// The default selectors found since a service or controller changed last.
    pub(in crate::state) default_selectors: DefaultSelectors,
    /// Waiting pods that preemption has nominated to a node.
    pub(in crate::state) nominated: OrdSet<Arc<str>>,
    /// The disruption budgets in the tables.
    pub(in crate::state) budgets: OrdMap<Arc<str>, Budget>,
    /// Whether pods that fit nowhere preempt others, see [`Options::preemption`].
    pub(in crate::state) preemption: bool,
    /// See [`Options::overlay`].
    pub(in crate::state) overlay: Overlay,
    /// See [`Cluster::set_extender_calls`].
    pub(crate) extender_calls: Option<Arc<dyn CallExtender>>,
    /// The live objects that were changed by manifests.
    pub(in crate::state) overlaid: OrdSet<Arc<str>>,
    /// How many objects came, changed and went.
    pub(in crate::state) changes: u64,
    /// How many rows were in use when the tables held no more than was needed, see `compact`.
    pub(in crate::state) needed: u64,
}

impl Cluster {
    /// An empty cluster.
    ///
    /// # Errors
    /// Where the configuration is one that kube-scheduler would not start with.
    pub fn new(options: Options) -> Result<Self, Error> {
        let config = match &options.configuration {
            Some(configuration) => Config::read_with(configuration, options.version, &options.plugins)?,
            None => Config::of_version(options.version),
        };
        check_plugins(&options.plugins)?;
        let mut cluster = Self::empty(options.version, config, options.seed, options.plugins.into())?;
        cluster.configuration = options.configuration.map(Arc::new);
        cluster.preemption = options.preemption;
        cluster.overlay = options.overlay;
        Ok(cluster)
    }

    fn empty(version: Version, config: Config, seed: Option<u64>, plugins: Arc<[CustomPlugin]>) -> Result<Self, Error> {
        let warnings = config.warnings.iter().map(ToString::to_string).collect();
        Ok(Cluster {
            compiler: Compiler::new(version, config, plugins)?,
            store: Store::default(),
            orphans: OrdMap::new(),
            seed,
            draws: 0,
            clock: 0,
            configuration: None,
            warnings,
            attached: OrdSet::new(),
            uncounted: OrdSet::new(),
            stale_storage: StaleStorage::default(),
            default_selectors: DefaultSelectors::new(),
            nominated: OrdSet::new(),
            budgets: OrdMap::new(),
            preemption: true,
            overlay: Overlay::default(),
            extender_calls: None,
            overlaid: OrdSet::new(),
            changes: 0,
            needed: 0,
        })
    }

    /// A cluster without objects that decides as this one, and has drawn and bound as much.
    pub(crate) fn emptied(&self) -> Result<Self, Error> {
        let mut empty = {
            let (config, plugins) = ((*self.compiler.config).clone(), self.compiler.plugins.clone());
            Cluster::empty(self.compiler.version, config, self.seed, plugins)?
        };
        empty.configuration = self.configuration.clone();
        (empty.preemption, empty.overlay) = (self.preemption, self.overlay);
        empty.extender_calls = self.extender_calls.clone();
        empty.overlaid = self.overlaid.clone();
        (empty.draws, empty.clock, empty.changes) = (self.draws, self.clock, self.changes);
        Ok(empty)
    }

    /// Whether pods that fit nowhere may preempt others.
    #[must_use]
    pub fn preempts(&self) -> bool {
        self.preemption
    }

    /// The row of a node.
    pub(crate) fn node_id(&self, name: &str) -> Option<NodeId> {
        self.compiler.nodes.get(name).copied()
    }

    /// The class of labels in the tables; a new one is made where there is none.
    pub(crate) fn label_class(
        &mut self,
        namespace: &str,
        labels: &crate::objects::StringMap,
    ) -> Result<LabelClassId, Error> {
        self.compiler.label_class(namespace, labels)
    }

    /// Runs an operation of the core on this cluster's tables, with what it writes.
    pub(crate) fn run<R>(
        &mut self,
        operation: impl FnMut(&mut Block<'_>) -> Result<R, bayplan_core::Error>,
    ) -> Result<R, Error> {
        self.compiler.table.run(operation)
    }

    /// What was written to the tables, see [`crate::compile::record`].
    #[cfg(feature = "record")]
    pub(crate) fn written(&mut self) -> &mut Vec<u32> {
        self.compiler.table.rows()
    }

    /// See [`Options::seed`].
    pub(crate) fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// How it is chosen among equal nodes from now on, see [`Options::seed`].
    pub(crate) fn set_seed(&mut self, seed: Option<u64>) {
        self.seed = seed;
    }

    /// Lets pods that fit nowhere preempt others from now on, or not.
    pub fn set_preemption(&mut self, on: bool) {
        self.preemption = on;
    }

    /// The pods bound to a node, by name.
    #[must_use]
    pub fn pods_on(&self, node: &str) -> Vec<String> {
        let Some(id) = self.compiler.nodes.get(node) else { return Vec::new() };
        let mut keys: Vec<String> = self.store.pods.on(*id).map(|key| key.to_string()).collect();
        keys.sort_unstable();
        keys
    }

    /// How many nodes and pods there are. Costs next to nothing.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            nodes: self.store.objects.count(Kind::Node),
            pods: self.store.pods.len(),
            pending: self.store.pods.waiting_count(),
            bound: self.store.pods.bound_count(),
        }
    }

    /// The names of the nodes, in node order.
    #[must_use]
    pub fn nodes(&self) -> Vec<&str> {
        let is_there =
            |(row, name): &(usize, &Arc<str>)| self.compiler.nodes.get(&**name).is_some_and(|id| id.at() == *row);
        self.compiler.node_names.iter().enumerate().filter(is_there).map(|(_, name)| &**name).collect()
    }

    /// A pod by `namespace/name`.
    #[must_use]
    pub fn pod(&self, key: &str) -> Option<&Pod> {
        self.store.pods.get(key).map(|entry| &*entry.pod)
    }

    /// An object of any kind but Pod.
    #[must_use]
    pub fn object(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Object> {
        self.store.objects.get(kind, namespace, name).map(|object| &**object)
    }

    /// Objects of a kind but Pod, by namespace and name.
    pub fn objects(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.store.objects.of_kind(kind).map(|object| &**object)
    }

    /// The pods that wait for a node, in the order of the scheduler's queue: the highest priority first, then the
    /// oldest.
    #[must_use]
    pub fn pending(&self) -> Vec<String> {
        self.store.pods.waiting().map(|key| key.to_string()).collect()
    }

    /// What is to be known of the input: configuration that is not honoured, pods on nodes that are not there, objects that
    /// lack what a cluster would have filled in.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.warnings.to_vec();
        for (node, pods) in &self.orphans {
            warnings.push(format!(
                "{} pod(s) are on node {node}, which is not among the objects; they are left out (first: {})",
                pods.len(),
                pods[0]
            ));
        }
        warnings.extend(self.unfinished());
        warnings.extend(self.other_version());
        let overlaid: Vec<&str> = self.overlaid.iter().map(|name| &**name).collect();
        warnings.extend(self.overlaid(overlaid.into_iter()));
        warnings
    }

    /// Nodes are never newer than their control plane, and rarely older by much.
    fn other_version(&self) -> Option<String> {
        let number = |version: &str| version.split('.').filter_map(|part| part.parse().ok()).collect::<Vec<u32>>();
        let newest = self.store.objects.kubelets().max_by_key(|version| number(version))?;
        let decided = self.version();
        (newest != decided.name()).then(|| format!("nodes run {newest}, decided as {decided} (--kubernetes-version)"))
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

    /// The tables' compiler, to read: names, ids, the configuration.
    pub(crate) fn compiler(&self) -> &Compiler {
        &self.compiler
    }

    /// The objects, to read.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The nominated pods that wait.
    pub(crate) fn nominated(&self) -> &OrdSet<Arc<str>> {
        &self.nominated
    }

    /// The bound pods whose volumes cannot be counted.
    pub(crate) fn uncounted(&self) -> &OrdSet<Arc<str>> {
        &self.uncounted
    }

    /// The start time of the pod bound last, in seconds since the epoch.
    pub(crate) fn clock(&self) -> i64 {
        self.clock
    }

    /// Reads the core's tables.
    pub(crate) fn read<R>(
        &mut self,
        mut operation: impl FnMut(&Tables<'_>) -> Result<R, bayplan_core::Error>,
    ) -> Result<R, Error> {
        self.compiler.table.run(|s| operation(s.tables()))
    }

    /// The id of a resource.
    pub(crate) fn resource(&mut self, name: &str) -> Result<ResourceId, Error> {
        self.compiler.resources.id(&mut self.compiler.table, name)
    }

    /// The label class of a pod, and the selector that it is spread from by default.
    pub(crate) fn labels_of(&mut self, pod: &Pod, profile: usize) -> Result<(LabelClassId, SelectorId), Error> {
        let labels = self.compiler.label_class(&pod.metadata.namespace, &pod.metadata.labels)?;
        let default_selector = self.default_selector(pod, labels, profile)?;
        let stale = !self.compiler.new_label_keys.is_empty();
        self.settle()?;
        // A new key may have changed the pod's own label class.
        let labels =
            if stale { self.compiler.label_class(&pod.metadata.namespace, &pod.metadata.labels)? } else { labels };
        Ok((labels, default_selector))
    }

    /// How the next decision picks, which stays the next.
    pub(crate) fn next_pick(&mut self) -> Pick {
        let draws = self.draws;
        let pick = self.pick();
        self.draws = draws;
        pick
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
        let named = self.store.objects.get(Kind::PriorityClass, "", &pod.spec.priority_class_name);
        if let Some(Object::PriorityClass(class)) = named.map(|object| &**object) {
            return class.value;
        }
        let defaults = self.store.objects.of_kind(Kind::PriorityClass).filter_map(|object| match &**object {
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
