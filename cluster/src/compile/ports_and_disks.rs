//! Host ports and in-tree disks of a pod: what only one pod on a node can have.

use crate::objects::Pod;

/// A port of the node that a pod takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HostPort<'p> {
    pub(crate) protocol: &'p str,
    pub(crate) number: i32,
    /// On this address alone; on all without one.
    pub(crate) address: Option<&'p str>,
}

impl HostPort<'_> {
    /// Whether only one of the two can be had on a node.
    pub(crate) fn excludes(&self, other: &HostPort<'_>) -> bool {
        let same_address = self.address.is_none() || other.address.is_none() || self.address == other.address;
        (self.protocol, self.number) == (other.protocol, other.number) && same_address
    }
}

/// The ports of the node that a pod takes. Init containers that go on beside the containers hold theirs too.
pub(crate) fn host_ports(pod: &Pod) -> impl Iterator<Item = HostPort<'_>> {
    let restarting = pod.spec.init_containers.iter().filter(|c| c.restart_policy.as_deref() == Some("Always"));
    let ports = pod.spec.containers.iter().chain(restarting).flat_map(|container| &container.ports);
    ports.filter(|port| port.host_port > 0).map(|port| HostPort {
        protocol: if port.protocol.is_empty() { "TCP" } else { &port.protocol },
        number: port.host_port,
        address: Some(port.host_ip.as_str()).filter(|ip| !matches!(*ip, "" | "0.0.0.0")),
    })
}

/// Disks named in the pod itself that not every pod may share: the disk, and whether it is only read. A disk of AWS counts as
/// written always.
pub(crate) fn disk_names(pod: &Pod) -> Vec<(String, bool)> {
    let mut names = Vec::new();
    for volume in &pod.spec.volumes {
        if let Some(disk) = &volume.gce_persistent_disk {
            names.push((format!("gce {}", disk.pd_name), disk.read_only));
        }
        if let Some(disk) = &volume.aws_elastic_block_store {
            names.push((format!("aws {}", disk.volume_id), false));
        }
        if let Some(disk) = &volume.iscsi {
            names.push((format!("iscsi {}", disk.iqn), disk.read_only));
        }
        if let Some(disk) = &volume.rbd {
            let pool = if disk.pool.is_empty() { "rbd" } else { &disk.pool };
            names.extend(disk.monitors.iter().map(|m| (format!("rbd {m} {pool} {}", disk.image), disk.read_only)));
        }
    }
    names
}
