//! What the scores of resources need of a node alone: the reciprocals of its CPU and memory, and how balanced the two are
//! before a pod comes. Division is most of what these scores cost, and these are the divisions that do not depend on the
//! pod. Kept for CPU and memory only, which is what the default profile scores.

use core::ops::Range;

use crate::cache::Cache;
use crate::cycle::Scheduler;
use crate::plugins::node_resources_balanced_allocation;
use crate::simd::wide;
use crate::tables::{Sequence, Tables};
use crate::{ResourceId, divide};

/// The places in `share_state`.
const CURSOR: usize = 0;
const BITS: usize = 1;
const LACKS: usize = 2;

/// The columns, where they can be used: all numbers of CPU and memory are small, see [`divide`].
#[derive(Clone, Copy)]
pub(crate) struct Shares<'c> {
    /// One over what can be requested, of CPU and of memory; only where each node has some of both, and none so much that
    /// its reciprocal is not exact enough.
    pub(crate) inverse: Option<[&'c [f64]; 2]>,
    /// The score of the balance of CPU and memory, without a pod.
    pub(crate) balance: &'c [f64],
}

/// CPU and memory, each with the pods' requests and the least that scoring assumes.
fn columns<'t>(t: &'t Tables<'_>, resource: ResourceId) -> [&'t [i64]; 3] {
    let stride = t.limits.nodes as usize;
    let rows = resource.at() * stride..resource.at() * stride + t.node_rows();
    [&t.allocatable[rows.clone()], &t.requested[rows.clone()], &t.non_zero[rows]]
}

impl Cache<'_> {
    /// The columns; none where a number of CPU or memory is too large for them.
    pub(crate) fn shares(&self) -> Option<Shares<'_>> {
        let stride = self.limits.nodes as usize;
        let (cpu, memory) = self.share_inverse.split_at(stride);
        let bits = self.share_state[BITS];
        let inverse = self.share_state[LACKS] == 0 && divide::has_reciprocal(bits);
        let shares = Shares { inverse: inverse.then_some([cpu, memory]), balance: self.share_balance };
        divide::is_small(bits as i64).then_some(shares)
    }

    fn update_shares(&mut self, t: &Tables<'_>, range: Range<usize>) {
        let stride = self.limits.nodes as usize;
        let [cpu, memory] = [ResourceId::CPU, ResourceId::MEMORY].map(|resource| columns(t, resource));
        let mut lacks = false;
        for (at, columns) in [cpu, memory].into_iter().enumerate() {
            let all = &columns[0][range.clone()];
            let inverse = &mut self.share_inverse[at * stride..][range.clone()];
            wide!({
                for (inverse, all) in inverse.iter_mut().zip(all) {
                    *inverse = 1.0 / divide::to_f64(*all);
                }
            });
            lacks |= all.contains(&0);
            for column in columns {
                self.share_state[BITS] |= divide::bits(&column[range.clone()]);
            }
        }
        self.share_state[LACKS] |= u64::from(lacks);
        let balance = &mut self.share_balance[range.clone()];
        let [cpu, memory] = [cpu, memory].map(|columns| [&columns[0][range.clone()], &columns[1][range.clone()]]);
        wide!(node_resources_balanced_allocation::of_nodes(cpu, memory, balance));
    }
}

impl Scheduler<'_> {
    /// Brings the columns up to date by the journal.
    pub(crate) fn refresh_shares(&mut self) {
        let t = &self.tables;
        let (head, cursor) = (t.sequence(Sequence::Journal), self.cache.share_state[CURSOR]);
        match cursor.checked_sub(1).map(|cursor| head - cursor.min(head)) {
            Some(behind) if behind <= t.journal.len() as u64 && behind <= t.node_rows() as u64 => {
                for back in (1..=behind).rev() {
                    let node = t.changed(back);
                    self.cache.update_shares(t, node..node + 1);
                }
            }
            _ => {
                self.cache.share_state.fill(0);
                self.cache.update_shares(t, 0..t.node_rows());
            }
        }
        self.cache.share_state[CURSOR] = head + 1;
    }
}
