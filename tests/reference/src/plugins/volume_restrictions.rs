//! VolumeRestrictions: a disk that only one may mount, and a claim that only one pod may use.

use std::collections::BTreeSet;

use bayplan::objects::{Pod, Volume};

use super::volumes;
use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::plugin::{Filter, Plugin, PreFilter, Rejection};

pub(crate) struct VolumeRestrictions;

impl Plugin for VolumeRestrictions {
    fn pre_filter(&self, cycle: &Cycle<'_>) -> Result<PreFilter, Rejection> {
        let has_disks = cycle.pod.spec.volumes.iter().any(is_disk);
        for name in claim_names(cycle.pod) {
            if volumes::claim(cycle.cluster, &cycle.pod.metadata.namespace, name).is_none() {
                return Err(Rejection::unresolvable(format!("persistentvolumeclaim {name:?} not found")));
            }
        }
        let in_use = claims_in_use(cycle, &exclusive_claims(cycle));
        Ok(if has_disks || in_use > 0 { PreFilter::Pass } else { PreFilter::Skip })
    }

    fn filter<'a>(&self, cycle: &'a Cycle<'a>, view: &[NodeView<'a>]) -> Filter<'a> {
        let exclusive = exclusive_claims(cycle);
        // Of pods that are nominated or taken off, only the claim's name is compared, not its namespace.
        let uses = |pods: &[&Pod]| {
            pods.iter().flat_map(|pod| claim_names(pod)).filter(|name| exclusive.contains(name)).count() as i64
        };
        let changed: i64 = view.iter().map(|node| uses(&node.nominated) - uses(&node.taken_off)).sum();
        let in_use = claims_in_use(cycle, &exclusive) + changed > 0;
        Box::new(move |node| {
            let mounted =
                |disk: &Volume| node.pods().flat_map(|pod| &pod.spec.volumes).any(|other| conflict(disk, other));
            if cycle.pod.spec.volumes.iter().any(mounted) {
                return Err(Rejection::unschedulable("node(s) had no available disk"));
            }
            if in_use {
                let reason = "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already \
                              in-use by another pod";
                return Err(Rejection::unschedulable(reason));
            }
            Ok(())
        })
    }
}

fn claim_names(pod: &Pod) -> impl Iterator<Item = &str> {
    let claims = pod.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref());
    claims.map(|claim| claim.claim_name.as_str())
}

/// The pod's claims that only one pod may use.
fn exclusive_claims<'a>(cycle: &Cycle<'a>) -> BTreeSet<&'a str> {
    let exclusive = |name: &&str| {
        let claim = volumes::claim(cycle.cluster, &cycle.pod.metadata.namespace, name);
        claim.is_some_and(|claim| claim.spec.access_modes.iter().any(|mode| mode == "ReadWriteOncePod"))
    };
    claim_names(cycle.pod).filter(exclusive).collect()
}

/// How many of the claims a pod anywhere uses.
fn claims_in_use(cycle: &Cycle<'_>, claims: &BTreeSet<&str>) -> i64 {
    let pods = cycle.nodes.iter().flat_map(|node| &node.bound);
    let pods: Vec<_> = pods.filter(|pod| pod.metadata.namespace == cycle.pod.metadata.namespace).collect();
    let is_used = |claim: &&&str| pods.iter().any(|pod| claim_names(pod).any(|name| name == **claim));
    claims.iter().filter(is_used).count() as i64
}

fn is_disk(volume: &Volume) -> bool {
    volume.gce_persistent_disk.is_some()
        || volume.aws_elastic_block_store.is_some()
        || volume.rbd.is_some()
        || volume.iscsi.is_some()
}

/// The same disk, unless both only read it; an AWS disk even then.
fn conflict(one: &Volume, other: &Volume) -> bool {
    let gce = one.gce_persistent_disk.as_ref().zip(other.gce_persistent_disk.as_ref());
    let aws = one.aws_elastic_block_store.as_ref().zip(other.aws_elastic_block_store.as_ref());
    let iscsi = one.iscsi.as_ref().zip(other.iscsi.as_ref());
    let rbd = one.rbd.as_ref().zip(other.rbd.as_ref());
    gce.is_some_and(|(a, b)| a.pd_name == b.pd_name && !(a.read_only && b.read_only))
        || aws.is_some_and(|(a, b)| a.volume_id == b.volume_id)
        || iscsi.is_some_and(|(a, b)| a.iqn == b.iqn && !(a.read_only && b.read_only))
        || rbd.is_some_and(|(a, b)| {
            let shared = a.monitors.iter().any(|monitor| b.monitors.contains(monitor));
            shared && a.pool == b.pool && a.image == b.image && !(a.read_only && b.read_only)
        })
}
