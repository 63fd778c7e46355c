//! Waves of pods that are spread over zones and hosts, keep off each other's hosts and like a zone: 5,000 nodes, 5,000
//! bound pods, 50 apps; microseconds of decide and bind for each pod, through the facade.
//! `cargo run --release -p bayplan-benches --example waves`

use std::time::Instant;

use bayplan::{Cluster, Options, read};
use serde_json::{Value, json};

const NODES: usize = 5_000;
const APPS: usize = 50;
const BOUND: usize = 5_000;
const WAVE: usize = 20;

fn node(number: usize) -> Value {
    let name = format!("node-{number:05}");
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": name, "labels": {
            "kubernetes.io/hostname": name,
            "topology.kubernetes.io/zone": format!("zone-{}", number % 3),
        } },
        "status": { "allocatable": { "cpu": "16", "memory": "64Gi", "pods": "110" } },
    })
}

fn pod(app: usize, number: usize, node: Option<usize>) -> Value {
    let selector = json!({ "matchLabels": { "app": format!("app-{app}") } });
    let spread = |key: &str, action: &str| {
        json!({ "maxSkew": if action == "DoNotSchedule" { 5 } else { 1 }, "topologyKey": key,
            "whenUnsatisfiable": action, "labelSelector": selector })
    };
    let zone = "topology.kubernetes.io/zone";
    let mut spec = json!({
        "schedulerName": "default-scheduler",
        "containers": [{ "name": "c", "image": "i", "resources": { "requests": { "cpu": "100m", "memory": "128Mi" } } }],
        "topologySpreadConstraints": [spread(zone, "DoNotSchedule"), spread("kubernetes.io/hostname", "ScheduleAnyway")],
        "affinity": {
            "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [
                { "topologyKey": "kubernetes.io/hostname", "labelSelector": selector }] },
            "podAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [
                { "weight": 10, "podAffinityTerm": { "topologyKey": zone,
                    "labelSelector": { "matchLabels": { "app": format!("app-{}", (app + 1) % APPS) } } } }] },
        },
    });
    if let Some(node) = node {
        spec["nodeName"] = json!(format!("node-{node:05}"));
    }
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": format!("app-{app}-{number}"), "namespace": "default", "labels": { "app": format!("app-{app}") } },
        "spec": spec,
    })
}

fn main() -> Result<(), bayplan::Error> {
    let mut objects: Vec<Value> = (0..NODES).map(node).collect();
    objects.extend((0..BOUND).map(|n| pod(n % APPS, n / APPS, Some(n * 7919 % NODES))));
    objects.extend((0..APPS * WAVE).map(|n| pod(n / WAVE, BOUND / APPS + n % WAVE, None)));
    let mut cluster = Cluster::new(Options::default())?;
    cluster.load(objects.iter().map(|object| read::Reading::live().value(object)).collect::<Result<Vec<_>, _>>()?)?;
    let pending = cluster.pending();
    let mut times = Vec::with_capacity(pending.len());
    for key in &pending {
        let begin = Instant::now();
        let decision = cluster.decide(key)?;
        let node = decision.node.unwrap_or_else(|| panic!("{key}: {}", decision.message));
        cluster.bind(key, &node, 0)?;
        times.push(begin.elapsed());
    }
    cluster.recount()?;
    times.sort_unstable();
    let total: std::time::Duration = times.iter().sum();
    let micros = |d: std::time::Duration| d.as_secs_f64() * 1e6;
    println!(
        "{NODES} nodes, {BOUND} bound pods, {} pods of {APPS} apps: least {:.1} µs, median {:.1} µs, mean {:.1} µs a pod",
        times.len(),
        micros(times[0]),
        micros(times[times.len() / 2]),
        micros(total) / times.len() as f64,
    );
    Ok(())
}
