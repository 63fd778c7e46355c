//! Whether the pod's requests fit into what is left of the node, and how full or empty they make it.

use core::ops::Range;

use super::{Class, Reason};
use crate::cache::Scratch;
use crate::shares::Shares;
use crate::simd::wide;
use crate::tables::Count;
use crate::{NodeId, ResourceId, divide};

pub(crate) fn filter(class: &Class<'_>, range: Range<usize>, bit: u32, mask: &mut [u32]) {
    let requests = class.requests(class.t.spec_fit);
    let resources = class.t.count(Count::Resources) as usize;
    for (resource, request) in requests[..resources].iter().enumerate() {
        let pods = resource == ResourceId::PODS.at();
        if *request <= 0 && !pods {
            continue;
        }
        let request = if pods { 1 } else { *request };
        let allocatable = &class.column(class.t.allocatable, resource)[range.clone()];
        let requested = &class.column(class.t.requested, resource)[range.clone()];
        let mask = &mut mask[range.clone()];
        wide!({
            for ((mask, allocatable), requested) in mask.iter_mut().zip(allocatable).zip(requested) {
                *mask |= u32::from(request > allocatable.wrapping_sub(*requested)) << bit;
            }
        });
    }
}

/// Of which resources too little is left on a node, a bit each; the 64th stands for all from there on.
pub(crate) fn short(class: &Class<'_>, node: NodeId) -> u64 {
    let requests = class.requests(class.t.spec_fit);
    let mut bits = 0;
    for (resource, request) in requests[..class.t.count(Count::Resources) as usize].iter().enumerate() {
        let request = if resource == ResourceId::PODS.at() { 1 } else { *request };
        let at = |column| class.column(column, resource)[node.at()];
        if request > 0 && request > at(class.t.allocatable).wrapping_sub(at(class.t.requested)) {
            bits |= 1 << resource.min(63);
        }
    }
    bits
}

/// Calls `emit` for each resource of which too little is left.
pub(crate) fn reasons(class: &Class<'_>, node: NodeId, short: u64, emit: &mut dyn FnMut(Reason)) {
    let requests = class.requests(class.t.spec_fit);
    let is_short = |resource: usize| short >> resource.min(63) & 1 != 0;
    if is_short(ResourceId::PODS.at()) {
        emit(Reason::TooManyPods);
    }
    for (resource, request) in requests[..class.t.count(Count::Resources) as usize].iter().enumerate() {
        if *request > 0 && resource != ResourceId::PODS.at() && is_short(resource) {
            let beyond = *request > class.column(class.t.allocatable, resource)[node.at()];
            emit(Reason::Insufficient { resource: ResourceId(resource as u32), beyond });
        }
    }
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
pub(crate) fn score(
    class: &Class<'_>,
    range: Range<usize>,
    weight: i64,
    out: &mut [i64],
    work: &mut Scratch<'_>,
    shares: Option<Shares<'_>>,
) {
    let requests = class.requests(class.t.spec_score);
    if shares.is_some_and(|shares| least_of_cpu_and_memory(class, range.clone(), weight, out, shares)) {
        return;
    }
    let (sum, weights) = (&mut *work.sum, &mut *work.weights);
    sum[range.clone()].fill(0);
    weights[range.clone()].fill(0);
    for (resource, resource_weight) in class.fit_resources() {
        let request = requests.get(resource).copied().unwrap_or(0);
        if !takes_part(resource, request) {
            continue;
        }
        let allocatable = &class.column(class.t.allocatable, resource)[range.clone()];
        let used = &used(class, resource)[range.clone()];
        let (sum, weights) = (&mut sum[range.clone()], &mut weights[range.clone()]);
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
    if !range.is_empty()
        && !rounds
        && divide::small(&sum[range.clone()])
        && divide::small(&weights[range.clone()])
        && weight >> 32 == 0
    {
        let weight = weight as f64;
        let first = weights[range.start];
        let rows = out[range.clone()].iter_mut().zip(&sum[range.clone()]).zip(&weights[range.clone()]);
        if first > 0 && weights[range].iter().fold(0, |differs, weights| differs | (weights ^ first)) == 0 {
            let by = divide::Divisor::new(first as f64);
            for ((out, sum), _) in rows {
                *out += divide::to_i64(by.of(divide::to_f64(*sum)) * weight);
            }
            return;
        }
        for ((out, sum), weights) in rows {
            let whole = divide::to_f64(*weights);
            let share = divide::to_f64(*sum) / if whole > 0.0 { whole } else { 1.0 };
            *out += divide::to_i64(divide::floor(share) * weight);
        }
        return;
    }
    for node in range {
        let (sum, weights) = (sum[node], weights[node]);
        let score = if weights == 0 {
            0
        } else if rounds {
            libm::round(sum as f64 / weights as f64) as i64
        } else if (sum | weights) >> 52 == 0 {
            (sum as f64 / weights as f64) as i64
        } else {
            sum.wrapping_div(weights)
        };
        out[node] += weight * score.clamp(-MOST_SCORE, MOST_SCORE);
    }
}

/// Adds the weighted score where it is the usual one, of CPU and memory, which all nodes have; whether it was.
fn least_of_cpu_and_memory(
    class: &Class<'_>,
    range: Range<usize>,
    weight: i64,
    out: &mut [i64],
    shares: Shares<'_>,
) -> bool {
    let requests = class.requests(class.t.spec_score);
    let ask = [0, 1].map(|resource| requests.get(resource).copied().unwrap_or(0));
    let weight_of = |resource: ResourceId| {
        class.fit_resources().filter(|(r, _)| *r == resource.at()).map(|(_, weight)| weight).sum::<i64>()
    };
    let weights = [weight_of(ResourceId::CPU), weight_of(ResourceId::MEMORY)];
    let usual = class.profile.fit_strategy == 0
        && [weight, weights[0], weights[1]].iter().all(|weight| (1..1 << 16).contains(weight))
        && ask.into_iter().all(divide::is_small)
        && class.fit_resources().all(|(resource, _)| resource <= ResourceId::MEMORY.at());
    let (true, Some(inverse)) = (usual, shares.inverse) else { return false };
    let columns = |resource: usize| {
        let all = &class.column(class.t.allocatable, resource)[range.clone()];
        (all, &used(class, resource)[range.clone()], &inverse[resource][range.clone()])
    };
    let ((cpu, cpu_used, cpu_inverse), (memory, memory_used, memory_inverse)) = (columns(0), columns(1));
    let [cpu_weight, memory_weight] = weights.map(|weight| weight as f64);
    let (by, weight) = (divide::Divisor::new(cpu_weight + memory_weight), weight as f64);
    let out = &mut out[range.clone()];
    wide!({
        let share = |all: i64, used: i64, inverse: f64, ask: i64| {
            let free = all - used - ask;
            divide::Divisor::of_inverse(inverse).of(100.0 * divide::to_f64(if free > 0 { free } else { 0 }))
        };
        let nodes = out.len();
        let (cpu, cpu_used, cpu_inverse) = (&cpu[..nodes], &cpu_used[..nodes], &cpu_inverse[..nodes]);
        let (memory, memory_used, memory_inverse) = (&memory[..nodes], &memory_used[..nodes], &memory_inverse[..nodes]);
        for node in 0..nodes {
            let cpu = share(cpu[node], cpu_used[node], cpu_inverse[node], ask[0]);
            let memory = share(memory[node], memory_used[node], memory_inverse[node], ask[1]);
            out[node] += divide::to_i64(by.of(cpu * cpu_weight + memory * memory_weight) * weight);
        }
    });
    true
}

/// The share that stays free, in percent.
fn least(allocatable: &[i64], used: &[i64], request: i64, weight: i64, sum: &mut [i64], weights: &mut [i64]) {
    let rows = allocatable.iter().zip(used).zip(sum).zip(weights);
    if divide::small(allocatable) && divide::small(used) && divide::is_small(request) && weight >> 32 == 0 {
        let (request, weight) = (request as f64, weight as f64);
        wide!({
            for (((allocatable, used), sum), weights) in rows {
                let whole = divide::to_f64(*allocatable);
                let free = whole - divide::to_f64(*used) - request;
                let free = if free > 0.0 { free } else { 0.0 };
                let (whole, there) = if whole > 0.0 { (whole, weight) } else { (1.0, 0.0) };
                *sum += divide::to_i64(divide::floor(100.0 * free / whole) * there);
                *weights += divide::to_i64(there);
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
