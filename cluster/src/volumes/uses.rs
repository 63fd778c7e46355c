//! What pods use of volumes on their nodes, and how much of it a node can have.

use std::collections::BTreeSet;
use std::sync::Arc;

use bayplan_core::{NodeId, StrId, UseKeyId, UseListId, UseTag};

use super::{announces, claim_names, class_of_claim};
use crate::attachable::{self, Attachable};
use crate::cluster::{Cluster, key_of};
use crate::error::Error;
use crate::objects::{Kind, Node, Object, Pod};
use crate::version::Version;

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

    /// What a pod uses as it counts where room is held for it: the names of all its claims are as good as exclusive claims.
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
            inline.filter_map(|volume| attachable::of_inline(volume).ok().flatten()).collect();
        for (name, _) in claim_names(pod) {
            let Some(claim) = self.claim(namespace, &name) else { continue };
            mounted.extend(match self.volume(&claim.spec.volume_name) {
                Some(volume) => attachable::of_volume(volume, self.compiler.version),
                None => self.class(class_of_claim(claim)).and_then(|class| {
                    let version = self.compiler.version;
                    attachable::of_provisioner(&class.provisioner, &key_of(namespace, &name), version)
                }),
            });
        }
        mounted
    }

    /// Sets what the node's CSINode says: the limits of every driver, and which provisioners of old it has taken over.
    pub(crate) fn set_drivers(&mut self, node: &Node) -> Result<(), Error> {
        let Some(id) = self.compiler.nodes.get(&node.metadata.name).copied() else { return Ok(()) };
        let csi_node = match self.store.get(Kind::CSINode, "", &node.metadata.name).map(|o| &**o) {
            Some(Object::CSINode(csi_node)) => Some(csi_node.clone()),
            _ => None,
        };
        for driver in csi_node.iter().flat_map(|n| &n.spec.drivers) {
            self.compiler.driver(&driver.name)?;
        }
        let announced = csi_node.as_deref();
        for (key, column) in self.compiler.keys.clone() {
            let Some(old) = key.strip_prefix(attachable::ANNOUNCED) else { continue };
            let value = if announces(announced, old) { self.compiler.string("yes")? } else { StrId::NONE };
            self.compiler.table.run(|s| s.relabel_node(id, column, value))?;
        }
        for name in self.compiler.driver_names.clone() {
            let (announced_driver, stands_for) = attachable::ANNOUNCED_DRIVER;
            let known_as = match &name {
                name if *name != announced_driver => name.as_str(),
                _ if announces(announced, announced_driver) => stands_for,
                _ => "",
            };
            let on_node = csi_node.iter().flat_map(|n| &n.spec.drivers).find(|d| d.name == known_as);
            let limit = on_node.and_then(|d| d.allocatable.as_ref()?.count).map(|count| count.max(0) as u32);
            let demands =
                self.csi_driver(&name).is_some_and(|d| d.spec.prevent_pod_scheduling_if_missing == Some(true));
            let lacks = self.compiler.version >= Version::V1_37 && demands && on_node.is_none();
            let driver = self.compiler.driver(&name)?;
            self.compiler.table.run(|s| s.set_driver(driver, id, limit, lacks))?;
        }
        Ok(())
    }

    /// After objects of storage came, changed or went: limits, attachments, and what bound pods use.
    pub(crate) fn refresh_storage(&mut self) -> Result<(), Error> {
        let nodes: Vec<Arc<Object>> = self.store.of_kind(Kind::Node).cloned().collect();
        // A first round may find drivers that nodes before it need to know.
        loop {
            self.compiler.drivers_stale = false;
            for object in &nodes {
                if let Object::Node(node) = &**object {
                    self.set_drivers(node)?;
                }
            }
            if !self.compiler.drivers_stale {
                break;
            }
        }
        let mut attached: BTreeSet<(UseKeyId, NodeId)> = BTreeSet::new();
        let objects: Vec<Arc<Object>> = self.store.of_kind(Kind::VolumeAttachment).cloned().collect();
        for object in objects {
            let Object::VolumeAttachment(attachment) = &*object else { continue };
            let spec = &attachment.spec;
            let handle = spec
                .source
                .persistent_volume_name
                .as_ref()
                .and_then(|name| self.volume(name)?.spec.csi.as_ref().map(|csi| csi.volume_handle.clone()));
            if let (Some(handle), Some(node), false) =
                (handle, self.compiler.nodes.get(&spec.node_name).copied(), spec.attacher.is_empty())
            {
                attached.insert((self.compiler.handle(&spec.attacher, &handle)?, node));
            }
        }
        let before = std::mem::take(&mut self.attached);
        for (key, node) in before.difference(&attached).copied() {
            if self.compiler.node_names.get(node.at()).is_some_and(|name| self.compiler.nodes.get(name) == Some(&node))
            {
                self.compiler.table.run(|s| s.set_attached(key, node, false))?;
            }
        }
        for (key, node) in attached.difference(&before).copied() {
            self.compiler.table.run(|s| s.set_attached(key, node, true))?;
        }
        self.attached = attached;
        let users: Vec<String> = self
            .store
            .pods
            .iter()
            .filter(|(_, e)| e.is_in_tables() && !e.pod.spec.volumes.is_empty())
            .map(|(key, _)| key.clone())
            .collect();
        for key in users {
            self.settle_pod(&key)?;
        }
        Ok(())
    }
}
