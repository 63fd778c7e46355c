//! What is said about the vectors, in `MANIFEST.json` and in README.md, is so.

use std::path::Path;

use bayplan_conformance::files::{VERSIONS, categories};
use bayplan_conformance::manifest::Manifest;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn counts_and_digests_are_those_of_the_files() {
    let manifest = Manifest::read().unwrap();
    let counted = manifest.counted().unwrap();
    let again = "write it again: cargo run --release -p bayplan-conformance -- --manifest";
    for (name, category) in &counted.categories {
        assert_eq!(manifest.categories.get(name), Some(category), "{name}: {again}");
    }
    assert_eq!(manifest.categories.len(), counted.categories.len(), "a category has no files: {again}");
    assert_eq!(manifest.categories.keys().collect::<Vec<_>>(), categories().unwrap().iter().collect::<Vec<_>>());
    for (name, category) in &manifest.categories {
        assert!(!category.rules.is_empty() && !category.made.is_empty(), "{name}: `rules` or `made` is empty");
    }
}

/// The answers are of the releases that the oracle is built with.
#[test]
fn the_scheduler_is_the_oracles() {
    let manifest = Manifest::read().unwrap();
    assert!(manifest.scheduler.keys().eq(VERSIONS));
    let folder = root().join("tests/conformance/oracle/modules");
    for (minor, release) in &manifest.scheduler {
        let path = folder.join(format!("{minor}.mod"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let required = text.lines().find_map(|line| {
            line.trim().strip_prefix("require ").unwrap_or(line.trim()).strip_prefix("k8s.io/kubernetes ")
        });
        assert_eq!(required, Some(release.as_str()), "{}", path.display());
    }
}

/// The table in README.md has a row for every category, and its sums.
#[test]
fn the_readme_has_the_counts() {
    let manifest = Manifest::read().unwrap();
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (mut cases, mut steps, mut rows) = (0, 0, Vec::new());
    for (name, category) in &manifest.categories {
        let each = category.steps["1.34"];
        assert!(
            category.steps.values().all(|steps| *steps == each),
            "{name}: the table has one number for all versions"
        );
        (cases, steps) = (cases + category.cases, steps + each);
        rows.push(format!("| {name} | {} | {} | {each} |", category.rules, category.cases));
    }
    rows.push(format!("| all | | {cases} | {steps} |"));
    let table: Vec<&str> = readme
        .lines()
        .skip_while(|line| !line.starts_with("| category | rules |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(table, rows);
}
