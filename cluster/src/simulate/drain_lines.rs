//! What `kubectl drain` says: which pods keep it from beginning, and its lines. The words are those of kubectl to 1.35 (1.36 says `cannot
//! delete` once where these say it twice).

use std::collections::BTreeMap;

use super::drain::{DrainOptions, Drained};
use crate::objects::{Kind, Pod};
use crate::state::Cluster;

const DAEMON_SET: &str = "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)";
const IGNORING: &str = "ignoring DaemonSet-managed Pods";
const LOCAL: &str = "Pods with local storage (use --delete-emptydir-data to override)";
const UNMANAGED: &str = "cannot delete Pods that declare no controller (use --force to override)";
const DELETING: &str = "deleting Pods that declare no controller";

/// The pods of a node as a drain sees them, each kind by name.
#[derive(Default)]
pub(super) struct Held {
    pub(super) going: Vec<String>,
    /// Why pods do not go, and which.
    errors: BTreeMap<String, Vec<String>>,
    /// What is said of pods that go or stay, and which.
    warnings: BTreeMap<String, Vec<String>>,
    /// What was taken for granted.
    pub(super) assumed: Option<String>,
}

impl Held {
    pub(super) fn on(cluster: &Cluster, node: &str, options: DrainOptions) -> Self {
        let mut held = Held::default();
        let mut keys = cluster.pods_on(node);
        keys.extend(cluster.store().pods.ended_on(node).map(|key| key.to_string()));
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            if let Some(pod) = cluster.pod(&key) {
                held.add(cluster, key, pod, options);
            }
        }
        held
    }

    fn add(&mut self, cluster: &Cluster, key: String, pod: &Pod, options: DrainOptions) {
        let is_over = matches!(pod.status.phase.as_str(), "Succeeded" | "Failed");
        let owner = pod.metadata.controller();
        let add = |to: &mut BTreeMap<String, Vec<String>>, words: &str| {
            to.entry(words.to_owned()).or_default().push(key.clone());
        };
        if let Some(set) = owner.filter(|owner| owner.kind == "DaemonSet" && !is_over) {
            let is_there = cluster.object(Kind::DaemonSet, &pod.metadata.namespace, &set.name).is_some();
            let are_dumped = cluster.objects(Kind::DaemonSet).next().is_some();
            if !is_there && !are_dumped {
                self.assumed = Some(format!("no DaemonSet is in the input: that of {key} is taken to be there"));
            }
            if !is_there && are_dumped {
                let words = format!("daemonsets.apps \"{}\" not found", set.name);
                if !options.force {
                    return add(&mut self.errors, &words);
                }
                add(&mut self.warnings, &words);
            } else if options.ignore_daemon_sets {
                return add(&mut self.warnings, IGNORING);
            } else {
                return add(&mut self.errors, DAEMON_SET);
            }
        }
        if pod.metadata.annotations.contains_key("kubernetes.io/config.mirror") {
            return;
        }
        let is_local = pod.spec.volumes.iter().any(|volume| volume.empty_dir.is_some());
        if is_local && !is_over && !options.delete_empty_dir_data {
            return add(&mut self.errors, LOCAL);
        }
        if !is_over && owner.is_none() {
            if !options.force {
                return add(&mut self.errors, UNMANAGED);
            }
            add(&mut self.warnings, DELETING);
        }
        self.going.push(key);
    }

    /// Why kubectl does not begin.
    pub(super) fn errors(&self) -> Vec<String> {
        self.errors.iter().map(|(words, pods)| format!("cannot delete {words}: {}", pods.join(", "))).collect()
    }

    /// The pods that keep it from beginning.
    pub(super) fn refused(&self) -> Vec<String> {
        self.errors.values().flatten().cloned().collect()
    }
}

/// Several errors as one: `[a, b]`.
pub(super) fn aggregate(errors: &[String]) -> String {
    match errors {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}

/// kubectl's lines, in order.
#[derive(Default)]
pub(super) struct Lines(Vec<String>);

impl Lines {
    pub(super) fn all(self) -> Vec<String> {
        self.0
    }

    pub(super) fn cordoned(&mut self, node: &str, was: bool) {
        self.0.push(format!("node/{node} {}", if was { "already cordoned" } else { "cordoned" }));
    }

    pub(super) fn drained(&mut self, node: &str) {
        self.0.push(format!("node/{node} drained"));
    }

    pub(super) fn warnings(&mut self, held: &Held) {
        if !held.warnings.is_empty() {
            let warnings = held.warnings.iter().map(|(words, pods)| format!("{words}: {}", pods.join(", ")));
            self.0.push(format!("Warning: {}", warnings.collect::<Vec<_>>().join("; ")));
        }
    }

    pub(super) fn evicting(&mut self, key: &str) {
        self.0.push(format!("evicting pod {key}"));
    }

    pub(super) fn evicted(&mut self, key: &str) {
        let (_, name) = key.split_once('/').unwrap_or_default();
        self.0.push(format!("pod/{name} evicted"));
    }

    pub(super) fn retries(&mut self, key: &str, why: &str) {
        let (namespace, name) = key.split_once('/').unwrap_or_default();
        self.0.push(format!("error when evicting pods/\"{name}\" -n \"{namespace}\" (will retry after 5s): {why}"));
    }

    /// The pods that are still on a node after an error.
    pub(super) fn pending(&mut self, node: &str, error: &str, pods: &[String]) {
        if pods.is_empty() {
            return;
        }
        self.0.push(format!("There are pending pods in node \"{node}\" when an error occurred: {error}"));
        self.0.extend(pods.iter().map(|key| format!("pod/{}", key.split_once('/').unwrap_or_default().1)));
    }

    pub(super) fn unable(&mut self, node: &str, errors: &[String]) {
        let error = aggregate(errors);
        self.0.push(format!("error: unable to drain node \"{node}\" due to error: {error}, continuing command..."));
    }

    /// What is left in the end.
    pub(super) fn end(&mut self, drained: &[Drained]) {
        let left: Vec<&Drained> = drained.iter().filter(|drained| !drained.is_drained).collect();
        if left.is_empty() {
            return;
        }
        self.0.push("There are pending nodes to be drained:".to_owned());
        self.0.extend(left.iter().map(|drained| format!(" {}", drained.node)));
        self.0.extend(left.iter().flat_map(|drained| drained.errors.iter().cloned()));
    }
}
