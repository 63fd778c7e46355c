//! The caller's own filters and scores, in named slots with a place in the profile's order. What a slot says is a column that was given
//! before ([`Scheduler::set_external`](crate::Scheduler::set_external)), or is answered in the cycle by an [`External`].

use core::ops::Range;

use super::Cycle;
use super::score::LEAST_TOTAL;
use crate::derived::GROUP;
use crate::plugins::Pod;
use crate::request::Request;
use crate::tables::Normalize;
use crate::{ExternalId, NodeId};

/// Answers for the caller's slots in a cycle, for batches of nodes: at most 64 rows each, in node order; removed nodes and rejected ones are among them,
/// but a filter is not asked where every node was rejected before. It must give
/// the same answer to the same question within a cycle.
///
/// ```
/// use bayplan_core::{External, ExternalId, NodeId, Request};
///
/// /// Keeps pods off every third node, and likes later nodes.
/// struct Thirds;
///
/// impl External for Thirds {
///     fn filter(&mut self, _slot: ExternalId, _request: &Request<'_>, first: NodeId, codes: &mut [u32]) {
///         for (node, code) in (first.0..).zip(codes) {
///             *code = if node % 3 == 0 { 7 } else { 0 };
///         }
///     }
///     fn score(&mut self, _slot: ExternalId, _request: &Request<'_>, first: NodeId, scores: &mut [i64]) {
///         for (node, score) in (first.0..).zip(scores) {
///             *score = i64::from(node);
///         }
///     }
/// }
/// ```
pub trait External {
    /// Whether the slot rejects the nodes from `first` on: a code other than 0, which the reason carries; the highest bit says that no preemption can
    /// help. `codes` come with what the slot's own column says.
    fn filter(&mut self, slot: ExternalId, request: &Request<'_>, first: NodeId, codes: &mut [u32]);

    /// The slot's scores of the nodes from `first` on, before normalising: between -2^53 and 2^53, anything beyond counts as that.
    /// They come with what the slot's own column says.
    fn score(&mut self, slot: ExternalId, request: &Request<'_>, first: NodeId, scores: &mut [i64]);
}

/// Writes a slot's codes for a range of nodes.
pub(super) fn codes(
    pod: &Pod<'_>,
    slot: ExternalId,
    range: Range<usize>,
    codes: &mut [u32],
    external: &mut Option<&mut (dyn External + '_)>,
) {
    match pod.class.t.external_codes(slot.0, pod.class.spec.0) {
        [] => codes.fill(0),
        given => codes.copy_from_slice(&given[range.clone()]),
    }
    if let Some(external) = external {
        for (batch, codes) in codes.chunks_mut(GROUP).enumerate() {
            let first = NodeId((range.start + batch * GROUP) as u32);
            external.filter(slot, pod.request, first, codes);
        }
    }
}

impl Cycle<'_, '_, '_> {
    /// Adds a slot's weighted score to `work.total`.
    pub(super) fn add_external(&mut self, slot: ExternalId, weight: i64) {
        const MOST: i64 = crate::tables::MOST_SCORE as i64;
        let nodes = self.nodes();
        let normalize = self.s.tables.externals[slot.at()].normalize;
        let raw = core::mem::take(&mut self.s.work.raw);
        let (pod, work, external) = self.parts();
        let scores = &mut raw[..nodes];
        match pod.class.t.external_scores(slot.0, pod.class.spec.0) {
            [] => scores.fill(0),
            given => scores.copy_from_slice(given),
        }
        if let Some(external) = external {
            for (batch, scores) in scores.chunks_mut(GROUP).enumerate() {
                external.score(slot, pod.request, NodeId((batch * GROUP) as u32), scores);
            }
        }
        let (mask, total) = (&work.scratch.mask[..nodes], &mut work.scratch.total[..nodes]);
        let feasible = || scores.iter().zip(mask).filter(|(_, mask)| **mask == 0).map(|(score, _)| *score);
        let most = feasible().max().unwrap_or(0).clamp(0, MOST);
        for ((score, mask), total) in scores.iter().zip(mask).zip(total) {
            if *mask != 0 {
                continue;
            }
            let score = (*score).clamp(-MOST, MOST);
            let share = |score: i64| (i128::from(score) * 100 / i128::from(most.max(1))) as i64;
            let score = match normalize {
                n if n == Normalize::Highest as u32 => share(score),
                n if n == Normalize::Reverse as u32 && most == 0 => 100,
                n if n == Normalize::Reverse as u32 => 100 - share(score),
                _ => score,
            };
            // A feasible node stays above those that are not, however far down its score is.
            *total = total.saturating_add(score.saturating_mul(weight)).max(LEAST_TOTAL);
        }
        self.s.work.raw = raw;
    }
}
