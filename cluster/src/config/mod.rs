//! `KubeSchedulerConfiguration`: which rules run, how they are weighted, and their arguments.

mod args;
mod merge;
mod plugin;
mod raw;

use serde_json::Value;

pub use plugin::Plugin;

use crate::error::{Error, ErrorKind};
use crate::labels::{NodeSelector, NodeTerm, is_qualified_name};
use crate::objects::{Pod, TopologySpreadConstraint};
use crate::requests::is_extended_resource_name;
use crate::version::Version;
use merge::Enabled;
use plugin::Point;

/// The scheduler that a pod names if it names none.
pub const DEFAULT_SCHEDULER_NAME: &str = "default-scheduler";

/// What the configuration says, with the defaults of the version filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// One or more, each of another scheduler name.
    pub profiles: Vec<Profile>,
    /// Programs that the scheduler asks beside its own rules. They are not asked; see [`Extender::concerns`].
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
    fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
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
    /// What it takes part in: of `filter`, `prioritize`, `preempt` and `bind`.
    pub verbs: Vec<&'static str>,
    /// The resources that it manages: it is asked only of pods that name one; of all pods, if there are none.
    pub resources: Vec<String>,
}

impl Extender {
    /// Whether the scheduler would ask it where to place the pod, so that the pod's decision may be another than ours.
    #[must_use]
    pub fn concerns(&self, pod: &Pod) -> bool {
        let names_one = || {
            let containers = pod.spec.containers.iter().chain(&pod.spec.init_containers);
            let lists = containers.flat_map(|container| [&container.resources.requests, &container.resources.limits]);
            lists.into_iter().any(|list| self.resources.iter().any(|name| list.contains_key(name)))
        };
        self.verbs.iter().any(|verb| *verb != "bind") && (self.resources.is_empty() || names_one())
    }
}

impl Config {
    /// What holds where nothing is configured.
    #[must_use]
    pub fn of_version(version: Version) -> Self {
        let list = |point| {
            let enabled = Plugin::defaults(version).into_iter().map(|(plugin, _)| plugin);
            enabled.filter(|plugin| plugin.implements(point, version)).collect()
        };
        let weight = |plugin| {
            let default = Plugin::defaults(version).into_iter().find(|(p, _)| *p == plugin);
            default.and_then(|(_, weight)| weight).map_or(1, i64::from)
        };
        let profile = Profile::new(DEFAULT_SCHEDULER_NAME.to_owned(), version, list, weight, Args::defaults(version));
        Config { profiles: vec![profile], extenders: Vec::new(), warnings: Vec::new() }
    }

    /// Reads a `KubeSchedulerConfiguration` of `kubescheduler.config.k8s.io/v1`, as JSON.
    ///
    /// # Errors
    /// What kube-scheduler itself would not start with, and plugins that are not its own.
    pub fn read(configuration: &Value, version: Version) -> Result<Self, Error> {
        let raw: raw::Configuration = raw::read(configuration.clone(), "KubeSchedulerConfiguration")?;
        for (field, value, legal) in
            [("apiVersion", &raw.api_version, args::API_VERSION), ("kind", &raw.kind, "KubeSchedulerConfiguration")]
        {
            if value.as_deref() != Some(legal) {
                let value = value.as_deref().unwrap_or_default();
                return Err(wrong(field, format!("`{value}` is not `{legal}`")));
            }
        }
        check_numbers(&raw)?;
        let mut warnings = Vec::new();
        let (extenders, ignored_resources) = extenders(raw.extenders)?;
        let raw_profiles = if raw.profiles.is_empty() { vec![Value::Object(Default::default())] } else { raw.profiles };
        let is_single = raw_profiles.len() == 1;
        let mut profiles: Vec<Profile> = Vec::new();
        for (i, value) in raw_profiles.into_iter().enumerate() {
            let path = format!("profiles[{i}]");
            let mut raw_profile: raw::Profile = raw::read(value, &path)?;
            if is_single {
                raw_profile.scheduler_name.get_or_insert_with(|| DEFAULT_SCHEDULER_NAME.to_owned());
            }
            let own = raw_profile.percentage_of_nodes_to_score;
            let mut profile = Profile::read(raw_profile, version, &path, &mut warnings)?;
            if let Some(other) = profiles.iter().position(|p| p.scheduler_name == profile.scheduler_name) {
                let reason = format!("`{}` is that of profiles[{other}] already", profile.scheduler_name);
                return Err(wrong(format!("{path}.schedulerName"), reason));
            }
            if !ignored_resources.is_empty() {
                profile.args.fit.ignored_resources.clone_from(&ignored_resources);
            }
            profiles.push(profile);
            if let Some(percentage) = own {
                check_percentage(percentage, format!("{path}.percentageOfNodesToScore"), &mut warnings)?;
            }
        }
        if let Some(percentage) = raw.percentage_of_nodes_to_score {
            check_percentage(percentage, "percentageOfNodesToScore".to_owned(), &mut warnings)?;
        }
        Ok(Config { profiles, extenders, warnings })
    }

    /// The profile that a pod of this `spec.schedulerName` chooses (none: the default one), if there is one.
    #[must_use]
    pub fn profile(&self, scheduler_name: &str) -> Option<&Profile> {
        let name = if scheduler_name.is_empty() { DEFAULT_SCHEDULER_NAME } else { scheduler_name };
        self.profiles.iter().find(|profile| profile.scheduler_name == name)
    }
}

impl Profile {
    fn new(
        scheduler_name: String,
        version: Version,
        list: impl Fn(Point) -> Vec<Plugin>,
        weight: impl Fn(Plugin) -> i64,
        args: Args,
    ) -> Self {
        let busy = |point| {
            let mut plugins = list(point);
            plugins.retain(|plugin| !plugin.is_idle(version));
            plugins
        };
        let mut scores = busy(Point::Score);
        // Without a shape there is no score by storage capacity.
        scores.retain(|plugin| *plugin != Plugin::VolumeBinding || args.volume_shape.is_some());
        Profile {
            scheduler_name,
            pre_enqueue: busy(Point::PreEnqueue),
            pre_filters: busy(Point::PreFilter),
            filters: busy(Point::Filter),
            post_filters: busy(Point::PostFilter),
            scores: scores.into_iter().map(|plugin| (plugin, weight(plugin))).collect(),
            args,
        }
    }

    fn read(raw: raw::Profile, version: Version, path: &str, warnings: &mut Vec<Warning>) -> Result<Self, Error> {
        let Some(scheduler_name) = raw.scheduler_name.filter(|name| !name.is_empty()) else {
            return Err(wrong(format!("{path}.schedulerName"), "is required"));
        };
        let enabled = Enabled::new(raw.plugins, version, &format!("{path}.plugins"), warnings)?;
        let mut args = Args::defaults(version);
        let mut seen = Vec::new();
        for (j, value) in raw.plugin_config.into_iter().enumerate() {
            let path = format!("{path}.pluginConfig[{j}]");
            let config: raw::PluginConfig = raw::read(value, &path)?;
            if seen.contains(&config.name) {
                return Err(wrong(format!("{path}.name"), format!("`{}` stands here twice", config.name)));
            }
            match config.name.parse::<Plugin>().ok().filter(|plugin| plugin.is_in(version)) {
                Some(plugin) => args.configure(plugin, config.args, version, &format!("{path}.args"), warnings)?,
                None => {
                    let text = format!("`{}` is not one of the plugins of kube-scheduler {version}", config.name);
                    warnings.push(Warning::new(format!("{path}.name"), text));
                }
            }
            seen.push(config.name);
        }
        let list = |point| enabled.at(point).to_vec();
        Ok(Profile::new(scheduler_name, version, list, |plugin| enabled.weight(plugin), args))
    }
}

fn wrong(field: impl Into<String>, problem: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, problem).at(field)
}

fn check_percentage(percentage: i32, path: String, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    if !(0..=100).contains(&percentage) {
        return Err(wrong(path, format!("{percentage} is not in 0 to 100")));
    }
    if percentage < 100 {
        warnings.push(Warning::new(path, format!("{percentage} is not honoured: every node is looked at, as at 100")));
    }
    Ok(())
}

/// What plays no part in decisions, but keeps kube-scheduler from starting.
fn check_numbers(raw: &raw::Configuration) -> Result<(), Error> {
    if let Some(parallelism) = raw.parallelism.filter(|parallelism| *parallelism <= 0) {
        return Err(wrong("parallelism", format!("{parallelism} is not above 0")));
    }
    let (first, most) = (raw.pod_initial_backoff_seconds.unwrap_or(1), raw.pod_max_backoff_seconds.unwrap_or(10));
    if first <= 0 {
        return Err(wrong("podInitialBackoffSeconds", format!("{first} is not above 0")));
    }
    if most < first {
        let reason = format!("{most} is less than podInitialBackoffSeconds, which is {first}");
        return Err(wrong("podMaxBackoffSeconds", reason));
    }
    Ok(())
}

/// The extenders, and the resources that the scheduler leaves to them.
fn extenders(values: Vec<Value>) -> Result<(Vec<Extender>, Vec<String>), Error> {
    let mut extenders: Vec<Extender> = Vec::new();
    let mut ignored = Vec::new();
    for (i, value) in values.into_iter().enumerate() {
        let path = format!("extenders[{i}]");
        let raw: raw::Extender = raw::read(value, &path)?;
        if !raw.prioritize_verb.is_empty() && raw.weight <= 0 {
            return Err(wrong(format!("{path}.weight"), format!("{} is not above 0", raw.weight)));
        }
        let verbs = [
            ("filter", &raw.filter_verb),
            ("prioritize", &raw.prioritize_verb),
            ("preempt", &raw.preempt_verb),
            ("bind", &raw.bind_verb),
        ];
        let verbs: Vec<_> = verbs.into_iter().filter(|(_, verb)| !verb.is_empty()).map(|(name, _)| name).collect();
        if verbs.contains(&"bind") && extenders.iter().any(|extender| extender.verbs.contains(&"bind")) {
            return Err(wrong(format!("{path}.bindVerb"), "only one extender can bind"));
        }
        let mut resources = Vec::new();
        for (j, resource) in raw.managed_resources.into_iter().enumerate() {
            let path = format!("{path}.managedResources[{j}].name");
            let name = resource.name;
            if !is_qualified_name(&name) || !is_extended_resource_name(&name) {
                return Err(wrong(path, format!("`{name}` is not an extended resource, such as example.com/gpu")));
            }
            if resources.contains(&name) || extenders.iter().any(|extender| extender.resources.contains(&name)) {
                return Err(wrong(path, format!("`{name}` stands here twice")));
            }
            if resource.ignored_by_scheduler {
                ignored.push(name.clone());
            }
            resources.push(name);
        }
        extenders.push(Extender { url: raw.url_prefix, verbs, resources });
    }
    Ok((extenders, ignored))
}
