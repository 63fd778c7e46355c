//! Claims and volumes: what a pod uses, what rejects it as a whole, and what its claims need of a node.

use std::collections::BTreeSet;
use std::sync::Arc;

use bayplan_core::{MAX_WAITING, NodeId, NodeSetId, StrId, UseKeyId, UseListId, UseTag, VolumeId, Volumes, Waiting};

use crate::attachable::{self, Attachable};
use crate::cluster::{Cluster, key_of};
use crate::config::Plugin;
use crate::decide::Asked;
use crate::error::{Error, ErrorKind};
use crate::labels::{NodeSelector, Selector};
use crate::objects::{
    ClaimRef, CsiDriver, CsiNode, Kind, Node, Object, ObjectMeta, PersistentVolume, PersistentVolumeClaim, Pod,
    StorageClass,
};
use crate::quantity::Quantity;
use crate::version::Version;

const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";
const STORAGE: &str = "storage";
/// The labels of zones and regions, and the newer ones that stand in for the old.
const ZONES: [(&str, &str); 4] = [
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("topology.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("topology.kubernetes.io/region", "topology.kubernetes.io/region"),
];

/// What a pod's claims need of a node, owned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    bound: Vec<VolumeId>,
    lost: bool,
    zoned: Vec<VolumeId>,
    waiting: Vec<WaitingClaim>,
}

#[derive(Clone, Debug)]
struct WaitingClaim {
    name: String,
    selected: StrId,
    candidates: Vec<VolumeId>,
    names: Vec<String>,
    reserved: Vec<VolumeId>,
    reserved_names: Vec<String>,
    makes: Option<NodeSetId>,
    rooms: Option<Vec<(NodeSetId, i64)>>,
    size: i64,
    class: u32,
}

impl Plan {
    /// Runs `then` with the plan as the core takes it.
    pub(crate) fn with<R>(&self, then: impl FnOnce(Volumes<'_>) -> R) -> R {
        let waiting: Vec<Waiting<'_>> = self
            .waiting
            .iter()
            .map(|claim| Waiting {
                selected: claim.selected,
                candidates: &claim.candidates,
                reserved: &claim.reserved,
                makes: claim.makes,
                rooms: claim.rooms.as_deref(),
                size: claim.size,
                class: claim.class,
            })
            .collect();
        then(Volumes { bound: &self.bound, lost: self.lost, zoned: &self.zoned, waiting: &waiting })
    }

    pub(crate) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }
}

/// A rejection of the pod as a whole.
pub(crate) enum Stop {
    /// No node can do: the rule, and why.
    Rejected(&'static str, String),
    /// The scheduler fails.
    Failed(String),
}

/// The claim behind a volume of a pod: its name, and whether it was made for the pod alone.
pub(crate) fn claim_names(pod: &Pod) -> impl Iterator<Item = (String, bool)> + '_ {
    pod.spec.volumes.iter().filter_map(|volume| match (&volume.persistent_volume_claim, &volume.ephemeral) {
        (Some(source), _) => Some((source.claim_name.clone(), false)),
        (None, Some(_)) => Some((format!("{}-{}", pod.metadata.name, volume.name), true)),
        (None, None) => None,
    })
}

fn class_of<'a>(meta: &'a ObjectMeta, field: Option<&'a str>) -> &'a str {
    meta.annotations.get(CLASS_ANNOTATION).map(String::as_str).or(field).unwrap_or_default()
}

fn class_of_claim(claim: &PersistentVolumeClaim) -> &str {
    class_of(&claim.metadata, claim.spec.storage_class_name.as_deref())
}

fn requested(claim: &PersistentVolumeClaim) -> Quantity {
    claim.spec.resources.requests.get(STORAGE).copied().unwrap_or_default()
}

pub(crate) fn owned_by(claim: &PersistentVolumeClaim, pod: &Pod) -> bool {
    let owner = claim.metadata.owner_references.iter().find(|o| o.controller == Some(true));
    owner.is_some_and(|owner| owner.uid == pod.metadata.uid)
}

/// Whether a node has announced that a driver has taken over from a provisioner of old.
pub(crate) fn announces(csi_node: Option<&CsiNode>, old: &str) -> bool {
    let plugins = csi_node.and_then(|node| node.metadata.annotations.get(attachable::MIGRATED_PLUGINS));
    plugins.is_some_and(|plugins| plugins.split(',').any(|plugin| plugin == old))
}

/// kube-scheduler's words for an ephemeral claim that is another's.
pub(crate) fn not_owned(namespace: &str, name: &str, pod: &Pod) -> String {
    let pod = key_of(namespace, &pod.metadata.name);
    format!("PVC {namespace}/{name} was not created for pod {pod} (pod is not owner)")
}

impl Cluster {
    pub(crate) fn claim(&self, namespace: &str, name: &str) -> Option<&PersistentVolumeClaim> {
        match &**self.store.get(Kind::PersistentVolumeClaim, namespace, name)? {
            Object::PersistentVolumeClaim(claim) => Some(claim),
            _ => None,
        }
    }

    pub(crate) fn volume(&self, name: &str) -> Option<&PersistentVolume> {
        match &**self.store.get(Kind::PersistentVolume, "", name)? {
            Object::PersistentVolume(volume) => Some(volume),
            _ => None,
        }
    }

    fn class(&self, name: &str) -> Option<&StorageClass> {
        match &**self.store.get(Kind::StorageClass, "", name)? {
            Object::StorageClass(class) => Some(class),
            _ => None,
        }
    }

    fn csi_driver(&self, name: &str) -> Option<&CsiDriver> {
        match &**self.store.get(Kind::CSIDriver, "", name)? {
            Object::CSIDriver(driver) => Some(driver),
            _ => None,
        }
    }

    /// The volumes and exclusive claims that a pod uses.
    pub(crate) fn uses_of(&mut self, pod: &Pod) -> Result<UseListId, Error> {
        let uses = self.uses(pod)?;
        self.compiler.use_list(uses)
    }

    /// What a pod uses that asks for a node: of its exclusive claims the names too, as kube-scheduler knows those of nominated
    /// pods by no more.
    pub(crate) fn uses_asked(&mut self, pod: &Pod) -> Result<UseListId, Error> {
        let mut uses = self.uses(pod)?;
        if uses.iter().any(|(_, tag)| *tag == UseTag::EXCLUSIVE) {
            for claim in self.exclusive_claims(pod) {
                uses.push((self.compiler.exclusive(&claim)?, UseTag::EXCLUSIVE_NAME));
            }
        }
        self.compiler.use_list(uses)
    }

    /// What a pod uses as it counts where room is held for it: the names of all its claims are as good as exclusive claims.
    pub(crate) fn uses_nominated(&mut self, pod: &Pod) -> Result<UseListId, Error> {
        let mut uses = self.uses(pod)?;
        for (name, _) in claim_names(pod).filter(|(_, ephemeral)| !ephemeral) {
            uses.push((self.compiler.exclusive(&name)?, UseTag::EXCLUSIVE));
        }
        self.compiler.use_list(uses)
    }

    /// The names of the pod's claims that only one pod may use.
    fn exclusive_claims(&self, pod: &Pod) -> BTreeSet<String> {
        let names = claim_names(pod).filter(|(_, ephemeral)| !ephemeral).map(|(name, _)| name);
        let exclusive = |name: &String| {
            let claim = self.claim(&pod.metadata.namespace, name);
            claim.is_some_and(|claim| claim.spec.access_modes.iter().any(|mode| mode == "ReadWriteOncePod"))
        };
        names.filter(exclusive).collect()
    }

    fn uses(&mut self, pod: &Pod) -> Result<Vec<(UseKeyId, u32)>, Error> {
        if pod.spec.volumes.is_empty() {
            return Ok(Vec::new());
        }
        let mut uses: Vec<(UseKeyId, u32)> = Vec::new();
        for (driver, handle) in self.mounted(pod) {
            uses.push((self.compiler.handle(&driver, &handle)?, UseTag::MOUNTED));
        }
        for claim in self.exclusive_claims(pod) {
            uses.push((self.compiler.exclusive(&key_of(&pod.metadata.namespace, &claim))?, UseTag::EXCLUSIVE));
        }
        Ok(uses)
    }

    /// The volumes of a pod that count towards limits, in the order of their drivers.
    pub(crate) fn mounted(&self, pod: &Pod) -> BTreeSet<Attachable> {
        let namespace = &pod.metadata.namespace;
        let inline = pod.spec.volumes.iter().filter(|v| v.persistent_volume_claim.is_none() && v.ephemeral.is_none());
        let mut mounted: BTreeSet<Attachable> =
            inline.filter_map(|volume| attachable::of_inline(volume).ok().flatten()).collect();
        for (name, _) in claim_names(pod) {
            let Some(claim) = self.claim(namespace, &name) else { continue };
            mounted.extend(match self.volume(&claim.spec.volume_name) {
                Some(volume) => attachable::of_volume(volume, self.compiler.version),
                None => self.class(class_of_claim(claim)).and_then(|class| {
                    let version = self.compiler.version;
                    attachable::of_provisioner(&class.provisioner, &key_of(namespace, &name), version)
                }),
            });
        }
        mounted
    }

    /// What rejects the pod before any node is looked at, in the words of the rule.
    pub(crate) fn volumes_reject(&self, rule: Plugin, pod: &Pod) -> Option<Stop> {
        let namespace = &pod.metadata.namespace;
        match rule {
            Plugin::VolumeRestrictions => claim_names(pod)
                .find(|(name, ephemeral)| !ephemeral && self.claim(namespace, name).is_none())
                .map(|(name, _)| {
                    Stop::Rejected("VolumeRestrictions", format!("persistentvolumeclaim {name:?} not found"))
                }),
            Plugin::VolumeBinding => self.binding_rejects(pod),
            Plugin::VolumeZone => self.zones_reject(pod).map(|why| Stop::Rejected("VolumeZone", why)),
            _ => None,
        }
    }

    fn binding_rejects(&self, pod: &Pod) -> Option<Stop> {
        let rejected = |why: String| Some(Stop::Rejected("VolumeBinding", why));
        let namespace = &pod.metadata.namespace;
        for (name, ephemeral) in claim_names(pod) {
            let Some(claim) = self.claim(namespace, &name) else {
                return rejected(if ephemeral {
                    format!("waiting for ephemeral volume controller to create the persistentvolumeclaim {name:?}")
                } else {
                    format!("persistentvolumeclaim {name:?} not found")
                });
            };
            if claim.status.phase == "Lost" {
                let volume = &claim.spec.volume_name;
                return rejected(format!(
                    "persistentvolumeclaim {name:?} bound to non-existent persistentvolume {volume:?}"
                ));
            }
            if claim.metadata.deletion_timestamp.is_some() {
                return rejected(format!("persistentvolumeclaim {name:?} is being deleted"));
            }
            if ephemeral && !owned_by(claim, pod) {
                return rejected(not_owned(namespace, &name, pod));
            }
        }
        let mut immediate = false;
        for (name, _) in claim_names(pod) {
            let Some(claim) = self.claim(namespace, &name) else { continue };
            let has_volume = !claim.spec.volume_name.is_empty();
            if has_volume && claim.metadata.annotations.contains_key(BIND_COMPLETED) {
                continue;
            }
            let class = self.class(class_of_claim(claim));
            match class.map(|class| class.volume_binding_mode.as_deref()) {
                Some(None) => {
                    let class = class_of_claim(claim);
                    return Some(Stop::Failed(format!(
                        "running PreFilter plugin \"VolumeBinding\": VolumeBindingMode not set for StorageClass {class:?}"
                    )));
                }
                Some(Some("WaitForFirstConsumer")) if !has_volume => {}
                _ => immediate = true,
            }
        }
        if immediate { rejected("pod has unbound immediate PersistentVolumeClaims".to_owned()) } else { None }
    }

    fn zones_reject(&self, pod: &Pod) -> Option<String> {
        for (name, _) in claim_names(pod).filter(|(_, ephemeral)| !ephemeral) {
            if name.is_empty() {
                return Some("PersistentVolumeClaim had no name".to_owned());
            }
            let Some(claim) = self.claim(&pod.metadata.namespace, &name) else {
                return Some(format!("persistentvolumeclaim {name:?} not found"));
            };
            let volume = &claim.spec.volume_name;
            if !volume.is_empty() {
                if self.volume(volume).is_none() {
                    return Some(format!("persistentvolume {volume:?} not found"));
                }
                continue;
            }
            let class = class_of_claim(claim);
            if class.is_empty() {
                return Some("PersistentVolumeClaim had no pv name and storageClass name".to_owned());
            }
            match self.class(class).map(|c| c.volume_binding_mode.as_deref()) {
                None => return Some(format!("storageclass.storage.k8s.io {class:?} not found")),
                Some(None) => return Some(format!("VolumeBindingMode not set for StorageClass {class:?}")),
                Some(Some("WaitForFirstConsumer")) => {}
                Some(Some(_)) => return Some("PersistentVolume had no name".to_owned()),
            }
        }
        None
    }

    /// What the pod's claims need of a node.
    pub(crate) fn plan(&mut self, pod: &Pod) -> Result<Plan, Error> {
        let mut plan = Plan::default();
        let mut waiting: Vec<PersistentVolumeClaim> = Vec::new();
        let namespace = &pod.metadata.namespace;
        for (name, ephemeral) in claim_names(pod) {
            let Some(claim) = self.claim(namespace, &name).cloned() else { continue };
            let volume = self.volume(&claim.spec.volume_name).cloned();
            if !ephemeral && let Some(volume) = &volume {
                plan.zoned.push(self.volume_row(volume)?);
            }
            if claim.spec.volume_name.is_empty() {
                waiting.push(claim);
            } else if let (Some(volume), false) = (volume, plan.lost) {
                plan.bound.push(self.volume_row(&volume)?);
            } else {
                plan.lost = true;
            }
        }
        if waiting.len() > MAX_WAITING {
            let problem = format!("{} claims wait for the pod's node; at most {MAX_WAITING} may", waiting.len());
            return Err(Error::new(ErrorKind::Unsupported, problem).at("spec.volumes"));
        }
        let selected = |claim: &PersistentVolumeClaim| claim.metadata.annotations.get(SELECTED_NODE).cloned();
        // Claims for which a volume is being made come first, then the smallest.
        waiting.sort_by_key(|claim| {
            (selected(claim).is_none(), selected(claim).map_or(requested(claim), |_| Quantity::default()))
        });
        for claim in waiting {
            let selected = self.compiler.node_name(selected(&claim).as_deref())?;
            plan.waiting.push(self.waiting(&claim, selected)?);
        }
        Ok(plan)
    }

    fn waiting(&mut self, claim: &PersistentVolumeClaim, selected: StrId) -> Result<WaitingClaim, Error> {
        let (found, own) = if selected.is_some() { Default::default() } else { self.candidates(claim) };
        let mut rows = |volumes: &[PersistentVolume]| volumes.iter().map(|v| self.volume_row(v)).collect();
        let (candidates, reserved): (Result<Vec<_>, Error>, Result<Vec<_>, Error>) = (rows(&found), rows(&own));
        let names = |volumes: Vec<PersistentVolume>| volumes.into_iter().map(|v| v.metadata.name).collect();
        let class = self.class(class_of_claim(claim)).cloned().unwrap_or_default();
        let makes = match class.provisioner.as_str() {
            "" | "kubernetes.io/no-provisioner" => None,
            _ => Some(self.compiler.allowed(&class.allowed_topologies)?),
        };
        Ok(WaitingClaim {
            name: key_of(&claim.metadata.namespace, &claim.metadata.name),
            selected,
            candidates: candidates?,
            names: names(found),
            reserved: reserved?,
            reserved_names: names(own),
            makes,
            rooms: self.rooms(claim, &class)?,
            size: requested(claim).value(),
            class: self.compiler.storage_class(claim.spec.storage_class_name.as_deref().unwrap_or_default()),
        })
    }

    /// The volumes that would do for a claim, the smallest first and of equal ones the lowest name; and those that are
    /// reserved for it.
    fn candidates(&self, claim: &PersistentVolumeClaim) -> (Vec<PersistentVolume>, Vec<PersistentVolume>) {
        let mode = |mode: &Option<String>| mode.clone().unwrap_or_else(|| "Filesystem".to_owned());
        let attributes = |class: &Option<String>| class.clone().unwrap_or_default();
        let selector = claim.spec.selector.as_ref().map(|s| Selector::new(Some(s), "spec.selector"));
        let mut found: Vec<(Quantity, PersistentVolume)> = Vec::new();
        let mut reserved = Vec::new();
        for object in self.store.of_kind(Kind::PersistentVolume) {
            let Object::PersistentVolume(volume) = &**object else { continue };
            let spec = &volume.spec;
            let size = spec.capacity.get(STORAGE).copied().unwrap_or_default();
            let own = spec.claim_ref.as_ref().is_some_and(|r| {
                r.namespace == claim.metadata.namespace
                    && r.name == claim.metadata.name
                    && (r.uid.is_empty() || r.uid == claim.metadata.uid)
            });
            if class_of(&volume.metadata, Some(&spec.storage_class_name)) != class_of_claim(claim)
                || spec.claim_ref.is_some() && !own
                || size < requested(claim)
                || mode(&spec.volume_mode) != mode(&claim.spec.volume_mode)
                || attributes(&spec.volume_attributes_class_name)
                    != attributes(&claim.spec.volume_attributes_class_name)
                || volume.metadata.deletion_timestamp.is_some()
            {
                continue;
            }
            if own {
                reserved.push((**volume).clone());
                continue;
            }
            let selected = match &selector {
                None => true,
                Some(Ok(selector)) => selector.matches(&volume.metadata.labels),
                Some(Err(_)) => false,
            };
            let accessible = claim.spec.access_modes.iter().all(|mode| spec.access_modes.contains(mode));
            if selected && accessible && volume.status.phase == "Available" {
                found.push((size, (**volume).clone()));
            }
        }
        // Objects come in the order of their names, and the sort keeps it.
        found.sort_by_key(|(size, _)| *size);
        (found.into_iter().map(|(_, volume)| volume).collect(), reserved)
    }

    /// Where the driver of a class says that it has room for a claim; `None` where it says nothing.
    fn rooms(
        &mut self,
        claim: &PersistentVolumeClaim,
        class: &StorageClass,
    ) -> Result<Option<Vec<(NodeSetId, i64)>>, Error> {
        let publishes = self.csi_driver(&class.provisioner).is_some_and(|d| d.spec.storage_capacity == Some(true));
        if !publishes || !claim.spec.resources.requests.contains_key(STORAGE) {
            return Ok(None);
        }
        let size = requested(claim).value();
        let objects: Vec<Arc<Object>> = self.store.of_kind(Kind::CSIStorageCapacity).cloned().collect();
        let mut rooms = Vec::new();
        for object in objects {
            let Object::CSIStorageCapacity(capacity) = &*object else { continue };
            let limit = capacity.maximum_volume_size.or(capacity.capacity);
            if capacity.storage_class_name != class.metadata.name || limit.is_none_or(|limit| limit.value() < size) {
                continue;
            }
            let set = match Selector::new(capacity.node_topology.as_ref(), "nodeTopology")? {
                Selector::Nothing => self.compiler.no_node()?,
                Selector::All(requirements) => self.compiler.fulfilling(&requirements)?,
            };
            rooms.push((set, capacity.capacity.unwrap_or_default().value()));
        }
        Ok(Some(rooms))
    }

    pub(crate) fn volume_row(&mut self, volume: &PersistentVolume) -> Result<VolumeId, Error> {
        let required = volume.spec.node_affinity.as_ref().and_then(|a| a.required.as_ref());
        let plain = required.map(NodeSelector::lenient);
        let taken_over = attachable::taken_over(volume);
        let reach = match (&plain, taken_over) {
            (None, None) => self.compiler.every_node()?,
            (Some(plain), None) => self.compiler.reaching(plain)?,
            (_, Some((old, selector))) => {
                let announced = attachable::announcement(old);
                let selector = NodeSelector::lenient(&selector);
                self.compiler.reaching_by_announcement(&announced, &selector, plain.as_ref())?
            }
        };
        let mut places = Vec::new();
        for (label, other) in ZONES {
            let Some(text) = volume.metadata.labels.get(label) else { continue };
            // A label may name several zones; one that names an empty one is passed over.
            let values: Vec<String> = text.split("__").map(|zone| zone.trim().to_owned()).collect();
            if values.iter().all(|zone| !zone.is_empty()) {
                places.push((label, other, values));
            }
        }
        let zone = self.compiler.zone(&places, &ZONES.map(|(label, _)| label))?;
        let size = volume.spec.capacity.get(STORAGE).copied().unwrap_or_default().value();
        self.compiler.volume(&volume.metadata.name, reach, zone, &volume.spec.storage_class_name, size)
    }

    /// The claims for which several volumes of the same size would do on a node.
    pub(crate) fn volume_ties(&mut self, asked: &Asked, node: NodeId) -> Result<Vec<String>, Error> {
        let mut gets = Vec::new();
        self.ask(asked, |s, request| {
            gets.clear();
            s.volumes_on(request, node, &mut |at, volume| gets.push((at, volume)))
        })?;
        let size = |name: &String| self.volume(name).and_then(|v| v.spec.capacity.get(STORAGE).copied());
        let mut rows = Vec::new();
        for (at, volume) in gets {
            let (Some(claim), Some(volume)) = (asked.plan.waiting.get(at), volume) else { continue };
            let Some(chosen) = claim.candidates.iter().position(|c| *c == volume) else { continue };
            let same = claim.names.iter().zip(&claim.candidates).skip(chosen + 1);
            let same: Vec<VolumeId> =
                same.filter(|(name, _)| size(name) == size(&claim.names[chosen])).map(|(_, id)| *id).collect();
            rows.push((claim.name.clone(), claim.names[chosen].clone(), same));
        }
        let mut ties = Vec::new();
        for (claim, chosen, same) in rows {
            let others = self.compiler.table.run(|s| {
                same.iter().map(|v| s.tables.reaches(*v, node)).try_fold(0, |n, r| r.map(|r| n + u32::from(r)))
            })?;
            if others > 0 {
                ties.push(format!(
                    "claim {claim} takes {chosen}, the lowest name of {} volumes of the same size",
                    others + 1
                ));
            }
        }
        Ok(ties)
    }

    /// Reserves what a pod's waiting claims get on the node that it is bound to: volumes for them, and the node to make
    /// the others for. `gets` has a claim's number and the volume, or none.
    pub(crate) fn reserve(&mut self, plan: &Plan, node: &str, gets: &[(usize, Option<VolumeId>)]) {
        for (at, volume) in gets {
            let Some(waiting) = plan.waiting.get(*at) else { continue };
            let (namespace, name) = waiting.name.split_once('/').unwrap_or_default();
            let Some(claim) = self.claim(namespace, name).cloned() else { continue };
            match volume {
                Some(id) => {
                    let ids = waiting.candidates.iter().zip(&waiting.names);
                    let mut ids = ids.chain(waiting.reserved.iter().zip(&waiting.reserved_names));
                    let name_of = ids.find(|(other, _)| *other == id).map(|(_, name)| name);
                    let Some(mut volume) = name_of.and_then(|name| self.volume(name)).cloned() else { continue };
                    volume.spec.claim_ref = Some(ClaimRef {
                        kind: "PersistentVolumeClaim".to_owned(),
                        namespace: namespace.to_owned(),
                        name: name.to_owned(),
                        uid: claim.metadata.uid.clone(),
                    });
                    self.store.put(Arc::new(Object::from(volume)));
                }
                None => {
                    let mut claim = claim;
                    claim.metadata.annotations.insert(SELECTED_NODE.to_owned(), node.to_owned());
                    self.store.put(Arc::new(Object::from(claim)));
                }
            }
        }
    }

    /// Sets what the node's CSINode says: the limits of every driver, and which provisioners of old it has taken over.
    pub(crate) fn set_drivers(&mut self, node: &Node) -> Result<(), Error> {
        let Some(id) = self.compiler.nodes.get(&node.metadata.name).copied() else { return Ok(()) };
        let csi_node = match self.store.get(Kind::CSINode, "", &node.metadata.name).map(|o| &**o) {
            Some(Object::CSINode(csi_node)) => Some(csi_node.clone()),
            _ => None,
        };
        for driver in csi_node.iter().flat_map(|n| &n.spec.drivers) {
            self.compiler.driver(&driver.name)?;
        }
        let announced = csi_node.as_deref();
        for (key, column) in self.compiler.keys.clone() {
            let Some(old) = key.strip_prefix(attachable::ANNOUNCED) else { continue };
            let value = if announces(announced, old) { self.compiler.string("yes")? } else { StrId::NONE };
            self.compiler.table.run(|s| s.tables.relabel_node(id, column, value))?;
        }
        for name in self.compiler.driver_names.clone() {
            let (announced_driver, stands_for) = attachable::ANNOUNCED_DRIVER;
            let known_as = match &name {
                name if *name != announced_driver => name.as_str(),
                _ if announces(announced, announced_driver) => stands_for,
                _ => "",
            };
            let on_node = csi_node.iter().flat_map(|n| &n.spec.drivers).find(|d| d.name == known_as);
            let limit = on_node.and_then(|d| d.allocatable.as_ref()?.count).map(|count| count.max(0) as u32);
            let demands =
                self.csi_driver(&name).is_some_and(|d| d.spec.prevent_pod_scheduling_if_missing == Some(true));
            let lacks = self.compiler.version >= Version::V1_37 && demands && on_node.is_none();
            let driver = self.compiler.driver(&name)?;
            self.compiler.table.run(|s| s.tables.set_driver(driver, id, limit, lacks))?;
        }
        Ok(())
    }

    /// After objects of storage came, changed or went: limits, attachments, and what bound pods use.
    pub(crate) fn refresh_storage(&mut self) -> Result<(), Error> {
        let nodes: Vec<Arc<Object>> = self.store.of_kind(Kind::Node).cloned().collect();
        // A first round may find drivers that nodes before it need to know.
        loop {
            self.compiler.drivers_stale = false;
            for object in &nodes {
                if let Object::Node(node) = &**object {
                    self.set_drivers(node)?;
                }
            }
            if !self.compiler.drivers_stale {
                break;
            }
        }
        let mut attached: BTreeSet<(UseKeyId, NodeId)> = BTreeSet::new();
        let objects: Vec<Arc<Object>> = self.store.of_kind(Kind::VolumeAttachment).cloned().collect();
        for object in objects {
            let Object::VolumeAttachment(attachment) = &*object else { continue };
            let spec = &attachment.spec;
            let handle = spec
                .source
                .persistent_volume_name
                .as_ref()
                .and_then(|name| self.volume(name)?.spec.csi.as_ref().map(|csi| csi.volume_handle.clone()));
            if let (Some(handle), Some(node), false) =
                (handle, self.compiler.nodes.get(&spec.node_name).copied(), spec.attacher.is_empty())
            {
                attached.insert((self.compiler.handle(&spec.attacher, &handle)?, node));
            }
        }
        let before = std::mem::take(&mut self.attached);
        for (key, node) in before.difference(&attached).copied() {
            if self.compiler.node_names.get(node.at()).is_some_and(|name| self.compiler.nodes.get(name) == Some(&node))
            {
                self.compiler.table.run(|s| s.tables.attach(key, node, false))?;
            }
        }
        for (key, node) in attached.difference(&before).copied() {
            self.compiler.table.run(|s| s.tables.attach(key, node, true))?;
        }
        self.attached = attached;
        let users: Vec<String> = self
            .store
            .pods
            .iter()
            .filter(|(_, e)| e.is_in_tables() && !e.pod.spec.volumes.is_empty())
            .map(|(key, _)| key.clone())
            .collect();
        for key in users {
            self.settle_pod(&key)?;
        }
        Ok(())
    }
}
