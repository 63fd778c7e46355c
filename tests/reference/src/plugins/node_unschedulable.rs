//! NodeUnschedulable: a cordoned node takes only pods that tolerate being there.

use bayplan::objects::Taint;

use super::taint_toleration::tolerates;
use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::plugin::{Filter, Plugin, Rejection};

pub(crate) struct NodeUnschedulable;

impl Plugin for NodeUnschedulable {
    fn filter<'a>(&self, cycle: &'a Cycle<'a>, _view: &[NodeView<'a>]) -> Filter<'a> {
        let taint =
            Taint { key: "node.kubernetes.io/unschedulable".into(), effect: "NoSchedule".into(), ..Taint::default() };
        Box::new(move |node| {
            if node.node.spec.unschedulable && !tolerates(&cycle.pod.spec.tolerations, &taint) {
                return Err(Rejection::unresolvable("node(s) were unschedulable"));
            }
            Ok(())
        })
    }
}
