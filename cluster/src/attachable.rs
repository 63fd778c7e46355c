//! Volumes as storage drivers know them: a driver and a handle. Disks that are named the old way belong to the driver
//! that has taken them over.

use crate::objects::{
    AwsElasticBlockStore, AzureDisk, Cinder, GcePersistentDisk, NodeSelector, NodeSelectorTerm, PersistentVolume,
    SelectorRequirement, StringMap, Volume,
};

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

/// The label under which a driver knows zones, for drivers that have taken over disks that are named the old way.
fn zone_key(volume: &PersistentVolume) -> Option<(&'static str, &'static str)> {
    let spec = &volume.spec;
    if spec.aws_elastic_block_store.is_some() {
        return Some(("kubernetes.io/aws-ebs", "topology.ebs.csi.aws.com/zone"));
    }
    if spec.gce_persistent_disk.is_some() {
        return Some(("kubernetes.io/gce-pd", "topology.gke.io/zone"));
    }
    spec.cinder.is_some().then_some(("kubernetes.io/cinder", "topology.cinder.csi.openstack.org/zone"))
}

/// Where a node has announced that a driver has taken the volume over, the volume is reached by the driver's own
/// topology: the provisioner of old, and the selector of nodes.
pub(crate) fn taken_over(volume: &PersistentVolume) -> Option<(&'static str, NodeSelector)> {
    let (old, key) = zone_key(volume)?;
    let affinity = volume.spec.node_affinity.as_ref().and_then(|a| a.required.clone());
    let mut selector = affinity.unwrap_or_default();
    let terms = &mut selector.node_selector_terms;
    let named = |label: &str| terms.iter().any(|t| t.match_expressions.iter().any(|r| r.key == label));
    let labelled = |label: &str| volume.metadata.labels.contains_key(label);
    let [beta, ga] = [
        ("failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"),
        ("topology.kubernetes.io/zone", "topology.kubernetes.io/region"),
    ];
    let is_beta = !named(ga.0) && (named(beta.0) || !labelled(ga.0) && labelled(beta.0));
    let (zone, region) = if is_beta { beta } else { ga };
    if named(zone) {
        rename(terms, zone, key);
    } else if let Some(zones) = volume.metadata.labels.get(zone) {
        let mut values: Vec<String> =
            zones.split("__").map(|zone| zone.trim().to_owned()).filter(|zone| !zone.is_empty()).collect();
        values.sort_unstable();
        values.dedup();
        if !values.is_empty() {
            if terms.is_empty() {
                terms.push(NodeSelectorTerm::default());
            }
            for term in terms.iter_mut() {
                term.match_expressions.push(SelectorRequirement {
                    key: key.to_owned(),
                    operator: "In".to_owned(),
                    values: values.clone(),
                });
            }
        }
    }
    if is_beta {
        rename(terms, region, ga.1);
    }
    (!terms.is_empty()).then_some((old, selector))
}

fn rename(terms: &mut [NodeSelectorTerm], from: &str, to: &str) {
    for requirement in terms.iter_mut().flat_map(|term| &mut term.match_expressions).filter(|r| r.key == from) {
        to.clone_into(&mut requirement.key);
    }
}

/// The pseudo-label under which the tables hold that a node announced it.
pub(crate) fn announcement(old: &str) -> String {
    format!("{ANNOUNCED}{old}")
}

/// What the pseudo-labels begin with; no label key can.
pub(crate) const ANNOUNCED: &str = "migrated: ";
/// The annotation of a CSINode that lists the provisioners of old that drivers have taken over there.
pub(crate) const MIGRATED_PLUGINS: &str = "storage.alpha.kubernetes.io/migrated-plugins";
