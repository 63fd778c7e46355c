//! The volume controller: new volumes become available, and claims of classes that bind at once get one, made where their class has a
//! provisioner.

use super::Simulation;
use crate::error::Error;
use crate::objects::{
    CsiVolume, Kind, NodeSelector, NodeSelectorTerm, Object, PersistentVolume, PersistentVolumeClaim, Provenance,
    SelectorRequirement, StorageClass, TopologySelectorTerm, VolumeNodeAffinity,
};
use crate::state::storage::{NO_PROVISIONER, binds_at_once, class_of_claim};

impl Simulation {
    pub(super) fn bind_volumes(&mut self) -> Result<(), Error> {
        let is_new = |object: &&Object| match object {
            Object::PersistentVolume(volume) => matches!(volume.status.phase.as_str(), "" | "Pending"),
            _ => false,
        };
        let new: Vec<Object> = self.cluster.objects(Kind::PersistentVolume).filter(is_new).cloned().collect();
        for object in new {
            if let Object::PersistentVolume(mut volume) = object {
                let phase = if volume.spec.claim_ref.is_some() { "Bound" } else { "Available" };
                phase.clone_into(&mut volume.status.phase);
                (self.moved, self.touched.woken) = (true, true);
                self.cluster.upsert(Object::PersistentVolume(volume))?;
            }
        }
        let is_open = |object: &&Object| match object {
            Object::PersistentVolumeClaim(claim) => claim.spec.volume_name.is_empty(),
            _ => false,
        };
        let open: Vec<Object> = self.cluster.objects(Kind::PersistentVolumeClaim).filter(is_open).cloned().collect();
        for object in open {
            let Object::PersistentVolumeClaim(claim) = object else { continue };
            if self.options.provision {
                self.provision(&claim)?;
            }
            let bound = self.cluster.bind_claim(*claim)?;
            (self.moved, self.touched.woken) = (self.moved | bound, self.touched.woken | bound);
        }
        Ok(())
    }

    /// Makes the volume of a claim whose class binds at once and has a provisioner, where no volume is there that it could have. Where in the
    /// class's allowedTopologies it lies only the driver knows: it is taken to reach them all.
    fn provision(&mut self, claim: &PersistentVolumeClaim) -> Result<(), Error> {
        if !claim.spec.volume_name.is_empty()
            || !binds_at_once(&self.cluster, claim)
            || self.cluster.volume_for(claim).is_some()
            // Provisioners refuse selectors.
            || claim.spec.selector.is_some()
        {
            return Ok(());
        }
        let Some(Object::StorageClass(class)) = self.cluster.object(Kind::StorageClass, "", class_of_claim(claim))
        else {
            return Ok(());
        };
        if class.provisioner == NO_PROVISIONER {
            return Ok(());
        }
        let volume = volume_of(claim, class);
        if self.cluster.object(Kind::PersistentVolume, "", &volume.metadata.name).is_some() {
            return Ok(());
        }
        let of = Kind::PersistentVolumeClaim.describe(&claim.metadata.namespace, &claim.metadata.name);
        let reach =
            if class.allowed_topologies.is_empty() { "every node" } else { "all of its class's allowedTopologies" };
        self.assumed.insert(format!("{} makes a volume for {of}; it is taken to reach {reach}", class.provisioner));
        (self.moved, self.touched.woken) = (true, true);
        self.cluster.upsert(Object::from(volume))
    }
}

fn volume_of(claim: &PersistentVolumeClaim, class: &StorageClass) -> PersistentVolume {
    let mut volume = PersistentVolume::default();
    let meta = &claim.metadata;
    volume.metadata.name =
        if meta.uid.is_empty() { format!("pvc-{}-{}", meta.namespace, meta.name) } else { format!("pvc-{}", meta.uid) };
    // As one that a server has.
    volume.metadata.provenance = Provenance::Live;
    let spec = &mut volume.spec;
    spec.capacity.clone_from(&claim.spec.resources.requests);
    spec.access_modes.clone_from(&claim.spec.access_modes);
    spec.storage_class_name.clone_from(&class.metadata.name);
    spec.volume_mode.clone_from(&claim.spec.volume_mode);
    spec.csi = Some(CsiVolume { driver: class.provisioner.clone(), volume_handle: volume.metadata.name.clone() });
    let term = |term: &TopologySelectorTerm| NodeSelectorTerm {
        match_expressions: term
            .match_label_expressions
            .iter()
            .map(|of| SelectorRequirement { key: of.key.clone(), operator: "In".to_owned(), values: of.values.clone() })
            .collect(),
        ..NodeSelectorTerm::default()
    };
    if !class.allowed_topologies.is_empty() {
        let node_selector_terms = class.allowed_topologies.iter().map(term).collect();
        spec.node_affinity = Some(VolumeNodeAffinity { required: Some(NodeSelector { node_selector_terms }) });
    }
    "Available".clone_into(&mut volume.status.phase);
    volume
}
