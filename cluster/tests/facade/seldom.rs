//! What no vector shows, as it is no decision of the scheduler: what controllers and admission do, and what is said beside a
//! decision. Each expected value is a rule of Kubernetes that the test names.

use bayplan::objects::Kind;
use bayplan::{Cluster, Options, PlaceOptions, Placements, read};
use bayplan_core::{Scheduler, block_words, limits_of};
use serde_json::{Value, json};

fn cluster(objects: Vec<Value>) -> Cluster {
    let mut cluster = Cluster::new(Options::default()).expect("the defaults are sound");
    let objects = objects.iter().map(|object| read::Reading::live().value(object).expect("a legal object"));
    cluster.load(objects.collect::<Vec<_>>()).expect("they fit");
    cluster
}

fn node(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
        "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}}})
}

fn pod(name: &str, spec: Value) -> Value {
    let mut full = json!({"containers": [{"name": "c", "image": "i", "resources": {"requests": {"cpu": "100m"}}}]});
    full.as_object_mut().expect("a map").extend(spec.as_object().expect("a map").clone());
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"}, "spec": full})
}

fn template(spec: Value) -> Value {
    let mut template = pod("", spec);
    template["metadata"] = json!({"labels": {"app": "web"}});
    json!({"metadata": template["metadata"], "spec": template["spec"]})
}

fn place(cluster: &Cluster, workload: &Value) -> Placements {
    let workloads = [read::from_value(workload).expect("a legal workload")];
    cluster.place(Some(&workloads), &PlaceOptions::default(), &mut |_, _| true).expect("a plan")
}

/// Pods of a gang are placed together or not at all, which is not evaluated: that must be said (KEP-4671), whichever field names the gang.
#[test]
fn a_gang_is_said_not_to_be_applied() {
    for spec in [
        json!({"workloadRef": {"name": "training", "podGroup": "workers"}}),
        json!({"schedulingGroup": {"podGroupName": "workers"}}),
    ] {
        let mut cluster = cluster(vec![node("a"), pod("p", spec.clone())]);
        let decision = cluster.decide("default/p").expect("a decision");
        let rules: Vec<&str> = decision.not_applied.iter().map(|rule| rule.rule.as_str()).collect();
        assert_eq!(rules, ["GangScheduling"], "{spec}");
    }
    let mut cluster = cluster(vec![node("a"), pod("p", json!({}))]);
    assert!(cluster.decide("default/p").expect("a decision").not_applied.is_empty());
}

/// The two `system-` classes are there in every cluster, listed or not.
#[test]
fn a_priority_class_that_is_not_there_is_said() {
    let missing = |class: &str| {
        let mut cluster = cluster(vec![node("a"), pod("p", json!({"priorityClassName": class}))]);
        cluster.decide("default/p").expect("a decision").missing
    };
    assert_eq!(missing("gold"), ["PriorityClass gold"]);
    assert!(missing("system-node-critical").is_empty() && missing("system-cluster-critical").is_empty());
}

/// Preemption evicts pods of lower priority, never equals.
#[test]
fn equals_are_not_evicted() {
    let holder = |priority: i32| {
        let requests = json!({"requests": {"cpu": "4"}});
        pod(
            "holder",
            json!({"nodeName": "a", "priority": priority, "containers": [{"name": "c", "image": "i", "resources": requests}]}),
        )
    };
    let class = json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "ten"}, "value": 10});
    let other = pod("low", json!({"nodeName": "b", "priority": 0}));
    for (priority, says) in [(9, true), (10, false), (11, false)] {
        let cluster = cluster(vec![node("a"), holder(priority), class.clone()]);
        let asks = pod("p", json!({"priorityClassName": "ten"}));
        let placed = place(&cluster, &asks);
        assert_eq!(!placed.evictions.is_empty(), says, "{priority}");
    }
    // A pod of lower priority elsewhere in the cluster makes no difference where it is on a node that rejects for good.
    let mut away = node("b");
    away["spec"] = json!({"taints": [{"key": "k", "effect": "NoSchedule"}]});
    let cluster = cluster(vec![node("a"), away, holder(10), other, class]);
    let placed = place(&cluster, &pod("p", json!({"priorityClassName": "ten"})));
    assert!(placed.evictions.is_empty(), "{:?}", placed.evictions);
}

/// Of several ReplicaSets with a Deployment's template its controller goes on with the oldest, whatever their sizes.
#[test]
fn a_deployment_goes_on_with_its_oldest_replica_set() {
    let set = |name: &str, replicas: u32, created: &str| {
        let owner =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "u", "controller": true});
        let mut hashed = template(json!({}));
        hashed["metadata"]["labels"]["pod-template-hash"] = json!(name);
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {"name": name, "namespace": "default", "creationTimestamp": created, "ownerReferences": [owner]},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": hashed}})
    };
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": template(json!({}))}});
    for (first, second) in [(1, 5), (5, 1), (3, 3)] {
        let sets = [set("web-new", second, "2024-03-01T00:00:00Z"), set("web-old", first, "2024-01-01T00:00:00Z")];
        let cluster = cluster([node("a")].into_iter().chain(sets).collect());
        let placed = place(&cluster, &deployment);
        assert!(placed.decisions[0].pod.starts_with("default/web-old-"), "{}", placed.decisions[0].pod);
    }
}

/// A StatefulSet's pod that has failed or run to its end is made again under its name.
#[test]
fn ended_pods_of_a_stateful_set_are_made_again() {
    let set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "web", "namespace": "default"},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template(json!({}))}});
    let of = |ordinal: usize, phase: &str| {
        let mut pod = pod(&format!("web-{ordinal}"), json!({"nodeName": "a"}));
        pod["metadata"]["ownerReferences"] =
            json!([{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "u", "controller": true}]);
        pod["status"] = json!({"phase": phase});
        pod
    };
    let cluster = cluster(vec![node("a"), of(0, "Running"), of(1, "Failed"), of(2, "Succeeded")]);
    let placed = place(&cluster, &set);
    let names: Vec<&str> = placed.decisions.iter().map(|decision| decision.pod.as_str()).collect();
    assert_eq!(names, ["default/web-1", "default/web-2"]);
}

/// Where several PriorityClasses are the global default, the smallest value of them is used (API reference of `globalDefault`).
#[test]
fn the_smallest_global_default_is_used() {
    let class = |name: &str, value: i32| {
        json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name}, "value": value,
            "globalDefault": true})
    };
    let cluster = cluster(vec![node("a"), class("high", 100), class("low", -5), class("middle", 7)]);
    let placed = place(&cluster, &pod("p", json!({})));
    let admitted = placed.cluster.pod("default/p").expect("the pod");
    assert_eq!((admitted.spec.priority, admitted.spec.priority_class_name.as_str()), (Some(-5), "low"));
}

/// A toleration of a RuntimeClass that covers one of the pod's makes it needless; with as many seconds it covers it, with fewer it does not.
#[test]
fn tolerations_are_merged_by_what_they_cover() {
    for (seconds, kept) in [(301, 1), (300, 1), (299, 2)] {
        let class = json!({"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "sandbox"}, "handler": "h",
            "scheduling": {"tolerations": [{"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": seconds}]}});
        let own = json!([{"key": "k", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}]);
        let cluster = cluster(vec![node("a"), class]);
        let placed = place(&cluster, &pod("p", json!({"runtimeClassName": "sandbox", "tolerations": own})));
        let tolerations = &placed.cluster.pod("default/p").expect("the pod").spec.tolerations;
        let of_k = tolerations.iter().filter(|t| t.key.is_empty() || t.key == "k").count();
        assert_eq!(of_k, kept, "{seconds}: {tolerations:?}");
    }
}

/// A Job without completions is a queue of work: once a pod has succeeded no new ones are made, and those that run go on.
#[test]
fn a_work_queue_that_is_done_makes_no_pods() {
    let job = |succeeded: u32, active: u32| {
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "queue", "namespace": "default"},
            "spec": {"parallelism": 3, "template": template(json!({"restartPolicy": "Never"}))},
            "status": {"succeeded": succeeded, "active": active}})
    };
    for (succeeded, active, made) in [(0, 0, 3), (1, 0, 0), (1, 2, 2)] {
        let cluster = cluster(vec![node("a")]);
        let placed = place(&cluster, &job(succeeded, active));
        assert_eq!(placed.decisions.len(), made, "{succeeded} succeeded, {active} active");
    }
}

#[test]
fn ports_end_at_65535() {
    let with = |port: u32| {
        pod(
            "p",
            json!({"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 80, "hostPort": port}]}]}),
        )
    };
    for (port, legal) in [(1, true), (65_535, true), (65_536, false)] {
        assert_eq!(read::Reading::live().value(&with(port)).is_ok(), legal, "{port}");
    }
}

/// What is attached to a node goes with it, and is there again when a node of its name comes back: the row that held it is free for it.
#[test]
fn attached_volumes_go_with_their_node() {
    let attachment = json!({"apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttachment", "metadata": {"name": "va"},
        "spec": {"attacher": "d.example", "nodeName": "a", "source": {"persistentVolumeName": "pv"}}, "status": {"attached": true}});
    let volume = json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pv"},
        "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"],
            "csi": {"driver": "d.example", "volumeHandle": "h"}}, "status": {"phase": "Bound"}});
    let csi_node = json!({"apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": {"name": "a"},
        "spec": {"drivers": [{"name": "d.example", "nodeID": "a", "topologyKeys": [], "allocatable": {"count": 1}}]}});
    let mut cluster = cluster(vec![node("a"), volume, csi_node, attachment, pod("p", json!({}))]);
    let used = |cluster: &mut Cluster| {
        cluster.decide("default/p").expect("a decision");
        let state = cluster.state().to_vec();
        let mut block = vec![0; block_words(&limits_of(&state).expect("a block"))];
        block[..state.len()].copy_from_slice(&state);
        Scheduler::attach(&mut block).expect("a block").used("uses")
    };
    assert_eq!(used(&mut cluster), Some(1));
    assert!(cluster.delete(Kind::Node, "", "a").expect("no error"));
    cluster.upsert(read::Reading::live().value(&node("a")).expect("a node")).expect("room");
    assert_eq!(used(&mut cluster), Some(1));
}
