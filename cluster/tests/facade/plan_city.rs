//! Placing on a dump that a real API server gave, against what the real kube-scheduler decides for the same pods.
//!
//! `tests/plan/city.cases.ndjson.gz` holds the dump, the pods that the workloads become, and their order;
//! `city.expected-VERSION.ndjson.gz` what the scheduler of that version made of them (formats:
//! `tests/conformance/README.md` at the root). After a change of the examples, write the cases anew with
//! `BAYPLAN_CASES=city.cases.ndjson cargo test -p bayplan --test plan_city -- --ignored`, and ask the scheduler again.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use bayplan::attempt::{Decision, Outcome};
use bayplan::objects::{Kind, Object};
use bayplan::{Cluster, Options, PlaceOptions, Placements, Version, read};
use serde_json::{Value, json};

const LIMIT: usize = 100;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn city(version: Version) -> Cluster {
    let mut cluster = Cluster::new(Options { version, ..Options::default() }).expect("defaults");
    let input = read::from_path(root("examples/city.json")).expect("the dump");
    assert!(input.skipped.is_empty(), "{}", input.skipped);
    cluster.load(input.objects).expect("the dump");
    assert_eq!(cluster.warnings(), Vec::<String>::new());
    cluster
}

/// The example's workloads, and apps of the dump scaled up: their new pods are spread from the ones that run.
fn workloads(case: &str, cluster: &Cluster) -> Vec<Object> {
    if case == "examples" {
        return read::from_path(root("examples/workloads.yaml")).expect("the workloads").objects;
    }
    let apps = [
        (Kind::Deployment, "shop", "ads", 15),
        (Kind::Deployment, "shop", "cart", 12),
        (Kind::Deployment, "shop", "email", 5),
        (Kind::Deployment, "shop", "recommend", 10),
        (Kind::Deployment, "data", "cache", 8),
        (Kind::StatefulSet, "data", "postgres", 5),
    ];
    let scaled = apps.into_iter().map(|(kind, namespace, name, replicas)| {
        let mut app = cluster.object(kind, namespace, name).expect(name).clone();
        match &mut app {
            Object::Deployment(app) => app.spec.replicas = Some(replicas),
            Object::StatefulSet(app) => app.spec.replicas = Some(replicas),
            other => panic!("{other}"),
        }
        app
    });
    scaled.collect()
}

fn place(case: &str, cluster: &Cluster) -> Placements {
    let workloads = workloads(case, cluster);
    cluster.place(Some(&workloads), &PlaceOptions::default(), &mut |_, _| true).expect("a plan")
}

fn lines(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plan").join(file);
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("gzip");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn expected(case: &str, version: Version) -> Vec<Value> {
    let lines = lines(&format!("city.expected-{version}.ndjson.gz"));
    let line = lines.iter().find(|line| line["name"] == case).expect("the case");
    line["steps"].as_array().expect("steps").clone()
}

/// Is the decision the one of the real scheduler: the node (the first of the best), its score, the ties, the message?
fn same(decision: &Decision, step: &Value) {
    assert_eq!(decision.pod, step["pod"]);
    assert_eq!(decision.not_applied, [], "{decision:?}");
    let ties = step["best"].as_array().map_or(usize::from(step["node"].is_string()), Vec::len);
    let score = step["node"].as_str().and_then(|node| step["totals"][node].as_i64()).unwrap_or(0);
    let outcome = match decision.outcome {
        Outcome::Scheduled => "Scheduled",
        _ => "Unschedulable",
    };
    assert_eq!(step["result"], outcome, "{decision:?}");
    assert_eq!(decision.node.as_deref(), step["node"].as_str(), "{decision:?}");
    assert_eq!((decision.score, decision.ties as usize), (score, ties), "{decision:?}");
    assert_eq!(decision.message, step["message"].as_str().unwrap_or(""), "{decision:?}");
}

#[test]
fn workloads_land_where_kube_scheduler_puts_them() {
    for version in Version::ALL {
        let cluster = city(version);
        for (case, placed, all) in [("examples", 10, 15), ("scaled", 11, 13)] {
            let (placements, steps) = (place(case, &cluster), expected(case, version));
            assert_eq!(placements.decisions.len(), all, "{case}");
            for (decision, step) in placements.decisions.iter().zip(&steps) {
                same(decision, step);
            }
            let scheduled = placements.decisions.iter().filter(|d| d.outcome == Outcome::Scheduled).count();
            assert_eq!(scheduled, placed, "{case}");
        }
    }
}

#[test]
fn as_many_replicas_fit_as_kube_scheduler_places() {
    for version in Version::ALL {
        let cluster = city(version);
        let placements = place("examples", &cluster);
        let mut steps = expected("examples", version).split_off(placements.decisions.len());
        // For the one that does not fit the real scheduler evicts another pod, and tries again.
        let failed = steps.iter().position(|step| step["result"] == "Unschedulable").expect("one fails");
        steps.truncate(failed + 1);
        let deployment = &workloads("examples", &cluster)[1];
        let fit = placements.cluster.fit(deployment, LIMIT, &mut |_, _| true).expect("a fit");
        let landed: Vec<&str> = steps.iter().filter_map(|step| step["node"].as_str()).collect();
        assert_eq!(fit.replicas, landed.len());
        assert!(!landed.is_empty() && !fit.limit_reached);
        for (node, replicas) in &fit.by_node {
            assert_eq!(*replicas, landed.iter().filter(|n| *n == node).count(), "{node}");
        }
        assert_eq!(fit.by_node.iter().map(|(_, replicas)| replicas).sum::<usize>(), landed.len());
        let last = steps.last().expect("a step");
        let stopped = fit.stopped_by.expect("something stops it");
        same(&stopped, last);
        let mut counts: Vec<String> = fit.reasons.iter().map(|(reason, nodes)| format!("{nodes} {reason}")).collect();
        counts.sort_unstable();
        assert_eq!(format!("0/32 nodes are available: {}.", counts.join(", ")), last["message"]);
        // A lower limit ends it earlier, at the same nodes.
        let less = placements.cluster.fit(deployment, 5, &mut |_, _| true).expect("a fit");
        assert!(less.limit_reached && less.stopped_by.is_none() && less.reasons.is_empty());
        let first: BTreeSet<&str> = landed[..5].iter().copied().collect();
        assert_eq!(less.replicas, 5);
        assert_eq!(less.by_node.iter().map(|(node, _)| node.as_str()).collect::<BTreeSet<_>>(), first);
    }
}

#[test]
#[ignore = "writes the cases; see the head of this file"]
fn write_the_cases() {
    let version = Version::default();
    let cluster = city(version);
    let dump: Value =
        serde_json::from_str(&std::fs::read_to_string(root("examples/city.json")).expect("the dump")).expect("JSON");
    let dumped = dump["items"].as_array().expect("items");
    let mut text = String::new();
    for case in ["examples", "scaled"] {
        let placements = place(case, &cluster);
        let mut objects = dumped.clone();
        let with_kind = |object: Value, kind: &str, api: &str| {
            let mut object = object;
            (object["kind"], object["apiVersion"]) = (json!(kind), json!(api));
            object
        };
        let is_new = |kind, object: &&Object| cluster.object(kind, object.namespace(), object.name()).is_none();
        for object in placements.cluster.objects(Kind::ReplicaSet).filter(|o| is_new(Kind::ReplicaSet, o)) {
            let Object::ReplicaSet(set) = object else { continue };
            objects.push(with_kind(serde_json::to_value(set).expect("JSON"), "ReplicaSet", "apps/v1"));
        }
        for object in workloads(case, &cluster) {
            let Object::Service(service) = object else { continue };
            objects.push(with_kind(serde_json::to_value(service).expect("JSON"), "Service", "v1"));
        }
        let mut pending: Vec<String> = placements.decisions.iter().map(|decision| decision.pod.clone()).collect();
        let mut pods: Vec<_> = pending.iter().map(|key| placements.cluster.pod(key).expect("it").clone()).collect();
        if case == "examples" {
            // As many as fit, and the one that does not.
            let deployment = &workloads(case, &cluster)[1];
            let fit = placements.cluster.fit(deployment, LIMIT, &mut |_, _| true).expect("a fit");
            for number in 5..=5 + fit.replicas {
                let mut pod = pods[0].clone();
                pod.metadata.name = pod.metadata.name.replace("-00001", &format!("-{number:05}"));
                pending.push(format!("{}/{}", pod.metadata.namespace, pod.metadata.name));
                pods.push(pod);
            }
        }
        for mut pod in pods {
            pod.spec.node_name.clear();
            // The real scheduler wants one, as the API server gives.
            pod.metadata.uid.clone_from(&pod.metadata.name);
            objects.push(with_kind(serde_json::to_value(pod).expect("JSON"), "Pod", "v1"));
        }
        text += &format!("{}\n", json!({ "name": case, "config": null, "objects": objects, "pending": pending }));
    }
    std::fs::write(std::env::var("BAYPLAN_CASES").expect("BAYPLAN_CASES names the file"), text).expect("written");
}
