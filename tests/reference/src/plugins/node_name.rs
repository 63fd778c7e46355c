//! NodeName: a pod that names its node goes nowhere else.

use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::plugin::{Filter, Plugin, PreFilter, Rejection};

pub(crate) struct NodeName;

impl Plugin for NodeName {
    /// Only from 1.37 on.
    fn pre_filter(&self, cycle: &Cycle<'_>) -> Result<PreFilter, Rejection> {
        let name = &cycle.pod.spec.node_name;
        Ok(if name.is_empty() { PreFilter::Pass } else { PreFilter::Only([name.clone()].into()) })
    }

    fn filter<'a>(&self, cycle: &'a Cycle<'a>, _view: &[NodeView<'a>]) -> Filter<'a> {
        Box::new(|node| {
            let name = &cycle.pod.spec.node_name;
            if name.is_empty() || *name == node.node.metadata.name {
                return Ok(());
            }
            Err(Rejection::unresolvable("node(s) didn't match the requested node name"))
        })
    }
}
