//! NodeResourcesBalancedAllocation: how evenly the node's resources are used, by the standard deviation of their used shares.
//!
//! Upstream: `pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go`. The score is 100 times one minus the standard deviation of the used shares; from 1.36 on it is what the pod improves of that.

use core::ops::Range;

use super::{Class, Entry, Score, node_resources_fit};
use crate::ResourceId;
use crate::derived::node_resources::balance_of_two;
use crate::derived::{NodeResources, Scratch};
use crate::math::exact_division;
use crate::math::simd::wide;
use crate::tables::profile_flag;

pub(crate) const PLUGIN: Entry = Entry { score: Score::Class { skips, add: score }, ..Entry::NONE };

/// Whether there is nothing to score: the pod asks for none of the resources.
fn skips(class: &Class<'_>) -> bool {
    let requests = class.requests(class.t.spec_balanced);
    class.t.list(class.profile.balanced).iter().all(|r| requests.get(*r as usize).is_none_or(|r| *r == 0))
}

/// Adds the weighted score.
fn score(
    class: &Class<'_>,
    range: Range<usize>,
    weight: i64,
    out: &mut [i64],
    nodes: Option<NodeResources<'_>>,
    _: &mut Scratch<'_>,
) {
    let requests = class.requests(class.t.spec_balanced);
    let by_difference = class.profile.flags & profile_flag::BALANCED_BY_DIFFERENCE != 0;
    let request = |resource: u32| requests.get(resource as usize).copied().unwrap_or(0);
    let resources = class.t.list(class.profile.balanced);
    let mut parts = resources.iter().filter(|r| node_resources_fit::takes_part(**r as usize, request(**r)));
    let is = |resource: Option<&u32>, is: ResourceId| resource == Some(&is.0);
    if let Some(nodes) = nodes
        && is(parts.next(), ResourceId::CPU)
        && is(parts.next(), ResourceId::MEMORY)
        && parts.next().is_none()
        && [request(0), request(1)].into_iter().all(exact_division::is_small)
        && weight >> 32 == 0
    {
        let columns = |resource: ResourceId| {
            let of = |column| &class.column(column, resource.at())[range.clone()];
            [of(class.t.allocatable), of(class.t.requested)]
        };
        let ask = [request(0) as f64, request(1) as f64];
        let ([cpu, memory], out) = ([columns(ResourceId::CPU), columns(ResourceId::MEMORY)], &mut *out);
        let (before, weight) = (&nodes.balance[range], weight as f64);
        wide!({
            let nodes = out.len();
            let [[cpu, cpu_used], [memory, memory_used]] =
                [cpu, memory].map(|[all, used]| [&all[..nodes], &used[..nodes]]);
            let before = &before[..nodes];
            for node in 0..nodes {
                let with = balance_of_two([cpu[node], cpu_used[node]], [memory[node], memory_used[node]], ask);
                let score = if by_difference {
                    let half = (50.0 + with - before[node]) / 2.0;
                    50.0 + exact_division::floor(half.abs()).copysign(half)
                } else {
                    with
                };
                out[node] += exact_division::to_i64(score * weight);
            }
        });
        return;
    }
    for (node, out) in range.zip(out) {
        let shares = |with: bool| {
            resources.iter().filter_map(move |r| {
                let ask = request(*r);
                let all = class.column(class.t.allocatable, *r as usize).get(node).copied().unwrap_or(0);
                if all == 0 || !node_resources_fit::takes_part(*r as usize, ask) {
                    return None;
                }
                let used = class.column(class.t.requested, *r as usize)[node];
                let used = if with { used.wrapping_add(ask) } else { used };
                let share = used as f64 / all as f64;
                Some(if share > 1.0 { 1.0 } else { share })
            })
        };
        let with = of_shares(shares(true));
        *out += weight * if by_difference { 50 + (50 + with - of_shares(shares(false))) / 2 } else { with };
    }
}

fn of_shares(shares: impl Iterator<Item = f64> + Clone) -> i64 {
    let (mut count, mut total) = (0usize, 0.0);
    for share in shares.clone() {
        count += 1;
        total += share;
    }
    let deviation = match count {
        0 | 1 => 0.0,
        2 => {
            let mut shares = shares;
            let (a, b) = (shares.next().unwrap_or(0.0), shares.next().unwrap_or(0.0));
            ((a - b) / 2.0).abs()
        }
        _ => {
            let mean = total / count as f64;
            let mut sum = 0.0;
            for share in shares {
                sum += (share - mean) * (share - mean);
            }
            libm::sqrt(sum / count as f64)
        }
    };
    let score = ((1.0 - deviation) * 100.0) as i64;
    score.clamp(-node_resources_fit::MOST_SCORE, node_resources_fit::MOST_SCORE)
}
