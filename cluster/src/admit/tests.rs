use serde_json::{Value, json};

use super::*;
use crate::objects::{ResourceList, Toleration};

/// A pod after admission; its containers get an image, and it gets one if it has none.
fn admitted(mut spec: Value) -> Pod {
    for list in ["containers", "initContainers"] {
        for container in spec[list].as_array_mut().into_iter().flatten() {
            container["image"] = json!("i:1");
        }
    }
    if spec["containers"].as_array().is_none_or(Vec::is_empty) {
        spec["containers"] = json!([{"name": "c", "image": "i:1"}]);
    }
    let object = crate::read::from_value(&json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"app": "a"}}, "spec": spec,
    }));
    let Ok(Object::Pod(mut pod)) = object else { panic!("{object:?}") };
    super::pod(&mut pod, &Context::default()).expect("a legal pod");
    *pod
}

fn list(value: Value) -> ResourceList {
    serde_json::from_value(value).expect("a list")
}

#[test]
fn requests_are_the_limits_where_they_are_not_given() {
    let pod = admitted(json!({
        "containers": [{"name": "c", "resources": {"limits": {"cpu": "2", "memory": "1Gi"}, "requests": {"cpu": "1"}}}],
        "initContainers": [{"name": "i", "resources": {"limits": {"example.com/gpu": "1"}}}],
    }));
    assert_eq!(pod.spec.containers[0].resources.requests, list(json!({"cpu": "1", "memory": "1Gi"})));
    assert_eq!(pod.spec.init_containers[0].resources.requests, list(json!({"example.com/gpu": "1"})));
}

/// The rule is that of Kubernetes' enhancement 2837: pod-level requests default to the sum of the containers' requests,
/// and to the pod-level limit where no container requests the resource.
#[test]
fn pod_level_requests_default_to_the_containers_or_to_the_limits() {
    let containers = json!([
        {"name": "a", "resources": {"requests": {"cpu": "1"}}},
        {"name": "b", "resources": {"requests": {"cpu": "500m"}}},
    ]);
    let requests = |resources: Value| {
        let pod = admitted(json!({"containers": containers, "resources": resources}));
        pod.spec.resources.expect("resources").requests
    };
    assert_eq!(
        requests(json!({"limits": {"cpu": "4", "memory": "2Gi"}})),
        list(json!({"cpu": "1500m", "memory": "2Gi"}))
    );
    assert_eq!(requests(json!({"limits": {"cpu": "4"}, "requests": {"cpu": "3"}})), list(json!({"cpu": "3"})),);
    // Until 1.36 pods without limits of their own were left alone (tests/controlplane/limits has what 1.37 does).
    assert_eq!(requests(json!({"requests": {"memory": "1Gi"}})), list(json!({"cpu": "1500m", "memory": "1Gi"})));
    assert!(admitted(json!({"containers": containers})).spec.resources.is_none());
}

#[test]
fn a_pod_that_tolerates_everything_gets_no_default_tolerations() {
    let pod = admitted(json!({"tolerations": [{"operator": "Exists"}]}));
    assert_eq!(pod.spec.tolerations.len(), 1);
    let own = json!([{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 5, "effect": "NoExecute"}]);
    let pod = admitted(json!({"tolerations": own}));
    let seconds = |t: &Toleration| (t.key.clone(), t.toleration_seconds);
    assert_eq!(
        pod.spec.tolerations.iter().map(seconds).collect::<Vec<_>>(),
        [
            ("node.kubernetes.io/not-ready".to_owned(), Some(5)),
            ("node.kubernetes.io/unreachable".to_owned(), Some(300))
        ],
    );
}

#[test]
fn a_wider_toleration_makes_a_narrower_one_needless() {
    let toleration = |value: Value| -> Toleration { serde_json::from_value(value).expect("a toleration") };
    let all = toleration(json!({"operator": "Exists"}));
    let key = toleration(json!({"key": "k", "operator": "Exists"}));
    let equal = toleration(json!({"key": "k", "operator": "Equal", "value": "v", "effect": "NoSchedule"}));
    let other = toleration(json!({"key": "k", "operator": "Equal", "value": "w", "effect": "NoSchedule"}));
    let merged = |first: &Toleration, second: &Toleration| {
        tolerations::merged(std::slice::from_ref(first), std::slice::from_ref(second))
    };
    assert_eq!(merged(&equal, &key), vec![key.clone()]);
    assert_eq!(merged(&key, &equal), vec![key.clone()]);
    assert_eq!(merged(&equal, &other), [equal.clone(), other]);
    assert_eq!(merged(&equal, &equal), vec![equal.clone()]);
    assert_eq!(merged(&key, &all), vec![all]);
}

#[test]
fn label_keys_become_requirements_of_the_selector() {
    let constraint = json!({"topologyKey": "z", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", "matchLabelKeys": ["app", "x"], "labelSelector": {}});
    let pod = admitted(json!({"topologySpreadConstraints": [constraint]}));
    let [constraint] = pod.spec.topology_spread_constraints.as_slice() else { panic!("one") };
    let added = &constraint.label_selector.as_ref().expect("a selector").match_expressions;
    assert_eq!((added.len(), added[0].key.as_str(), added[0].values[0].as_str()), (1, "app", "a"));
}

#[test]
fn objects_of_a_manifest_get_their_defaults() {
    let mut node = Node::default();
    node.metadata.name = "n".to_owned();
    node.status.capacity = list(json!({"cpu": "4"}));
    let Ok(Object::Node(node)) = admit(Object::from(node), &Context::default()) else { panic!("a node") };
    assert_eq!(node.status.allocatable, list(json!({"cpu": "4"})));
}
