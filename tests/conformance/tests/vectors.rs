//! The engines against all committed vectors, all four versions, no difference.

use bayplan_conformance::Options;
use bayplan_conformance::engines::find;
use bayplan_conformance::files::{VERSIONS, categories, committed};
use bayplan_conformance::report::{Row, table};

#[track_caller]
fn conforms(engine: &str) {
    let engine = find(Some(engine)).unwrap();
    let mut rows = Vec::new();
    for pair in committed(None).unwrap() {
        let options = Options { version: &pair.version };
        let report = (engine.suite)(options, &pair.read().unwrap());
        rows.push(Row { category: pair.category(), version: pair.version, report });
    }
    println!("engine {}\n{}", engine.name, table(&rows, 1));
    assert_eq!(rows.len(), categories().unwrap().len() * VERSIONS.len(), "a category or a version is missing");
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
