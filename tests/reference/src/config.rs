//! The part of a `KubeSchedulerConfiguration` that decides anything here, read in the plainest way.

use crate::version::Version;
use bayplan::objects::{NodeAffinity, TopologySpreadConstraint};
use serde_json::Value;

/// A profile: which rules run, in which order, with which weights and arguments.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) scheduler_name: String,
    pub(crate) pre_filter: Vec<String>,
    pub(crate) filter: Vec<String>,
    pub(crate) post_filter: Vec<String>,
    pub(crate) score: Vec<(String, i64)>,
    pub(crate) strategy: Strategy,
    pub(crate) resources: Vec<(String, i64)>,
    pub(crate) shape: Vec<(i64, i64)>,
    pub(crate) ignored_resources: Vec<String>,
    pub(crate) ignored_resource_groups: Vec<String>,
    pub(crate) balanced_resources: Vec<String>,
    pub(crate) added_affinity: NodeAffinity,
    pub(crate) hard_pod_affinity_weight: i64,
    pub(crate) ignore_preferred_terms_of_existing_pods: bool,
    /// `None`: the system's.
    pub(crate) default_constraints: Option<Vec<TopologySpreadConstraint>>,
    pub(crate) volume_shape: Vec<(i64, i64)>,
}

/// How NodeResourcesFit scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strategy {
    LeastAllocated,
    MostAllocated,
    RequestedToCapacityRatio,
}

/// Every profile of the configuration; without one, the default.
pub(crate) fn profiles(version: Version, config: Option<&Value>) -> Result<Vec<Profile>, String> {
    let none = Value::Null;
    let given = list(&config.unwrap_or(&none)["profiles"]);
    if given.is_empty() {
        Ok(vec![profile(version, &none)?])
    } else {
        given.iter().map(|p| profile(version, p)).collect()
    }
}

fn profile(version: Version, given: &Value) -> Result<Profile, String> {
    let args = |name: &str| {
        list(&given["pluginConfig"])
            .iter()
            .find(|entry| entry["name"] == name)
            .map_or(Value::Null, |e| e["args"].clone())
    };
    let fit = args("NodeResourcesFit");
    let strategy = &fit["scoringStrategy"];
    let spread = args("PodTopologySpread");
    let inter_pod = args("InterPodAffinity");
    let added = args("NodeAffinity")["addedAffinity"].clone();
    let multi_point = merge(&default_plugins(version), &given["plugins"]["multiPoint"]);
    let expand = |point: &str, all: &[&str]| expand(&multi_point, &given["plugins"][point], all);
    let names = |plugins: Vec<(String, i64)>| plugins.into_iter().map(|(name, _)| name).collect();
    Ok(Profile {
        scheduler_name: given["schedulerName"].as_str().unwrap_or("default-scheduler").to_owned(),
        pre_filter: names(expand("preFilter", &pre_filter_plugins(version))),
        filter: names(expand("filter", &FILTER_PLUGINS)),
        post_filter: names(expand("postFilter", &["DynamicResources", "DefaultPreemption"])),
        score: expand("score", &score_plugins(version)),
        strategy: match strategy["type"].as_str() {
            None | Some("LeastAllocated") => Strategy::LeastAllocated,
            Some("MostAllocated") => Strategy::MostAllocated,
            Some("RequestedToCapacityRatio") => Strategy::RequestedToCapacityRatio,
            Some(other) => return Err(format!("scoringStrategy.type: {other:?} is not a strategy")),
        },
        resources: weighted_resources(&strategy["resources"]),
        shape: shape(&strategy["requestedToCapacityRatio"]["shape"]),
        ignored_resources: strings(&fit["ignoredResources"]),
        ignored_resource_groups: strings(&fit["ignoredResourceGroups"]),
        balanced_resources: weighted_resources(&args("NodeResourcesBalancedAllocation")["resources"])
            .into_iter()
            .map(|(name, _)| name)
            .collect(),
        added_affinity: if added.is_null() { NodeAffinity::default() } else { read("addedAffinity", added)? },
        hard_pod_affinity_weight: inter_pod["hardPodAffinityWeight"].as_i64().unwrap_or(1),
        ignore_preferred_terms_of_existing_pods: inter_pod["ignorePreferredTermsOfExistingPods"] == true,
        default_constraints: match spread["defaultingType"].as_str() {
            Some("List") => Some(
                list(&spread["defaultConstraints"])
                    .iter()
                    .map(|c| read("defaultConstraints", c.clone()))
                    .collect::<Result<_, _>>()?,
            ),
            _ => None,
        },
        volume_shape: match shape(&args("VolumeBinding")["shape"]) {
            given if given.is_empty() => vec![(0, 10), (100, 0)],
            given => given,
        },
    })
}

/// The rules that are on, in order, with their weights (0 counts as 1).
fn default_plugins(version: Version) -> Vec<(String, i64)> {
    let (first, second) =
        if version >= Version::V1_37 { ("NodeName", "NodeUnschedulable") } else { ("NodeUnschedulable", "NodeName") };
    let mut plugins = vec![
        (first, 0),
        (second, 0),
        ("TaintToleration", 3),
        ("NodeAffinity", 2),
        ("NodePorts", 0),
        ("NodeResourcesFit", 1),
        ("VolumeRestrictions", 0),
        ("NodeVolumeLimits", 0),
        ("VolumeBinding", 0),
        ("VolumeZone", 0),
        ("PodTopologySpread", 2),
        ("InterPodAffinity", 2),
        ("DynamicResources", 2),
        ("DefaultPreemption", 0),
        ("NodeResourcesBalancedAllocation", 1),
        ("ImageLocality", 1),
    ];
    if version >= Version::V1_36 {
        plugins.push(("NodeDeclaredFeatures", 0));
    }
    plugins.into_iter().map(|(name, weight)| (name.to_owned(), weight)).collect()
}

fn pre_filter_plugins(version: Version) -> Vec<&'static str> {
    let mut plugins = vec![
        "NodeAffinity",
        "NodePorts",
        "NodeResourcesFit",
        "VolumeRestrictions",
        "NodeVolumeLimits",
        "VolumeBinding",
        "VolumeZone",
        "PodTopologySpread",
        "InterPodAffinity",
        "DynamicResources",
        "NodeDeclaredFeatures",
    ];
    if version >= Version::V1_37 {
        plugins.push("NodeName");
    }
    plugins
}

const FILTER_PLUGINS: [&str; 14] = [
    "NodeUnschedulable",
    "NodeName",
    "TaintToleration",
    "NodeAffinity",
    "NodePorts",
    "NodeResourcesFit",
    "VolumeRestrictions",
    "NodeVolumeLimits",
    "VolumeBinding",
    "VolumeZone",
    "PodTopologySpread",
    "InterPodAffinity",
    "DynamicResources",
    "NodeDeclaredFeatures",
];

fn score_plugins(version: Version) -> Vec<&'static str> {
    let mut plugins = vec![
        "TaintToleration",
        "NodeAffinity",
        "NodeResourcesFit",
        "PodTopologySpread",
        "InterPodAffinity",
        "NodeResourcesBalancedAllocation",
        "ImageLocality",
    ];
    if version >= Version::V1_35 {
        plugins.push("DynamicResources");
    }
    if version >= Version::V1_37 {
        plugins.push("VolumeBinding");
    }
    plugins
}

/// The default rules as `multiPoint` changes them: disabled ones go, named ones keep their place, others come last.
fn merge(defaults: &[(String, i64)], point: &Value) -> Vec<(String, i64)> {
    let enabled = enabled(point);
    let disabled = disabled(point);
    let all_off = disabled.iter().any(|name| name == "*");
    let mut plugins: Vec<(String, i64)> = Vec::new();
    for (name, weight) in defaults.iter().filter(|(name, _)| !all_off && !disabled.contains(name)) {
        let custom = enabled.iter().find(|(other, _)| other == name);
        plugins.push((name.clone(), custom.map_or(*weight, |(_, weight)| *weight)));
    }
    let more: Vec<_> = enabled.into_iter().filter(|(name, _)| plugins.iter().all(|(other, _)| other != name)).collect();
    plugins.extend(more);
    plugins
}

/// The rules of one extension point: those of `multiPoint` that have something to do there, unless they are disabled
/// there; those that the point names itself come first where they are of `multiPoint` too, and else last.
fn expand(multi_point: &[(String, i64)], point: &Value, all: &[&str]) -> Vec<(String, i64)> {
    let own = enabled(point);
    let disabled = disabled(point);
    let all_off = disabled.iter().any(|name| name == "*");
    let fits = |name: &String| all.contains(&name.as_str());
    let is_own = |name: &String| own.iter().any(|(other, _)| other == name);
    let is_off = |name: &String| all_off || disabled.contains(name);
    let overrides = |name: &String| !is_off(name) && multi_point.iter().any(|(other, _)| other == name);
    let first = own.iter().filter(|(name, _)| overrides(name));
    let middle = multi_point.iter().filter(|(name, _)| fits(name) && !is_off(name) && !is_own(name));
    let last = own.iter().filter(|(name, _)| !overrides(name));
    let weight = |(name, weight): &(String, i64)| (name.clone(), if *weight == 0 { 1 } else { *weight });
    first.chain(middle).chain(last).map(weight).collect()
}

fn enabled(point: &Value) -> Vec<(String, i64)> {
    let entry = |e: &Value| Some((e["name"].as_str()?.to_owned(), e["weight"].as_i64().unwrap_or(0)));
    list(&point["enabled"]).iter().filter_map(entry).collect()
}

fn disabled(point: &Value) -> Vec<String> {
    list(&point["disabled"]).iter().filter_map(|e| e["name"].as_str().map(str::to_owned)).collect()
}

/// Resources with their weights (0 counts as 1); CPU and memory where none are given.
fn weighted_resources(given: &Value) -> Vec<(String, i64)> {
    if list(given).is_empty() {
        return vec![("cpu".to_owned(), 1), ("memory".to_owned(), 1)];
    }
    let entry = |e: &Value| {
        let weight = e["weight"].as_i64().filter(|weight| *weight != 0).unwrap_or(1);
        (e["name"].as_str().unwrap_or_default().to_owned(), weight)
    };
    list(given).iter().map(entry).collect()
}

fn shape(points: &Value) -> Vec<(i64, i64)> {
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    list(points).iter().map(|p| (number(&p["utilization"]), number(&p["score"]))).collect()
}

fn strings(value: &Value) -> Vec<String> {
    list(value).iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn read<T: serde::de::DeserializeOwned>(field: &str, value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| format!("{field}: {error}"))
}
