//! Volumes as storage drivers know them: a driver and a handle. Disks that are named the old way belong to the driver
//! that has taken them over.

use crate::objects::{AwsElasticBlockStore, AzureDisk, Cinder, GcePersistentDisk, PersistentVolume, StringMap, Volume};

/// The provisioners of old and the drivers that have taken them over.
const TAKEN_OVER: [(&str, &str); 5] = [
    ("kubernetes.io/aws-ebs", "ebs.csi.aws.com"),
    ("kubernetes.io/azure-disk", "disk.csi.azure.com"),
    ("kubernetes.io/cinder", "cinder.csi.openstack.org"),
    ("kubernetes.io/gce-pd", "pd.csi.storage.gke.io"),
    ("kubernetes.io/portworx-volume", "pxd.portworx.com"),
];
/// Old provisioners whose volumes are never counted.
const NOT_COUNTED: [&str; 2] = ["kubernetes.io/azure-file", "kubernetes.io/vsphere-volume"];

/// Driver and handle.
pub(crate) type Attachable = (String, String);

/// The disk that a pod names itself.
pub(crate) fn of_inline(volume: &Volume) -> Option<Attachable> {
    old_style(
        volume.aws_elastic_block_store.as_ref(),
        volume.azure_disk.as_ref(),
        volume.cinder.as_ref(),
        volume.gce_persistent_disk.as_ref(),
        None,
    )
    .and_then(legal)
}

/// What stands behind a volume object.
pub(crate) fn of_volume(volume: &PersistentVolume) -> Option<Attachable> {
    let spec = &volume.spec;
    if let Some(csi) = &spec.csi {
        return legal((csi.driver.clone(), csi.volume_handle.clone()));
    }
    if let Some(portworx) = &spec.portworx_volume {
        let id = portworx.get("volumeID")?.as_str()?;
        return legal(("pxd.portworx.com".to_owned(), id.to_owned()));
    }
    old_style(
        spec.aws_elastic_block_store.as_ref(),
        spec.azure_disk.as_ref(),
        spec.cinder.as_ref(),
        spec.gce_persistent_disk.as_ref(),
        zone(&volume.metadata.labels),
    )
    .and_then(legal)
}

/// What a claim would get of a provisioner, under a handle of the claim's own.
pub(crate) fn of_provisioner(provisioner: &str, claim: &str) -> Option<Attachable> {
    if NOT_COUNTED.contains(&provisioner) {
        return None;
    }
    let driver = TAKEN_OVER.iter().find(|(old, _)| *old == provisioner).map_or(provisioner, |(_, driver)| driver);
    legal((driver.to_owned(), format!("claim {claim}")))
}

fn legal(attachable: Attachable) -> Option<Attachable> {
    (!attachable.0.is_empty() && !attachable.1.is_empty()).then_some(attachable)
}

fn zone(labels: &StringMap) -> Option<&str> {
    ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"]
        .into_iter()
        .filter_map(|key| labels.get(key))
        .map(String::as_str)
        .find(|zone| !zone.is_empty())
}

fn old_style(
    aws: Option<&AwsElasticBlockStore>,
    azure: Option<&AzureDisk>,
    cinder: Option<&Cinder>,
    gce: Option<&GcePersistentDisk>,
    zone: Option<&str>,
) -> Option<Attachable> {
    let of = |old: &str, handle: String| {
        let (_, driver) = TAKEN_OVER.iter().find(|(name, _)| *name == old)?;
        Some(((*driver).to_owned(), handle))
    };
    if let Some(disk) = aws {
        // The id, bare or as aws://ZONE/ID.
        let id = match disk.volume_id.strip_prefix("aws://") {
            Some(rest) => rest.split_once('/').map_or(rest, |(_, id)| id).trim_matches('/'),
            None => disk.volume_id.trim_matches('/'),
        };
        return of("kubernetes.io/aws-ebs", id.to_owned());
    }
    if let Some(disk) = azure {
        return of("kubernetes.io/azure-disk", disk.disk_uri.clone());
    }
    if let Some(disk) = cinder {
        return of("kubernetes.io/cinder", disk.volume_id.clone());
    }
    let disk = gce?;
    // A disk in several zones (joined by `__`) is one of their region.
    let place = match zone {
        None => "zones/UNSPECIFIED".to_owned(),
        Some(zones) => match zones.split_once("__") {
            None => format!("zones/{zones}"),
            Some((first, _)) => format!("regions/{}", first.rsplit_once('-').map_or(first, |(region, _)| region)),
        },
    };
    of("kubernetes.io/gce-pd", format!("projects/UNSPECIFIED/{place}/disks/{}", disk.pd_name))
}
