//! Clusters as Kubernetes objects.

use serde_json::{Value, json};

use crate::{bound, machine, requests};

/// Nodes, apps (a service and a replica set each) and the pods that are bound from the start.
#[must_use]
pub fn cluster(nodes: usize, apps: usize) -> Vec<Value> {
    let mut all: Vec<Value> = (0..nodes).map(node).collect();
    for app in 0..apps {
        all.extend(self::app(app));
    }
    for number in 0..nodes {
        for (at, app) in bound(number, apps).enumerate() {
            let mut pod = pod(app, &format!("bound-{number}-{at}"));
            pod["spec"]["nodeName"] = json!(format!("node-{number}"));
            pod["status"] = json!({ "phase": "Running", "startTime": "2026-01-01T00:00:00Z" });
            all.push(pod);
        }
    }
    all
}

/// A node.
#[must_use]
pub fn node(number: usize) -> Value {
    let m = machine(number);
    let mut taints = Vec::new();
    if m.tainted {
        taints.push(json!({ "key": "dedicated", "value": "batch", "effect": "NoSchedule" }));
    }
    if m.advised_against {
        taints.push(json!({ "key": "old", "effect": "PreferNoSchedule" }));
    }
    let images: Vec<Value> = (0..4)
        .map(|i| json!({ "names": [format!("registry.example/base-{}:v{i}", m.images)], "sizeBytes": 90_000_000 * (i + 1) }))
        .collect();
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": format!("node-{number}"),
            "labels": {
                "kubernetes.io/hostname": format!("node-{number}"),
                "topology.kubernetes.io/zone": format!("zone-{}", m.zone),
                "topology.kubernetes.io/region": "north",
                "node.kubernetes.io/instance-type": format!("m{}", m.milli_cpu / 1000 + 1),
            },
        },
        "spec": { "taints": taints },
        "status": {
            "allocatable": { "cpu": format!("{}m", m.milli_cpu), "memory": m.memory.to_string(), "pods": "110" },
            "images": images,
        },
    })
}

/// A service and a replica set.
#[must_use]
pub fn app(app: usize) -> [Value; 2] {
    let labels = json!({ "app": format!("app-{app}") });
    [
        json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": { "name": format!("app-{app}"), "namespace": "shop" },
            "spec": { "selector": labels },
        }),
        json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": { "name": format!("app-{app}"), "namespace": "shop" },
            "spec": { "selector": { "matchLabels": labels }, "template": { "spec": { "containers": [] } } },
        }),
    ]
}

/// A pending pod of an app.
#[must_use]
pub fn pod(app: usize, name: &str) -> Value {
    let (milli_cpu, memory) = requests(app);
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "shop",
            "labels": { "app": format!("app-{app}"), "pod-template-hash": format!("{app:08x}") },
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("app-{app}"), "controller": true }],
        },
        "spec": {
            "schedulerName": "default-scheduler",
            "priority": 0,
            "containers": [{
                "name": "main",
                "image": format!("registry.example/base-{}:v2", app % 4),
                "resources": { "requests": { "cpu": format!("{milli_cpu}m"), "memory": memory.to_string() } },
            }],
            "tolerations": [
                { "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 },
                { "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 },
            ],
        },
    })
}
