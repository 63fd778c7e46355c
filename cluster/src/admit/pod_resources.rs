//! Requests of the pod as a whole where its limits are given: what its containers ask for, or else the limits.

use crate::objects::{Pod, ResourceList};
use crate::requests;

pub(super) fn add_defaults(pod: &mut Pod) {
    let Some(mut whole) = pod.spec.resources.take() else { return };
    let containers = requests::of_containers(pod);
    let huge = |name: &str| requests::is_hugepage_resource_name(name);
    let has_any = !whole.limits.is_empty() || !whole.requests.is_empty();
    if has_any {
        for (name, limit) in container_limits(pod) {
            if huge(&name) && !whole.requests.contains_key(&name) {
                whole.limits.entry(name).or_insert(limit);
            }
        }
    }
    if !whole.limits.is_empty() {
        for (name, request) in containers {
            if name == requests::CPU || name == requests::MEMORY {
                whole.requests.entry(name).or_insert(request);
            }
        }
        for (name, limit) in &whole.limits {
            if name == requests::CPU || name == requests::MEMORY || huge(name) {
                whole.requests.entry(name.clone()).or_insert(*limit);
            }
        }
    }
    pod.spec.resources = Some(whole);
}

/// What the containers are limited to together: summed as their requests are.
fn container_limits(pod: &Pod) -> ResourceList {
    let mut limited = Pod::default();
    limited.spec.containers.clone_from(&pod.spec.containers);
    limited.spec.init_containers.clone_from(&pod.spec.init_containers);
    for container in limited.spec.containers.iter_mut().chain(&mut limited.spec.init_containers) {
        container.resources.requests = std::mem::take(&mut container.resources.limits);
    }
    requests::of_containers(&limited)
}
