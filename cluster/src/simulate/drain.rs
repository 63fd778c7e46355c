//! Draining a node: its pods are evicted one after the other, as far as disruption budgets let them go.

use super::{Event, Simulation};
use crate::error::Error;
use crate::labels::Selector;
use crate::objects::{Kind, Object, Pod};

/// How a node is drained: the flags of `kubectl drain`.
#[derive(Clone, Copy, Debug, Default)]
pub struct DrainOptions {
    /// Pods of DaemonSets stay, and are no reason to refuse.
    pub ignore_daemon_sets: bool,
    /// Pods with emptyDir volumes go too.
    pub delete_empty_dir_data: bool,
    /// Pods that no controller makes again go too.
    pub force: bool,
    /// How long an eviction that a budget refuses is tried again, in seconds.
    pub timeout: i64,
}

/// kubectl tries again after so many seconds.
const RETRY: i64 = 5;

impl Simulation {
    /// Cordons a node and evicts its pods; the pods that are still on it in the end and were to go. Nothing is evicted where a pod is of a kind
    /// that the options do not let go: these are given then.
    ///
    /// # Errors
    /// Where there is no such node, or the simulation has no end.
    pub fn drain(&mut self, node: &str, options: DrainOptions) -> Result<Vec<String>, Error> {
        self.change_node(node, |node| node.spec.unschedulable = true)?;
        let (mut going, mut refused) = (Vec::new(), Vec::new());
        for key in self.cluster.pods_on(node) {
            let Some(pod) = self.cluster.pod(&key) else { continue };
            let owner = pod.metadata.controller().map(|owner| owner.kind.as_str());
            if pod.metadata.annotations.contains_key("kubernetes.io/config.mirror") {
                continue;
            }
            if owner == Some("DaemonSet") {
                if !options.ignore_daemon_sets {
                    refused.push(key);
                }
                continue;
            }
            let local = pod.spec.volumes.iter().any(is_empty_dir);
            if local && !options.delete_empty_dir_data || owner.is_none() && !options.force {
                refused.push(key);
            } else {
                going.push(key);
            }
        }
        if !refused.is_empty() {
            self.run()?;
            return Ok(refused);
        }
        let end = self.clock.saturating_add(options.timeout);
        loop {
            self.disruption_budgets()?;
            let mut left = Vec::new();
            for key in going {
                if self.cluster.pod(&key).is_some() && !self.evict_api(&key)? {
                    left.push(key);
                }
            }
            going = left;
            let seconds = std::mem::replace(&mut self.options.seconds, 0);
            let ran = self.run();
            self.options.seconds = seconds;
            ran?;
            if going.is_empty() || self.clock.saturating_add(RETRY) > end {
                return Ok(going);
            }
            self.clock = self.clock.saturating_add(RETRY);
        }
    }

    /// The eviction API: a pod goes if every budget of it has a disruption left.
    fn evict_api(&mut self, key: &str) -> Result<bool, Error> {
        let Some(pod) = self.cluster.pod(key).cloned() else { return Ok(true) };
        for object in self.all(&[Kind::PodDisruptionBudget]) {
            let Object::PodDisruptionBudget(budget) = object else { continue };
            if budget.metadata.namespace == pod.metadata.namespace
                && budget.status.disruptions_allowed <= 0
                && Selector::new(budget.spec.selector.as_ref(), "spec.selector")
                    .is_ok_and(|s| s.matches(&pod.metadata.labels))
            {
                return Ok(false);
            }
        }
        self.remove(key)?;
        self.cluster.note_disruption(&marked_ready(pod))?;
        self.happened(Event::Deleted(key.to_owned()));
        Ok(true)
    }
}

/// A pod that runs in a simulation is ready without saying so.
fn marked_ready(mut pod: Pod) -> Pod {
    if super::is_ready(&pod) && pod.status.conditions.is_empty() {
        let ready =
            crate::objects::Condition { kind: "Ready".to_owned(), status: "True".to_owned(), ..Default::default() };
        pod.status.conditions.push(ready);
    }
    pod
}

/// A volume without any source that is read is taken for an emptyDir only where its manifest says so.
fn is_empty_dir(volume: &crate::objects::Volume) -> bool {
    volume.empty_dir.is_some()
}
