//! One scheduling cycle: filter → score → pick. It places nothing; [`Scheduler::bind`] does.

use core::ops::Range;

use crate::cache::{Cache, Counter, Scratch, oldest, recount};
use crate::plugins::{
    Class, MAX_WAITING, Plugin, Reason, Volumes, filter_by_pods, filter_cached, image_locality, inter_pod_affinity,
    node_affinity, node_resources_balanced_allocation, node_resources_fit, pod_topology_spread, reasons,
    taint_toleration, volume_binding,
};
use crate::tables::{Count, PodDef, ProfileRow, Sequence, SpecFlags, SpecRow, Tables, node_flag};
use crate::{
    Error, LabelClassId, Limits, NONE, NodeId, PodId, ResourceId, SelectorId, SpecId, StrId, UseListId, VolumeId,
    divide,
};

/// A pod to decide for: its classes, and what differs between siblings.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Its spec class.
    pub spec: SpecId,
    /// Its label class.
    pub labels: LabelClassId,
    /// The node that `spec.nodeName` names, or none.
    pub node_name: StrId,
    /// The only node that its affinity admits by name, where that is all it says (a daemon set's pod), or none.
    pub pin: StrId,
    /// The pods that it is spread from by default, or none.
    pub default_selector: SelectorId,
    /// The volumes and claims that it uses, or none.
    pub uses: UseListId,
    /// The node that preemption has made room on for it, or none: it is taken where it is feasible.
    pub nominated: NodeId,
    /// What its claims need of a node.
    pub volumes: Volumes<'a>,
    /// Verdicts on nodes that room is held on for other pods, from [`Scheduler::hold`].
    pub held: &'a [(NodeId, Held)],
}

/// The verdict on a node that room is held on for pods which preemption has nominated to it: as if they were there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held(u32);

impl Request<'_> {
    /// A pod that names no node, is spread from none by default and has no volumes.
    #[must_use]
    pub const fn new(spec: SpecId, labels: LabelClassId) -> Self {
        Self {
            spec,
            labels,
            node_name: StrId::NONE,
            pin: StrId::NONE,
            default_selector: SelectorId::NONE,
            uses: UseListId::NONE,
            nominated: NodeId::NONE,
            volumes: Volumes { bound: &[], lost: false, zoned: &[], waiting: &[] },
            held: &[],
        }
    }
}

/// How to choose among nodes of the same score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The first in node order.
    First,
    /// By chance, the same for the same number.
    Seeded(u64),
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The best node; `None` where no node is feasible.
    pub node: Option<NodeId>,
    /// Its total score; 0 where one node alone was feasible, as scoring is then skipped.
    pub score: i64,
    /// How many nodes have that score.
    pub ties: u32,
    /// How many nodes are feasible.
    pub feasible: u32,
}

/// Bits of a mask above the profile's sixteen filters.
mod bit {
    pub(super) const OVERLAY: u32 = 1 << 16;
    pub(super) const NOT_NAMED: u32 = 1 << 17;
    pub(super) const GONE: u32 = 1 << 31;
}

/// A slot's note that some node has taints that advise against it.
const ANY_TAINTS: u32 = 1;

/// The tables and their caches, ready to decide.
pub struct Scheduler<'m> {
    /// The state.
    pub tables: Tables<'m>,
    pub(crate) cache: Cache<'m>,
    pub(crate) work: Scratch<'m>,
}

impl<'m> Scheduler<'m> {
    pub(crate) fn new(tables: Tables<'m>, cache: Cache<'m>, work: Scratch<'m>) -> Self {
        Self { tables, cache, work }
    }

    pub(crate) fn reset(&mut self) {
        self.tables.reset();
        self.forget();
    }

    /// Empties the caches.
    pub(crate) fn forget(&mut self) {
        self.cache.reset();
        self.work.reset();
    }

    /// The limits of the block.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.tables.limits
    }

    /// Binds a pod to a node, whether or not a decision said so.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]; nothing is written then.
    pub fn bind(&mut self, pod: &PodDef, node: NodeId) -> Result<PodId, Error> {
        let id = self.tables.bind(pod, node)?;
        self.cache.count_pod(&self.tables, id.at(), true);
        Ok(id)
    }

    /// Takes a pod off its node.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn unbind(&mut self, pod: PodId) -> Result<(), Error> {
        self.tables.bound(pod)?;
        self.cache.count_pod(&self.tables, pod.at(), false);
        self.tables.unbind(pod)
    }

    /// Gives a bound pod another class: it was resized, relabelled, or marked as being deleted.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`]; the pod is then as before.
    pub fn update_pod(&mut self, pod: PodId, to: &PodDef) -> Result<PodId, Error> {
        let t = &self.tables;
        let node = t.node_of(pod)?;
        t.known(crate::tables::Count::Specs, "specs", to.spec.0)?;
        t.known(crate::tables::Count::LabelClasses, "label_classes", to.labels.0)?;
        let uses = t.uses_needed(to.spec, to.uses);
        if t.free_uses() < uses {
            return Err(Error::Full {
                table: "uses",
                holds: self.tables.limits.uses,
                needed: self.tables.limits.uses + uses,
            });
        }
        self.unbind(pod)?;
        self.bind(to, node)
    }

    /// The verdict on a node as if the pods that are nominated to it were there; what else is nominated plays no part.
    /// The request's own `held` is not looked at. Nothing is changed in the end.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn hold(&mut self, request: &Request<'_>, node: NodeId, pods: &[PodDef]) -> Result<Held, Error> {
        let mut bound = 0;
        let mut ids = [PodId::NONE; 16];
        let mut outcome = Ok(());
        for pod in pods.iter().take(ids.len()) {
            match self.bind(pod, node) {
                Ok(id) => {
                    ids[bound] = id;
                    bound += 1;
                }
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
        }
        if outcome.is_ok() {
            outcome = self.filter(&Request { held: &[], ..*request }).map(|_| ());
        }
        let held = Held(self.work.mask.get(node.at()).copied().unwrap_or(0));
        for id in &ids[..bound] {
            self.unbind(*id)?;
        }
        outcome.map(|()| held)
    }

    /// Recounts every counter, and what is requested of every node, from the bound pods, and compares; how many counters
    /// there were.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with what differs.
    pub fn verify(&mut self) -> Result<usize, Error> {
        let nodes = self.tables.node_rows();
        let stride = self.tables.limits.nodes as usize;
        let labels = self.tables.sequence(Sequence::Labels);
        let mut compared = 0;
        for slot in 0..self.cache.counter_kind.len() {
            let Some(kind) = Counter::of(self.cache.counter_kind[slot]) else { continue };
            // One from before labels changed is counted anew before it is used.
            if self.cache.counter_labels[slot] != labels {
                continue;
            }
            let fresh = &mut self.work.mask[..];
            fresh.fill(0);
            recount(&self.tables, kind, self.cache.counter_id[slot], fresh);
            if fresh[..nodes] != self.cache.counter[slot * stride..slot * stride + nodes] {
                return Err(Error::Corrupt { table: "counters" });
            }
            compared += 1;
        }
        for resource in 0..self.tables.counts[Count::Resources as usize] as usize {
            for node in 0..nodes {
                let held = self.tables.pods_on(NodeId(node as u32)).map(|pod| {
                    let spec = self.tables.pod_spec[pod.at()] as usize;
                    let row = spec * self.tables.limits.resources as usize;
                    if resource == ResourceId::PODS.at() { 1 } else { self.tables.spec_bound[row + resource] }
                });
                if held.fold(0i64, i64::wrapping_add) != self.tables.requested[resource * stride + node] {
                    return Err(Error::Corrupt { table: "requested" });
                }
            }
        }
        Ok(compared)
    }

    /// Gives the pods of a spec class a mask and a score column of the caller's own: a node whose bit is set is
    /// rejected, and its score is added to the node's total. Both are by node row; missing rows are 0.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn set_overlay(&mut self, spec: SpecId, reject: &[u64], score: &[i64]) -> Result<(), Error> {
        self.tables.known(Count::Specs, "specs", spec.0)?;
        let row = match self.tables.specs[spec.at()].overlay {
            NONE => self.tables.take(Count::Overlays, "overlays", self.tables.limits.overlays)?,
            row => row,
        };
        let (words, nodes) = (self.tables.limits.nodes.div_ceil(64) as usize, self.tables.limits.nodes as usize);
        let at = row as usize;
        let mask = &mut self.tables.overlay_mask[at * words..(at + 1) * words];
        for (word, from) in mask.iter_mut().zip(reject.iter().chain(core::iter::repeat(&0))) {
            *word = *from;
        }
        let scores = &mut self.tables.overlay_score[at * nodes..(at + 1) * nodes];
        for (to, from) in scores.iter_mut().zip(score.iter().chain(core::iter::repeat(&0))) {
            *to = *from;
        }
        self.tables.specs[spec.at()].overlay = row;
        if let Some(slot) = self.cache.slot_spec.iter().position(|s| *s == spec.0) {
            self.cache.slot_spec[slot] = NONE;
        }
        Ok(())
    }

    /// Decides for a pod. Nothing is written but caches.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for an id that is not there.
    pub fn decide(&mut self, request: &Request<'_>, pick: Pick) -> Result<Decision, Error> {
        let (row, profile) = self.filter(request)?;
        let nodes = self.tables.node_rows();
        let mask = &self.work.mask[..nodes];
        let feasible = mask.iter().fold(0u32, |n, mask| n + u32::from(*mask == 0));
        if request.nominated.is_some() && mask.get(request.nominated.at()) == Some(&0) {
            return Ok(Decision { node: Some(request.nominated), score: 0, ties: 1, feasible });
        }
        if feasible <= 1 {
            let node = mask.iter().position(|mask| *mask == 0).map(|node| NodeId(node as u32));
            return Ok(Decision { node, score: 0, ties: feasible, feasible });
        }
        self.score(request, &row, &profile)?;
        let (node, score, ties) = self.pick(pick);
        Ok(Decision { node: Some(node), score, ties, feasible })
    }

    /// Marks in `work.mask` which rules reject which node; a slot of the cache holds the class's columns afterwards.
    fn filter(&mut self, request: &Request<'_>) -> Result<(SpecRow, ProfileRow), Error> {
        waits(request)?;
        let (row, profile) = self.tables.spec_row(request.spec)?;
        let slot = self.refresh(request.spec, &row, &profile);
        let nodes = self.tables.node_rows();
        let stride = self.tables.limits.nodes as usize;
        self.work.mask[..nodes].copy_from_slice(&self.cache.slot_mask[slot * stride..slot * stride + nodes]);
        let class = Class { t: &self.tables, spec: request.spec, row: &row, profile: &profile };
        let mask = &mut self.work.mask[..nodes];
        if request.pin.is_some() {
            for (mask, name) in mask.iter_mut().zip(class.labels(0)) {
                *mask |= if *name == request.pin.0 { 0 } else { bit::NOT_NAMED };
            }
        }
        let whole = core::mem::take(&mut self.work.mask);
        for (bit, plugin) in profile.filters.iter().enumerate() {
            if let Some(plugin) = Plugin::ALL.get(*plugin as usize) {
                let mask = &mut whole[..nodes];
                filter_by_pods(*plugin, &class, request, bit as u32, &mut self.cache, mask, &mut self.work);
            }
        }
        for (node, held) in request.held {
            if held.0 != 0
                && let Some(mask) = whole.get_mut(node.at())
            {
                *mask = held.0;
            }
        }
        self.work.mask = whole;
        Ok((row, profile))
    }

    /// Brings the class's cached columns up to date and says in which slot they are.
    fn refresh(&mut self, spec: SpecId, row: &SpecRow, profile: &ProfileRow) -> usize {
        let found = self.cache.slot_spec.iter().position(|s| *s == spec.0);
        let slot = found.unwrap_or_else(|| oldest(self.cache.slot_tick));
        self.cache.slot_tick[slot] = self.cache.now();
        let head = self.tables.sequence(Sequence::Journal);
        let epoch = self.tables.sequence(Sequence::Epoch);
        let behind = head - self.cache.slot_cursor[slot].min(head);
        let nodes = self.tables.node_rows();
        let whole = found.is_none()
            || self.cache.slot_epoch[slot] != epoch
            || behind > self.tables.journal.len() as u64
            || behind > nodes as u64 / 4;
        if whole {
            self.cache.slot_spec[slot] = spec.0;
            self.cache.slot_epoch[slot] = epoch;
            self.compute(slot, spec, row, profile, 0..nodes);
        } else {
            for sequence in head - behind..head {
                let node = self.tables.journal[(sequence % self.tables.journal.len() as u64) as usize] as usize;
                self.compute(slot, spec, row, profile, node..node + 1);
            }
        }
        self.cache.slot_cursor[slot] = head;
        slot
    }

    /// Computes a slot's columns for a range of nodes.
    fn compute(&mut self, slot: usize, spec: SpecId, row: &SpecRow, profile: &ProfileRow, range: Range<usize>) {
        let class = Class { t: &self.tables, spec, row, profile };
        let stride = self.tables.limits.nodes as usize;
        let columns = slot * stride..(slot + 1) * stride;
        let mask = &mut self.cache.slot_mask[columns.clone()];
        for (mask, flags) in mask[range.clone()].iter_mut().zip(&self.tables.node_flags[range.clone()]) {
            *mask = if flags & node_flag::ALIVE == 0 { bit::GONE } else { 0 };
        }
        for (bit, plugin) in profile.filters.iter().enumerate() {
            if let Some(plugin) = Plugin::ALL.get(*plugin as usize) {
                filter_cached(*plugin, &class, range.clone(), bit as u32, mask, &mut self.work);
            }
        }
        if row.flags & SpecFlags::NAMED_NODES != 0 {
            let names = class.t.list(row.names);
            for (mask, name) in mask[range.clone()].iter_mut().zip(&class.labels(0)[range.clone()]) {
                *mask |= if names.contains(name) { 0 } else { bit::NOT_NAMED };
            }
        }
        let base = &mut self.cache.slot_base[columns.clone()];
        base[range.clone()].fill(0);
        let weight = |plugin: Plugin| profile.weights[plugin as usize];
        if weight(Plugin::NodeResourcesFit) != 0 {
            let weight = weight(Plugin::NodeResourcesFit);
            node_resources_fit::score(&class, range.clone(), weight, base, &mut self.work);
        }
        if weight(Plugin::NodeResourcesBalancedAllocation) != 0 {
            let weight = weight(Plugin::NodeResourcesBalancedAllocation);
            node_resources_balanced_allocation::score(&class, range.clone(), weight, base);
        }
        if weight(Plugin::ImageLocality) != 0 {
            image_locality::score(&class, range.clone(), weight(Plugin::ImageLocality), base, &mut self.work);
        }
        let taints = &mut self.cache.slot_taints[columns.clone()];
        taint_toleration::raw(&class, range.clone(), taints, &mut self.work);
        if taints[range.clone()].iter().any(|t| *t != 0) {
            self.cache.slot_flags[slot] |= ANY_TAINTS;
        } else if range.len() > 1 {
            self.cache.slot_flags[slot] &= !ANY_TAINTS;
        }
        node_affinity::raw(&class, range.clone(), &mut self.cache.slot_affinity[columns.clone()]);
        if row.overlay != NONE {
            self.overlay(row.overlay as usize, columns, range);
        }
    }

    /// Takes in the caller's own mask and scores.
    fn overlay(&mut self, overlay: usize, columns: Range<usize>, range: Range<usize>) {
        let words = self.tables.limits.nodes.div_ceil(64) as usize;
        let stride = self.tables.limits.nodes as usize;
        for node in range {
            let word = self.tables.overlay_mask[overlay * words + node / 64];
            if word >> (node % 64) & 1 != 0 {
                self.cache.slot_mask[columns.start + node] |= bit::OVERLAY;
            }
            self.cache.slot_base[columns.start + node] += self.tables.overlay_score[overlay * stride + node];
        }
    }

    /// Sums the weighted scores of the feasible nodes in `work.total`.
    fn score(&mut self, request: &Request<'_>, row: &SpecRow, profile: &ProfileRow) -> Result<(), Error> {
        let nodes = self.tables.node_rows();
        let stride = self.tables.limits.nodes as usize;
        let slot = self.slot(request.spec);
        let weight = |plugin: Plugin| profile.weights[plugin as usize];
        let base = &self.cache.slot_base[slot * stride..slot * stride + nodes];
        self.work.total[..nodes].copy_from_slice(base);
        self.add_taints(slot, weight(Plugin::TaintToleration), nodes);
        if !node_affinity::skips(&Class { t: &self.tables, spec: request.spec, row, profile }) {
            self.add_affinity(slot, weight(Plugin::NodeAffinity), nodes);
        }
        self.add_spread(request, row, profile, nodes);
        self.add_pod_affinity(request, row, profile, nodes);
        self.add_volumes(request, row, profile, nodes);
        Ok(())
    }

    fn slot(&self, spec: SpecId) -> usize {
        self.cache.slot_spec.iter().position(|s| *s == spec.0).unwrap_or(0)
    }

    /// The fewer taints advise against a node the better; 100 where none does on any.
    fn add_taints(&mut self, slot: usize, weight: i64, nodes: usize) {
        let stride = self.tables.limits.nodes as usize;
        let raw = &self.cache.slot_taints[slot * stride..slot * stride + nodes];
        let (mask, total) = (&self.work.mask[..nodes], &mut self.work.total[..nodes]);
        let mut most = 0;
        if self.cache.slot_flags[slot] & ANY_TAINTS != 0 {
            most = mask.iter().zip(raw).fold(0u16, |most, (m, r)| most.max(if *m == 0 { *r } else { 0 }));
        }
        if most == 0 {
            total.iter_mut().for_each(|total| *total += weight * 100);
            return;
        }
        if most == 1 {
            for (total, raw) in total.iter_mut().zip(raw) {
                *total += if *raw == 0 { weight * 100 } else { 0 };
            }
            return;
        }
        let (weight_of, by) = (weight as f64, divide::Divisor::new(f64::from(most)));
        for (total, raw) in total.iter_mut().zip(raw) {
            *total += weight * 100 - divide::to_i64(by.of(100.0 * f64::from(*raw)) * weight_of);
        }
    }

    /// The more preferred terms match the better; 0 where none does on any.
    fn add_affinity(&mut self, slot: usize, weight: i64, nodes: usize) {
        let stride = self.tables.limits.nodes as usize;
        let raw = &self.cache.slot_affinity[slot * stride..slot * stride + nodes];
        let (mask, total) = (&self.work.mask[..nodes], &mut self.work.total[..nodes]);
        if weight == 0 {
            return;
        }
        let most = mask.iter().zip(raw).filter(|(m, _)| **m == 0).map(|(_, r)| i64::from(*r)).max().unwrap_or(0);
        if most > 0 {
            for (total, raw) in total.iter_mut().zip(raw) {
                *total += weight * (100 * i64::from(*raw) / most);
            }
        }
    }

    fn add_spread(&mut self, request: &Request<'_>, row: &SpecRow, profile: &ProfileRow, nodes: usize) {
        let weight = profile.weights[Plugin::PodTopologySpread as usize];
        let class = Class { t: &self.tables, spec: request.spec, row, profile };
        if weight == 0 || pod_topology_spread::skips(&class, request) {
            return;
        }
        let mask = core::mem::take(&mut self.work.mask);
        pod_topology_spread::raw(&class, request, &mut self.cache, mask, &mut self.work);
        pod_topology_spread::normalise(weight, nodes, &mut self.work);
        self.work.mask = mask;
    }

    /// Adds the score of pod affinity; whether there is any.
    fn add_pod_affinity(&mut self, request: &Request<'_>, row: &SpecRow, profile: &ProfileRow, nodes: usize) -> bool {
        let weight = profile.weights[Plugin::InterPodAffinity as usize];
        let class = Class { t: &self.tables, spec: request.spec, row, profile };
        if weight == 0 || !inter_pod_affinity::raw(&class, request, &mut self.cache, &mut self.work) {
            return false;
        }
        let mask = core::mem::take(&mut self.work.mask);
        inter_pod_affinity::normalise(mask, weight, nodes, &mut self.work);
        self.work.mask = mask;
        true
    }

    /// Adds the score of storage.
    fn add_volumes(&mut self, request: &Request<'_>, row: &SpecRow, profile: &ProfileRow, nodes: usize) {
        let weight = profile.weights[Plugin::VolumeBinding as usize];
        let class = Class { t: &self.tables, spec: request.spec, row, profile };
        if weight != 0 {
            let (mask, total) = (&self.work.mask[..nodes], &mut self.work.total[..nodes]);
            volume_binding::score(&class, request, weight, mask, total);
        }
    }

    /// Calls `emit` with the number of each claim of the request that waits and the volume that it would get on the node,
    /// or none where one is to be made. Nothing is emitted where the node cannot give them all.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn volumes_on(
        &self,
        request: &Request<'_>,
        node: NodeId,
        emit: &mut dyn FnMut(usize, Option<VolumeId>),
    ) -> Result<(), Error> {
        self.tables.alive(node)?;
        waits(request)?;
        let (row, profile) = self.tables.spec_row(request.spec)?;
        let class = Class { t: &self.tables, spec: request.spec, row: &row, profile: &profile };
        volume_binding::each(&class, request, node.at(), emit);
        Ok(())
    }

    /// The winner, its score, and how many nodes have it.
    fn pick(&self, pick: Pick) -> (NodeId, i64, u32) {
        let nodes = self.tables.node_rows();
        let rows = || self.work.total[..nodes].iter().zip(&self.work.mask[..nodes]);
        let best = rows().fold(i64::MIN, |best, (t, m)| best.max(if *m == 0 { *t } else { i64::MIN }));
        let tied = || rows().enumerate().filter(|(_, (t, m))| **m == 0 && **t == best).map(|(node, _)| node);
        let ties = rows().fold(0u32, |n, (t, m)| n + u32::from((*m == 0) & (*t == best)));
        let nth = match pick {
            Pick::First => 0,
            Pick::Seeded(seed) => (mix(seed) % ties.max(1) as u64) as usize,
        };
        (NodeId(tied().nth(nth).unwrap_or(0) as u32), best, ties)
    }

    /// For every node that is there: nothing where it is feasible, or the rule that rejects it first, with each of
    /// its reasons.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn explain(
        &mut self,
        request: &Request<'_>,
        emit: &mut dyn FnMut(NodeId, Option<Plugin>, Option<Reason>),
    ) -> Result<(), Error> {
        let (row, profile) = self.filter(request)?;
        let class = Class { t: &self.tables, spec: request.spec, row: &row, profile: &profile };
        for node in 0..self.tables.node_rows() {
            let (mask, id) = (self.work.mask[node], NodeId(node as u32));
            if mask & bit::GONE != 0 {
                continue;
            }
            if mask & bit::NOT_NAMED != 0 {
                emit(id, None, Some(Reason::NotNamed));
            } else if mask == 0 {
                emit(id, None, None);
            } else if mask.trailing_zeros() == 16 {
                emit(id, None, Some(Reason::Overlay));
            } else {
                let plugin = Plugin::ALL[profile.filters[mask.trailing_zeros() as usize] as usize];
                reasons(plugin, &class, request, id, mask, &mut |reason| emit(id, Some(plugin), Some(reason)));
            }
        }
        Ok(())
    }

    /// Every rule that rejects the node, with each of its reasons, in the profile's order.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn explain_all(
        &mut self,
        request: &Request<'_>,
        node: NodeId,
        emit: &mut dyn FnMut(Option<Plugin>, Reason),
    ) -> Result<(), Error> {
        self.tables.alive(node)?;
        let (row, profile) = self.filter(request)?;
        let class = Class { t: &self.tables, spec: request.spec, row: &row, profile: &profile };
        let mask = self.work.mask[node.at()];
        if mask & bit::NOT_NAMED != 0 {
            emit(None, Reason::NotNamed);
        }
        for (bit, plugin) in profile.filters.iter().enumerate() {
            if mask >> bit & 1 != 0 {
                let plugin = Plugin::ALL[*plugin as usize];
                reasons(plugin, &class, request, node, mask, &mut |reason| emit(Some(plugin), reason));
            }
        }
        if mask & bit::OVERLAY != 0 {
            emit(None, Reason::Overlay);
        }
        Ok(())
    }

    /// The weighted score of each rule on each feasible node; a rule that has nothing to say for the pod is left out,
    /// as kube-scheduler skips it. Where one node alone is feasible there are none.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn scores(&mut self, request: &Request<'_>, emit: &mut dyn FnMut(Plugin, NodeId, i64)) -> Result<(), Error> {
        let (row, profile) = self.filter(request)?;
        let nodes = self.tables.node_rows();
        let stride = self.tables.limits.nodes as usize;
        let slot = self.slot(request.spec);
        for plugin in Plugin::ALL {
            let weight = profile.weights[plugin as usize];
            let class = Class { t: &self.tables, spec: request.spec, row: &row, profile: &profile };
            let skips = match plugin {
                _ if weight == 0 => true,
                Plugin::NodeResourcesBalancedAllocation => node_resources_balanced_allocation::skips(&class),
                Plugin::NodeAffinity => node_affinity::skips(&class),
                Plugin::PodTopologySpread => pod_topology_spread::skips(&class, request),
                _ => false,
            };
            if skips {
                continue;
            }
            self.work.total[..nodes].fill(0);
            // The columns of the slot are used as scratch here and computed anew afterwards.
            match plugin {
                Plugin::TaintToleration => self.add_taints(slot, weight, nodes),
                Plugin::NodeAffinity => self.add_affinity(slot, weight, nodes),
                Plugin::PodTopologySpread => self.add_spread(request, &row, &profile, nodes),
                Plugin::VolumeBinding => self.add_volumes(request, &row, &profile, nodes),
                Plugin::InterPodAffinity => {
                    if !self.add_pod_affinity(request, &row, &profile, nodes) {
                        continue;
                    }
                }
                _ => {
                    let base = &mut self.cache.slot_base[slot * stride..slot * stride + nodes];
                    base.fill(0);
                    match plugin {
                        Plugin::NodeResourcesFit => {
                            node_resources_fit::score(&class, 0..nodes, weight, base, &mut self.work);
                        }
                        Plugin::NodeResourcesBalancedAllocation => {
                            node_resources_balanced_allocation::score(&class, 0..nodes, weight, base);
                        }
                        Plugin::ImageLocality => {
                            image_locality::score(&class, 0..nodes, weight, base, &mut self.work);
                        }
                        _ => {}
                    }
                    self.work.total[..nodes].copy_from_slice(base);
                }
            }
            for node in 0..nodes {
                if self.work.mask[node] == 0 {
                    emit(plugin, NodeId(node as u32), self.work.total[node]);
                }
            }
        }
        self.cache.slot_spec[slot] = NONE;
        Ok(())
    }
}

/// No more claims wait than there is room for on the stack.
fn waits(request: &Request<'_>) -> Result<(), Error> {
    let most = MAX_WAITING;
    if request.volumes.waiting.len() <= most {
        return Ok(());
    }
    Err(Error::OutOfRange { field: "waiting claims", most: most as u64 })
}

/// Scrambles a number (the finaliser of SplitMix64).
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}
