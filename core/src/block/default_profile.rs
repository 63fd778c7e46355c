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

/// What scores, with its weight.
const SCORES: [(Plugin, i64); 7] = [
    (Plugin::TaintToleration, 3),
    (Plugin::NodeAffinity, 2),
    (Plugin::NodeResourcesFit, 1),
    (Plugin::PodTopologySpread, 2),
    (Plugin::InterPodAffinity, 2),
    (Plugin::NodeResourcesBalancedAllocation, 1),
    (Plugin::ImageLocality, 1),
];

/// What filters in the default profile of Kubernetes 1.`minor`, in order; nothing for a version that is not known.
#[must_use]
pub fn default_filters(minor: u32) -> &'static [Plugin] {
    match minor {
        36..=LAST => &FILTERS,
        FIRST..36 => &FILTERS[..FILTERS.len() - 1],
        _ => &[],
    }
}

/// What scores in the default profile, with its weight.
#[must_use]
pub fn default_scores() -> &'static [(Plugin, i64)] {
    &SCORES
}

impl Scheduler<'_> {
    /// Adds the default profile of Kubernetes 1.`minor`: what a scheduler without a configuration runs.
    ///
    /// # Errors
    /// [`Error::Full`]; [`Error::OutOfRange`] for a version that is not known.
    pub fn add_default_profile(&mut self, minor: u32) -> Result<ProfileId, Error> {
        let known = default_filters(minor).len();
        if known == 0 {
            return Err(Error::OutOfRange { field: "minor version", most: u64::from(LAST) });
        }
        let filters = FILTERS.map(Rule::Plugin);
        let scores = SCORES.map(|(plugin, weight)| (Rule::Plugin(plugin), weight));
        let def = ProfileDef { filters: &filters[..known], scores: &scores, ..ProfileDef::default() };
        self.add_profile(&ProfileDef { balanced_by_difference: minor >= 36, ..def })
    }
}
