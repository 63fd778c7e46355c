//! A cluster grows from one node to 100,000, and every table with it, without anybody saying how large it will be.

use bayplan::attempt::Outcome;
use bayplan::{Cluster, Options, read};
use serde_json::{Value, json};

fn node(number: usize) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": format!("n{number}"), "labels": { "number": number.to_string() } },
        "status": { "allocatable": { "cpu": "4", "memory": "8Gi", "pods": "10" } },
    })
}

/// A pod that only one node can take.
fn pod(number: usize) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": format!("p{number}"), "namespace": "default" },
        "spec": {
            "schedulerName": "default-scheduler",
            "nodeSelector": { "number": number.to_string() },
            "containers": [{ "name": "c", "image": "i", "resources": { "requests": { "cpu": "3" } } }],
        },
    })
}

#[test]
fn from_one_node_to_100_000() {
    let mut cluster = Cluster::new(Options::default()).unwrap();
    let put =
        |cluster: &mut Cluster, value: &Value| cluster.upsert(read::Reading::live().value(value).unwrap()).unwrap();
    let mut next = 1;
    for number in 1..=100_000 {
        put(&mut cluster, &node(number));
        if number == next {
            put(&mut cluster, &pod(number));
            let key = format!("default/p{number}");
            let decision = cluster.decide(&key).unwrap();
            assert_eq!(decision.outcome, Outcome::Scheduled, "{}", decision.message);
            assert_eq!(decision.node.as_deref(), Some(format!("n{number}").as_str()));
            assert_eq!(decision.feasible, 1);
            cluster.bind(&key, &format!("n{number}"), number as i64).unwrap();
            next *= 10;
        }
    }
    assert_eq!(cluster.nodes().len(), 100_000);
    cluster.recount().unwrap();
    // What was bound while the cluster was small still holds its CPU.
    put(
        &mut cluster,
        &json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "again", "namespace": "default" },
            "spec": pod(1)["spec"],
        }),
    );
    let decision = cluster.decide("default/again").unwrap();
    assert_eq!(
        decision.message,
        "0/100000 nodes are available: 1 Insufficient cpu, 99999 node(s) didn't match Pod's node affinity/selector."
    );
}
