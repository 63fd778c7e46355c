//! ImageLocality: nodes that hold the pod's images already are better, the larger the images and the more nodes hold them (so that
//! pods do not heat up one node).
//!
//! Upstream: `pkg/scheduler/framework/plugins/imagelocality`. Sizes are bytes: 23 MiB in all score 0, 1000 MiB a container 100.

use core::ops::Range;

use super::{Class, Entry, Score};
use crate::derived::{NodeResources, Scratch};

pub(crate) const PLUGIN: Entry = Entry { score: Score::Class { skips: |_| false, add: score }, ..Entry::NONE };

const MIB: i64 = 1024 * 1024;
const LEAST: i64 = 23 * MIB;
const MOST_PER_CONTAINER: i64 = 1000 * MIB;

/// The score of a list of images.
fn score_of(class: &Class<'_>, set: u32) -> i64 {
    let Some(held) = class.t.image_list.get(set as usize) else { return 0 };
    let held = class.t.list(*held);
    let total = f64::from(class.t.alive_nodes());
    let mut sum = 0i64;
    for image in class.t.list(class.row.images) {
        if held.chunks_exact(3).any(|h| h[0] == *image) {
            let image = *image as usize;
            let share = f64::from(class.t.image_nodes[image]) / total;
            sum = sum.wrapping_add((class.t.image_size[image] as f64 * share) as i64);
        }
    }
    let most = MOST_PER_CONTAINER * i64::from(class.row.image_count);
    let clamped = if sum < LEAST { LEAST } else { sum.min(most) };
    100 * (clamped - LEAST) / (most - LEAST)
}

/// Adds the weighted score.
fn score(
    class: &Class<'_>,
    range: Range<usize>,
    weight: i64,
    out: &mut [i64],
    _: Option<NodeResources<'_>>,
    work: &mut Scratch<'_>,
) {
    if class.row.images.len == 0 {
        return;
    }
    if let [out] = out {
        *out += weight * score_of(class, class.t.image_set[range.start]);
        return;
    }
    let sets = class.t.count(crate::tables::Count::ImageSets) as usize;
    let scores = &mut work.image_sets[..sets];
    for (score, set) in scores.iter_mut().zip(0..) {
        *score = weight * score_of(class, set);
    }
    if scores.iter().all(|score| *score == 0) {
        return;
    }
    for (out, set) in out.iter_mut().zip(&class.t.image_set[range]) {
        *out += scores.get(*set as usize).copied().unwrap_or(0);
    }
}
