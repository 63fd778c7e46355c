//! What an attempt that preempts takes: 5,000 nodes, each full of 30 pods of lower priority, of which no two nodes have the same; all
//! candidates weighed, the pod's class never seen before.
//! `cargo run --release -p bayplan-benches --example preempt [NODES]`; with `--write PATH` it writes the case for the oracle, whose answer
//! `ask.py` times.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bayplan::objects::Object;
use bayplan::{Cluster, Options, read};
use serde_json::{Value, json};

const PODS: usize = 30;
const PREEMPTORS: usize = 40;

/// Numbers that look drawn, the same each time.
fn mixed(of: usize) -> usize {
    let z = (of as u64).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((z ^ z >> 29).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) as usize
}

fn pod(name: &str, milli_cpu: usize, priority: i64) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "namespace": "default", "uid": name, "labels": {} },
        "spec": { "schedulerName": "default-scheduler", "priority": priority, "containers": [{ "name": "c", "image": "i",
            "resources": { "requests": { "cpu": format!("{milli_cpu}m"), "memory": "128Mi" } } }] },
        "status": { "phase": "Pending" },
    })
}

fn objects(nodes: usize) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for node in 0..nodes {
        let name = format!("node-{node:05}");
        let sizes: Vec<usize> = (0..PODS).map(|at| 100 + mixed(node * PODS + at) % 400).collect();
        let full = sizes.iter().sum::<usize>() + 50;
        all.push(json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": { "name": name, "uid": name, "labels": { "kubernetes.io/hostname": name } },
            "status": { "allocatable": { "cpu": format!("{full}m"), "memory": "64Gi", "pods": "110" } },
        }));
        for (at, size) in sizes.into_iter().enumerate() {
            let drawn = mixed(node * PODS + at + 1_000_000);
            let mut pod = pod(&format!("p-{node:05}-{at:02}"), size, (drawn % 10) as i64 * 10);
            let minute = drawn / 10 % 60;
            pod["metadata"]["labels"] =
                json!({ "a": (drawn / 600 % 4).to_string(), "b": (drawn / 2_400 % 4).to_string() });
            pod["spec"]["nodeName"] = json!(name);
            pod["status"] = json!({ "phase": "Running", "startTime": format!("2024-01-{:02}T10:{minute:02}:00Z", 1 + drawn / 9_600 % 28) });
            all.push(pod);
        }
    }
    for (label, allowed) in [("a", 2), ("b", 5)] {
        all.push(json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": { "name": label, "namespace": "default", "uid": label },
            "spec": { "selector": { "matchExpressions": [{ "key": label, "operator": "In", "values": ["1", "2"] }] } },
            "status": { "disruptionsAllowed": allowed, "currentHealthy": 9, "desiredHealthy": 1, "expectedPods": 9, "observedGeneration": 1 },
        }));
    }
    all.extend((0..PREEMPTORS).map(|at| pod(&format!("high-{at}"), 1_000 + at, 1_000)));
    all
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let first = args.next();
    if first.as_deref() == Some("--write") {
        let pending: Vec<String> = (0..PREEMPTORS).map(|at| format!("default/high-{at}")).collect();
        let case = json!({ "name": "preempt-5000", "config": null, "objects": objects(5_000), "pending": pending });
        return Ok(std::fs::write(args.next().ok_or("--write needs a path")?, format!("{case}\n"))?);
    }
    let nodes = first.map_or(Ok(5_000), |text| text.parse())?;
    let mut cluster = Cluster::new(Options::default())?;
    cluster.load(
        objects(nodes).iter().map(|object| read::Reading::live().value(object)).collect::<Result<Vec<Object>, _>>()?,
    )?;
    let mut spent: Vec<(Duration, u32)> = Vec::new();
    // What loading has left to the allocator to tidy up is done first.
    (0..40).for_each(|_| drop(black_box(cluster.why("default/high-0"))));
    for at in 0..PREEMPTORS {
        let begin = Instant::now();
        let decision = cluster.decide(&format!("default/high-{at}"))?;
        spent.push((begin.elapsed(), black_box(decision).preemption.map_or(0, |found| found.ties)));
    }
    assert!(spent.iter().all(|(_, ties)| *ties > 0), "each finds a candidate");
    spent.sort_unstable();
    println!(
        "{nodes} nodes of {PODS} pods, new classes: least {:?}, median {:?} an attempt",
        spent[0].0,
        spent[PREEMPTORS / 2].0
    );
    cluster.set_preemption(false);
    let mut without: Vec<Duration> = (0..PREEMPTORS)
        .map(|at| {
            let begin = Instant::now();
            black_box(cluster.decide(&format!("default/high-{at}")).is_ok());
            begin.elapsed()
        })
        .collect();
    without.sort_unstable();
    println!("the same without preemption, classes seen: median {:?}", without[PREEMPTORS / 2]);
    Ok(())
}
