//! kube-scheduler's own plugins: their names, what they take part in, and the default list of each version.

use std::{fmt, str::FromStr};

use crate::version::Version;

macro_rules! plugins {
    ($($name:ident),* $(,)?) => {
        /// A plugin of kube-scheduler, by its own name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the names are kube-scheduler's")]
        pub enum Plugin { $($name),* }

        impl Plugin {
            /// Every plugin of any version, in name order.
            pub const ALL: &[Plugin] = &[$(Plugin::$name),*];

            /// The name, as configurations and the scheduler's own records have it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Plugin::$name => stringify!($name)),* }
            }
        }
    };
}

plugins! {
    DefaultBinder, DefaultPreemption, DeferredPodScheduling, DynamicResources, GangScheduling, ImageLocality,
    InterPodAffinity, NodeAffinity, NodeDeclaredFeatures, NodeName, NodePorts, NodeResourcesBalancedAllocation,
    NodeResourcesFit, NodeUnschedulable, NodeVolumeLimits, PodGroupPodsCount, PodTopologySpread, PrioritySort,
    SchedulingGates, TaintToleration, TopologyPlacementGenerator, VolumeBinding, VolumeRestrictions, VolumeZone,
}

impl fmt::Display for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Plugin {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Plugin::ALL.iter().copied().find(|plugin| plugin.name() == name).ok_or(())
    }
}

/// An extension point: a step of scheduling that plugins take part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    PreEnqueue,
    QueueSort,
    PreFilter,
    Filter,
    PostFilter,
    PreScore,
    Score,
    Reserve,
    Permit,
    PreBind,
    Bind,
    PostBind,
    PlacementGenerate,
    PlacementScore,
    PodGroupPostFilter,
}

impl Point {
    pub(super) const ALL: [Point; 15] = [
        Point::PreEnqueue,
        Point::QueueSort,
        Point::PreFilter,
        Point::Filter,
        Point::PostFilter,
        Point::PreScore,
        Point::Score,
        Point::Reserve,
        Point::Permit,
        Point::PreBind,
        Point::Bind,
        Point::PostBind,
        Point::PlacementGenerate,
        Point::PlacementScore,
        Point::PodGroupPostFilter,
    ];

    /// The field of `plugins` that configures it.
    pub(super) fn field(self) -> &'static str {
        match self {
            Point::PreEnqueue => "preEnqueue",
            Point::QueueSort => "queueSort",
            Point::PreFilter => "preFilter",
            Point::Filter => "filter",
            Point::PostFilter => "postFilter",
            Point::PreScore => "preScore",
            Point::Score => "score",
            Point::Reserve => "reserve",
            Point::Permit => "permit",
            Point::PreBind => "preBind",
            Point::Bind => "bind",
            Point::PostBind => "postBind",
            Point::PlacementGenerate => "placementGenerate",
            Point::PlacementScore => "placementScore",
            Point::PodGroupPostFilter => "podGroupPostFilter",
        }
    }

    /// The first version that has it.
    pub(super) fn since(self) -> Version {
        match self {
            Point::PlacementGenerate | Point::PlacementScore => Version::V1_36,
            Point::PodGroupPostFilter => Version::V1_37,
            _ => Version::V1_34,
        }
    }
}

impl Plugin {
    /// The first version that has the plugin.
    fn since(self) -> Version {
        use Plugin as P;
        match self {
            P::GangScheduling | P::NodeDeclaredFeatures => Version::V1_35,
            P::TopologyPlacementGenerator | P::PodGroupPodsCount => Version::V1_36,
            P::DeferredPodScheduling => Version::V1_37,
            _ => Version::V1_34,
        }
    }

    /// Whether the version has the plugin.
    #[must_use]
    pub fn is_in(self, version: Version) -> bool {
        version >= self.since()
    }

    /// Whether the plugin, though the version has it, is idle because its feature gate is off by default.
    pub(super) fn is_idle(self, version: Version) -> bool {
        use Plugin as P;
        match self {
            P::DeferredPodScheduling | P::GangScheduling | P::PodGroupPodsCount | P::TopologyPlacementGenerator => true,
            P::NodeDeclaredFeatures => version < Version::V1_36,
            _ => false,
        }
    }

    /// Whether the plugin takes part in the point.
    pub(super) fn implements(self, point: Point, version: Version) -> bool {
        use Plugin as P;
        match point {
            Point::PreEnqueue => {
                matches!(self, P::SchedulingGates | P::DynamicResources | P::DefaultPreemption | P::GangScheduling)
            }
            Point::QueueSort => self == P::PrioritySort,
            Point::PreFilter => match self {
                P::NodeName | P::NodeUnschedulable | P::TaintToleration => version >= Version::V1_37,
                _ => self.implements(Point::Filter, version),
            },
            Point::Filter => matches!(
                self,
                P::DeferredPodScheduling
                    | P::DynamicResources
                    | P::InterPodAffinity
                    | P::NodeAffinity
                    | P::NodeDeclaredFeatures
                    | P::NodeName
                    | P::NodePorts
                    | P::NodeResourcesFit
                    | P::NodeUnschedulable
                    | P::NodeVolumeLimits
                    | P::PodTopologySpread
                    | P::TaintToleration
                    | P::VolumeBinding
                    | P::VolumeRestrictions
                    | P::VolumeZone
            ),
            Point::PostFilter => matches!(self, P::DefaultPreemption | P::DynamicResources),
            Point::PreScore => {
                self.implements(Point::Score, version) && !matches!(self, P::DynamicResources | P::ImageLocality)
            }
            Point::Score => match self {
                P::DynamicResources => version >= Version::V1_35,
                _ => matches!(
                    self,
                    P::ImageLocality
                        | P::InterPodAffinity
                        | P::NodeAffinity
                        | P::NodeResourcesBalancedAllocation
                        | P::NodeResourcesFit
                        | P::PodTopologySpread
                        | P::TaintToleration
                        | P::VolumeBinding
                ),
            },
            Point::Reserve => match self {
                P::GangScheduling => version == Version::V1_35,
                _ => matches!(self, P::DynamicResources | P::VolumeBinding),
            },
            Point::Permit => matches!(self, P::GangScheduling | P::DeferredPodScheduling),
            Point::PreBind => matches!(self, P::DynamicResources | P::VolumeBinding),
            Point::Bind => self == P::DefaultBinder,
            Point::PostBind => false,
            Point::PlacementGenerate => self == P::TopologyPlacementGenerator,
            Point::PlacementScore => matches!(self, P::NodeResourcesFit | P::PodGroupPodsCount),
            Point::PodGroupPostFilter => matches!(self, P::DefaultPreemption | P::DynamicResources),
        }
    }

    /// What a version turns on at every point where it can, with the weights of scores.
    pub(super) fn defaults(version: Version) -> Vec<(Plugin, Option<i32>)> {
        use Plugin as P;
        let mut list = vec![
            (P::SchedulingGates, None),
            (P::PrioritySort, None),
            (P::NodeUnschedulable, None),
            (P::NodeName, None),
            (P::TaintToleration, Some(3)),
            (P::NodeAffinity, Some(2)),
            (P::NodePorts, None),
            (P::NodeResourcesFit, Some(1)),
            (P::VolumeRestrictions, None),
            (P::NodeVolumeLimits, None),
            (P::VolumeBinding, None),
            (P::VolumeZone, None),
            (P::PodTopologySpread, Some(2)),
            (P::InterPodAffinity, Some(2)),
            (P::DynamicResources, Some(2)),
            (P::DefaultPreemption, None),
            (P::NodeResourcesBalancedAllocation, Some(1)),
            (P::ImageLocality, Some(1)),
            (P::DefaultBinder, None),
        ];
        if version >= Version::V1_36 {
            list.push((P::NodeDeclaredFeatures, None));
        }
        if version >= Version::V1_37 {
            list.swap(2, 3);
        }
        list
    }
}
