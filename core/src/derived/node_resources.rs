//! What the scores of resources need of a node alone: the reciprocals of its CPU and memory, and how evenly the two are used
//! before a pod comes. Division is most of what these scores cost, and these are the divisions that do not depend on the
//! pod. Kept for CPU and memory only, which is what the default profile scores.

use core::ops::Range;

use super::Cache;
use crate::ResourceId;
use crate::math::exact_division;
use crate::math::simd::wide;
use crate::tables::{Sequence, Tables};

/// The places in `share_state`.
const CURSOR: usize = 0;
const BITS: usize = 1;
const LACKS: usize = 2;

/// The columns, where they can be used: all numbers of CPU and memory are small, see [`exact_division`].
#[derive(Clone, Copy)]
pub(crate) struct NodeResources<'c> {
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
    pub(crate) fn node_resources(&self) -> Option<NodeResources<'_>> {
        let stride = self.limits.nodes as usize;
        let (cpu, memory) = self.share_inverse.split_at(stride);
        let bits = self.share_state[BITS];
        let inverse = self.share_state[LACKS] == 0 && exact_division::has_reciprocal(bits);
        let shares = NodeResources { inverse: inverse.then_some([cpu, memory]), balance: self.share_balance };
        exact_division::is_small(bits as i64).then_some(shares)
    }

    fn update_node_resources(&mut self, t: &Tables<'_>, range: Range<usize>) {
        let stride = self.limits.nodes as usize;
        let [cpu, memory] = [ResourceId::CPU, ResourceId::MEMORY].map(|resource| columns(t, resource));
        let mut lacks = false;
        for (at, columns) in [cpu, memory].into_iter().enumerate() {
            let all = &columns[0][range.clone()];
            let inverse = &mut self.share_inverse[at * stride..][range.clone()];
            wide!({
                for (inverse, all) in inverse.iter_mut().zip(all) {
                    *inverse = 1.0 / exact_division::to_f64(*all);
                }
            });
            lacks |= all.contains(&0);
            for column in columns {
                self.share_state[BITS] |= exact_division::bits(&column[range.clone()]);
            }
        }
        self.share_state[LACKS] |= u64::from(lacks);
        let balance = &mut self.share_balance[range.clone()];
        let [cpu, memory] = [cpu, memory].map(|columns| [&columns[0][range.clone()], &columns[1][range.clone()]]);
        wide!(balances(cpu, memory, balance));
    }
}

impl Cache<'_> {
    /// Brings the columns up to date by the journal, and of `more` nodes whatever it says.
    pub(crate) fn refresh_node_resources(&mut self, t: &Tables<'_>, more: &[u32]) {
        let (head, cursor) = (t.sequence(Sequence::Journal), self.share_state[CURSOR]);
        match cursor.checked_sub(1).map(|cursor| head - cursor.min(head)) {
            Some(behind) if behind <= t.journal.len() as u64 && behind <= t.node_rows() as u64 => {
                for back in (1..=behind).rev() {
                    let node = t.changed(back);
                    self.update_node_resources(t, node..node + 1);
                }
                for node in more.iter().map(|node| *node as usize) {
                    self.update_node_resources(t, node..node + 1);
                }
            }
            _ => {
                self.share_state.fill(0);
                self.update_node_resources(t, 0..t.node_rows());
            }
        }
        self.share_state[CURSOR] = head + 1;
    }
}

/// Writes the balance of CPU and memory (what can be requested, and what is) before a pod comes.
#[inline(always)]
fn balances(cpu: [&[i64]; 2], memory: [&[i64]; 2], out: &mut [f64]) {
    let nodes = out.len();
    let [[cpu, cpu_used], [memory, memory_used]] = [cpu, memory].map(|[all, used]| [&all[..nodes], &used[..nodes]]);
    for node in 0..nodes {
        out[node] = balance_of_two([cpu[node], cpu_used[node]], [memory[node], memory_used[node]], [0.0; 2]);
    }
}

/// The balance of two resources (what can be requested, and what is) with so much more, of small numbers: 100 where both are used to the same share.
#[inline(always)]
pub(crate) fn balance_of_two(a: [i64; 2], b: [i64; 2], more: [f64; 2]) -> f64 {
    let [a, b] = [a, b].map(|[all, used]| [exact_division::to_f64(all), exact_division::to_f64(used)]);
    let share = |[all, used]: [f64; 2], more: f64| {
        let share = (used + more) / all;
        if share > 1.0 { 1.0 } else { share }
    };
    let deviation = (share(a, more[0]) - share(b, more[1])).abs() / 2.0;
    let deviation = if a[0] == 0.0 || b[0] == 0.0 { 0.0 } else { deviation };
    exact_division::floor((1.0 - deviation) * 100.0)
}
