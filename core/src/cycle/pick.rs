//! Picking one of the best nodes.

use super::Scored;
use super::score::REJECTED;
use crate::NodeId;
use crate::derived::GROUP;
use crate::math::mix;
use crate::math::simd::{self, wide};

/// How to choose among nodes of the same score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pick {
    /// The first in node order.
    First,
    /// By chance, the same for the same number.
    Seeded(u64),
}

/// The result of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// The best node; `None` where no node is feasible.
    pub node: Option<NodeId>,
    /// Its total score; 0 where one node alone was feasible, as scoring is then skipped.
    pub score: i64,
    /// How many nodes have that score.
    pub ties: u32,
    /// How many nodes are feasible.
    pub feasible: u32,
}

impl Scored<'_, '_, '_> {
    /// One of the nodes with the highest total. Without a feasible node there is none.
    #[must_use]
    pub fn pick(self, pick: Pick) -> Decision {
        let (nodes, feasible) = (self.cycle.nodes(), self.feasible);
        let work = &mut self.cycle.s.work;
        let total = &work.total[..nodes];
        let bests = &mut work.best[..nodes.div_ceil(GROUP)];
        // Groups that hold no winner are not looked at again.
        let best = wide!({
            let mut best = REJECTED;
            for (group, group_best) in total.chunks(GROUP).zip(bests) {
                *group_best = group.iter().fold(i64::MIN, |best, total| best.max(*total));
                best = best.max(*group_best);
            }
            best
        });
        let bests = &work.best[..nodes.div_ceil(GROUP)];
        let with_best = || total.chunks(GROUP).enumerate().zip(bests).filter(|(_, b)| **b == best).map(|(b, _)| b);
        let of_group = |group: &[i64]| wide!(simd::count(group.iter().map(|total| *total == best)));
        let ties = with_best().map(|(_, group)| of_group(group)).sum::<u32>();
        let nth = match pick {
            Pick::First => 0,
            Pick::Seeded(seed) => (mix(seed) % u64::from(ties.max(1))) as usize,
        };
        let tied = with_best().flat_map(|(at, group)| {
            let rows = group.iter().enumerate().filter(|(_, total)| **total == best);
            rows.map(move |(row, _)| NodeId((at * GROUP + row) as u32))
        });
        match tied.into_iter().nth(nth).filter(|_| feasible > 0) {
            Some(node) => Decision { node: Some(node), score: best, ties, feasible },
            None => Decision { node: None, score: 0, ties: 0, feasible },
        }
    }
}
