//! Bound pods: three lists run through them, by node, by spec class and by label class.

use super::undo::{Change, Record};
use super::{Count, Tables};
use crate::{Error, LabelClassId, NONE, NodeId, PodId, ResourceId, SpecId, UseListId};

/// A pod as it is bound. Made as `PodDef { uses, ..PodDef::new(spec, labels) }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodDef {
    /// Its spec class.
    pub spec: SpecId,
    /// Its label class.
    pub labels: LabelClassId,
    /// The volumes and claims that it uses, or none.
    pub uses: UseListId,
    /// Its start time in seconds since the epoch, or [`PodDef::NOT_STARTED`]; the core has no clock.
    pub start: i64,
    /// It is being deleted: spreading leaves it out.
    pub terminating: bool,
    /// It is being deleted to make room for a pod that preempted it (its condition `DisruptionTarget` says so): a pod that is nominated to its
    /// node preempts no more until it is gone.
    pub preempted: bool,
}

impl PodDef {
    /// The start time of a pod that has not started: later than any.
    pub const NOT_STARTED: i64 = i64::MAX;

    /// A pod that uses no volumes and started at the epoch.
    #[must_use]
    pub const fn new(spec: SpecId, labels: LabelClassId) -> Self {
        Self { spec, labels, uses: UseListId::NONE, start: 0, terminating: false, preempted: false }
    }

    /// The flags of its row.
    const fn flags(&self) -> u8 {
        let terminating = if self.terminating { pod_flag::TERMINATING } else { 0 };
        let preempted = if self.preempted { pod_flag::PREEMPTED } else { 0 };
        pod_flag::BOUND | terminating | preempted
    }
}

/// Bits of a pod's row.
pub(crate) mod pod_flag {
    /// The row holds a pod.
    pub(crate) const BOUND: u8 = 1;
    /// The pod is being deleted.
    pub(crate) const TERMINATING: u8 = 2;
    /// It is being deleted to make room for another.
    pub(crate) const PREEMPTED: u8 = 4;
}

/// All that a pod's row holds, as words, to put it back.
pub(crate) type PodRow = [u32; 14];

/// The three lists: by what their pods have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum PodList {
    Node = 0,
    Spec = 1,
    Labels = 2,
}

impl PodList {
    pub(crate) const ALL: [Self; 3] = [Self::Node, Self::Spec, Self::Labels];
}

impl Tables<'_> {
    /// Binds a pod to a node. The journal is the caller's.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]; nothing is written then.
    pub(crate) fn bind(&mut self, pod: &PodDef, node: NodeId, record: &mut Record<'_>) -> Result<PodId, Error> {
        self.alive(node)?;
        self.known(Count::Specs, pod.spec.0)?;
        self.known(Count::LabelClasses, pod.labels.0)?;
        self.known_or_none(Count::UseLists, pod.uses.0)?;
        let spec = self.specs[pod.spec.at()];
        let uses = self.uses_needed(pod.spec, pod.uses);
        if self.free_uses() < uses {
            return Err(Error::Full {
                table: Count::Uses.name(),
                holds: self.limits.uses,
                needed: self.limits.uses + uses,
            });
        }
        record.room(uses)?;
        let free = self.counts[Count::FirstFreePod as usize];
        let row = if free != 0 { free - 1 } else { self.take(Count::Pods)? };
        let at = row as usize;
        record.push(Change::PodOn { pod: row, node: node.0, was_free: free != 0, row: self.pod_row(at) });
        if free != 0 {
            let next = self.pod_next[at];
            self.counts[Count::FirstFreePod as usize] = if next == NONE { 0 } else { next + 1 };
        }
        self.pod_spec[at] = pod.spec.0;
        self.pod_labels[at] = pod.labels.0;
        self.pod_node[at] = node.0;
        self.pod_uses[at] = pod.uses.0;
        self.pod_flags[at] = pod.flags();
        self.pod_priority[at] = spec.priority;
        self.pod_start[at] = pod.start;
        self.counts[Count::BoundPods as usize] += 1;
        self.link(PodList::Node, at, node.0);
        self.link(PodList::Spec, at, pod.spec.0);
        self.link(PodList::Labels, at, pod.labels.0);
        self.charge_amounts(at, true);
        self.charge_uses(at, true, record);
        Ok(PodId(row))
    }

    /// Takes a pod off its node. The journal is the caller's.
    ///
    /// # Errors
    /// [`Error::NoSuch`]; [`Error::Full`] where it is recorded and the record is full. Nothing is written then.
    pub(crate) fn unbind(&mut self, id: PodId, record: &mut Record<'_>) -> Result<(), Error> {
        self.recordable(id, record)?;
        let at = id.at();
        self.charge_uses(at, false, record);
        self.charge_amounts(at, false);
        // kube-scheduler closes the gap with the pod that came last; equal victims are told apart by that order.
        let last = self.node_pods[self.pod_node[at] as usize];
        record.push(Change::PodOff { pod: id.0, last, row: self.pod_row(at) });
        self.unlink(PodList::Node, at, self.pod_node[at]);
        self.close_gap(at, last);
        self.unlink(PodList::Spec, at, self.pod_spec[at]);
        self.unlink(PodList::Labels, at, self.pod_labels[at]);
        self.pod_flags[at] = 0;
        self.pod_node[at] = NONE;
        self.counts[Count::BoundPods as usize] -= 1;
        let free = self.counts[Count::FirstFreePod as usize];
        self.pod_next[at] = if free == 0 { NONE } else { free - 1 };
        self.counts[Count::FirstFreePod as usize] = id.0 + 1;
        Ok(())
    }

    /// Whether a pod is bound, and there is room to record that it is taken off.
    pub(crate) fn recordable(&self, id: PodId, record: &Record<'_>) -> Result<(), Error> {
        self.bound(id)?;
        record.room(self.uses_needed(SpecId(self.pod_spec[id.at()]), UseListId(self.pod_uses[id.at()])))
    }

    /// Puts the row back that a pod took when it was bound; whatever came after it has been put back already.
    pub(crate) fn undo_bind(&mut self, at: usize, was_free: bool, row: PodRow) {
        self.charge_amounts(at, false);
        self.unlink(PodList::Node, at, self.pod_node[at]);
        self.unlink(PodList::Spec, at, self.pod_spec[at]);
        self.unlink(PodList::Labels, at, self.pod_labels[at]);
        self.counts[Count::BoundPods as usize] -= 1;
        self.set_pod_row(at, row);
        if was_free {
            self.counts[Count::FirstFreePod as usize] = at as u32 + 1;
        } else {
            self.counts[Count::Pods as usize] -= 1;
        }
    }

    /// Moves the pod that came last to a node to where one was unlinked, whose links still say where that was.
    fn close_gap(&mut self, at: usize, last: u32) {
        let (previous, next) = (self.pod_previous[at], self.pod_next[at]);
        // It went itself, or is there already.
        if last as usize == at || previous == last {
            return;
        }
        let node = self.pod_node[at] as usize;
        let last_at = last as usize;
        self.node_pods[node] = self.pod_next[last_at];
        self.pod_previous[self.pod_next[last_at] as usize] = NONE;
        (self.pod_previous[last_at], self.pod_next[last_at]) = (previous, next);
        self.pod_next[previous as usize] = last;
        if next != NONE {
            self.pod_previous[next as usize] = last;
        }
    }

    /// Moves it back to the front.
    fn open_gap(&mut self, row: &PodRow, last: u32) {
        let (node, next, previous) = (row[2] as usize, row[8], row[11]);
        if previous == NONE || previous == last {
            return;
        }
        self.pod_next[previous as usize] = next;
        if next != NONE {
            self.pod_previous[next as usize] = previous;
        }
        let first = core::mem::replace(&mut self.node_pods[node], last);
        (self.pod_previous[last as usize], self.pod_next[last as usize]) = (NONE, first);
        self.pod_previous[first as usize] = last;
    }

    /// Puts a pod back that was taken off, into its places in the lists; whatever came after it has been put back already.
    pub(crate) fn undo_unbind(&mut self, at: usize, last: u32, row: PodRow) {
        self.open_gap(&row, last);
        let next_free = self.pod_next[at];
        self.counts[Count::FirstFreePod as usize] = if next_free == NONE { 0 } else { next_free + 1 };
        self.set_pod_row(at, row);
        self.counts[Count::BoundPods as usize] += 1;
        for (list, owner) in PodList::ALL.into_iter().zip([self.pod_node[at], self.pod_spec[at], self.pod_labels[at]]) {
            let base = list as usize * self.limits.pods as usize;
            match self.pod_previous[base + at] {
                NONE => *self.head(list, owner) = at as u32,
                previous => self.pod_next[base + previous as usize] = at as u32,
            }
            match self.pod_next[base + at] {
                NONE => {}
                next => self.pod_previous[base + next as usize] = at as u32,
            }
        }
        self.charge_amounts(at, true);
    }

    fn pod_row(&self, at: usize) -> PodRow {
        let stride = self.limits.pods as usize;
        let start = self.pod_start[at] as u64;
        let links = |column: &[u32]| [column[at], column[stride + at], column[2 * stride + at]];
        let ([next, next_spec, next_labels], [before, before_spec, before_labels]) =
            (links(self.pod_next), links(self.pod_previous));
        [
            self.pod_spec[at],
            self.pod_labels[at],
            self.pod_node[at],
            self.pod_uses[at],
            u32::from(self.pod_flags[at]),
            self.pod_priority[at] as u32,
            start as u32,
            (start >> 32) as u32,
            next,
            next_spec,
            next_labels,
            before,
            before_spec,
            before_labels,
        ]
    }

    fn set_pod_row(&mut self, at: usize, row: PodRow) {
        let stride = self.limits.pods as usize;
        let [spec, labels, node, uses, flags, priority, low, high, next @ .., b0, b1, b2] = row;
        self.pod_spec[at] = spec;
        self.pod_labels[at] = labels;
        self.pod_node[at] = node;
        self.pod_uses[at] = uses;
        self.pod_flags[at] = flags as u8;
        self.pod_priority[at] = priority as i32;
        self.pod_start[at] = (u64::from(high) << 32 | u64::from(low)) as i64;
        for (list, (next, before)) in next.into_iter().zip([b0, b1, b2]).enumerate() {
            self.pod_next[list * stride + at] = next;
            self.pod_previous[list * stride + at] = before;
        }
    }

    /// How many rows of uses a pod takes at most.
    pub(crate) fn uses_needed(&self, spec: SpecId, own: UseListId) -> u32 {
        let row = &self.specs[spec.at()];
        (row.ports.len + row.disks.len + self.use_list(own).len() as u32) / 2
    }

    /// The pods bound to a node, the one that was bound last first.
    pub fn pods_on(&self, node: NodeId) -> impl Iterator<Item = PodId> + '_ {
        let first = self.node_pods.get(node.at()).copied().unwrap_or(NONE);
        self.chain(first, 0)
    }

    /// The pods of a label class.
    pub(crate) fn pods_labelled(&self, class: usize) -> impl Iterator<Item = PodId> + '_ {
        self.chain(self.label_pods[class], PodList::Labels as usize * self.limits.pods as usize)
    }

    /// The pods of a spec class.
    pub(crate) fn pods_of_spec(&self, spec: usize) -> impl Iterator<Item = PodId> + '_ {
        self.chain(self.spec_pods[spec], PodList::Spec as usize * self.limits.pods as usize)
    }

    fn chain(&self, first: u32, base: usize) -> impl Iterator<Item = PodId> + '_ {
        let mut at = first;
        core::iter::from_fn(move || {
            let id = PodId(at);
            at = self.pod_next.get(base + id.at()).copied().filter(|_| id.is_some()).unwrap_or(NONE);
            id.is_some().then_some(id)
        })
    }

    /// The node that a bound pod is on.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn node_of(&self, id: PodId) -> Result<NodeId, Error> {
        self.bound(id)?;
        Ok(NodeId(self.pod_node[id.at()]))
    }

    pub(crate) fn bound(&self, id: PodId) -> Result<(), Error> {
        match self.pod_flags.get(id.at()) {
            Some(flags) if flags & pod_flag::BOUND != 0 => Ok(()),
            _ => Err(Error::NoSuch { table: Count::Pods.name(), id: id.0 }),
        }
    }

    fn head(&mut self, list: PodList, owner: u32) -> &mut u32 {
        let heads = match list {
            PodList::Node => &mut self.node_pods,
            PodList::Spec => &mut self.spec_pods,
            PodList::Labels => &mut self.label_pods,
        };
        &mut heads[owner as usize]
    }

    /// The first pod of each owner, and the owner of each pod.
    pub(crate) fn pod_list(&self, list: PodList) -> (&[u32], &[u32]) {
        match list {
            PodList::Node => (self.node_pods, self.pod_node),
            PodList::Spec => (self.spec_pods, self.pod_spec),
            PodList::Labels => (self.label_pods, self.pod_labels),
        }
    }

    /// Whether a row holds a pod.
    pub(crate) fn is_bound(&self, row: usize) -> bool {
        self.pod_flags[row] & pod_flag::BOUND != 0
    }

    fn link(&mut self, list: PodList, at: usize, owner: u32) {
        let base = list as usize * self.limits.pods as usize;
        let first = core::mem::replace(self.head(list, owner), at as u32);
        self.pod_next[base + at] = first;
        self.pod_previous[base + at] = NONE;
        if first != NONE {
            self.pod_previous[base + first as usize] = at as u32;
        }
    }

    fn unlink(&mut self, list: PodList, at: usize, owner: u32) {
        let base = list as usize * self.limits.pods as usize;
        let (previous, next) = (self.pod_previous[base + at], self.pod_next[base + at]);
        if previous == NONE {
            *self.head(list, owner) = next;
        } else {
            self.pod_next[base + previous as usize] = next;
        }
        if next != NONE {
            self.pod_previous[base + next as usize] = previous;
        }
    }

    /// Adds the ports, disks and volumes that a pod uses to its node, or takes them away.
    fn charge_uses(&mut self, at: usize, add: bool, record: &mut Record<'_>) {
        let (node, row) = (self.pod_node[at] as usize, self.specs[self.pod_spec[at] as usize]);
        let own = self.use_lists.get(self.pod_uses[at] as usize).copied().unwrap_or_default();
        for list in [row.ports, row.disks, own] {
            for pair in (list.start..list.start + list.len).step_by(2) {
                let (key, tag) = (self.arena[pair as usize], self.arena[pair as usize + 1]);
                if add {
                    self.use_on(key, node, tag, record);
                } else {
                    self.unuse_on(key, node, tag, record);
                }
            }
        }
    }

    /// Adds a pod's requests to its node and its terms to how often they are carried, or takes them away.
    pub(crate) fn charge_amounts(&mut self, at: usize, add: bool) {
        let (node, spec) = (self.pod_node[at] as usize, self.pod_spec[at] as usize);
        let stride = self.limits.nodes as usize;
        let change = |slot: &mut i64, by: i64| *slot = if add { slot.wrapping_add(by) } else { slot.wrapping_sub(by) };
        for resource in 0..self.counts[Count::Resources as usize] as usize {
            let by = if resource == ResourceId::PODS.at() {
                1
            } else {
                self.spec_bound[spec * self.limits.resources as usize + resource]
            };
            change(&mut self.requested[resource * stride + node], by);
        }
        change(&mut self.non_zero[node], self.spec_non_zero[spec * 2]);
        change(&mut self.non_zero[stride + node], self.spec_non_zero[spec * 2 + 1]);
        let terms = self.specs[spec].terms;
        for term in terms.start..terms.start + terms.len {
            let term = self.arena[term as usize] as usize;
            self.term_pods[term] = if add { self.term_pods[term] + 1 } else { self.term_pods[term] - 1 };
        }
    }
}
