//! kube-scheduler's words for the reasons of plugins.

use bayplan_core::plugins::*;
use bayplan_core::{Plugin, Reason};

use crate::cluster::Cluster;

/// The text of a plugin's reason.
pub(crate) fn text(_plugin: Plugin, reason: Reason, cluster: &Cluster) -> String {
    if reason.is(node_resources_fit::INSUFFICIENT) {
        return format!("Insufficient {}", cluster.compiler.resources.name(reason.resource()));
    }
    if reason.is(node_volume_limits::DRIVER_MISSING) {
        let name = cluster.compiler.driver_names.get(reason.driver().at()).map_or("", String::as_str);
        return format!("{name} CSI driver is not installed on the node");
    }
    let texts = [
        (node_unschedulable::CORDONED, "node(s) were unschedulable"),
        (node_name::OTHER_NODE, "node(s) didn't match the requested node name"),
        (taint_toleration::UNTOLERATED, "node(s) had untolerated taint(s)"),
        (node_affinity::ENFORCED, "node(s) didn't match scheduler-enforced node affinity"),
        (node_affinity::NO_MATCH, "node(s) didn't match Pod's node affinity/selector"),
        (node_ports::TAKEN, "node(s) didn't have free ports for the requested pod ports"),
        (node_resources_fit::TOO_MANY_PODS, "Too many pods"),
        (
            pod_topology_spread::MISSING_LABEL,
            "node(s) didn't match pod topology spread constraints (missing required label)",
        ),
        (pod_topology_spread::SKEW, "node(s) didn't match pod topology spread constraints"),
        (inter_pod_affinity::AFFINITY, "node(s) didn't match pod affinity rules"),
        (inter_pod_affinity::ANTI_AFFINITY, "node(s) didn't match pod anti-affinity rules"),
        (inter_pod_affinity::EXISTING_ANTI_AFFINITY, "node(s) didn't satisfy existing pods anti-affinity rules"),
        (volume_restrictions::DISK_IN_USE, "node(s) had no available disk"),
        (
            volume_restrictions::CLAIM_IN_USE,
            "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by \
             another pod",
        ),
        (node_volume_limits::TOO_MANY, "node(s) exceed max volume count"),
        (volume_binding::NOT_REACHABLE, "node(s) didn't match PersistentVolume's node affinity"),
        (volume_binding::NO_SUCH_VOLUME, "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"),
        (volume_binding::NONE_TO_BIND, "node(s) didn't find available persistent volumes to bind"),
        (volume_binding::NO_SPACE, "node(s) did not have enough free storage"),
        (volume_zone::OTHER_ZONE, "node(s) had no available volume zone"),
        (node_declared_features::MISSING, "node(s) didn't match Pod's required features"),
    ];
    texts.iter().find(|(known, _)| reason.is(*known)).map_or("", |(_, text)| text).to_owned()
}
