//! kube-scheduler's default profile, version by version (upstream: `apis/config/v1/default_plugins.go`).

use super::Scheduler;
use crate::plugin::Plugin;
use crate::tables::{ProfileDef, Rule, ShapePoint};
use crate::{Error, ProfileId};

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
const SCORES: [(Plugin, i64); 9] = [
    (Plugin::TaintToleration, 3),
    (Plugin::NodeAffinity, 2),
    (Plugin::NodeResourcesFit, 1),
    (Plugin::PodTopologySpread, 2),
    (Plugin::InterPodAffinity, 2),
    (Plugin::NodeResourcesBalancedAllocation, 1),
    (Plugin::ImageLocality, 1),
    // From 1.35 on.
    (Plugin::DynamicResources, 2),
    // From 1.37 on.
    (Plugin::VolumeBinding, 1),
];

/// The utilization function of storage, from 1.37 on: the emptier the better.
const VOLUME_SHAPE: [ShapePoint; 2] =
    [ShapePoint { utilization: 0, score: 100 }, ShapePoint { utilization: 100, score: 0 }];

/// What differs from version to version in the default profile.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DefaultProfile {
    /// What filters, in order.
    pub filters: &'static [Plugin],
    /// What scores, with its weight.
    pub scores: &'static [(Plugin, i64)],
    /// The utilization function of storage.
    pub volume_shape: &'static [ShapePoint],
    /// See [`ProfileDef::balanced_by_difference`].
    pub balanced_by_difference: bool,
}

impl DefaultProfile {
    /// That of Kubernetes 1.`minor`; nothing for a version that is not known.
    #[must_use]
    pub fn of(minor: u32) -> Option<Self> {
        let (filters, scores): (&[_], &[_]) = match minor {
            37 => (&NAME_FIRST, &SCORES),
            36 => (&FILTERS, &SCORES[..SCORES.len() - 1]),
            35 => (&FILTERS[..FILTERS.len() - 1], &SCORES[..SCORES.len() - 1]),
            34 => (&FILTERS[..FILTERS.len() - 1], &SCORES[..SCORES.len() - 2]),
            _ => return None,
        };
        let volume_shape: &[ShapePoint] = if minor >= 37 { &VOLUME_SHAPE } else { &[] };
        Some(DefaultProfile { filters, scores, volume_shape, balanced_by_difference: minor >= 36 })
    }
}

impl Scheduler<'_> {
    /// Adds the default profile of Kubernetes 1.`minor`: what a scheduler without a configuration runs.
    ///
    /// # Errors
    /// [`Error::Full`]; [`Error::OutOfRange`] for a version that is not known.
    pub fn add_default_profile(&mut self, minor: u32) -> Result<ProfileId, Error> {
        let known = DefaultProfile::of(minor);
        let known = known.ok_or(Error::OutOfRange { field: "minor version, which is 34 or more", most: 37 })?;
        let mut filters = [Rule::Plugin(Plugin::NodeName); FILTERS.len()];
        let mut scores = [(Rule::Plugin(Plugin::NodeName), 0); SCORES.len()];
        for (rule, plugin) in filters.iter_mut().zip(known.filters) {
            *rule = Rule::Plugin(*plugin);
        }
        for (rule, (plugin, weight)) in scores.iter_mut().zip(known.scores) {
            *rule = (Rule::Plugin(*plugin), *weight);
        }
        self.add_profile(&ProfileDef {
            filters: &filters[..known.filters.len()],
            scores: &scores[..known.scores.len()],
            volume_shape: known.volume_shape,
            balanced_by_difference: known.balanced_by_difference,
            ..ProfileDef::default()
        })
    }
}
