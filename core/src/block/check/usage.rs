//! What pods use on nodes: a list for each thing, and the numbers of volumes on each node that follow from them.
//!
//! Each row is in one list, or freed, and a thing has one row for each node and tag. How many pods a row counts is what the
//! bound pods say. None of it takes memory: a row that was seen is marked in its own count, and rows of the same thing on the
//! same node are chained through their node.

use super::{below, holds, known};
use crate::math::mix;
use crate::tables::{Count, Range, Tables, UseTag};
use crate::{Error, NONE};

/// Set in the count of a row that was seen; no row counts so many pods.
const SEEN: u32 = 1 << 31;
/// Set in the node of a row that stands behind another of the same thing and node; the rest is that row.
const BEHIND: u32 = 1 << 31;

pub(super) fn check(t: &mut Tables<'_>) -> Result<(), Error> {
    let (keys, rows) = (t.count(Count::UseKeys) as usize, t.count(Count::Uses) as usize);
    below(&t.use_driver[..keys], t.count(Count::Drivers), "use_keys")?;
    holds(rows < BEHIND as usize && t.node_rows() < BEHIND as usize, "uses")?;
    holds(t.use_count[..rows].iter().all(|count| *count < SEEN), "uses")?;
    // A column that is counted again later.
    t.requested.fill(0);
    t.driver_used.fill(0);
    let mut seen = 0;
    for key in 0..keys {
        seen += of_key(t, key)?;
    }
    let mut free = 0;
    let mut at = t.count(Count::FirstFreeUse).wrapping_sub(1);
    while at != NONE {
        see(t, at, rows)?;
        holds(t.use_node[at as usize] == NONE, "uses")?;
        free += 1;
        at = t.use_next[at as usize];
    }
    holds(free == t.count(Count::FreeUses) as usize && free + seen == rows, "uses")?;
    t.use_count[..rows].iter_mut().for_each(|count| *count &= !SEEN);
    holds(fingerprint_of_rows(t, keys) == fingerprint_of_pods(t), "uses")
}

/// Marks a row that must not have been seen before.
fn see(t: &mut Tables<'_>, at: u32, rows: usize) -> Result<(), Error> {
    let row = at as usize;
    holds(row < rows && t.use_count[row] & SEEN == 0, "uses")?;
    t.use_count[row] |= SEEN;
    Ok(())
}

/// Looks at the rows of a key, and counts the nodes on which its driver has the volume; how many rows they are.
fn of_key(t: &mut Tables<'_>, key: usize) -> Result<usize, Error> {
    let rows = t.count(Count::Uses) as usize;
    let mut seen = 0;
    let mut at = t.use_first[key];
    while at != NONE {
        see(t, at, rows)?;
        let row = at as usize;
        holds(t.use_count[row] & !SEEN > 0, "uses")?;
        known(&[t.use_node[row]], t.count(Count::Nodes), "uses")?;
        let node = t.use_node[row] as usize;
        // The last row of the node so far, if it is one of this key.
        let last = t.requested[node] as u64;
        if last >> 32 == key as u64 + 1 {
            let mut other = last as u32;
            loop {
                holds(t.use_tag[other as usize] != t.use_tag[row], "uses")?;
                let behind = t.use_node[other as usize];
                if behind & BEHIND == 0 {
                    break;
                }
                other = behind & !BEHIND;
            }
            t.use_node[row] = BEHIND | last as u32;
        } else if t.use_driver[key] != NONE {
            t.driver_used[t.use_driver[key] as usize * t.limits.nodes as usize + node] += 1;
        }
        t.requested[node] = ((key as u64 + 1) << 32 | u64::from(at)) as i64;
        seen += 1;
        at = t.use_next[row];
    }
    // A row stands behind one that comes before it in the list, which has its node again by then.
    at = t.use_first[key];
    while at != NONE {
        let row = at as usize;
        if t.use_node[row] & BEHIND != 0 {
            t.use_node[row] = t.use_node[(t.use_node[row] & !BEHIND) as usize];
        }
        at = t.use_next[row];
    }
    Ok(seen)
}

/// A number that follows from how often each thing is used in which way on which node. Two sums of such uses are the same, in
/// whatever order, where the uses are; where they are not, one in 2^64. Attached volumes are left out: no pod says that they are.
fn fingerprint_of_rows(t: &Tables<'_>, keys: usize) -> u64 {
    let mut sum = 0u64;
    for key in 0..keys as u32 {
        for row in t.uses_of(key).filter(|row| t.use_tag[*row] != UseTag::Attached as u32) {
            let use_ = scrambled(key, t.use_node[row], t.use_tag[row]);
            sum = sum.wrapping_add(use_.wrapping_mul(u64::from(t.use_count[row])));
        }
    }
    sum
}

/// The same of the bound pods.
fn fingerprint_of_pods(t: &Tables<'_>) -> u64 {
    let mut sum = 0u64;
    for pod in (0..t.count(Count::Pods) as usize).filter(|pod| t.is_bound(*pod)) {
        let spec = t.specs[t.pod_spec[pod] as usize];
        let own = t.use_lists.get(t.pod_uses[pod] as usize).copied().unwrap_or_default();
        for list in [spec.ports, spec.disks, own] {
            sum = sum.wrapping_add(of_list(t, list, t.pod_node[pod]));
        }
    }
    sum
}

fn of_list(t: &Tables<'_>, list: Range, node: u32) -> u64 {
    let pairs = t.list(list).chunks_exact(2).filter(|pair| pair[1] != UseTag::Attached as u32);
    pairs.map(|pair| scrambled(pair[0], node, pair[1])).fold(0, u64::wrapping_add)
}

/// Three numbers made one that looks like chance.
fn scrambled(key: u32, node: u32, tag: u32) -> u64 {
    mix(mix(u64::from(key) << 32 | u64::from(node)) ^ u64::from(tag))
}
