//! The cached columns of a spec class: what its filters and scores say of a node by the class and the node alone. A slot replays the
//! journal from its own cursor, so that asking again costs what has changed.

use core::ops::Range;

use super::mask::bit;
use crate::block::Scheduler;
use crate::derived::{Cache, Columns, Scratch, oldest, slot_flag};
use crate::plugin::Plugin;
use crate::plugins::{Class, Filter, Marks, Score, entry};
use crate::tables::{ProfileRow, Rule, RuleRow, Sequence, SpecFlags, SpecRow, node_flag, undo};
use crate::{NodeId, SpecId};

/// The filters of a profile with their places.
pub(super) fn filters(profile: &ProfileRow) -> impl Iterator<Item = (usize, Rule)> + use<> {
    profile.filters.into_iter().map_while(RuleRow::read).enumerate()
}

impl Scheduler<'_> {
    /// Brings the class's cached columns up to date and says in which slot they are.
    pub(super) fn refresh(&mut self, spec: SpecId, row: &SpecRow, profile: &ProfileRow) -> usize {
        let Scheduler { tables, cache, work } = self;
        let found = cache.slot_spec.iter().position(|s| *s == spec.0);
        let slot = found.unwrap_or_else(|| oldest(cache.slot_tick));
        cache.slot_tick[slot] = cache.now();
        let head = tables.sequence(Sequence::Journal);
        let epoch = tables.sequence(Sequence::Epoch);
        let behind = head - cache.slot_cursor[slot].min(head);
        let nodes = tables.node_rows();
        let class = Class { t: tables, spec, row, profile };
        let touched = work.trial_state[undo::NODES] as usize;
        cache.refresh_node_resources(tables, &work.trial_nodes[..touched]);
        let whole = found.is_none()
            || cache.slot_epoch[slot] != epoch
            || behind > tables.journal.len() as u64
            || behind > nodes as u64 / 4;
        if whole {
            cache.slot_spec[slot] = spec.0;
            cache.slot_epoch[slot] = epoch;
            cache.slot_flags[slot] = 0;
            compute(cache, work, slot, &class, 0..nodes);
        } else {
            for back in (1..=behind).rev() {
                let node = tables.changed(back);
                compute(cache, work, slot, &class, node..node + 1);
            }
            // Nodes that a trial has changed are not in the journal.
            for at in 0..touched {
                let node = work.trial_nodes[at] as usize;
                compute(cache, work, slot, &class, node..node + 1);
            }
        }
        if touched > 0 {
            cache.slot_flags[slot] |= slot_flag::IN_TRIAL;
        }
        cache.slot_cursor[slot] = head;
        slot
    }

    /// After a trial: computes its nodes again in the slots that were brought up to date inside it.
    pub(super) fn refresh_after_trial(&mut self) {
        let Scheduler { tables, cache, work } = self;
        let touched = work.trial_state[undo::NODES] as usize;
        let in_trial = |cache: &Cache<'_>, slot: &usize| cache.slot_flags[*slot] & slot_flag::IN_TRIAL != 0;
        if !(0..cache.slot_flags.len()).any(|slot| in_trial(cache, &slot)) {
            return;
        }
        cache.refresh_node_resources(tables, &work.trial_nodes[..touched]);
        for slot in 0..cache.slot_flags.len() {
            if !in_trial(cache, &slot) {
                continue;
            }
            cache.slot_flags[slot] &= !slot_flag::IN_TRIAL;
            let spec = SpecId(cache.slot_spec[slot]);
            let Ok((row, profile)) = tables.spec_row(spec) else { continue };
            let class = Class { t: tables, spec, row: &row, profile: &profile };
            for at in 0..touched {
                let node = work.trial_nodes[at] as usize;
                compute(cache, work, slot, &class, node..node + 1);
            }
        }
    }

    /// The nodes that trials have touched, each once.
    pub(super) fn touch(&mut self, node: NodeId) {
        let work = &mut self.work;
        if core::mem::replace(&mut work.trial_touched[node.at()], 1) == 0 {
            let at = &mut work.trial_state[undo::NODES];
            work.trial_nodes[*at as usize] = node.0;
            *at += 1;
        }
    }
}

/// Computes a slot's columns for a range of nodes.
fn compute(cache: &mut Cache<'_>, work: &mut Scratch<'_>, slot: usize, class: &Class<'_>, range: Range<usize>) {
    filter_class(class, range.clone(), &mut cache.columns(slot, range.clone()), work);
    let stride = class.t.limits.nodes as usize;
    let whole = core::mem::take(&mut cache.slot_base);
    let base = &mut whole[slot * stride + range.start..slot * stride + range.end];
    base.fill(0);
    for plugin in Plugin::ALL {
        let weight = class.weight(*plugin);
        if let Score::Class { skips, add } = entry(*plugin).score
            && weight != 0
            && !skips(class)
        {
            add(class, range.clone(), weight, base, cache.node_resources(), work);
        }
    }
    cache.slot_base = whole;
}

/// Writes the columns of a class but the base score.
pub(super) fn filter_class(class: &Class<'_>, range: Range<usize>, columns: &mut Columns<'_>, work: &mut Scratch<'_>) {
    prepare(class, range.clone(), columns, work);
    for (mask, flags) in columns.mask.iter_mut().zip(&class.t.node_flags[range.clone()]) {
        *mask = if flags & node_flag::ALIVE == 0 { bit::GONE } else { 0 };
    }
    for (place, rule) in filters(class.profile) {
        if let Rule::Plugin(plugin) = rule
            && let Filter::Class(run) = entry(plugin).filter
        {
            run(class, range.clone(), Marks::filter(place), columns.mask, columns.facts);
        }
    }
    if class.row.flags & SpecFlags::NAMED_NODES != 0 {
        let names = class.t.list(class.row.names);
        for (mask, name) in columns.mask.iter_mut().zip(&class.labels(0)[range]) {
            *mask |= if names.contains(name) { 0 } else { bit::NOT_NAMED };
        }
    }
}

/// Writes what plugins know of a class on each node beside the mask.
pub(super) fn prepare(class: &Class<'_>, range: Range<usize>, columns: &mut Columns<'_>, work: &mut Scratch<'_>) {
    columns.facts.fill(0);
    columns.affinity.fill(0);
    for plugin in Plugin::ALL {
        if let Some(prepare) = entry(*plugin).prepare {
            prepare(class, range.clone(), columns, work);
        }
    }
}
