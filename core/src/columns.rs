//! Filtering: the cached columns of a spec class, brought up to date, then what depends on other pods.

use core::ops::Range;

use crate::cache::oldest;
use crate::cycle::{Request, Scheduler};
use crate::plugins::{Class, Plugin, filter_by_pods, filter_cached, node_affinity, score_cached, taint_toleration};
use crate::tables::{ProfileRow, Sequence, SpecFlags, SpecRow, node_flag};
use crate::{Error, NONE, SpecId};

/// Bits of a mask above the profile's sixteen filters.
pub(crate) mod bit {
    pub(crate) const OVERLAY: u32 = 1 << 16;
    pub(crate) const NOT_NAMED: u32 = 1 << 17;
    pub(crate) const GONE: u32 = 1 << 31;
}

/// A slot's note that some node has taints that advise against it.
pub(crate) const ANY_TAINTS: u32 = 1;

impl Scheduler<'_> {
    /// Marks in `work.mask` which rules reject which node; a slot of the cache holds the class's columns afterwards.
    pub(crate) fn filter(&mut self, request: &Request<'_>) -> Result<(SpecRow, ProfileRow), Error> {
        request.check(&self.tables)?;
        let (row, profile) = self.tables.spec_row(request.spec)?;
        self.hold(request, &row, &profile)?;
        self.mark(request, &row, &profile);
        for at in 0..self.work.held_count[0] as usize {
            if self.work.held_mask[at] != 0 {
                self.work.mask[self.work.held_node[at] as usize] = self.work.held_mask[at];
            }
        }
        for node in request.rejects {
            if let Some(mask) = self.work.mask.get_mut(node.at()) {
                *mask |= bit::OVERLAY;
            }
        }
        Ok((row, profile))
    }

    /// Marks which rules reject which node as it is.
    pub(crate) fn mark(&mut self, request: &Request<'_>, row: &SpecRow, profile: &ProfileRow) {
        let slot = self.refresh(request.spec, row, profile);
        let nodes = self.tables.node_rows();
        let stride = self.tables.limits.nodes as usize;
        self.work.mask[..nodes].copy_from_slice(&self.cache.slot_mask[slot * stride..slot * stride + nodes]);
        let class = Class { t: &self.tables, spec: request.spec, row, profile };
        let mask = &mut self.work.mask[..nodes];
        if request.pin.is_some() {
            for (mask, name) in mask.iter_mut().zip(class.labels(0)) {
                *mask |= if *name == request.pin.0 { 0 } else { bit::NOT_NAMED };
            }
        }
        // The nominated node is looked at before those that the affinity names are picked out; it does not match, then.
        if let Some(mask) = self.tables.nominated_to(request.nomination).and_then(|node| mask.get_mut(node.at()))
            && *mask & bit::NOT_NAMED != 0
            && let Some(affinity) = profile.filters.iter().position(|plugin| *plugin == Plugin::NodeAffinity as u8)
        {
            *mask |= 1 << affinity;
        }
        let whole = core::mem::take(&mut self.work.mask);
        for (bit, plugin) in profile.filters.iter().enumerate() {
            if let Some(plugin) = Plugin::ALL.get(*plugin as usize) {
                let mask = &mut whole[..nodes];
                filter_by_pods(*plugin, &class, request, bit as u32, &mut self.cache, mask, &mut self.work);
            }
        }
        self.work.mask = whole;
    }

    /// Brings the class's cached columns up to date and says in which slot they are.
    pub(crate) fn refresh(&mut self, spec: SpecId, row: &SpecRow, profile: &ProfileRow) -> usize {
        let found = self.cache.slot_spec.iter().position(|s| *s == spec.0);
        let slot = found.unwrap_or_else(|| oldest(self.cache.slot_tick));
        self.cache.slot_tick[slot] = self.cache.now();
        let head = self.tables.sequence(Sequence::Journal);
        let epoch = self.tables.sequence(Sequence::Epoch);
        let behind = head - self.cache.slot_cursor[slot].min(head);
        let nodes = self.tables.node_rows();
        self.refresh_shares();
        let whole = found.is_none()
            || self.cache.slot_epoch[slot] != epoch
            || behind > self.tables.journal.len() as u64
            || behind > nodes as u64 / 4;
        if whole {
            self.cache.slot_spec[slot] = spec.0;
            self.cache.slot_epoch[slot] = epoch;
            self.compute(slot, spec, row, profile, 0..nodes);
        } else {
            for back in (1..=behind).rev() {
                let node = self.tables.changed(back);
                self.compute(slot, spec, row, profile, node..node + 1);
            }
        }
        self.cache.slot_cursor[slot] = head;
        slot
    }

    /// Computes a slot's columns for a range of nodes.
    pub(crate) fn compute(
        &mut self,
        slot: usize,
        spec: SpecId,
        row: &SpecRow,
        profile: &ProfileRow,
        range: Range<usize>,
    ) {
        let class = Class { t: &self.tables, spec, row, profile };
        let stride = self.tables.limits.nodes as usize;
        let columns = slot * stride..(slot + 1) * stride;
        let facts = &mut self.cache.slot_facts[columns.clone()];
        if taint_toleration::facts(&class, range.clone(), facts, &mut self.work) {
            self.cache.slot_flags[slot] |= ANY_TAINTS;
        } else if range.len() > 1 {
            self.cache.slot_flags[slot] &= !ANY_TAINTS;
        }
        if row.spread_hard.len > 0 || row.spread_soft.len > 0 {
            node_affinity::facts(&class, range.clone(), facts);
        }
        let mask = &mut self.cache.slot_mask[columns.clone()];
        for (mask, flags) in mask[range.clone()].iter_mut().zip(&self.tables.node_flags[range.clone()]) {
            *mask = if flags & node_flag::ALIVE == 0 { bit::GONE } else { 0 };
        }
        for (bit, plugin) in profile.filters.iter().enumerate() {
            if let Some(plugin) = Plugin::ALL.get(*plugin as usize) {
                filter_cached(*plugin, &class, range.clone(), bit as u32, mask, facts);
            }
        }
        if row.flags & SpecFlags::NAMED_NODES != 0 {
            let names = class.t.list(row.names);
            for (mask, name) in mask[range.clone()].iter_mut().zip(&class.labels(0)[range.clone()]) {
                *mask |= if names.contains(name) { 0 } else { bit::NOT_NAMED };
            }
        }
        node_affinity::raw(&class, range.clone(), &mut self.cache.slot_affinity[columns.clone()]);
        let base = core::mem::take(&mut self.cache.slot_base);
        let column = &mut base[columns.clone()];
        column[range.clone()].fill(0);
        for plugin in [Plugin::NodeResourcesFit, Plugin::NodeResourcesBalancedAllocation, Plugin::ImageLocality] {
            score_cached(plugin, &class, range.clone(), column, self.cache.shares(), &mut self.work);
        }
        self.cache.slot_base = base;
        if row.overlay != NONE {
            self.overlay(row.overlay as usize, columns, range);
        }
    }

    /// Takes in the caller's own mask and scores.
    pub(crate) fn overlay(&mut self, overlay: usize, columns: Range<usize>, range: Range<usize>) {
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
}
