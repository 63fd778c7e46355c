//! What a real scheduler decided in a running control plane, attempt by attempt: `tests/controlplane` at the root.
//!
//! The log is replayed: each pod that was bound is bound where it was, and before that we decide for it. The state at
//! an attempt is known but for one thing, and those attempts are left out: pods that go (their end comes from a watch, whose
//! order against the log is not exact) may be there or not.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use bayplan::objects::{Kind, Object, Taint};
use bayplan::{Cluster, Options, read};
use serde_json::Value;

/// How many lines of the log around an attempt may be in another order.
const NEAR: usize = 10;

fn text(scenario: &str, file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/controlplane").join(scenario);
    if let Ok(text) = std::fs::read_to_string(folder.join(file)) {
        return text;
    }
    let path = folder.join(format!("{file}.gz"));
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
    let mut objects = read::from_text(&text(scenario, "dump.json"), scenario).expect("the dump").objects;
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
    /// Pods that went to one of our best nodes, and pods that failed with our message, in a known state.
    bound: usize,
    failed: usize,
    /// Of these, pods that preempted others on one of our best nodes, as many as ours.
    preempted: usize,
    /// In a state that is not quite known: as ours, and not.
    same_anyway: usize,
    unknown: usize,
    /// In a known state: what differs.
    differ: Vec<String>,
}

fn key(object: &Object) -> String {
    format!("{}/{}", object.namespace(), object.name())
}

/// Where the event says that pods are preempted on a node: whether it is one of our best, with as many victims, and the rest of the event is ours
/// too.
fn preempts(cluster: &mut Cluster, pod: &str, event: &str) -> Option<bool> {
    let (before, rest) = event.split_once(" preemption: found a potential placement for pod on node ")?;
    let (node, count) = rest.split_once(", preempting ")?;
    let count: usize = count.strip_suffix(" victims")?.parse().ok()?;
    let weighed = cluster.preempt_dry_run(pod).expect("known");
    let message = cluster.decide(pod).expect("known").message;
    let found = weighed.candidates.iter().find(|candidate| candidate.node == node);
    let is_best = weighed.best.iter().any(|best| best == node);
    Some(is_best && found.is_some_and(|found| found.victims.len() == count) && message == before)
}

fn replay(scenario: &str) -> Tally {
    let (mut cluster, steps) = (world(scenario), json(scenario, "nodes.json"));
    // A pod of a StatefulSet may come to be twice.
    let mut pods = Vec::new();
    for item in json(scenario, "pods.json")["items"].as_array().expect("items") {
        pods.push(read::from_value(item).expect("a pod"));
    }
    let log = json(scenario, "attempts.json");
    let log = log.as_array().expect("lines");
    let mut replaced: BTreeSet<String> = BTreeSet::new();
    let mut tally = Tally::default();
    let of = |line: &Value, key: &str| line[key].as_str().map(str::to_owned);
    for (number, line) in log.iter().enumerate() {
        if let Some(step) = of(line, "step") {
            set_nodes(&mut cluster, &steps[&step]);
        }
        if let Some(pod) = of(line, "gone")
            && !replaced.remove(&pod)
            && cluster.pod(&pod).is_some()
        {
            cluster.evict(&pod).expect("it is there");
        }
        if let Some(pod) = of(line, "created") {
            // A pod that was made with a node is never in the scheduler's log.
            let is_it = |object: &Object| match object {
                Object::Pod(made) => key(object) == pod && !made.spec.node_name.is_empty(),
                _ => false,
            };
            if let Some(first) = pods.iter().position(is_it) {
                cluster.upsert(pods.remove(first)).expect("a pod");
            }
        }
        let Some(pod) = of(line, "pod") else { continue };
        let mut rest = log[number + 1..].iter().take_while(|line| of(line, "pod").as_ref() != Some(&pod));
        let end =
            rest.find(|line| of(line, "bound").as_ref() == Some(&pod) || of(line, "failed").as_ref() == Some(&pod));
        let Some(end) = end else { continue };
        // Its end is told later than its successor's beginning.
        if cluster.pod(&pod).is_some_and(|there| !there.spec.node_name.is_empty()) {
            cluster.evict(&pod).expect("it is there");
            replaced.insert(pod.clone());
        }
        if cluster.pod(&pod).is_none() {
            let first = pods.iter().position(|object| key(object) == pod).unwrap_or_else(|| panic!("{pod}"));
            cluster.upsert(pods.remove(first)).expect("a pod");
        }
        let explanation = cluster.why(&pod).expect("known");
        let near = &log[number.saturating_sub(NEAR)..(number + NEAR).min(log.len())];
        let known = !near.iter().any(|line| line["gone"].is_string());
        let (same, real) = match (of(end, "node"), of(end, "message")) {
            (Some(node), _) => {
                let real = Arc::from(node.as_str());
                (explanation.best.contains(&real) || explanation.feasible == [real], node)
            }
            (_, Some(message)) => {
                let preempted = preempts(&mut cluster, &pod, &message);
                tally.preempted += usize::from(preempted == Some(true) && known);
                (preempted.unwrap_or_else(|| explanation.decision.event() == message), message)
            }
            _ => panic!("{end}"),
        };
        match (same, known) {
            (true, true) if end["node"].is_string() => tally.bound += 1,
            (true, true) => tally.failed += 1,
            (true, false) => tally.same_anyway += 1,
            (false, false) => tally.unknown += 1,
            (false, true) => {
                let ours = (&explanation.best, &explanation.decision.node, &explanation.decision.event());
                tally.differ.push(format!("{scenario}: line {number}: {pod}: real {real}, ours {ours:?}"));
            }
        }
        if let Some(node) = of(end, "node") {
            cluster.bind(&pod, &node, 0).expect("a node");
        } else if let Some((_, rest)) = end["message"].as_str().and_then(|m| m.split_once("placement for pod on node "))
        {
            let node = rest.split(',').next().unwrap_or_default();
            cluster.nominate(&pod, node).expect("a node");
        }
    }
    tally
}

#[test]
fn attempts_end_as_they_did_in_a_real_control_plane() {
    // How many attempts are compared in a known state: pods that were bound, pods that failed.
    let scenarios = [
        ("city", 226, 12, 3),
        ("drain", 17, 0, 0),
        ("evict", 16, 0, 0),
        ("health", 28, 1, 0),
        ("limits", 12, 0, 0),
        ("priority", 9, 1, 0),
        ("quota", 13, 2, 0),
        ("refused", 0, 1, 0),
        ("runtimeclass", 4, 1, 0),
        ("spread", 21, 1, 0),
        ("workloads", 28, 0, 0),
    ];
    for (scenario, bound, failed, preempted) in scenarios {
        let tally = replay(scenario);
        println!("{scenario}: {tally:?}");
        assert!(tally.differ.is_empty(), "{:#?}", tally.differ);
        assert_eq!((tally.bound, tally.failed, tally.preempted), (bound, failed, preempted), "{scenario}");
    }
}
