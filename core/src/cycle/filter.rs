//! Filtering all nodes: the cached columns of the class, then what depends on the request and on other pods.

use core::ops::Range;

use super::Cycle;
use super::columns::filters;
use super::external::External;
use super::mask::bit;
use crate::plugin::Plugin;
use crate::plugins::{Filter, Marks, Pod, Work, entry};
use crate::tables::Rule;

impl Cycle<'_, '_, '_> {
    /// Writes into `work.mask` which filters reject which node as it is.
    pub(super) fn mark(&mut self) {
        let slot = self.s.refresh(self.request.spec, &self.row, &self.profile);
        let nodes = self.nodes();
        let stride = self.s.tables.limits.nodes as usize;
        let mask = core::mem::take(&mut self.s.work.mask);
        mask[..nodes].copy_from_slice(&self.s.cache.slot_mask[slot * stride..slot * stride + nodes]);
        let (pod, mut work, mut external) = self.parts();
        filter_request(&pod, 0..nodes, &mut mask[..nodes], 0, &mut work, &mut external);
        self.s.work.mask = mask;
    }
}

/// Adds what depends on the request and on other pods to the masks of a range of nodes. The filters at the places in `skip` say
/// nothing.
pub(super) fn filter_request(
    pod: &Pod<'_>,
    range: Range<usize>,
    mask: &mut [u32],
    skip: u32,
    work: &mut Work<'_, '_>,
    external: &mut Option<&mut (dyn External + '_)>,
) {
    let class = &pod.class;
    if pod.request.pin.is_some() {
        for (mask, name) in mask.iter_mut().zip(&class.labels(0)[range.clone()]) {
            *mask |= if *name == pod.request.pin.0 { 0 } else { bit::NOT_NAMED };
        }
    }
    // The nominated node is looked at before those that the affinity names are picked out; it does not match, then.
    if let Some(node) = class.t.nominated_to(pod.request.nomination)
        && range.contains(&node.at())
        && mask[node.at() - range.start] & bit::NOT_NAMED != 0
        && let Some((place, _)) = filters(class.profile).find(|(_, rule)| *rule == Rule::Plugin(Plugin::NodeAffinity))
    {
        mask[node.at() - range.start] |= 1 << place;
    }
    for (place, rule) in filters(class.profile).filter(|(place, _)| skip >> place & 1 == 0) {
        match rule {
            Rule::Plugin(plugin) => {
                if let Filter::Pod { run, .. } = entry(plugin).filter {
                    run(pod, range.clone(), Marks::filter(place), mask, work);
                }
            }
            Rule::External(slot) => {
                let codes = core::mem::take(&mut work.scratch.marks);
                // kube-scheduler runs no filter on a node that one before has rejected.
                let mut external = external.as_deref_mut().filter(|_| mask.contains(&0));
                super::external::codes(pod, slot, range.clone(), &mut codes[range.clone()], &mut external);
                for (mask, code) in mask.iter_mut().zip(&codes[range.clone()]) {
                    *mask |= u32::from(*code != 0) << place;
                }
                work.scratch.marks = codes;
            }
        }
    }
}
