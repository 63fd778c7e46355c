//! Reconciles the tables with the objects: classes, rows and columns of what came, changed or went.

use std::sync::Arc;

use bayplan_core::{LabelClassId, NodeId, PodDef};

use crate::csi_migration::ANNOUNCED;
use crate::error::Error;
use crate::objects::{Kind, Object, Pod};
use crate::state::default_selector::DefaultSelectors;
use crate::state::store::PodEntry;
use crate::state::{Cluster, no_pod};
use crate::version::Version;

impl Cluster {
    /// Recompiles what depends on an object that came, changed or went.
    pub(crate) fn dependents_changed(&mut self, object: &Object) -> Result<(), Error> {
        match object {
            Object::Service(_) | Object::ReplicationController(_) | Object::ReplicaSet(_) | Object::StatefulSet(_) => {
                self.default_selectors = DefaultSelectors::new();
                self.look_at_selected(object);
                Ok(())
            }
            Object::PodDisruptionBudget(budget) => self.settle_budget(budget),
            Object::PriorityClass(_) => {
                // The default may be another now, which this class need not tell.
                let keys: Vec<Arc<str>> = self.store.pods.without_priority().cloned().collect();
                for key in keys {
                    let Some(entry) = self.store.pods.get(&key) else { continue };
                    let priority = self.priority_of(&entry.pod);
                    self.store.pods.change(&key, |entry| (entry.priority, entry.class) = (priority, None));
                    self.settle_pod(&key)?;
                }
                Ok(())
            }
            _ => {
                self.stale_storage.note(object, &self.store.objects);
                Ok(())
            }
        }
    }

    /// The pod's spec class.
    pub(crate) fn classify(&mut self, key: &str) -> Result<(), Error> {
        let Some(entry) = self.store.pods.get(key) else { return Err(no_pod(key)) };
        if entry.class.is_some() || entry.finished() {
            return Ok(());
        }
        let (pod, priority) = (entry.pod.clone(), entry.priority);
        // A pod of another scheduler still fills its node; its class then goes by the first profile.
        let profile = self.profile_of(&pod).unwrap_or(0);
        let class = self.compiler.class(&pod, profile, priority).map_err(|e| e.in_object(format!("Pod {key}")))?;
        self.store.pods.note(key, |entry| entry.class = Some(class));
        Ok(())
    }

    /// Brings a pod's row in line with the pod: bound where it names a node that is there and has not ended.
    pub(crate) fn settle_pod(&mut self, key: &str) -> Result<(), Error> {
        self.settle_pod_of(key, None).map(drop)
    }

    /// The same for a pod whose label class may be known; its label class, where it is bound.
    pub(crate) fn settle_pod_of(
        &mut self,
        key: &str,
        labels: Option<LabelClassId>,
    ) -> Result<Option<LabelClassId>, Error> {
        let Some(entry) = self.store.pods.get(key) else { return Ok(None) };
        let pod = entry.pod.clone();
        let (row, bound_as, entry_is_finished, bound_at) = (entry.row, entry.bound_as, entry.finished(), entry.start);
        let node = self.compiler.nodes.get(pod.spec.node_name.as_str()).copied();
        if entry.nomination.is_some() || !pod.status.nominated_node_name.is_empty() {
            self.settle_nomination(key)?;
        }
        if pod.spec.node_name.is_empty() || entry_is_finished || node.is_none() {
            self.unbind_row(key)?;
            if !pod.spec.node_name.is_empty() && node.is_none() {
                let waiting = self.orphans.entry(Arc::from(pod.spec.node_name.as_str())).or_default();
                if !waiting.iter().any(|k| **k == *key) {
                    waiting.push(Arc::from(key));
                }
            }
            return Ok(None);
        }
        self.classify(key)?;
        let labels = match labels {
            Some(labels) => labels,
            None => self.compiler.label_class(&pod.metadata.namespace, &pod.metadata.labels)?,
        };
        let Some(spec) = self.store.pods.get(key).and_then(|entry| Some(entry.class.as_ref()?.0)) else {
            return Ok(None);
        };
        let terminating = pod.metadata.deletion_timestamp.is_some();
        let start =
            pod.status.start_time.as_deref().and_then(crate::time::seconds).or(bound_at).unwrap_or(PodDef::NOT_STARTED);
        let uses = self.uses_of(&pod)?;
        let preempted = terminating && is_preempted(&pod);
        let def = PodDef { uses, start, terminating, preempted, ..PodDef::new(spec, labels) };
        let node = node.unwrap_or(NodeId::NONE);
        match row {
            Some((_, on)) if on == node && bound_as == Some(def) => {}
            Some((id, on)) if on == node => {
                let id = self.compiler.table.run(|s| s.update_pod(id, &def))?;
                self.store.pods.set_row(key, Some((id, node, def)));
            }
            _ => {
                self.unbind_row(key)?;
                let id = self.compiler.table.run(|s| s.bind(&def, node))?;
                self.store.pods.set_row(key, Some((id, node, def)));
            }
        }
        if !pod.spec.volumes.is_empty() && self.uncountable(&pod).is_some() {
            self.uncounted.insert(Arc::from(key));
        } else if !self.uncounted.is_empty() {
            self.uncounted.remove(key);
        }
        Ok(Some(labels))
    }

    /// After a node came or went: the pods that are nominated to it.
    pub(crate) fn settle_nominated_to(&mut self, node: &str) -> Result<(), Error> {
        let is_to =
            |key: &&Arc<str>| self.store.pods.get(key).is_some_and(|e| e.pod.status.nominated_node_name == node);
        for key in self.nominated.iter().filter(is_to).cloned().collect::<Vec<_>>() {
            self.settle_nomination(&key)?;
        }
        Ok(())
    }

    /// Holds room for a pod that waits for a node that is there, or gives it up.
    pub(crate) fn settle_nomination(&mut self, key: &str) -> Result<(), Error> {
        self.withdraw(key)?;
        let Some(entry) = self.store.pods.get(key) else { return Ok(()) };
        let pod = entry.pod.clone();
        // Gated pods count from 1.37 on.
        let counts = !entry.finished()
            && pod.spec.node_name.is_empty()
            && (pod.spec.scheduling_gates.is_empty() || self.compiler.version >= Version::V1_37);
        let node = self.compiler.nodes.get(pod.status.nominated_node_name.as_str()).copied().filter(|_| counts);
        let Some(node) = node else { return Ok(()) };
        self.classify(key)?;
        let labels = self.compiler.label_class(&pod.metadata.namespace, &pod.metadata.labels)?;
        let Some(spec) = self.store.pods.get(key).and_then(|entry| Some(entry.class.as_ref()?.0)) else {
            return Ok(());
        };
        let uses = self.uses_nominated(&pod)?;
        let def = PodDef { uses, ..PodDef::new(spec, labels) };
        let id = self.compiler.table.run(|s| s.nominate(&def, node))?;
        self.store.pods.note(key, |entry| entry.nomination = Some(id));
        Ok(())
    }

    /// Takes a pod's nomination out of the tables, if it has one there.
    pub(crate) fn withdraw(&mut self, key: &str) -> Result<(), Error> {
        if let Some(nomination) = self.store.pods.get(key).and_then(|entry| entry.nomination) {
            self.compiler.table.run(|s| s.withdraw(nomination))?;
            self.store.pods.note(key, |entry| entry.nomination = None);
        }
        Ok(())
    }

    pub(crate) fn unbind_row(&mut self, key: &str) -> Result<(), Error> {
        if let Some((id, _)) = self.store.pods.get(key).and_then(|entry| entry.row) {
            self.compiler.table.run(|s| s.unbind(id))?;
            self.store.pods.set_row(key, None);
            self.uncounted.remove(key);
        }
        Ok(())
    }

    pub(crate) fn forget_orphan(&mut self, node: &str, key: &str) {
        if let Some(waiting) = self.orphans.get_mut(node) {
            waiting.retain(|k| **k != *key);
            if waiting.is_empty() {
                self.orphans.remove(node);
            }
        }
    }

    /// After a compilation: fills columns of new label keys, and finds label classes again where a selector named a new
    /// key.
    pub(crate) fn settle(&mut self) -> Result<(), Error> {
        let keys = std::mem::take(&mut self.compiler.new_keys);
        if keys.iter().any(|(key, _)| key.starts_with(ANNOUNCED)) {
            self.stale_storage.everything();
        }
        if !keys.is_empty() {
            let nodes: Vec<Arc<Object>> = self.store.objects.of_kind(Kind::Node).cloned().collect();
            for object in nodes {
                let Object::Node(node) = &*object else { continue };
                let Some(id) = self.compiler.nodes.get(node.metadata.name.as_str()).copied() else { continue };
                for (key, column) in &keys {
                    if let Some(value) = node.metadata.labels.get(key) {
                        let value = self.compiler.string(value)?;
                        self.compiler.table.run(|s| s.fill_label(id, *column, value))?;
                    }
                }
            }
        }
        self.refresh_storage()?;
        self.settle_labels()
    }

    /// Finds the label classes again of the pods in the tables that have a label that is looked at only now.
    pub(crate) fn settle_labels(&mut self) -> Result<(), Error> {
        let mut labels = std::mem::take(&mut self.compiler.new_label_keys);
        labels.retain(|label| self.store.pods.has_label(label));
        if !labels.is_empty() {
            let has_one = |entry: &PodEntry| labels.iter().any(|label| entry.pod.metadata.labels.contains_key(label));
            let rows = self.store.pods.iter().filter(|entry| entry.is_in_tables() && has_one(entry));
            for key in rows.map(|entry| entry.key.clone()).collect::<Vec<_>>() {
                self.settle_pod(&key)?;
            }
        }
        Ok(())
    }
}

/// Whether the scheduler has evicted a pod to make room for another.
fn is_preempted(pod: &Pod) -> bool {
    let target = pod.status.conditions.iter().find(|condition| condition.kind == "DisruptionTarget");
    target.is_some_and(|condition| condition.status == "True" && condition.reason == "PreemptionByScheduler")
}
