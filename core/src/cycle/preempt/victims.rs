//! The pods that may be evicted from a node, and their order.

use core::cmp::Reverse;

use super::PreemptOptions;
use crate::cycle::Cycle;
use crate::tables::{VictimRow, victim_flag};
use crate::{Error, NONE, NodeId, PodDef, PodId};

impl Cycle<'_, '_, '_> {
    /// Writes the pods of lower priority on a node to `work.victims`, in the order of arrival; how many there are.
    pub(super) fn gather(&mut self, node: NodeId, priority: i32, options: &PreemptOptions<'_>) -> Result<usize, Error> {
        let (t, rows) = (&self.s.tables, &mut *self.s.work.victims);
        let mut count = 0;
        // The list begins with the pod that came last.
        for pod in t.pods_on(node).map(PodId::at).filter(|pod| t.pod_priority[*pod] < priority) {
            let holds = rows.len() as u32;
            let row = rows.get_mut(count).ok_or(Error::Full { table: "victims", holds, needed: holds + 1 })?;
            *row = VictimRow {
                start: t.pod_start[pod],
                priority: t.pod_priority[pod],
                pod: pod as u32,
                row: pod as u32,
                spec: t.pod_spec[pod],
                labels: t.pod_labels[pod],
                uses: t.pod_uses[pod],
                flags: u32::from(t.pod_flags[pod]),
                place: 0,
                claims: options.claims.iter().find(|of| of.pod.at() == pod).map_or(0, |of| of.claims),
                unused: 0,
            };
            count += 1;
        }
        rows[..count].reverse();
        for (row, place) in rows[..count].iter_mut().zip(0..) {
            row.place = place;
        }
        Ok(count)
    }
}

/// Sorts pods by their importance: the higher priority, then the earlier start, then the earlier arrival.
pub(super) fn sort(rows: &mut [VictimRow], options: &PreemptOptions<'_>) {
    let place = |row: &VictimRow| {
        if options.last_unstarted_first && row.start == PodDef::NOT_STARTED { NONE - row.place } else { row.place }
    };
    rows.sort_unstable_by_key(|row| (Reverse(row.priority), row.start, place(row)));
}

/// Moves the victims to the front, in their order; how many there are. Where some pods violate a budget and others do not, kube-scheduler sorts those
/// that must go once more, the ones that violate first: of equals, these stay first.
pub(super) fn keep_victims(rows: &mut [VictimRow], options: &PreemptOptions<'_>) -> usize {
    let violates = |row: &VictimRow| row.flags & victim_flag::VIOLATES != 0;
    let is_mixed = rows.iter().any(violates) && !rows.iter().all(violates);
    let mut kept = 0;
    for at in 0..rows.len() {
        if rows[at].flags & victim_flag::REPRIEVED == 0 {
            rows[kept] = rows[at];
            kept += 1;
        }
    }
    if is_mixed {
        let mut place = 0;
        for first in [true, false] {
            for row in rows[..kept].iter_mut().filter(|row| violates(row) == first) {
                // From 1.37 on, each pod that has not started has a moment of its own, in the order of arrival: of these none are equal.
                if options.last_unstarted_first || row.start != PodDef::NOT_STARTED {
                    row.place = place;
                }
                place += 1;
            }
        }
        sort(&mut rows[..kept], options);
    }
    kept
}
