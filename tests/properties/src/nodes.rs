//! Nodes and namespaces.

use serde_json::{Value, json};

use crate::random::Random;
use crate::terms::{HOST, REGION, ZONE, ZONES};

/// Features that a node may declare.
const FEATURES: [&str; 3] =
    ["RestartAllContainersOnContainerExits", "UserNamespacesHostNetworkSupport", "VolumeBindMountOptions"];

/// A node of that name.
pub fn node(random: &mut Random, name: &str) -> Value {
    let mut node = json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": { "name": name, "uid": name, "labels": labels(random, name) },
        "spec": {},
        "status": { "conditions": [{ "type": "Ready", "status": "True" }] },
    });
    set_allocatable(random, &mut node);
    set_images(random, &mut node);
    if random.percent(30) {
        set_taints(random, &mut node);
    }
    if random.percent(40) {
        node["status"]["declaredFeatures"] = random.some(&FEATURES).into();
    }
    node
}

/// Labels of a node; one without a hostname or a zone is seldom.
pub fn labels(random: &mut Random, name: &str) -> Value {
    let mut labels = json!({ "kubernetes.io/os": "linux" });
    if random.percent(95) {
        labels[HOST] = name.into();
    }
    if random.percent(90) {
        // A value may be empty, and is then a domain like any other.
        labels[ZONE] = if random.percent(3) { "" } else { random.one(&ZONES) }.into();
        labels[REGION] = random.one(&["r1", "r1", "r2"]).into();
    }
    if random.percent(60) {
        labels["disk"] = random.one(&["ssd", "ssd", "hdd", "hdd", "tape"]).into();
    }
    if random.percent(40) {
        labels["gen"] = random.below(14).to_string().into();
    }
    if random.percent(60) {
        labels["pool"] = random.one(&["a", "b"]).into();
    }
    labels
}

/// Other amounts.
pub fn set_allocatable(random: &mut Random, node: &mut Value) {
    let mut amounts = json!({
        "cpu": random.one(&["2", "4", "7900m", "16"]),
        "memory": random.one(&["2Gi", "8100Mi", "8Gi", "16344928Ki"]),
        "pods": random.one(&["4", "8", "20", "110"]),
        "ephemeral-storage": "50Gi",
    });
    // So much that scores overflow.
    if random.percent(3) {
        amounts["memory"] = random.one(&["90Pi", "8E", "7Ei"]).into();
        amounts["cpu"] = random.one(&["16", "9P"]).into();
    }
    if random.percent(50) {
        amounts["example.com/foo"] = random.one(&["1", "4"]).into();
    }
    node["status"]["capacity"] = amounts.clone();
    node["status"]["allocatable"] = amounts;
}

/// Other taints, or none.
pub fn set_taints(random: &mut Random, node: &mut Value) {
    let mut taints = Vec::new();
    for _ in 0..random.below(3) {
        let effect =
            random.one(&["NoSchedule", "PreferNoSchedule", "PreferNoSchedule", "PreferNoSchedule", "NoExecute"]);
        taints.push(
            json!({ "key": random.one(&["gpu", "dedicated"]), "value": random.one(&["x", "y"]), "effect": effect }),
        );
    }
    node["spec"]["taints"] = taints.into();
}

/// Cordons the node or takes the cordon away, as kubectl and the node controller do together.
pub fn cordon(random: &mut Random, node: &mut Value) {
    let on = node["spec"]["unschedulable"] != true && random.percent(60);
    node["spec"]["unschedulable"] = on.into();
    let mut taints = node["spec"]["taints"].as_array().cloned().unwrap_or_default();
    taints.retain(|taint| taint["key"] != "node.kubernetes.io/unschedulable");
    if on && random.percent(70) {
        taints.push(json!({ "key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule" }));
    }
    node["spec"]["taints"] = taints.into();
}

/// Other images.
pub fn set_images(random: &mut Random, node: &mut Value) {
    let all = [
        json!({ "names": ["registry.example/app:v1", "registry.example/app@sha256:1"], "sizeBytes": 300_000_000 }),
        json!({ "names": ["registry.example/db:v2"], "sizeBytes": 900_000_000 }),
        json!({ "names": ["docker.io/library/tool:latest"], "sizeBytes": 60_000_000 }),
    ];
    node["status"]["images"] = if random.percent(60) { random.some(&all).into() } else { json!([]) };
}

/// A namespace, with labels that change.
pub fn namespace(random: &mut Random, name: &str) -> Value {
    let mut labels = json!({ "kubernetes.io/metadata.name": name });
    if random.percent(70) {
        labels["team"] = random.one(&["a", "b"]).into();
    }
    if random.percent(40) {
        labels["tier"] = "gold".into();
    }
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "uid": name, "labels": labels } })
}
