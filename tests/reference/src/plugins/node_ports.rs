//! NodePorts: a host port can be taken once per node, protocol and address.

use bayplan::objects::{ContainerPort, Pod};

use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::plugin::{Filter, Plugin, PreFilter, Rejection};

pub(crate) struct NodePorts;

impl Plugin for NodePorts {
    fn pre_filter(&self, cycle: &Cycle<'_>) -> Result<PreFilter, Rejection> {
        Ok(if host_ports(cycle.pod).next().is_none() { PreFilter::Skip } else { PreFilter::Pass })
    }

    fn filter<'a>(&self, cycle: &'a Cycle<'a>, _view: &[NodeView<'a>]) -> Filter<'a> {
        Box::new(|node| {
            let taken = |port: &ContainerPort| node.pods().flat_map(host_ports).any(|other| conflict(port, other));
            if host_ports(cycle.pod).any(taken) {
                return Err(Rejection::unschedulable("node(s) didn't have free ports for the requested pod ports"));
            }
            Ok(())
        })
    }
}

/// The host ports of a pod: of its containers, and of the init containers that keep running.
fn host_ports(pod: &Pod) -> impl Iterator<Item = &ContainerPort> {
    let sidecars = pod.spec.init_containers.iter().filter(|c| c.restart_policy.as_deref() == Some("Always"));
    sidecars.chain(&pod.spec.containers).flat_map(|container| &container.ports).filter(|port| port.host_port > 0)
}

/// An unspecified address, or 0.0.0.0, stands for all of them.
fn conflict(one: &ContainerPort, other: &ContainerPort) -> bool {
    let any = |port: &ContainerPort| matches!(port.host_ip.as_str(), "" | "0.0.0.0");
    let tcp = |port: &ContainerPort| matches!(port.protocol.as_str(), "" | "TCP");
    one.host_port == other.host_port
        && (one.protocol == other.protocol || tcp(one) && tcp(other))
        && (any(one) || any(other) || one.host_ip == other.host_ip)
}
