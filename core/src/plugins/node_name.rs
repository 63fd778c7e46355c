//! NodeName: a pod that names its node goes nowhere else.
//!
//! Upstream: `pkg/scheduler/framework/plugins/nodename`.

use core::ops::Range;

use super::{Entry, Filter, Marks, Pod, Work, never};
use crate::plugin::{Plugin, Reason};

/// The pod names another node.
pub const OTHER_NODE: Reason = Reason::unresolvable(Plugin::NodeName, 0);

pub(crate) const PLUGIN: Entry =
    Entry { filter: Filter::Pod { skips: never, run: filter }, by_pods: never, reasons: &[OTHER_NODE], ..Entry::NONE };

fn filter(pod: &Pod<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], _: &mut Work<'_, '_>) {
    let name = pod.request.node_name;
    if !name.is_some() {
        return;
    }
    for (mask, node) in mask.iter_mut().zip(&pod.class.labels(0)[range]) {
        *mask |= if *node != name.0 { marks.of(OTHER_NODE) } else { 0 };
    }
}
