//! The plain path: the reference implementation keeps no caches and walks all nodes. It must hold what was timed for as good as any.

use bayplan_reference::Reference;
use bayplan_reference::vector::{Case, Engine};

use crate::timing::Times;

/// The reference implementation preempts for a pod that fits nowhere, which takes minutes on more nodes than these.
const NODES_FOR_PENDING: usize = 200;

/// Compares the first `most` decisions of the queue; pods that fit nowhere only on few nodes, as nothing follows from them. Gives how many were compared.
pub(crate) fn plain(case: &Case, version: &str, times: &Times, most: usize) -> Result<usize, String> {
    if most == 0 {
        return Ok(0);
    }
    let mut plain = Reference::load(version, case.config.as_ref(), &case.objects)?;
    let first = case.pending.iter().zip(&times.decided).zip(1..).take(most);
    let mut verified = 0;
    for ((pod, node), start) in first {
        if node.is_none() && times.nodes > NODES_FOR_PENDING {
            continue;
        }
        let step = plain.decide(pod)?;
        match node {
            Some(node) if step.best.contains(node) || step.node == *node => plain.bind(pod, node, start)?,
            None if step.result != "Scheduled" => {}
            _ => {
                return Err(format!(
                    "{pod}: timed was {node:?}, the reference implementation says {}: {:?}",
                    step.result, step.best
                ));
            }
        }
        verified += 1;
    }
    Ok(verified)
}
