//! What pods ask for and nodes have, in the units in which the scheduler counts.

use std::collections::BTreeMap;

use bayplan::objects::{Node, Pod, ResourceList};

use crate::cluster::NodeView;
use crate::labels::is_qualified_name;
use crate::requests::{self, CountedAs};
use crate::version::Version;

/// Amounts of resources: CPU in thousandths, everything else in whole units.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Amounts {
    pub(crate) milli_cpu: i64,
    pub(crate) memory: i64,
    pub(crate) ephemeral_storage: i64,
    pub(crate) pods: i64,
    pub(crate) scalars: BTreeMap<String, i64>,
}

impl Amounts {
    pub(crate) fn of(list: &ResourceList) -> Amounts {
        let mut amounts = Amounts::default();
        amounts.add(list);
        amounts
    }

    /// Adds a list; sums wrap as the scheduler's do.
    pub(crate) fn add(&mut self, list: &ResourceList) {
        for (name, quantity) in list {
            let add = |to: &mut i64, amount: i64| *to = to.wrapping_add(amount);
            match name.as_str() {
                "cpu" => add(&mut self.milli_cpu, quantity.milli_value()),
                "memory" => add(&mut self.memory, quantity.value()),
                "ephemeral-storage" => add(&mut self.ephemeral_storage, quantity.value()),
                "pods" => add(&mut self.pods, quantity.value()),
                name if is_scalar(name) => add(self.scalars.entry(name.to_owned()).or_default(), quantity.value()),
                _ => {}
            }
        }
    }

    pub(crate) fn get(&self, name: &str) -> i64 {
        match name {
            "cpu" => self.milli_cpu,
            "memory" => self.memory,
            "ephemeral-storage" => self.ephemeral_storage,
            name => self.scalars.get(name).copied().unwrap_or(0),
        }
    }
}

/// What the node offers.
pub(crate) fn allocatable(node: &Node) -> Amounts {
    Amounts::of(&node.status.allocatable)
}

/// What the pods on the node take.
pub(crate) fn requested(version: Version, node: &NodeView<'_>) -> Amounts {
    let mut sum = Amounts::default();
    for pod in node.pods() {
        sum.add(&requests::pod_requests(version, pod, CountedAs::Placed));
    }
    sum
}

/// CPU and memory that the pods on the node take when each container counts for something.
pub(crate) fn non_zero_requested(version: Version, node: &NodeView<'_>) -> Amounts {
    let mut sum = Amounts::default();
    for pod in node.pods() {
        let all = Amounts::of(&requests::non_zero_placed_requests(version, pod));
        sum.milli_cpu = sum.milli_cpu.wrapping_add(all.milli_cpu);
        sum.memory = sum.memory.wrapping_add(all.memory);
    }
    sum
}

/// What a pod that is to be placed asks of a resource, as filters see it.
pub(crate) fn pod_amounts(version: Version, pod: &Pod) -> Amounts {
    Amounts { pods: 0, ..Amounts::of(&requests::pod_requests(version, pod, CountedAs::Filtered)) }
}

/// Resources that are counted besides CPU, memory and ephemeral storage.
pub(crate) fn is_scalar(name: &str) -> bool {
    is_extended(name)
        || name.starts_with("hugepages-")
        || name.contains("kubernetes.io/")
        || name.starts_with("attachable-volumes-")
}

/// Resources of other domains than Kubernetes' own.
pub(crate) fn is_extended(name: &str) -> bool {
    let native = !name.contains('/') || name.contains("kubernetes.io/");
    !native && !name.starts_with("requests.") && is_qualified_name(&format!("requests.{name}"))
}
