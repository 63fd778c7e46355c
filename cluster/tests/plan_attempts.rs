//! What a real scheduler decided in a running control plane, attempt by attempt: `tests/controlplane` at the root.
//!
//! The log is replayed: each pod that was bound is bound where it was, and before that we decide for it. The state at
//! an attempt is known but for two things, and those attempts are left out: pods that are nominated to a node hold it, and
//! pods that go (their end comes from a watch, whose order against the log is not exact) may be there or not.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use bayplan::objects::{Kind, Object, Taint};
use bayplan::{Cluster, Options, read};
use serde_json::Value;

/// How many lines of the log around an attempt may be in another order.
const NEAR: usize = 40;

fn text(scenario: &str, file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/controlplane").join(scenario).join(file);
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("gzip");
    text
}

fn json(scenario: &str, file: &str) -> Value {
    serde_json::from_str(&text(scenario, file)).expect("JSON")
}

/// Everything of the dump but its pods.
fn world(scenario: &str) -> Cluster {
    let mut objects = read::from_text(&text(scenario, "dump.json.gz"), scenario).expect("the dump").objects;
    objects.retain(|object| object.kind() != Kind::Pod);
    let mut cluster = Cluster::new(Options::default()).expect("defaults");
    cluster.load(objects).expect("the dump");
    cluster
}

/// Brings the nodes to what they were after a step.
fn set_nodes(cluster: &mut Cluster, specs: &Value) {
    let names: Vec<String> = cluster.nodes().into_iter().map(str::to_owned).collect();
    for name in names {
        let Some(Object::Node(node)) = cluster.object(Kind::Node, "", &name) else { panic!("{name}") };
        let mut node = node.clone();
        let spec = &specs[&name]["spec"];
        assert!(!specs[&name].is_null(), "{name} came later");
        let taints = if spec["taints"].is_null() { Value::Array(Vec::new()) } else { spec["taints"].clone() };
        node.spec.taints = serde_json::from_value::<Vec<Taint>>(taints).expect("taints");
        node.spec.unschedulable = spec["unschedulable"].as_bool().unwrap_or(false);
        cluster.upsert(Object::Node(node)).expect("a node");
    }
}

#[derive(Default, Debug)]
struct Tally {
    bound: usize,
    failed: usize,
    unknown: usize,
    differ: Vec<String>,
}

fn replay(scenario: &str) -> Tally {
    let (mut cluster, steps) = (world(scenario), json(scenario, "nodes.json.gz"));
    let pods = read::from_text(&text(scenario, "pods.json.gz"), scenario).expect("the pods").objects;
    let log = json(scenario, "attempts.json.gz");
    let log = log.as_array().expect("lines");
    let mut nominated: BTreeSet<String> = BTreeSet::new();
    let mut tally = Tally::default();
    let of = |line: &Value, key: &str| line[key].as_str().map(str::to_owned);
    for (number, line) in log.iter().enumerate() {
        if let Some(step) = of(line, "step") {
            set_nodes(&mut cluster, &steps[&step]);
        }
        if let Some(pod) = of(line, "gone") {
            nominated.remove(&pod);
            if cluster.pod(&pod).is_some() {
                cluster.evict(&pod).expect("it is there");
            }
        }
        let Some(pod) = of(line, "pod") else { continue };
        let mut rest = log[number + 1..].iter().take_while(|line| of(line, "pod").as_ref() != Some(&pod));
        let end = rest.find(|line| of(line, "bound").as_ref() == Some(&pod) || of(line, "failed").as_ref() == Some(&pod));
        let Some(end) = end else { continue };
        if cluster.pod(&pod).is_none() {
            let Some(object) = pods.iter().find(|o| format!("{}/{}", o.namespace(), o.name()) == pod) else { panic!("{pod}") };
            cluster.upsert(object.clone()).expect("a pod");
        }
        let explanation = cluster.explain(&pod).expect("known");
        let near = &log[number.saturating_sub(NEAR)..(number + NEAR).min(log.len())];
        let known = nominated.is_empty() && !near.iter().any(|line| line["gone"].is_string());
        let (same, real) = match (of(end, "node"), of(end, "message")) {
            (Some(node), _) => (
                explanation.best.contains(&node) || explanation.feasible == [node.as_str()],
                node,
            ),
            (_, Some(message)) => {
                let bare = message.split(" preemption: ").next().unwrap_or_default().to_owned();
                (explanation.decision.message == bare, bare)
            }
            _ => panic!("{end}"),
        };
        match (known || same, known, end["node"].is_string()) {
            (true, true, _) if !same => {
                let ours = &explanation.decision;
                tally.differ.push(format!("{scenario}: line {number}: {pod}: real {real}, ours {:?} {:?} {}", explanation.best, ours.node, ours.message));
            }
            (_, true, true) => tally.bound += 1,
            (_, true, false) => tally.failed += 1,
            _ => tally.unknown += 1,
        }
        if let Some(node) = of(end, "node") {
            nominated.remove(&pod);
            cluster.bind(&pod, &node, 0).expect("a node");
        } else if real.len() < end["message"].as_str().map_or(0, str::len)
            && end["message"].as_str().is_some_and(|m| m.contains("found a potential placement"))
        {
            nominated.insert(pod);
        }
    }
    tally
}

#[test]
fn attempts_end_as_they_did_in_a_real_control_plane() {
    for scenario in ["city", "drain", "evict", "health", "limits", "priority", "quota", "refused", "runtimeclass", "spread", "workloads"] {
        let tally = replay(scenario);
        println!("{scenario}: {} {} {} {:#?}", tally.bound, tally.failed, tally.unknown, tally.differ);
    }
}
