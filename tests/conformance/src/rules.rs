//! Which of the scheduler's rules the vectors exercise.

use std::collections::BTreeSet;

use bayplan_reference::vector::Expected;

/// Every plugin that the steps show at work: it rejected a pod or a node, or gave scores.
pub fn exercised<'a>(steps: impl IntoIterator<Item = &'a Expected>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for step in steps.into_iter().flat_map(|expected| &expected.steps) {
        out.extend(step.pre_filter.iter().map(|rejection| rejection.plugin.clone()));
        out.extend(step.filtered.values().map(|status| status.plugin.clone()));
        out.extend(step.scores.values().flat_map(|row| row.keys().cloned()));
        // A gate holds the pod back before any node is looked at, and preemption is no part of the filters.
        if step.result == "Gated" {
            out.insert("SchedulingGates".to_string());
        }
        if step.preemption.is_some() {
            out.insert("DefaultPreemption".to_string());
        }
    }
    out
}

/// The plugin's name as kube-scheduler spells it, from the name of the file that holds the rule:
/// `node_unschedulable` is NodeUnschedulable.
pub fn plugin(file: &str) -> String {
    let capital =
        |word: &str| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect::<String>();
    file.split('_').map(capital).collect()
}

/// Rules that can't have vectors, and why.
pub const UNASKED: [(&str, &str); 1] =
    [("NodeName", "a pod that names its node is bound to it, so the scheduler is never asked about one")];

/// The files that name a rule without vectors, [`UNASKED`] ones left out.
pub fn without_vectors<'a>(files: impl IntoIterator<Item = &'a str>, exercised: &BTreeSet<String>) -> Vec<&'a str> {
    let known = |plugin: &str| exercised.contains(plugin) || UNASKED.iter().any(|(name, _)| *name == plugin);
    files.into_iter().filter(|file| !known(&plugin(file))).collect()
}
