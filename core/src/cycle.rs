//! One scheduling cycle: filter → score → pick. It places nothing; [`Scheduler::bind`] does.

use crate::cache::{BLOCK, Cache, Scratch};
use crate::columns::bit;
use crate::mix::mix;
use crate::plugins::{MAX_WAITING, Volumes};
use crate::score::REJECTED;
use crate::simd::{self, wide};
use crate::tables::{Count, Tables};
use crate::{Error, LabelClassId, Limits, NodeId, NominationId, SelectorId, SpecId, StrId, UseListId};

/// A pod to decide for: its classes, and what differs between siblings.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Its spec class.
    pub spec: SpecId,
    /// Its label class.
    pub labels: LabelClassId,
    /// The node that `spec.nodeName` names, or none.
    pub node_name: StrId,
    /// The only node that its affinity admits by name, where that is all it says (a daemon set's pod), or none.
    pub pin: StrId,
    /// The pods that it is spread from by default, or none.
    pub default_selector: SelectorId,
    /// The volumes and claims that it uses, or none.
    pub uses: UseListId,
    /// The room that is held for it on a node, or none: that node is taken where it is feasible.
    pub nomination: NominationId,
    /// What its claims need of a node.
    pub volumes: Volumes<'a>,
    /// Nodes that are out of the question for a reason of the caller's.
    pub rejects: &'a [NodeId],
}

impl Request<'_> {
    /// A pod that names no node, is spread from none by default and has no volumes.
    #[must_use]
    pub const fn new(spec: SpecId, labels: LabelClassId) -> Self {
        Self {
            spec,
            labels,
            node_name: StrId::NONE,
            pin: StrId::NONE,
            default_selector: SelectorId::NONE,
            uses: UseListId::NONE,
            nomination: NominationId::NONE,
            volumes: Volumes { bound: &[], lost: false, zoned: &[], waiting: &[] },
            rejects: &[],
        }
    }

    /// The ids are there, and no more claims wait than there is room for on the stack.
    pub(crate) fn check(&self, t: &Tables<'_>) -> Result<(), Error> {
        t.known(Count::LabelClasses, "label_classes", self.labels.0)?;
        t.known_or_none(Count::UseLists, "use_lists", self.uses.0)?;
        t.known_or_none(Count::Selectors, "selectors", self.default_selector.0)?;
        let volumes = self.volumes.bound.iter().chain(self.volumes.zoned);
        let waiting = self.volumes.waiting.iter().flat_map(|claim| claim.candidates.iter().chain(claim.reserved));
        for volume in volumes.chain(waiting) {
            t.known(Count::Volumes, "volumes", volume.0)?;
        }
        if self.volumes.waiting.len() > MAX_WAITING {
            return Err(Error::OutOfRange { field: "waiting claims", most: MAX_WAITING as u64 });
        }
        Ok(())
    }
}

/// How to choose among nodes of the same score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The first in node order.
    First,
    /// By chance, the same for the same number.
    Seeded(u64),
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// The tables and their caches, ready to decide.
pub struct Scheduler<'m> {
    /// The state.
    pub tables: Tables<'m>,
    pub(crate) cache: Cache<'m>,
    pub(crate) work: Scratch<'m>,
}
impl<'m> Scheduler<'m> {
    pub(crate) fn new(tables: Tables<'m>, cache: Cache<'m>, work: Scratch<'m>) -> Self {
        Self { tables, cache, work }
    }

    pub(crate) fn reset(&mut self) {
        self.tables.reset();
        self.forget();
    }

    /// Empties the caches.
    pub(crate) fn forget(&mut self) {
        self.cache.reset();
        self.work.reset();
    }

    /// The limits of the block.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.tables.limits
    }

    /// Decides for a pod. Nothing is changed in the end but caches; where room is held for other pods, these are bound and
    /// taken off again.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for an id that is not there; [`Error::Full`] where there is no room for the pods that room is held
    /// for.
    pub fn decide(&mut self, request: &Request<'_>, pick: Pick) -> Result<Decision, Error> {
        let (row, profile) = self.filter(request)?;
        let nodes = self.tables.node_rows();
        let mask = &self.work.mask[..nodes];
        let feasible = wide!(simd::count(mask.iter().map(|mask| *mask == 0)));
        if let Some(node) = self.tables.nominated_to(request.nomination)
            && mask.get(node.at()).is_some_and(|mask| mask & !bit::NOT_NAMED == 0)
        {
            return Ok(Decision { node: Some(node), score: 0, ties: 1, feasible });
        }
        if feasible <= 1 {
            let node = mask.iter().position(|mask| *mask == 0).map(|node| NodeId(node as u32));
            return Ok(Decision { node, score: 0, ties: feasible, feasible });
        }
        self.score(request, &row, &profile)?;
        let (node, score, ties) = self.pick(pick);
        Ok(Decision { node: Some(node), score, ties, feasible })
    }

    /// The winner, its score, and how many nodes have it.
    fn pick(&mut self, pick: Pick) -> (NodeId, i64, u32) {
        let nodes = self.tables.node_rows();
        let total = &self.work.total[..nodes];
        let bests = &mut self.work.best[..nodes.div_ceil(BLOCK)];
        // Blocks that hold no winner are not looked at again.
        let best = wide!({
            let mut best = REJECTED;
            for (block, block_best) in total.chunks(BLOCK).zip(bests) {
                *block_best = block.iter().fold(i64::MIN, |best, total| best.max(*total));
                best = best.max(*block_best);
            }
            best
        });
        let bests = &self.work.best[..nodes.div_ceil(BLOCK)];
        let with_best = || total.chunks(BLOCK).enumerate().zip(bests).filter(|(_, b)| **b == best).map(|(b, _)| b);
        let of_block = |block: &[i64]| wide!(simd::count(block.iter().map(|total| *total == best)));
        let ties = with_best().map(|(_, block)| of_block(block)).sum::<u32>();
        let nth = match pick {
            Pick::First => 0,
            Pick::Seeded(seed) => (mix(seed) % u64::from(ties.max(1))) as usize,
        };
        let tied = with_best().flat_map(|(at, block)| {
            let rows = block.iter().enumerate().filter(|(_, total)| **total == best);
            rows.map(move |(row, _)| NodeId((at * BLOCK + row) as u32))
        });
        (tied.into_iter().nth(nth).unwrap_or(NodeId::NONE), best, ties)
    }
}
