//! Configurations, against what the real kube-scheduler made of them.
//!
//! `config.json` holds what schedulers 1.34.4, 1.35.4, 1.36.3 and 1.37.2 answered, run in process with each configuration: why
//! they did not start, or their score rows for node `n0` and which rule rejected `n2`. The cluster is three empty nodes,
//! `n2` of them cordoned (with the taint of a cordon); the pod asks for CPU and memory and prefers nothing.

use std::collections::BTreeMap;

use bayplan::ErrorKind;
use bayplan::config::{Config, Plugin, Profile};
use bayplan::version::Version;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Case {
    name: String,
    config: Value,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Answer {
    versions: Vec<String>,
    error: Option<String>,
    scores: BTreeMap<String, i64>,
    rejected: BTreeMap<String, String>,
}

/// The rules that score a pod which prefers nothing.
fn scoring(profile: &Profile) -> BTreeMap<&'static str, i64> {
    let speaks = |plugin: Plugin| match plugin {
        Plugin::NodeAffinity => profile.args.node_affinity.preferred.is_some(),
        Plugin::InterPodAffinity | Plugin::PodTopologySpread => false,
        _ => true,
    };
    profile
        .scores
        .iter()
        .filter(|(plugin, _)| speaks(*plugin))
        .map(|(plugin, weight)| (plugin.name(), *weight))
        .collect()
}

#[test]
fn configurations_are_read_as_kube_scheduler_reads_them() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("config.json")).unwrap();
    let (mut read, mut rejected) = (0, 0);
    for case in &cases {
        for answer in &case.answers {
            for version in answer.versions.iter().map(|version| version.parse::<Version>().unwrap()) {
                let place = format!("{version} {}", case.name);
                let config = match (Config::read(&case.config, version), &answer.error) {
                    (Err(error), Some(_)) => {
                        assert!(!error.field().is_empty() && !error.problem().is_empty(), "{place}: {error:?}");
                        assert_eq!(error.kind(), ErrorKind::Config, "{place}");
                        rejected += 1;
                        continue;
                    }
                    (Err(ours), None) => panic!("{place}: {ours}"),
                    (Ok(_), Some(theirs)) => panic!("{place}: kube-scheduler says {theirs}"),
                    (Ok(config), None) => config,
                };
                let profile = config.profile("default-scheduler").unwrap();
                let ours = scoring(profile);
                assert_eq!(
                    ours.keys().copied().collect::<Vec<_>>(),
                    answer.scores.keys().collect::<Vec<_>>(),
                    "{place}"
                );
                // Nothing repels or prefers these nodes: the row of TaintToleration is its weight times 100, and that of
                // NodeResourcesFit its weight times (75 + 87) / 2.
                for (plugin, full) in [("TaintToleration", 100), ("NodeResourcesFit", 81)] {
                    let row = ours.get(plugin).map(|weight| weight * full);
                    assert_eq!(row, answer.scores.get(plugin).copied(), "{place}");
                }
                let rejects = |plugin: &&Plugin| matches!(plugin, Plugin::NodeUnschedulable | Plugin::TaintToleration);
                let first = profile.filters.iter().find(rejects).map(|plugin| plugin.name());
                assert_eq!(first, answer.rejected.get("n2").map(String::as_str), "{place}");
                read += 1;
            }
        }
    }
    println!("{read} read, {rejected} rejected");
    assert_eq!(read + rejected, 4 * cases.len());
}

fn read(fields: Value) -> Result<Config, bayplan::Error> {
    let mut config = json!({"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration"});
    config.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    Config::read(&config, Version::default())
}

#[test]
fn nothing_configured_is_the_default() {
    for version in Version::ALL {
        let config = json!({"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration"});
        assert_eq!(Config::read(&config, version).unwrap(), Config::of_version(version), "{version}");
    }
}

#[test]
fn what_is_not_honoured_is_said() {
    let config = read(json!({
        "percentageOfNodesToScore": 50,
        "profiles": [{
            "schedulerName": "a",
            "percentageOfNodesToScore": 100,
            "pluginConfig": [
                {"name": "DefaultPreemption", "args": {"minCandidateNodesPercentage": 20}},
                {"name": "Other", "args": {"x": 1}},
            ],
        }],
        "extenders": [{
            "urlPrefix": "http://x",
            "filterVerb": "f",
            "managedResources": [{"name": "example.com/gpu", "ignoredByScheduler": true}],
        }],
    }))
    .unwrap();
    let fields: Vec<_> = config.warnings.iter().map(|warning| warning.field.as_str()).collect();
    let all = ["profiles[0].pluginConfig[0].args", "profiles[0].pluginConfig[1].name", "percentageOfNodesToScore"];
    assert_eq!(fields, all);
    assert_eq!(config.profiles[0].args.fit.ignored_resources, ["example.com/gpu"]);
    let mut pod = bayplan::objects::Pod::default();
    pod.spec.containers.resize_with(1, Default::default);
    assert!(!config.extenders[0].concerns(&pod));
    pod.spec.containers[0].resources.limits.insert("example.com/gpu".to_owned(), "1".parse().unwrap());
    assert!(config.extenders[0].concerns(&pod));
}

#[test]
fn what_is_wrong_is_named() {
    let shape = |shape: Value| {
        let args = json!({"scoringStrategy": {"type": "RequestedToCapacityRatio", "requestedToCapacityRatio": {"shape": shape}}});
        json!({"profiles": [{"pluginConfig": [{"name": "NodeResourcesFit", "args": args}]}]})
    };
    for (fields, field) in [
        (json!({"apiVersion": "kubescheduler.config.k8s.io/v1beta3"}), "apiVersion"),
        (json!({"kind": "Pod"}), "kind"),
        (json!({"parallelism": 0}), "parallelism"),
        (json!({"percentageOfNodesToScore": 101}), "percentageOfNodesToScore"),
        (json!({"podInitialBackoffSeconds": 20}), "podMaxBackoffSeconds"),
        (json!({"profiles": [{}, {"schedulerName": "b"}]}), "profiles[0].schedulerName"),
        (json!({"profiles": [{"schedulerName": "b"}, {"schedulerName": "b"}]}), "profiles[1].schedulerName"),
        (
            json!({"profiles": [{"plugins": {"score": {"enabled": [{"name": "X"}]}}}]}),
            "profiles[0].plugins.score.enabled[0].name",
        ),
        (json!({"extenders": [{"prioritizeVerb": "p"}]}), "extenders[0].weight"),
        (json!({"extenders": [{"managedResources": [{"name": "cpu"}]}]}), "extenders[0].managedResources[0].name"),
        (
            shape(json!([{"utilization": 0, "score": 11}])),
            "profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio.shape[0].score",
        ),
        (
            shape(json!([{"utilization": 101, "score": 1}])),
            "profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio.shape[0].utilization",
        ),
    ] {
        assert_eq!(read(fields).unwrap_err().field(), field);
    }
}
