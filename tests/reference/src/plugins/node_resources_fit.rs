//! NodeResourcesFit: what the pod requests must be free on the node; the score goes by what is then free or taken.

use crate::cluster::NodeView;
use crate::config::{Profile, Strategy};
use crate::cycle::Cycle;
use crate::plugin::{Code, Filter, MAX_SCORE, Plugin, Rejection};
use crate::requests::{self, CountedAs};
use crate::resources::{Amounts, allocatable, is_extended, is_scalar, non_zero_requested, pod_amounts, requested};

pub(crate) struct NodeResourcesFit;

impl Plugin for NodeResourcesFit {
    fn filter<'a>(&self, cycle: &'a Cycle<'a>, _view: &[NodeView<'a>]) -> Filter<'a> {
        let pod = pod_amounts(cycle.version, cycle.pod);
        Box::new(move |node| {
            let (lacking, unresolvable) = lacking(cycle, &pod, node);
            match lacking.is_empty() {
                true => Ok(()),
                false if unresolvable => Err(Rejection::No(Code::UnschedulableAndUnresolvable, lacking)),
                false => Err(Rejection::No(Code::Unschedulable, lacking)),
            }
        })
    }

    fn score(&self, cycle: &Cycle<'_>, feasible: &[&NodeView<'_>]) -> Result<Option<Vec<i64>>, String> {
        let pod = Amounts::of(&requests::pod_requests(cycle.version, cycle.pod, CountedAs::ScoredNonZero));
        let score = |node: &&NodeView<'_>| {
            let mut taken = requested(cycle.version, node);
            let non_zero = non_zero_requested(cycle.version, node);
            (taken.milli_cpu, taken.memory) = (non_zero.milli_cpu, non_zero.memory);
            let weighted = cycle.profile.resources.iter().filter_map(|(name, weight)| {
                let with = taken_and_capacity(name, &pod, &taken, &allocatable(node.node))?;
                Some((with, *weight))
            });
            score_of(cycle.profile, &weighted.collect::<Vec<_>>())
        };
        Ok(Some(feasible.iter().map(score).collect()))
    }
}

/// What is insufficient, and whether the node is too small for it even when empty.
fn lacking(cycle: &Cycle<'_>, pod: &Amounts, node: &NodeView<'_>) -> (Vec<String>, bool) {
    let capacity = allocatable(node.node);
    let taken = requested(cycle.version, node);
    let mut lacking = Vec::new();
    let mut unresolvable = false;
    if node.pods().count() as i64 + 1 > capacity.pods {
        lacking.push("Too many pods".to_owned());
    }
    let scalars = pod.scalars.keys().filter(|name| !is_ignored(cycle.profile, name)).map(String::as_str);
    for name in ["cpu", "memory", "ephemeral-storage"].into_iter().chain(scalars) {
        let (wanted, capacity) = (pod.get(name), capacity.get(name));
        if wanted > 0 && wanted > capacity.wrapping_sub(taken.get(name)) {
            lacking.push(format!("Insufficient {name}"));
            unresolvable |= wanted > capacity;
        }
    }
    (lacking, unresolvable)
}

fn is_ignored(profile: &Profile, name: &str) -> bool {
    let group = name.split('/').next().unwrap_or_default();
    is_extended(name)
        && (profile.ignored_resources.iter().any(|other| other == name)
            || profile.ignored_resource_groups.iter().any(|other| other == group))
}

/// What is taken of the resource with the pod on the node, and the node's capacity; `None` where the node has none of
/// it, or where the pod doesn't ask for an extended resource.
pub(crate) fn taken_and_capacity(name: &str, pod: &Amounts, taken: &Amounts, capacity: &Amounts) -> Option<(i64, i64)> {
    if capacity.get(name) == 0 || is_scalar(name) && pod.get(name) == 0 {
        return None;
    }
    Some((taken.get(name).wrapping_add(pod.get(name)), capacity.get(name)))
}

/// The weighted mean over resources, each as ((taken, capacity), weight); divisions truncate.
fn score_of(profile: &Profile, resources: &[((i64, i64), i64)]) -> i64 {
    let scores = resources.iter().map(|((taken, capacity), weight)| {
        let score = match profile.strategy {
            Strategy::LeastAllocated => least_allocated(*taken, *capacity),
            Strategy::MostAllocated => most_allocated(*taken, *capacity),
            Strategy::RequestedToCapacityRatio => requested_to_capacity_ratio(*taken, *capacity, &profile.shape),
        };
        (score, *weight)
    });
    if profile.strategy == Strategy::RequestedToCapacityRatio {
        let counted: Vec<(i64, i64)> = scores.filter(|(score, _)| *score > 0).collect();
        let (sum, weights) = weighted_sum(&counted);
        return if weights == 0 { 0 } else { (sum as f64 / weights as f64).round() as i64 };
    }
    let (sum, weights) = weighted_sum(&scores.collect::<Vec<_>>());
    if weights == 0 { 0 } else { sum / weights }
}

fn weighted_sum(scores: &[(i64, i64)]) -> (i64, i64) {
    (scores.iter().map(|(score, weight)| score * weight).sum(), scores.iter().map(|(_, weight)| weight).sum())
}

fn least_allocated(taken: i64, capacity: i64) -> i64 {
    if taken > capacity { 0 } else { capacity.wrapping_sub(taken).wrapping_mul(MAX_SCORE) / capacity }
}

fn most_allocated(taken: i64, capacity: i64) -> i64 {
    taken.min(capacity).wrapping_mul(MAX_SCORE) / capacity
}

fn requested_to_capacity_ratio(taken: i64, capacity: i64, shape: &[(i64, i64)]) -> i64 {
    let utilization = if taken > capacity { 100 } else { taken.wrapping_mul(100) / capacity };
    on_shape(utilization, shape)
}

/// The value at `at` of the broken line through points whose scores go from 0 to 10, on a scale of 0 to 100.
pub(crate) fn on_shape(at: i64, shape: &[(i64, i64)]) -> i64 {
    let scaled = |score: i64| score * (MAX_SCORE / 10);
    let Some(next) = shape.iter().position(|(utilization, _)| at <= *utilization) else {
        return shape.last().map_or(0, |(_, score)| scaled(*score));
    };
    let (right, right_score) = shape[next];
    if next == 0 {
        return scaled(right_score);
    }
    let (left, left_score) = shape[next - 1];
    scaled(left_score) + (scaled(right_score) - scaled(left_score)) * (at - left) / (right - left)
}
