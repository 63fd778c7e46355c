//! kube-scheduler's default profile, version by version (upstream: `apis/config/v1/default_plugins.go`).

use super::Scheduler;
use crate::plugin::Plugin;
use crate::tables::{ProfileDef, Rule};
use crate::{Error, ProfileId};

/// The first minor version of Kubernetes 1 whose default profile is known.
const FIRST: u32 = 34;
/// The last.
const LAST: u32 = 37;

/// What filters, in order.
const FILTERS: [Plugin; 14] = [
    Plugin::NodeUnschedulable,
    Plugin::NodeName,
    Plugin::TaintToleration,
    Plugin::NodeAffinity,
    Plugin::NodePorts,
    Plugin::NodeResourcesFit,
    Plugin::VolumeRestrictions,
    Plugin::NodeVolumeLimits,
    Plugin::VolumeBinding,
    Plugin::VolumeZone,
    Plugin::PodTopologySpread,
    Plugin::InterPodAffinity,
    Plugin::DynamicResources,
    // From 1.36 on.
    Plugin::NodeDeclaredFeatures,
];

/// From 1.37 on the node's name is looked at first.
const NAME_FIRST: [Plugin; FILTERS.len()] = {
    let mut filters = FILTERS;
    (filters[0], filters[1]) = (FILTERS[1], FILTERS[0]);
    filters
};

/// What scores, with its weight.
const SCORES: [(Plugin, i64); 8] = [
    (Plugin::TaintToleration, 3),
    (Plugin::NodeAffinity, 2),
    (Plugin::NodeResourcesFit, 1),
    (Plugin::PodTopologySpread, 2),
    (Plugin::InterPodAffinity, 2),
    (Plugin::NodeResourcesBalancedAllocation, 1),
    (Plugin::ImageLocality, 1),
    // From 1.35 on.
    (Plugin::DynamicResources, 2),
];

/// What filters in the default profile of Kubernetes 1.`minor`, in order; nothing for a version that is not known.
#[must_use]
pub fn default_filters(minor: u32) -> &'static [Plugin] {
    match minor {
        37..=LAST => &NAME_FIRST,
        36 => &FILTERS,
        FIRST..36 => &FILTERS[..FILTERS.len() - 1],
        _ => &[],
    }
}

/// What scores in the default profile of Kubernetes 1.`minor`, with its weight; nothing for a version that is not known.
#[must_use]
pub fn default_scores(minor: u32) -> &'static [(Plugin, i64)] {
    match minor {
        35..=LAST => &SCORES,
        FIRST..35 => &SCORES[..SCORES.len() - 1],
        _ => &[],
    }
}

impl Scheduler<'_> {
    /// Adds the default profile of Kubernetes 1.`minor`: what a scheduler without a configuration runs.
    ///
    /// # Errors
    /// [`Error::Full`]; [`Error::OutOfRange`] for a version that is not known.
    pub fn add_default_profile(&mut self, minor: u32) -> Result<ProfileId, Error> {
        let mut filters = [Rule::Plugin(Plugin::NodeName); FILTERS.len()];
        let mut scores = [(Rule::Plugin(Plugin::NodeName), 0); SCORES.len()];
        let known = default_filters(minor);
        for (rule, plugin) in filters.iter_mut().zip(known) {
            *rule = Rule::Plugin(*plugin);
        }
        for (rule, (plugin, weight)) in scores.iter_mut().zip(default_scores(minor)) {
            *rule = (Rule::Plugin(*plugin), *weight);
        }
        if known.is_empty() {
            return Err(Error::OutOfRange { field: "minor version", most: u64::from(LAST) });
        }
        let filters = FILTERS.map(Rule::Plugin);
        let scores = SCORES.map(|(plugin, weight)| (Rule::Plugin(plugin), weight));
        let def = ProfileDef {
            filters: &filters[..known.len()],
            scores: &scores[..default_scores(minor).len()],
            ..ProfileDef::default()
        };
        self.add_profile(&ProfileDef { balanced_by_difference: minor >= 36, ..def })
    }
}
