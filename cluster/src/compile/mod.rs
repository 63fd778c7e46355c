//! Kubernetes objects to the core's rows: interning, and the classes that equal specs and labels share.

pub(crate) mod intern;
pub(crate) mod memory;
mod node;
mod pod;
mod ports_and_disks;
mod profile;
mod recent;
#[cfg(feature = "record")]
pub(crate) mod record;
mod selector;
mod spread;
mod terms;
mod volume;

use std::sync::Arc;

use bayplan_core::{
    DriverId, ImageId, ImageSetId, KeyId, LabelClassId, NamespaceId, NodeSetId, ProfileId, SelectorId, SpecId, StrId,
    TaintSetId, TermId, TermKind, UseKeyId, UseListId, UseTag, VolumeId,
};
use imbl::Vector;

pub(crate) use pod::{Own, SpecParts};
pub(crate) use ports_and_disks::{disk_names, host_ports};
pub(crate) use recent::is_of_one_class;
pub(crate) use selector::SelectorParts;

use crate::compile::memory::Table;
use crate::config::Config;
use crate::custom::CustomPlugin;
use crate::error::Error;
use crate::objects::StringMap;
use crate::shared::SharedMap;
use crate::version::Version;
use intern::{Interned, Keys, Nodes, PortGroups, Resources, Strings};
use recent::Recent;

/// The block, and what the ids in it stand for.
#[derive(Clone)]
pub(crate) struct Compiler {
    pub(crate) version: Version,
    pub(crate) config: Arc<Config>,
    /// The caller's own; the core's slots have the same numbers.
    pub(crate) plugins: Arc<[CustomPlugin]>,
    pub(crate) table: Table,
    pub(crate) strings: Strings,
    pub(crate) resources: Resources,
    /// Label keys with a column. A new one is filled in by `state/reconcile.rs`.
    pub(crate) keys: Keys,
    /// Keys whose columns are still empty.
    pub(crate) new_keys: Vec<(String, KeyId)>,
    pub(crate) nodes: Nodes,
    /// By id.
    pub(crate) node_names: Vector<Arc<str>>,
    taint_sets: Interned<Vec<(StrId, StrId, u32)>, TaintSetId>,
    images: Interned<String, ImageId>,
    image_sets: Interned<Vec<(ImageId, i64)>, ImageSetId>,
    profiles: Vec<ProfileId>,
    specs: Interned<SpecParts, SpecId>,
    /// The classes of pods that were compiled lately and wait for a node.
    recent: Recent,
    pub(crate) namespaces: SharedMap<Arc<str>, NamespaceId>,
    label_classes: Interned<(NamespaceId, Vec<(StrId, StrId)>), LabelClassId>,
    selectors: Interned<SelectorParts, SelectorId>,
    terms: Interned<(SelectorId, SelectorId, KeyId, TermKind, i32), TermId>,
    /// Label keys of pods that some selector names.
    label_keys: SharedMap<Arc<str>, ()>,
    /// Those of them that are new: the label classes of pods that have them are to be found again.
    pub(crate) new_label_keys: Vec<String>,
    /// Some selector names the labels of namespaces.
    pub(crate) looks_at_namespaces: bool,
    /// Some amount is so large that scores may overflow.
    pub(crate) has_huge: bool,
    port_groups: PortGroups,
    addresses: Interned<String, u32>,
    disks: Interned<String, UseKeyId>,
    node_sets: Interned<Option<terms::Terms>, NodeSetId>,
    #[allow(clippy::type_complexity, reason = "name, reach, zone, class and size of a volume")]
    volumes: Interned<(String, NodeSetId, NodeSetId, u32, i64), VolumeId>,
    storage_classes: Interned<String, u32>,
    drivers: Interned<String, DriverId>,
    /// By id.
    pub(crate) driver_names: Vector<Arc<str>>,
    /// A driver is new: its limits on the nodes are to be set.
    pub(crate) drivers_stale: bool,
    handles: Interned<(DriverId, String), UseKeyId>,
    exclusive: Interned<String, UseKeyId>,
    use_lists: Interned<Vec<(UseKeyId, UseTag)>, UseListId>,
}

impl Compiler {
    pub(crate) fn new(version: Version, config: Config, plugins: Arc<[CustomPlugin]>) -> Result<Self, Error> {
        let mut compiler = Compiler {
            version,
            config: Arc::new(config),
            plugins,
            table: Table::new(bayplan_core::Limits::default()),
            strings: Strings::new(),
            resources: Resources::new(),
            keys: Keys::new(),
            new_keys: Vec::new(),
            nodes: Nodes::new(),
            node_names: Vector::new(),
            taint_sets: Interned::new(),
            images: Interned::new(),
            image_sets: Interned::new(),
            profiles: Vec::new(),
            specs: Interned::new(),
            recent: Recent::new(),
            namespaces: SharedMap::new(),
            label_classes: Interned::new(),
            selectors: Interned::new(),
            terms: Interned::new(),
            label_keys: SharedMap::new(),
            new_label_keys: Vec::new(),
            looks_at_namespaces: false,
            has_huge: false,
            port_groups: PortGroups::new(),
            addresses: Interned::new(),
            disks: Interned::new(),
            node_sets: Interned::new(),
            volumes: Interned::new(),
            storage_classes: Interned::new(),
            drivers: Interned::new(),
            driver_names: Vector::new(),
            drivers_stale: false,
            handles: Interned::new(),
            exclusive: Interned::new(),
            use_lists: Interned::new(),
        };
        compiler.add_profiles()?;
        Ok(compiler)
    }

    pub(crate) fn string(&mut self, text: &str) -> Result<StrId, Error> {
        self.strings.id(&mut self.table, text)
    }

    /// The column of a label key.
    pub(crate) fn key(&mut self, key: &str) -> Result<KeyId, Error> {
        if let Some(id) = self.keys.get(key) {
            return Ok(*id);
        }
        let id = self.table.run(|s| s.add_key())?;
        self.keys.insert(Arc::from(key), id);
        self.new_keys.push((key.to_owned(), id));
        Ok(id)
    }

    /// Notes that a selector looks at a label of pods.
    pub(crate) fn look_at_label(&mut self, key: &str) {
        if !self.label_keys.contains_key(key) {
            self.label_keys.insert(Arc::from(key), ());
            self.new_label_keys.push(key.to_owned());
        }
    }

    /// The namespace, which need not be an object of the dump.
    pub(crate) fn namespace(&mut self, name: &str) -> Result<NamespaceId, Error> {
        if let Some(id) = self.namespaces.get(name) {
            return Ok(*id);
        }
        self.set_namespace(name, &StringMap::new(), false)
    }

    /// Gives a namespace its labels; `exists` where it is an object.
    pub(crate) fn set_namespace(&mut self, name: &str, labels: &StringMap, exists: bool) -> Result<NamespaceId, Error> {
        let labels = self.pairs(labels.iter())?;
        if let Some(id) = self.namespaces.get(name).copied() {
            self.table.run(|s| s.relabel_namespace(id, &labels, exists))?;
            return Ok(id);
        }
        let id = self.table.run(|s| s.add_namespace(&labels, exists))?;
        self.namespaces.insert(Arc::from(name), id);
        Ok(id)
    }

    /// The label class of a pod.
    pub(crate) fn label_class(&mut self, namespace: &str, labels: &StringMap) -> Result<LabelClassId, Error> {
        let namespace = self.namespace(namespace)?;
        let keys = std::mem::take(&mut self.label_keys);
        let pairs = self.pairs(labels.iter().filter(|(key, _)| keys.contains_key(key.as_str())));
        self.label_keys = keys;
        let table = &mut self.table;
        self.label_classes
            .id((namespace, pairs?), |(namespace, pairs)| table.run(|s| s.add_label_class(*namespace, pairs)))
    }

    fn pairs<'s>(
        &mut self,
        labels: impl Iterator<Item = (&'s String, &'s String)>,
    ) -> Result<Vec<(StrId, StrId)>, Error> {
        labels.map(|(key, value)| Ok((self.string(key)?, self.string(value)?))).collect()
    }

    /// How many spec classes, and how many label classes there are.
    pub(crate) fn classes(&self) -> (usize, usize) {
        (self.specs.len(), self.label_classes.len())
    }
}
