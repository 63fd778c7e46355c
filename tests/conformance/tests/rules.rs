//! Every rule has vectors: a rule without any was never compared with the real scheduler.

use std::collections::BTreeSet;
use std::path::Path;

use bayplan_conformance::files::committed;
use bayplan_conformance::rules::{UNASKED, exercised, plugin, without_vectors};

#[test]
fn file_names_become_plugin_names() {
    assert_eq!(plugin("node_unschedulable"), "NodeUnschedulable");
    assert_eq!(plugin("inter_pod_affinity"), "InterPodAffinity");
}

#[test]
fn a_rule_without_vectors_is_found() {
    let exercised = BTreeSet::from(["NodePorts".to_string()]);
    assert_eq!(without_vectors(["node_ports", "node_mood", "node_name"], &exercised), ["node_mood"]);
}

#[test]
fn every_rule_of_the_core_has_vectors() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/src/plugins");
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let files: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "mod")
        .collect();
    assert!(!files.is_empty(), "no rules in {}", folder.display());
    let mut seen = BTreeSet::new();
    for pair in committed(None).unwrap() {
        let cases = pair.read().unwrap();
        seen.extend(exercised(cases.iter().map(|(_, expected)| expected)));
    }
    println!("{} rules; the vectors exercise {seen:?}", files.len());
    assert!(UNASKED.iter().all(|(name, _)| !seen.contains(*name)), "a rule that can't have vectors has some");
    assert_eq!(without_vectors(files.iter().map(String::as_str), &seen), Vec::<&str>::new(), "rules without vectors");
}
