//! From a `KubeSchedulerConfiguration` to the configuration that is applied: the defaults of the version, changed by what it says.

mod merge;

use serde_json::Value;

use crate::config::{
    Args, BalancedArgs, Config, DEFAULT_SCHEDULER_NAME, Extender, FitArgs, InterPodArgs, NodeAffinityArgs, Plugin,
    Point, Profile, ShapePoint, SpreadArgs, Strategy, Warning, raw, wrong,
};
use crate::custom::CustomPlugin;
use crate::error::Error;
use crate::labels::is_qualified_name;
use crate::objects::TopologySpreadConstraint;
use crate::plugins::{API_VERSION, Arguments, entry};
use crate::requests::{CPU, MEMORY, is_extended_resource_name};
use crate::version::Version;
use merge::Enabled;

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
        Self::read_with(configuration, version, &[])
    }

    /// The same; it may name these plugins of the caller's own.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with(configuration: &Value, version: Version, own: &[CustomPlugin]) -> Result<Self, Error> {
        // First of all: the fields of another version are other fields.
        for (field, legal) in [("apiVersion", API_VERSION), ("kind", "KubeSchedulerConfiguration")] {
            let value = configuration.get(field).and_then(Value::as_str).unwrap_or_default();
            if value != legal {
                let error = wrong(field, format!("`{value}` is not `{legal}`"));
                let is_old = value.starts_with("kubescheduler.config.k8s.io/");
                return Err(if is_old {
                    error.hint("write it anew for that version, the only one that kube-scheduler reads")
                } else {
                    error
                });
            }
        }
        let raw: raw::Configuration = raw::read(configuration.clone(), "KubeSchedulerConfiguration")?;
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
            let percentage = raw_profile.percentage_of_nodes_to_score;
            let mut profile = Profile::read(raw_profile, version, own, &path, &mut warnings)?;
            if let Some(other) = profiles.iter().position(|p| p.scheduler_name == profile.scheduler_name) {
                let reason = format!("`{}` is that of profiles[{other}] already", profile.scheduler_name);
                return Err(wrong(format!("{path}.schedulerName"), reason));
            }
            if !ignored_resources.is_empty() {
                profile.args.fit.ignored_resources.clone_from(&ignored_resources);
            }
            profiles.push(profile);
            if let Some(percentage) = percentage {
                check_percentage(percentage, format!("{path}.percentageOfNodesToScore"), &mut warnings)?;
            }
        }
        if let Some(percentage) = raw.percentage_of_nodes_to_score {
            check_percentage(percentage, "percentageOfNodesToScore".to_owned(), &mut warnings)?;
        }
        Ok(Config { profiles, extenders, warnings })
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
            named: Vec::new(),
        }
    }

    fn read(
        raw: raw::Profile,
        version: Version,
        own: &[CustomPlugin],
        path: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Error> {
        let Some(scheduler_name) = raw.scheduler_name.filter(|name| !name.is_empty()) else {
            return Err(wrong(format!("{path}.schedulerName"), "is required"));
        };
        let enabled = Enabled::new(raw.plugins, version, own, &format!("{path}.plugins"), warnings)?;
        let mut args = Args::defaults(version);
        let mut seen = Vec::new();
        for (j, value) in raw.plugin_config.into_iter().enumerate() {
            let path = format!("{path}.pluginConfig[{j}]");
            let config: raw::PluginConfig = raw::read(value, &path)?;
            if seen.contains(&config.name) {
                return Err(wrong(format!("{path}.name"), format!("`{}` stands here twice", config.name)));
            }
            match config.name.parse::<Plugin>().ok().filter(|plugin| plugin.is_in(version)) {
                Some(plugin) => {
                    let path = &format!("{path}.args");
                    let given = Arguments { plugin, args: config.args, version, path, warnings };
                    match entry(plugin).configure {
                        Some(configure) => configure(&mut args, given)?,
                        None => {
                            let text = format!("{plugin} takes no arguments; these decide nothing");
                            given.warnings.push(Warning::new(path, text));
                        }
                    }
                }
                None => {
                    let text = format!("`{}` is not one of the plugins of kube-scheduler {version}", config.name);
                    warnings.push(Warning::new(format!("{path}.name"), text));
                }
            }
            seen.push(config.name);
        }
        let list = |point| enabled.at(point).to_vec();
        let profile = Profile::new(scheduler_name, version, list, |plugin| enabled.weight(plugin), args);
        Ok(Profile { named: enabled.named, ..profile })
    }
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
            ("filter", raw.filter_verb),
            ("prioritize", raw.prioritize_verb),
            ("preempt", raw.preempt_verb),
            ("bind", raw.bind_verb),
        ];
        let verbs: Vec<_> = verbs.into_iter().filter(|(_, verb)| !verb.is_empty()).collect();
        let binds = verbs.iter().any(|(verb, _)| *verb == "bind");
        if binds && extenders.iter().any(|extender| extender.verb("bind").is_some()) {
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
        extenders.push(Extender {
            url: raw.url_prefix,
            verbs,
            resources,
            weight: raw.weight,
            node_cache_capable: raw.node_cache_capable,
            ignorable: raw.ignorable,
        });
    }
    Ok((extenders, ignored))
}

impl Args {
    /// What holds where nothing is configured.
    fn defaults(version: Version) -> Self {
        let core = || vec![(CPU.to_owned(), 1), (MEMORY.to_owned(), 1)];
        let spread = |key: &str, max_skew| TopologySpreadConstraint {
            max_skew,
            topology_key: key.to_owned(),
            when_unsatisfiable: "ScheduleAnyway".to_owned(),
            ..Default::default()
        };
        Args {
            fit: FitArgs {
                ignored_resources: Vec::new(),
                ignored_groups: Vec::new(),
                strategy: Strategy::LeastAllocated,
                resources: core(),
            },
            balanced: BalancedArgs { resources: core().into_iter().map(|(name, _)| name).collect() },
            interpod: InterPodArgs { hard_pod_affinity_weight: 1, ignore_preferred_terms_of_existing_pods: false },
            spread: SpreadArgs {
                is_system: true,
                constraints: vec![spread("kubernetes.io/hostname", 3), spread("topology.kubernetes.io/zone", 5)],
            },
            node_affinity: NodeAffinityArgs::default(),
            volume_shape: (version >= Version::V1_37)
                .then(|| vec![ShapePoint { utilization: 0, score: 100 }, ShapePoint { utilization: 100, score: 0 }]),
            candidates: (10, 100),
        }
    }
}
