//! What the model says of pods, nodes and configurations, against what the real kube-scheduler decided on them.
//!
//! The rules that need nothing but the model are played here in a few lines each, over objects; the conformance runner
//! plays all rules.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use bayplan::config::{Config, Plugin, Profile, ShapePoint, Strategy};
use bayplan::images::{MAX_SUM_PER_IMAGE, MIN_SUM};
use bayplan::labels::{RequiredNodes, tolerates, untolerated};
use bayplan::objects::{Node, Pod, Taint};
use bayplan::requests::{self, Amounts, ScoreRequests};
use bayplan::version::Version;
use bayplan::{features, images};
use serde::Deserialize;
use serde_json::Value;

const CATEGORIES: [&str; 18] = [
    "capacity",
    "declared",
    "defaultspread",
    "gates",
    "images",
    "interpod",
    "large",
    "mixed",
    "nodeaffinity",
    "numbers",
    "ports",
    "preemption",
    "resize",
    "resources",
    "spread",
    "strategy",
    "taints",
    "volumes",
];

#[derive(Deserialize)]
struct Case {
    name: String,
    config: Option<Value>,
    objects: Vec<Value>,
}

#[derive(Deserialize)]
struct Expected {
    name: String,
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
struct Step {
    pod: String,
    result: String,
    node: String,
    pre_filter: Option<Value>,
    filtered: BTreeMap<String, Rejection>,
    feasible: Vec<String>,
    scores: BTreeMap<String, BTreeMap<String, i64>>,
    preemption: Option<Value>,
}

#[derive(Deserialize)]
struct Rejection {
    plugin: String,
    reasons: Option<Vec<String>>,
}

fn lines<T: for<'de> Deserialize<'de>>(file: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/vectors").join(file);
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A node, and what the pods on it take.
struct Machine {
    node: Node,
    allocatable: Amounts,
    requested: Amounts,
    non_zero: [i64; 2],
    pods: i64,
}

impl Machine {
    fn bind(&mut self, pod: &Pod, version: Version) {
        let bound = requests::bound(pod, version);
        self.pods += 1;
        self.requested.milli_cpu = self.requested.milli_cpu.wrapping_add(bound.requested.milli_cpu);
        self.requested.memory = self.requested.memory.wrapping_add(bound.requested.memory);
        let storage = &mut self.requested.ephemeral_storage;
        *storage = storage.wrapping_add(bound.requested.ephemeral_storage);
        for (name, amount) in bound.requested.scalar {
            let sum = self.requested.scalar.entry(name).or_default();
            *sum = sum.wrapping_add(amount);
        }
        self.non_zero[0] = self.non_zero[0].wrapping_add(bound.non_zero_milli_cpu);
        self.non_zero[1] = self.non_zero[1].wrapping_add(bound.non_zero_memory);
    }

    fn insufficient(&self, pod: &Pod, profile: &Profile) -> Vec<String> {
        let pending = requests::pending(pod);
        let mut reasons = Vec::new();
        if self.pods + 1 > self.allocatable.pods {
            reasons.push("Too many pods".to_owned());
        }
        let core = ["cpu", "memory", "ephemeral-storage"].into_iter().filter(|name| pending.get(name) > 0);
        let ignored = |name: &&str| profile.args.fit.ignores(name);
        let scalar = pending.scalar.keys().map(String::as_str).filter(|name| pending.get(name) != 0 && !ignored(name));
        for name in core.chain(scalar) {
            if pending.get(name) > self.allocatable.get(name).wrapping_sub(self.requested.get(name)) {
                reasons.push(format!("Insufficient {name}"));
            }
        }
        reasons.sort();
        reasons
    }

    fn fit_score(&self, scored: &ScoreRequests, profile: &Profile) -> i64 {
        let fit = &profile.args.fit;
        let (mut sum, mut weights) = (0, 0);
        for (name, weight) in &fit.resources {
            let asked = scored.get(name);
            let capacity = self.allocatable.get(name);
            if capacity == 0 || (asked == 0 && requests::is_scalar_resource_name(name)) {
                continue;
            }
            let taken = match name.as_str() {
                "cpu" => self.non_zero[0],
                "memory" => self.non_zero[1],
                _ => self.requested.get(name),
            };
            let used = taken.wrapping_add(asked);
            let score = match &fit.strategy {
                Strategy::LeastAllocated if used > capacity => 0,
                Strategy::LeastAllocated => capacity.wrapping_sub(used).wrapping_mul(100) / capacity,
                Strategy::MostAllocated => used.min(capacity).wrapping_mul(100) / capacity,
                Strategy::RequestedToCapacityRatio { shape } => {
                    let utilization = if used > capacity { 100 } else { used.wrapping_mul(100) / capacity };
                    let score = on_shape(shape, utilization);
                    if score <= 0 {
                        continue;
                    }
                    score
                }
            };
            sum += score * weight;
            weights += weight;
        }
        match &fit.strategy {
            _ if weights == 0 => 0,
            Strategy::RequestedToCapacityRatio { .. } => (sum as f64 / weights as f64).round() as i64,
            _ => sum / weights,
        }
    }
}

fn on_shape(shape: &[ShapePoint], utilization: i64) -> i64 {
    match shape.iter().position(|point| utilization <= point.utilization) {
        None => shape.last().unwrap().score,
        Some(0) => shape[0].score,
        Some(i) => {
            let (a, b) = (shape[i - 1], shape[i]);
            a.score + (b.score - a.score) * (utilization - a.utilization) / (b.utilization - a.utilization)
        }
    }
}

fn image_score(pod: &Pod, node: &Node, machines: &[Machine], version: Version) -> i64 {
    let images = images::of_pod(pod, version);
    let size_at = |node: &Node, name: &String| {
        node.status.images.iter().find(|image| image.names.contains(name)).map(|image| image.size_bytes)
    };
    let mut sum = 0;
    for name in images.images.iter().filter(|name| size_at(node, name).is_some()) {
        let sizes: Vec<i64> = machines.iter().filter_map(|machine| size_at(&machine.node, name)).collect();
        sum += (sizes[0] as f64 * (sizes.len() as f64 / machines.len() as f64)) as i64;
    }
    let most = MAX_SUM_PER_IMAGE * images.count as i64;
    let sum = if sum < MIN_SUM { MIN_SUM } else { sum.min(most) };
    100 * (sum - MIN_SUM) / (most - MIN_SUM)
}

/// Why the rule rejects the node; `None` where this test does not play the rule.
fn rejection(plugin: Plugin, pod: &Pod, machine: &Machine, profile: &Profile, version: Version) -> Option<Vec<String>> {
    let node = &machine.node;
    let unless = |is_ok: bool, reason: &str| Some(if is_ok { Vec::new() } else { vec![reason.to_owned()] });
    match plugin {
        Plugin::NodeUnschedulable => {
            let taint = Taint {
                key: "node.kubernetes.io/unschedulable".to_owned(),
                effect: "NoSchedule".to_owned(),
                ..Default::default()
            };
            let is_tolerated = pod.spec.tolerations.iter().any(|toleration| tolerates(toleration, &taint));
            unless(!node.spec.unschedulable || is_tolerated, "node(s) were unschedulable")
        }
        Plugin::TaintToleration => {
            unless(untolerated(&node.spec.taints, &pod.spec.tolerations).is_none(), "node(s) had untolerated taint(s)")
        }
        Plugin::NodeAffinity => {
            let (name, labels) = (&node.metadata.name, &node.metadata.labels);
            let added = profile.args.node_affinity.required.as_ref();
            if added.is_some_and(|added| !added.matches(name, labels)) {
                return unless(false, "node(s) didn't match scheduler-enforced node affinity");
            }
            unless(RequiredNodes::of(pod).matches(name, labels), "node(s) didn't match Pod's node affinity/selector")
        }
        Plugin::NodeDeclaredFeatures => {
            let required = features::required(pod, version);
            let has = |name: &&str| node.status.declared_features.iter().any(|feature| feature == name);
            unless(required.iter().all(has), "node(s) didn't match Pod's required features")
        }
        Plugin::NodeResourcesFit => Some(machine.insufficient(pod, profile)),
        _ => None,
    }
}

#[derive(Default)]
struct Counts {
    verdicts: usize,
    rows: usize,
    rejections: BTreeMap<Plugin, usize>,
}

fn play(case: &Case, expected: &Expected, version: Version, counts: &mut Counts) {
    let config = case.config.as_ref().filter(|config| !config.is_null());
    let config = match config {
        Some(config) => Config::read(config, version).unwrap(),
        None => Config::of_version(version),
    };
    assert_eq!(config.warnings, []);
    let profile = config.profile("").unwrap();
    let mut pods: BTreeMap<String, Pod> = BTreeMap::new();
    let mut machines: Vec<Machine> = Vec::new();
    for object in &case.objects {
        match object["kind"].as_str().unwrap() {
            "Pod" => {
                let pod: Pod = serde_json::from_value(object.clone()).unwrap();
                pods.insert(format!("{}/{}", pod.metadata.namespace, pod.metadata.name), pod);
            }
            "Node" => {
                let node: Node = serde_json::from_value(object.clone()).unwrap();
                let allocatable = requests::allocatable(&node);
                machines.push(Machine { node, allocatable, requested: Amounts::default(), non_zero: [0; 2], pods: 0 });
            }
            _ => {}
        }
    }
    for pod in pods.values().filter(|pod| !pod.spec.node_name.is_empty()) {
        if let Some(machine) = machines.iter_mut().find(|machine| machine.node.metadata.name == pod.spec.node_name) {
            machine.bind(pod, version);
        }
    }
    for step in &expected.steps {
        let pod = &pods[&step.pod];
        let place = format!("{version} {} {}", case.name, step.pod);
        if step.result == "Gated" {
            assert!(!pod.spec.scheduling_gates.is_empty() && profile.pre_enqueue.contains(&Plugin::SchedulingGates));
        }
        for machine in machines.iter().filter(|_| step.pre_filter.is_none()) {
            let name = &machine.node.metadata.name;
            let rejected = step.filtered.get(name).filter(|rejection| rejection.plugin != "PreFilterResult");
            if rejected.is_none() && !step.feasible.contains(name) {
                continue;
            }
            let by: Option<Plugin> = rejected.map(|rejection| rejection.plugin.parse().unwrap());
            assert!(by.is_none_or(|by| profile.filters.contains(&by)), "{place}: {by:?} is no filter");
            for plugin in &profile.filters {
                if let Some(ours) = rejection(*plugin, pod, machine, profile, version) {
                    let theirs = rejected.filter(|_| by == Some(*plugin)).and_then(|r| r.reasons.clone());
                    assert_eq!(ours, theirs.unwrap_or_default(), "{place} on {name}: {plugin}");
                    counts.verdicts += 1;
                }
                if by == Some(*plugin) {
                    *counts.rejections.entry(*plugin).or_default() += 1;
                    break;
                }
            }
        }
        for (name, rows) in &step.scores {
            let machine = machines.iter().find(|machine| machine.node.metadata.name == *name).unwrap();
            check_rows(pod, machine, &machines, profile, rows, version, &format!("{place} on {name}"));
            counts.rows += rows.len();
        }
        if step.preemption.as_ref().is_some_and(|preemption| !preemption["chosen"].is_null()) {
            return; // from here on nominated pods count: `tests/conformance` plays them
        }
        if step.result == "Scheduled" {
            machines.iter_mut().find(|m| m.node.metadata.name == step.node).unwrap().bind(pod, version);
        }
    }
}

fn check_rows(
    pod: &Pod,
    machine: &Machine,
    machines: &[Machine],
    profile: &Profile,
    rows: &BTreeMap<String, i64>,
    version: Version,
    place: &str,
) {
    for name in rows.keys() {
        assert!(profile.scores.iter().any(|(plugin, _)| plugin.name() == name), "{place}: {name} is no score");
    }
    for (plugin, weight) in &profile.scores {
        let row = rows.get(plugin.name());
        let affinity = pod.spec.affinity.as_ref();
        let is_there = match plugin {
            Plugin::NodeAffinity => {
                let own = affinity.and_then(|a| a.node_affinity.as_ref()).is_some_and(|a| !a.preferred.is_empty());
                own || profile.args.node_affinity.preferred.is_some()
            }
            Plugin::NodeResourcesBalancedAllocation => {
                let requested = ScoreRequests::requested(pod, version);
                profile.args.balanced.resources.iter().any(|name| requested.get(name) != 0)
            }
            // Whether these have something to say depends on other objects too.
            Plugin::InterPodAffinity | Plugin::PodTopologySpread => row.is_some(),
            _ => true,
        };
        assert_eq!(row.is_some(), is_there, "{place}: {plugin}");
        let Some(score) = row else { continue };
        assert!(score % weight == 0 && (0..=100).contains(&(score / weight)), "{place}: {plugin} {score}");
        let ours = match plugin {
            Plugin::NodeResourcesFit => machine.fit_score(&ScoreRequests::non_zero(pod), profile),
            Plugin::ImageLocality => image_score(pod, &machine.node, machines, version),
            _ => continue,
        };
        assert_eq!(ours * weight, *score, "{place}: {plugin}");
    }
}

fn check(version: Version) {
    let mut counts = Counts::default();
    for category in CATEGORIES {
        let cases: Vec<Case> = lines(&format!("{category}.cases.ndjson.gz"));
        let expected: Vec<Expected> = lines(&format!("{category}.expected-{version}.ndjson.gz"));
        let expected: BTreeMap<_, _> = expected.iter().map(|expected| (expected.name.as_str(), expected)).collect();
        for case in &cases {
            play(case, expected[case.name.as_str()], version, &mut counts);
        }
    }
    println!("{version}: {} verdicts, {} score rows, {:?}", counts.verdicts, counts.rows, counts.rejections);
    let mut decisive =
        vec![Plugin::NodeAffinity, Plugin::NodeResourcesFit, Plugin::NodeUnschedulable, Plugin::TaintToleration];
    if version >= Version::V1_36 {
        decisive.push(Plugin::NodeDeclaredFeatures);
    }
    for plugin in decisive {
        assert!(counts.rejections.contains_key(&plugin), "{plugin} never decided");
    }
}

#[test]
fn decides_as_1_34() {
    check(Version::V1_34);
}

#[test]
fn decides_as_1_35() {
    check(Version::V1_35);
}

#[test]
fn decides_as_1_36() {
    check(Version::V1_36);
}

#[test]
fn decides_as_1_37() {
    check(Version::V1_37);
}
