//! How much of a node a pod takes, as each Kubernetes version counts it.
//!
//! kube-scheduler counts in three ways: [`pending`] is what a pod must find free, [`bound`] is what a pod on a node takes
//! from it, and [`ScoreRequests`] is what the resource scores add for a pod. They differ where containers ask for
//! nothing, and while a pod is being resized.
//!
//! | | 1.34, 1.35 | 1.36 | 1.37 |
//! |---|---|---|---|
//! | container of which the status tells resources | greatest of spec, allocated, actual; init containers only if they restart always | the same | greatest of the pod's sums over specs, over allocated and over actual resources; every init container; what a status leaves out is taken from the next: actual, allocated, spec |
//! | pod-level status | not looked at | greatest of spec, allocated, actual, for the resources that the spec names | the same, for every resource that one of the three names; the sums of allocated and of actual resources are the pod-level ones, where there are |
//! | resize found infeasible | the spec is left out | the same | the same |

mod names;
mod sum;

use std::collections::BTreeMap;

pub use names::{is_extended_resource_name, is_hugepage_resource_name, is_scalar_resource_name};

use crate::objects::{Node, Pod, ResourceList};
use crate::quantity::Quantity;
use crate::version::Version;
use sum::{StatusUse, Sum};

/// CPU in thousandths, bytes and counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Amounts {
    /// CPU in thousandths of a core.
    pub milli_cpu: i64,
    /// Bytes of memory.
    pub memory: i64,
    /// Bytes of ephemeral storage.
    pub ephemeral_storage: i64,
    /// Number of pods; only nodes have it.
    pub pods: i64,
    /// Every other resource that the scheduler counts (see [`is_scalar_resource_name`]). A resource that is asked for
    /// with 0 is here with 0: a pod whose `scalar` is not empty is checked against the node's core resources even
    /// where it asks for none of them, which shows on a node that is overcommitted.
    pub scalar: BTreeMap<String, i64>,
}

impl Amounts {
    /// The amounts of a list, each rounded up to a whole unit. Resources that the scheduler does not count are left out.
    fn of<'a>(list: impl IntoIterator<Item = (&'a str, Quantity)>) -> Self {
        let mut amounts = Amounts::default();
        for (name, quantity) in list {
            match name {
                CPU => amounts.milli_cpu = quantity.milli_value(),
                MEMORY => amounts.memory = quantity.value(),
                EPHEMERAL_STORAGE => amounts.ephemeral_storage = quantity.value(),
                PODS => amounts.pods = quantity.value(),
                _ if is_scalar_resource_name(name) => {
                    amounts.scalar.insert(name.to_owned(), quantity.value());
                }
                _ => {}
            }
        }
        amounts
    }

    /// The amount of the resource, 0 where it is not counted.
    #[must_use]
    pub fn get(&self, name: &str) -> i64 {
        match name {
            CPU => self.milli_cpu,
            MEMORY => self.memory,
            EPHEMERAL_STORAGE => self.ephemeral_storage,
            PODS => self.pods,
            _ => self.scalar.get(name).copied().unwrap_or(0),
        }
    }
}

/// What a pod takes from the node that it is on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bound {
    /// What is no longer free for others.
    pub requested: Amounts,
    /// As `requested.milli_cpu`, but no container takes nothing unless it says so. The resource scores use it.
    pub non_zero_milli_cpu: i64,
    /// As `requested.memory`, but no container takes nothing unless it says so. The resource scores use it.
    pub non_zero_memory: i64,
}

/// The resource `cpu`.
pub const CPU: &str = "cpu";
/// The resource `memory`.
pub const MEMORY: &str = "memory";
/// The resource `ephemeral-storage`.
pub const EPHEMERAL_STORAGE: &str = "ephemeral-storage";
/// The resource `pods`.
pub const PODS: &str = "pods";

/// What a container is taken to use, in scores, where it asks for no CPU: 0.1 cores.
pub const DEFAULT_MILLI_CPU: i64 = 100;
/// What a container is taken to use, in scores, where it asks for no memory: 200 MiB.
pub const DEFAULT_MEMORY: i64 = 200 * 1024 * 1024;

/// What the node offers to pods.
#[must_use]
pub fn allocatable(node: &Node) -> Amounts {
    Amounts::of(entries(&node.status.allocatable))
}

/// What a pod that waits must find free: the filter's view, the same in every version. Its status plays no part.
#[must_use]
pub fn pending(pod: &Pod) -> Amounts {
    let mut amounts = Amounts::of(Sum::of_pod(pod, StatusUse::None, &[]).iter());
    amounts.pods = 0;
    for value in [&mut amounts.milli_cpu, &mut amounts.memory, &mut amounts.ephemeral_storage]
        .into_iter()
        .chain(amounts.scalar.values_mut())
    {
        *value = (*value).max(0);
    }
    amounts
}

/// What the containers ask for together, without overhead and without what the pod as a whole asks for.
pub(crate) fn of_containers(pod: &Pod) -> ResourceList {
    Sum::of_containers(pod).iter().map(|(name, quantity)| (name.to_owned(), quantity)).collect()
}

/// What the containers are limited to together, summed as their requests are.
pub(crate) fn limits_of_containers(pod: &Pod) -> ResourceList {
    let mut limited = Pod::default();
    limited.spec.containers.clone_from(&pod.spec.containers);
    limited.spec.init_containers.clone_from(&pod.spec.init_containers);
    for container in limited.spec.containers.iter_mut().chain(&mut limited.spec.init_containers) {
        container.resources.requests = std::mem::take(&mut container.resources.limits);
    }
    of_containers(&limited)
}

/// What a pod takes from the node that it is on, or that it is nominated to.
#[must_use]
pub fn bound(pod: &Pod, version: Version) -> Bound {
    let status = StatusUse::of(version);
    let sum = Sum::of_pod(pod, status, &[]);
    // A pod-level request stands for all containers, so a container that asks for nothing is given a default only for
    // what is asked for nowhere.
    let pod_level = sum::has_pod_level_requests(pod);
    let defaults: Vec<_> = defaults().into_iter().filter(|(name, _)| !pod_level || !sum.contains(name)).collect();
    let mut requested = Amounts::of(sum.iter());
    requested.pods = 0;
    let non_zero = if defaults.is_empty() { sum } else { Sum::of_pod(pod, status, &defaults) };
    Bound {
        requested,
        non_zero_milli_cpu: non_zero.get(CPU).milli_value(),
        non_zero_memory: non_zero.get(MEMORY).value(),
    }
}

/// What the resource scores add for a pod.
#[derive(Clone, Debug)]
pub struct ScoreRequests<'a>(Sum<'a>);

impl<'a> ScoreRequests<'a> {
    /// As NodeResourcesFit scores, in every version: a container that names no CPU or no memory is taken to use a little.
    /// Pod-level resources and the status play no part, though they do in [`pending`] and [`bound`].
    #[must_use]
    pub fn non_zero(pod: &'a Pod) -> Self {
        ScoreRequests(Sum::of_specs(pod, &defaults()))
    }

    /// As NodeResourcesBalancedAllocation scores: just what is asked for.
    #[must_use]
    pub fn requested(pod: &'a Pod, version: Version) -> Self {
        ScoreRequests(Sum::of_pod(pod, StatusUse::of(version), &[]))
    }

    /// The amount of any resource (CPU in thousandths), 0 where the pod does not ask for it.
    #[must_use]
    pub fn get(&self, name: &str) -> i64 {
        let quantity = self.0.get(name);
        if name == CPU { quantity.milli_value() } else { quantity.value() }
    }
}

fn defaults() -> [(&'static str, Quantity); 2] {
    [(CPU, Quantity::from_milli(DEFAULT_MILLI_CPU)), (MEMORY, Quantity::from_i64(DEFAULT_MEMORY))]
}

fn entries(list: &ResourceList) -> impl Iterator<Item = (&str, Quantity)> {
    list.iter().map(|(name, quantity)| (name.as_str(), *quantity))
}
