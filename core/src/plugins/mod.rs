//! The rules, one file each, named as kube-scheduler names them.
//!
//! A filter marks, in a column of masks, the nodes that it rejects; a score adds to a column. Both work on a range of
//! nodes: all of them when a class is asked for the first time, one when the journal says that it changed.

pub(crate) mod image_locality;
pub(crate) mod inter_pod_affinity;
pub(crate) mod node_affinity;
pub(crate) mod node_declared_features;
pub(crate) mod node_name;
pub(crate) mod node_ports;
pub(crate) mod node_resources_balanced_allocation;
pub(crate) mod node_resources_fit;
pub(crate) mod node_unschedulable;
pub(crate) mod node_volume_limits;
pub(crate) mod pod_topology_spread;
pub(crate) mod taint_toleration;
pub(crate) mod volume_binding;
pub(crate) mod volume_restrictions;
pub(crate) mod volume_zone;

pub use volume_binding::{MAX_WAITING, Volumes, Waiting};

use core::ops::Range;

use crate::cache::{Cache, Scratch};
use crate::cycle::Request;
use crate::shares::Shares;
use crate::tables::{ProfileRow, SpecRow, Tables};
use crate::{DriverId, NodeId, ResourceId, SpecId};

macro_rules! plugins {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// A rule of kube-scheduler.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Plugin {
            $($(#[$doc])* $name,)*
        }
        impl Plugin {
            /// All rules, in the order of the default profile.
            pub const ALL: [Self; crate::tables::PLUGINS] = [$(Self::$name),*];
            /// The name in kube-scheduler's configuration.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }
    };
}

plugins! {
    /// Cordoned nodes.
    NodeUnschedulable,
    /// A pod that names its node.
    NodeName,
    /// Taints and tolerations.
    TaintToleration,
    /// Node selector and node affinity.
    NodeAffinity,
    /// Host ports.
    NodePorts,
    /// Whether the requests fit, and how full they make the node.
    NodeResourcesFit,
    /// Disks that only one pod may use.
    VolumeRestrictions,
    /// How many volumes a node takes.
    NodeVolumeLimits,
    /// Whether the volumes can be had on the node.
    VolumeBinding,
    /// Zones of volumes.
    VolumeZone,
    /// How evenly pods lie over a topology.
    PodTopologySpread,
    /// Near to and far from other pods.
    InterPodAffinity,
    /// Claims on devices.
    DynamicResources,
    /// Features that the node must declare.
    NodeDeclaredFeatures,
    /// How evenly the node's resources are used.
    NodeResourcesBalancedAllocation,
    /// Images that the node has.
    ImageLocality,
}

/// Why a rule rejects a node. Its text is kube-scheduler's; the caller has the names of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The affinity names other nodes; kube-scheduler leaves the node out before filtering.
    NotNamed,
    /// The node is cordoned.
    Unschedulable,
    /// The pod names another node.
    NodeName,
    /// A taint is not tolerated.
    Taint,
    /// The profile's added affinity does not match.
    EnforcedAffinity,
    /// The pod's selector or affinity does not match.
    NodeAffinity,
    /// A host port is taken.
    Ports,
    /// The node holds as many pods as it takes.
    TooManyPods,
    /// Too little is left of a resource; `beyond` where even an empty node has too little.
    Insufficient {
        /// Which.
        resource: ResourceId,
        /// More is asked for than the node has in all.
        beyond: bool,
    },
    /// The node lacks a topology key of a spread constraint.
    SpreadMissingLabel,
    /// A spread constraint would be broken.
    Spread,
    /// No pod that a required term wants near is in the node's domain.
    Affinity,
    /// A pod that a required term wants far is in the node's domain.
    AntiAffinity,
    /// A bound pod's required term wants this one far.
    ExistingAntiAffinity,
    /// A disk is in use.
    Disk,
    /// A claim that only one pod may use is in use.
    ClaimInUse,
    /// A storage driver is not installed on the node.
    DriverMissing(DriverId),
    /// The node holds as many volumes of a driver as it takes.
    TooManyVolumes,
    /// A bound volume cannot be reached.
    VolumeNotReachable,
    /// A claim's volume is no object.
    NoSuchVolume,
    /// There is no volume for a claim, and none can be made.
    NoVolumeToBind,
    /// There is no room to make a volume.
    NoSpace,
    /// A volume is in another zone.
    VolumeZone,
    /// The node does not declare a feature.
    Features,
    /// The caller's own mask.
    Overlay,
}

impl Reason {
    /// Whether no preemption can help.
    #[must_use]
    pub fn unresolvable(self) -> bool {
        match self {
            Self::Ports
            | Self::TooManyPods
            | Self::Spread
            | Self::AntiAffinity
            | Self::ExistingAntiAffinity
            | Self::Disk
            | Self::ClaimInUse
            | Self::DriverMissing(_)
            | Self::TooManyVolumes
            | Self::Overlay => false,
            Self::Insufficient { beyond, .. } => beyond,
            _ => true,
        }
    }
}

/// Bits of a mask that say which of a rule's reasons holds; the rule's own bit is set beside them.
pub(crate) mod detail {
    pub(crate) const SPREAD_LABEL: u32 = 1 << 18;
    pub(crate) const SPREAD: u32 = 1 << 19;
    pub(crate) const AFFINITY: u32 = 1 << 20;
    pub(crate) const ANTI_AFFINITY: u32 = 1 << 21;
    pub(crate) const EXISTING_ANTI_AFFINITY: u32 = 1 << 22;
    pub(crate) const DISK: u32 = 1 << 23;
    pub(crate) const DRIVER: u32 = 1 << 24;
    pub(crate) const NOT_REACHABLE: u32 = 1 << 25;
    pub(crate) const NO_SUCH_VOLUME: u32 = 1 << 26;
    pub(crate) const NONE_TO_BIND: u32 = 1 << 27;
    pub(crate) const NO_SPACE: u32 = 1 << 28;

    /// All bits of a rule.
    pub(crate) fn of(plugin: super::Plugin) -> u32 {
        match plugin {
            super::Plugin::PodTopologySpread => SPREAD_LABEL | SPREAD,
            super::Plugin::InterPodAffinity => AFFINITY | ANTI_AFFINITY | EXISTING_ANTI_AFFINITY,
            super::Plugin::VolumeRestrictions => DISK,
            super::Plugin::NodeVolumeLimits => DRIVER,
            super::Plugin::VolumeBinding => NOT_REACHABLE | NO_SUCH_VOLUME | NONE_TO_BIND | NO_SPACE,
            _ => 0,
        }
    }
}

/// A spec class while it is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Class<'t> {
    pub(crate) t: &'t Tables<'t>,
    pub(crate) spec: SpecId,
    pub(crate) row: &'t SpecRow,
    pub(crate) profile: &'t ProfileRow,
}

impl<'t> Class<'t> {
    /// A column of a resource over all nodes.
    pub(crate) fn column<'c>(&self, column: &'c [i64], resource: usize) -> &'c [i64] {
        let stride = self.t.limits.nodes as usize;
        column.get(resource * stride..(resource + 1) * stride).unwrap_or(&[])
    }

    /// The class's row in a table of requests.
    pub(crate) fn requests<'c>(&self, table: &'c [i64]) -> &'c [i64] {
        let stride = self.t.limits.resources as usize;
        &table[self.spec.at() * stride..(self.spec.at() + 1) * stride]
    }

    /// The column of a label key over all nodes.
    pub(crate) fn labels(&self, key: u32) -> &'t [u32] {
        self.t.labels_of(key)
    }

    /// The (id, weight) list of the fit score.
    pub(crate) fn fit_resources(&self) -> impl Iterator<Item = (usize, i64)> + 't {
        self.t
            .list(self.profile.fit_resources)
            .chunks_exact(3)
            .map(|c| (c[0] as usize, (u64::from(c[2]) << 32 | u64::from(c[1])) as i64))
    }
}

/// Marks the nodes of the range that a rule rejects whose verdict depends on the class and the node alone.
pub(crate) fn filter_cached(
    plugin: Plugin,
    class: &Class<'_>,
    range: Range<usize>,
    bit: u32,
    mask: &mut [u32],
    facts: &[u16],
) {
    match plugin {
        Plugin::NodeUnschedulable => node_unschedulable::filter(class, range, bit, mask),
        Plugin::TaintToleration => taint_toleration::filter(&facts[range.clone()], bit, &mut mask[range]),
        Plugin::NodeAffinity => node_affinity::filter(class, range, bit, mask),
        Plugin::NodePorts => node_ports::filter(class, range, bit, mask),
        Plugin::NodeResourcesFit => node_resources_fit::filter(class, range, bit, mask),
        Plugin::NodeDeclaredFeatures => node_declared_features::filter(class, range, bit, mask),
        _ => {}
    }
}

/// Adds the weighted score of a rule that needs no normalising, where the profile has the rule.
pub(crate) fn score_cached(
    plugin: Plugin,
    class: &Class<'_>,
    range: Range<usize>,
    out: &mut [i64],
    shares: Option<Shares<'_>>,
    work: &mut Scratch<'_>,
) {
    match (plugin, class.profile.weights[plugin as usize]) {
        (_, 0) => {}
        (Plugin::NodeResourcesFit, weight) => node_resources_fit::score(class, range, weight, out, work, shares),
        (Plugin::NodeResourcesBalancedAllocation, weight) => {
            node_resources_balanced_allocation::score(class, range, weight, out, shares);
        }
        (Plugin::ImageLocality, weight) => image_locality::score(class, range, weight, out, work),
        _ => {}
    }
}

/// Marks the nodes that a rule rejects whose verdict depends on other pods.
pub(crate) fn filter_by_pods(
    plugin: Plugin,
    class: &Class<'_>,
    request: &Request<'_>,
    bit: u32,
    cache: &mut Cache<'_>,
    mask: &mut [u32],
    work: &mut Scratch<'_>,
) {
    match plugin {
        Plugin::NodeName => node_name::filter(class, request, bit, mask),
        Plugin::PodTopologySpread => pod_topology_spread::filter(class, request, bit, cache, mask, work),
        Plugin::InterPodAffinity => inter_pod_affinity::filter(class, request, bit, cache, mask, work),
        Plugin::VolumeRestrictions => volume_restrictions::filter(class, request, bit, mask),
        Plugin::NodeVolumeLimits => node_volume_limits::filter(class, request, bit, mask, work),
        Plugin::VolumeBinding => volume_binding::filter(class, request, bit, mask),
        Plugin::VolumeZone => volume_zone::filter(class, request, bit, mask),
        _ => {}
    }
}

/// Calls `emit` with each reason for which a rule rejects a node; given is the node's mask, and of which resources too little is
/// left.
pub(crate) fn reasons(
    plugin: Plugin,
    class: &Class<'_>,
    request: &Request<'_>,
    node: NodeId,
    (mask, short): (u32, u64),
    emit: &mut dyn FnMut(Reason),
) {
    let mut emit_first = |of: &[(u32, Reason)]| {
        if let Some((_, reason)) = of.iter().find(|(bit, _)| mask & bit != 0) {
            emit(*reason);
        }
    };
    match plugin {
        Plugin::NodeUnschedulable => emit(Reason::Unschedulable),
        Plugin::NodeName => emit(Reason::NodeName),
        Plugin::TaintToleration => emit(Reason::Taint),
        Plugin::NodeAffinity => emit(node_affinity::reason(class, node)),
        Plugin::NodePorts => emit(Reason::Ports),
        Plugin::NodeResourcesFit => {
            node_resources_fit::reasons(class, node, short, emit);
        }
        Plugin::NodeDeclaredFeatures => emit(Reason::Features),
        Plugin::VolumeRestrictions => emit_first(&[(detail::DISK, Reason::Disk), (u32::MAX, Reason::ClaimInUse)]),
        Plugin::NodeVolumeLimits if mask & detail::DRIVER != 0 => {
            emit(Reason::DriverMissing(node_volume_limits::lacking(class, request, node.at())));
        }
        Plugin::NodeVolumeLimits => emit(Reason::TooManyVolumes),
        Plugin::VolumeZone => emit(Reason::VolumeZone),
        Plugin::VolumeBinding => {
            for (bit, reason) in [
                (detail::NOT_REACHABLE, Reason::VolumeNotReachable),
                (detail::NO_SUCH_VOLUME, Reason::NoSuchVolume),
                (detail::NONE_TO_BIND, Reason::NoVolumeToBind),
                (detail::NO_SPACE, Reason::NoSpace),
            ] {
                if mask & bit != 0 {
                    emit(reason);
                }
            }
        }
        Plugin::PodTopologySpread => {
            emit_first(&[(detail::SPREAD_LABEL, Reason::SpreadMissingLabel), (detail::SPREAD, Reason::Spread)]);
        }
        Plugin::InterPodAffinity => emit_first(&[
            (detail::AFFINITY, Reason::Affinity),
            (detail::ANTI_AFFINITY, Reason::AntiAffinity),
            (detail::EXISTING_ANTI_AFFINITY, Reason::ExistingAntiAffinity),
        ]),
        _ => {}
    }
}
