//! The runner itself: a wrong engine is found out, whatever it gets wrong.

mod common;

use bayplan_conformance::{Options, play, report::Report, suite::suite};
use common::{Echo, case, steps};
use serde_json::{Value, json};

fn played(found: &Value) -> Report {
    let (case, expected) = case(found, &steps());
    play::<Echo>(Options { version: "1.37" }, &case, &expected)
}

fn fields(report: &Report) -> Vec<String> {
    report.differences.iter().map(|d| format!("{} {}", d.step.as_ref().map_or(0, |s| s.0), d.field)).collect()
}

#[test]
fn equal_steps_pass() {
    let report = played(&steps());
    assert_eq!((report.cases, report.steps, report.equal), (1, 4, 4), "{:?}", report.differences);
    assert!(report.passes());
}

/// Every leaf of every step is changed in turn: each must be found, in its step alone. That later steps are equal
/// shows that the expected binding and not the engine's own was applied, which `Echo` checks word for word.
#[test]
fn every_changed_field_is_found() {
    let paths = [
        ("/0/node", json!("n2")),
        ("/0/result", json!("Unschedulable")),
        ("/0/filtered/n0/plugin", json!("NodePorts")),
        ("/0/filtered/n0/code", json!("Unschedulable")),
        ("/0/filtered/n0/reasons", json!(null)),
        ("/0/filtered/n0/reasons/0", json!("yes")),
        ("/0/filtered", json!({})),
        ("/0/feasible/1", json!("n3")),
        ("/0/feasible", json!(["n2", "n1"])),
        ("/0/scores/n1/ImageLocality", json!(6)),
        ("/0/scores/n1", json!({})),
        ("/0/scores/n1", json!({"ImageLocality": 5, "NodePorts": 0})),
        ("/0/totals/n1", json!(6)),
        ("/0/best", json!(["n1"])),
        ("/1/message", json!("0/3 nodes are available")),
        ("/1/preemption", json!(null)),
        ("/1/preemption/message", json!("x")),
        ("/1/preemption/candidates/0/node", json!("x")),
        ("/1/preemption/candidates/0/pdbViolations", json!(1)),
        ("/1/preemption/best/0", json!("x")),
        ("/1/preemption/chosen", json!("x")),
        ("/1/preemption/victims/0", json!("x")),
        ("/2/node", json!("n1")),
        ("/2/feasible", json!([])),
        ("/3/result", json!("Gated")),
    ];
    for (path, value) in paths {
        let mut found = steps();
        *found.pointer_mut(path).unwrap() = value;
        let report = played(&found);
        let step: usize = path[1..2].parse().unwrap();
        assert_eq!(report.equal, 3, "{path}: {:?}", report.differences);
        assert!(!report.passes(), "{path}");
        assert!(report.differences.iter().all(|d| d.step.as_ref().unwrap().0 == step + 1), "{path}");
    }
    for (field, value) in [("error", json!("x")), ("preFilter", json!({"plugin": "P", "code": "C", "reason": "r"}))] {
        let mut found = steps();
        found[3][field] = value;
        assert_eq!(played(&found).equal, 3, "{field}");
    }
}

#[test]
fn a_panic_and_an_error_are_differences() {
    let mut found = steps();
    found[1]["message"] = json!("panic");
    found[3]["pod"] = json!("a/p9");
    let report = played(&found);
    assert_eq!(report.equal, 2);
    assert_eq!(fields(&report), ["2 step", "4 step"]);
    assert!(report.differences[0].found.contains("panicked: as told"), "{:?}", report.differences[0]);
}

#[test]
fn a_case_that_does_not_load_fails_in_all_its_steps() {
    let report = played(&json!("no steps"));
    assert_eq!((report.steps, report.equal), (4, 0));
    assert_eq!(fields(&report), ["0 case"]);
}

#[test]
fn an_engine_that_refuses_what_follows_fails() {
    let (mut case, expected) = case(&steps(), &steps());
    case.config.as_mut().unwrap()["calls"][1] = json!("evict a/b1");
    let report = play::<Echo>(Options { version: "1.37" }, &case, &expected);
    assert_eq!(fields(&report), ["2 what follows the step"]);
    assert_eq!(report.equal, 2);
    assert!(!report.passes());
}

#[test]
fn a_suite_adds_up_in_the_order_of_the_cases() {
    let mut wrong = steps();
    wrong[0]["totals"]["n1"] = json!(0);
    let cases: Vec<_> = (0..20)
        .map(|n| {
            let found = if n % 10 == 3 { wrong.clone() } else { steps() };
            let (mut case, expected) = case(&found, &steps());
            case.name = format!("c{n}");
            (case, expected)
        })
        .collect();
    let report = suite::<Echo>(Options { version: "1.37" }, &cases);
    assert_eq!((report.cases, report.steps, report.equal), (20, 80, 78));
    let names: Vec<&str> = report.differences.iter().map(|d| d.case.as_str()).collect();
    assert_eq!(names, ["c3", "c13"]);
}

#[test]
fn nothing_played_does_not_pass() {
    assert!(!Report::default().passes());
}
