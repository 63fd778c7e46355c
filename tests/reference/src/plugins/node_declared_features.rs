//! NodeDeclaredFeatures (from 1.36 on): a node must declare the features that the pod's spec needs of it.

use crate::version::Version;
use bayplan::objects::{Container, Pod};

use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::plugin::{Filter, Plugin, PreFilter, Rejection};

pub(crate) struct NodeDeclaredFeatures;

impl Plugin for NodeDeclaredFeatures {
    fn pre_filter(&self, cycle: &Cycle<'_>) -> Result<PreFilter, Rejection> {
        let nothing = needed(cycle.version, cycle.pod).is_empty();
        Ok(if nothing { PreFilter::Skip } else { PreFilter::Pass })
    }

    fn filter<'a>(&self, cycle: &'a Cycle<'a>, _view: &[NodeView<'a>]) -> Filter<'a> {
        let needed = needed(cycle.version, cycle.pod);
        Box::new(move |node| {
            let declared = &node.node.status.declared_features;
            if needed.iter().all(|feature| declared.iter().any(|other| other == feature)) {
                return Ok(());
            }
            Err(Rejection::unresolvable("node(s) didn't match Pod's required features"))
        })
    }
}

fn needed(version: Version, pod: &Pod) -> Vec<&'static str> {
    let spec = &pod.spec;
    let restarts_all = |container: &Container| {
        container.restart_policy_rules.iter().any(|rule| rule["action"] == "RestartAllContainers")
    };
    let binds_with_options =
        |container: &Container| container.volume_mounts.iter().any(|mount| !mount.bind_mount_options.is_empty());
    let mut needed = Vec::new();
    if spec.containers.iter().chain(&spec.init_containers).any(restarts_all) {
        needed.push("RestartAllContainersOnContainerExits");
    }
    if spec.host_network && spec.host_users == Some(false) {
        needed.push("UserNamespacesHostNetworkSupport");
    }
    let mut every = spec.containers.iter().chain(&spec.init_containers).chain(&spec.ephemeral_containers);
    if version >= Version::V1_37 && every.any(binds_with_options) {
        needed.push("VolumeBindMountOptions");
    }
    needed
}
