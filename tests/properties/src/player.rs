//! Both engines side by side: every operation is done to both, and both must decide the same.

use std::collections::BTreeSet;

use bayplan::objects::Kind;
use bayplan::read;
use bayplan_conformance::compare::differences;
use bayplan_conformance::library::Library;
use bayplan_core::{Scheduler, block_words, limits_of};
use bayplan_reference::Reference;
use bayplan_reference::preemption::End;
use bayplan_reference::vector::{Engine, Step};
use serde_json::Value;

use crate::operation::{Change, Operation};

/// The library and the reference, with the same cluster in each.
pub struct Player {
    library: Library,
    reference: Reference,
    /// What the library was forked from, with a reference to it.
    before: Option<(Library, Reference)>,
    /// How many counters have been compared with a recount.
    pub recounted: u64,
    /// Objects with a volume that may not be translated to CSI: a filter fails on it. What preemption makes of that is not compared: the library takes
    /// the filter for one that passes, kube-scheduler leaves the node out.
    failing: BTreeSet<(String, String)>,
    /// How preemption ended in the last decision, where it came to that.
    pub ended: Option<End>,
}

impl Player {
    /// Two empty clusters.
    ///
    /// # Errors
    /// Where one of the engines doesn't take the configuration.
    pub fn new(version: &str, config: Option<&Value>) -> Result<Self, String> {
        let library = Library::load(version, config, &[])?;
        let reference = Reference::load(version, config, &[])?;
        Ok(Player { library, reference, before: None, recounted: 0, failing: BTreeSet::new(), ended: None })
    }

    /// Does the operation to both; gives the step that both decided.
    ///
    /// # Errors
    /// Where they differ, or one of them fails.
    pub fn play(&mut self, operation: &Operation) -> Result<Option<Step>, String> {
        self.change(&operation.change)?;
        let asked = operation.ask.as_ref().filter(|pod| self.is_pending(pod));
        let whole = self.failing.is_empty();
        let step = asked.map(|pod| decide(&mut self.library, &mut self.reference, pod, whole)).transpose()?;
        self.ended = self.reference.ended.filter(|_| step.is_some());
        let recounted = self.library.0.recount().map_err(|error| format!("recount: {error}"))?;
        self.recounted += recounted as u64;
        if let (Some((library, reference)), Some(pod)) = (&mut self.before, &operation.ask)
            && library.0.pod(pod).is_some_and(|pod| pod.spec.node_name.is_empty())
        {
            decide(library, reference, pod, whole).map_err(|error| format!("the cluster before the fork: {error}"))?;
        }
        Ok(step)
    }

    fn is_pending(&self, pod: &str) -> bool {
        self.library.0.pod(pod).is_some_and(|pod| pod.spec.node_name.is_empty() && pod.status.phase == "Pending")
    }

    /// A change that nothing is there for (an operation before it was left out) does nothing to either.
    fn change(&mut self, change: &Change) -> Result<(), String> {
        match change {
            Change::Put(object) => {
                let key = (text(object, "namespace"), text(object, "name"));
                match object.to_string().contains("aws://") {
                    true => drop(self.failing.insert(key)),
                    false => drop(self.failing.remove(&key)),
                }
                self.reference.upsert(object).map_err(|error| format!("reference: {error}"))?;
                let object = read::Reading::live().value(object).map_err(|error| format!("illegal: {error}"))?;
                self.library.0.upsert(object).map_err(|error| format!("library: {error}"))
            }
            Change::Delete(kind, namespace, name) => {
                self.failing.remove(&(namespace.clone(), name.clone()));
                let was_there = self.reference.delete(kind, namespace, name).is_ok();
                let kind = kind_named(kind).ok_or_else(|| format!("no kind {kind}"))?;
                let was = self.library.0.delete(kind, namespace, name).map_err(|error| format!("library: {error}"))?;
                if was == was_there { Ok(()) } else { Err(format!("delete: the library says {was}")) }
            }
            Change::Refuse(object) => {
                let object = read::Reading::live().value(object).map_err(|error| format!("illegal: {error}"))?;
                let Err(error) = self.library.0.upsert(object) else {
                    return Err("what is not legal was taken".into());
                };
                if error.to_string().contains("-no key-") { Ok(()) } else { Err(format!("refused: {error}")) }
            }
            Change::Bind(pod, node, start) => {
                if !self.is_pending(pod) || !self.library.0.nodes().contains(&node.as_str()) {
                    return Ok(());
                }
                self.reference.bind(pod, node, *start).map_err(|error| format!("reference: {error}"))?;
                self.library.bind(pod, node, *start).map_err(|error| format!("library: {error}"))
            }
            Change::Evict(pod) => {
                if self.library.0.pod(pod).is_none() {
                    return Ok(());
                }
                self.reference.evict(pod).map_err(|error| format!("reference: {error}"))?;
                self.library.evict(pod).map_err(|error| format!("library: {error}"))
            }
            Change::Nominate(pod, node) => {
                if !self.is_pending(pod) || !self.library.0.nodes().contains(&node.as_str()) {
                    return Ok(());
                }
                self.reference.nominate(pod, node).map_err(|error| format!("reference: {error}"))?;
                self.library.nominate(pod, node).map_err(|error| format!("library: {error}"))
            }
            Change::Fork => {
                let fork = self.library.clone();
                let old = std::mem::replace(&mut self.library, fork);
                self.before = Some((old, self.reference.clone()));
                Ok(())
            }
            Change::Compact => self.library.0.compact().map_err(|error| format!("compact: {error}")),
            Change::Attach => save_and_attach(&mut self.library),
        }
    }
}

fn text(object: &Value, field: &str) -> String {
    object["metadata"][field].as_str().unwrap_or_default().to_owned()
}

fn kind_named(name: &str) -> Option<Kind> {
    ["v1", "apps/v1", "policy/v1", "storage.k8s.io/v1"].into_iter().find_map(|version| Kind::find(version, name))
}

/// What both decide; with `whole`, what preemption comes to must be the same too.
fn decide(library: &mut Library, reference: &mut Reference, pod: &str, whole: bool) -> Result<Step, String> {
    let mut expected = reference.decide(pod).map_err(|error| format!("reference: {error}"))?;
    let mut found = library.decide(pod).map_err(|error| format!("library, asked for {pod}: {error}"))?;
    let fails = |step: &Step| step.preemption.as_ref().is_some_and(|p| p.message.starts_with("preemption: running "));
    if !whole || fails(&expected) {
        (expected.preemption, found.preemption) = (None, None);
    }
    let differences = differences(&expected, &found);
    if differences.is_empty() {
        return Ok(expected);
    }
    let lines: Vec<String> = differences
        .iter()
        .take(12)
        .map(|(path, expected, found)| format!("  {path}: reference {expected}, library {found}"))
        .collect();
    Err(format!("decision for {pod}:\n{}", lines.join("\n")))
}

/// Saved state opens again, with as many rows; and state that was changed on the way is refused.
fn save_and_attach(library: &mut Library) -> Result<(), String> {
    let text = |error: bayplan_core::Error| format!("attach: {error}");
    let nodes = library.0.nodes().len() as u32;
    let words = library.0.state();
    let limits = limits_of(words).map_err(text)?;
    let mut mem = vec![0; block_words(&limits)];
    mem[..words.len()].copy_from_slice(words);
    bayplan_core::verify(&mut mem).map_err(text)?;
    let scheduler = Scheduler::attach(&mut mem).map_err(text)?;
    if scheduler.used("nodes").is_none_or(|rows| rows < nodes) {
        return Err("attach: the saved state lacks nodes".into());
    }
    let middle = library.0.state().len() / 2;
    mem[middle] ^= 1;
    match bayplan_core::verify(&mut mem) {
        Err(_) => Ok(()),
        Ok(()) => Err("attach: state with a changed word was taken for whole".into()),
    }
}
