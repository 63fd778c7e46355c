//! The rules, each in a file of its own, named as kube-scheduler names it.

mod default_spread;
mod dynamic_resources;
mod image_locality;
mod in_tree;
mod inter_pod_affinity;
mod node_affinity;
mod node_declared_features;
mod node_name;
mod node_ports;
mod node_resources_balanced_allocation;
mod node_resources_fit;
mod node_unschedulable;
mod node_volume_limits;
mod pod_topology_spread;
mod taint_toleration;
pub(crate) mod volume_binding;
mod volume_restrictions;
mod volume_zone;
mod volumes;

use crate::plugin::Plugin;

/// The rule of this name, if it is one that filters or scores.
pub(crate) fn find(name: &str) -> Option<&'static dyn Plugin> {
    Some(match name {
        "NodeUnschedulable" => &node_unschedulable::NodeUnschedulable,
        "NodeName" => &node_name::NodeName,
        "TaintToleration" => &taint_toleration::TaintToleration,
        "NodeAffinity" => &node_affinity::NodeAffinity,
        "NodePorts" => &node_ports::NodePorts,
        "NodeResourcesFit" => &node_resources_fit::NodeResourcesFit,
        "VolumeRestrictions" => &volume_restrictions::VolumeRestrictions,
        "NodeVolumeLimits" => &node_volume_limits::NodeVolumeLimits,
        "VolumeBinding" => &volume_binding::VolumeBinding,
        "VolumeZone" => &volume_zone::VolumeZone,
        "PodTopologySpread" => &pod_topology_spread::PodTopologySpread,
        "InterPodAffinity" => &inter_pod_affinity::InterPodAffinity,
        "DynamicResources" => &dynamic_resources::DynamicResources,
        "NodeResourcesBalancedAllocation" => &node_resources_balanced_allocation::NodeResourcesBalancedAllocation,
        "ImageLocality" => &image_locality::ImageLocality,
        "NodeDeclaredFeatures" => &node_declared_features::NodeDeclaredFeatures,
        _ => return None,
    })
}
