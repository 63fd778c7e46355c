//! Objects of all kinds but Pod.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use crate::objects::{Kind, Object};
use crate::state::storage::class_of_volume;

/// By namespace and name.
type OfKind = OrdMap<Arc<str>, OrdMap<Arc<str>, Arc<Object>>>;

/// A namespace and a name in it.
type NamespacedName = (Arc<str>, Arc<str>);

/// The objects, and what is asked of them without a look at all.
#[derive(Clone, Default)]
pub(crate) struct Objects {
    kinds: [OfKind; Kind::ALL.len()],
    /// Objects that are not as a cluster would show them, see `unfinished`.
    pub(crate) unfinished: OrdSet<(Kind, Arc<str>)>,
    /// The minor versions of the nodes' kubelets, as in `1.37`, and how many nodes run each.
    kubelets: OrdMap<Arc<str>, usize>,
    /// The nodes that no API server has: those that somebody adds to a dump.
    added_nodes: OrdSet<Arc<str>>,
    /// The claims that name a volume, by the volume's name: (namespace, name).
    claims_of_volume: OrdMap<Arc<str>, OrdSet<NamespacedName>>,
    /// The names of persistent volumes, by storage class.
    volumes_of_class: OrdMap<Arc<str>, OrdSet<Arc<str>>>,
}

impl Objects {
    /// Puts an object in, in the place of the one of the same name.
    pub(crate) fn put(&mut self, object: Arc<Object>) {
        let kind = object.kind();
        let meta = object.metadata();
        let namespace: Arc<str> = Arc::from(if kind.namespaced() { meta.namespace.as_str() } else { "" });
        let name: Arc<str> = Arc::from(meta.name.as_str());
        let of_namespace = self.kinds[kind as usize].entry(namespace.clone()).or_default();
        let old = of_namespace.insert(name.clone(), object.clone());
        if let Some(old) = old {
            self.index(&old, &namespace, &name, false);
        }
        self.index(&object, &namespace, &name, true);
    }

    pub(crate) fn remove(&mut self, kind: Kind, namespace: &str, name: &str) -> Option<Arc<Object>> {
        let of_kind = &mut self.kinds[kind as usize];
        let of_namespace = of_kind.get_mut(namespace)?;
        let (key, removed) = of_namespace.remove_with_key(name)?;
        if of_namespace.is_empty() {
            of_kind.remove(namespace);
        }
        self.index(&removed, &Arc::from(namespace), &key, false);
        Some(removed)
    }

    pub(crate) fn get(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Arc<Object>> {
        self.kinds[kind as usize].get(namespace)?.get(name)
    }

    /// The objects of a kind, of all namespaces, by namespace and name.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Arc<Object>> {
        self.kinds[kind as usize].values().flat_map(OrdMap::values)
    }

    /// How many objects there are of a kind that is in no namespace.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.kinds[kind as usize].get("").map_or(0, OrdMap::len)
    }

    /// The objects of a kind in a namespace, by name.
    pub(crate) fn in_namespace(&self, kind: Kind, namespace: &str) -> impl Iterator<Item = &Arc<Object>> {
        self.kinds[kind as usize].get(namespace).into_iter().flat_map(OrdMap::values)
    }

    /// The claims that name a volume: (namespace, name).
    pub(crate) fn claims_of_volume(&self, volume: &str) -> impl Iterator<Item = &(Arc<str>, Arc<str>)> {
        self.claims_of_volume.get(volume).into_iter().flat_map(OrdSet::iter)
    }

    /// The persistent volumes of a storage class, by name.
    pub(crate) fn volumes_of_class(&self, class: &str) -> impl Iterator<Item = &Arc<Object>> {
        let names = self.volumes_of_class.get(class).into_iter().flat_map(OrdSet::iter);
        names.filter_map(|name| self.get(Kind::PersistentVolume, "", name))
    }

    /// The minor versions of the nodes' kubelets, as in `1.37`.
    pub(crate) fn kubelets(&self) -> impl Iterator<Item = &str> {
        self.kubelets.iter().filter(|(_, count)| **count > 0).map(|(version, _)| &**version)
    }

    /// The nodes that no API server has, by name.
    pub(crate) fn added_nodes(&self) -> impl Iterator<Item = &Arc<str>> {
        self.added_nodes.iter()
    }

    fn index(&mut self, object: &Object, namespace: &Arc<str>, name: &Arc<str>, is_there: bool) {
        if crate::state::undefaulted::is_unfinished(object) {
            put_or_remove(&mut self.unfinished, (object.kind(), name.clone()), is_there);
        }
        match object {
            Object::Node(node) => {
                if node.metadata.uid.is_empty() {
                    put_or_remove(&mut self.added_nodes, name.clone(), is_there);
                }
                if let Some(version) = minor(&node.status.node_info.kubelet_version) {
                    let count = self.kubelets.entry(Arc::from(version)).or_default();
                    *count = if is_there { *count + 1 } else { count.saturating_sub(1) };
                }
            }
            Object::PersistentVolumeClaim(claim) if !claim.spec.volume_name.is_empty() => {
                let of_volume = self.claims_of_volume.entry(Arc::from(claim.spec.volume_name.as_str())).or_default();
                put_or_remove(of_volume, (namespace.clone(), name.clone()), is_there);
            }
            Object::PersistentVolume(volume) => {
                let of_class = self.volumes_of_class.entry(Arc::from(class_of_volume(volume))).or_default();
                put_or_remove(of_class, name.clone(), is_there);
            }
            _ => {}
        }
    }
}

/// `1.37` of `v1.37.2-eks-1a2b3c`.
fn minor(version: &str) -> Option<&str> {
    let bare = version.strip_prefix('v').unwrap_or(version);
    let dot = bare.find('.')?;
    let digits = bare[dot + 1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(bare.len() - dot - 1);
    (digits > 0).then(|| &bare[..dot + 1 + digits])
}

fn put_or_remove<T: Ord + Clone>(set: &mut OrdSet<T>, entry: T, is_there: bool) {
    if is_there {
        set.insert(entry);
    } else {
        set.remove(&entry);
    }
}
