//! Changes of workloads.

use serde_json::{Value, json};

use super::apply::amounts;
use super::{Delete, Scale, SetRequests};
use crate::error::{Error, ErrorKind};
use crate::objects::{Kind, Object};
use crate::reference::Reference;
use crate::simulate::Simulation;
use crate::state::Cluster;

/// The workload that a name means. What another workload made is meant only where its kind is said.
pub(crate) fn find(cluster: &Cluster, text: &str, namespace: Option<&str>) -> Result<Object, Error> {
    let reference = Reference::parse(text, namespace)?;
    let kinds = Kind::ALL.iter().filter(|kind| match reference.kind {
        Some(wanted) => **kind == wanted,
        None => kind.makes_pods() && **kind != Kind::Pod,
    });
    let is_own = |object: &&Object| reference.kind.is_some() || object.metadata().controller().is_none();
    if reference.kind == Some(Kind::Pod) {
        return find_pod(cluster, &reference);
    }
    let objects: Vec<&Object> = kinds.flat_map(|kind| cluster.objects(*kind)).filter(is_own).collect();
    reference.choose(objects).cloned()
}

fn find_pod(cluster: &Cluster, reference: &Reference) -> Result<Object, Error> {
    let named: Vec<_> = cluster.store().pods.named(&reference.name).cloned().collect();
    let pods: Vec<Object> =
        named.iter().filter_map(|key| cluster.pod(key)).map(|pod| Object::from(pod.clone())).collect();
    reference.choose(pods.iter()).cloned()
}

impl Scale {
    pub(super) fn apply(&self, simulation: &mut Simulation) -> Result<(), Error> {
        let workload = find(simulation.cluster(), &self.workload, self.namespace.as_deref())?;
        let field = match workload.kind() {
            Kind::Deployment | Kind::ReplicaSet | Kind::ReplicationController | Kind::StatefulSet => "replicas",
            kind => {
                let hint = "a Deployment, ReplicaSet, ReplicationController or StatefulSet can be scaled";
                let problem = format!("a {kind} has no replicas");
                return Err(Error::new(ErrorKind::Unsupported, problem).hint(hint).in_object(workload.to_string()));
            }
        };
        let replicas = self.replicas;
        simulation.edit(&workload, |whole| {
            whole["spec"][field] = json!(replicas);
            Ok(())
        })
    }
}

impl SetRequests {
    pub(super) fn apply(&self, simulation: &mut Simulation) -> Result<(), Error> {
        let workload = find(simulation.cluster(), &self.workload, self.namespace.as_deref())?;
        amounts(&self.requests)?;
        let path: &[&str] = match workload.kind() {
            Kind::CronJob => &["spec", "jobTemplate", "spec", "template", "spec"],
            Kind::Pod => {
                let hint = "set them in its workload, or apply its manifest under another name";
                let problem = "the requests of a pod that is there do not change";
                return Err(Error::new(ErrorKind::Unsupported, problem).hint(hint).in_object(workload.to_string()));
            }
            kind if kind.makes_pods() => &["spec", "template", "spec"],
            kind => {
                return Err(Error::new(ErrorKind::Unsupported, format!("a {kind} has no containers"))
                    .hint("name a workload, as in deploy/ads"));
            }
        };
        let name = workload.to_string();
        simulation.edit(&workload, |whole| {
            let spec = path.iter().fold(whole, |value, key| &mut value[*key]);
            let containers = spec["containers"].as_array_mut().into_iter().flatten();
            let mut found = false;
            for container in containers {
                let is_meant = self.container.as_ref().is_none_or(|name| container["name"] == name.as_str());
                if !is_meant {
                    continue;
                }
                found = true;
                set(&mut container["resources"]["requests"], &self.requests);
            }
            let Some(container) = self.container.as_ref().filter(|_| !found) else { return Ok(()) };
            Err(Error::new(ErrorKind::NotFound, format!("it has no container {container}")).in_object(name))
        })
    }
}

fn set(requests: &mut Value, wanted: &std::collections::BTreeMap<String, String>) {
    for (resource, amount) in wanted {
        if amount == "0" {
            if let Value::Object(requests) = requests {
                requests.remove(resource);
            }
        } else {
            requests[resource] = json!(amount);
        }
    }
}

impl Delete {
    pub(super) fn apply(&self, simulation: &mut Simulation) -> Result<(), Error> {
        let object = find(simulation.cluster(), &self.object, self.namespace.as_deref())?;
        simulation.delete(object.kind(), object.namespace(), object.name()).map(drop)
    }
}
