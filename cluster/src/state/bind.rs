//! Binding, evicting and nominating pods.

use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::objects::{Kind, Pod};
use crate::state::{Cluster, no_node, no_pod};
use crate::version::Version;

/// The labels that a pod takes over from its node when it is bound, from 1.35 on.
pub(crate) const TOPOLOGY_LABELS: [&str; 2] = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

impl Cluster {
    /// Binds a pending pod to a node; `start` is its start time in seconds since the epoch.
    ///
    /// # Errors
    /// Where there is no such pod or node, or the pod is bound already or has run to its end.
    pub fn bind(&mut self, pod: &str, node: &str, start: i64) -> Result<(), Error> {
        let Some(entry) = self.store.pods.get(pod) else { return Err(no_pod(pod)) };
        if !entry.pod.spec.node_name.is_empty() {
            let on = &entry.pod.spec.node_name;
            return Err(Error::new(ErrorKind::Input, format!("pod {pod} is bound to {on} already")));
        }
        if entry.finished() {
            return Err(Error::new(ErrorKind::Input, format!("pod {pod} has run to its end")));
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
        self.store.pods.change(pod, |entry| (entry.pod, entry.start) = (Arc::new(bound), Some(start)));
        self.nominated.remove(pod);
        self.clock = start;
        if let Some((plan, gets)) = gets {
            self.reserve(&plan, node, &gets);
        }
        self.settle_pod(pod)?;
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
