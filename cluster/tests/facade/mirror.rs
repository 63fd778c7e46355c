//! A mirror fed by a list and a watch. What is expected is what kube-scheduler's cache does: an assumed pod stays until it is confirmed, forgotten or bound
//! by somebody else (`pkg/scheduler/backend/cache`, `eventhandlers.go`).

use bayplan::objects::{Kind, Object};
use bayplan::{Changes, Cluster, ErrorKind, Observed, Options, read};
use proptest::prelude::*;
use serde_json::{Value, json};

fn object(value: &Value) -> Object {
    read::Reading::live().value(value).expect("it can be read")
}

fn with(objects: impl IntoIterator<Item = Value>) -> Cluster {
    let mut cluster = Cluster::new(Options::default()).expect("the defaults are legal");
    cluster.load(objects.into_iter().map(|value| object(&value))).expect("they are sound");
    cluster
}

fn node(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name, "uid": name, "resourceVersion": "1",
        "labels": { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": "a" } },
        "status": { "allocatable": { "cpu": "4", "memory": "8Gi", "pods": "110" } } })
}

fn pod(name: &str, version: u64, on: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "namespace": "a", "uid": name, "resourceVersion": version.to_string() },
        "spec": { "nodeName": on, "schedulerName": "default-scheduler",
            "containers": [{ "name": "c", "image": "i", "resources": { "requests": { "cpu": "1" } } }] },
        "status": { "phase": "Pending" } })
}

fn observe(cluster: &mut Cluster, value: &Value) -> Observed {
    cluster.observe(object(value)).expect("it is sound")
}

#[test]
fn a_pod_that_was_bound_here_stays_until_the_watch_says_otherwise() {
    let mut cluster = with([node("n1"), node("n2"), pod("p", 5, "")]);
    cluster.bind("a/p", "n1", 7).expect("it waits");
    let state = cluster.clone().state().to_vec();
    // An event that was on its way when the pod was bound, as of a condition that somebody wrote.
    assert_eq!(observe(&mut cluster, &pod("p", 6, "")), Observed::Unchanged);
    assert_eq!(cluster.pods_on("n1"), ["a/p"]);
    // The bind as the watch brings it, once more, and late ones.
    let mut bound = pod("p", 7, "n1");
    bound["metadata"]["labels"] = json!({ "topology.kubernetes.io/zone": "a" });
    assert_eq!(observe(&mut cluster, &bound), Observed::Confirmed);
    assert_eq!(observe(&mut cluster, &bound), Observed::Unchanged);
    assert_eq!(observe(&mut cluster, &pod("p", 5, "")), Observed::Unchanged);
    assert!(cluster.state() == state.as_slice(), "no row was written");
    let error = cluster.forget("a/p").expect_err("it is no longer assumed");
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.problem(), "pod a/p is not assumed to be on a node: it is known to be on n1");
}

#[test]
fn another_scheduler_wins() {
    let mut cluster = with([node("n1"), node("n2"), pod("p", 5, ""), pod("q", 5, "")]);
    cluster.bind("a/p", "n1", 7).expect("it waits");
    assert_eq!(observe(&mut cluster, &pod("p", 6, "n2")), Observed::Moved { from: "n1".to_owned() });
    assert_eq!((cluster.pods_on("n1"), cluster.pods_on("n2")), (vec![], vec!["a/p".to_owned()]));
    // One that waited is bound by somebody else: it was nowhere before.
    assert_eq!(observe(&mut cluster, &pod("q", 6, "n2")), Observed::Updated);
    let changes = cluster.observe_all(vec![object(&pod("p", 9, "n1")), object(&pod("new", 9, ""))]).expect("sound");
    let mut expected = Changes::default();
    (expected.added, expected.moved) = (1, vec!["a/p".to_owned()]);
    assert_eq!(changes, expected);
}

#[test]
fn a_pod_of_the_same_name_is_another_pod() {
    let mut cluster = with([node("n1"), pod("p", 5, "")]);
    cluster.bind("a/p", "n1", 7).expect("it waits");
    let mut next = pod("p", 8, "");
    next["metadata"]["uid"] = json!("next");
    assert_eq!(observe(&mut cluster, &next), Observed::Updated);
    assert_eq!(cluster.pending(), ["a/p"]);
    // The deletion of the first comes late.
    let changes = cluster.observe_deleted(vec![object(&pod("p", 7, "n1"))]).expect("it is known");
    assert_eq!((changes.unchanged, changes.removed), (1, 0));
    let changes = cluster.observe_deleted(vec![object(&next)]).expect("it is known");
    assert_eq!((changes.unchanged, changes.removed), (0, 1));
    assert!(cluster.pod("a/p").is_none());
}

/// A class, a volume, and a pod with a claim that waits for its node.
fn with_claims(provisioner: &str) -> (Cluster, Value) {
    let volume = json!({ "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": "v", "uid": "v", "resourceVersion": "1" },
        "spec": { "capacity": { "storage": "1Gi" }, "accessModes": ["ReadWriteOnce"], "storageClassName": "late", "volumeMode": "Filesystem" },
        "status": { "phase": "Available" } });
    let claim = json!({ "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": { "name": "data", "namespace": "a", "uid": "data", "resourceVersion": "1" },
        "spec": { "accessModes": ["ReadWriteOnce"], "storageClassName": "late", "volumeMode": "Filesystem",
            "resources": { "requests": { "storage": "1Gi" } } }, "status": { "phase": "Pending" } });
    let class = json!({ "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": "late", "uid": "late" },
        "provisioner": provisioner, "volumeBindingMode": "WaitForFirstConsumer", "reclaimPolicy": "Delete" });
    let mut waiting = pod("p", 5, "");
    waiting["spec"]["volumes"] = json!([{ "name": "data", "persistentVolumeClaim": { "claimName": "data" } }]);
    let volumes = if provisioner == "kubernetes.io/no-provisioner" { vec![volume] } else { vec![] };
    (with([node("n1"), node("n2"), class, claim.clone(), waiting].into_iter().chain(volumes)), claim)
}

#[test]
fn claims_are_as_before_when_a_bind_is_forgotten() {
    for provisioner in ["kubernetes.io/no-provisioner", "x.csi"] {
        let (mut cluster, _) = with_claims(provisioner);
        let objects = |cluster: &Cluster| -> Vec<Object> {
            let kinds = [Kind::PersistentVolume, Kind::PersistentVolumeClaim];
            kinds.into_iter().flat_map(|kind| cluster.objects(kind).cloned().collect::<Vec<_>>()).collect()
        };
        let (before, decided) = (objects(&cluster), cluster.decide("a/p").expect("it is there"));
        cluster.bind("a/p", "n2", 7).expect("it waits");
        assert_ne!(objects(&cluster), before, "{provisioner}: binding writes to claims or volumes");
        // Tables that are made again do not forget what was assumed.
        cluster.compact().expect("it was sound");
        cluster.forget("a/p").expect("it is assumed");
        assert_eq!(objects(&cluster), before, "{provisioner}");
        assert_eq!(cluster.decide("a/p").expect("it is there"), decided, "{provisioner}");
    }
}

#[test]
fn what_came_for_a_claim_since_is_kept() {
    let (mut cluster, claim) = with_claims("x.csi");
    cluster.bind("a/p", "n2", 7).expect("it waits");
    let mut newer = claim;
    newer["metadata"]["resourceVersion"] = json!("9");
    // What the scheduler wrote comes back, and nothing else: it stands, whatever becomes of the pod.
    newer["metadata"]["annotations"] = json!({ "volume.kubernetes.io/selected-node": "n2" });
    assert_eq!(observe(&mut cluster, &newer), Observed::Updated);
    cluster.forget("a/p").expect("it is assumed");
    let Some(Object::PersistentVolumeClaim(claim)) = cluster.object(Kind::PersistentVolumeClaim, "a", "data") else {
        panic!("the claim is gone")
    };
    let selected = claim.metadata.annotations.get("volume.kubernetes.io/selected-node");
    assert_eq!(selected.map(String::as_str), Some("n2"));
}

#[test]
fn a_bind_that_failed_leaves_the_pod_as_the_newest_event_has_it() {
    let mut first = pod("p", 5, "");
    first["metadata"]["labels"] = json!({ "topology.kubernetes.io/zone": "mine" });
    first["status"]["nominatedNodeName"] = json!("n2");
    let mut cluster = with([node("n1"), node("n2"), first]);
    let before = cluster.pod("a/p").cloned();
    cluster.bind("a/p", "n1", 7).expect("it waits");
    cluster.forget("a/p").expect("it is assumed");
    assert_eq!(cluster.pod("a/p").cloned(), before, "its own zone and its nomination are back");
    // It changed while it was assumed. A watch says so once.
    cluster.bind("a/p", "n1", 7).expect("it waits");
    let mut newer = pod("p", 6, "");
    newer["metadata"]["labels"] = json!({ "app": "new" });
    assert_eq!(observe(&mut cluster, &newer), Observed::Unchanged);
    assert_eq!(observe(&mut cluster, &pod("p", 5, "")), Observed::Unchanged);
    cluster.forget("a/p").expect("it is assumed");
    let labels = cluster.pod("a/p").map(|pod| pod.metadata.labels.get("app").cloned());
    assert_eq!(labels.flatten().as_deref(), Some("new"));
    cluster.recount().expect("the sums are right");
}

#[test]
fn claims_of_a_running_pod_stay_its_own() {
    let (mut cluster, _) = with_claims("kubernetes.io/no-provisioner");
    cluster.bind("a/p", "n2", 7).expect("it waits");
    // The bind comes by another door than the watch's.
    let mut bound = pod("p", 6, "n2");
    bound["spec"]["volumes"] = json!([{ "name": "data", "persistentVolumeClaim": { "claimName": "data" } }]);
    cluster.upsert(object(&bound)).expect("it is sound");
    bound["metadata"]["resourceVersion"] = json!("7");
    bound["status"]["phase"] = json!("Running");
    assert_eq!(observe(&mut cluster, &bound), Observed::Updated);
    let Some(Object::PersistentVolume(volume)) = cluster.object(Kind::PersistentVolume, "", "v") else {
        panic!("the volume is gone")
    };
    assert_eq!(volume.spec.claim_ref.as_ref().map(|claim| claim.name.as_str()), Some("data"));
}

#[test]
fn a_list_takes_away_what_is_not_in_it() {
    let mut cluster = with([node("n1"), node("n2"), pod("p", 5, ""), pod("q", 5, "n1"), pod("gone", 5, "n1")]);
    cluster.bind("a/p", "n1", 7).expect("it waits");
    let list = [pod("p", 5, ""), pod("q", 6, "n2"), pod("new", 6, "")].map(|value| object(&value));
    let changes = cluster.replace(Kind::Pod, list.to_vec()).expect("it is sound");
    let mut expected = Changes::default();
    (expected.added, expected.unchanged, expected.removed) = (1, 1, 1);
    expected.moved = vec!["a/q".to_owned()];
    assert_eq!(changes, expected);
    assert_eq!((cluster.pods_on("n1"), cluster.pods_on("n2")), (vec!["a/p".to_owned()], vec!["a/q".to_owned()]));
    for bad in [vec![object(&node("n1"))], vec![object(&pod("p", 1, "")), object(&pod("p", 2, ""))]] {
        let error = cluster.replace(Kind::Pod, bad).expect_err("it is not a list of all pods");
        assert_eq!(error.kind(), ErrorKind::Input);
        assert_eq!(cluster.pods_on("n1"), ["a/p"], "nothing was taken in");
    }
}

proptest! {
    /// Events of many objects in any order, some twice and some late, leave what a fresh load of the last ones has.
    #[test]
    fn a_shuffled_watch_ends_as_a_fresh_load(
        events in prop::collection::vec((0..6usize, 0..3usize, any::<prop::sample::Index>()), 1..60),
    ) {
        let on = ["", "n1", "n2"];
        let mut versions = vec![Vec::new(); 6];
        for (version, (which, node, _)) in events.iter().enumerate() {
            versions[*which].push(pod(&format!("p{which}"), version as u64 + 10, on[*node]));
        }
        let last: Vec<Value> = versions.iter().filter_map(|of| of.last().cloned()).collect();
        let mut watched = with([node("n1"), node("n2")]);
        let mut fed: Vec<Value> = versions.concat();
        for (_, _, at) in &events {
            let (at, to) = (at.index(fed.len()), fed.len() - 1);
            fed.push(fed[at].clone());
            fed.swap(at, to);
        }
        for event in &fed {
            observe(&mut watched, event);
        }
        let fresh = with([node("n1"), node("n2")].into_iter().chain(last));
        for name in ["n1", "n2"] {
            prop_assert_eq!(watched.pods_on(name), fresh.pods_on(name));
        }
        let sorted = |cluster: &Cluster| { let mut all = cluster.pending(); all.sort(); all };
        prop_assert_eq!(sorted(&watched), sorted(&fresh));
        watched.recount().expect("the sums are right");
    }
}
