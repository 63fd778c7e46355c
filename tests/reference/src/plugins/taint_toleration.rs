//! TaintToleration: taints keep pods away that don't tolerate them; PreferNoSchedule taints only lower the score.

use bayplan::objects::{Node, Pod, Taint, Toleration};

use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::plugin::{Filter, Plugin, Rejection, normalize};

pub(crate) struct TaintToleration;

impl Plugin for TaintToleration {
    fn filter<'a>(&self, cycle: &'a Cycle<'a>, _view: &[NodeView<'a>]) -> Filter<'a> {
        Box::new(|node| {
            if has_untolerated_taint(cycle.pod, node.node) {
                return Err(Rejection::unresolvable("node(s) had untolerated taint(s)"));
            }
            Ok(())
        })
    }

    /// The fewer taints to avoid, the better. Tolerations of other effects don't count.
    fn score(&self, cycle: &Cycle<'_>, feasible: &[&NodeView<'_>]) -> Result<Option<Vec<i64>>, String> {
        let prefers_not =
            |taint: &&Taint| taint.effect == "PreferNoSchedule" && !tolerates(&cycle.pod.spec.tolerations, taint);
        let count = |node: &&NodeView<'_>| node.node.spec.taints.iter().filter(prefers_not).count() as i64;
        let mut scores: Vec<i64> = feasible.iter().map(count).collect();
        normalize(&mut scores, true);
        Ok(Some(scores))
    }
}

/// Whether a taint of the node keeps the pod from being placed there.
pub(crate) fn has_untolerated_taint(pod: &Pod, node: &Node) -> bool {
    let keeps_away = |taint: &&Taint| matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute");
    node.spec.taints.iter().filter(keeps_away).any(|taint| !tolerates(&pod.spec.tolerations, taint))
}

/// Whether one of the tolerations tolerates the taint. An empty key or effect stands for any; the operators that compare
/// numbers are off in every version.
pub(crate) fn tolerates(tolerations: &[Toleration], taint: &Taint) -> bool {
    tolerations.iter().any(|toleration| {
        (toleration.effect.is_empty() || toleration.effect == taint.effect)
            && (toleration.key.is_empty() || toleration.key == taint.key)
            && match toleration.operator.as_str() {
                "" | "Equal" => toleration.value == taint.value,
                "Exists" => true,
                _ => false,
            }
    })
}
