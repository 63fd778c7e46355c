//! What the rules on volumes share: the claims of a pod, their classes, and whence a volume can be reached.

use bayplan::objects::{
    CsiNode, Node, NodeSelector, ObjectMeta, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass, Volume,
};

use crate::cluster::{Cluster, is};
use crate::labels::node_selector_matches;

/// The claim that stands behind a volume.
pub(crate) struct ClaimName {
    pub(crate) name: String,
    /// Made for this pod alone.
    pub(crate) ephemeral: bool,
}

/// The name of the claim behind the volume, if it has one.
pub(crate) fn claim_name(pod: &Pod, volume: &Volume) -> Option<ClaimName> {
    if let Some(source) = &volume.persistent_volume_claim {
        return Some(ClaimName { name: source.claim_name.clone(), ephemeral: false });
    }
    let name = format!("{}-{}", pod.metadata.name, volume.name);
    volume.ephemeral.as_ref().map(|_| ClaimName { name, ephemeral: true })
}

/// # Errors
/// That the ephemeral claim belongs to something else than the pod.
pub(crate) fn check_owner(pod: &Pod, claim: &PersistentVolumeClaim) -> Result<(), String> {
    let mut owners = claim.metadata.owner_references.iter();
    let owner = owners.find(|owner| owner.controller == Some(true));
    if owner.is_some_and(|owner| owner.uid == pod.metadata.uid) {
        return Ok(());
    }
    let named = |metadata: &ObjectMeta| format!("{}/{}", metadata.namespace, metadata.name);
    let (claim, pod) = (named(&claim.metadata), named(&pod.metadata));
    Err(format!("PVC {claim} was not created for pod {pod} (pod is not owner)"))
}

pub(crate) fn claim<'a>(cluster: &'a Cluster, namespace: &str, name: &str) -> Option<&'a PersistentVolumeClaim> {
    cluster.claims.iter().find(|claim| is(&claim.metadata, namespace, name))
}

pub(crate) fn volume<'a>(cluster: &'a Cluster, name: &str) -> Option<&'a PersistentVolume> {
    cluster.volumes.iter().find(|volume| volume.metadata.name == name)
}

pub(crate) fn storage_class<'a>(cluster: &'a Cluster, name: &str) -> Option<&'a StorageClass> {
    cluster.storage_classes.iter().find(|class| class.metadata.name == name)
}

pub(crate) fn csi_node<'a>(cluster: &'a Cluster, node: &Node) -> Option<&'a CsiNode> {
    cluster.csi_nodes.iter().find(|found| found.metadata.name == node.metadata.name)
}

/// The old annotation goes before the field.
fn class_annotation(metadata: &ObjectMeta) -> Option<&str> {
    metadata.annotations.get("volume.beta.kubernetes.io/storage-class").map(String::as_str)
}

/// The claim's storage class; empty where it has none.
pub(crate) fn class_of_claim(claim: &PersistentVolumeClaim) -> &str {
    let field = claim.spec.storage_class_name.as_deref().unwrap_or_default();
    class_annotation(&claim.metadata).unwrap_or(field)
}

/// The volume's storage class; empty where it has none.
pub(crate) fn class_of_volume(volume: &PersistentVolume) -> &str {
    class_annotation(&volume.metadata).unwrap_or(&volume.spec.storage_class_name)
}

/// Whether the volume can be reached from the node.
pub(crate) fn reaches(volume: &PersistentVolume, node: &Node) -> bool {
    let required = volume.spec.node_affinity.as_ref().and_then(|affinity| affinity.required.as_ref());
    required.is_none_or(|required| labels_match(required, node))
}

/// Whether the labels match; the node's name isn't looked at.
pub(crate) fn labels_match(selector: &NodeSelector, node: &Node) -> bool {
    let mut nameless = Node::default();
    nameless.metadata.labels.clone_from(&node.metadata.labels);
    node_selector_matches(selector, &nameless)
}
