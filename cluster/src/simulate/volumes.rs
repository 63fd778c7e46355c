//! The volume controller: claims of classes that bind at once get a volume, and new volumes become available.

use super::Simulation;
use crate::error::Error;
use crate::labels::Selector;
use crate::objects::{ClaimRef, Kind, Object, PersistentVolume, PersistentVolumeClaim};
use crate::quantity::Quantity;

impl Simulation {
    pub(super) fn bind_volumes(&mut self) -> Result<(), Error> {
        for object in self.all(&[Kind::PersistentVolume]) {
            let Object::PersistentVolume(mut volume) = object else { continue };
            if volume.status.phase.is_empty() || volume.status.phase == "Pending" {
                let phase = if volume.spec.claim_ref.is_some() { "Bound" } else { "Available" };
                phase.clone_into(&mut volume.status.phase);
                self.moved = true;
                self.cluster.upsert(Object::PersistentVolume(volume))?;
            }
        }
        for object in self.all(&[Kind::PersistentVolumeClaim]) {
            let Object::PersistentVolumeClaim(claim) = object else { continue };
            if claim.spec.volume_name.is_empty() && self.binds_at_once(&claim) {
                self.bind_claim(*claim)?;
            }
        }
        Ok(())
    }

    /// Does the claim not wait for a pod?
    fn binds_at_once(&self, claim: &PersistentVolumeClaim) -> bool {
        let class = claim.spec.storage_class_name.as_deref().unwrap_or_default();
        match self.cluster.object(Kind::StorageClass, "", class) {
            Some(Object::StorageClass(class)) => class.volume_binding_mode.as_deref() != Some("WaitForFirstConsumer"),
            // Claims without a class bind to volumes without one.
            _ => class.is_empty(),
        }
    }

    fn bind_claim(&mut self, mut claim: PersistentVolumeClaim) -> Result<(), Error> {
        let mut volumes: Vec<&PersistentVolume> = Vec::new();
        for object in self.cluster.objects(Kind::PersistentVolume) {
            if let Object::PersistentVolume(volume) = object {
                volumes.push(volume);
            }
        }
        let size = |volume: &PersistentVolume| volume.spec.capacity.get("storage").copied().unwrap_or(Quantity::ZERO);
        let is_his = |volume: &PersistentVolume| {
            let of = volume.spec.claim_ref.as_ref();
            of.is_some_and(|of| of.namespace == claim.metadata.namespace && of.name == claim.metadata.name)
        };
        let chosen = volumes.iter().find(|volume| is_his(volume)).or_else(|| {
            let fitting = volumes.iter().filter(|volume| fits(volume, &claim));
            fitting.min_by(|a, b| size(a).cmp(&size(b)).then_with(|| a.metadata.name.cmp(&b.metadata.name)))
        });
        let Some(volume) = chosen.map(|volume| (*volume).clone()) else { return Ok(()) };
        let mut volume = volume;
        volume.spec.claim_ref = Some(ClaimRef {
            kind: "PersistentVolumeClaim".to_owned(),
            namespace: claim.metadata.namespace.clone(),
            name: claim.metadata.name.clone(),
            uid: claim.metadata.uid.clone(),
        });
        "Bound".clone_into(&mut volume.status.phase);
        claim.spec.volume_name.clone_from(&volume.metadata.name);
        claim.metadata.annotations.insert("pv.kubernetes.io/bind-completed".to_owned(), "yes".to_owned());
        "Bound".clone_into(&mut claim.status.phase);
        self.moved = true;
        self.cluster.upsert(Object::from(volume))?;
        self.cluster.upsert(Object::from(claim))
    }
}

/// Can a claim have a volume?
fn fits(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let (of, spec) = (&volume.spec, &claim.spec);
    let mode = |mode: &Option<String>| mode.clone().unwrap_or_else(|| "Filesystem".to_owned());
    let asked = spec.resources.requests.get("storage").copied().unwrap_or(Quantity::ZERO);
    let selected = match &spec.selector {
        None => true,
        Some(selector) => Selector::new(Some(selector), "spec.selector").is_ok_and(|s| s.matches(&volume.metadata.labels)),
    };
    of.claim_ref.is_none()
        && volume.status.phase == "Available"
        && of.storage_class_name == spec.storage_class_name.clone().unwrap_or_default()
        && mode(&of.volume_mode) == mode(&spec.volume_mode)
        && of.capacity.get("storage").is_some_and(|capacity| *capacity >= asked)
        && spec.access_modes.iter().all(|mode| of.access_modes.contains(mode))
        && selected
}
