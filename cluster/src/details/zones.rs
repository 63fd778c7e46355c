//! Volumes that are labelled with a zone or region that the node is not in.

use super::text;
use crate::cluster::{Cluster, key_of};
use crate::objects::{Node, Pod};
use crate::volumes::{claim_names, zones_of};

impl Cluster {
    /// The labels of the pod's volumes that keep it off the node.
    pub(super) fn zone_details(&self, node: &Node, pod: &Pod) -> Vec<String> {
        let namespace = &pod.metadata.namespace;
        let mut out = Vec::new();
        for (name, _) in claim_names(pod).filter(|(_, ephemeral)| !ephemeral) {
            let claimed = self.claim(namespace, &name);
            let Some(volume) = claimed.and_then(|claim| self.volume(&claim.spec.volume_name)) else { continue };
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
        out
    }
}
