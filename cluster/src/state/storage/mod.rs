//! Claims and volumes: what a pod uses, what rejects it as a whole, and what its claims need of a node.

mod claims;
mod refresh;
mod uses;

use crate::csi_migration;
use crate::objects::{
    CsiDriver, CsiNode, Kind, Object, ObjectMeta, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass,
};
use crate::quantity::Quantity;
use crate::state::{Cluster, key_of};

pub(crate) use claims::{ClaimPlan, Reserved, WaitingClaim};
pub(crate) use refresh::StaleStorage;

pub(crate) const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
pub(crate) const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
const CLASS_ANNOTATION: &str = "volume.beta.kubernetes.io/storage-class";
/// The provisioner of classes whose volumes somebody else makes.
pub(crate) const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";
pub(crate) const STORAGE: &str = "storage";
/// The labels of zones and regions, and the newer ones that stand in for the old.
const ZONES: [(&str, &str); 4] = [
    ("failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"),
    ("topology.kubernetes.io/zone", "topology.kubernetes.io/zone"),
    ("topology.kubernetes.io/region", "topology.kubernetes.io/region"),
];

/// The claim behind a volume of a pod: its name, and whether it was made for the pod alone.
pub(crate) fn claim_names(pod: &Pod) -> impl Iterator<Item = (String, bool)> + '_ {
    pod.spec.volumes.iter().filter_map(|volume| match (&volume.persistent_volume_claim, &volume.ephemeral) {
        (Some(source), _) => Some((source.claim_name.clone(), false)),
        (None, Some(_)) => Some((format!("{}-{}", pod.metadata.name, volume.name), true)),
        (None, None) => None,
    })
}

/// Does the claim not wait for a pod? A class that does not exist delays nothing, as the volume controller has it.
pub(crate) fn binds_at_once(cluster: &Cluster, claim: &PersistentVolumeClaim) -> bool {
    match cluster.store().objects.get(Kind::StorageClass, "", class_of_claim(claim)).map(|object| &**object) {
        Some(Object::StorageClass(class)) => class.volume_binding_mode.as_deref() != Some("WaitForFirstConsumer"),
        _ => true,
    }
}

fn class_of<'a>(meta: &'a ObjectMeta, field: Option<&'a str>) -> &'a str {
    meta.annotations.get(CLASS_ANNOTATION).map(String::as_str).or(field).unwrap_or_default()
}

pub(crate) fn class_of_volume(volume: &PersistentVolume) -> &str {
    class_of(&volume.metadata, Some(&volume.spec.storage_class_name))
}

pub(crate) fn class_of_claim(claim: &PersistentVolumeClaim) -> &str {
    class_of(&claim.metadata, claim.spec.storage_class_name.as_deref())
}

fn requested(claim: &PersistentVolumeClaim) -> Quantity {
    claim.spec.resources.requests.get(STORAGE).copied().unwrap_or_default()
}

/// The labels of a volume that say in which zones and regions it is, and the labels that stand in for them on nodes.
pub(crate) fn zones_of(volume: &PersistentVolume) -> Vec<(&'static str, &'static str, Vec<String>)> {
    let mut places = Vec::new();
    for (label, other) in ZONES {
        let Some(text) = volume.metadata.labels.get(label) else { continue };
        // A label may name several zones; one that names an empty one is passed over.
        let values: Vec<String> = text.split("__").map(|zone| zone.trim().to_owned()).collect();
        if values.iter().all(|zone| !zone.is_empty()) {
            places.push((label, other, values));
        }
    }
    places
}

pub(crate) fn owned_by(claim: &PersistentVolumeClaim, pod: &Pod) -> bool {
    let owner = claim.metadata.owner_references.iter().find(|o| o.controller == Some(true));
    owner.is_some_and(|owner| owner.uid == pod.metadata.uid)
}

/// Whether a node has announced that an in-tree plugin is migrated to CSI.
pub(crate) fn announces(csi_node: Option<&CsiNode>, old: &str) -> bool {
    let plugins = csi_node.and_then(|node| node.metadata.annotations.get(csi_migration::MIGRATED_PLUGINS));
    plugins.is_some_and(|plugins| plugins.split(',').any(|plugin| plugin == old))
}

/// kube-scheduler's words for an ephemeral claim that is another's.
pub(crate) fn not_owned(namespace: &str, name: &str, pod: &Pod) -> String {
    let pod = key_of(namespace, &pod.metadata.name);
    format!("PVC {namespace}/{name} was not created for pod {pod} (pod is not owner)")
}

impl Cluster {
    pub(crate) fn claim(&self, namespace: &str, name: &str) -> Option<&PersistentVolumeClaim> {
        match &**self.store.objects.get(Kind::PersistentVolumeClaim, namespace, name)? {
            Object::PersistentVolumeClaim(claim) => Some(claim),
            _ => None,
        }
    }

    pub(crate) fn volume(&self, name: &str) -> Option<&PersistentVolume> {
        match &**self.store.objects.get(Kind::PersistentVolume, "", name)? {
            Object::PersistentVolume(volume) => Some(volume),
            _ => None,
        }
    }

    pub(crate) fn class(&self, name: &str) -> Option<&StorageClass> {
        match &**self.store.objects.get(Kind::StorageClass, "", name)? {
            Object::StorageClass(class) => Some(class),
            _ => None,
        }
    }

    fn csi_driver(&self, name: &str) -> Option<&CsiDriver> {
        match &**self.store.objects.get(Kind::CSIDriver, "", name)? {
            Object::CSIDriver(driver) => Some(driver),
            _ => None,
        }
    }
}
