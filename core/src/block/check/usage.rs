//! What pods use on nodes: a list for each thing, and the numbers of volumes on each node that follow from them.

use super::{below, holds, known};
use crate::tables::{Count, Tables};
use crate::{Error, NONE};

pub(super) fn check(t: &mut Tables<'_>) -> Result<(), Error> {
    let (keys, rows) = (t.count(Count::UseKeys) as usize, t.count(Count::Uses) as usize);
    below(&t.use_driver[..keys], t.count(Count::Drivers), "use_keys")?;
    t.driver_used.fill(0);
    let mut walked = 0;
    for key in 0..keys {
        let mut at = t.use_first[key];
        while at != NONE {
            let row = at as usize;
            holds(row < rows && walked < rows, "uses")?;
            known(&[t.use_node[row]], t.count(Count::Nodes), "uses")?;
            let node = t.use_node[row] as usize;
            holds(t.use_count[row] > 0, "uses")?;
            walked += 1;
            at = t.use_next[row];
            // The last of the rows with this node counts.
            let driver = t.use_driver[key];
            let again = core::iter::successors(Some(at), |at| t.use_next.get(*at as usize).copied());
            let mut again = again.take_while(|at| *at != NONE).take(rows);
            if driver != NONE && !again.any(|at| t.use_node.get(at as usize) == Some(&(node as u32))) {
                t.driver_used[driver as usize * t.limits.nodes as usize + node] += 1;
            }
        }
    }
    let mut free = 0;
    let mut at = t.count(Count::FirstFreeUse).wrapping_sub(1);
    while at != NONE {
        let row = at as usize;
        holds(row < rows && t.use_node[row] == NONE && free < rows, "uses")?;
        free += 1;
        at = t.use_next[row];
    }
    holds(free == t.count(Count::FreeUses) as usize && free + walked == rows, "uses")
}
