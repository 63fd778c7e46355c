//! What the volumes of a pod reject it for on every node.

use super::{BIND_COMPLETED, claim_names, class_of_claim, not_owned, owned_by};
use crate::cluster::Cluster;
use crate::config::Plugin;
use crate::objects::Pod;

/// A rejection of the pod as a whole.
pub(crate) enum Stop {
    /// No node can do: the rule, and why.
    Rejected(&'static str, String),
    /// The scheduler fails.
    Failed(String),
}

impl Cluster {
    /// What rejects the pod before any node is looked at, in the words of the rule.
    pub(crate) fn volumes_reject(&self, rule: Plugin, pod: &Pod) -> Option<Stop> {
        let namespace = &pod.metadata.namespace;
        match rule {
            Plugin::VolumeRestrictions => claim_names(pod)
                .find(|(name, ephemeral)| !ephemeral && self.claim(namespace, name).is_none())
                .map(|(name, _)| {
                    Stop::Rejected("VolumeRestrictions", format!("persistentvolumeclaim {name:?} not found"))
                }),
            Plugin::VolumeBinding => self.binding_rejects(pod),
            Plugin::VolumeZone => self.zones_reject(pod).map(|why| Stop::Rejected("VolumeZone", why)),
            _ => None,
        }
    }

    fn binding_rejects(&self, pod: &Pod) -> Option<Stop> {
        let rejected = |why: String| Some(Stop::Rejected("VolumeBinding", why));
        let namespace = &pod.metadata.namespace;
        for (name, ephemeral) in claim_names(pod) {
            let Some(claim) = self.claim(namespace, &name) else {
                return rejected(if ephemeral {
                    format!("waiting for ephemeral volume controller to create the persistentvolumeclaim {name:?}")
                } else {
                    format!("persistentvolumeclaim {name:?} not found")
                });
            };
            if claim.status.phase == "Lost" {
                let volume = &claim.spec.volume_name;
                return rejected(format!(
                    "persistentvolumeclaim {name:?} bound to non-existent persistentvolume {volume:?}"
                ));
            }
            if claim.metadata.deletion_timestamp.is_some() {
                return rejected(format!("persistentvolumeclaim {name:?} is being deleted"));
            }
            if ephemeral && !owned_by(claim, pod) {
                return rejected(not_owned(namespace, &name, pod));
            }
        }
        let mut immediate = false;
        for (name, _) in claim_names(pod) {
            let Some(claim) = self.claim(namespace, &name) else { continue };
            let has_volume = !claim.spec.volume_name.is_empty();
            if has_volume && claim.metadata.annotations.contains_key(BIND_COMPLETED) {
                continue;
            }
            let class = self.class(class_of_claim(claim));
            match class.map(|class| class.volume_binding_mode.as_deref()) {
                Some(None) => {
                    let class = class_of_claim(claim);
                    return Some(Stop::Failed(format!(
                        "running PreFilter plugin \"VolumeBinding\": VolumeBindingMode not set for StorageClass {class:?}"
                    )));
                }
                Some(Some("WaitForFirstConsumer")) if !has_volume => {}
                _ => immediate = true,
            }
        }
        if immediate { rejected("pod has unbound immediate PersistentVolumeClaims".to_owned()) } else { None }
    }

    fn zones_reject(&self, pod: &Pod) -> Option<String> {
        for (name, _) in claim_names(pod).filter(|(_, ephemeral)| !ephemeral) {
            if name.is_empty() {
                return Some("PersistentVolumeClaim had no name".to_owned());
            }
            let Some(claim) = self.claim(&pod.metadata.namespace, &name) else {
                return Some(format!("persistentvolumeclaim {name:?} not found"));
            };
            let volume = &claim.spec.volume_name;
            if !volume.is_empty() {
                if self.volume(volume).is_none() {
                    return Some(format!("persistentvolume {volume:?} not found"));
                }
                continue;
            }
            let class = class_of_claim(claim);
            if class.is_empty() {
                return Some("PersistentVolumeClaim had no pv name and storageClass name".to_owned());
            }
            match self.class(class).map(|c| c.volume_binding_mode.as_deref()) {
                None => return Some(format!("storageclass.storage.k8s.io {class:?} not found")),
                Some(None) => return Some(format!("VolumeBindingMode not set for StorageClass {class:?}")),
                Some(Some("WaitForFirstConsumer")) => {}
                Some(Some(_)) => return Some("PersistentVolume had no name".to_owned()),
            }
        }
        None
    }
}
