//! NodeResourcesBalancedAllocation: resources should be taken in equal parts, so that none is left over.

use crate::version::Version;

use super::node_resources_fit::taken_and_capacity;
use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::plugin::{MAX_SCORE, Plugin};
use crate::requests::{self, CountedAs};
use crate::resources::{Amounts, allocatable, requested};

pub(crate) struct NodeResourcesBalancedAllocation;

impl Plugin for NodeResourcesBalancedAllocation {
    /// From 1.36 on it counts how much the pod betters the balance.
    fn score(&self, cycle: &Cycle<'_>, feasible: &[&NodeView<'_>]) -> Result<Option<Vec<i64>>, String> {
        let pod = Amounts::of(&requests::pod_requests(cycle.version, cycle.pod, CountedAs::Placed));
        let resources = &cycle.profile.balanced_resources;
        if resources.iter().all(|name| pod.get(name) == 0) {
            return Ok(None);
        }
        let score = |node: &&NodeView<'_>| {
            let (taken, capacity) = (requested(cycle.version, node), allocatable(node.node));
            let mut with = Vec::new();
            let mut without = Vec::new();
            for name in resources {
                if let Some((taken_with, capacity)) = taken_and_capacity(name, &pod, &taken, &capacity) {
                    with.push(fraction(taken_with, capacity));
                    without.push(fraction(taken.get(name), capacity));
                }
            }
            if cycle.version >= Version::V1_36 {
                MAX_SCORE / 2 + (MAX_SCORE / 2 + balance(&with) - balance(&without)) / 2
            } else {
                balance(&with)
            }
        };
        Ok(Some(feasible.iter().map(score).collect()))
    }
}

fn fraction(taken: i64, capacity: i64) -> f64 {
    let fraction = taken as f64 / capacity as f64;
    if fraction > 1.0 { 1.0 } else { fraction }
}

/// 100 less the standard deviation in percent, truncated.
fn balance(fractions: &[f64]) -> i64 {
    let count = fractions.len() as f64;
    let deviation = match fractions {
        [] | [_] => 0.0,
        [one, other] => ((one - other) / 2.0).abs(),
        _ => {
            let mut sum = 0.0;
            for fraction in fractions {
                sum += fraction;
            }
            let mean = sum / count;
            let mut squares = 0.0;
            for fraction in fractions {
                squares += (fraction - mean) * (fraction - mean);
            }
            (squares / count).sqrt()
        }
    };
    ((1.0 - deviation) * MAX_SCORE as f64) as i64
}
