//! The names of plugins, and the reasons that they give: the ground that tables and plugins both stand on.

use crate::{DriverId, ExternalId, NONE, ResourceId};

/// The one list of plugins: each with its name in a scheduler configuration and its file in `plugins/`, in the order of
/// kube-scheduler's default profile. A line here is all that a new plugin needs outside its file.
macro_rules! for_each_plugin {
    ($then:ident) => {
        $then! {
            /// Rejects cordoned nodes.
            NodeUnschedulable: node_unschedulable,
            /// Rejects all nodes but the one that `spec.nodeName` names.
            NodeName: node_name,
            /// Rejects nodes with taints that the pod does not tolerate; scores by `PreferNoSchedule` taints.
            TaintToleration: taint_toleration,
            /// `nodeSelector` and node affinity, required and preferred.
            NodeAffinity: node_affinity,
            /// Rejects nodes on which a host port of the pod is taken.
            NodePorts: node_ports,
            /// Rejects nodes that the pod's requests do not fit; scores by how full they make the node.
            NodeResourcesFit: node_resources_fit,
            /// Disks and `ReadWriteOncePod` claims that another pod uses.
            VolumeRestrictions: volume_restrictions,
            /// How many volumes of each CSI driver a node takes.
            NodeVolumeLimits: node_volume_limits,
            /// Whether the pod's claims can be bound or provisioned on the node.
            VolumeBinding: volume_binding,
            /// Volumes that are labelled with a zone or region.
            VolumeZone: volume_zone,
            /// Topology spread constraints, `DoNotSchedule` and `ScheduleAnyway`.
            PodTopologySpread: pod_topology_spread,
            /// Pod affinity and anti-affinity, the pod's own and that of bound pods.
            InterPodAffinity: inter_pod_affinity,
            /// Claims on devices; not evaluated by this crate.
            DynamicResources: dynamic_resources,
            /// Features that the node must declare.
            NodeDeclaredFeatures: node_declared_features,
            /// Scores by how evenly CPU and memory are used.
            NodeResourcesBalancedAllocation: node_resources_balanced_allocation,
            /// Scores by the pod's images that the node has already.
            ImageLocality: image_locality,
        }
    };
}
pub(crate) use for_each_plugin;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $file:ident,)*) => {
        /// A plugin of kube-scheduler.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Plugin {
            $($(#[$doc])* $name,)*
        }
        impl Plugin {
            /// All plugins, in the order of the default profile.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
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
for_each_plugin!(names);

/// How many plugins there are.
pub(crate) const PLUGINS: usize = Plugin::ALL.len();

/// The status code of a rejection, as in kube-scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// Evicting pods may help.
    Unschedulable,
    /// Evicting pods cannot help.
    UnschedulableAndUnresolvable,
}

impl Code {
    /// The name in kube-scheduler's source and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unschedulable => "Unschedulable",
            Self::UnschedulableAndUnresolvable => "UnschedulableAndUnresolvable",
        }
    }
}

/// Who rejects a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RejectedBy {
    /// A PreFilter plugin named other nodes (a `PreFilterResult`): the node is left out before filters run.
    PreFilterResult,
    /// A filter plugin.
    Plugin(Plugin),
    /// A rule of the caller's own, in a named slot.
    External(ExternalId),
    /// The caller, for this request alone: [`crate::Request::rejects`] or [`crate::Filtered::reject`].
    Caller,
}

/// Why a node is rejected: who rejects it, which of its reasons it is, and what it is about. The constants lie beside the
/// plugins, as in [`crate::plugins::taint_toleration::UNTOLERATED`]. It is a number without a text: the caller has the names of
/// resources and drivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reason {
    by: RejectedBy,
    kind: u8,
    subject: u32,
    code: Code,
}

impl Reason {
    /// The affinity names other nodes.
    pub const NOT_NAMED: Self =
        Self { by: RejectedBy::PreFilterResult, kind: 0, subject: NONE, code: Code::UnschedulableAndUnresolvable };
    /// The caller rejects the node for this request.
    pub const CALLER: Self = Self { by: RejectedBy::Caller, kind: 0, subject: NONE, code: Code::Unschedulable };

    /// The `kind`th reason of a plugin that preemption may help with.
    pub(crate) const fn resolvable(plugin: Plugin, kind: u8) -> Self {
        Self { by: RejectedBy::Plugin(plugin), kind, subject: NONE, code: Code::Unschedulable }
    }

    /// The `kind`th reason of a plugin that no preemption can help with.
    pub(crate) const fn unresolvable(plugin: Plugin, kind: u8) -> Self {
        Self { code: Code::UnschedulableAndUnresolvable, ..Self::resolvable(plugin, kind) }
    }

    /// The reason of a caller's own rule, with a code of the caller's; where its highest bit is set, no preemption can help.
    pub(crate) const fn external(slot: ExternalId, code: u32) -> Self {
        let kind = if code >> 31 == 1 { Code::UnschedulableAndUnresolvable } else { Code::Unschedulable };
        Self { by: RejectedBy::External(slot), kind: 0, subject: code, code: kind }
    }

    pub(crate) const fn about(self, subject: u32) -> Self {
        Self { subject, ..self }
    }

    /// The same reason with the code that says no preemption can help.
    pub(crate) const fn beyond_help(self) -> Self {
        Self { code: Code::UnschedulableAndUnresolvable, ..self }
    }

    /// Who rejects the node.
    #[must_use]
    pub const fn by(self) -> RejectedBy {
        self.by
    }

    /// The plugin, where it is one.
    #[must_use]
    pub const fn plugin(self) -> Option<Plugin> {
        match self.by {
            RejectedBy::Plugin(plugin) => Some(plugin),
            _ => None,
        }
    }

    /// Which of the plugin's reasons it is, counted from 0 in the order of [`crate::plugins::reasons`].
    #[must_use]
    pub const fn kind(self) -> u8 {
        self.kind
    }

    /// Whether preemption may help.
    #[must_use]
    pub const fn code(self) -> Code {
        self.code
    }

    /// The resource of which too little is left, where it is about one.
    #[must_use]
    pub const fn resource(self) -> ResourceId {
        ResourceId(self.subject)
    }

    /// The driver that is missing, where it is about one.
    #[must_use]
    pub const fn driver(self) -> DriverId {
        DriverId(self.subject)
    }

    /// The code that the caller's own rule gave.
    #[must_use]
    pub const fn external_code(self) -> u32 {
        self.subject
    }

    /// Whether it is the same reason, whatever it is about and whether or not preemption may help.
    #[must_use]
    pub fn is(self, other: Self) -> bool {
        self.by == other.by && self.kind == other.kind
    }

    /// The reason as messages count it: whether preemption may help changes the code, not the text.
    #[must_use]
    pub const fn as_counted(self) -> Self {
        Self { code: Code::Unschedulable, ..self }
    }
}
