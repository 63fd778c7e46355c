//! Bound pods and the three lists that run through them: each is as long as there are pods, and goes back the way it came.

use super::{below, holds, known};
use crate::tables::{Count, PodList, Tables, node_flag};
use crate::{Error, NONE};

pub(super) fn check(t: &Tables<'_>) -> Result<(), Error> {
    let rows = t.count(Count::Pods) as usize;
    below(&t.pod_uses[..rows], t.count(Count::UseLists), "pods")?;
    let mut bound = 0;
    for row in 0..rows {
        if t.is_bound(row) {
            known(&[t.pod_node[row]], t.count(Count::Nodes), "pods")?;
            known(&[t.pod_spec[row]], t.count(Count::Specs), "pods")?;
            known(&[t.pod_labels[row]], t.count(Count::LabelClasses), "pods")?;
            holds(t.node_flags[t.pod_node[row] as usize] & node_flag::ALIVE != 0, "pods")?;
            bound += 1;
        } else {
            holds(t.pod_node[row] == NONE, "pods")?;
        }
    }
    holds(bound == t.count(Count::BoundPods) as usize, "pods")?;
    holds(t.pod_flags[rows..].iter().all(|flags| *flags == 0), "pods")?;
    for list in PodList::ALL {
        links(t, list, rows, bound)?;
    }
    // Freed rows hang together, and are all that are not bound.
    let mut free = 0;
    let mut at = t.count(Count::FirstFreePod).wrapping_sub(1);
    while at != NONE {
        let row = at as usize;
        holds(row < rows && !t.is_bound(row) && free < rows, "pods")?;
        free += 1;
        at = t.pod_next[row];
    }
    holds(free + bound == rows, "pods")
}

fn links(t: &Tables<'_>, list: PodList, rows: usize, bound: usize) -> Result<(), Error> {
    let base = list as usize * t.limits.pods as usize;
    let (owners, owner_of) = t.pod_list(list);
    let mut walked = 0;
    for (owner, first) in owners.iter().enumerate() {
        let (mut before, mut at) = (NONE, *first);
        while at != NONE {
            let row = at as usize;
            holds(row < rows && t.is_bound(row) && owner_of[row] as usize == owner && walked < bound, "pods")?;
            holds(t.pod_previous[base + row] == before, "pods")?;
            walked += 1;
            (before, at) = (at, t.pod_next[base + row]);
        }
    }
    holds(walked == bound, "pods")
}
