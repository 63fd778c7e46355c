//! Preemption around a decision: whom a plan evicts, who comes again, and what is said. Whom kube-scheduler would evict is compared with its own
//! answers in `tests/conformance`.

use bayplan::attempt::Outcome;
use bayplan::objects::{Kind, Object};
use bayplan::render::{json, text};
use bayplan::{Cluster, FitOptions, Options, PlaceOptions, Placements, read};
use serde_json::{Value, json};

fn object(value: &Value) -> Object {
    read::Reading::live().value(value).expect("a legal object")
}

fn node(name: &str, cpu: u32) -> Value {
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "uid": name, "labels": {"kubernetes.io/hostname": name}},
        "status": {"allocatable": {"cpu": cpu.to_string(), "memory": "64Gi", "pods": "110"}}})
}

/// A pod as the API server gives it.
fn pod(name: &str, priority: i32, cpu: u32, node: Option<&str>) -> Value {
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default", "uid": name, "labels": {"app": name}},
        "spec": {"schedulerName": "default-scheduler", "priority": priority,
            "containers": [{"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu.to_string()}}}]},
        "status": {"phase": "Pending"}});
    if let Some(node) = node {
        pod["spec"]["nodeName"] = json!(node);
        pod["status"] = json!({"phase": "Running", "startTime": "2024-01-01T00:00:00Z", "conditions": [{"type": "Ready", "status": "True"}]});
    }
    pod
}

fn owned(mut pod: Value, kind: &str, name: &str) -> Value {
    pod["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": name, "controller": true}]);
    pod
}

fn cluster(objects: &[Value]) -> Cluster {
    let mut cluster = Cluster::new(Options::default()).expect("defaults");
    cluster.load(objects.iter().map(object)).expect("legal objects");
    cluster
}

fn place(cluster: &Cluster) -> Placements {
    cluster.place(None, &PlaceOptions::default(), &mut |_, _| true).expect("a plan")
}

fn node_of<'p>(placements: &'p Placements, pod: &str) -> Option<&'p str> {
    placements.decisions.iter().find(|decision| decision.pod == pod).expect("it is decided for").node.as_deref()
}

#[test]
fn a_pod_of_high_priority_takes_the_place_of_another() {
    let start = cluster(&[node("a", 4), pod("low", 0, 4, Some("a")), pod("high", 10, 4, None)]);
    let placed = place(&start);
    assert_eq!(node_of(&placed, "default/high"), Some("a"));
    let [eviction] = &placed.evictions[..] else { panic!("{:?}", placed.evictions) };
    let (who, by, again) = (eviction.pod.as_str(), eviction.by.as_str(), eviction.replaced_by.as_deref());
    assert_eq!((who, by, again, eviction.priority), ("default/low", "default/high", None, 0));
    assert!(placed.cluster.pod("default/low").is_none() && start.pod("default/low").is_some());
    let page = text::placements(&placed);
    assert!(page.starts_with("1 pod of lower priority is evicted to make room for 1 pod.\n"), "{page}");
    let document = json::placements(&placed);
    assert_eq!((&document["summary"]["evicted"], &document["evictions"][0]["by"]), (&json!(1), &json!("default/high")));
}

#[test]
fn nobody_is_evicted_where_that_is_switched_off() {
    let objects = [node("a", 4), pod("low", 0, 4, Some("a")), pod("high", 10, 4, None)];
    let start = cluster(&objects);
    let options = PlaceOptions { preemption: Some(false), ..PlaceOptions::default() };
    let placed = start.place(None, &options, &mut |_, _| true).expect("a plan");
    assert_eq!((node_of(&placed, "default/high"), placed.evictions.len()), (None, 0));
    assert!(
        placed.warnings.iter().any(|text| text.contains("may evict pods of lower priority")),
        "{:?}",
        placed.warnings
    );
    let mut off = Cluster::new(Options { preemption: false, ..Options::default() }).expect("defaults");
    off.load(objects.iter().map(object)).expect("legal objects");
    assert_eq!(place(&off).evictions.len(), 0);
    assert!(off.decide("default/high").expect("known").preemption.is_none());
    assert!(off.why("default/high").expect("known").decision.preemption.is_none());
    let never = json!({"preemptionPolicy": "Never"});
    let mut pod = pod("high", 10, 4, None);
    pod["spec"]["preemptionPolicy"] = never["preemptionPolicy"].clone();
    let mut cluster = cluster(&[objects[0].clone(), objects[1].clone(), pod]);
    assert_eq!(place(&cluster).evictions.len(), 0);
    let event = cluster.decide("default/high").expect("known").event();
    let words = "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.";
    assert_eq!(event, words);
}

/// A pod that a controller owns comes again, and is pending where there is no room left.
#[test]
fn what_a_controller_owns_comes_again() {
    let objects = |room: u32| {
        let set = owned(pod("web-0", 0, 2, Some("a")), "StatefulSet", "web");
        let replica = owned(pod("app-1-x", 0, 2, Some("a")), "ReplicaSet", "app-1");
        [node("a", 4), node("b", room), set, replica, pod("high", 10, 4, None)]
    };
    let tight = place(&cluster(&objects(1)));
    assert_eq!(tight.evictions.len(), 2);
    let again: Vec<&str> = tight.evictions.iter().filter_map(|eviction| eviction.replaced_by.as_deref()).collect();
    assert_eq!(again, ["default/app-1-00001", "default/web-0"]);
    assert!(again.iter().all(|pod| node_of(&tight, pod).is_none()), "there is no room for them");
    let wide = place(&cluster(&objects(3)));
    let nodes: Vec<_> = again.iter().map(|pod| node_of(&wide, pod)).collect();
    assert_eq!(nodes.iter().flatten().count(), 1, "one of them fits elsewhere: {nodes:?}");
}

/// A pod that found no node is tried again when others are evicted.
#[test]
fn room_that_is_left_goes_to_those_that_wait() {
    // The large one comes to "a" only after "low" is gone; 2 CPUs are left for the pod that was tried before it.
    let start = cluster(&[
        node("a", 4),
        pod("low", -5, 4, Some("a")),
        pod("never", 20, 2, None).as_object().map_or(Value::Null, |pod| {
            let mut pod = Value::Object(pod.clone());
            pod["spec"]["preemptionPolicy"] = json!("Never");
            pod
        }),
        pod("high", 10, 2, None),
    ]);
    let placed = place(&start);
    let outcomes: Vec<_> = placed.decisions.iter().map(|decision| (decision.pod.as_str(), decision.outcome)).collect();
    assert_eq!(outcomes, [("default/never", Outcome::Scheduled), ("default/high", Outcome::Scheduled)]);
    assert_eq!(placed.evictions.len(), 1);
}

/// Budgets count down while a plan evicts: the second victim would violate the budget that the first used up.
#[test]
fn a_budget_counts_down() {
    let budget = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b", "namespace": "default", "uid": "b"},
        "spec": {"minAvailable": 1, "selector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["one", "two"]}]}},
        "status": {"disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2}});
    let start = cluster(&[
        node("a", 4),
        node("b", 4),
        node("c", 4),
        budget,
        pod("one", 0, 4, Some("a")),
        pod("two", 0, 4, Some("b")),
        pod("three", 5, 4, Some("c")),
        pod("x", 10, 4, None),
        pod("y", 10, 4, None),
    ]);
    let placed = place(&start);
    let victims: Vec<&str> = placed.evictions.iter().map(|eviction| eviction.pod.as_str()).collect();
    // The first goes by the lowest priority; then no violation counts more than that.
    assert_eq!(victims, ["default/one", "default/three"]);
}

#[test]
fn a_dry_run_shows_every_candidate_and_changes_nothing() {
    let mut cluster = cluster(&[
        node("a", 4),
        node("b", 4),
        node("c", 2),
        pod("one", 0, 4, Some("a")),
        pod("two", 5, 4, Some("b")),
        pod("high", 10, 4, None),
    ]);
    let before = cluster.state().to_vec();
    let weighed = cluster.preempt_dry_run("default/high").expect("known");
    let found: Vec<_> = weighed.candidates.iter().map(|found| (found.node.as_str(), found.victims.join(","))).collect();
    assert_eq!(found, [("a", "default/one".to_owned()), ("b", "default/two".to_owned())]);
    assert_eq!(weighed.best, ["a"]);
    assert!(cluster.state() == before, "the tables are as they were");
    let done = cluster.preempt("default/high").expect("known");
    assert_eq!(done.preemption, weighed.preemption);
    assert!(cluster.pod("default/one").is_none());
    assert_eq!(cluster.pod("default/high").expect("it is there").status.nominated_node_name, "a");
    assert_eq!(cluster.decide("default/high").expect("known").node.as_deref(), Some("a"));
    cluster.recount().expect("the counters are right");
}

#[test]
fn why_names_the_victims() {
    let mut cluster = cluster(&[node("a", 4), pod("low", 0, 4, Some("a")), pod("high", 10, 4, None)]);
    let page = text::explanation(&cluster.why("default/high").expect("known"));
    assert!(page.contains("It would preempt 1 pod on node a: default/low."), "{page}");
    assert!(page.contains("preemption: found a potential placement for pod on node a, preempting 1 victims"), "{page}");
}

#[test]
fn fit_evicts_only_where_it_may() {
    let cluster = cluster(&[node("a", 4), pod("low", 0, 4, Some("a"))]);
    let template = object(&pod("more", 10, 1, None));
    let fit = |preemption: bool| {
        let options = FitOptions { limit: 100, preemption };
        cluster.fit_with(&template, &options, &mut |_, _| true).expect("an answer")
    };
    assert_eq!((fit(false).replicas, fit(false).evictions.len()), (0, 0));
    assert_eq!((fit(true).replicas, fit(true).evictions.len()), (4, 1));
    let page = text::fit(&fit(true));
    assert!(page.starts_with("1 pod of lower priority is evicted to make room for 1 pod.\n"), "{page}");
}

#[test]
fn a_budget_that_goes_counts_no_more() {
    let budget = |allowed: i32| {
        object(
            &json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b", "namespace": "default", "uid": "b"},
            "spec": {"selector": {"matchLabels": {"app": "low"}}}, "status": {"disruptionsAllowed": allowed}}),
        )
    };
    let mut cluster = cluster(&[node("a", 4), pod("low", 0, 4, Some("a")), pod("high", 10, 4, None)]);
    let violations =
        |cluster: &mut Cluster| cluster.decide("default/high").expect("known").preemption.expect("asked").violations;
    assert_eq!(violations(&mut cluster), 0);
    cluster.upsert(budget(0)).expect("legal");
    assert_eq!(violations(&mut cluster), 1);
    let mut opened = Cluster::from_bytes(&cluster.to_bytes().expect("bytes")).expect("a cluster");
    assert_eq!(violations(&mut opened), 1, "saved and opened");
    cluster.compact().expect("compiled before");
    assert_eq!(violations(&mut cluster), 1, "with new tables");
    cluster.upsert(budget(1)).expect("legal");
    assert_eq!(violations(&mut cluster), 0);
    cluster.upsert(budget(0)).expect("legal");
    assert!(cluster.delete(Kind::PodDisruptionBudget, "default", "b").expect("it is there"));
    assert_eq!(violations(&mut cluster), 0);
}

/// A plan ends even where the preemptor never gets the room that it made: kube-scheduler takes a claim of the same name in another namespace
/// for its own (seen with the real scheduler: `edges-volumes-oncepod-02`).
#[test]
fn a_plan_always_ends() {
    let claim = |namespace: &str| {
        json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "one", "namespace": namespace, "uid": namespace},
            "spec": {"accessModes": ["ReadWriteOncePod"], "volumeName": format!("v-{namespace}"), "resources": {"requests": {"storage": "1Gi"}}}, "status": {"phase": "Bound"}})
    };
    let volume = |namespace: &str| {
        json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": format!("v-{namespace}"), "uid": format!("v-{namespace}")},
            "spec": {"accessModes": ["ReadWriteOncePod"], "capacity": {"storage": "1Gi"}, "claimRef": {"name": "one", "namespace": namespace}}, "status": {"phase": "Bound"}})
    };
    let with_claim = |mut pod: Value, namespace: &str| {
        pod["metadata"]["namespace"] = json!(namespace);
        pod["spec"]["volumes"] = json!([{"name": "v", "persistentVolumeClaim": {"claimName": "one"}}]);
        pod
    };
    let holder = with_claim(pod("holder", 100, 1, Some("a")), "own");
    let other = owned(with_claim(pod("other", 0, 1, Some("b")), "else"), "ReplicaSet", "other");
    let asks = with_claim(pod("asks", 10, 1, None), "own");
    let objects =
        [node("a", 4), node("b", 4), claim("own"), claim("else"), volume("own"), volume("else"), holder, other, asks];
    let placed = place(&cluster(&objects));
    assert_eq!(node_of(&placed, "own/asks"), None);
    assert!(placed.evictions.len() <= 16, "{}", placed.evictions.len());
}
