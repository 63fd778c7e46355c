//! Exact sums over the containers of a pod.

use std::collections::{BTreeMap, HashMap};

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

/// Resource names and exact quantities. Most pods name few, for which a plain search is the fastest.
#[derive(Clone, Debug)]
pub(super) enum Sum<'a> {
    Few(SmallVec<[(&'a str, Quantity); FEW]>),
    Many(BTreeMap<&'a str, Quantity>),
}

/// How many are few.
const FEW: usize = 4;

impl Default for Sum<'_> {
    fn default() -> Self {
        Sum::Few(SmallVec::new())
    }
}

impl<'a> Sum<'a> {
    fn new(list: &'a ResourceList) -> Self {
        if list.len() > FEW { Sum::Many(entries(list).collect()) } else { Sum::Few(entries(list).collect()) }
    }

    /// What the pod asks for, with `defaults` for what a container does not name.
    pub(super) fn of_pod(pod: &'a Pod, status: StatusUse, defaults: &[(&'static str, Quantity)]) -> Self {
        let mut sum = match status {
            StatusUse::None => over_containers(pod, defaults, spec_of),
            StatusUse::ByContainer | StatusUse::ByContainerAndPod => {
                let (statuses, is_infeasible) = (Statuses::of(pod), is_resize_infeasible(pod));
                over_containers(pod, defaults, |container, is_run_once| {
                    let status = if is_run_once { None } else { statuses.of_container(container) };
                    greatest_of_container(container, status, is_infeasible)
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
        let (few, many) = match self {
            Sum::Few(few) => (few.as_slice(), None),
            Sum::Many(many) => (&[][..], Some(many)),
        };
        few.iter().copied().chain(many.into_iter().flatten().map(|(name, quantity)| (*name, *quantity)))
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub(super) fn get(&self, name: &str) -> Quantity {
        self.find(name).unwrap_or(Quantity::ZERO)
    }

    fn find(&self, name: &str) -> Option<Quantity> {
        match self {
            Sum::Few(few) => few.iter().find(|(n, _)| *n == name).map(|(_, quantity)| *quantity),
            Sum::Many(many) => many.get(name).copied(),
        }
    }

    /// Puts in a quantity, or what `both` makes of it and the one that is there.
    fn merge(&mut self, name: &'a str, quantity: Quantity, both: impl FnOnce(Quantity, Quantity) -> Quantity) {
        let found = match self {
            Sum::Few(few) => few.iter_mut().find(|(n, _)| *n == name).map(|(_, quantity)| quantity),
            Sum::Many(many) => many.get_mut(name),
        };
        if let Some(have) = found {
            *have = both(*have, quantity);
            return;
        }
        match self {
            Sum::Few(few) if few.len() == FEW => {
                *self = Sum::Many(few.iter().copied().chain([(name, quantity)]).collect());
            }
            Sum::Few(few) => few.push((name, quantity)),
            Sum::Many(many) => _ = many.insert(name, quantity),
        }
    }

    fn set(&mut self, name: &'a str, quantity: Quantity) {
        self.merge(name, quantity, |_, new| new);
    }

    fn add(&mut self, other: &Sum<'a>) {
        other.iter().for_each(|(name, quantity)| self.merge(name, quantity, |have, more| have + more));
    }

    /// Takes the greater of the two for every resource of `other`.
    fn max(&mut self, other: &Sum<'a>) {
        other.iter().for_each(|(name, quantity)| self.merge(name, quantity, Ord::max));
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
        let own = with_defaults(container, !is_sidecar(container));
        if is_sidecar(container) {
            sum.add(&own);
            sidecars.add(&own);
        }
        // What the sidecars ask for of other resources is in the maximum since they came.
        for (name, quantity) in own.iter() {
            let at_start = match sidecars.find(name) {
                Some(all) if is_sidecar(container) => all,
                Some(others) => quantity + others,
                None => quantity,
            };
            starting.merge(name, at_start, Ord::max);
        }
    }
    sum.max(&starting);
    sum
}

fn spec_of(container: &Container, _is_run_once: bool) -> Sum<'_> {
    Sum::new(&container.resources.requests)
}

fn greatest_of_container<'a>(
    container: &'a Container,
    status: Option<&'a ContainerStatus>,
    is_infeasible: bool,
) -> Sum<'a> {
    let spec = &container.resources.requests;
    match status.and_then(|status| Some((status, status.resources.as_ref()?))) {
        None => Sum::new(spec),
        Some((status, actual)) => {
            let lists = [actual.requests.as_ref(), status.allocated_resources.as_ref()];
            greatest((!is_infeasible).then_some(spec), lists)
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
            let statuses = Statuses::of(pod);
            let allocated = over_containers(pod, defaults, |container, _| {
                statuses.of_container(container).and_then(allocated_of).map_or_else(|| last(container), Sum::new)
            });
            let actual = over_containers(pod, defaults, |container, _| {
                let status = statuses.of_container(container);
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

/// The statuses of a pod's containers, by name.
enum Statuses<'a> {
    Few(&'a Pod),
    Many(HashMap<&'a str, &'a ContainerStatus>),
}

impl<'a> Statuses<'a> {
    fn of(pod: &'a Pod) -> Self {
        let statuses = all_statuses(pod);
        if statuses.clone().nth(16).is_none() {
            return Statuses::Few(pod);
        }
        // Of several the first counts.
        Statuses::Many(statuses.rev().map(|status| (status.name.as_str(), status)).collect())
    }

    fn of_container(&self, container: &Container) -> Option<&'a ContainerStatus> {
        match self {
            Statuses::Few(pod) => all_statuses(pod).find(|status| status.name == container.name),
            Statuses::Many(by_name) => by_name.get(container.name.as_str()).copied(),
        }
    }
}

fn all_statuses(pod: &Pod) -> impl DoubleEndedIterator<Item = &ContainerStatus> + Clone {
    pod.status.container_statuses.iter().chain(&pod.status.init_container_statuses)
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
