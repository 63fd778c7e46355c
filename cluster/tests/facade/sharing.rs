//! Forks share what they have in common, and nothing else: what one of them does, no other sees. What was refused leaves nothing
//! behind. A cluster that was saved opens as the same one.

use bayplan::objects::{Kind, Object};
use bayplan::{Cluster, Options, PlaceOptions, read};
use proptest::prelude::*;
use serde_json::{Value, json};

const CITY: &str = include_str!("../../../examples/city.json");

fn city() -> Cluster {
    let mut cluster = Cluster::new(Options { seed: Some(7), ..Options::default() }).unwrap();
    cluster.load(read::from_text(CITY, "city").unwrap().objects).unwrap();
    cluster
}

/// All that can be asked of a cluster without changing it.
fn answers(cluster: &mut Cluster) -> Value {
    let nodes: Vec<String> = cluster.nodes().into_iter().map(str::to_owned).collect();
    let on: Vec<Vec<String>> = nodes.iter().map(|node| cluster.pods_on(node)).collect();
    let pending = cluster.pending();
    // Asking draws lots, so a fork is asked.
    let mut fork = cluster.clone();
    let decisions: Vec<Value> = pending.iter().map(|pod| json!(fork.decide(pod).unwrap())).collect();
    let counts: Vec<usize> = Kind::ALL.iter().map(|kind| cluster.objects(*kind).count()).collect();
    json!({ "nodes": nodes, "on": on, "pending": pending, "decisions": decisions, "counts": counts, "warnings": cluster.warnings() })
}

fn node(number: usize, labels: usize) -> Object {
    let name = format!("extra-{number}");
    let zone = format!("zone-{labels}");
    read::Reading::live()
        .value(&json!({ "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": name, "labels": { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone } },
        "status": { "allocatable": { "cpu": "8", "memory": "16Gi", "pods": "20" } } }))
        .unwrap()
}

fn pod(number: usize, app: usize, label: &str) -> Object {
    read::Reading::live().value(&json!({ "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": format!("extra-{number}"), "namespace": "shop", "uid": format!("u-{number}"), "labels": { "app": format!("extra-{app}"), label: "x" } },
        "spec": { "schedulerName": "default-scheduler", "priority": app, "containers": [{ "name": "c", "image": "i",
            "resources": { "requests": { "cpu": format!("{}m", 100 + app * 50) } } }],
            "affinity": { "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [{
                "topologyKey": "kubernetes.io/hostname", "labelSelector": { "matchLabels": { label: "x" } } }] } } } }))
    .unwrap()
}

/// A pod that no cluster takes.
fn wrong(number: usize) -> Object {
    let Object::Pod(mut pod) = pod(number, 1, "new-label") else { unreachable!() };
    let terms = pod.spec.affinity.as_mut().unwrap().pod_anti_affinity.as_mut().unwrap();
    terms.required[0].label_selector.as_mut().unwrap().match_labels.insert("-no key-".to_owned(), "x".to_owned());
    Object::Pod(pod)
}

/// One change of a cluster, whatever comes of it.
fn change(cluster: &mut Cluster, what: usize, number: usize, other: usize) {
    let pending = cluster.pending();
    let waiting = pending.get(number % pending.len().max(1)).cloned();
    let nodes: Vec<String> = cluster.nodes().into_iter().map(str::to_owned).collect();
    let to = &nodes[other % nodes.len()];
    match what {
        0 => drop(cluster.upsert(node(number % 5, other % 4))),
        1 => drop(cluster.upsert(pod(number % 9, other % 3, ["app", "tier", "track"][other % 3]))),
        2 => drop(
            waiting.map(|pod| cluster.decide(&pod).map(|found| found.node.map(|node| cluster.bind(&pod, &node, 5)))),
        ),
        3 => drop(cluster.pods_on(to).first().map(|pod| cluster.evict(pod))),
        4 => drop(cluster.delete(Kind::Node, "", &format!("extra-{}", number % 5))),
        5 => drop(waiting.map(|pod| cluster.nominate(&pod, to))),
        6 => drop(cluster.load((0..3).map(|n| pod(n + number % 7, other % 3, "app")).collect::<Vec<_>>())),
        7 => drop(cluster.upsert(wrong(number % 9))),
        8 => drop(cluster.compact()),
        _ => drop(cluster.why(waiting.as_deref().unwrap_or("shop/nobody"))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Three clusters, forked of one another, take turns in changing. Each answers as a cluster of its own that went through the same.
    #[test]
    fn forks_keep_to_themselves(steps in prop::collection::vec((0..3usize, 0..10usize, 0..100usize, 0..100usize), 1..40)) {
        let mut first = city();
        let before = answers(&mut first);
        let state = first.state().to_vec();
        let mut forks = [first.clone(), first.clone(), first.clone()];
        for (who, what, number, other) in &steps {
            change(&mut forks[*who], *what, *number, *other);
        }
        for (who, fork) in forks.iter_mut().enumerate() {
            let mut alone = city();
            for (_, what, number, other) in steps.iter().filter(|(own, ..)| *own == who) {
                change(&mut alone, *what, *number, *other);
            }
            prop_assert_eq!(answers(fork), answers(&mut alone));
            fork.recount().unwrap();
            // Saved and opened it is the same again.
            let bytes = fork.to_bytes().unwrap();
            let mut opened = Cluster::from_bytes(&bytes).unwrap();
            prop_assert_eq!(answers(&mut opened), answers(fork));
            prop_assert!(opened.to_bytes().unwrap() == bytes, "saved again it is the same bytes");
            opened.recount().unwrap();
        }
        prop_assert_eq!(answers(&mut first), before);
        prop_assert!(first.state() == &state[..], "the tables of the one that was forked are as they were");
    }
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    let mut cluster = city();
    let (before, state, bytes) = (answers(&mut cluster), cluster.state().to_vec(), cluster.to_bytes().unwrap());
    let is_unchanged = |cluster: &mut Cluster| {
        assert!(cluster.state() == &state[..], "the tables");
        assert_eq!(cluster.to_bytes().unwrap(), bytes);
        assert_eq!(answers(cluster), before);
    };
    cluster.upsert(wrong(1)).unwrap_err();
    is_unchanged(&mut cluster);
    cluster.load([node(1, 1), pod(1, 1, "app"), wrong(2)]).unwrap_err();
    is_unchanged(&mut cluster);
    // More objects than are taken in one by one.
    cluster.load((0..100).map(|n| pod(n, 1, "app")).chain([wrong(2)])).unwrap_err();
    is_unchanged(&mut cluster);
    let place = |cluster: &Cluster, objects: &[Object]| {
        cluster.place(Some(objects), &PlaceOptions::default(), &mut |_, _| true).map(drop)
    };
    place(&cluster, &[pod(1, 1, "app"), wrong(2)]).unwrap_err();
    is_unchanged(&mut cluster);
    place(&cluster, &[node(1, 1), pod(1, 1, "track"), pod(2, 2, "app")]).unwrap();
    is_unchanged(&mut cluster);
}

#[test]
fn bytes_that_are_no_saved_cluster_are_errors() {
    let mut cluster = city();
    let bytes = cluster.to_bytes().unwrap();
    assert!(bytes.len() * 5 < CITY.len(), "{} bytes of {}", bytes.len(), CITY.len());
    assert_eq!(answers(&mut Cluster::from_bytes(&bytes).unwrap()), answers(&mut cluster));
    let error = |bytes: &[u8]| Cluster::from_bytes(bytes).err().expect("it is damaged").to_string();
    assert!(error(b"").contains("no saved cluster"));
    assert!(error(CITY.as_bytes()).contains("no saved cluster"));
    let mut other = bytes.clone();
    other[16] = b'9';
    assert!(error(&other).contains("another format"), "{}", error(&other));
    for length in (18..bytes.len()).step_by(997) {
        assert!(error(&bytes[..length]).contains("damaged"));
    }
    for at in (18..bytes.len()).step_by(331) {
        let mut wrong = bytes.clone();
        wrong[at] ^= 0x41;
        // A few bits of a frame's head say nothing that matters.
        if let Err(error) = Cluster::from_bytes(&wrong) {
            assert!(error.to_string().contains("damaged"), "{error}");
        } else {
            assert!(at < 40, "byte {at} may be anything");
        }
    }
}

#[test]
fn options_travel_along() {
    let configuration = json!({ "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
        "profiles": [{ "schedulerName": "packer", "pluginConfig": [{ "name": "NodeResourcesFit", "args": {
            "scoringStrategy": { "type": "MostAllocated", "resources": [{ "name": "cpu", "weight": 1 }] } } }] }] });
    let options = Options {
        version: "1.35".parse().unwrap(),
        configuration: Some(configuration),
        seed: Some(3),
        ..Options::default()
    };
    let mut cluster = Cluster::new(options).unwrap();
    cluster.load((0..9).map(|n| node(n, 0)).chain((0..9).map(|n| pod(n, n % 3, "app")))).unwrap();
    let mut packed: Vec<Object> = Vec::new();
    for number in 20..26 {
        let Object::Pod(mut pod) = pod(number, 1, "tier") else { unreachable!() };
        "packer".clone_into(&mut pod.spec.scheduler_name);
        packed.push(Object::Pod(pod));
    }
    cluster.load(packed).unwrap();
    for pod in cluster.pending().iter().take(3) {
        if let Some(node) = cluster.decide(pod).unwrap().node {
            cluster.bind(pod, &node, 9).unwrap();
        }
    }
    let mut opened = Cluster::from_bytes(&cluster.to_bytes().unwrap()).unwrap();
    assert_eq!(opened.version().name(), "1.35");
    assert_eq!(opened.warnings(), cluster.warnings());
    // With a seed the lots go on where they were.
    for pod in cluster.pending() {
        assert_eq!(opened.decide(&pod).unwrap(), cluster.decide(&pod).unwrap());
    }
}
