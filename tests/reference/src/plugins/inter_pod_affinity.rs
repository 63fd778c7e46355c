//! InterPodAffinity: pods that want to be near other pods, or far from them, where a node label's value makes "near".

use std::collections::{BTreeMap, BTreeSet};

use bayplan::objects::{Pod, PodAffinity, PodAffinityTerm, StringMap, WeightedPodAffinityTerm};

use crate::cluster::{Cluster, NodeView};
use crate::cycle::Cycle;
use crate::labels::Selector;
use crate::plugin::{Filter, MAX_SCORE, Plugin, PreFilter, Rejection};
use crate::version::Version;

pub(crate) struct InterPodAffinity;

/// Label key and value of a topology, with a count or a weight.
type Pairs = BTreeMap<(String, String), i64>;

impl Plugin for InterPodAffinity {
    fn pre_filter(&self, cycle: &Cycle<'_>) -> Result<PreFilter, Rejection> {
        let none = required(affinity(cycle.pod)).is_empty()
            && required(anti_affinity(cycle.pod)).is_empty()
            && kept_away(cycle, &cycle.nodes).is_empty();
        Ok(if none { PreFilter::Skip } else { PreFilter::Pass })
    }

    fn filter<'a>(&self, cycle: &'a Cycle<'a>, view: &[NodeView<'a>]) -> Filter<'a> {
        let pod = cycle.pod;
        let wanted = required(affinity(pod));
        let unwanted = required(anti_affinity(pod));
        let kept_away = kept_away(cycle, view);
        let (mut near, mut far) = (Pairs::new(), Pairs::new());
        for node in view {
            for other in node.pods() {
                if matches_every(cycle, wanted, other) {
                    wanted.iter().for_each(|term| count(&mut near, node, &term.topology_key, 1));
                }
                for term in unwanted.iter().filter(|term| wants(cycle, term, other)) {
                    count(&mut far, node, &term.topology_key, 1);
                }
            }
        }
        Box::new(move |node| {
            let there = |pairs: &Pairs, key: &str| {
                node.label(key).is_some_and(|value| pairs.contains_key(&(key.to_owned(), value.to_owned())))
            };
            let labelled = wanted.iter().all(|term| node.label(&term.topology_key).is_some());
            let satisfied = wanted.iter().all(|term| there(&near, &term.topology_key));
            // The first of a group that wants to be near itself may go anywhere.
            let first_of_its_kind = near.is_empty() && matches_every(cycle, wanted, pod);
            if !labelled || !satisfied && !first_of_its_kind {
                return Err(Rejection::unresolvable("node(s) didn't match pod affinity rules"));
            }
            if unwanted.iter().any(|term| there(&far, &term.topology_key)) {
                return Err(Rejection::unschedulable("node(s) didn't match pod anti-affinity rules"));
            }
            if kept_away.keys().any(|(key, value)| node.label(key) == Some(value)) {
                return Err(Rejection::unschedulable("node(s) didn't satisfy existing pods anti-affinity rules"));
            }
            Ok(())
        })
    }

    fn score(&self, cycle: &Cycle<'_>, feasible: &[&NodeView<'_>]) -> Result<Option<Vec<i64>>, String> {
        let (pod, cluster) = (cycle.pod, cycle.cluster);
        let (likes, dislikes) = (preferred(affinity(pod)), preferred(anti_affinity(pod)));
        let has_preferences = !likes.is_empty() || !dislikes.is_empty();
        if cycle.profile.ignore_preferred_terms_of_existing_pods && !has_preferences {
            return Ok(None);
        }
        let mut weights = Pairs::new();
        for node in &cycle.nodes {
            for other in node.pods() {
                let mut add = |term: &PodAffinityTerm, weight: i64, matches: bool| {
                    if matches {
                        count(&mut weights, node, &term.topology_key, weight);
                    }
                };
                for (terms, sign) in [(likes, 1), (dislikes, -1)] {
                    for term in terms {
                        let matches = wants(cycle, &term.pod_affinity_term, other);
                        add(&term.pod_affinity_term, sign * i64::from(term.weight), matches);
                    }
                }
                let hard = cycle.profile.hard_pod_affinity_weight;
                for term in required(affinity(other)).iter().filter(|_| hard > 0) {
                    add(term, hard, wants_incoming(cluster, other, term, pod));
                }
                for (terms, sign) in [(preferred(affinity(other)), 1), (preferred(anti_affinity(other)), -1)] {
                    for term in terms {
                        let matches = wants_incoming(cluster, other, &term.pod_affinity_term, pod);
                        add(&term.pod_affinity_term, sign * i64::from(term.weight), matches);
                    }
                }
            }
        }
        if weights.is_empty() {
            return Ok(None);
        }
        let sum = |node: &&NodeView<'_>| {
            let here = weights.iter().filter(|((key, value), _)| node.label(key) == Some(value));
            here.map(|(_, weight)| weight).sum()
        };
        Ok(Some(normalize(&feasible.iter().map(sum).collect::<Vec<i64>>())))
    }
}

/// Spread over 0 to 100 between the lowest and the highest.
fn normalize(scores: &[i64]) -> Vec<i64> {
    let lowest = scores.iter().copied().min().unwrap_or(0);
    let range = scores.iter().copied().max().unwrap_or(0) - lowest;
    let normalized = |score: &i64| {
        if range > 0 { (MAX_SCORE as f64 * ((score - lowest) as f64 / range as f64)) as i64 } else { 0 }
    };
    scores.iter().map(normalized).collect()
}

/// The topologies from which the pods that are there keep this pod away.
fn kept_away(cycle: &Cycle<'_>, view: &[NodeView<'_>]) -> Pairs {
    let mut pairs = Pairs::new();
    for node in view {
        for other in node.pods() {
            for term in required(anti_affinity(other)) {
                if wants_incoming(cycle.cluster, other, term, cycle.pod) {
                    count(&mut pairs, node, &term.topology_key, 1);
                }
            }
        }
    }
    pairs
}

fn count(pairs: &mut Pairs, node: &NodeView<'_>, key: &str, amount: i64) {
    if let Some(value) = node.label(key) {
        *pairs.entry((key.to_owned(), value.to_owned())).or_default() += amount;
    }
}

fn affinity(pod: &Pod) -> Option<&PodAffinity> {
    pod.spec.affinity.as_ref()?.pod_affinity.as_ref()
}

fn anti_affinity(pod: &Pod) -> Option<&PodAffinity> {
    pod.spec.affinity.as_ref()?.pod_anti_affinity.as_ref()
}

fn required(affinity: Option<&PodAffinity>) -> &[PodAffinityTerm] {
    affinity.map_or(&[], |affinity| &affinity.required)
}

fn preferred(affinity: Option<&PodAffinity>) -> &[WeightedPodAffinityTerm] {
    affinity.map_or(&[], |affinity| &affinity.preferred)
}

/// Whether `other` matches all of the terms; it doesn't where there are none.
fn matches_every(cycle: &Cycle<'_>, terms: &[PodAffinityTerm], other: &Pod) -> bool {
    !terms.is_empty() && terms.iter().all(|term| wants(cycle, term, other))
}

/// Whether the term of the pod that is to be placed means `other`. Its namespace selector selects among the namespaces
/// that exist; up to 1.36 one that selects a namespace without labels selects all of them.
fn wants(cycle: &Cycle<'_>, term: &PodAffinityTerm, other: &Pod) -> bool {
    let selector = Selector::new(term.namespace_selector.as_ref());
    let namespace = &other.metadata.namespace;
    let all = selector.is_everything() || cycle.version < Version::V1_37 && selector.matches(&StringMap::new());
    let selected = all || labels_of(cycle.cluster, namespace).is_some_and(|labels| selector.matches(labels));
    (selected || named(cycle.pod, term).contains(namespace)) && selects(term, other)
}

/// Whether the term of a pod that has its place means the pod that is to be placed. A namespace that doesn't exist has
/// no labels.
fn wants_incoming(cluster: &Cluster, pod: &Pod, term: &PodAffinityTerm, incoming: &Pod) -> bool {
    let selector = Selector::new(term.namespace_selector.as_ref());
    let namespace = &incoming.metadata.namespace;
    let selected = selector.matches(labels_of(cluster, namespace).unwrap_or(&StringMap::new()));
    (selected || named(pod, term).contains(namespace)) && selects(term, incoming)
}

fn selects(term: &PodAffinityTerm, pod: &Pod) -> bool {
    Selector::new(term.label_selector.as_ref()).matches(&pod.metadata.labels)
}

/// The namespaces that the term names; its pod's own where it says nothing at all.
fn named(pod: &Pod, term: &PodAffinityTerm) -> BTreeSet<String> {
    if term.namespaces.is_empty() && term.namespace_selector.is_none() {
        return [pod.metadata.namespace.clone()].into();
    }
    term.namespaces.iter().cloned().collect()
}

fn labels_of<'a>(cluster: &'a Cluster, namespace: &str) -> Option<&'a StringMap> {
    let found = cluster.namespaces.iter().find(|found| found.metadata.name == namespace)?;
    Some(&found.metadata.labels)
}
