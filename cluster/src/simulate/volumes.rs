//! The volume controller: new volumes become available, and claims of classes that bind at once get one.

use super::Simulation;
use crate::error::Error;
use crate::objects::{Kind, Object};

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
            self.moved |= self.cluster.bind_claim(*claim)?;
        }
        Ok(())
    }
}
