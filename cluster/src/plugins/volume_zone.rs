//! VolumeZone: volumes that are labelled with a zone or region.

use bayplan_core::plugins::volume_zone::OTHER_ZONE;

use super::details::{Details, claim_details};
use super::{Entry, PreFilterStatus, Text, filters, text};
use crate::compile::Own;
use crate::config::Plugin;
use crate::error::Error;
use crate::objects::Pod;
use crate::state::storage::{claim_names, class_of_claim, zones_of};
use crate::state::{Cluster, key_of};

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point),
    by_default: |_| Some(None),
    texts: &[(OTHER_ZONE, Text::Is("node(s) had no available volume zone"))],
    pre_filter: Some(pre_filter),
    pre_filter_details: Some(|cluster, pod| claim_details(cluster, pod, Plugin::VolumeZone)),
    details: Some(details),
    ..Entry::NONE
};

fn pre_filter(cluster: &Cluster, pod: &Pod, _: &Own) -> Option<PreFilterStatus> {
    claims(cluster, pod).map(PreFilterStatus::rejected)
}

/// What is wrong with the pod's claims whatever the node.
fn claims(cluster: &Cluster, pod: &Pod) -> Option<String> {
    for (name, _) in claim_names(pod).filter(|(_, ephemeral)| !ephemeral) {
        if name.is_empty() {
            return Some("PersistentVolumeClaim had no name".to_owned());
        }
        let Some(claim) = cluster.claim(&pod.metadata.namespace, &name) else {
            return Some(format!("persistentvolumeclaim {name:?} not found"));
        };
        let volume = &claim.spec.volume_name;
        if !volume.is_empty() {
            if cluster.volume(volume).is_none() {
                return Some(format!("persistentvolume {volume:?} not found"));
            }
            continue;
        }
        let class = class_of_claim(claim);
        if class.is_empty() {
            return Some("PersistentVolumeClaim had no pv name and storageClass name".to_owned());
        }
        match cluster.class(class).map(|c| c.volume_binding_mode.as_deref()) {
            None => return Some(format!("storageclass.storage.k8s.io {class:?} not found")),
            Some(None) => return Some(format!("VolumeBindingMode not set for StorageClass {class:?}")),
            Some(Some("WaitForFirstConsumer")) => {}
            Some(Some(_)) => return Some("PersistentVolume had no name".to_owned()),
        }
    }
    None
}

/// The labels of the pod's volumes that keep it off the node.
fn details(of: &mut Details<'_>) -> Result<Vec<String>, Error> {
    let (cluster, node, pod) = (&*of.cluster, of.node, of.pod);
    let namespace = &pod.metadata.namespace;
    let mut out = Vec::new();
    for (name, _) in claim_names(pod).filter(|(_, ephemeral)| !ephemeral) {
        let claimed = cluster.claim(namespace, &name);
        let Some(volume) = claimed.and_then(|claim| cluster.volume(&claim.spec.volume_name)) else { continue };
        for (label, other, zones) in zones_of(volume) {
            let labels = &node.metadata.labels;
            let here = labels.get(label).or_else(|| labels.get(other));
            if here.is_some_and(|here| zones.contains(here)) {
                continue;
            }
            let (claim, wanted) = (key_of(namespace, &name), text::one_of(label, &zones));
            let has = here.map_or("no such label".to_owned(), |here| format!("{} {here}", text::short(label)));
            out.push(format!(
                "claim {claim}: volume {} is labelled {wanted}, the node has {has}",
                volume.metadata.name
            ));
        }
    }
    Ok(out)
}
