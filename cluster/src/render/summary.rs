//! What many decisions come to.

use std::collections::BTreeSet;

use crate::attempt::{Decision, NotApplied, Outcome};

/// How many pods ended how, and what they have in common.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Pods that found a node.
    pub placed: usize,
    /// Nodes that got a pod.
    pub nodes: usize,
    /// Pods that no node will do for, or that the scheduler fails on.
    pub pending: usize,
    /// Pods that scheduling gates hold back.
    pub gated: usize,
    /// Pods of other schedulers.
    pub ignored: usize,
    /// The messages of the pods that were not placed, each with those pods (`namespace/name`), in order of appearance.
    pub messages: Vec<(String, Vec<String>)>,
    /// Rules that were not applied, each with the pods that it concerns.
    pub not_applied: Vec<(NotApplied, Vec<String>)>,
    /// Objects that are not in the input and a rule needed, each with the pods that it concerns.
    pub missing: Vec<(String, Vec<String>)>,
}

impl Summary {
    /// Adds decisions up.
    pub fn of<'a>(decisions: impl IntoIterator<Item = &'a Decision>) -> Self {
        let mut summary = Summary::default();
        let mut nodes = BTreeSet::new();
        for decision in decisions {
            match decision.outcome {
                Outcome::Scheduled => summary.placed += 1,
                Outcome::Unschedulable | Outcome::Error => summary.pending += 1,
                Outcome::Gated => summary.gated += 1,
                Outcome::Ignored => summary.ignored += 1,
            }
            nodes.extend(decision.node.as_deref());
            if decision.outcome != Outcome::Scheduled {
                add(&mut summary.messages, decision.event(), &decision.pod);
            }
            for rule in &decision.not_applied {
                add(&mut summary.not_applied, rule.clone(), &decision.pod);
            }
            for object in &decision.missing {
                add(&mut summary.missing, object.clone(), &decision.pod);
            }
        }
        summary.nodes = nodes.len();
        summary
    }

    /// All pods.
    #[must_use]
    pub fn total(&self) -> usize {
        self.placed + self.pending + self.gated + self.ignored
    }

    /// One sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        if self.total() == 0 {
            return "There is no pod to place.".to_owned();
        }
        let mut text = match (self.placed, self.total()) {
            (1, 1) => "The pod is placed".to_owned(),
            (placed, total) if placed == total => format!("All {total} pods are placed, on {}", nodes(self.nodes)),
            (0, total) => format!("None of {} is placed", pods(total)),
            (placed, total) => format!("{placed} of {total} pods are placed, on {}", nodes(self.nodes)),
        };
        let rest = [
            (self.pending, "pending"),
            (self.gated, "held back by scheduling gates"),
            (self.ignored, "left to another scheduler"),
        ];
        for (count, what) in rest.into_iter().filter(|(count, _)| *count > 0) {
            text += &format!("; {count} {what}");
        }
        text + "."
    }
}

fn add<T: PartialEq>(groups: &mut Vec<(T, Vec<String>)>, key: T, pod: &str) {
    match groups.iter_mut().find(|(known, _)| *known == key) {
        Some((_, pods)) => pods.push(pod.to_owned()),
        None => groups.push((key, vec![pod.to_owned()])),
    }
}

/// `1 pod`, `2 pods`
pub(super) fn pods(count: usize) -> String {
    format!("{count} pod{}", if count == 1 { "" } else { "s" })
}

/// `1 node`, `2 nodes`
pub(super) fn nodes(count: usize) -> String {
    format!("{count} node{}", if count == 1 { "" } else { "s" })
}

/// kubectl's word for where a pod stands, as far as it has one.
pub(super) fn status(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Scheduled => "Scheduled",
        Outcome::Unschedulable => "Pending",
        Outcome::Gated => "SchedulingGated",
        Outcome::Error => "Error",
        Outcome::Ignored => "Ignored",
    }
}

/// `namespace/name` in its parts.
pub(super) fn parts(pod: &str) -> (&str, &str) {
    pod.split_once('/').unwrap_or(("default", pod))
}
