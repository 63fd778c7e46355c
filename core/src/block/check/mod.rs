//! Checks of state that came from elsewhere. Every id, list and link that is later followed is looked at; what can be counted
//! again is, and rows that are not in use are cleared.

mod lists;
mod pods;
mod unused;
mod usage;

use crate::tables::{Count, Range, Sequence, Tables, node_flag};
use crate::{Error, Limits, NONE};

/// # Errors
/// [`Error::Corrupt`] with the table.
pub(crate) fn check(t: &mut Tables<'_>) -> Result<(), Error> {
    counts(t)?;
    unused::clear(t);
    nodes(t)?;
    lists::check(t)?;
    pods::check(t)?;
    usage::check(t)?;
    count_again(t);
    Ok(())
}

/// Limits without which nothing works.
///
/// # Errors
/// [`Error::Full`] for one that is too small.
pub(crate) fn limits(limits: &Limits) -> Result<(), Error> {
    let numbers = Limits::NAMES.iter().zip(limits.to_words()).zip(Limits::LEAST);
    match numbers.into_iter().find(|((_, holds), needed)| holds < needed) {
        Some(((table, holds), needed)) => Err(Error::Full { table, holds, needed }),
        None => Ok(()),
    }
}

fn corrupt(table: &'static str) -> Error {
    Error::Corrupt { table }
}

/// The error where something does not hold.
fn holds(what: bool, table: &'static str) -> Result<(), Error> {
    if what { Ok(()) } else { Err(corrupt(table)) }
}

/// Ids are in range or none.
fn below(column: &[u32], most: u32, table: &'static str) -> Result<(), Error> {
    holds(column.iter().all(|id| *id < most || *id == NONE), table)
}

/// Ids are in range.
fn known(column: &[u32], most: u32, table: &'static str) -> Result<(), Error> {
    holds(column.iter().all(|id| *id < most), table)
}

/// The words of a list, which is in the arena and a whole number of units long.
fn words<'t>(t: &'t Tables<'_>, range: Range, unit: usize, table: &'static str) -> Result<&'t [u32], Error> {
    let end = range.start as usize + range.len as usize;
    let inside = end <= t.count(Count::Arena) as usize && (range.len as usize).is_multiple_of(unit);
    holds(inside, table)?;
    Ok(t.list(range))
}

fn counts(t: &Tables<'_>) -> Result<(), Error> {
    for (which, least) in Count::TABLES.iter().zip(Limits::LEAST) {
        holds((least..=which.limit(&t.limits)).contains(&t.count(*which)), which.name())?;
    }
    // Far from an end that no cluster reaches.
    let sequences = [Sequence::Journal, Sequence::Epoch, Sequence::Labels, Sequence::Topology];
    holds(sequences.into_iter().all(|sequence| t.sequence(sequence) >> 62 == 0), "sequences")
}

fn nodes(t: &Tables<'_>) -> Result<(), Error> {
    let nodes = t.node_rows();
    below(t.labels, t.count(Count::Strings), "labels")?;
    below(&t.taint_set[..nodes], t.count(Count::TaintSets), "nodes")?;
    below(&t.image_set[..nodes], t.count(Count::ImageSets), "nodes")?;
    let noted = t.sequence(Sequence::Journal).min(t.journal.len() as u64) as usize;
    known(&t.journal[..noted], t.count(Count::Nodes), "journal")?;
    let alive = |node: &usize| t.node_flags[*node] & node_flag::ALIVE != 0;
    holds((0..nodes).filter(alive).count() == t.alive_nodes() as usize, "nodes")?;
    // Nodes that went leave nothing behind.
    let left = (0..nodes).filter(|node| !alive(node));
    let keys = t.count(Count::Keys);
    for node in left {
        holds((0..keys).all(|key| t.labels_of(key)[node] == NONE) && t.node_pods[node] == NONE, "nodes")?;
    }
    for at in 0..t.count(Count::Nominations) as usize {
        if t.nominated_node[at] != NONE {
            known(&t.nominated_node[at..=at], t.count(Count::Nodes), "nominations")?;
            known(&t.nominated_spec[at..=at], t.count(Count::Specs), "nominations")?;
            known(&t.nominated_labels[at..=at], t.count(Count::LabelClasses), "nominations")?;
            below(&t.nominated_uses[at..=at], t.count(Count::UseLists), "nominations")?;
        }
    }
    below(&t.budget_selector[..t.count(Count::Budgets) as usize], t.count(Count::Selectors), "budgets")
}

/// Recounts what follows from the rest: what is requested of nodes, which terms are carried, what selectors match, which
/// images are held.
fn count_again(t: &mut Tables<'_>) {
    t.requested.fill(0);
    t.non_zero.fill(0);
    t.term_pods.fill(0);
    for pod in 0..t.count(Count::Pods) as usize {
        if t.pod_node[pod] != NONE {
            t.charge_amounts(pod, true);
        }
    }
    t.selector_matches.fill(0);
    for selector in 0..t.count(Count::Selectors) as usize {
        for class in 0..t.count(Count::LabelClasses) as usize {
            t.evaluate(selector, class);
        }
    }
    t.image_nodes.fill(0);
    for node in 0..t.node_rows() {
        if t.node_flags[node] & node_flag::ALIVE != 0 {
            t.hold_images(t.image_set[node]);
        }
    }
}
