//! DynamicResources: claims on devices are not looked at; without them the score (from 1.35 on) is 0.

use crate::cluster::NodeView;
use crate::cycle::Cycle;
use crate::plugin::Plugin;

pub(crate) struct DynamicResources;

impl Plugin for DynamicResources {
    fn score(&self, _cycle: &Cycle<'_>, feasible: &[&NodeView<'_>]) -> Result<Option<Vec<i64>>, String> {
        Ok(Some(vec![0; feasible.len()]))
    }
}
