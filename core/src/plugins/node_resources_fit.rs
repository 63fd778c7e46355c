//! NodeResourcesFit: whether the pod's requests fit into what is left of the node, and how full or empty they make it.
//!
//! Upstream: `pkg/scheduler/framework/plugins/noderesources/fit.go`. Amounts are milli-CPU, bytes and counts; the score is 0 to 100 by LeastAllocated, MostAllocated or RequestedToCapacityRatio.

use core::ops::Range;

use super::{Class, Entry, Explain, Filter, Marks, Pod, Rejected, Score};
use crate::derived::{NodeResources, Scratch};
use crate::math::exact_division;
use crate::math::simd::wide;
use crate::plugin::{Plugin, Reason};
use crate::tables::Count;
use crate::{NodeId, ResourceId};

/// The node holds as many pods as it takes.
pub const TOO_MANY_PODS: Reason = Reason::resolvable(Plugin::NodeResourcesFit, 0);
/// Too little is left of a resource, which [`Reason::resource`] names; preemption cannot help where even an empty node has too little.
pub const INSUFFICIENT: Reason = Reason::resolvable(Plugin::NodeResourcesFit, 1);

pub(crate) const PLUGIN: Entry = Entry {
    filter: Filter::Class(filter),
    // By nothing but what they request.
    by_pods: super::never,
    score: Score::Class { skips: |_| false, add: score },
    reasons: &[TOO_MANY_PODS, INSUFFICIENT],
    explain: Explain::With(explain),
    count: Some(count),
    ..Entry::NONE
};

fn filter(class: &Class<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], _: &[u16]) {
    let requests = class.requests(class.t.spec_fit);
    let resources = class.t.count(Count::Resources) as usize;
    for (resource, request) in requests[..resources].iter().enumerate() {
        let pods = resource == ResourceId::PODS.at();
        if *request <= 0 && !pods {
            continue;
        }
        let request = if pods { 1 } else { *request };
        let bits = marks.of(if pods { TOO_MANY_PODS } else { INSUFFICIENT });
        let allocatable = &class.column(class.t.allocatable, resource)[range.clone()];
        let requested = &class.column(class.t.requested, resource)[range.clone()];
        let mask = &mut mask[..];
        wide!({
            for ((mask, allocatable), requested) in mask.iter_mut().zip(allocatable).zip(requested) {
                *mask |= if request > allocatable.wrapping_sub(*requested) { bits } else { 0 };
            }
        });
    }
}

/// Each resource of which too little is left, the number of pods first.
fn explain(pod: &Pod<'_>, node: NodeId, _: u32, emit: &mut dyn FnMut(Reason)) {
    let class = &pod.class;
    let requests = class.requests(class.t.spec_fit);
    let at = |column, resource| class.column(column, resource)[node.at()];
    let is_short = |resource: usize, request: i64| {
        request > at(class.t.allocatable, resource).wrapping_sub(at(class.t.requested, resource))
    };
    if is_short(ResourceId::PODS.at(), 1) {
        emit(TOO_MANY_PODS);
    }
    for (resource, request) in requests[..class.t.count(Count::Resources) as usize].iter().enumerate() {
        if *request > 0 && resource != ResourceId::PODS.at() && is_short(resource, *request) {
            let reason = INSUFFICIENT.about(resource as u32);
            emit(if *request > at(class.t.allocatable, resource) { reason.beyond_help() } else { reason });
        }
    }
}

/// On how many nodes too little is left of each resource.
fn count(pod: &Pod<'_>, rejected: Rejected<'_>, tell: &mut dyn FnMut(Reason, u32)) -> bool {
    let class = &pod.class;
    let requests = class.requests(class.t.spec_fit);
    for (resource, request) in requests[..class.t.count(Count::Resources) as usize].iter().enumerate() {
        let pods = resource == ResourceId::PODS.at();
        if *request <= 0 && !pods {
            continue;
        }
        let request = if pods { 1 } else { *request };
        let (allocatable, requested) = (class.column(class.t.allocatable, resource), class.column(class.t.requested, resource));
        let is_short = |allocatable: i64, requested: i64| request > allocatable.wrapping_sub(requested);
        let nodes = wide!(rejected.count(allocatable, requested, is_short));
        tell(if pods { TOO_MANY_PODS } else { INSUFFICIENT.about(resource as u32) }, nodes);
    }
    true
}

/// What is requested of a resource in the eyes of this score: CPU and memory with the least that it assumes.
fn used<'t>(class: &Class<'t>, resource: usize) -> &'t [i64] {
    let stride = class.t.limits.nodes as usize;
    if resource < 2 {
        &class.t.non_zero[resource * stride..(resource + 1) * stride]
    } else {
        let column: &'t [i64] = class.t.requested;
        column.get(resource * stride..(resource + 1) * stride).unwrap_or(&[])
    }
}

/// Amounts beyond 64 bits wrap, as kube-scheduler's do; a score that comes of them is nothing between 0 and 100, but must not
/// let the sum of scores overflow.
pub(crate) const MOST_SCORE: i64 = 1 << 30;

/// Whether a resource takes part in a score: a scalar one only where the pod asks for it.
pub(crate) fn takes_part(resource: usize, request: i64) -> bool {
    resource < ResourceId::PODS.at() || request != 0
}

/// Adds the weighted score.
fn score(
    class: &Class<'_>,
    range: Range<usize>,
    weight: i64,
    out: &mut [i64],
    nodes: Option<NodeResources<'_>>,
    work: &mut Scratch<'_>,
) {
    let requests = class.requests(class.t.spec_score);
    if nodes.is_some_and(|nodes| least_of_cpu_and_memory(class, range.clone(), weight, out, nodes)) {
        return;
    }
    let (sum, weights) = (&mut work.sum[..range.len()], &mut work.weights[..range.len()]);
    sum.fill(0);
    weights.fill(0);
    for (resource, resource_weight) in class.fit_resources() {
        let request = requests.get(resource).copied().unwrap_or(0);
        if !takes_part(resource, request) {
            continue;
        }
        let allocatable = &class.column(class.t.allocatable, resource)[range.clone()];
        let used = &used(class, resource)[range.clone()];
        let (sum, weights) = (&mut *sum, &mut *weights);
        match class.profile.fit_strategy {
            0 => least(allocatable, used, request, resource_weight, sum, weights),
            1 => most(allocatable, used, request, resource_weight, sum, weights),
            _ => {
                for (at, allocatable) in allocatable.iter().enumerate() {
                    if *allocatable != 0 {
                        let score = ratio(class, used[at].wrapping_add(request), *allocatable);
                        if score > 0 {
                            sum[at] = sum[at].wrapping_add(score.wrapping_mul(resource_weight));
                            weights[at] = weights[at].wrapping_add(resource_weight);
                        }
                    }
                }
            }
        }
    }
    let rounds = class.profile.fit_strategy == 2;
    let is_small = exact_division::small(sum) && exact_division::small(weights) && weight >> 32 == 0;
    if let (false, true, Some(first)) = (rounds, is_small, weights.first().copied()) {
        let weight = weight as f64;
        let rows = out.iter_mut().zip(&*sum).zip(&*weights);
        if first > 0 && weights.iter().fold(0, |differs, weights| differs | (weights ^ first)) == 0 {
            let by = exact_division::Divisor::new(first as f64);
            for ((out, sum), _) in rows {
                *out += exact_division::to_i64(by.of(exact_division::to_f64(*sum)) * weight);
            }
            return;
        }
        for ((out, sum), weights) in rows {
            let whole = exact_division::to_f64(*weights);
            let share = exact_division::to_f64(*sum) / if whole > 0.0 { whole } else { 1.0 };
            *out += exact_division::to_i64(exact_division::floor(share) * weight);
        }
        return;
    }
    for ((out, sum), weights) in out.iter_mut().zip(&*sum).zip(&*weights) {
        let (sum, weights) = (*sum, *weights);
        let score = if weights == 0 {
            0
        } else if rounds {
            libm::round(sum as f64 / weights as f64) as i64
        } else if (sum | weights) >> 52 == 0 {
            (sum as f64 / weights as f64) as i64
        } else {
            sum.wrapping_div(weights)
        };
        *out += weight * score.clamp(-MOST_SCORE, MOST_SCORE);
    }
}

/// Adds the weighted score where it is the usual one, of CPU and memory, which all nodes have; whether it was.
fn least_of_cpu_and_memory(
    class: &Class<'_>,
    range: Range<usize>,
    weight: i64,
    out: &mut [i64],
    nodes: NodeResources<'_>,
) -> bool {
    let requests = class.requests(class.t.spec_score);
    let ask = [0, 1].map(|resource| requests.get(resource).copied().unwrap_or(0));
    let weight_of = |resource: ResourceId| {
        class.fit_resources().filter(|(r, _)| *r == resource.at()).map(|(_, weight)| weight).sum::<i64>()
    };
    let weights = [weight_of(ResourceId::CPU), weight_of(ResourceId::MEMORY)];
    let usual = class.profile.fit_strategy == 0
        && [weight, weights[0], weights[1]].iter().all(|weight| (1..1 << 16).contains(weight))
        && ask.into_iter().all(exact_division::is_small)
        && class.fit_resources().all(|(resource, _)| resource <= ResourceId::MEMORY.at());
    let (true, Some(inverse)) = (usual, nodes.inverse) else { return false };
    let columns = |resource: usize| {
        let all = &class.column(class.t.allocatable, resource)[range.clone()];
        (all, &used(class, resource)[range.clone()], &inverse[resource][range.clone()])
    };
    let ((cpu, cpu_used, cpu_inverse), (memory, memory_used, memory_inverse)) = (columns(0), columns(1));
    let [cpu_weight, memory_weight] = weights.map(|weight| weight as f64);
    let (by, weight) = (exact_division::Divisor::new(cpu_weight + memory_weight), weight as f64);
    let out = &mut *out;
    wide!({
        let share = |all: i64, used: i64, inverse: f64, ask: i64| {
            let free = all - used - ask;
            exact_division::Divisor::of_inverse(inverse)
                .of(100.0 * exact_division::to_f64(if free > 0 { free } else { 0 }))
        };
        let nodes = out.len();
        let (cpu, cpu_used, cpu_inverse) = (&cpu[..nodes], &cpu_used[..nodes], &cpu_inverse[..nodes]);
        let (memory, memory_used, memory_inverse) = (&memory[..nodes], &memory_used[..nodes], &memory_inverse[..nodes]);
        for node in 0..nodes {
            let cpu = share(cpu[node], cpu_used[node], cpu_inverse[node], ask[0]);
            let memory = share(memory[node], memory_used[node], memory_inverse[node], ask[1]);
            out[node] += exact_division::to_i64(by.of(cpu * cpu_weight + memory * memory_weight) * weight);
        }
    });
    true
}

/// The share that stays free, in percent.
fn least(allocatable: &[i64], used: &[i64], request: i64, weight: i64, sum: &mut [i64], weights: &mut [i64]) {
    let rows = allocatable.iter().zip(used).zip(sum).zip(weights);
    if exact_division::small(allocatable)
        && exact_division::small(used)
        && exact_division::is_small(request)
        && weight >> 32 == 0
    {
        let (request, weight) = (request as f64, weight as f64);
        wide!({
            for (((allocatable, used), sum), weights) in rows {
                let whole = exact_division::to_f64(*allocatable);
                let free = whole - exact_division::to_f64(*used) - request;
                let free = if free > 0.0 { free } else { 0.0 };
                let (whole, there) = if whole > 0.0 { (whole, weight) } else { (1.0, 0.0) };
                *sum += exact_division::to_i64(exact_division::floor(100.0 * free / whole) * there);
                *weights += exact_division::to_i64(there);
            }
        });
        return;
    }
    for (((allocatable, used), sum), weights) in rows {
        if *allocatable != 0 {
            let used = used.wrapping_add(request);
            let score = if used > *allocatable {
                0
            } else {
                allocatable.wrapping_sub(used).wrapping_mul(100).wrapping_div(*allocatable)
            };
            *sum = sum.wrapping_add(score.wrapping_mul(weight));
            *weights = weights.wrapping_add(weight);
        }
    }
}

/// The share that is used, in percent; nodes that would be overfull count as full.
fn most(allocatable: &[i64], used: &[i64], request: i64, weight: i64, sum: &mut [i64], weights: &mut [i64]) {
    for (((allocatable, used), sum), weights) in allocatable.iter().zip(used).zip(sum).zip(weights) {
        if *allocatable != 0 {
            let used = used.wrapping_add(request).min(*allocatable);
            *sum = sum.wrapping_add(used.wrapping_mul(100).wrapping_div(*allocatable).wrapping_mul(weight));
            *weights = weights.wrapping_add(weight);
        }
    }
}

/// The function of utilization.
fn ratio(class: &Class<'_>, used: i64, allocatable: i64) -> i64 {
    let utilization = if used > allocatable { 100 } else { used.wrapping_mul(100).wrapping_div(allocatable) };
    on_shape(class.t.list(class.profile.shape), utilization)
}

/// A function of utilization: between its points on the line, outside as at the next point.
pub(crate) fn on_shape(points: &[u32], utilization: i64) -> i64 {
    let mut before: Option<(i64, i64)> = None;
    for point in points.chunks_exact(2) {
        let (x, y) = (i64::from(point[0] as i32), i64::from(point[1] as i32));
        if utilization <= x {
            return match before {
                None => y,
                Some((x0, y0)) => y0 + (y - y0) * (utilization - x0) / (x - x0),
            };
        }
        before = Some((x, y));
    }
    before.map_or(0, |(_, y)| y)
}
