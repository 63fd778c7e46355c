//! The two toy plugins are configured like any other, decide, and are explained.

use bayplan::{Cluster, Options, read};
use serde_json::json;

#[test]
fn toy_plugins_decide_and_are_explained() {
    let configuration = json!({
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "profiles": [{ "plugins": { "multiPoint": { "enabled": [{ "name": "ToyFilter" }, { "name": "ToyScore", "weight": 1000 }] } } }],
    });
    let options = Options { configuration: Some(configuration), ..Options::default() };
    let mut cluster = Cluster::new(options).unwrap();
    let node = |name: &str| {
        json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name },
            "status": { "allocatable": { "cpu": "4", "memory": "8Gi", "pods": "110" } } })
    };
    let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p", "namespace": "default" }, "spec": { "containers": [{ "name": "c" }] } });
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": [node("a"), node("b"), node("c"), node("d"), pod] });
    cluster.load(read::Reading::live().bytes(list.to_string().as_bytes(), "toy").unwrap().objects).unwrap();
    let why = cluster.why("default/p").unwrap();
    assert_eq!(why.decision.node.as_deref(), Some("c"), "of every second node the last: {why:?}");
    assert_eq!(why.scores["c"]["ToyScore"], 2 * 1000);
    assert_eq!(why.totals["c"], why.decision.score, "the score that is shown is the one that is used");
    assert_eq!(why.filtered["b"].plugin.name(), "ToyFilter");
    assert_eq!(why.filtered["b"].reasons, ["node(s) were not every second one"]);
}
