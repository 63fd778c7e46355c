//! What follows from objects of storage that came, changed or went: limits of drivers, attachments, and what pods use.

use std::collections::BTreeSet;
use std::sync::Arc;

use bayplan_core::StrId;
use imbl::OrdSet;

use super::announces;
use crate::csi_migration;
use crate::error::Error;
use crate::objects::{Kind, Object};
use crate::state::store::Objects;
use crate::state::{Cluster, key_of};
use crate::version::Version;

/// What of storage changed since the tables were brought in line with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct StaleStorage {
    /// Something that every node and every pod may depend on.
    all: bool,
    /// Attachments, or what their volumes are.
    attachments: bool,
    /// CSINodes, by name.
    nodes: BTreeSet<String>,
    /// Claims whose users may use something else now: `namespace/name`.
    claims: BTreeSet<String>,
}

impl StaleStorage {
    fn is_empty(&self) -> bool {
        !self.all && !self.attachments && self.nodes.is_empty() && self.claims.is_empty()
    }

    /// Everything may be another.
    pub(crate) fn everything(&mut self) {
        self.all = true;
    }

    /// A node came: something may be attached to it.
    pub(crate) fn node_came(&mut self, objects: &Objects) {
        self.attachments |= objects.of_kind(Kind::VolumeAttachment).next().is_some();
    }

    /// An object came, changed or went.
    pub(crate) fn note(&mut self, object: &Object, objects: &Objects) {
        match object {
            Object::PersistentVolumeClaim(claim) => {
                self.claims.insert(key_of(&claim.metadata.namespace, &claim.metadata.name));
            }
            Object::PersistentVolume(volume) => {
                let claims = objects.claims_of_volume(&volume.metadata.name);
                self.claims.extend(claims.map(|(namespace, name)| key_of(namespace, name)));
                self.node_came(objects);
            }
            Object::CSINode(node) => _ = self.nodes.insert(node.metadata.name.clone()),
            Object::VolumeAttachment(_) => self.attachments = true,
            Object::StorageClass(_) | Object::CSIDriver(_) => self.all = true,
            _ => {}
        }
    }
}

impl Cluster {
    /// Sets what a node's CSINode says: the limits of every driver, and which CSI migrations it has announced.
    pub(crate) fn set_drivers(&mut self, node: &str) -> Result<(), Error> {
        let Some(id) = self.compiler.nodes.get(node).copied() else { return Ok(()) };
        let object = self.store.objects.get(Kind::CSINode, "", node).cloned();
        let csi_node = match object.as_deref() {
            Some(Object::CSINode(csi_node)) => Some(&**csi_node),
            _ => None,
        };
        let drivers = csi_node.map_or(&[][..], |node| &node.spec.drivers);
        for driver in drivers {
            self.compiler.driver(&driver.name)?;
        }
        let columns: Vec<_> = self.compiler.keys.iter().map(|(key, column)| (key.clone(), *column)).collect();
        for (key, column) in columns {
            let Some(old) = key.strip_prefix(csi_migration::ANNOUNCED) else { continue };
            let value = if announces(csi_node, old) { self.compiler.string("yes")? } else { StrId::NONE };
            self.compiler.table.run(|s| s.relabel_node(id, column, value))?;
        }
        for name in self.compiler.driver_names.clone() {
            let (announced_driver, stands_for) = csi_migration::ANNOUNCED_DRIVER;
            let known_as = match &*name {
                name if name != announced_driver => name,
                _ if announces(csi_node, announced_driver) => stands_for,
                _ => "",
            };
            let on_node = drivers.iter().find(|driver| driver.name == known_as);
            let limit = on_node.and_then(|d| d.allocatable.as_ref()?.count).map(|count| count.max(0) as u32);
            let demands =
                self.csi_driver(&name).is_some_and(|d| d.spec.prevent_pod_scheduling_if_missing == Some(true));
            let lacks = self.compiler.version >= Version::V1_37 && demands && on_node.is_none();
            let driver = self.compiler.driver(&name)?;
            self.compiler.table.run(|s| s.set_driver(driver, id, limit, lacks))?;
        }
        Ok(())
    }

    /// Brings the tables in line with the objects of storage that changed.
    pub(crate) fn refresh_storage(&mut self) -> Result<(), Error> {
        while !self.stale_storage.is_empty() || self.compiler.drivers_stale {
            let stale = std::mem::take(&mut self.stale_storage);
            // A driver that is new is to be known of every node.
            if std::mem::take(&mut self.compiler.drivers_stale) || stale.all {
                for node in self.compiler.node_names.clone() {
                    self.set_drivers(&node)?;
                }
            } else {
                for node in &stale.nodes {
                    self.set_drivers(node)?;
                }
            }
            if stale.attachments || stale.all {
                self.refresh_attachments()?;
            }
            let pods = &self.store.pods;
            let users: BTreeSet<Arc<str>> = match stale.all {
                true => pods.all_users().cloned().collect(),
                false => stale.claims.iter().flat_map(|claim| pods.users(claim)).cloned().collect(),
            };
            for key in users {
                if self.store.pods.get(&key).is_some_and(|entry| entry.is_in_tables()) {
                    self.settle_pod(&key)?;
                }
            }
        }
        Ok(())
    }

    fn refresh_attachments(&mut self) -> Result<(), Error> {
        let mut attached = OrdSet::new();
        let objects: Vec<Arc<Object>> = self.store.objects.of_kind(Kind::VolumeAttachment).cloned().collect();
        for object in objects {
            let Object::VolumeAttachment(attachment) = &*object else { continue };
            let spec = &attachment.spec;
            let handle = spec
                .source
                .persistent_volume_name
                .as_ref()
                .and_then(|name| self.volume(name)?.spec.csi.as_ref().map(|csi| csi.volume_handle.clone()));
            if let (Some(handle), Some(node), false) =
                (handle, self.compiler.nodes.get(spec.node_name.as_str()).copied(), spec.attacher.is_empty())
            {
                attached.insert((self.compiler.handle(&spec.attacher, &handle)?, node));
            }
        }
        let before = std::mem::replace(&mut self.attached, attached.clone());
        for (key, node) in before.iter().filter(|pair| !attached.contains(*pair)).copied() {
            let name = self.compiler.node_names.get(node.at());
            if name.is_some_and(|name| self.compiler.nodes.get(&**name) == Some(&node)) {
                self.compiler.table.run(|s| s.set_attached(key, node, false))?;
            }
        }
        for (key, node) in attached.iter().filter(|pair| !before.contains(*pair)).copied() {
            self.compiler.table.run(|s| s.set_attached(key, node, true))?;
        }
        Ok(())
    }
}
