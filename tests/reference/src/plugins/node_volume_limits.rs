//! NodeVolumeLimits: a node takes only so many volumes of a CSI driver.

use std::collections::BTreeSet;

use crate::version::Version;
use bayplan::objects::{CsiNode, Node, Pod, Volume};

use super::in_tree::{Attachable, attachable, inline_attachable, provisioned};
use super::volumes::{self, claim_name, csi_node};
use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::plugin::{Filter, Plugin, PreFilter, Rejection, Verdict};

pub(crate) struct NodeVolumeLimits;

impl Plugin for NodeVolumeLimits {
    fn pre_filter(&self, cycle: &Cycle<'_>) -> Result<PreFilter, Rejection> {
        let has_one = cycle.pod.spec.volumes.iter().any(may_attach);
        Ok(if has_one { PreFilter::Pass } else { PreFilter::Skip })
    }

    fn filter<'a>(&self, cycle: &'a Cycle<'a>, _view: &[NodeView<'a>]) -> Filter<'a> {
        Box::new(|node| filter(cycle, node))
    }
}

fn may_attach(volume: &Volume) -> bool {
    volume.persistent_volume_claim.is_some()
        || volume.ephemeral.is_some()
        || volume.aws_elastic_block_store.is_some()
        || volume.azure_disk.is_some()
        || volume.cinder.is_some()
        || volume.gce_persistent_disk.is_some()
}

fn filter(cycle: &Cycle<'_>, node: &NodeView<'_>) -> Verdict {
    let csi_node = csi_node(cycle.cluster, node.node);
    let new = attached_by(cycle, cycle.pod, csi_node, true)?;
    if cycle.version >= Version::V1_37 {
        for driver in new.iter().map(|volume| &volume.driver) {
            if is_missing(cycle, driver, csi_node) {
                return Err(Rejection::unschedulable(format!("{driver} CSI driver is not installed on the node")));
            }
        }
    }
    let limits: Vec<(&str, i64)> = csi_node.map(limits).unwrap_or_default();
    if new.is_empty() || limits.is_empty() {
        return Ok(());
    }
    let mut there = BTreeSet::new();
    for pod in node.pods() {
        there.extend(attached_by(cycle, pod, csi_node, false)?);
    }
    let new: BTreeSet<Attachable> = new.difference(&there).cloned().collect();
    there.extend(attachments(cycle, node.node));
    for (driver, limit) in limits {
        let of_driver = |set: &BTreeSet<Attachable>| set.iter().filter(|volume| volume.driver == driver).count() as i64;
        if of_driver(&new) > 0 && of_driver(&there) + of_driver(&new) > limit {
            return Err(Rejection::unschedulable("node(s) exceed max volume count"));
        }
    }
    Ok(())
}

/// The volumes of the pod that are to be attached to the node.
fn attached_by(
    cycle: &Cycle<'_>,
    pod: &Pod,
    csi_node: Option<&CsiNode>,
    is_new: bool,
) -> Result<BTreeSet<Attachable>, Rejection> {
    let (cluster, version) = (cycle.cluster, cycle.version);
    let mut attached = BTreeSet::new();
    for volume in &pod.spec.volumes {
        let Some(name) = claim_name(pod, volume) else {
            attached.extend(inline_attachable(version, volume, csi_node).map_err(Rejection::Error)?);
            continue;
        };
        let namespace = &pod.metadata.namespace;
        let Some(claim) = volumes::claim(cluster, namespace, &name.name) else {
            if is_new {
                let reason = format!("persistentvolumeclaim {:?} not found", name.name);
                return Err(Rejection::unresolvable(format!("looking up PVC {namespace}/{}: {reason}", name.name)));
            }
            continue;
        };
        if name.ephemeral {
            volumes::check_owner(pod, claim).map_err(Rejection::Error)?;
        }
        attached.extend(match volumes::volume(cluster, &claim.spec.volume_name) {
            Some(volume) => attachable(version, volume, csi_node),
            None => provisioned(version, cluster, claim, csi_node),
        });
    }
    attached.retain(|volume| !volume.driver.is_empty() && !volume.handle.is_empty());
    Ok(attached)
}

/// The volumes that VolumeAttachments say are on the node.
fn attachments(cycle: &Cycle<'_>, node: &Node) -> Vec<Attachable> {
    let here = cycle.cluster.volume_attachments.iter().filter(|va| va.spec.node_name == node.metadata.name);
    let volume = |va: &bayplan::objects::VolumeAttachment| {
        let name = va.spec.source.persistent_volume_name.as_ref()?;
        let csi = volumes::volume(cycle.cluster, name)?.spec.csi.as_ref()?;
        let driver = va.spec.attacher.clone();
        (!driver.is_empty()).then(|| Attachable { driver, handle: csi.volume_handle.clone() })
    };
    here.filter_map(volume).collect()
}

fn limits(csi_node: &CsiNode) -> Vec<(&str, i64)> {
    let drivers = csi_node.spec.drivers.iter();
    drivers.filter_map(|driver| Some((driver.name.as_str(), i64::from(driver.allocatable.as_ref()?.count?)))).collect()
}

/// Whether the node lacks a driver that asks to be there.
fn is_missing(cycle: &Cycle<'_>, driver: &str, csi_node: Option<&CsiNode>) -> bool {
    let known = cycle.cluster.csi_drivers.iter().find(|known| known.metadata.name == driver);
    known.is_some_and(|known| known.spec.prevent_pod_scheduling_if_missing == Some(true))
        && csi_node.is_none_or(|node| node.spec.drivers.iter().all(|other| other.name != driver))
}
