//! What a pod requests: the sum of its containers, or the most that its init containers need, its pod-level
//! resources, its overhead; and, while it is being resized, what it holds already.

use bayplan::objects::{Container, ContainerStatus, Pod, ResourceList};
use bayplan::quantity::Quantity;

use crate::version::Version;

/// The four ways in which the scheduler asks for a pod's requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum CountedAs {
    /// By the filter, for the pod that is to be placed: as specified.
    Filtered,
    /// For a pod that has its place: with its status.
    Placed,
    /// By the strategies of NodeResourcesFit, for the pod that is to be placed: as specified, without pod-level
    /// resources, every container with at least [`default_requests`].
    ScoredNonZero,
}

/// What a container counts for where it doesn't say.
fn default_requests() -> ResourceList {
    let memory = Quantity::from_i64(200 * 1024 * 1024);
    [("cpu".to_owned(), Quantity::from_milli(100)), ("memory".to_owned(), memory)].into()
}

/// The requests of a pod.
pub(crate) fn pod_requests(version: Version, pod: &Pod, counted: CountedAs) -> ResourceList {
    let missing = if counted == CountedAs::ScoredNonZero { default_requests() } else { ResourceList::new() };
    requests(version, pod, counted, &missing)
}

/// The requests of a pod that has its place, where each container that doesn't ask for CPU or memory counts for some;
/// with pod-level requests only if neither the pod nor any container asks.
pub(crate) fn non_zero_placed_requests(version: Version, pod: &Pod) -> ResourceList {
    let mut missing = default_requests();
    if has_pod_level_requests(pod) {
        let plain = pod_requests(version, pod, CountedAs::Placed);
        missing.retain(|name, _| !plain.contains_key(name));
    }
    requests(version, pod, CountedAs::Placed, &missing)
}

fn requests(version: Version, pod: &Pod, counted: CountedAs, missing: &ResourceList) -> ResourceList {
    let mut sum = match counted {
        CountedAs::Placed if version >= Version::V1_37 => placed_containers(pod, missing),
        CountedAs::Placed => containers(pod, missing, |container, init| {
            let status = status_of(pod, container).filter(|_| !init || is_sidecar(container));
            match status.and_then(|status| Some((status, status.resources.as_ref()?))) {
                Some((status, actuated)) => {
                    let held = [&actuated.requests, &status.allocated_resources];
                    largest(pod, &container.resources.requests, held.map(Option::as_ref))
                }
                None => container.resources.requests.clone(),
            }
        }),
        CountedAs::Filtered | CountedAs::ScoredNonZero => {
            containers(pod, missing, |container, _| container.resources.requests.clone())
        }
    };
    if has_pod_level_requests(pod) && counted != CountedAs::ScoredNonZero {
        let specified = pod_level(pod);
        match &pod.status.resources {
            // From 1.36 on, pod-level resources can be resized in place.
            Some(actuated) if counted == CountedAs::Placed && version >= Version::V1_36 => {
                let held = [&actuated.requests, &pod.status.allocated_resources];
                let effective = largest(pod, specified, held.map(Option::as_ref));
                if version == Version::V1_36 {
                    for name in specified.keys().filter(|name| is_pod_level(name)) {
                        sum.insert(name.clone(), effective.get(name).copied().unwrap_or_default());
                    }
                } else {
                    sum.extend(effective.into_iter().filter(|(name, _)| is_pod_level(name)));
                }
            }
            _ => sum.extend(specified.clone().into_iter().filter(|(name, _)| is_pod_level(name))),
        }
    }
    add(&mut sum, &pod.spec.overhead);
    sum
}

/// From 1.37 on, the largest of three sums (specified, allocated, actuated) counts, not the sum of the largest.
fn placed_containers(pod: &Pod, missing: &ResourceList) -> ResourceList {
    let infeasible = is_resize_infeasible(pod);
    let specified = |container: &Container| {
        if infeasible { ResourceList::new() } else { container.resources.requests.clone() }
    };
    let allocated = |container: &Container| {
        let allocated = status_of(pod, container).and_then(|status| status.allocated_resources.clone());
        allocated.unwrap_or_else(|| specified(container))
    };
    let actuated = |container: &Container| {
        let actuated = status_of(pod, container).and_then(|status| status.resources.as_ref()?.requests.clone());
        actuated.unwrap_or_else(|| allocated(container))
    };
    let actuated_pod = pod.status.resources.as_ref().and_then(|resources| resources.requests.clone());
    let (allocated, actuated) = match (&pod.status.allocated_resources, actuated_pod) {
        (Some(allocated), Some(actuated)) => (allocated.clone(), actuated),
        _ => (
            containers(pod, missing, |container, _| allocated(container)),
            containers(pod, missing, |container, _| actuated(container)),
        ),
    };
    let specified = containers(pod, missing, |container, _| container.resources.requests.clone());
    largest(pod, &specified, [Some(&actuated), Some(&allocated)])
}

/// Containers run together, and with every sidecar; an init container runs with the sidecars before it.
fn containers(pod: &Pod, missing: &ResourceList, list: impl Fn(&Container, bool) -> ResourceList) -> ResourceList {
    let list = |container: &Container, init: bool| {
        let mut list = list(container, init);
        for (name, quantity) in missing {
            list.entry(name.clone()).or_insert(*quantity);
        }
        list
    };
    let mut together = ResourceList::new();
    for container in &pod.spec.containers {
        add(&mut together, &list(container, false));
    }
    let mut sidecars = ResourceList::new();
    let mut starting = ResourceList::new();
    for container in &pod.spec.init_containers {
        let mut own = list(container, true);
        if is_sidecar(container) {
            add(&mut together, &own);
            add(&mut sidecars, &own);
            own = sidecars.clone();
        } else {
            add(&mut own, &sidecars);
        }
        raise(&mut starting, &own);
    }
    raise(&mut together, &starting);
    together
}

fn is_sidecar(container: &Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

fn status_of<'a>(pod: &'a Pod, container: &Container) -> Option<&'a ContainerStatus> {
    let mut all = pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses);
    all.find(|status| status.name == container.name)
}

fn pod_level(pod: &Pod) -> &ResourceList {
    static EMPTY: ResourceList = ResourceList::new();
    pod.spec.resources.as_ref().map_or(&EMPTY, |resources| &resources.requests)
}

fn has_pod_level_requests(pod: &Pod) -> bool {
    pod_level(pod).keys().any(|name| is_pod_level(name))
}

fn is_pod_level(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || name.starts_with("hugepages-")
}

/// The largest of what is specified and of what is held; a specification that the node can't fulfil doesn't count.
fn largest(pod: &Pod, specified: &ResourceList, held: [Option<&ResourceList>; 2]) -> ResourceList {
    let mut most = if is_resize_infeasible(pod) { ResourceList::new() } else { specified.clone() };
    for list in held.into_iter().flatten() {
        raise(&mut most, list);
    }
    most
}

fn is_resize_infeasible(pod: &Pod) -> bool {
    let pending = pod.status.conditions.iter().find(|condition| condition.kind == "PodResizePending");
    pending.is_some_and(|condition| condition.reason == "Infeasible")
}

fn add(to: &mut ResourceList, list: &ResourceList) {
    for (name, quantity) in list {
        *to.entry(name.clone()).or_default() += *quantity;
    }
}

fn raise(to: &mut ResourceList, list: &ResourceList) {
    for (name, quantity) in list {
        let most = to.entry(name.clone()).or_insert(*quantity);
        *most = (*most).max(*quantity);
    }
}
