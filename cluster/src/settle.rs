//! What is brought in line when an object came, changed or went: classes, rows, columns.

use std::sync::Arc;

use bayplan_core::{NodeId, PodDef};

use crate::attachable::ANNOUNCED;
use crate::cluster::{Cluster, no_pod};
use crate::error::Error;
use crate::objects::{Kind, Object};
use crate::store::PodEntry;
use crate::version::Version;

impl Cluster {
    /// Recompiles what depends on an object that came, changed or went.
    pub(crate) fn dependents_changed(&mut self, object: &Object) -> Result<(), Error> {
        match object {
            Object::Service(_) | Object::ReplicationController(_) | Object::ReplicaSet(_) | Object::StatefulSet(_) => {
                self.default_selectors.clear();
                self.look_at_selected(object);
                Ok(())
            }
            Object::PriorityClass(_) => {
                // The default may be another now, which this class need not tell.
                let unset = |entry: &PodEntry| entry.pod.spec.priority.is_none();
                let keys: Vec<String> =
                    self.store.pods.iter().filter(|(_, e)| unset(e)).map(|(key, _)| key.clone()).collect();
                for key in keys {
                    if let Some(entry) = self.store.pods.get_mut(&key) {
                        entry.class = None;
                    }
                    self.settle_pod(&key)?;
                }
                Ok(())
            }
            Object::PersistentVolume(_)
            | Object::PersistentVolumeClaim(_)
            | Object::StorageClass(_)
            | Object::CSINode(_)
            | Object::CSIDriver(_)
            | Object::VolumeAttachment(_) => {
                self.storage_stale = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The pod's spec class.
    pub(crate) fn classify(&mut self, key: &str) -> Result<(), Error> {
        let Some(entry) = self.store.pods.get(key) else { return Err(no_pod(key)) };
        if entry.class.is_some() || entry.finished() {
            return Ok(());
        }
        let pod = entry.pod.clone();
        // A pod of another scheduler still fills its node; its class then goes by the first profile.
        let profile = self.profile_of(&pod).unwrap_or(0);
        let priority = self.priority_of(&pod);
        let class = self.compiler.spec(&pod, profile, priority).map_err(|e| e.in_object(format!("Pod {key}")))?;
        if let Some(entry) = self.store.pods.get_mut(key) {
            entry.class = Some(class);
        }
        Ok(())
    }

    /// Brings a pod's row in line with the pod: bound where it names a node that is there and has not ended.
    pub(crate) fn settle_pod(&mut self, key: &str) -> Result<(), Error> {
        let Some(entry) = self.store.pods.get(key) else { return Ok(()) };
        let pod = entry.pod.clone();
        let (row, entry_is_finished, bound_at) = (entry.row, entry.finished(), entry.start);
        let node = self.compiler.nodes.get(&pod.spec.node_name).copied();
        self.settle_nomination(key)?;
        if pod.spec.node_name.is_empty() || entry_is_finished || node.is_none() {
            self.unbind_row(key)?;
            if !pod.spec.node_name.is_empty() && node.is_none() {
                let waiting = self.orphans.entry(pod.spec.node_name.clone()).or_default();
                if !waiting.iter().any(|k| k == key) {
                    waiting.push(key.to_owned());
                }
            }
            return Ok(());
        }
        self.classify(key)?;
        let labels = self.compiler.label_class(&pod.metadata.namespace, &pod.metadata.labels)?;
        let Some((spec, _)) = self.store.pods[key].class else { return Ok(()) };
        let terminating = pod.metadata.deletion_timestamp.is_some();
        let start = pod.status.start_time.as_deref().and_then(crate::time::seconds).or(bound_at).unwrap_or(self.clock);
        let uses = self.uses_of(&pod)?;
        let def = PodDef { uses, start, terminating, ..PodDef::new(spec, labels) };
        let node = node.unwrap_or(NodeId::NONE);
        let id = match row {
            Some((id, on)) if on == node => self.compiler.table.run(|s| s.update_pod(id, &def))?,
            _ => {
                self.unbind_row(key)?;
                self.compiler.table.run(|s| s.bind(&def, node))?
            }
        };
        if let Some(entry) = self.store.pods.get_mut(key) {
            entry.row = Some((id, node));
        }
        if !pod.spec.volumes.is_empty() && self.uncountable(&pod).is_some() {
            self.uncounted.insert(key.to_owned());
        } else {
            self.uncounted.remove(key);
        }
        Ok(())
    }

    /// After a node came or went: the pods that are nominated to it.
    pub(crate) fn settle_nominated_to(&mut self, node: &str) -> Result<(), Error> {
        let is_to = |key: &&String| self.store.pods.get(*key).is_some_and(|e| e.pod.status.nominated_node_name == node);
        for key in self.nominated.iter().filter(is_to).cloned().collect::<Vec<_>>() {
            self.settle_nomination(&key)?;
        }
        Ok(())
    }

    /// Holds room for a pod that waits for a node that is there, or gives it up.
    pub(crate) fn settle_nomination(&mut self, key: &str) -> Result<(), Error> {
        let Some(entry) = self.store.pods.get_mut(key) else { return Ok(()) };
        let old = entry.nomination.take();
        let pod = entry.pod.clone();
        // Gated pods count from 1.37 on.
        let counts = !entry.finished()
            && pod.spec.node_name.is_empty()
            && (pod.spec.scheduling_gates.is_empty() || self.compiler.version >= Version::V1_37);
        if let Some(old) = old {
            self.compiler.table.run(|s| s.withdraw(old))?;
        }
        let node = self.compiler.nodes.get(&pod.status.nominated_node_name).copied().filter(|_| counts);
        let Some(node) = node else { return Ok(()) };
        self.classify(key)?;
        let labels = self.compiler.label_class(&pod.metadata.namespace, &pod.metadata.labels)?;
        let Some((spec, _)) = self.store.pods[key].class else { return Ok(()) };
        let uses = self.uses_nominated(&pod)?;
        let def = PodDef { uses, ..PodDef::new(spec, labels) };
        let id = self.compiler.table.run(|s| s.nominate(&def, node))?;
        if let Some(entry) = self.store.pods.get_mut(key) {
            entry.nomination = Some(id);
        }
        Ok(())
    }

    pub(crate) fn unbind_row(&mut self, key: &str) -> Result<(), Error> {
        if let Some(entry) = self.store.pods.get_mut(key)
            && let Some((id, _)) = entry.row.take()
        {
            self.compiler.table.run(|s| s.unbind(id))?;
            self.uncounted.remove(key);
        }
        Ok(())
    }

    pub(crate) fn forget_orphan(&mut self, node: &str, key: &str) {
        if let Some(waiting) = self.orphans.get_mut(node) {
            waiting.retain(|k| k != key);
            if waiting.is_empty() {
                self.orphans.remove(node);
            }
        }
    }

    /// After a compilation: fills columns of new label keys, and finds label classes anew where a selector named a new
    /// key.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        let keys = std::mem::take(&mut self.compiler.new_keys);
        self.storage_stale |= keys.iter().any(|(key, _)| key.starts_with(ANNOUNCED));
        if !keys.is_empty() {
            let nodes: Vec<Arc<Object>> = self.store.of_kind(Kind::Node).cloned().collect();
            for object in nodes {
                let Object::Node(node) = &*object else { continue };
                let Some(id) = self.compiler.nodes.get(&node.metadata.name).copied() else { continue };
                for (key, column) in &keys {
                    if let Some(value) = node.metadata.labels.get(key) {
                        let value = self.compiler.string(value)?;
                        self.compiler.table.run(|s| s.fill_label(id, *column, value))?;
                    }
                }
            }
        }
        if std::mem::take(&mut self.storage_stale) || self.compiler.drivers_stale {
            self.refresh_storage()?;
        }
        self.settle_labels()
    }

    /// Finds the label classes anew of the pods in the tables that have a label that is looked at only now.
    pub(crate) fn settle_labels(&mut self) -> Result<(), Error> {
        let labels = std::mem::take(&mut self.compiler.new_label_keys);
        if !labels.is_empty() {
            let has_one = |entry: &PodEntry| labels.iter().any(|label| entry.pod.metadata.labels.contains_key(label));
            let rows = self.store.pods.iter().filter(|(_, e)| e.is_in_tables() && has_one(e));
            for key in rows.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
                self.settle_pod(&key)?;
            }
        }
        Ok(())
    }
}
