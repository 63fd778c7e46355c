//! Plays the conformance vectors and compares every field but `preemption`.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use bayplan_reference::Reference;
use bayplan_reference::vector::{Case, Engine, Expected, Step};
use flate2::read::GzDecoder;

/// The first pod that is bound starts one second after this.
const BASE: i64 = 1_700_000_000;

const CATEGORIES: [&str; 18] = [
    "capacity",
    "declared",
    "defaultspread",
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

fn lines<T: serde::de::DeserializeOwned>(name: &str) -> Vec<T> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../conformance/vectors", name].iter().collect();
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
}

/// Plays one case; after each step the expected outcome is applied. Returns the number of steps.
fn play(version: &str, case: &Case, expected: &Expected) -> Result<usize, String> {
    let mut engine = Reference::load(version, case.config.as_ref(), &case.objects)?;
    let mut bound = 0;
    for (index, step) in expected.steps.iter().enumerate() {
        let found = engine.decide(&step.pod)?;
        let wanted = Step { preemption: None, ..step.clone() };
        if found != wanted {
            return Err(format!("step {index}:\n  expected {wanted:?}\n  found    {found:?}"));
        }
        if !step.node.is_empty() {
            bound += 1;
            engine.bind(&step.pod, &step.node, BASE + bound)?;
        }
        if let Some(preemption) = step.preemption.as_ref().filter(|preemption| !preemption.chosen.is_empty()) {
            for victim in &preemption.victims {
                engine.evict(victim)?;
            }
            engine.nominate(&step.pod, &preemption.chosen)?;
        }
    }
    Ok(expected.steps.len())
}

fn play_all(version: &str) {
    let mut failures = Vec::new();
    for category in CATEGORIES {
        let cases: Vec<Case> = lines(&format!("{category}.cases.ndjson.gz"));
        let expected: Vec<Expected> = lines(&format!("{category}.expected-{version}.ndjson.gz"));
        assert_eq!(cases.len(), expected.len(), "{category}");
        let (mut steps, mut equal, mut first) = (0, 0, None);
        for case in &cases {
            let expected = expected.iter().find(|expected| expected.name == case.name).expect("a step for every case");
            assert_eq!(expected.error, "", "{category} {}", case.name);
            match play(version, case, expected) {
                Ok(count) => (steps, equal) = (steps + count, equal + 1),
                Err(error) => drop(first.get_or_insert(format!("{}: {error}", case.name))),
            }
        }
        println!("{version} {category}: {equal} of {} cases equal, {steps} steps", cases.len());
        assert!(steps > 0, "{category}: no steps");
        failures.extend(first.map(|first| format!("{category}: {equal} of {} cases equal; {first}", cases.len())));
    }
    assert!(failures.is_empty(), "{version}:\n{}", failures.join("\n"));
}

#[test]
fn kubernetes_1_34() {
    play_all("1.34");
}

#[test]
fn kubernetes_1_35() {
    play_all("1.35");
}

#[test]
fn kubernetes_1_36() {
    play_all("1.36");
}

#[test]
fn kubernetes_1_37() {
    play_all("1.37");
}
