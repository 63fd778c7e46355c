//! What the API server makes of an object when it is created, as far as a decision can see it: defaults, priority,
//! tolerations, runtime classes, and the label keys that are merged into selectors.
//!
//! Objects of a dump have been through this already; objects of a manifest have not. [`is_admitted`] tells them apart.

mod label_keys;
mod pod_resources;
mod priority;
mod runtime;
mod tolerations;

pub(crate) use tolerations::add_daemon_set as add_daemon_set_tolerations;

use crate::error::Error;
use crate::objects::{Container, Node, Object, Pod, PodTemplate, PriorityClass, RuntimeClass};

/// What admission and expansion look up in a cluster.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    /// Every node, in order; a DaemonSet makes a pod for each that it accepts.
    pub nodes: Vec<&'a Node>,
    /// Every priority class.
    pub priority_classes: Vec<&'a PriorityClass>,
    /// Every runtime class.
    pub runtime_classes: Vec<&'a RuntimeClass>,
}

/// Has an API server created this object? It then has a uid, and admission has been done.
pub fn is_admitted(object: &Object) -> bool {
    !object.metadata().uid.is_empty()
}

/// Admits a pod that is to be created.
///
/// # Errors
/// Where the API server would refuse it: a class that does not exist, or that contradicts the pod.
pub fn pod(pod: &mut Pod, context: &Context<'_>) -> Result<(), Error> {
    pod_defaults(pod);
    priority::admit(pod, &context.priority_classes)?;
    tolerations::add_defaults(&mut pod.spec.tolerations);
    pod_resources::add_defaults(pod);
    runtime::admit(pod, &context.runtime_classes)?;
    label_keys::merge(pod);
    Ok(())
}

/// Sets what a manifest may leave out of an object other than a pod.
pub fn defaults(object: &mut Object) {
    match object {
        Object::Node(node) if node.status.allocatable.is_empty() => {
            node.status.allocatable = node.status.capacity.clone();
        }
        Object::Namespace(namespace) => {
            let name = namespace.metadata.name.clone();
            namespace.metadata.labels.insert("kubernetes.io/metadata.name".to_owned(), name);
        }
        Object::ReplicationController(controller) => {
            let spec = &mut controller.spec;
            let labels = spec.template.as_ref().map(|t| &t.metadata.labels);
            if let (true, Some(labels)) = (spec.selector.is_empty(), labels) {
                spec.selector = labels.clone();
            }
        }
        Object::PriorityClass(class) => {
            class.preemption_policy.get_or_insert_with(|| "PreemptLowerPriority".to_owned());
        }
        Object::StorageClass(class) => {
            class.volume_binding_mode.get_or_insert_with(|| "Immediate".to_owned());
        }
        Object::PersistentVolume(volume) => {
            volume.spec.volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
        }
        Object::PersistentVolumeClaim(claim) => {
            claim.spec.volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
        }
        _ => {}
    }
}

/// A pod made from a template, not yet admitted.
pub(crate) fn from_template(template: &PodTemplate, namespace: &str) -> Pod {
    let mut pod = Pod { metadata: template.metadata.clone(), spec: template.spec.clone(), ..Pod::default() };
    namespace.clone_into(&mut pod.metadata.namespace);
    pod.metadata.name.clear();
    pod
}

fn pod_defaults(pod: &mut Pod) {
    let spec = &mut pod.spec;
    if spec.scheduler_name.is_empty() {
        "default-scheduler".clone_into(&mut spec.scheduler_name);
    }
    if spec.restart_policy.is_empty() {
        "Always".clone_into(&mut spec.restart_policy);
    }
    for container in spec.containers.iter_mut().chain(&mut spec.init_containers) {
        container_defaults(container, spec.host_network);
    }
    for volume in &mut spec.volumes {
        if let Some(claim) = volume.ephemeral.as_mut().and_then(|source| source.volume_claim_template.as_mut()) {
            claim.spec.volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
        }
    }
    if pod.status.phase.is_empty() {
        "Pending".clone_into(&mut pod.status.phase);
    }
}

/// Requests that are not given are the limits; on the host's network a container's port is the host's.
fn container_defaults(container: &mut Container, host_network: bool) {
    let resources = &mut container.resources;
    for (name, limit) in &resources.limits {
        resources.requests.entry(name.clone()).or_insert(*limit);
    }
    for port in &mut container.ports {
        if port.protocol.is_empty() {
            "TCP".clone_into(&mut port.protocol);
        }
        if host_network && port.host_port == 0 {
            port.host_port = port.container_port;
        }
    }
}

#[cfg(test)]
mod tests;
