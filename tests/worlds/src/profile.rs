//! The default profile of kube-scheduler 1.37.

use bayplan_core::{Plugin, ProfileDef, Rule};

const fn rule(plugin: Plugin) -> Rule {
    Rule::Plugin(plugin)
}

/// What filters, in order.
pub const FILTERS: [Rule; 14] = [
    rule(Plugin::NodeUnschedulable),
    rule(Plugin::NodeName),
    rule(Plugin::TaintToleration),
    rule(Plugin::NodeAffinity),
    rule(Plugin::NodePorts),
    rule(Plugin::NodeResourcesFit),
    rule(Plugin::VolumeRestrictions),
    rule(Plugin::NodeVolumeLimits),
    rule(Plugin::VolumeBinding),
    rule(Plugin::VolumeZone),
    rule(Plugin::PodTopologySpread),
    rule(Plugin::InterPodAffinity),
    rule(Plugin::DynamicResources),
    rule(Plugin::NodeDeclaredFeatures),
];

/// What scores, with weights.
pub const SCORES: [(Rule, i64); 9] = [
    (rule(Plugin::TaintToleration), 3),
    (rule(Plugin::NodeAffinity), 2),
    (rule(Plugin::NodeResourcesFit), 1),
    (rule(Plugin::VolumeBinding), 1),
    (rule(Plugin::PodTopologySpread), 2),
    (rule(Plugin::InterPodAffinity), 2),
    (rule(Plugin::DynamicResources), 2),
    (rule(Plugin::NodeResourcesBalancedAllocation), 1),
    (rule(Plugin::ImageLocality), 1),
];

/// The profile.
#[must_use]
pub fn default_profile() -> ProfileDef<'static> {
    ProfileDef { filters: &FILTERS, scores: &SCORES, ..ProfileDef::default() }
}
