//! Requests of the pod as a whole where its limits are given: what its containers ask for, or else the limits.

use crate::objects::Pod;
use crate::requests;

/// `late` is how 1.37 and later do it: after admission, for pods with requests alone too, and limits as well.
pub(super) fn add_defaults(pod: &mut Pod, late: bool) {
    let Some(mut whole) = pod.spec.resources.take() else { return };
    let (containers, limits) = (requests::of_containers(pod), requests::limits_of_containers(pod));
    let huge = |name: &str| requests::is_hugepage_resource_name(name);
    let compute = |name: &str| name == requests::CPU || name == requests::MEMORY;
    let has_any = !whole.limits.is_empty() || !whole.requests.is_empty();
    if has_any {
        for (name, limit) in &limits {
            if huge(name) && !whole.requests.contains_key(name) {
                whole.limits.entry(name.clone()).or_insert(*limit);
            }
        }
    }
    if !whole.limits.is_empty() || late && has_any {
        for (name, request) in containers {
            if compute(&name) {
                whole.requests.entry(name).or_insert(request);
            }
        }
        for (name, limit) in &whole.limits {
            if compute(name) || huge(name) {
                whole.requests.entry(name.clone()).or_insert(*limit);
            }
        }
    }
    if late && has_any {
        let all = || pod.spec.containers.iter().chain(&pod.spec.init_containers);
        for (name, request) in whole.requests.iter().filter(|(name, _)| compute(name) || huge(name)) {
            let limited = all().all(|container| container.resources.limits.contains_key(name));
            if let (true, Some(limit)) = (limited, limits.get(name)) {
                whole.limits.entry(name.clone()).or_insert((*limit).max(*request));
            }
        }
    }
    pod.spec.resources = Some(whole);
}
