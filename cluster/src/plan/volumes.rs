//! The volume controller's part: a claim of a class that binds at once gets a volume before any pod is looked at.

use crate::error::Error;
use crate::labels::Selector;
use crate::objects::{ClaimRef, Kind, Object, PersistentVolume, PersistentVolumeClaim};
use crate::quantity::Quantity;
use crate::state::Cluster;
use crate::state::storage::{binds_at_once, claim_names};

impl Cluster {
    /// Binds the claims of a pod that wait for nothing but a volume. Where none fits, they stay as they are.
    ///
    /// Costs a look at the volumes of the class for each such claim.
    pub(crate) fn bind_claims_of(&mut self, pod: &str) -> Result<(), Error> {
        let Some(pod) = self.pod(pod).filter(|pod| !pod.spec.volumes.is_empty()) else { return Ok(()) };
        let namespace = pod.metadata.namespace.clone();
        let names: Vec<String> = claim_names(pod).map(|(name, _)| name).collect();
        for name in names {
            if let Some(Object::PersistentVolumeClaim(claim)) =
                self.object(Kind::PersistentVolumeClaim, &namespace, &name)
            {
                let claim = claim.clone();
                self.bind_claim(*claim)?;
            }
        }
        Ok(())
    }

    /// Binds a claim of a class that binds at once to the smallest volume that fits; whether there was one.
    pub(crate) fn bind_claim(&mut self, mut claim: PersistentVolumeClaim) -> Result<bool, Error> {
        if !claim.spec.volume_name.is_empty() || !binds_at_once(self, &claim) {
            return Ok(false);
        }
        let Some(mut volume) = self.volume_for(&claim).cloned() else { return Ok(false) };
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
        self.upsert(Object::from(volume))?;
        self.upsert(Object::from(claim))?;
        Ok(true)
    }

    /// The volume that a claim of a class that binds at once gets: one that is meant for it, or the smallest that fits.
    pub(crate) fn volume_for(&self, claim: &PersistentVolumeClaim) -> Option<&PersistentVolume> {
        let class = claim.spec.storage_class_name.clone().unwrap_or_default();
        let volumes = self.store().objects.volumes_of_class(&class).filter_map(|object| match &**object {
            Object::PersistentVolume(volume) => Some(&**volume),
            _ => None,
        });
        let volumes: Vec<&PersistentVolume> = volumes.collect();
        let size = |volume: &PersistentVolume| volume.spec.capacity.get("storage").copied().unwrap_or(Quantity::ZERO);
        let is_meant = |volume: &PersistentVolume| {
            let of = volume.spec.claim_ref.as_ref();
            of.is_some_and(|of| of.namespace == claim.metadata.namespace && of.name == claim.metadata.name)
        };
        let chosen = volumes.iter().find(|volume| is_meant(volume)).or_else(|| {
            let fitting = volumes.iter().filter(|volume| fits(volume, claim));
            fitting.min_by(|a, b| size(a).cmp(&size(b)).then_with(|| a.metadata.name.cmp(&b.metadata.name)))
        });
        chosen.copied()
    }
}

/// Can a claim have a volume?
fn fits(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let (of, spec) = (&volume.spec, &claim.spec);
    let mode = |mode: &Option<String>| mode.clone().unwrap_or_else(|| "Filesystem".to_owned());
    let asked = spec.resources.requests.get("storage").copied().unwrap_or(Quantity::ZERO);
    let selected = match &spec.selector {
        None => true,
        Some(selector) => {
            Selector::new(Some(selector), "spec.selector").is_ok_and(|s| s.matches(&volume.metadata.labels))
        }
    };
    of.claim_ref.is_none()
        && volume.status.phase == "Available"
        && of.storage_class_name == spec.storage_class_name.clone().unwrap_or_default()
        && mode(&of.volume_mode) == mode(&spec.volume_mode)
        && of.capacity.get("storage").is_some_and(|capacity| *capacity >= asked)
        && spec.access_modes.iter().all(|mode| of.access_modes.contains(mode))
        && selected
}
