//! PodTopologySpread: pods of a selector should lie evenly over the values of a node label; hard constraints filter,
//! soft ones score.

use std::collections::BTreeMap;

use bayplan::objects::{Node, Pod, StringMap, TopologySpreadConstraint};

use super::default_spread::default_selector;
use super::node_affinity;
use super::taint_toleration::has_untolerated_taint;
use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::labels::Selector;
use crate::plugin::{Filter, MAX_SCORE, Plugin, PreFilter, Rejection};

const HOSTNAME: &str = "kubernetes.io/hostname";
const NO_MATCH: &str = "node(s) didn't match pod topology spread constraints";

pub(crate) struct PodTopologySpread;

/// A constraint with its defaults.
struct Constraint {
    max_skew: i64,
    topology_key: String,
    selector: Selector,
    min_domains: i64,
    honors_affinity: bool,
    honors_taints: bool,
}

impl Plugin for PodTopologySpread {
    fn pre_filter(&self, cycle: &Cycle<'_>) -> Result<PreFilter, Rejection> {
        let none = constraints(cycle, "DoNotSchedule").is_empty();
        Ok(if none { PreFilter::Skip } else { PreFilter::Pass })
    }

    fn filter<'a>(&self, cycle: &'a Cycle<'a>, view: &[NodeView<'a>]) -> Filter<'a> {
        let constraints = constraints(cycle, "DoNotSchedule");
        let counts: Vec<BTreeMap<String, i64>> = constraints
            .iter()
            .map(|constraint| {
                let mut counts = BTreeMap::new();
                for node in view.iter().filter(|node| has_every_key(node, &constraints)) {
                    if constraint.includes(cycle.pod, node.node) {
                        let value = node.label(&constraint.topology_key).unwrap_or_default().to_owned();
                        *counts.entry(value).or_default() += constraint.count(cycle.pod, node);
                    }
                }
                counts
            })
            .collect();
        Box::new(move |node| {
            for (constraint, counts) in constraints.iter().zip(&counts) {
                let Some(value) = node.label(&constraint.topology_key) else {
                    return Err(Rejection::unresolvable(format!("{NO_MATCH} (missing required label)")));
                };
                let domains = counts.len() as i64;
                let fewest = counts.values().copied().min().unwrap_or(i64::from(i32::MAX));
                let fewest = if domains < constraint.min_domains { 0 } else { fewest };
                let itself = i64::from(constraint.selector.matches(&cycle.pod.metadata.labels));
                let here = counts.get(value).copied().unwrap_or(0);
                if here + itself - fewest > constraint.max_skew {
                    return Err(Rejection::unschedulable(NO_MATCH));
                }
            }
            Ok(())
        })
    }

    fn score(&self, cycle: &Cycle<'_>, feasible: &[&NodeView<'_>]) -> Result<Option<Vec<i64>>, String> {
        let constraints = constraints(cycle, "ScheduleAnyway");
        if constraints.is_empty() {
            return Ok(None);
        }
        // The system's own constraints don't leave out nodes that lack a label.
        let all_keys =
            !cycle.pod.spec.topology_spread_constraints.is_empty() || cycle.profile.default_constraints.is_some();
        let counted = |node: &&NodeView<'_>| !all_keys || has_every_key(node, &constraints);
        let counted_feasible: Vec<&NodeView<'_>> = feasible.iter().copied().filter(counted).collect();

        let mut scores = vec![0.0; feasible.len()];
        for constraint in &constraints {
            let key = &constraint.topology_key;
            let value = |node: &NodeView<'_>| node.label(key).unwrap_or_default().to_owned();
            let mut counts: BTreeMap<String, i64> = counted_feasible.iter().map(|node| (value(node), 0)).collect();
            let size = if key == HOSTNAME { counted_feasible.len() } else { counts.len() };
            for node in cycle.nodes.iter().filter(|node| counted(node) && constraint.includes(cycle.pod, node.node)) {
                counts.entry(value(node)).and_modify(|count| *count += constraint.count(cycle.pod, node));
            }
            // Go's logarithm is libm's to the last bit; the standard library's differs for one size in a hundred.
            let weight = libm::log((size + 2) as f64);
            for (score, node) in scores.iter_mut().zip(feasible) {
                if counted(node) && node.label(key).is_some() {
                    let count = if key == HOSTNAME { constraint.count(cycle.pod, node) } else { counts[&value(node)] };
                    *score += count as f64 * weight + (constraint.max_skew - 1) as f64;
                }
            }
        }
        let scores: Vec<Option<i64>> =
            feasible.iter().zip(scores).map(|(node, score)| counted(node).then_some(score.round() as i64)).collect();
        Ok(Some(normalize(&scores)))
    }
}

/// Few pods score high; nodes that are left out score 0.
fn normalize(scores: &[Option<i64>]) -> Vec<i64> {
    let fewest = scores.iter().flatten().copied().min().unwrap_or(i64::MAX);
    let most = scores.iter().flatten().copied().max().unwrap_or(0).max(0);
    let normalized = |score: &Option<i64>| match score {
        None => 0,
        Some(_) if most == 0 => MAX_SCORE,
        Some(score) => MAX_SCORE * (most + fewest - score) / most,
    };
    scores.iter().map(normalized).collect()
}

fn has_every_key(node: &NodeView<'_>, constraints: &[Constraint]) -> bool {
    constraints.iter().all(|constraint| node.label(&constraint.topology_key).is_some())
}

impl Constraint {
    fn new(given: &TopologySpreadConstraint, pod: &Pod) -> Constraint {
        let mut selector = Selector::new(given.label_selector.as_ref());
        let keys = given.match_label_keys.iter();
        let values: StringMap =
            keys.filter_map(|key| Some((key.clone(), pod.metadata.labels.get(key)?.clone()))).collect();
        if !values.is_empty() && !selector.is_nothing() {
            selector = Selector::equal(&values).and(selector);
        }
        Constraint {
            max_skew: i64::from(given.max_skew),
            topology_key: given.topology_key.clone(),
            selector,
            min_domains: i64::from(given.min_domains.unwrap_or(1)),
            honors_affinity: given.node_affinity_policy.as_deref() != Some("Ignore"),
            honors_taints: given.node_taints_policy.as_deref() == Some("Honor"),
        }
    }

    /// Whether pods on the node count.
    fn includes(&self, pod: &Pod, node: &Node) -> bool {
        !(self.honors_affinity && !node_affinity::matches(pod, node)
            || self.honors_taints && has_untolerated_taint(pod, node))
    }

    /// How many pods of the selector, in the pod's namespace, are on the node. Those that are being deleted don't count,
    /// and a selector of everything counts nothing; but nominated pods count in any case, and pods that are taken off are
    /// taken from the count in any case.
    fn count(&self, pod: &Pod, node: &NodeView<'_>) -> i64 {
        let selected = |other: &&&Pod| {
            other.metadata.namespace == pod.metadata.namespace && self.selector.matches(&other.metadata.labels)
        };
        let stays = |other: &&&Pod| other.metadata.deletion_timestamp.is_none() && !self.selector.is_everything();
        let at_first = node.bound.iter().chain(&node.taken_off).filter(selected).filter(stays).count() as i64;
        let nominated = node.nominated.iter().filter(selected).count() as i64;
        at_first + nominated - node.taken_off.iter().filter(selected).count() as i64
    }
}

/// The constraints of the kind: the pod's own; where it has none of any kind, those of the configuration.
fn constraints(cycle: &Cycle<'_>, when_unsatisfiable: &str) -> Vec<Constraint> {
    let of_kind = |given: &&TopologySpreadConstraint| given.when_unsatisfiable == when_unsatisfiable;
    let own = &cycle.pod.spec.topology_spread_constraints;
    if !own.is_empty() {
        return own.iter().filter(of_kind).map(|given| Constraint::new(given, cycle.pod)).collect();
    }
    let selector = default_selector(cycle.cluster, cycle.pod);
    if selector.is_everything() {
        return Vec::new();
    }
    let defaults = cycle.profile.default_constraints.clone().unwrap_or_else(system_constraints);
    let with_selector = |given| Constraint { selector: selector.clone(), ..Constraint::new(given, cycle.pod) };
    defaults.iter().filter(of_kind).map(with_selector).collect()
}

fn system_constraints() -> Vec<TopologySpreadConstraint> {
    let soft = |key: &str, max_skew| TopologySpreadConstraint {
        max_skew,
        topology_key: key.into(),
        when_unsatisfiable: "ScheduleAnyway".into(),
        ..TopologySpreadConstraint::default()
    };
    vec![soft(HOSTNAME, 3), soft("topology.kubernetes.io/zone", 5)]
}
