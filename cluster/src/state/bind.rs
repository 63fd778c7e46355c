//! Binding, evicting and nominating pods.

use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::objects::{Kind, Object, Pod, PodStatus};
use crate::state::storage::{Reserved, claim_names};
use crate::state::store::Assumed;
use crate::state::{Cluster, no_node, no_pod};
use crate::version::Version;

/// The labels that a pod takes over from its node when it is bound, from 1.35 on.
pub(crate) const TOPOLOGY_LABELS: [&str; 2] = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

impl Cluster {
    /// Binds a pending pod to a node; `start` is its start time in seconds since the epoch.
    ///
    /// # Errors
    /// Where there is no such pod or node; [`ErrorKind::Conflict`] where the pod is bound already or has run to its end.
    pub fn bind(&mut self, pod: &str, node: &str, start: i64) -> Result<(), Error> {
        let Some(entry) = self.store.pods.get(pod) else { return Err(no_pod(pod)) };
        if !entry.pod.spec.node_name.is_empty() {
            let on = &entry.pod.spec.node_name;
            return Err(Error::new(ErrorKind::Conflict, format!("pod {pod} is bound to {on} already")));
        }
        if entry.finished() {
            return Err(Error::new(ErrorKind::Conflict, format!("pod {pod} has run to its end")));
        }
        if !self.compiler.nodes.contains_key(node) {
            return Err(no_node(node));
        }
        let pending = entry.pod.clone();
        let gets = self.volumes_for(&pending, pod, node)?;
        let mut bound = Pod::clone(&pending);
        node.clone_into(&mut bound.spec.node_name);
        bound.status.nominated_node_name.clear();
        if self.compiler.version >= Version::V1_35
            && let Some(node) = self.store.objects.get(Kind::Node, "", node)
        {
            // As the API server does, over labels that the pod has already.
            for label in TOPOLOGY_LABELS {
                if let Some(value) = node.metadata().labels.get(label) {
                    bound.metadata.labels.insert(label.to_owned(), value.clone());
                }
            }
        }
        let (draws, clock) = (self.draws, self.clock);
        let reserved = gets.map_or_else(Arc::default, |(plan, gets)| self.reserve(&plan, node, &gets));
        let assumed = Arc::new(Assumed { before: pending, reserved });
        self.store.pods.change(pod, |entry| {
            (entry.pod, entry.start, entry.assumed) = (Arc::new(bound), Some(start), Some(assumed.clone()));
        });
        self.nominated.remove(pod);
        self.clock = start;
        self.settle_pod(pod).and_then(|()| self.settle()).inspect_err(|_| {
            // Only a table that cannot grow comes here. The pod waits again, as far as there is room.
            (self.draws, self.clock) = (draws, clock);
            let _ = self.undo(&assumed);
        })
    }

    /// Takes a pod off its node: it waits for a node again. One that [`Self::bind`] has bound is as it was before, its claims and nomination included; of one
    /// that came so, the labels are taken that are those of the node.
    ///
    /// Costs what an upsert of the pod does.
    ///
    /// # Errors
    /// Where there is no such pod; [`ErrorKind::Conflict`] where it is on no node or has run to its end; [`ErrorKind::Unsupported`] where it has claims and was
    /// not bound by [`Self::bind`]: which volumes they would have had is not known then.
    pub fn unbind(&mut self, pod: &str) -> Result<(), Error> {
        let Some(entry) = self.store.pods.get(pod) else { return Err(no_pod(pod)) };
        let node = entry.pod.spec.node_name.clone();
        if node.is_empty() {
            return Err(Error::new(ErrorKind::Conflict, format!("pod {pod} is on no node")));
        }
        if entry.finished() {
            return Err(Error::new(ErrorKind::Conflict, format!("pod {pod} has run to its end")));
        }
        if claim_names(&entry.pod).next().is_some() && entry.assumed.is_none() {
            let problem = format!("pod {pod} has claims, which were bound with it");
            return Err(Error::new(ErrorKind::Unsupported, problem).hint("delete it, and load it and its claims again"));
        }
        if let Some(assumed) = entry.assumed.clone() {
            self.undo(&assumed)?;
            return self.changed();
        }
        let mut waiting = Pod::clone(&entry.pod);
        waiting.spec.node_name.clear();
        if waiting.status.phase != "Pending" {
            // It ran: what its kubelet said of it is of the past.
            waiting.status = PodStatus { phase: "Pending".to_owned(), ..PodStatus::default() };
        }
        if self.compiler.version >= Version::V1_35
            && let Some(node) = self.store.objects.get(Kind::Node, "", &node)
        {
            for label in TOPOLOGY_LABELS {
                if node.metadata().labels.get(label) == waiting.metadata.labels.get(label) {
                    waiting.metadata.labels.remove(label);
                }
            }
        }
        self.upsert(waiting.into())
    }

    /// Makes a pod wait again as it did before it was bound here.
    fn undo(&mut self, assumed: &Assumed) -> Result<(), Error> {
        self.release(&assumed.reserved)?;
        self.take_in([Object::from(Pod::clone(&assumed.before))])
    }

    /// Undoes what [`Self::bind`] wrote to volumes and claims, where nothing newer has come for them.
    pub(in crate::state) fn release(&mut self, reserved: &[Reserved]) -> Result<(), Error> {
        for Reserved { before, ours } in reserved {
            let now = self.store.objects.get(ours.kind(), ours.namespace(), ours.name());
            let version = |object: &Object| object.metadata().resource_version.0;
            if now.is_some_and(|now| now == ours && version(now) == version(ours)) {
                self.store.objects.put(before.clone());
                self.dependents_changed(before)?;
            }
        }
        self.settle()
    }

    /// Takes a pod away at once.
    ///
    /// # Errors
    /// Where there is no such pod.
    pub fn evict(&mut self, pod: &str) -> Result<(), Error> {
        let (namespace, name) = pod.split_once('/').unwrap_or(("default", pod));
        if self.delete(Kind::Pod, namespace, name)? { Ok(()) } else { Err(no_pod(pod)) }
    }

    /// Nominates a pending pod to a node, as preemption does.
    ///
    /// # Errors
    /// Where there is no such pod or node.
    pub fn nominate(&mut self, pod: &str, node: &str) -> Result<(), Error> {
        if !self.compiler.nodes.contains_key(node) {
            return Err(no_node(node));
        }
        let key = self.store.pods.get(pod).ok_or_else(|| no_pod(pod))?.key.clone();
        self.store.pods.change(pod, |entry| {
            let mut nominated = Pod::clone(&entry.pod);
            node.clone_into(&mut nominated.status.nominated_node_name);
            entry.pod = Arc::new(nominated);
        });
        self.nominated.insert(key);
        self.settle_nomination(pod)?;
        self.settle()
    }
}
