//! A scheduler's configuration as it is applied: which plugins run, how they are weighted, and their arguments. `setup` reads it from a
//! `KubeSchedulerConfiguration`.

mod plugin;
mod point;
pub(crate) mod raw;

pub(crate) const MULTI_POINT: &str = "multiPoint";

pub use plugin::Plugin;
pub(crate) use plugin::for_each_plugin;
pub(crate) use point::Point;

use crate::custom::CustomPlugin;
use crate::error::{Error, ErrorKind};
use crate::labels::{NodeSelector, NodeTerm};
use crate::objects::{Pod, TopologySpreadConstraint};
use crate::requests::is_extended_resource_name;

/// The scheduler that a pod names if it names none.
pub const DEFAULT_SCHEDULER_NAME: &str = "default-scheduler";

/// What the configuration says, with the defaults of the version filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// One or more, each of another scheduler name.
    pub profiles: Vec<Profile>,
    /// Programs that the scheduler asks beside its own rules: asked where somebody carries the requests ([`crate::Cluster::set_extender_calls`]), else see
    /// [`Extender::concerns`].
    pub extenders: Vec<Extender>,
    /// What is not honoured and changes decisions only a little, or not at all.
    pub warnings: Vec<Warning>,
}

/// Something in the configuration that is not honoured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The field, as in `profiles[0].percentageOfNodesToScore`.
    pub field: String,
    /// What is not honoured.
    pub text: String,
}

impl Warning {
    pub(crate) fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Warning { field: field.into(), text: text.into() }
    }
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.text)
    }
}

/// The rules of the pods of one scheduler name. Plugins that do nothing in the version, because a feature gate is off by
/// default, are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// The name by which a pod chooses the profile.
    pub scheduler_name: String,
    /// What keeps a pod from being looked at.
    pub pre_enqueue: Vec<Plugin>,
    /// What may reject the pod as a whole, in order: the first rejection ends it.
    pub pre_filters: Vec<Plugin>,
    /// What may reject a node, in order: the first rejection is the reason that counts.
    pub filters: Vec<Plugin>,
    /// What tries to help a pod that fits nowhere, in order.
    pub post_filters: Vec<Plugin>,
    /// What scores nodes, in order, with its weight. A rule that has nothing to say of a pod drops out for that pod:
    /// NodeAffinity, PodTopologySpread, InterPodAffinity, NodeResourcesBalancedAllocation.
    pub scores: Vec<(Plugin, i64)>,
    /// The arguments of the rules.
    pub args: Args,
    /// The caller's own plugins that it enables or disables.
    pub named: Vec<Named>,
}

/// Where a profile enables or disables a plugin of the caller's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub plugin: String,
    /// At this point alone, as in `filter`; at all of its points where it is `multiPoint`.
    pub point: String,
    /// Its weight, where it is enabled; none is given where it is 0.
    pub weight: Option<i64>,
}

/// The arguments of the rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Args {
    /// Of NodeResourcesFit.
    pub fit: FitArgs,
    /// Of NodeResourcesBalancedAllocation.
    pub balanced: BalancedArgs,
    /// Of InterPodAffinity.
    pub interpod: InterPodArgs,
    /// Of PodTopologySpread.
    pub spread: SpreadArgs,
    /// Of NodeAffinity.
    pub node_affinity: NodeAffinityArgs,
    /// Of VolumeBinding: how the used part of a storage class's capacity scores; `None` up to 1.36, where it does not.
    pub volume_shape: Option<Vec<ShapePoint>>,
    /// Of DefaultPreemption: how many of the nodes it looks for candidates on, in percent, and at least how many. Here all are weighed, and it
    /// is said where that makes a difference.
    pub candidates: (i32, i32),
}

/// Arguments of NodeResourcesFit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FitArgs {
    /// Extended resources that the filter does not check.
    pub ignored_resources: Vec<String>,
    /// What stands before the `/` of extended resources that the filter does not check.
    pub ignored_groups: Vec<String>,
    /// How nodes are scored.
    pub strategy: Strategy,
    /// The resources that are scored, with weights of 1 to 100; a name may stand here twice.
    pub resources: Vec<(String, i64)>,
}

impl FitArgs {
    /// Whether the filter leaves the resource unchecked. Only extended resources can be ignored.
    #[must_use]
    pub fn ignores(&self, resource: &str) -> bool {
        is_extended_resource_name(resource)
            && (self.ignored_resources.iter().any(|name| name == resource)
                || resource.split('/').next().is_some_and(|group| self.ignored_groups.iter().any(|g| g == group)))
    }
}

/// How NodeResourcesFit scores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The emptier the better.
    LeastAllocated,
    /// The fuller the better.
    MostAllocated,
    /// By a shape: the used part (0 to 100) gives a score, linear between the points.
    RequestedToCapacityRatio {
        /// The points, of rising utilization; at least one.
        shape: Vec<ShapePoint>,
    },
}

/// A point of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapePoint {
    /// Per cent of the capacity that are used, 0 to 100.
    pub utilization: i64,
    /// The score there, 0 to 100 (ten times what the configuration says).
    pub score: i64,
}

/// Arguments of NodeResourcesBalancedAllocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancedArgs {
    /// The resources that are compared, each once.
    pub resources: Vec<String>,
}

/// Arguments of InterPodAffinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterPodArgs {
    /// What a required affinity term of a pod that is there weighs in the score, 0 to 100.
    pub hard_pod_affinity_weight: i32,
    /// Whether the score leaves out preferred terms of pods that are there, for a pod that has none itself.
    pub ignore_preferred_terms_of_existing_pods: bool,
}

/// Arguments of PodTopologySpread.
#[derive(Clone, Debug, PartialEq)]
pub struct SpreadArgs {
    /// Whether the constraints are the system's. A node without one of their keys then counts all the same.
    pub is_system: bool,
    /// The constraints of pods that have none themselves, without selectors.
    pub constraints: Vec<TopologySpreadConstraint>,
}

/// Arguments of NodeAffinity: what holds for every pod of the profile beside its own affinity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeAffinityArgs {
    /// What a node must match.
    pub required: Option<NodeSelector>,
    /// What is preferred, with weights. Where it is `Some`, the rule scores every pod.
    pub preferred: Option<Vec<(i32, NodeTerm)>>,
}

/// A program that the scheduler asks beside its own rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extender {
    /// Where it is.
    pub url: String,
    /// What it takes part in, of `filter`, `prioritize`, `preempt` and `bind`, and the end of the URL for it.
    pub verbs: Vec<(&'static str, String)>,
    /// What its scores are multiplied with.
    pub weight: i64,
    /// It knows the nodes: their names are sent.
    pub node_cache_capable: bool,
    /// Where it fails, the scheduler goes on without it.
    pub ignorable: bool,
    /// The resources that it manages: it is asked only of pods that name one; of all pods, if there are none.
    pub resources: Vec<String>,
}

impl Extender {
    /// The end of the URL for what it takes part in.
    #[must_use]
    pub fn verb(&self, name: &str) -> Option<&str> {
        self.verbs.iter().find(|(verb, _)| *verb == name).map(|(_, path)| &**path)
    }

    /// Whether the scheduler would ask it where to place the pod, so that the pod's decision may be another than ours.
    #[must_use]
    pub fn concerns(&self, pod: &Pod) -> bool {
        let names_one = || {
            let containers = pod.spec.containers.iter().chain(&pod.spec.init_containers);
            let lists = containers.flat_map(|container| [&container.resources.requests, &container.resources.limits]);
            lists.into_iter().any(|list| self.resources.iter().any(|name| list.contains_key(name)))
        };
        self.verbs.iter().any(|(verb, _)| *verb != "bind") && (self.resources.is_empty() || names_one())
    }
}

impl Config {
    /// Whether a profile filters with a plugin of the caller's own, and with which weight it scores.
    pub(crate) fn runs(&self, profile: &Profile, plugin: &CustomPlugin) -> (bool, Option<i64>) {
        let enables = |named: &&Named| named.plugin == plugin.name() && named.weight.is_some();
        let is_named = self.profiles.iter().any(|profile| profile.named.iter().any(|named| enables(&named)));
        let at = |point: &str| {
            let of = |point: &str| profile.named.iter().filter(enables).find(|named| named.point == point);
            let disables = |named: &Named| {
                named.weight.is_none() && (named.plugin == plugin.name() || named.plugin == "*") && named.point == point
            };
            // What a point disables of multiPoint's does not run there; what it enables itself does.
            let everywhere = of(MULTI_POINT).filter(|_| !profile.named.iter().any(disables));
            of(point).or(everywhere).and_then(|named| named.weight)
        };
        let is_disabled = |named: &Named| named.weight.is_none() && named.plugin == plugin.name();
        if !is_named {
            // Nobody says where it runs: everywhere, but where its name is disabled.
            let runs = |point: &str| {
                let mut disabled = profile.named.iter().filter(|named| is_disabled(named));
                !disabled.any(|named| named.point == point || named.point == MULTI_POINT)
            };
            return (plugin.is_filter() && runs("filter"), plugin.weight().filter(|_| runs("score")));
        }
        let weight = at("score").map(|weight| weight.max(1));
        (plugin.is_filter() && at("filter").is_some(), plugin.weight().and(weight))
    }

    /// The profile that a pod of this `spec.schedulerName` chooses (none: the default one), if there is one.
    #[must_use]
    pub fn profile(&self, scheduler_name: &str) -> Option<&Profile> {
        let name = if scheduler_name.is_empty() { DEFAULT_SCHEDULER_NAME } else { scheduler_name };
        self.profiles.iter().find(|profile| profile.scheduler_name == name)
    }
}

/// What kube-scheduler would not start with, in a field of the configuration.
pub(crate) fn wrong(field: impl Into<String>, problem: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, problem).at(field)
}

/// Plugins that a cluster cannot have.
pub(crate) fn check_plugins(plugins: &[CustomPlugin]) -> Result<(), Error> {
    for (at, plugin) in plugins.iter().enumerate() {
        let field = |field: &str| format!("plugins[{at}].{field}");
        if plugin.name().is_empty() {
            return Err(wrong(field("name"), "is required"));
        }
        if plugin.name().parse::<Plugin>().is_ok() {
            return Err(wrong(field("name"), format!("`{}` is a plugin of kube-scheduler's", plugin.name())));
        }
        if plugins[..at].iter().any(|other| other.name() == plugin.name()) {
            return Err(wrong(field("name"), format!("`{}` is there twice", plugin.name())));
        }
        if plugin.weight().is_some_and(|weight| !(1..=i64::from(i32::MAX)).contains(&weight)) {
            return Err(wrong(field("weight"), "is not in 1 to 2147483647"));
        }
    }
    Ok(())
}
