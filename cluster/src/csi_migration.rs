//! CSI migration: volumes as (CSI driver, volume handle), in-tree volume sources among them.

use std::collections::BTreeSet;

use crate::objects::{
    AwsElasticBlockStore, AzureDisk, Cinder, GcePersistentDisk, NodeSelector, NodeSelectorTerm, PersistentVolume,
    SelectorRequirement, StringMap, Volume,
};
use crate::version::Version;

/// The provisioners of old and the drivers that have taken them over.
const TAKEN_OVER: [(&str, &str); 5] = [
    ("kubernetes.io/aws-ebs", "ebs.csi.aws.com"),
    ("kubernetes.io/azure-disk", "disk.csi.azure.com"),
    ("kubernetes.io/cinder", "cinder.csi.openstack.org"),
    ("kubernetes.io/gce-pd", "pd.csi.storage.gke.io"),
    (PORTWORX, "pxd.portworx.com"),
];
/// The driver of Portworx' volumes that are named the old way, as they are counted up to 1.35: they count towards the limit of
/// the driver that has taken them over, where the node has announced that it has.
pub(crate) const ANNOUNCED_DRIVER: (&str, &str) = (PORTWORX, "pxd.portworx.com");
const PORTWORX: &str = "kubernetes.io/portworx-volume";
/// Old provisioners whose volumes are never counted.
const NOT_COUNTED: [&str; 2] = ["kubernetes.io/azure-file", "kubernetes.io/vsphere-volume"];

/// Driver and handle.
pub(crate) type Attachable = (String, String);

/// The disk that a pod names itself, if it does.
///
/// # Errors
/// Why no driver can take it over, in kube-scheduler's words.
pub(crate) fn of_inline(volume: &Volume) -> Result<Option<Attachable>, String> {
    let found = old_style(
        volume.aws_elastic_block_store.as_ref(),
        volume.azure_disk.as_ref(),
        volume.cinder.as_ref(),
        volume.gce_persistent_disk.as_ref(),
        None,
    );
    Ok(found?.and_then(legal))
}

/// What stands behind a volume object; nothing where no driver can take it over.
pub(crate) fn of_volume(volume: &PersistentVolume, version: Version) -> Option<Attachable> {
    let spec = &volume.spec;
    if let Some(csi) = &spec.csi {
        return legal((csi.driver.clone(), csi.volume_handle.clone()));
    }
    if let Some(portworx) = &spec.portworx_volume {
        let id = portworx.get("volumeID")?.as_str()?;
        return legal((driver_of(PORTWORX, version).to_owned(), id.to_owned()));
    }
    of_old_volume(volume).ok().flatten().and_then(legal)
}

/// What a volume object that is named the old way is to the driver that has taken it over, if it is.
///
/// # Errors
/// Why the driver cannot, in kube-scheduler's words.
pub(crate) fn of_old_volume(volume: &PersistentVolume) -> Result<Option<Attachable>, String> {
    let spec = &volume.spec;
    old_style(
        spec.aws_elastic_block_store.as_ref(),
        spec.azure_disk.as_ref(),
        spec.cinder.as_ref(),
        spec.gce_persistent_disk.as_ref(),
        zone(&volume.metadata.labels),
    )
}

/// The provisioner of old behind a volume object, where a driver may have taken it over.
pub(crate) fn old_provisioner(volume: &PersistentVolume) -> Option<&'static str> {
    let spec = &volume.spec;
    [
        (spec.aws_elastic_block_store.is_some(), "kubernetes.io/aws-ebs"),
        (spec.azure_disk.is_some(), "kubernetes.io/azure-disk"),
        (spec.gce_persistent_disk.is_some(), "kubernetes.io/gce-pd"),
    ]
    .into_iter()
    .find_map(|(is, old)| is.then_some(old))
}

/// What a claim would get of a provisioner, under a handle of the claim's own.
pub(crate) fn of_provisioner(provisioner: &str, claim: &str, version: Version) -> Option<Attachable> {
    if NOT_COUNTED.contains(&provisioner) {
        return None;
    }
    legal((driver_of(provisioner, version).to_owned(), format!("claim {claim}")))
}

/// The driver that makes and attaches a provisioner's volumes. That of Portworx is one of its own up to 1.35, as it counts
/// only where a node has announced it: [`ANNOUNCED_DRIVER`].
fn driver_of(provisioner: &str, version: Version) -> &str {
    if provisioner == PORTWORX && version < Version::V1_36 {
        return provisioner;
    }
    TAKEN_OVER.iter().find(|(old, _)| *old == provisioner).map_or(provisioner, |(_, driver)| driver)
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
) -> Result<Option<Attachable>, String> {
    let of = |old: &str, handle: String| {
        let (_, driver) = TAKEN_OVER.iter().find(|(name, _)| *name == old).expect("it is in the list");
        Ok(Some(((*driver).to_owned(), handle)))
    };
    if let Some(disk) = aws {
        return of("kubernetes.io/aws-ebs", aws_id(&disk.volume_id)?.to_owned());
    }
    if let Some(disk) = azure {
        if let Some(kind) = disk.kind.as_ref().filter(|kind| !kind.eq_ignore_ascii_case("Managed")) {
            return Err(format!("kind({kind}) is not supported in csi migration"));
        }
        return of("kubernetes.io/azure-disk", disk.disk_uri.clone());
    }
    if let Some(disk) = cinder {
        return of("kubernetes.io/cinder", disk.volume_id.clone());
    }
    let Some(disk) = gce else { return Ok(None) };
    let place = match zone {
        None => "zones/UNSPECIFIED".to_owned(),
        Some(zones) if zones.contains("__") => format!("regions/{}", region_of(zones)?),
        Some(zone) => format!("zones/{zone}"),
    };
    of("kubernetes.io/gce-pd", format!("projects/UNSPECIFIED/{place}/disks/{}", disk.pd_name))
}

/// The id of a disk of AWS, which is given bare or as aws://ZONE/ID.
fn aws_id(given: &str) -> Result<&str, String> {
    let Some(rest) = given.strip_prefix("aws://") else { return Ok(given) };
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    let id = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    if id.starts_with("vol-") && !id.contains('/') {
        return Ok(id);
    }
    Err(format!("failed to translate Kubernetes ID to EBS Volume ID Invalid format for AWS volume ({given})"))
}

/// The region of a disk of Google that is in several zones, joined by `__`.
fn region_of(zones: &str) -> Result<String, String> {
    let mut regions = BTreeSet::new();
    for zone in zones.split("__") {
        let parts: Vec<&str> = zone.split('-').collect();
        let [locale, region, _] = parts[..] else {
            return Err(format!(
                "failed to get region from zones: zone in unexpected format, expected: {{locale}}-{{region}}-{{zone}}, got: {zone}"
            ));
        };
        regions.insert(format!("{locale}-{region}"));
    }
    if regions.len() == 1 {
        return Ok(regions.into_iter().next().unwrap_or_default());
    }
    let regions: Vec<String> = regions.into_iter().map(|region| format!("{region}:{{}}")).collect();
    let regions = regions.join(" ");
    Err(format!("failed to get region from zones: multiple or no regions gotten from zones, got: map[{regions}]"))
}

/// The label under which a driver knows zones, for drivers that in-tree disks are migrated to.
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
/// The annotation of a CSINode that lists the in-tree plugins that are migrated there.
pub(crate) const MIGRATED_PLUGINS: &str = "storage.alpha.kubernetes.io/migrated-plugins";
