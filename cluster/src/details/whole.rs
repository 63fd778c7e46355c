//! What is behind a rejection of the pod as a whole.

use super::node_affinity;
use super::volumes::claim_text;
use crate::cluster::{Cluster, key_of};
use crate::objects::Pod;
use crate::volumes::{BIND_COMPLETED, claim_names, class_of_claim, owned_by};

impl Cluster {
    /// The names behind a rejection by a rule before any node is looked at.
    pub(crate) fn whole_details(&self, pod: &Pod, rule: &str) -> Vec<String> {
        if rule == "NodeAffinity" {
            return node_affinity::conflicts(pod);
        }
        let mut out: Vec<String> =
            claim_names(pod).filter_map(|(name, ephemeral)| self.claim_trouble(pod, &name, ephemeral, rule)).collect();
        out.dedup();
        out
    }

    /// Why a rule rejects the pod for a claim whatever the node, if it does.
    fn claim_trouble(&self, pod: &Pod, name: &str, ephemeral: bool, rule: &str) -> Option<String> {
        let namespace = &pod.metadata.namespace;
        let key = key_of(namespace, name);
        // Claims that were made for the pod are looked at by one rule alone.
        let binding = rule == "VolumeBinding";
        if ephemeral && !binding {
            return None;
        }
        let Some(claim) = self.claim(namespace, name) else { return Some(format!("claim {key} is not there")) };
        let volume = &claim.spec.volume_name;
        let is_lost = match rule {
            "VolumeBinding" => claim.status.phase == "Lost",
            "VolumeZone" => !volume.is_empty() && self.volume(volume).is_none(),
            _ => return None,
        };
        if is_lost {
            return Some(format!("claim {key}: volume {volume} is not there"));
        }
        if binding && claim.metadata.deletion_timestamp.is_some() {
            return Some(format!("claim {key} is being deleted"));
        }
        if binding && ephemeral && !owned_by(claim, pod) {
            return Some(format!("claim {key} belongs to another than the pod"));
        }
        if !volume.is_empty() {
            let is_complete = !binding || claim.metadata.annotations.contains_key(BIND_COMPLETED);
            return (!is_complete).then(|| format!("claim {key}: its binding to volume {volume} is not complete"));
        }
        let why = match (class_of_claim(claim), self.class(class_of_claim(claim))) {
            ("", _) => "it names no class",
            (_, None) => "its class is not there",
            (_, Some(class)) if class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer") => return None,
            _ => "its class does not wait for a pod's node",
        };
        Some(format!("{} has no volume, and {why}", claim_text(claim)))
    }
}
