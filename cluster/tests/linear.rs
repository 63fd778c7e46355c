//! Objects with very many parts: what they cost grows with their size and not with its square.

use std::time::{Duration, Instant};

use bayplan::objects::Object;
use bayplan::{Cluster, Options, Version, read};
use serde_json::{Value, json};

/// So many parts, each of which the API server would take. Were each looked at for each other, the first test would take minutes
/// and the second half a minute or more; as it is, they take seconds.
const PARTS: usize = 20_000;
const MORE_PARTS: usize = 200_000;
const PATIENCE: Duration = Duration::from_secs(15);

fn many<T>(part: impl Fn(usize) -> T) -> Vec<T> {
    (0..PARTS).map(part).collect()
}

fn more<T>(part: impl Fn(usize) -> T) -> Vec<T> {
    (0..MORE_PARTS).map(part).collect()
}

/// `n` names with the amount 1.
fn amounts(from: usize, to: usize) -> Value {
    (from..to).map(|i| (format!("a.b/r{i}"), json!("1"))).collect::<serde_json::Map<_, _>>().into()
}

fn container(i: usize) -> Value {
    json!({ "name": format!("c{i}"), "resources": { "requests": amounts(i, i + 1) } })
}

fn pod(spec: Value, status: Value) -> Object {
    let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p", "namespace": "d" }, "spec": spec, "status": status });
    read::Reading::live().value(&pod).expect("a pod")
}

#[test]
fn requests_of_many_names_and_containers_are_summed_in_little_time() {
    let sidecar = |i| {
        let mut container = container(i);
        container["restartPolicy"] = "Always".into();
        container
    };
    let status = |i| json!({ "name": format!("c{i}"), "resources": { "requests": amounts(i, i + 1) }, "allocatedResources": amounts(i, i + 1) });
    let condition = |i| json!({ "type": format!("t{i}"), "status": "True" });
    let pods = [
        (
            "names",
            json!({ "containers": [{ "name": "c", "resources": { "requests": amounts(0, PARTS) } }] }),
            json!({}),
        ),
        ("containers", json!({ "containers": many(container) }), json!({})),
        ("init containers", json!({ "initContainers": many(container), "containers": [container(0)] }), json!({})),
        ("sidecars", json!({ "initContainers": many(sidecar), "containers": [container(0)] }), json!({})),
        (
            "statuses",
            json!({ "containers": many(container) }),
            json!({ "containerStatuses": many(status), "conditions": many(condition) }),
        ),
    ];
    for (what, spec, status) in pods {
        let Object::Pod(pod) = pod(spec, status) else { panic!("a pod") };
        let begin = Instant::now();
        assert_eq!(bayplan::requests::pending(&pod).scalar.len(), PARTS, "{what}");
        for version in Version::ALL {
            let bound = bayplan::requests::bound(&pod, version);
            assert!(bound.requested.scalar.values().all(|amount| *amount >= 1), "{what}");
            assert_eq!(bound.requested.scalar.len(), PARTS, "{what}");
        }
        assert!(begin.elapsed() < PATIENCE, "{what}: {:?}", begin.elapsed());
    }
}

#[test]
fn nodes_and_pods_of_many_parts_are_taken_in_in_little_time() {
    let node = |images: Value, taints: Value| {
        json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": "n" }, "spec": { "taints": taints },
            "status": { "allocatable": { "cpu": "1", "memory": "1Gi", "pods": "110" }, "images": images } })
    };
    let images = more(|i| json!({ "names": [format!("i{i}:1")], "sizeBytes": i }));
    let taints = more(|i| json!({ "key": format!("k{i}"), "effect": "PreferNoSchedule" }));
    let ports =
        more(|i| json!({ "hostPort": i % 65535 + 1, "containerPort": 1, "hostIP": format!("10.0.0.{}", i / 65535) }));
    let term = |i| json!({ "weight": 1, "preference": { "matchExpressions": [{ "key": "a", "operator": "In", "values": [format!("v{i}")] }] } });
    let affinity = json!({ "nodeAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": more(term) } });
    let tolerations = more(|i| json!({ "key": format!("k{i}"), "operator": "Exists" }));
    let objects = [
        ("images", node(images.into(), json!([]))),
        ("taints", node(json!([]), taints.into())),
        ("ports", json!({ "containers": [{ "name": "c", "ports": ports }] })),
        ("terms", json!({ "affinity": affinity, "containers": [{ "name": "c" }] })),
        ("tolerations", json!({ "tolerations": tolerations, "containers": [{ "name": "c" }] })),
    ];
    for (what, object) in objects {
        let object = if object["kind"] == "Node" {
            read::Reading::live().value(&object).expect("a node")
        } else {
            pod(object, json!({}))
        };
        let mut cluster = Cluster::new(Options::default()).expect("a cluster");
        cluster.upsert(read::Reading::live().value(&node(json!([]), json!([]))).expect("a node")).expect("a node");
        let begin = Instant::now();
        cluster.upsert(object).expect(what);
        if cluster.pending() == ["d/p"] {
            assert_eq!(cluster.decide("d/p").expect(what).node.as_deref(), Some("n"), "{what}");
        }
        assert!(begin.elapsed() < PATIENCE, "{what}: {:?}", begin.elapsed());
    }
}
