//! The scheduler over its tables: picks and ties, binding, full tables, ids that are not there, nominated pods, growth, blocks from
//! elsewhere, and columns that follow changes.

mod block;
mod caches;
mod errors;
mod nominated;
mod pick;

use bayplan_core::{Decision, Error, Limits, NodeId, Pick, Request, Scheduler, block_words};
use bayplan_worlds::small::{World, limits};

/// Calls `check` with the small world: of its four nodes 0 and 1 will do, with 4 and 8 CPUs, and pods ask for one.
fn small(check: impl FnOnce(&mut Scheduler<'_>, &World) -> Result<(), Error>) {
    with(&limits(), check);
}

fn with(limits: &Limits, check: impl FnOnce(&mut Scheduler<'_>, &World) -> Result<(), Error>) {
    let mut block = vec![0; block_words(limits)];
    let mut s = Scheduler::init(&mut block, limits).expect("the limits are large enough");
    let world = World::build(&mut s).expect("the limits are large enough");
    check(&mut s, &world).expect("every id is there, and there is room");
}

fn go(s: &mut Scheduler<'_>, request: &Request<'_>) -> Result<(Option<NodeId>, u32), Error> {
    let found = s.decide(request, Pick::First)?;
    Ok((found.node, found.feasible))
}

/// Node, score, ties and feasible nodes.
fn parts(found: Decision) -> (Option<NodeId>, i64, u32, u32) {
    (found.node, found.score, found.ties, found.feasible)
}
