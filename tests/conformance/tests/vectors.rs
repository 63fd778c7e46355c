//! The engines against the committed vectors of the rules that are complete, all four versions, no difference.

use bayplan_conformance::Options;
use bayplan_conformance::engines::find;
use bayplan_conformance::files::{VERSIONS, committed};
use bayplan_conformance::report::{Row, table};

/// The categories whose rules are complete. Whoever completes a rule adds its vectors here.
const COMPLETE: [&str; 22] = [
    "capacity",
    "declared",
    "defaultspread",
    "edges",
    "edges-nominated",
    "edges-topology",
    "edges-volumes",
    "gates",
    "images",
    "interpod",
    "large",
    "mixed",
    "nodeaffinity",
    "numbers",
    "ports",
    "preemption",
    "resize",
    "resources",
    "spread",
    "strategy",
    "taints",
    "volumes",
];

#[track_caller]
fn conforms(engine: &str) {
    let engine = find(Some(engine)).unwrap();
    let mut rows = Vec::new();
    for pair in committed(None).unwrap() {
        if COMPLETE.contains(&pair.category().as_str()) {
            let options = Options { version: &pair.version, preemption: false };
            let report = (engine.suite)(options, &pair.read().unwrap());
            rows.push(Row { category: pair.category(), version: pair.version, report });
        }
    }
    println!("engine {}\n{}", engine.name, table(&rows, 1));
    assert_eq!(rows.len(), COMPLETE.len() * VERSIONS.len(), "a category or a version is missing");
    assert!(rows.iter().all(|row| row.report.passes()), "{} differs from the scheduler", engine.name);
}

#[test]
fn bayplan_conforms() {
    conforms("bayplan");
}

#[test]
fn reference_conforms() {
    conforms("reference");
}
