//! What other pods have already: ports, disks, claims, and the places for volumes.

use std::collections::BTreeMap;
use std::sync::Arc;

use bayplan_core::{DriverId, NodeId};

use super::Behind;
use crate::cluster::{Cluster, key_of};
use crate::compile::{disk_names, host_ports};
use crate::error::Error;
use crate::objects::Pod;
use crate::store::PodEntry;
use crate::volumes::claim_names;

impl Cluster {
    /// The pods that are bound to a node or nominated to it, by name; not the pod itself.
    fn others_on(&self, node: NodeId, pod: &Pod) -> BTreeMap<&str, &Pod> {
        let own = key_of(&pod.metadata.namespace, &pod.metadata.name);
        let name = self.compiler.node_names.get(node.at()).map_or("", |name| &**name);
        let entry = |key: &Arc<str>| self.store.pods.get(key);
        let is_nominated =
            |entry: &&PodEntry| entry.nomination.is_some() && entry.pod.status.nominated_node_name == name;
        let nominated = self.nominated.iter().filter_map(entry).filter(is_nominated);
        let others = self.store.pods.on(node).filter_map(entry).chain(nominated).filter(|entry| *entry.key != *own);
        others.map(|entry| (&*entry.key, &*entry.pod)).collect()
    }

    /// Which host ports are held, and by whom.
    pub(super) fn port_details(&self, node: NodeId, pod: &Pod) -> Vec<String> {
        let others = self.others_on(node, pod);
        let mut out = Vec::new();
        for port in host_ports(pod) {
            let holder = others.iter().find(|(_, other)| host_ports(other).any(|held| port.excludes(&held)));
            let Some((holder, _)) = holder else { continue };
            let address = port.address.map_or(String::new(), |ip| format!("{ip}:"));
            let port = format!("{address}{}/{}", port.number, port.protocol);
            out.push(format!("host port {port} is held by pod {holder}"));
        }
        out.dedup();
        out
    }

    /// Which disks are in use on the node, or else which claims that one pod alone may use are in use anywhere.
    pub(super) fn restriction_details(&self, behind: &Behind, node: NodeId, pod: &Pod) -> Vec<String> {
        let mut out = Vec::new();
        let disks = disk_names(pod);
        let others = if disks.is_empty() { BTreeMap::new() } else { self.others_on(node, pod) };
        for (disk, read_only) in disks {
            // Several pods may read a disk.
            let has_it =
                |other: &Pod| disk_names(other).iter().any(|(name, reads)| *name == disk && !(read_only && *reads));
            if let Some((holder, _)) = others.iter().find(|(_, other)| has_it(other)) {
                out.push(format!("disk {disk} is in use by pod {holder}"));
            }
        }
        if !out.is_empty() {
            return out;
        }
        behind.exclusive(self, pod).to_vec()
    }

    /// Which claims that one pod alone may use are in use, and by whom.
    pub(super) fn exclusive_users(&self, pod: &Pod) -> Vec<String> {
        let namespace = &pod.metadata.namespace;
        let mut out = Vec::new();
        for claim in self.exclusive_claims(pod) {
            let uses_it = |other: &Pod| claim_names(other).any(|(name, ephemeral)| name == claim && !ephemeral);
            let key = key_of(namespace, &claim);
            let users = self.store.pods.users(&key).filter_map(|user| self.store.pods.get(user));
            let users = users.filter(|entry| entry.row.is_some() && uses_it(&entry.pod));
            if let Some(user) = users.map(|entry| &entry.key).min() {
                out.push(format!("claim {key} is in use by pod {user}, which alone may use it"));
            }
        }
        out
    }

    /// The drivers of which the node takes fewer volumes than the pod would bring.
    pub(super) fn limit_details(&mut self, node: NodeId, pod: &Pod) -> Result<Vec<String>, Error> {
        let mut brings = self.mounted(pod);
        let others = self.others_on(node, pod).into_values();
        // A volume that several pods mount counts once; those of pods that room is held for are not there yet.
        for other in others.filter(|other| !other.spec.node_name.is_empty()) {
            let there = self.mounted(other);
            brings.retain(|volume| !there.contains(volume));
        }
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        brings.into_iter().for_each(|(driver, _)| *counts.entry(driver).or_default() += 1);
        let mut out = Vec::new();
        for (name, number) in self.compiler.driver_names.clone().iter().zip(0..) {
            let Some(new) = counts.get(&**name).copied() else { continue };
            let (used, limit) = self.compiler.table.run(|s| s.tables().driver_on(node, DriverId(number)))?;
            if let Some(limit) = limit.filter(|limit| used.saturating_add(new) > *limit) {
                out.push(format!("{name}: {used} of at most {limit} volumes, the pod brings {new}"));
            }
        }
        Ok(out)
    }
}
