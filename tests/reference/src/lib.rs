//! A plain second opinion: the same rules over objects, slow and obvious.
//!
//! Every decision counts the whole cluster anew, from the objects; nothing is kept between decisions. It reads top to
//! bottom: [`Reference`], the cycle, then one file per rule.

mod cluster;
mod config;
mod cycle;
mod labels;
mod plugin;
mod plugins;
pub mod preemption;
mod requests;
mod resources;
pub mod vector;
mod version;

use serde_json::Value;

use cluster::Cluster;
use config::Profile;
use preemption::End;
use vector::{Engine, Step};
use version::Version;

/// A cluster that decides as kube-scheduler would, by the book.
#[derive(Clone, Debug)]
pub struct Reference {
    version: Version,
    profiles: Vec<Profile>,
    cluster: Cluster,
    /// How preemption ended in the last decision, where it came to that.
    pub ended: Option<End>,
}

impl Reference {
    /// Adds the object, or replaces the one of its kind and name; a node keeps its place in the order.
    ///
    /// # Errors
    /// Where the object can't be read or is of an unknown kind.
    pub fn upsert(&mut self, object: &Value) -> Result<(), String> {
        self.cluster.upsert(object)
    }

    /// Removes the object.
    ///
    /// # Errors
    /// Where there is none.
    pub fn delete(&mut self, kind: &str, namespace: &str, name: &str) -> Result<(), String> {
        self.cluster.delete(kind, namespace, name)
    }
}

impl Engine for Reference {
    fn load(version: &str, config: Option<&Value>, objects: &[Value]) -> Result<Self, String> {
        let version = Version::parse(version)?;
        let mut cluster = Cluster::default();
        for object in objects {
            cluster.upsert(object)?;
        }
        cluster.settle_all();
        Ok(Reference { version, profiles: config::profiles(version, config)?, cluster, ended: None })
    }

    fn decide(&mut self, pod: &str) -> Result<Step, String> {
        let pod = self.cluster.pod(pod)?;
        let name = match pod.spec.scheduler_name.as_str() {
            "" => "default-scheduler",
            name => name,
        };
        let profile = self.profiles.iter().find(|profile| profile.scheduler_name == name);
        let profile = profile.ok_or_else(|| format!("pod {}: no profile is named {name}", cluster::key(pod)))?;
        let (step, ended) = cycle::decide(self.version, profile, &self.cluster, pod);
        self.ended = ended;
        Ok(step)
    }

    fn bind(&mut self, pod: &str, node: &str, start: i64) -> Result<(), String> {
        let labels = self.cluster.node(node)?.metadata.labels.clone();
        plugins::volume_binding::reserve(&mut self.cluster, pod, node)?;
        let bound = self.cluster.pod_mut(pod)?;
        if self.version >= Version::V1_35 {
            // The API server does so, over labels that the pod has already.
            let topology = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];
            bound.metadata.labels.extend(labels.into_iter().filter(|(key, _)| topology.contains(&key.as_str())));
        }
        bound.spec.node_name = node.to_owned();
        bound.status.nominated_node_name.clear();
        bound.status.start_time = Some(start.to_string());
        self.cluster.settle(pod);
        Ok(())
    }

    fn evict(&mut self, pod: &str) -> Result<(), String> {
        let index = self.cluster.pods.iter().position(|other| cluster::key(other) == pod);
        self.cluster.pods.remove(index.ok_or_else(|| format!("pod {pod}: not there"))?);
        self.cluster.settle(pod);
        Ok(())
    }

    fn nominate(&mut self, pod: &str, node: &str) -> Result<(), String> {
        self.cluster.node(node)?;
        self.cluster.pod_mut(pod)?.status.nominated_node_name = node.to_owned();
        Ok(())
    }
}
