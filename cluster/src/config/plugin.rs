//! kube-scheduler's own plugins, by name.

use std::{fmt, str::FromStr};

/// The one list of plugins: each with its name and its file in `plugins/`, in the order in which the default profile runs them; those that it
/// does not run come last. A line here is all that a new plugin needs outside its file.
macro_rules! for_each_plugin {
    ($then:ident) => {
        $then! {
            SchedulingGates: scheduling_gates,
            PrioritySort: priority_sort,
            NodeUnschedulable: node_unschedulable,
            NodeName: node_name,
            TaintToleration: taint_toleration,
            NodeAffinity: node_affinity,
            NodePorts: node_ports,
            NodeResourcesFit: node_resources_fit,
            VolumeRestrictions: volume_restrictions,
            NodeVolumeLimits: node_volume_limits,
            VolumeBinding: volume_binding,
            VolumeZone: volume_zone,
            PodTopologySpread: pod_topology_spread,
            InterPodAffinity: inter_pod_affinity,
            DynamicResources: dynamic_resources,
            DefaultPreemption: default_preemption,
            NodeResourcesBalancedAllocation: node_resources_balanced_allocation,
            ImageLocality: image_locality,
            DefaultBinder: default_binder,
            NodeDeclaredFeatures: node_declared_features,
            GangScheduling: gang_scheduling,
            TopologyPlacementGenerator: topology_placement_generator,
            PodGroupPodsCount: pod_group_pods_count,
            DeferredPodScheduling: deferred_pod_scheduling,
        }
    };
}
pub(crate) use for_each_plugin;

macro_rules! names {
    ($($name:ident: $file:ident,)*) => {
        /// A plugin of kube-scheduler, by its own name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the names are kube-scheduler's")]
        #[non_exhaustive]
        pub enum Plugin { $($name),* }

        impl Plugin {
            /// Every plugin of any version.
            pub const ALL: &[Plugin] = &[$(Plugin::$name),*];

            /// The name, as configurations and the scheduler's own records have it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Plugin::$name => stringify!($name)),* }
            }
        }
    };
}
for_each_plugin!(names);

impl Plugin {
    /// The plugin of this name in the core; none for one that neither filters nor scores.
    #[must_use]
    pub fn in_core(self) -> Option<bayplan_core::Plugin> {
        bayplan_core::Plugin::ALL.iter().copied().find(|plugin| plugin.name() == self.name())
    }
}

impl From<bayplan_core::Plugin> for Plugin {
    fn from(plugin: bayplan_core::Plugin) -> Self {
        let same = Plugin::ALL.iter().copied().find(|own| own.name() == plugin.name());
        same.expect("a test of `plugins` finds each plugin of the core here")
    }
}

impl fmt::Display for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl serde::Serialize for Plugin {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl FromStr for Plugin {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Plugin::ALL.iter().copied().find(|plugin| plugin.name() == name).ok_or(())
    }
}
