//! Bound pods: three lists run through them, by node, by spec class and by label class.

use super::{Count, Tables};
use crate::{Error, LabelClassId, NONE, NodeId, PodId, ResourceId, SpecId, UseListId};

/// A pod as it is bound.
#[derive(Clone, Copy, Debug)]
pub struct PodDef {
    /// Its spec class.
    pub spec: SpecId,
    /// Its label class.
    pub labels: LabelClassId,
    /// The volumes and claims that it uses, or none.
    pub uses: UseListId,
    /// Its start time in seconds since the epoch; the core has no clock.
    pub start: i64,
    /// See [`PodFlags`].
    pub flags: u8,
}

/// Bits of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodFlags;

impl PodFlags {
    /// The pod is being deleted: spreading leaves it out.
    pub const TERMINATING: u8 = 2;
    const BOUND: u8 = 1;
}

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
    /// Binds a pod to a node.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]; nothing is written then.
    pub(crate) fn bind(&mut self, pod: &PodDef, node: NodeId) -> Result<PodId, Error> {
        self.alive(node)?;
        self.known(Count::Specs, "specs", pod.spec.0)?;
        self.known(Count::LabelClasses, "label_classes", pod.labels.0)?;
        self.known_or_none(Count::UseLists, "use_lists", pod.uses.0)?;
        let spec = self.specs[pod.spec.at()];
        let uses = self.uses_needed(pod.spec, pod.uses);
        if self.free_uses() < uses {
            return Err(Error::Full { table: "uses", holds: self.limits.uses, needed: self.limits.uses + uses });
        }
        let free = self.counts[Count::FirstFreePod as usize];
        let row = if free != 0 {
            let row = free - 1;
            let next = self.pod_next[row as usize];
            self.counts[Count::FirstFreePod as usize] = if next == NONE { 0 } else { next + 1 };
            row
        } else {
            self.take(Count::Pods, "pods", self.limits.pods)?
        };
        let at = row as usize;
        self.pod_spec[at] = pod.spec.0;
        self.pod_labels[at] = pod.labels.0;
        self.pod_node[at] = node.0;
        self.pod_uses[at] = pod.uses.0;
        self.pod_flags[at] = PodFlags::BOUND | pod.flags & PodFlags::TERMINATING;
        self.pod_priority[at] = spec.priority;
        self.pod_start[at] = pod.start;
        self.counts[Count::BoundPods as usize] += 1;
        self.link(PodList::Node, at, node.0);
        self.link(PodList::Spec, at, pod.spec.0);
        self.link(PodList::Labels, at, pod.labels.0);
        self.charge(at, true);
        Ok(PodId(row))
    }

    /// Takes a pod off its node.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub(crate) fn unbind(&mut self, id: PodId) -> Result<(), Error> {
        self.bound(id)?;
        let at = id.at();
        self.charge(at, false);
        self.unlink(PodList::Node, at, self.pod_node[at]);
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

    /// How many rows of uses a pod takes at most.
    pub(crate) fn uses_needed(&self, spec: SpecId, own: UseListId) -> u32 {
        let row = &self.specs[spec.at()];
        (row.ports.len + row.disks.len + self.use_list(own).len() as u32) / 2
    }

    /// The first pod on a node, and the one after a pod.
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
            Some(flags) if flags & PodFlags::BOUND != 0 => Ok(()),
            _ => Err(Error::NoSuch { table: "pods", id: id.0 }),
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
        self.pod_flags[row] & PodFlags::BOUND != 0
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

    /// Adds what a pod holds to its node, or takes it away.
    fn charge(&mut self, at: usize, add: bool) {
        self.charge_amounts(at, add);
        let (node, row) = (self.pod_node[at] as usize, self.specs[self.pod_spec[at] as usize]);
        let own = self.use_lists.get(self.pod_uses[at] as usize).copied().unwrap_or_default();
        for list in [row.ports, row.disks, own] {
            for pair in (list.start..list.start + list.len).step_by(2) {
                let (key, tag) = (self.arena[pair as usize], self.arena[pair as usize + 1]);
                if add {
                    self.use_on(key, node, tag);
                } else {
                    self.unuse_on(key, node, tag);
                }
            }
        }
        self.note(node);
    }

    /// The part of it that is numbers: requests, and how often terms are carried.
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
