//! Pods and workloads as rows.

use std::collections::BTreeMap;

use crate::expand::desired_replicas;
use crate::objects::{Kind, Object};
use crate::plan::top_of;
use crate::requests;
use crate::state::Cluster;

/// A pod.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PodRow {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its node; none where it waits for one.
    pub node: Option<String>,
    /// What it belongs to: kind and name of what nobody controls, such as a Deployment.
    pub workload: (Kind, String),
    /// Whether it is being deleted: its node carries it until it has ended, and its controller counts it no more.
    pub terminating: bool,
    /// Its priority.
    pub priority: i32,
    /// What it asks for of cpu, in thousandths of a core.
    pub cpu: i64,
    /// What it asks for of memory, in bytes.
    pub memory: i64,
}

/// A workload that nobody controls.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkloadRow {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// How many pods it asks for.
    pub wanted: usize,
    /// How many are on nodes and are not being deleted.
    pub ready: usize,
    /// How many wait for one.
    pub pending: usize,
    /// The priority of its pods.
    pub priority: i32,
    /// What all of its pods ask for of cpu, in thousandths of a core.
    pub cpu: i64,
    /// The same of memory, in bytes.
    pub memory: i64,
}

impl Cluster {
    /// The pods that have not ended, by namespace and name.
    #[must_use]
    pub fn pod_rows(&self) -> Vec<PodRow> {
        let entries = self.store().pods.iter().filter(|entry| !entry.finished());
        let mut rows: Vec<PodRow> = entries
            .map(|entry| {
                let pod = &entry.pod;
                let (kind, _, name) = top_of(self, pod);
                let amounts = requests::bound(pod, self.version()).requested;
                PodRow {
                    namespace: pod.metadata.namespace.clone(),
                    name: pod.metadata.name.clone(),
                    node: (!pod.spec.node_name.is_empty()).then(|| pod.spec.node_name.clone()),
                    workload: (kind, name),
                    terminating: pod.metadata.deletion_timestamp.is_some(),
                    priority: entry.priority,
                    cpu: amounts.milli_cpu,
                    memory: amounts.memory,
                }
            })
            .collect();
        rows.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        rows
    }

    /// The workloads that nobody controls, and pods of none, by namespace, name and kind.
    #[must_use]
    pub fn workload_rows(&self) -> Vec<WorkloadRow> {
        let mut rows: BTreeMap<(String, String, Kind), WorkloadRow> = BTreeMap::new();
        let blank = |kind: Kind, namespace: &str, name: &str| WorkloadRow {
            kind,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            wanted: 0,
            ready: 0,
            pending: 0,
            priority: 0,
            cpu: 0,
            memory: 0,
        };
        for pod in self.pod_rows() {
            let (kind, name) = pod.workload;
            let key = (pod.namespace.clone(), name.clone(), kind);
            let row = rows.entry(key).or_insert_with(|| blank(kind, &pod.namespace, &name));
            // A controller does not count a pod that is going; its node still carries it.
            if !pod.terminating {
                row.wanted += 1;
                if pod.node.is_some() {
                    row.ready += 1
                } else {
                    row.pending += 1
                }
                row.priority = if row.wanted == 1 { pod.priority } else { row.priority.max(pod.priority) };
            }
            row.cpu += pod.cpu;
            row.memory += pod.memory;
        }
        let kinds = [Kind::Deployment, Kind::ReplicaSet, Kind::ReplicationController, Kind::StatefulSet];
        for object in kinds.into_iter().flat_map(|kind| self.objects(kind)) {
            if object.metadata().controller().is_some() {
                continue;
            }
            let key = (object.namespace().to_owned(), object.name().to_owned(), object.kind());
            let row = rows.entry(key).or_insert_with(|| blank(object.kind(), object.namespace(), object.name()));
            row.wanted = desired_replicas(object, &crate::admit::Context::default()).unwrap_or(row.wanted);
        }
        rows.into_values().collect()
    }

    /// A workload by the name that kubectl's users give it.
    ///
    /// # Errors
    /// Where there is none, or several.
    pub fn workload(&self, name: &str, namespace: Option<&str>) -> Result<Object, crate::Error> {
        crate::change::find(self, name, namespace)
    }

    /// An object by the name that kubectl's users give it, see [`Reference`](crate::reference::Reference), as a server would show it.
    ///
    /// # Errors
    /// Where there is none, or several.
    pub fn get(&self, name: &str, namespace: Option<&str>) -> Result<serde_json::Value, crate::Error> {
        let object: Object = crate::change::find(self, name, namespace)?;
        Ok(crate::admit::whole_of(&object))
    }
}
