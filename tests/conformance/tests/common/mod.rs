//! An engine that answers from the case itself: its `config` holds the steps that it says it took.
//! Shared by several tests, of which each uses a part.
#![allow(dead_code, unreachable_pub)]

use bayplan_reference::vector::{Case, Engine, Expected, Step};
use serde_json::{Value, json};

/// Repeats what `config.steps` says, and checks that it is bound, evicted and nominated as `config.calls` says.
pub struct Echo {
    steps: std::vec::IntoIter<Step>,
    calls: std::vec::IntoIter<String>,
}

impl Echo {
    fn call(&mut self, call: String) -> Result<(), String> {
        match self.calls.next() {
            Some(wanted) if wanted == call => Ok(()),
            wanted => Err(format!("{call} instead of {wanted:?}")),
        }
    }
}

impl Engine for Echo {
    fn load(_: &str, config: Option<&Value>, _: &[Value]) -> Result<Self, String> {
        let config = config.ok_or("no config to repeat")?;
        let steps: Vec<Step> = serde_json::from_value(config["steps"].clone()).map_err(|error| error.to_string())?;
        let calls: Vec<String> = serde_json::from_value(config["calls"].clone()).map_err(|error| error.to_string())?;
        Ok(Self { steps: steps.into_iter(), calls: calls.into_iter() })
    }
    fn decide(&mut self, pod: &str) -> Result<Step, String> {
        let step = self.steps.next().ok_or("no more steps")?;
        assert!(!step.message.starts_with("panic"), "as told");
        if step.pod == pod { Ok(step) } else { Err(format!("asked for {pod} instead of {}", step.pod)) }
    }
    fn bind(&mut self, pod: &str, node: &str, start: i64) -> Result<(), String> {
        self.call(format!("bind {pod} {node} {start}"))
    }
    fn evict(&mut self, pod: &str) -> Result<(), String> {
        self.call(format!("evict {pod}"))
    }
    fn nominate(&mut self, pod: &str, node: &str) -> Result<(), String> {
        self.call(format!("nominate {pod} {node}"))
    }
}

/// The steps of a case with a placement, a failure, room made by eviction, and the second try.
pub fn steps() -> Value {
    json!([
        {"pod": "a/p0", "result": "Scheduled", "node": "n1",
         "filtered": {"n0": {"plugin": "NodeName", "code": "UnschedulableAndUnresolvable", "reasons": ["no"]}},
         "feasible": ["n1", "n2"], "scores": {"n1": {"ImageLocality": 5}, "n2": {"ImageLocality": 5}},
         "totals": {"n1": 5, "n2": 5}, "best": ["n1", "n2"]},
        {"pod": "a/p1", "result": "Unschedulable", "message": "0/3 nodes are available.",
         "preemption": {"message": "found", "candidates": [{"node": "n2", "victims": ["a/b0"], "pdbViolations": 0}],
                        "best": ["n2"], "chosen": "n2", "victims": ["a/b0"]}},
        {"pod": "a/p1", "result": "Scheduled", "node": "n2", "feasible": ["n2"]},
        {"pod": "a/p2", "result": "Unschedulable", "message": "0/3 nodes are available."},
    ])
}

/// What an engine must be told after those steps.
pub fn calls() -> Value {
    json!(["bind a/p0 n1 1700000001", "evict a/b0", "nominate a/p1 n2", "bind a/p1 n2 1700000002"])
}

/// The case, for an engine that answers `found`, as lines of the two files.
pub fn lines(found: &Value, expected: &Value) -> (Value, Value) {
    let objects = json!([{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n0"}}]);
    let case = json!({"name": "c", "config": {"steps": found, "calls": calls()}, "objects": objects,
                      "pending": ["a/p0", "a/p1", "a/p2"]});
    (case, json!({"name": "c", "steps": expected}))
}

/// The case as it is read.
pub fn case(found: &Value, expected: &Value) -> (Case, Expected) {
    let (case, expected) = lines(found, expected);
    (serde_json::from_value(case).unwrap(), serde_json::from_value(expected).unwrap())
}
