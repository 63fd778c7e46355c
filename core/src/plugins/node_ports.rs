//! NodePorts: a host port is taken where a pod on the node uses the same protocol and number on the same address, or where one
//! of the two is on all addresses.
//!
//! Upstream: `pkg/scheduler/framework/plugins/nodeports`.

use core::ops::Range;

use super::{Class, Entry, Filter, Marks};
use crate::NodeId;
use crate::plugin::{Plugin, Reason};
use crate::tables::Port;

/// A host port is taken.
pub const TAKEN: Reason = Reason::resolvable(Plugin::NodePorts, 0);

pub(crate) const PLUGIN: Entry = Entry {
    filter: Filter::Class(filter),
    by_pods: |pod, _| pod.class.row.ports.len > 0,
    reasons: &[TAKEN],
    ..Entry::NONE
};

fn filter(class: &Class<'_>, range: Range<usize>, marks: Marks, mask: &mut [u32], _: &[u16]) {
    let wanted = class.t.list(class.row.ports);
    if wanted.is_empty() {
        return;
    }
    let conflicts = |address: u32, taken: u32| taken == address || taken == Port::ALL || address == Port::ALL;
    // A node has fewer pods than a port of a DaemonSet has users.
    if let [mask] = mask {
        let held = class.t.pods_on(NodeId(range.start as u32)).flat_map(|pod| {
            let spec = class.t.specs[class.t.pod_spec[pod.at()] as usize];
            class.t.list(spec.ports).chunks_exact(2)
        });
        for held in held {
            if wanted.chunks_exact(2).any(|port| port[0] == held[0] && conflicts(port[1], held[1])) {
                *mask |= marks.of(TAKEN);
                return;
            }
        }
        return;
    }
    for port in wanted.chunks_exact(2) {
        for row in class.t.uses_of(port[0]) {
            let (node, taken) = (class.t.use_node[row] as usize, class.t.use_tag[row]);
            if range.contains(&node) && conflicts(port[1], taken) {
                mask[node - range.start] |= marks.of(TAKEN);
            }
        }
    }
}
