//! A cluster whose objects change one by one: what was refused leaves nothing behind, and what depends on a change follows it.

use bayplan::attempt::Outcome;
use bayplan::objects::Kind;
use bayplan::{Cluster, Error, ErrorKind, Options, read};
use serde_json::{Value, json};

fn try_put(cluster: &mut Cluster, object: Value) -> Result<(), Error> {
    cluster.upsert(read::Reading::live().value(&object).expect("it can be read"))
}

fn put(cluster: &mut Cluster, object: Value) {
    try_put(cluster, object).expect("it is sound");
}

fn with(objects: impl IntoIterator<Item = Value>) -> Cluster {
    let mut cluster = Cluster::new(Options::default()).expect("the defaults are legal");
    objects.into_iter().for_each(|object| put(&mut cluster, object));
    cluster
}

fn node(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name, "labels": { "kubernetes.io/hostname": name } },
        "status": { "allocatable": { "cpu": "4", "memory": "8Gi", "pods": "110" } } })
}

fn namespace(name: &str, labels: Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels } })
}

/// A pod of namespace `a` that asks for so much CPU; `spec` has the rest.
fn pod(name: &str, cpu: &str, spec: Value) -> Value {
    let mut pod =
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "a" }, "spec": spec });
    pod["spec"]["containers"] = json!([{ "name": "c", "image": "i", "resources": { "requests": { "cpu": cpu } } }]);
    pod
}

fn off_pods_of(label: &str, namespaces: Value) -> Value {
    json!({ "affinity": { "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [{
        "topologyKey": "kubernetes.io/hostname", "labelSelector": { "matchLabels": { label: "x" } },
        "namespaceSelector": { "matchLabels": namespaces } }] } } })
}

fn placed(cluster: &mut Cluster, pod: &str) -> Option<String> {
    cluster.decide(pod).expect("it is there").node
}

fn class(name: &str, value: i32, default: bool) -> Value {
    json!({ "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": { "name": name }, "value": value,
        "globalDefault": default })
}

#[test]
fn pods_come_and_go_after_their_namespace_got_other_labels() {
    let mut other = pod("x", "1", json!({ "nodeName": "n1" }));
    (other["metadata"]["namespace"], other["metadata"]["labels"]) = (json!("b"), json!({ "app": "x" }));
    let asks = pod("p", "1", off_pods_of("app", json!({ "env": "prod" })));
    let mut cluster = with([node("n1"), namespace("b", json!({})), other.clone(), asks]);
    assert_eq!(placed(&mut cluster, "a/p").as_deref(), Some("n1"));
    put(&mut cluster, namespace("b", json!({ "env": "prod" })));
    cluster.evict("b/x").expect("it is there");
    assert_eq!(placed(&mut cluster, "a/p").as_deref(), Some("n1"));
    put(&mut cluster, other);
    assert_eq!(placed(&mut cluster, "a/p"), None);
    cluster.recount().expect("the counters are right");
}

#[test]
fn a_namespace_that_did_not_change_costs_nothing() {
    let mut cluster = with([namespace("b", json!({ "env": "prod", "team": "t" }))]);
    let before = cluster.state().len();
    (0..10_000).for_each(|_| put(&mut cluster, namespace("b", json!({ "env": "prod", "team": "t" }))));
    assert_eq!(cluster.state().len(), before);
}

#[test]
fn a_refused_pod_leaves_the_one_that_waits_for_its_node() {
    let mut cluster = with([pod("p", "1", json!({ "nodeName": "gone" }))]);
    let mut bad = off_pods_of("-bad-", json!({}));
    bad["nodeName"] = json!("n2");
    try_put(&mut cluster, pod("p", "1", bad)).expect_err("no label has such a key");
    assert_eq!(cluster.warnings().len(), 1, "the pod's node is not there");
    put(&mut cluster, node("gone"));
    assert_eq!(cluster.pods_on("gone"), ["a/p"]);
}

#[test]
fn a_refused_pod_leaves_the_room_that_is_held_for_the_old_one() {
    let mut nominated = pod("high", "4", json!({ "priority": 100 }));
    nominated["status"] = json!({ "phase": "Pending", "nominatedNodeName": "n1" });
    let mut cluster = with([node("n1"), nominated, pod("low", "1", json!({ "priority": 0 }))]);
    assert_eq!(placed(&mut cluster, "a/low"), None);
    try_put(&mut cluster, pod("high", "1", off_pods_of("-bad-", json!({})))).expect_err("no label has such a key");
    assert_eq!(placed(&mut cluster, "a/low"), None);
    // The nomination counts again when the node comes back.
    assert!(cluster.delete(Kind::Node, "", "n1").expect("nothing hinders"));
    put(&mut cluster, node("n1"));
    assert_eq!(placed(&mut cluster, "a/low"), None);
    // A refused pod that was not there before is not there after.
    try_put(&mut cluster, pod("new", "1", off_pods_of("-bad-", json!({})))).expect_err("no label has such a key");
    assert!(cluster.pod("a/new").is_none());
}

#[test]
fn priorities_follow_the_classes() {
    let mut nominated = pod("high", "4", json!({ "priority": 500 }));
    nominated["status"] = json!({ "phase": "Pending", "nominatedNodeName": "n1" });
    let mut cluster = with([node("n1"), class("def", 1000, true), nominated, pod("low", "1", json!({}))]);
    assert!(placed(&mut cluster, "a/low").is_some(), "1000 is above 500");
    put(&mut cluster, class("def", 1000, false));
    assert!(placed(&mut cluster, "a/low").is_none(), "0 is not");
    // Of two defaults the lower holds, as in the API server's admission.
    put(&mut cluster, class("one", 1000, true));
    assert!(placed(&mut cluster, "a/low").is_some());
    put(&mut cluster, class("two", 10, true));
    assert!(placed(&mut cluster, "a/low").is_none());
    assert_eq!(cluster.pending(), ["a/high", "a/low"]);
}

#[test]
fn pods_that_do_not_wait_are_not_decided_for() {
    let mut done = pod("done", "1", json!({}));
    done["status"] = json!({ "phase": "Succeeded" });
    let mut cluster = with([node("n1"), pod("bound", "1", json!({ "nodeName": "n1" })), done]);
    let decision = cluster.decide("a/bound").expect("it is there");
    assert_eq!((decision.outcome, &*decision.message), (Outcome::Ignored, "the pod is bound to node n1 already"));
    cluster.bind("a/done", "n1", 1).expect_err("it has ended");
    assert_eq!(cluster.pods_on("n1"), ["a/bound"]);
}

#[test]
fn one_pod_with_too_many_claims_stops_no_other() {
    let claim = |n: usize| {
        json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": format!("c{n}"), "namespace": "a" },
            "spec": { "storageClassName": "s", "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } } })
    };
    let storage = json!({ "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": "s" },
        "provisioner": "x.csi", "volumeBindingMode": "WaitForFirstConsumer" });
    let volumes = |n: usize| json!({ "volumes": (0..n).map(|n| json!({ "name": format!("v{n}"), "persistentVolumeClaim": { "claimName": format!("c{n}") } })).collect::<Vec<_>>() });
    let mut cluster = with([node("n1"), storage]);
    (0..33).for_each(|n| put(&mut cluster, claim(n)));
    put(&mut cluster, pod("many", "1", volumes(33)));
    put(&mut cluster, pod("few", "1", volumes(32)));
    let many = cluster.decide("a/many").expect("it is there");
    assert_eq!((many.outcome, many.node), (Outcome::Error, None));
    assert!(many.message.contains("33 claims wait"), "{}", many.message);
    assert_eq!(placed(&mut cluster, "a/few").as_deref(), Some("n1"));
}

#[test]
fn kinds_that_a_decision_needs_and_no_object_is_of_are_told() {
    let mut cluster = with([node("n1"), pod("p", "1", off_pods_of("app", json!({ "env": "prod" })))]);
    assert_eq!(cluster.decide("a/p").expect("it is there").missing, ["any Namespace"]);
    put(&mut cluster, namespace("a", json!({})));
    assert!(cluster.decide("a/p").expect("it is there").missing.is_empty());
    // The namespace of an object that lives in none is nothing.
    assert!(cluster.delete(Kind::Namespace, "b", "a").expect("nothing hinders"));
    assert_eq!(cluster.decide("a/p").expect("it is there").missing, ["any Namespace"]);
}

#[test]
fn rollouts_of_the_past_leave_the_tables() {
    let mut cluster = with([node("n1"), node("n2")]);
    for number in 0..3000 {
        let (set, hash) = (format!("web-{number}"), format!("{number:05x}"));
        let labels = json!({ "app": "web", "pod-template-hash": hash });
        put(
            &mut cluster,
            json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": { "name": set, "namespace": "a" },
                "spec": { "selector": { "matchLabels": labels }, "template": { "metadata": { "labels": labels }, "spec": { "containers": [] } } } }),
        );
        let mut replica = pod(&set, "1", json!({}));
        replica["metadata"]["labels"] = labels;
        replica["metadata"]["ownerReferences"] =
            json!([{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": set, "uid": "u", "controller": true }]);
        put(&mut cluster, replica);
        let key = format!("a/{set}");
        let to = placed(&mut cluster, &key).expect("there is room");
        cluster.bind(&key, &to, 1).expect("the node is there");
        cluster.evict(&key).expect("it is bound");
        assert!(cluster.delete(Kind::ReplicaSet, "a", &set).expect("nothing hinders"));
        // Nodes go and come too.
        if number % 10 == 0 {
            cluster.delete(Kind::Node, "", "n1").expect("nothing hinders");
            put(&mut cluster, node("n1"));
        }
    }
    let (specs, labels) = cluster.classes();
    assert!(specs + labels < 2500, "{specs} spec classes and {labels} label classes of 3000 rollouts");
    assert_eq!(cluster.nodes(), ["n2", "n1"], "in the order in which they came");
    cluster.recount().expect("the counters are right");
}

#[test]
fn what_a_cluster_would_have_filled_in_is_told() {
    let mut cluster = with([node("n1")]);
    assert!(cluster.warnings().is_empty());
    put(
        &mut cluster,
        json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": "n2" }, "status": { "capacity": { "cpu": "4" } } }),
    );
    put(
        &mut cluster,
        json!({ "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": "s" }, "provisioner": "x" }),
    );
    let volume = |name: &str| {
        json!({ "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": name },
            "spec": { "capacity": { "storage": "1Gi" }, "accessModes": ["ReadWriteOnce"] } })
    };
    put(&mut cluster, volume("v1"));
    put(&mut cluster, volume("v2"));
    let warnings = cluster.warnings();
    let starts = [
        "Node n2 has no status.allocatable.pods",
        "StorageClass s has no volumeBindingMode",
        "PersistentVolume v1 (and 1 more) has no status.phase",
    ];
    assert_eq!(warnings.len(), starts.len(), "{warnings:?}");
    for (warning, start) in warnings.iter().zip(starts) {
        assert!(warning.starts_with(start), "{warning}");
    }
}

#[test]
fn a_pod_that_is_taken_off_its_node_waits_as_before() {
    let mut zoned = node("n1");
    zoned["metadata"]["labels"]["topology.kubernetes.io/zone"] = json!("a");
    let mut waiting = pod("p", "1", json!({}));
    waiting["status"] = json!({ "phase": "Pending",
        "conditions": [{ "type": "PodScheduled", "status": "False", "reason": "Unschedulable" }] });
    let mut cluster = with([zoned, node("n2"), waiting]);
    let before = cluster.pod("a/p").cloned();
    let decided = cluster.decide("a/p").expect("it is there");
    cluster.bind("a/p", "n1", 5).expect("it waits");
    assert_ne!(cluster.pod("a/p").cloned(), before, "it took over the zone");
    let error = cluster.bind("a/p", "n2", 5).expect_err("it is on one already");
    assert_eq!((error.kind(), error.problem()), (ErrorKind::Conflict, "pod a/p is bound to n1 already"));
    cluster.unbind("a/p").expect("it is on one");
    assert_eq!(cluster.pod("a/p").cloned(), before);
    assert_eq!(cluster.decide("a/p").expect("it is there"), decided);
    assert_eq!(cluster.pending(), ["a/p"]);
    let error = cluster.unbind("a/p").expect_err("it is on none");
    assert_eq!((error.kind(), error.problem()), (ErrorKind::Conflict, "pod a/p is on no node"));
}
