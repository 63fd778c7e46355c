//! What the rules on volumes share: claims of a pod, classes, and drivers of volumes.

use crate::version::Version;
use bayplan::objects::{
    AwsElasticBlockStore, AzureDisk, Cinder, CsiNode, GcePersistentDisk, Node, NodeSelector, ObjectMeta,
    PersistentVolume, PersistentVolumeClaim, Pod, StorageClass, Volume,
};

use crate::cluster::{Cluster, is};
use crate::labels::node_selector_matches;

/// Kubernetes' own volume plugins that CSI drivers have taken over: plugin, driver.
const MIGRATED: [(&str, &str); 7] = [
    ("kubernetes.io/aws-ebs", "ebs.csi.aws.com"),
    ("kubernetes.io/azure-disk", "disk.csi.azure.com"),
    ("kubernetes.io/azure-file", "file.csi.azure.com"),
    ("kubernetes.io/cinder", "cinder.csi.openstack.org"),
    ("kubernetes.io/gce-pd", "pd.csi.storage.gke.io"),
    ("kubernetes.io/portworx-volume", "pxd.portworx.com"),
    ("kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com"),
];

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

/// Whether the volume can be reached from the node; only the node's labels are looked at, not its name.
pub(crate) fn reaches(volume: &PersistentVolume, node: &Node) -> bool {
    let required = volume.spec.node_affinity.as_ref().and_then(|affinity| affinity.required.as_ref());
    required.is_none_or(|required| labels_match(required, node))
}

fn labels_match(selector: &NodeSelector, node: &Node) -> bool {
    let mut nameless = Node::default();
    nameless.metadata.labels.clone_from(&node.metadata.labels);
    node_selector_matches(selector, &nameless)
}

/// A volume as its CSI driver knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Attachable {
    pub(crate) driver: String,
    pub(crate) handle: String,
}

/// What stands behind the volume of a pod that names a disk itself.
pub(crate) fn inline_attachable(version: Version, volume: &Volume, csi_node: Option<&CsiNode>) -> Option<Attachable> {
    let (plugin, handle) = in_tree(
        volume.aws_elastic_block_store.as_ref(),
        volume.azure_disk.as_ref(),
        volume.cinder.as_ref(),
        volume.gce_persistent_disk.as_ref(),
        "",
    )?;
    migrated(version, plugin, handle, csi_node)
}

/// What stands behind a volume object.
pub(crate) fn attachable(
    version: Version,
    volume: &PersistentVolume,
    csi_node: Option<&CsiNode>,
) -> Option<Attachable> {
    let spec = &volume.spec;
    if let Some(csi) = &spec.csi {
        return Some(Attachable { driver: csi.driver.clone(), handle: csi.volume_handle.clone() });
    }
    let label = |key: &str| volume.metadata.labels.get(key).map(String::as_str).filter(|zone| !zone.is_empty());
    let zone = label("failure-domain.beta.kubernetes.io/zone").or_else(|| label("topology.kubernetes.io/zone"));
    let (plugin, handle) = in_tree(
        spec.aws_elastic_block_store.as_ref(),
        spec.azure_disk.as_ref(),
        spec.cinder.as_ref(),
        spec.gce_persistent_disk.as_ref(),
        zone.unwrap_or_default(),
    )
    .or_else(|| {
        let portworx = spec.portworx_volume.as_ref()?;
        Some(("kubernetes.io/portworx-volume", portworx["volumeID"].as_str()?.to_owned()))
    })?;
    migrated(version, plugin, handle, csi_node)
}

/// What a claim of this class would get, under a name of the claim's own, before it has a volume.
pub(crate) fn provisioned(
    version: Version,
    cluster: &Cluster,
    claim: &PersistentVolumeClaim,
    csi_node: Option<&CsiNode>,
) -> Option<Attachable> {
    let class = storage_class(cluster, class_of_claim(claim))?;
    let handle = format!("claim {}/{}", claim.metadata.namespace, claim.metadata.name);
    if MIGRATED.iter().any(|(plugin, _)| *plugin == class.provisioner) {
        return migrated(version, &class.provisioner, handle, csi_node);
    }
    Some(Attachable { driver: class.provisioner.clone(), handle })
}

/// Plugin and handle of a disk that is named the old way.
fn in_tree(
    aws: Option<&AwsElasticBlockStore>,
    azure: Option<&AzureDisk>,
    cinder: Option<&Cinder>,
    gce: Option<&GcePersistentDisk>,
    zone: &str,
) -> Option<(&'static str, String)> {
    if let Some(disk) = aws {
        // aws://ZONE/ID or the bare id
        let id = disk.volume_id.strip_prefix("aws://").and_then(|rest| rest.split_once('/'));
        return Some((
            "kubernetes.io/aws-ebs",
            id.map_or(disk.volume_id.as_str(), |(_, id)| id).trim_matches('/').into(),
        ));
    }
    if let Some(disk) = azure {
        return Some(("kubernetes.io/azure-disk", disk.disk_uri.clone()));
    }
    if let Some(disk) = cinder {
        return Some(("kubernetes.io/cinder", disk.volume_id.clone()));
    }
    let disk = gce?;
    let zones: Vec<&str> = zone.split("__").collect();
    let place = match zones[..] {
        [""] => "zones/UNSPECIFIED".to_owned(),
        [zone] => format!("zones/{zone}"),
        [zone, ..] => format!("regions/{}", zone.rsplit_once('-').map_or(zone, |(region, _)| region)),
        [] => return None,
    };
    Some(("kubernetes.io/gce-pd", format!("projects/UNSPECIFIED/{place}/disks/{}", disk.pd_name)))
}

/// The driver that serves the plugin's volumes on the node; two drivers' volumes are never counted. Up to 1.35 the node
/// must announce that Portworx' driver has taken over.
fn migrated(version: Version, plugin: &str, handle: String, csi_node: Option<&CsiNode>) -> Option<Attachable> {
    let (_, driver) = MIGRATED.iter().find(|(other, _)| *other == plugin)?;
    let announced = csi_node?.metadata.annotations.get("storage.alpha.kubernetes.io/migrated-plugins");
    let on = match plugin {
        "kubernetes.io/azure-file" | "kubernetes.io/vsphere-volume" => false,
        "kubernetes.io/portworx-volume" if version < Version::V1_36 => {
            announced.is_some_and(|plugins| plugins.split(',').any(|other| other == plugin))
        }
        _ => true,
    };
    (on && !handle.is_empty()).then(|| Attachable { driver: (*driver).to_owned(), handle })
}
