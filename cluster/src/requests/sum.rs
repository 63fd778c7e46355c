//! Exact sums over the containers of a pod.

use smallvec::SmallVec;

use super::{CPU, MEMORY, entries};
use crate::objects::{Container, ContainerStatus, Pod, ResourceList};
use crate::quantity::Quantity;
use crate::version::Version;

/// How much of a pod's status is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatusUse {
    /// Nothing: the pod runs nowhere yet.
    None,
    /// The greatest of spec and status, container by container.
    ByContainer,
    /// Also at the pod level.
    ByContainerAndPod,
    /// The greatest of three sums over the whole pod.
    BySum,
}

impl StatusUse {
    pub(super) fn of(version: Version) -> Self {
        match version {
            Version::V1_34 | Version::V1_35 => StatusUse::ByContainer,
            Version::V1_36 => StatusUse::ByContainerAndPod,
            Version::V1_37 => StatusUse::BySum,
        }
    }
}

/// Resource names and exact quantities, few enough for a plain search.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum<'a>(SmallVec<[(&'a str, Quantity); 4]>);

impl<'a> Sum<'a> {
    fn new(list: &'a ResourceList) -> Self {
        Sum(entries(list).collect())
    }

    /// What the pod asks for, with `defaults` for what a container does not name.
    pub(super) fn of_pod(pod: &'a Pod, status: StatusUse, defaults: &[(&'static str, Quantity)]) -> Self {
        let mut sum = match status {
            StatusUse::None => over_containers(pod, defaults, spec_of),
            StatusUse::ByContainer | StatusUse::ByContainerAndPod => {
                over_containers(pod, defaults, |container, is_run_once| {
                    greatest_of_container(pod, container, is_run_once)
                })
            }
            StatusUse::BySum => greatest_of_sums(pod, defaults),
        };
        if has_pod_level_requests(pod) {
            sum.apply_pod_level(pod, status);
        }
        sum.add(&Sum::new(&pod.spec.overhead));
        sum
    }

    /// What the containers and the overhead ask for by the spec alone, without what the pod as a whole asks for.
    pub(super) fn of_specs(pod: &'a Pod, defaults: &[(&'static str, Quantity)]) -> Self {
        let mut sum = over_containers(pod, defaults, spec_of);
        sum.add(&Sum::new(&pod.spec.overhead));
        sum
    }

    /// What the containers ask for by the spec alone.
    pub(super) fn of_containers(pod: &'a Pod) -> Self {
        over_containers(pod, &[], spec_of)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, Quantity)> {
        self.0.iter().copied()
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| *n == name)
    }

    pub(super) fn get(&self, name: &str) -> Quantity {
        self.0.iter().find(|(n, _)| *n == name).map_or(Quantity::ZERO, |(_, quantity)| *quantity)
    }

    fn entry(&mut self, name: &'a str) -> Option<&mut Quantity> {
        self.0.iter_mut().find(|(n, _)| *n == name).map(|(_, quantity)| quantity)
    }

    fn set(&mut self, name: &'a str, quantity: Quantity) {
        match self.entry(name) {
            Some(have) => *have = quantity,
            None => self.0.push((name, quantity)),
        }
    }

    fn add(&mut self, other: &Sum<'a>) {
        for (name, quantity) in other.iter() {
            match self.entry(name) {
                Some(have) => *have += quantity,
                None => self.0.push((name, quantity)),
            }
        }
    }

    /// Takes the greater of the two for every resource of `other`.
    fn max(&mut self, other: &Sum<'a>) {
        for (name, quantity) in other.iter() {
            match self.entry(name) {
                Some(have) => *have = (*have).max(quantity),
                None => self.0.push((name, quantity)),
            }
        }
    }

    fn apply_pod_level(&mut self, pod: &'a Pod, status: StatusUse) {
        let Some(resources) = &pod.spec.resources else { return };
        let actual = match status {
            StatusUse::ByContainerAndPod | StatusUse::BySum => pod.status.resources.as_ref(),
            StatusUse::None | StatusUse::ByContainer => None,
        };
        let effective = match actual {
            None => Sum::new(&resources.requests),
            Some(actual) => {
                let lists = [actual.requests.as_ref(), pod.status.allocated_resources.as_ref()];
                greatest((!is_resize_infeasible(pod)).then_some(&resources.requests), lists)
            }
        };
        if status == StatusUse::ByContainerAndPod {
            for name in resources.requests.keys().filter(|name| is_pod_level_resource_name(name)) {
                self.set(name, effective.get(name));
            }
        } else {
            for (name, quantity) in effective.iter().filter(|(name, _)| is_pod_level_resource_name(name)) {
                self.set(name, quantity);
            }
        }
    }
}

/// The most that the pod uses at any time: init containers run one after the other before the containers do, and those
/// that restart always (sidecars) run on beside everything that starts after them.
fn over_containers<'a>(
    pod: &'a Pod,
    defaults: &[(&'static str, Quantity)],
    list: impl Fn(&'a Container, bool) -> Sum<'a>,
) -> Sum<'a> {
    let with_defaults = |container, is_run_once| {
        let mut sum = list(container, is_run_once);
        for (name, quantity) in defaults {
            if !sum.contains(name) {
                sum.set(name, *quantity);
            }
        }
        sum
    };
    let mut sum = Sum::default();
    for container in &pod.spec.containers {
        sum.add(&with_defaults(container, false));
    }
    let mut sidecars = Sum::default();
    let mut starting = Sum::default();
    for container in &pod.spec.init_containers {
        let mut at_start = with_defaults(container, !is_sidecar(container));
        if is_sidecar(container) {
            sum.add(&at_start);
            sidecars.add(&at_start);
            starting.max(&sidecars);
        } else {
            at_start.add(&sidecars);
            starting.max(&at_start);
        }
    }
    sum.max(&starting);
    sum
}

fn spec_of(container: &Container, _is_run_once: bool) -> Sum<'_> {
    Sum::new(&container.resources.requests)
}

fn greatest_of_container<'a>(pod: &'a Pod, container: &'a Container, is_run_once: bool) -> Sum<'a> {
    let spec = &container.resources.requests;
    let status = if is_run_once { None } else { status_of(pod, container) };
    match status.and_then(|status| Some((status, status.resources.as_ref()?))) {
        None => Sum::new(spec),
        Some((status, actual)) => {
            let lists = [actual.requests.as_ref(), status.allocated_resources.as_ref()];
            greatest((!is_resize_infeasible(pod)).then_some(spec), lists)
        }
    }
}

fn greatest_of_sums<'a>(pod: &'a Pod, defaults: &[(&'static str, Quantity)]) -> Sum<'a> {
    let is_infeasible = is_resize_infeasible(pod);
    let last = |container| if is_infeasible { Sum::default() } else { spec_of(container, true) };
    let pod_level =
        pod.status.allocated_resources.as_ref().zip(pod.status.resources.as_ref().and_then(|r| r.requests.as_ref()));
    let (allocated, actual) = match pod_level {
        Some((allocated, actual)) => (Sum::new(allocated), Sum::new(actual)),
        None => {
            let allocated_of = |status: &'a ContainerStatus| status.allocated_resources.as_ref();
            let actual_of = |status: &'a ContainerStatus| status.resources.as_ref().and_then(|r| r.requests.as_ref());
            let allocated = over_containers(pod, defaults, |container, _| {
                status_of(pod, container).and_then(allocated_of).map_or_else(|| last(container), Sum::new)
            });
            let actual = over_containers(pod, defaults, |container, _| {
                let status = status_of(pod, container);
                status.and_then(|s| actual_of(s).or_else(|| allocated_of(s))).map_or_else(|| last(container), Sum::new)
            });
            (allocated, actual)
        }
    };
    let mut sum = if is_infeasible { Sum::default() } else { over_containers(pod, defaults, spec_of) };
    sum.max(&actual);
    sum.max(&allocated);
    sum
}

fn greatest<'a>(spec: Option<&'a ResourceList>, status: [Option<&'a ResourceList>; 2]) -> Sum<'a> {
    let mut sum = spec.map_or_else(Sum::default, Sum::new);
    for list in status.into_iter().flatten() {
        sum.max(&Sum::new(list));
    }
    sum
}

fn is_sidecar(container: &Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

fn status_of<'a>(pod: &'a Pod, container: &Container) -> Option<&'a ContainerStatus> {
    let status = &pod.status;
    status.container_statuses.iter().chain(&status.init_container_statuses).find(|status| status.name == container.name)
}

/// Whether the kubelet said that the resize that the spec asks for can never be done; the first such condition decides.
fn is_resize_infeasible(pod: &Pod) -> bool {
    let pending = pod.status.conditions.iter().find(|condition| condition.kind == "PodResizePending");
    pending.is_some_and(|condition| condition.reason == "Infeasible")
}

fn is_pod_level_resource_name(name: &str) -> bool {
    name == CPU || name == MEMORY || super::is_hugepage_resource_name(name)
}

pub(super) fn has_pod_level_requests(pod: &Pod) -> bool {
    pod.spec.resources.as_ref().is_some_and(|r| r.requests.keys().any(|name| is_pod_level_resource_name(name)))
}
