//! What pods use of volumes on their nodes.

use std::collections::BTreeSet;

use bayplan_core::{Claims, UseKeyId, UseListId, UseTag};

use super::{claim_names, class_of_claim};
use crate::csi_migration::{self, Attachable};
use crate::error::Error;
use crate::objects::Pod;
use crate::state::{Cluster, key_of};

impl Cluster {
    /// The volumes and exclusive claims that a pod uses.
    pub(crate) fn uses_of(&mut self, pod: &Pod) -> Result<UseListId, Error> {
        let uses = self.uses(pod)?;
        self.compiler.use_list(uses)
    }

    /// What a pod uses that asks for a node: of its exclusive claims the names too, as kube-scheduler knows those of nominated
    /// pods by no more.
    pub(crate) fn uses_asked(&mut self, pod: &Pod) -> Result<UseListId, Error> {
        let mut uses = self.uses(pod)?;
        if uses.iter().any(|(_, tag)| *tag == UseTag::Exclusive) {
            for claim in self.exclusive_claims(pod) {
                uses.push((self.compiler.exclusive(&claim)?, UseTag::ExclusiveName));
            }
        }
        self.compiler.use_list(uses)
    }

    /// What a nominated pod uses: the names of all its claims count as `ReadWriteOncePod` claims.
    pub(crate) fn uses_nominated(&mut self, pod: &Pod) -> Result<UseListId, Error> {
        let mut uses = self.uses(pod)?;
        for (name, _) in claim_names(pod).filter(|(_, ephemeral)| !ephemeral) {
            uses.push((self.compiler.exclusive(&name)?, UseTag::Exclusive));
        }
        self.compiler.use_list(uses)
    }

    /// The names of the pod's claims that only one pod may use.
    pub(crate) fn exclusive_claims(&self, pod: &Pod) -> BTreeSet<String> {
        let names = claim_names(pod).filter(|(_, ephemeral)| !ephemeral).map(|(name, _)| name);
        let exclusive = |name: &String| {
            let claim = self.claim(&pod.metadata.namespace, name);
            claim.is_some_and(|claim| claim.spec.access_modes.iter().any(|mode| mode == "ReadWriteOncePod"))
        };
        names.filter(exclusive).collect()
    }

    /// The bound pods that have claims of a name that an exclusive claim of the pod has too, in whatever namespace, and how many; looks at every
    /// claim that is used, where the pod has such a claim.
    pub(crate) fn users_of_exclusive_names(&self, pod: &Pod) -> Vec<Claims> {
        let exclusive = self.exclusive_claims(pod);
        if exclusive.is_empty() {
            return Vec::new();
        }
        let is_one = |name: &String| exclusive.contains(name);
        let users = self.store.pods.all_users().filter_map(|key| {
            let entry = self.store.pods.get(key)?;
            let names = claim_names(&entry.pod).filter(|(name, ephemeral)| !ephemeral && is_one(name));
            Some(Claims { pod: entry.row?.0, claims: names.count() as u32 })
        });
        users.filter(|of| of.claims > 0).collect()
    }

    fn uses(&mut self, pod: &Pod) -> Result<Vec<(UseKeyId, UseTag)>, Error> {
        if pod.spec.volumes.is_empty() {
            return Ok(Vec::new());
        }
        let mut uses: Vec<(UseKeyId, UseTag)> = Vec::new();
        for (driver, handle) in self.mounted(pod) {
            uses.push((self.compiler.handle(&driver, &handle)?, UseTag::Mounted));
        }
        for claim in self.exclusive_claims(pod) {
            uses.push((self.compiler.exclusive(&key_of(&pod.metadata.namespace, &claim))?, UseTag::Exclusive));
        }
        Ok(uses)
    }

    /// The volumes of a pod that count towards limits, in the order of their drivers.
    pub(crate) fn mounted(&self, pod: &Pod) -> BTreeSet<Attachable> {
        let namespace = &pod.metadata.namespace;
        let inline = pod.spec.volumes.iter().filter(|v| v.persistent_volume_claim.is_none() && v.ephemeral.is_none());
        let mut mounted: BTreeSet<Attachable> =
            inline.filter_map(|volume| csi_migration::of_inline(volume).ok().flatten()).collect();
        for (name, _) in claim_names(pod) {
            let Some(claim) = self.claim(namespace, &name) else { continue };
            mounted.extend(match self.volume(&claim.spec.volume_name) {
                Some(volume) => csi_migration::of_volume(volume, self.compiler.version),
                None => self.class(class_of_claim(claim)).and_then(|class| {
                    let version = self.compiler.version;
                    csi_migration::of_provisioner(&class.provisioner, &key_of(namespace, &name), version)
                }),
            });
        }
        mounted
    }
}
