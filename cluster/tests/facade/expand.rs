//! Workloads become the pods that a real control plane made of them: `tests/controlplane` at the root of the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bayplan::admit::{self, Context};
use bayplan::expand::{desired_replicas, expand};
use bayplan::objects::{Object, Pod};
use bayplan::read;
use serde_json::{Value, json};

/// Owner of the pods: kind, namespace, name; the pods, each as it compares.
type Made = BTreeMap<String, Vec<String>>;

fn folder(scenario: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/controlplane").join(scenario)
}

/// Every manifest of a scenario, in order, with the file that it is in.
fn manifests(scenario: &str) -> Vec<Object> {
    let mut objects = read::from_path(folder(scenario).join("00-cluster.yaml")).expect(scenario).objects;
    let mut files: Vec<_> = std::fs::read_dir(folder(scenario)).expect(scenario).flatten().map(|f| f.path()).collect();
    files.sort();
    for file in files {
        let name = file.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if name.ends_with(".yaml") && name != "00-cluster.yaml" {
            objects.extend(read::from_path(&file).unwrap_or_else(|e| panic!("{e}")).objects);
        }
    }
    let admitted = |object: Object| match object.kind().name() {
        "Pod" => object,
        _ => admit::admit(object, &Context::default()).unwrap_or_else(|e| panic!("{e}")),
    };
    objects.into_iter().map(admitted).collect()
}

fn context(objects: &[Object]) -> Context<'_> {
    let mut context = Context::default();
    for object in objects {
        match object {
            Object::Node(o) => context.nodes.push(o),
            Object::PriorityClass(o) => context.priority_classes.push(o),
            Object::RuntimeClass(o) => context.runtime_classes.push(o),
            _ => {}
        }
    }
    context
}

/// The pod without what is chance (ends of names, uids, hashes) and what no decision sees (the service account's volume).
fn comparable(pod: &Pod) -> (String, String) {
    let mut pod = pod.clone();
    let hash = pod.metadata.labels.get("pod-template-hash").cloned();
    for key in ["pod-template-hash", "controller-revision-hash", "controller-uid", "batch.kubernetes.io/controller-uid"]
    {
        pod.metadata.labels.entry(key.to_owned()).and_modify(|value| "*".clone_into(value));
    }
    pod.spec.volumes.retain(|volume| !volume.name.starts_with("kube-api-access-"));
    for container in &mut pod.spec.containers {
        container.volume_mounts.clear();
    }
    let meta = &mut pod.metadata;
    let mut owner = format!("Pod {}/{}", meta.namespace, meta.name);
    for reference in &mut meta.owner_references {
        reference.uid.clear();
        if let Some(hash) = &hash {
            reference.name = reference.name.replace(hash, "*");
        }
        owner = format!("{} {}/{}", reference.kind, meta.namespace, reference.name);
    }
    let has_number = owner.starts_with("StatefulSet") || owner.starts_with("Pod");
    if !has_number {
        meta.name.clear();
    }
    meta.uid.clear();
    meta.generate_name.clear();
    meta.creation_timestamp = None;
    // kubectl's own note.
    meta.annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    let mut value = serde_json::to_value(&pod).expect("a pod");
    replace(&mut value, hash.as_deref().unwrap_or("no hash"));
    (owner, value.to_string())
}

/// The hash stands in selectors too.
fn replace(value: &mut Value, hash: &str) {
    match value {
        Value::String(text) if text == hash => *value = json!("*"),
        Value::Array(items) => items.iter_mut().for_each(|v| replace(v, hash)),
        Value::Object(map) => map.values_mut().for_each(|v| replace(v, hash)),
        _ => {}
    }
}

fn real(scenario: &str) -> Made {
    let text = std::fs::read_to_string(folder(scenario).join("pods.json")).expect(scenario);
    let list: Value = serde_json::from_str(&text).expect(scenario);
    let mut made = Made::new();
    for item in list["items"].as_array().expect(scenario) {
        let Object::Pod(pod) = read::from_value(item).expect(scenario) else { panic!("{item}") };
        let (owner, pod) = comparable(&pod);
        made.entry(owner).or_default().push(pod);
    }
    made
}

/// What we make of a scenario, and what is refused.
fn ours(scenario: &str) -> (Made, Vec<String>) {
    let objects = manifests(scenario);
    let context = context(&objects);
    let (mut made, mut refused) = (Made::new(), Vec::new());
    for object in &objects {
        let Some(desired) = desired_replicas(object, &context) else { continue };
        match expand(object, &context) {
            Ok(expanded) => {
                let names: BTreeSet<_> = expanded.pods.iter().map(|pod| &pod.metadata.name).collect();
                assert_eq!((expanded.pods.len(), names.len()), (desired, desired), "{object}");
                for (owner, pod) in expanded.pods.iter().map(comparable) {
                    made.entry(owner).or_default().push(pod);
                }
            }
            Err(error) => refused.push(error.to_string()),
        }
    }
    (made, refused)
}

/// Compares kinds of pods, and numbers where nothing was made again; gives both numbers of pods.
fn compare(scenario: &str, again: &[&str]) -> (usize, usize) {
    let (real, (ours, _)) = (real(scenario), ours(scenario));
    assert_eq!(ours.keys().collect::<Vec<_>>(), real.keys().collect::<Vec<_>>(), "{scenario}");
    for (owner, theirs) in &real {
        let kinds = |pods: &[String]| pods.iter().cloned().collect::<BTreeSet<_>>();
        let (a, b) = (kinds(&ours[owner]), kinds(theirs));
        for (ours, theirs) in a.iter().zip(&b) {
            assert_eq!(ours, theirs, "{scenario}: {owner}");
        }
        assert_eq!(a.len(), b.len(), "{scenario}: {owner}");
        if !again.contains(&owner.as_str()) {
            assert_eq!(ours[owner].len(), theirs.len(), "{scenario}: {owner}");
        }
    }
    (ours.values().map(Vec::len).sum(), real.values().map(Vec::len).sum())
}

#[test]
fn every_kind_of_workload_makes_the_pods_that_its_controller_made() {
    let objects = manifests("workloads");
    let cron = objects.iter().find(|o| matches!(o, Object::CronJob(_))).expect("a CronJob");
    let run = expand(cron, &context(&objects)).expect("a run").pods;
    assert_eq!(run.len(), 2, "one run of parallelism 2");
    assert_eq!(run[0].metadata.labels["job-name"], "nightly-00001");
    // The clock of the real cluster did not come round to the CronJob; of the Job's five completions three run at a time.
    let (real, (mut ours, refused)) = (real("workloads"), ours("workloads"));
    assert!(refused.is_empty(), "{refused:?}");
    assert!(ours.remove("Job default/nightly-00001").is_some());
    assert_eq!(ours.keys().collect::<Vec<_>>(), real.keys().collect::<Vec<_>>());
    for (owner, theirs) in &real {
        let mut pods = ours[owner].clone();
        let mut theirs = theirs.clone();
        pods.sort();
        theirs.sort();
        if owner == "Job default/crunch" {
            assert_eq!((pods.len(), theirs.len()), (3, 5));
            theirs.truncate(3);
        }
        for (a, b) in pods.iter().zip(&theirs) {
            assert_eq!(a, b, "{owner}");
        }
        assert_eq!(pods.len(), theirs.len(), "{owner}");
    }
    assert!(real.len() >= 11, "{:?}", real.keys());
}

#[test]
fn pods_get_the_priority_of_their_class() {
    // Preempted pods were made again.
    let (ours, real) = compare("priority", &["ReplicaSet default/batch-*", "ReplicaSet default/web-*"]);
    assert_eq!((ours, real), (12, 15));
    let (_, refused) = self::ours("priority");
    assert_eq!(refused.len(), 1);
    let words = "is forbidden: no PriorityClass with name unknown-class was found; there are high, low, patient, std, system-cluster-critical";
    assert!(refused[0].contains(words), "{}", refused[0]);
}

#[test]
fn pods_get_overhead_and_scheduling_of_their_runtime_class() {
    assert_eq!(compare("runtimeclass", &[]), (5, 5));
    let (_, refused) = ours("runtimeclass");
    assert_eq!(refused.len(), 2, "{refused:?}");
    let words = "is forbidden: conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no";
    assert!(refused[0].contains(words), "{}", refused[0]);
    assert!(refused[1].contains("is forbidden: pod rejected: RuntimeClass \"nope\" not found"), "{}", refused[1]);
}

#[test]
fn label_keys_are_merged_into_selectors() {
    let (ours, real) = compare("spread", &[]);
    assert_eq!(ours, real);
    let (_, refused) = self::ours("spread");
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn a_deployment_makes_a_replica_set_that_selects_its_pods() {
    let objects = manifests("workloads");
    let web = objects.iter().find(|o| o.name() == "web").expect("web");
    let expanded = expand(web, &context(&objects)).expect("web");
    let [set] = expanded.replica_sets.as_slice() else { panic!("{:?}", expanded.replica_sets) };
    let hash = &set.spec.selector.as_ref().expect("a selector").match_labels["pod-template-hash"];
    assert_eq!(set.metadata.name, format!("web-{hash}"));
    for (i, pod) in expanded.pods.iter().enumerate() {
        assert_eq!(pod.metadata.name, format!("web-{hash}-{:05}", i + 1));
        assert_eq!(&pod.metadata.labels["pod-template-hash"], hash);
        assert_eq!(pod.metadata.owner_references[0].uid, set.metadata.uid);
    }
    let again = expand(web, &context(&objects)).expect("web");
    assert_eq!(again.pods, expanded.pods);
}

#[test]
fn what_no_controller_would_take_is_an_error() {
    let context = Context::default();
    let fault = |object: Value| {
        let object = read::from_value(&object).unwrap_or_else(|e| panic!("{e}"));
        let expanded = if object.kind().name() == "Pod" { Ok(object) } else { admit::admit(object, &context) };
        expanded.and_then(|object| expand(&object, &context)).map(|e| e.pods.len()).unwrap_err().to_string()
    };
    let deployment = |selector: Value| json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"selector": selector, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}});
    assert_eq!(fault(deployment(Value::Null)), "Deployment.apps \"d\" is invalid: spec.selector: Required value");
    assert_eq!(
        fault(deployment(json!({"matchLabels": {"a": "c"}}))),
        "Deployment.apps \"d\" is invalid: spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`"
    );
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}});
    assert!(fault(node).starts_with("Node n: it makes no pods; legal is Pod, Deployment"));
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"priority": 7, "containers": [{"name": "c", "image": "i"}]}});
    assert!(fault(pod).starts_with("pods \"p\" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from"));
}
