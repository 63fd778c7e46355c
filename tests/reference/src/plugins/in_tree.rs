//! Volumes of Kubernetes' own plugins, which CSI drivers have taken over.

use bayplan::objects::{
    AwsElasticBlockStore, AzureDisk, Cinder, CsiNode, GcePersistentDisk, NodeSelector, NodeSelectorTerm,
    PersistentVolume, PersistentVolumeClaim, SelectorRequirement, Volume,
};

use super::volumes::{class_of_claim, storage_class};
use crate::cluster::Cluster;
use crate::version::Version;

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

/// A volume as its CSI driver knows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Attachable {
    pub(crate) driver: String,
    pub(crate) handle: String,
}

/// What stands behind the volume of a pod that names a disk itself.
pub(crate) fn inline_attachable(
    version: Version,
    volume: &Volume,
    csi_node: Option<&CsiNode>,
) -> Result<Option<Attachable>, String> {
    // Without a CSINode nothing has been taken over, so nothing is translated.
    if csi_node.is_none() {
        return Ok(None);
    }
    let found = in_tree(
        volume.aws_elastic_block_store.as_ref(),
        volume.azure_disk.as_ref(),
        volume.cinder.as_ref(),
        volume.gce_persistent_disk.as_ref(),
        "",
    );
    let found = found.map_err(|error| format!("converting volume({}) from inline to csi: {error}", volume.name))?;
    Ok(found.and_then(|(plugin, handle)| migrated(version, plugin, handle, csi_node)))
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
    // What cannot be translated is not counted.
    let (plugin, handle) = in_tree_volume(volume).ok()?.or_else(|| {
        let portworx = spec.portworx_volume.as_ref()?;
        Some(("kubernetes.io/portworx-volume", portworx["volumeID"].as_str()?.to_owned()))
    })?;
    migrated(version, plugin, handle, csi_node)
}

fn in_tree_volume(volume: &PersistentVolume) -> Result<Option<(&'static str, String)>, String> {
    let spec = &volume.spec;
    let label = |key: &str| volume.metadata.labels.get(key).map(String::as_str).filter(|zone| !zone.is_empty());
    let zone = label("failure-domain.beta.kubernetes.io/zone").or_else(|| label("topology.kubernetes.io/zone"));
    in_tree(
        spec.aws_elastic_block_store.as_ref(),
        spec.azure_disk.as_ref(),
        spec.cinder.as_ref(),
        spec.gce_persistent_disk.as_ref(),
        zone.unwrap_or_default(),
    )
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
) -> Result<Option<(&'static str, String)>, String> {
    if let Some(disk) = aws {
        let given = &disk.volume_id;
        // aws://ZONE/ID or the bare id
        let id = match given.strip_prefix("aws://") {
            Some(rest) => rest.split_once('/').map_or("", |(_, id)| id.trim_matches('/')),
            None => given,
        };
        if given.starts_with("aws://") && (!id.starts_with("vol-") || id.contains('/')) {
            let problem = format!("Invalid format for AWS volume ({given})");
            return Err(format!("failed to translate Kubernetes ID to EBS Volume ID {problem}"));
        }
        return Ok(Some(("kubernetes.io/aws-ebs", id.to_owned())));
    }
    if let Some(disk) = azure {
        return match disk.kind.as_deref() {
            Some(kind) if kind.to_lowercase() != "managed" => {
                Err(format!("kind({kind}) is not supported in csi migration"))
            }
            _ => Ok(Some(("kubernetes.io/azure-disk", disk.disk_uri.clone()))),
        };
    }
    if let Some(disk) = cinder {
        return Ok(Some(("kubernetes.io/cinder", disk.volume_id.clone())));
    }
    let Some(disk) = gce else { return Ok(None) };
    let zones: Vec<&str> = zone.split("__").collect();
    let place = match zones[..] {
        [""] => "zones/UNSPECIFIED".to_owned(),
        [zone] => format!("zones/{zone}"),
        _ => format!("regions/{}", region(&zones).map_err(|why| format!("failed to get region from zones: {why}"))?),
    };
    Ok(Some(("kubernetes.io/gce-pd", format!("projects/UNSPECIFIED/{place}/disks/{}", disk.pd_name))))
}

/// The region that all of Google's zones are in.
fn region(zones: &[&str]) -> Result<String, String> {
    let mut regions: Vec<String> = Vec::new();
    for zone in zones {
        let parts: Vec<&str> = zone.split('-').collect();
        if parts.len() != 3 {
            let format = "{locale}-{region}-{zone}";
            return Err(format!("zone in unexpected format, expected: {format}, got: {zone}"));
        }
        regions.push(format!("{}-{}", parts[0], parts[1]));
    }
    regions.sort();
    regions.dedup();
    match &regions[..] {
        [region] => Ok(region.clone()),
        several => {
            let several: Vec<String> = several.iter().map(|region| format!("{region}:{{}}")).collect();
            Err(format!("multiple or no regions gotten from zones, got: map[{}]", several.join(" ")))
        }
    }
}

/// The driver that serves the plugin's volumes on the node; the volumes of two plugins are never counted. Up to 1.35 the
/// node must announce that Portworx' driver has taken over.
fn migrated(version: Version, plugin: &str, handle: String, csi_node: Option<&CsiNode>) -> Option<Attachable> {
    let (_, driver) = MIGRATED.iter().find(|(other, _)| *other == plugin)?;
    let on = match plugin {
        "kubernetes.io/azure-file" | "kubernetes.io/vsphere-volume" => false,
        "kubernetes.io/portworx-volume" if version < Version::V1_36 => announces(csi_node?, plugin),
        _ => csi_node.is_some(),
    };
    (on && !handle.is_empty()).then(|| Attachable { driver: (*driver).to_owned(), handle })
}

/// Whether the node says that a driver serves the plugin's volumes there.
fn announces(csi_node: &CsiNode, plugin: &str) -> bool {
    let plugins = csi_node.metadata.annotations.get("storage.alpha.kubernetes.io/migrated-plugins");
    plugins.is_some_and(|plugins| plugins.split(',').any(|other| other == plugin))
}

const ZONE: &str = "topology.kubernetes.io/zone";
const REGION: &str = "topology.kubernetes.io/region";
const OLD_ZONE: &str = "failure-domain.beta.kubernetes.io/zone";
const OLD_REGION: &str = "failure-domain.beta.kubernetes.io/region";

/// The node affinity of a bound volume, as it is on a node whose driver has taken over: zones go by the driver's own
/// label, and a volume that names none is where its own labels say.
pub(crate) fn affinity(volume: &PersistentVolume, csi_node: Option<&CsiNode>) -> Result<Option<NodeSelector>, String> {
    let mut required = volume.spec.node_affinity.as_ref().and_then(|affinity| affinity.required.clone());
    let (plugin, driver_zone) = if volume.spec.aws_elastic_block_store.is_some() {
        ("kubernetes.io/aws-ebs", "topology.ebs.csi.aws.com/zone")
    } else if volume.spec.cinder.is_some() {
        ("kubernetes.io/cinder", "topology.cinder.csi.openstack.org/zone")
    } else if volume.spec.gce_persistent_disk.is_some() {
        ("kubernetes.io/gce-pd", "topology.gke.io/zone")
    } else if volume.spec.azure_disk.is_some() {
        ("kubernetes.io/azure-disk", "")
    } else {
        return Ok(required);
    };
    if !csi_node.is_some_and(|node| announces(node, plugin)) {
        return Ok(required);
    }
    in_tree_volume(volume).map_err(|error| format!("could not translate pv: {error}"))?;
    if driver_zone.is_empty() {
        return Ok(required);
    }
    let mut terms = required.take().map(|selector| selector.node_selector_terms).unwrap_or_default();
    let names = |terms: &[NodeSelectorTerm], key: &str| {
        terms.iter().flat_map(|term| &term.match_expressions).any(|requirement| requirement.key == key)
    };
    let label = |key: &str| volume.metadata.labels.get(key);
    let is_old =
        !names(&terms, ZONE) && (names(&terms, OLD_ZONE) || label(ZONE).is_none() && label(OLD_ZONE).is_some());
    let zone = if is_old { OLD_ZONE } else { ZONE };
    let has_zones = terms
        .iter()
        .flat_map(|term| &term.match_expressions)
        .any(|requirement| requirement.key == zone && !requirement.values.is_empty());
    if has_zones {
        rename(&mut terms, zone, driver_zone);
    } else if let Some(zones) = label(zone) {
        let mut values: Vec<String> = zones.split("__").map(|zone| zone.trim().to_owned()).collect();
        values.retain(|zone| !zone.is_empty());
        if !values.is_empty() {
            if terms.is_empty() {
                terms.push(NodeSelectorTerm::default());
            }
            for term in &mut terms {
                let (key, operator) = (driver_zone.to_owned(), "In".to_owned());
                term.match_expressions.push(SelectorRequirement { key, operator, values: values.clone() });
            }
        }
    }
    if is_old {
        rename(&mut terms, OLD_REGION, REGION);
    }
    let had_some = volume.spec.node_affinity.as_ref().is_some_and(|affinity| affinity.required.is_some());
    Ok((had_some || !terms.is_empty()).then_some(NodeSelector { node_selector_terms: terms }))
}

fn rename(terms: &mut [NodeSelectorTerm], old: &str, new: &str) {
    for requirement in terms.iter_mut().flat_map(|term| &mut term.match_expressions).filter(|r| r.key == old) {
        requirement.key = new.to_owned();
    }
}
