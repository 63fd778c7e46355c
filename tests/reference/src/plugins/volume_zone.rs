//! VolumeZone: a volume that is labelled with a zone or region can be mounted only there.

use std::collections::BTreeSet;

use bayplan::objects::PersistentVolume;

use super::volumes::{self, class_of_claim};
use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::plugin::{Filter, Plugin, PreFilter, Rejection};

const LABELS: [&str; 4] = [
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
];

pub(crate) struct VolumeZone;

/// A label, and the values of it from which a volume can be reached.
type Place = (&'static str, BTreeSet<String>);

impl Plugin for VolumeZone {
    fn pre_filter(&self, cycle: &Cycle<'_>) -> Result<PreFilter, Rejection> {
        Ok(if places(cycle)?.is_empty() { PreFilter::Skip } else { PreFilter::Pass })
    }

    fn filter<'a>(&self, cycle: &'a Cycle<'a>, _view: &[NodeView<'a>]) -> Filter<'a> {
        let places = places(cycle);
        Box::new(move |node| {
            let places = places.as_ref().map_err(Clone::clone)?;
            if LABELS.iter().all(|label| node.label(label).is_none()) {
                return Ok(());
            }
            let reachable = |(label, values): &Place| {
                let value = node.label(label).or_else(|| node.label(new_name(label)));
                value.is_some_and(|value| values.contains(value))
            };
            if places.iter().all(reachable) {
                return Ok(());
            }
            Err(Rejection::unresolvable("node(s) had no available volume zone"))
        })
    }
}

fn new_name(label: &str) -> &str {
    match label {
        "failure-domain.beta.kubernetes.io/zone" => "topology.kubernetes.io/zone",
        "failure-domain.beta.kubernetes.io/region" => "topology.kubernetes.io/region",
        label => label,
    }
}

/// Where the volumes of the pod's claims are; a claim that waits for the pod's place has none yet.
fn places(cycle: &Cycle<'_>) -> Result<Vec<Place>, Rejection> {
    let mut places = Vec::new();
    for source in cycle.pod.spec.volumes.iter().filter_map(|volume| volume.persistent_volume_claim.as_ref()) {
        let name = source.claim_name.as_str();
        if name.is_empty() {
            return Err(Rejection::unresolvable("PersistentVolumeClaim had no name"));
        }
        let claim = volumes::claim(cycle.cluster, &cycle.pod.metadata.namespace, name)
            .ok_or_else(|| Rejection::unresolvable(format!("persistentvolumeclaim {name:?} not found")))?;
        let volume = claim.spec.volume_name.as_str();
        if volume.is_empty() {
            check_waits(cycle, class_of_claim(claim))?;
            continue;
        }
        let volume = volumes::volume(cycle.cluster, volume)
            .ok_or_else(|| Rejection::unresolvable(format!("persistentvolume {volume:?} not found")))?;
        places.extend(places_of(volume));
    }
    Ok(places)
}

/// Whether claims of the class wait for a pod.
fn check_waits(cycle: &Cycle<'_>, name: &str) -> Result<(), Rejection> {
    if name.is_empty() {
        return Err(Rejection::unresolvable("PersistentVolumeClaim had no pv name and storageClass name"));
    }
    let class = volumes::storage_class(cycle.cluster, name)
        .ok_or_else(|| Rejection::unresolvable(format!("storageclass.storage.k8s.io {name:?} not found")))?;
    match class.volume_binding_mode.as_deref() {
        Some("WaitForFirstConsumer") => Ok(()),
        Some(_) => Err(Rejection::unresolvable("PersistentVolume had no name")),
        None => Err(Rejection::unresolvable(format!("VolumeBindingMode not set for StorageClass {name:?}"))),
    }
}

/// A label may name several zones, joined by `__`; one that names an empty one is passed over.
fn places_of(volume: &PersistentVolume) -> Vec<Place> {
    let values = |label: &&'static str| {
        let text = volume.metadata.labels.get(*label)?;
        let values: BTreeSet<String> = text.split("__").map(|value| value.trim().to_owned()).collect();
        (!values.contains("")).then_some((*label, values))
    };
    LABELS.iter().filter_map(values).collect()
}
