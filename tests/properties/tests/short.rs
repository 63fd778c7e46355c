//! A few runs, and that the harness itself tells what went wrong. `make test` plays many more: see `src/main.rs`.

use bayplan_properties::operation::{Change, Operation};
use bayplan_properties::random::Random;
use bayplan_properties::shrink::{failure, shrink};
use bayplan_properties::tally::Tally;
use bayplan_properties::{RUN, VERSIONS, nodes, run, setup};
use serde_json::json;

#[test]
fn both_decide_the_same_in_every_version() {
    for number in 0..VERSIONS.len() {
        let outcome = run(7, number);
        assert_eq!((outcome.operations, outcome.failure.map(|(text, _)| text)), (RUN, None), "run {number}");
        assert!(outcome.recounted > 0);
    }
}

#[test]
fn rules_that_never_decided_are_told() {
    let missing = Tally::default().missing();
    assert!(missing.contains(&"filter NodePorts".to_string()), "{missing:?}");
}

#[test]
fn a_failure_is_made_small() {
    let put = |object| Operation { change: Change::Put(object), ask: None };
    let mut random = Random::new(1);
    let wrong = json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": "wrong", "labels": { "a": "b" } },
        "status": { "allocatable": { "cpu": "-1", "pods": "3" } } });
    let operations = vec![put(nodes::node(&mut random, "node-0")), put(wrong), put(nodes::node(&mut random, "node-1"))];
    let fewest = shrink(&setup(0), operations);
    let expected = json!({ "put": { "apiVersion": "v1", "kind": "Node", "metadata": { "name": "wrong" },
        "status": { "allocatable": { "cpu": "-1" } } } });
    assert_eq!(fewest.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected.to_string()]);
    assert!(failure(&setup(0), &fewest).is_some_and(|text| text.contains("cpu")));
}
