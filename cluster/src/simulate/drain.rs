//! Draining nodes: `kubectl drain` and the eviction API that it calls, with kubectl's lines.
//!
//! kubectl asks for all evictions of a node at once; a pod that a budget holds back is asked for again every five seconds. Which of several pods
//! of one budget goes first is chance with it; here it is the one that it lists last.

use super::drain_lines::{Held, Lines, aggregate};
use super::{Event, Simulation};
use crate::error::Error;
use crate::labels::Selector;
use crate::objects::{Kind, Object, Pod, PodDisruptionBudget};
use crate::state::key_of;

/// How nodes are drained: the flags of `kubectl drain`.
#[derive(Clone, Copy, Debug, Default)]
pub struct DrainOptions {
    /// Pods of DaemonSets stay, and are no reason to refuse.
    pub ignore_daemon_sets: bool,
    /// Pods with emptyDir volumes go too.
    pub delete_empty_dir_data: bool,
    /// Pods that no controller makes again go too.
    pub force: bool,
    /// How long an eviction that a budget refuses is tried again, in seconds. Without, as long as anything changes: kubectl would go on for ever.
    pub timeout: Option<i64>,
}

/// What came of a drain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drained {
    /// The node.
    pub node: String,
    /// Is it drained?
    pub is_drained: bool,
    /// The pods that were to go and did not, or that keep kubectl from beginning: `namespace/name`.
    pub left: Vec<String>,
    /// Why, in kubectl's words; empty where it is drained.
    pub errors: Vec<String>,
    /// The budgets that hold pods back to the end: `namespace/name`.
    pub budgets: Vec<String>,
}

/// What came of draining nodes, and what kubectl prints about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DrainReport {
    /// Each node, in the order in which they were drained.
    pub nodes: Vec<Drained>,
    /// The lines of both streams; of what happens at once the order is one of many.
    pub lines: Vec<String>,
}

/// kubectl tries again after so many seconds.
const RETRY: i64 = 5;
/// What the eviction API answers where a budget lets nothing go.
const VIOLATES: &str = "Cannot evict pod as it would violate the pod's disruption budget.";
/// What it answers where a pod has several.
const SEVERAL: &str =
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";

/// What the eviction API does about a pod.
enum Answer {
    /// It goes.
    Evicted,
    /// It is not there.
    NotFound,
    /// A budget holds it back for now.
    Later(String),
    /// It is refused.
    Refused(&'static str),
}

impl Simulation {
    /// Cordons nodes and evicts their pods, one node after the other. From a node with a pod of a kind that the options do not let go, none is
    /// evicted.
    ///
    /// # Errors
    /// Where there is no such node, or the simulation has no end.
    pub fn drain(&mut self, nodes: &[&str], options: DrainOptions) -> Result<DrainReport, Error> {
        let mut lines = Lines::default();
        for node in nodes {
            let mut was = false;
            self.change_node(node, |node| was = std::mem::replace(&mut node.spec.unschedulable, true))?;
            lines.cordoned(node, was);
        }
        let mut drained = Vec::new();
        for node in nodes {
            let one = self.drain_one(node, options, &mut lines)?;
            if one.is_drained {
                lines.drained(node);
            } else {
                lines.unable(node, &one.errors);
            }
            drained.push(one);
        }
        lines.end(&drained);
        Ok(DrainReport { nodes: drained, lines: lines.all() })
    }

    fn drain_one(&mut self, node: &str, options: DrainOptions, lines: &mut Lines) -> Result<Drained, Error> {
        let held = Held::on(&self.cluster, node, options);
        let mut done = Drained {
            node: node.to_owned(),
            is_drained: false,
            left: Vec::new(),
            errors: held.errors(),
            budgets: Vec::new(),
        };
        if !done.errors.is_empty() {
            done.left = held.refused();
            self.pass(0)?;
            return Ok(done);
        }
        lines.warnings(&held);
        self.assumed.extend(held.assumed.clone());
        let mut going = held.going;
        let timeout = options.timeout.filter(|seconds| *seconds > 0);
        let end = timeout.map(|seconds| self.clock.saturating_add(seconds));
        let (mut errors, mut is_first) = (Vec::new(), true);
        loop {
            let many = going.len();
            // Go runs the goroutine first that was started last, and its request opens the connection: the others come a little later.
            going.reverse();
            self.disruption_budgets()?;
            let mut left = Vec::new();
            done.budgets.clear();
            let is_over = end.is_some_and(|end| self.clock >= end);
            for (nth, key) in going.into_iter().enumerate() {
                if nth == 1 && is_first {
                    self.pass(0)?;
                    self.disruption_budgets()?;
                }
                lines.evicting(&key);
                if is_over {
                    errors.push(timed_out(&key, timeout.unwrap_or(0)));
                    left.push(key);
                    continue;
                }
                match self.evict_api(&key)? {
                    Answer::Evicted => lines.evicted(&key),
                    Answer::NotFound => {}
                    Answer::Refused(why) => {
                        errors.push(format!("{}: {why}", when_evicting(&key)));
                        done.left.push(key);
                    }
                    Answer::Later(budget) => {
                        lines.retries(&key, VIOLATES);
                        if !done.budgets.contains(&budget) {
                            done.budgets.push(budget);
                        }
                        left.push(key);
                    }
                }
            }
            going = left;
            going.reverse();
            is_first = false;
            let before = self.events.len();
            self.pass(0)?;
            if going.is_empty() || is_over {
                break;
            }
            // Without an end kubectl goes on: here, while anything happens.
            let is_stuck = end.is_none() && going.len() == many && self.events.len() == before && !self.has_more();
            if is_stuck {
                errors.extend(going.iter().map(|key| format!("{}: {VIOLATES}", when_evicting(key))));
                break;
            }
            // Where nothing happens until the end, there is nothing to play until then.
            let is_quiet = going.len() == many && self.events.len() == before;
            let next = self.next_moment().filter(|moment| *moment > self.clock);
            let until = match (end, next) {
                (Some(end), Some(next)) => Some(end.min(next)),
                (end, next) => end.or(next),
            };
            let seconds = until.filter(|_| is_quiet).map_or(RETRY, |until| until - self.clock);
            self.pass(seconds.max(1).div_euclid(RETRY).saturating_add(i64::from(seconds % RETRY != 0)) * RETRY)?;
        }
        if !errors.is_empty() {
            let still = Held::on(&self.cluster, node, options);
            lines.pending(node, &aggregate(&errors), &still.going);
        }
        done.left.extend(going);
        done.is_drained = errors.is_empty();
        done.errors = errors;
        Ok(done)
    }

    /// Plays for so many seconds.
    fn pass(&mut self, seconds: i64) -> Result<(), Error> {
        let end = self.clock.saturating_add(seconds);
        let before = std::mem::replace(&mut self.options.seconds, seconds);
        let ran = self.run();
        self.options.seconds = before;
        self.clock = self.clock.max(end);
        ran
    }

    fn has_more(&self) -> bool {
        self.next_moment().is_some_and(|moment| moment > self.clock)
    }

    /// The eviction API: a pod goes if its budget has a disruption left.
    fn evict_api(&mut self, key: &str) -> Result<Answer, Error> {
        let Some(pod) = self.cluster.pod(key).cloned() else { return Ok(Answer::NotFound) };
        let budgets = self.cluster.store().objects.in_namespace(Kind::PodDisruptionBudget, &pod.metadata.namespace);
        let of_pod = budgets.filter_map(|object| match &**object {
            Object::PodDisruptionBudget(budget) => selects(budget, &pod).then_some(&**budget),
            _ => None,
        });
        let of_pod: Vec<&PodDisruptionBudget> = of_pod.collect();
        // What has ended, or has not begun, disturbs nobody. What is bound here runs at once, whatever its phase says.
        let phase = pod.status.phase.as_str();
        let is_over = matches!(phase, "Succeeded" | "Failed") || phase == "Pending" && !super::is_ready(&pod);
        if !is_over && pod.metadata.deletion_timestamp.is_none() {
            match of_pod[..] {
                [] => {}
                [budget] => {
                    if budget.status.disruptions_allowed <= 0 && (super::is_ready(&pod) || !lets_unready_go(budget)) {
                        return Ok(Answer::Later(key_of(&budget.metadata.namespace, &budget.metadata.name)));
                    }
                }
                _ => return Ok(Answer::Refused(SEVERAL)),
            }
        }
        if self.is_silent(&pod.spec.node_name) {
            // Nobody ends it; kubectl waits.
            let node = pod.spec.node_name.clone();
            self.terminate(key, &node)?;
            self.cluster.note_disruption(&marked_ready(pod))?;
            return Ok(Answer::Refused("its node does not answer, and it stays Terminating"));
        }
        self.remove(key)?;
        self.cluster.note_disruption(&marked_ready(pod))?;
        self.happened(Event::Evicted(key.to_owned()));
        Ok(Answer::Evicted)
    }
}

fn selects(budget: &PodDisruptionBudget, pod: &Pod) -> bool {
    let selector = Selector::new(budget.spec.selector.as_ref(), "spec.selector");
    selector.is_ok_and(|selector| selector.matches(&pod.metadata.labels))
}

/// May a pod that is not ready go although nothing may? With the default policy where enough others are.
fn lets_unready_go(budget: &PodDisruptionBudget) -> bool {
    let status = &budget.status;
    budget.spec.unhealthy_pod_eviction_policy == "AlwaysAllow"
        || status.desired_healthy > 0 && status.current_healthy >= status.desired_healthy
}

fn when_evicting(key: &str) -> String {
    let (namespace, name) = key.split_once('/').unwrap_or_default();
    format!("error when evicting pods/\"{name}\" -n \"{namespace}\"")
}

fn timed_out(key: &str, seconds: i64) -> String {
    format!("{}: global timeout reached: {}", when_evicting(key), duration(seconds))
}

/// As Go prints so many seconds: `1m0s`.
fn duration(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{rest}s"),
        _ => format!("{hours}h{minutes}m{rest}s"),
    }
}

/// A pod that runs in a simulation is ready without saying so.
pub(super) fn marked_ready(mut pod: Pod) -> Pod {
    if super::is_ready(&pod) && !pod.status.conditions.iter().any(|condition| condition.kind == "Ready") {
        let ready =
            crate::objects::Condition { kind: "Ready".to_owned(), status: "True".to_owned(), ..Default::default() };
        pod.status.conditions.push(ready);
    }
    pod
}
