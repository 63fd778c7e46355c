//! Cases as scheduler_perf has them (`test/integration/scheduler_perf` of Kubernetes 1.37), by its names: the same nodes, pods and namespaces. Its pods that are
//! there before are scheduled; here they are bound to the nodes in turn.

use serde_json::{Value, json};

/// What a scenario's pods say beside their requests, and how its nodes are labelled.
struct Scenario {
    name: &'static str,
    zones: &'static [&'static str],
    /// The pod with a number; the first argument is whether it is there before.
    pod: fn(usize, bool) -> Value,
}

const ONE_ZONE: &[&str] = &["zone1"];
const MOONS: &[&str] = &["moon-1", "moon-2", "moon-3"];
const ZONE: &str = "topology.kubernetes.io/zone";
const HOST: &str = "kubernetes.io/hostname";

const SCENARIOS: [Scenario; 10] = [
    Scenario { name: "SchedulingBasic", zones: &[], pod: |_, _| json!({}) },
    Scenario {
        name: "SchedulingPodAntiAffinity",
        zones: ONE_ZONE,
        pod: |_, _| pod_affinity("green", "podAntiAffinity", HOST, false),
    },
    Scenario {
        name: "SchedulingPodAffinity",
        zones: ONE_ZONE,
        pod: |_, _| pod_affinity("blue", "podAffinity", ZONE, false),
    },
    Scenario {
        name: "SchedulingPreferredPodAffinity",
        zones: ONE_ZONE,
        pod: |_, _| pod_affinity("red", "podAffinity", HOST, true),
    },
    Scenario {
        name: "SchedulingPreferredPodAntiAffinity",
        zones: ONE_ZONE,
        pod: |_, _| pod_affinity("yellow", "podAntiAffinity", HOST, true),
    },
    Scenario { name: "SchedulingNodeAffinity", zones: ONE_ZONE, pod: |_, _| node_affinity() },
    Scenario { name: "TopologySpreading", zones: MOONS, pod: |_, before| spreading(before, "DoNotSchedule") },
    Scenario { name: "PreferredTopologySpreading", zones: MOONS, pod: |_, before| spreading(before, "ScheduleAnyway") },
    Scenario { name: "MixedSchedulingBasePod", zones: ONE_ZONE, pod: mixed },
    // Those that are there before fit; of those that come, each second one fits nowhere.
    Scenario {
        name: "Unschedulable",
        zones: &[],
        pod: |at, before| if before || at % 2 == 0 { json!({}) } else { large() },
    },
];

/// The names, for people.
pub(crate) fn names() -> String {
    SCENARIOS.map(|scenario| scenario.name).join(", ")
}

/// A case of a scenario.
pub(crate) fn case(name: &str, nodes: usize, pods: usize, existing: usize) -> Result<Value, String> {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name);
    let scenario = scenario.ok_or_else(|| format!("{name} is no scenario: {} are", names()))?;
    if nodes == 0 {
        return Err("a scenario has at least one node".to_owned());
    }
    let node = |at: usize| {
        let name = format!("scheduler-perf-{at}");
        let mut labels = json!({ HOST: name });
        if !scenario.zones.is_empty() {
            labels[ZONE] = json!(scenario.zones[at % scenario.zones.len()]);
        }
        json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name, "labels": labels }, "status": {
            "capacity": { "cpu": "4", "memory": "32Gi", "pods": "110" },
            "allocatable": { "cpu": "4", "memory": "32Gi", "pods": "110" },
            "conditions": [{ "type": "Ready", "status": "True" }] } })
    };
    let namespace = |name: &str| json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": { "kubernetes.io/metadata.name": name } } });
    let before = (0..existing).map(|at| {
        let mut pod = pod("sched-0", &format!("before-{at}"), (scenario.pod)(at, true));
        pod["spec"]["nodeName"] = json!(format!("scheduler-perf-{}", at % nodes));
        pod["status"] = json!({ "phase": "Running" });
        pod
    });
    let waiting = (0..pods).map(|at| pod("sched-1", &format!("pod-{at}"), (scenario.pod)(at, false)));
    let objects: Vec<Value> = ["sched-0", "sched-1"]
        .into_iter()
        .map(namespace)
        .chain((0..nodes).map(node))
        .chain(before)
        .chain(waiting)
        .collect();
    let pending: Vec<String> = (0..pods).map(|at| format!("sched-1/pod-{at}")).collect();
    Ok(json!({ "name": format!("{name}-{nodes}nodes-{pods}pods"), "objects": objects, "pending": pending }))
}

/// scheduler_perf's default pod, and what the scenario adds.
fn pod(namespace: &str, name: &str, adds: Value) -> Value {
    let requests = adds.get("requests").cloned().unwrap_or_else(|| json!({ "cpu": "100m", "memory": "500Mi" }));
    let mut spec = json!({ "schedulerName": "default-scheduler", "containers": [{ "name": "pause", "image": "registry.k8s.io/pause:3.10.1",
        "ports": [{ "containerPort": 80, "protocol": "TCP" }], "resources": { "requests": requests, "limits": requests } }] });
    for field in ["affinity", "topologySpreadConstraints"] {
        if let Some(value) = adds.get(field) {
            spec[field] = value.clone();
        }
    }
    let labels = adds.get("labels").cloned().unwrap_or_else(|| json!({}));
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": namespace, "labels": labels }, "spec": spec,
        "status": { "phase": "Pending" } })
}

fn pod_affinity(color: &str, which: &str, key: &str, is_preferred: bool) -> Value {
    let term = json!({ "labelSelector": { "matchLabels": { "color": color } }, "topologyKey": key, "namespaces": ["sched-1", "sched-0"] });
    let affinity = match is_preferred {
        true => {
            json!({ "preferredDuringSchedulingIgnoredDuringExecution": [{ "weight": 1, "podAffinityTerm": term }] })
        }
        false => json!({ "requiredDuringSchedulingIgnoredDuringExecution": [term] }),
    };
    json!({ "labels": { "color": color }, "affinity": { which: affinity } })
}

fn node_affinity() -> Value {
    let terms = json!([{ "matchExpressions": [{ "key": ZONE, "operator": "In", "values": ["zone1", "zone2"] }] }]);
    json!({ "affinity": { "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": { "nodeSelectorTerms": terms } } } })
}

fn spreading(before: bool, otherwise: &str) -> Value {
    if before {
        return json!({});
    }
    json!({ "labels": { "color": "blue" }, "topologySpreadConstraints": [{ "maxSkew": 5, "topologyKey": ZONE,
        "whenUnsatisfiable": otherwise, "labelSelector": { "matchLabels": { "color": "blue" } } }] })
}

/// Plain pods come to a cluster that has pods of each other kind.
fn mixed(at: usize, before: bool) -> Value {
    match (before, at % 5) {
        (true, 1) => pod_affinity("blue", "podAffinity", ZONE, false),
        (true, 2) => pod_affinity("green", "podAntiAffinity", HOST, false),
        (true, 3) => pod_affinity("red", "podAffinity", HOST, true),
        (true, 4) => pod_affinity("yellow", "podAntiAffinity", HOST, true),
        _ => json!({}),
    }
}

/// More than a node has.
fn large() -> Value {
    json!({ "requests": { "cpu": "9", "memory": "500Mi" } })
}
