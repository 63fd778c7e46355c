//! VolumeRestrictions: disks and claims that only one pod may use.

use std::collections::BTreeMap;

use bayplan_core::plugins::volume_restrictions::{CLAIM_IN_USE, DISK_IN_USE};

use super::details::{Details, claim_details};
use super::{Entry, PreFilterStatus, Text, filters};
use crate::compile::{Own, disk_names};
use crate::config::Plugin;
use crate::error::Error;
use crate::objects::Pod;
use crate::state::storage::claim_names;
use crate::state::{Cluster, key_of};

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point),
    by_default: |_| Some(None),
    texts: &[
        (DISK_IN_USE, Text::Is("node(s) had no available disk")),
        (
            CLAIM_IN_USE,
            Text::Is(
                "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by \
                 another pod",
            ),
        ),
    ],
    pre_filter: Some(pre_filter),
    pre_filter_details: Some(|cluster, pod| claim_details(cluster, pod, Plugin::VolumeRestrictions)),
    details: Some(details),
    ..Entry::NONE
};

/// A claim of the pod must be there.
fn pre_filter(cluster: &Cluster, pod: &Pod, _: &Own) -> Option<PreFilterStatus> {
    let missing =
        |(name, ephemeral): &(String, bool)| !ephemeral && cluster.claim(&pod.metadata.namespace, name).is_none();
    let (name, _) = claim_names(pod).find(missing)?;
    Some(PreFilterStatus::rejected(format!("persistentvolumeclaim {name:?} not found")))
}

/// Which disks are in use on the node, or else which claims that one pod alone may use are in use anywhere.
fn details(of: &mut Details<'_>) -> Result<Vec<String>, Error> {
    let mut out = Vec::new();
    let disks = disk_names(of.pod);
    let others = if disks.is_empty() { BTreeMap::new() } else { of.others() };
    for (disk, read_only) in disks {
        // Several pods may read a disk.
        let has_it =
            |other: &Pod| disk_names(other).iter().any(|(name, reads)| *name == disk && !(read_only && *reads));
        if let Some((holder, _)) = others.iter().find(|(_, other)| has_it(other)) {
            out.push(format!("disk {disk} is in use by pod {holder}"));
        }
    }
    Ok(if out.is_empty() { of.index.exclusive(of.cluster, of.pod).to_vec() } else { out })
}

impl Cluster {
    /// Which claims that one pod alone may use are in use, and by whom.
    pub(super) fn exclusive_users(&self, pod: &Pod) -> Vec<String> {
        let namespace = &pod.metadata.namespace;
        let mut out = Vec::new();
        for claim in self.exclusive_claims(pod) {
            let uses_it = |other: &Pod| claim_names(other).any(|(name, ephemeral)| name == claim && !ephemeral);
            let key = key_of(namespace, &claim);
            let users = self.store().pods.users(&key).filter_map(|user| self.store().pods.get(user));
            let users = users.filter(|entry| entry.row.is_some() && uses_it(&entry.pod));
            if let Some(user) = users.map(|entry| &entry.key).min() {
                out.push(format!("claim {key} is in use by pod {user}, which alone may use it"));
            }
        }
        out
    }
}
