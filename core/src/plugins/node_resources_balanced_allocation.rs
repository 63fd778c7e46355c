//! How evenly the node's resources are used: the standard deviation of their used shares.

use core::ops::Range;

use super::{Class, node_resources_fit};
use crate::divide;
use crate::tables::profile_flag;

/// Whether there is nothing to score: the pod asks for none of the resources.
pub(crate) fn skips(class: &Class<'_>) -> bool {
    let requests = class.requests(class.t.spec_balanced);
    class.t.list(class.profile.balanced).iter().all(|r| requests.get(*r as usize).is_none_or(|r| *r == 0))
}

/// Adds the weighted score.
pub(crate) fn score(class: &Class<'_>, range: Range<usize>, weight: i64, out: &mut [i64]) {
    if skips(class) {
        return;
    }
    let requests = class.requests(class.t.spec_balanced);
    let by_difference = class.profile.flags & profile_flag::BALANCED_BY_DIFFERENCE != 0;
    let request = |resource: u32| requests.get(resource as usize).copied().unwrap_or(0);
    let resources = class.t.list(class.profile.balanced);
    let mut parts = resources.iter().filter(|r| node_resources_fit::takes_part(**r as usize, request(**r)));
    if let (Some(a), Some(b), None) = (parts.next(), parts.next(), parts.next()) {
        let column = |all, resource: u32| &class.column(all, resource as usize)[range.clone()];
        let (a_all, a_used) = (column(class.t.allocatable, *a), column(class.t.requested, *a));
        let (b_all, b_used) = (column(class.t.allocatable, *b), column(class.t.requested, *b));
        let (a, b) = (request(*a), request(*b));
        if weight >> 32 == 0
            && [a_all, a_used, b_all, b_used].into_iter().all(divide::small)
            && divide::is_small(a)
            && divide::is_small(b)
        {
            let rows = out[range].iter_mut().zip(a_all).zip(a_used).zip(b_all).zip(b_used);
            let (a, b, weight) = (a as f64, b as f64, weight as f64);
            for ((((out, a_all), a_used), b_all), b_used) in rows {
                let (a_all, a_used) = (divide::to_f64(*a_all), divide::to_f64(*a_used));
                let (b_all, b_used) = (divide::to_f64(*b_all), divide::to_f64(*b_used));
                let with = of_two(a_all, a_used + a, b_all, b_used + b);
                let score = if by_difference {
                    let half = (50.0 + with - of_two(a_all, a_used, b_all, b_used)) / 2.0;
                    50.0 + divide::floor(half.abs()).copysign(half)
                } else {
                    with
                };
                *out += divide::to_i64(score * weight);
            }
            return;
        }
    }
    for node in range {
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
        out[node] += weight * if by_difference { 50 + (50 + with - of_shares(shares(false))) / 2 } else { with };
    }
}

/// Two resources, small numbers.
#[inline]
fn of_two(a_all: f64, a_used: f64, b_all: f64, b_used: f64) -> f64 {
    let share = |all: f64, used: f64| {
        let share = used / all;
        if share > 1.0 { 1.0 } else { share }
    };
    let deviation = (share(a_all, a_used) - share(b_all, b_used)).abs() / 2.0;
    let deviation = if a_all == 0.0 || b_all == 0.0 { 0.0 } else { deviation };
    divide::floor((1.0 - deviation) * 100.0)
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
    ((1.0 - deviation) * 100.0) as i64
}
