//! Scoring: the weighted scores of the feasible nodes, summed.

use super::{Cycle, Filtered, Scored};
use crate::math::simd::wide;
use crate::plugin::Plugin;
use crate::plugins::{Score, entry};
use crate::tables::Rule;
use crate::{ExternalId, NodeId};

/// The total of a node that is not feasible: below all others, whatever scores are added to it.
pub(super) const REJECTED: i64 = i64::MIN / 2;
/// The least total of a node that is feasible: all plugins together cannot bring one that is not so far up.
pub(super) const LEAST_TOTAL: i64 = i64::MIN / 4;

impl<'s, 'm, 'r> Filtered<'s, 'm, 'r> {
    /// Scores the feasible nodes, even where there is only one.
    #[must_use]
    pub fn score(self) -> Scored<'s, 'm, 'r> {
        let feasible = self.feasible();
        self.score_feasible(feasible)
    }

    /// The same where the number of feasible nodes is known.
    pub(super) fn score_feasible(mut self, feasible: u32) -> Scored<'s, 'm, 'r> {
        let cycle = &mut self.0;
        let nodes = cycle.nodes();
        let stride = cycle.s.tables.limits.nodes as usize;
        let slot = cycle.s.cache.slot(cycle.request.spec);
        let base = &cycle.s.cache.slot_base[slot * stride..slot * stride + nodes];
        let work = &mut cycle.s.work;
        let (mask, total) = (&work.mask[..nodes], &mut work.total[..nodes]);
        wide!({
            for ((total, base), mask) in total.iter_mut().zip(base).zip(mask) {
                *total = if *mask == 0 { *base } else { REJECTED };
            }
        });
        for plugin in Plugin::ALL {
            cycle.add_feasible(*plugin);
        }
        for at in 0..cycle.profile.externals.len / 2 {
            let (slot, weight) = cycle.external_score(at);
            cycle.add_external(slot, weight);
        }
        Scored { cycle: self.0, feasible }
    }

    /// Calls `emit` with the weighted score of each plugin and slot on each feasible node, plugin by plugin; one that PreScore skips for the pod is
    /// left out. Their sums are the totals of [`Self::score`]. kube-scheduler does not score where one node alone is feasible.
    pub fn scores(&mut self, emit: &mut dyn FnMut(Rule, NodeId, i64)) {
        let cycle = &mut self.0;
        let nodes = cycle.nodes();
        let mut send = |cycle: &Cycle<'_, '_, '_>, rule: Rule| {
            let (mask, total) = (&cycle.s.work.mask[..nodes], &cycle.s.work.total[..nodes]);
            for (node, (_, total)) in mask.iter().zip(total).enumerate().filter(|(_, (mask, _))| **mask == 0) {
                emit(rule, NodeId(node as u32), *total);
            }
        };
        for plugin in Plugin::ALL {
            cycle.s.work.total[..nodes].fill(0);
            if cycle.add_feasible(*plugin) || cycle.add_class(*plugin) {
                send(cycle, Rule::Plugin(*plugin));
            }
        }
        for at in 0..cycle.profile.externals.len / 2 {
            let (slot, weight) = cycle.external_score(at);
            cycle.s.work.total[..nodes].fill(0);
            cycle.add_external(slot, weight);
            send(cycle, Rule::External(slot));
        }
    }
}

impl Cycle<'_, '_, '_> {
    fn external_score(&self, at: u32) -> (ExternalId, i64) {
        let pair = &self.s.tables.list(self.profile.externals)[at as usize * 2..];
        (ExternalId(pair[0]), i64::from(pair[1]))
    }

    /// Adds the score of a plugin that is normalised over the feasible nodes; whether it has one.
    fn add_feasible(&mut self, plugin: Plugin) -> bool {
        let Score::Feasible(add) = entry(plugin).score else { return false };
        let nodes = self.nodes();
        let weight = self.profile.weights[plugin as usize];
        if weight == 0 {
            return false;
        }
        let (mask, total) = (core::mem::take(&mut self.s.work.mask), core::mem::take(&mut self.s.work.total));
        let (pod, mut work, _) = self.parts();
        let added = add(&pod, weight, &mask[..nodes], &mut total[..nodes], &mut work);
        (self.s.work.mask, self.s.work.total) = (mask, total);
        added
    }

    /// Adds the score of a plugin that is part of the class's base; whether it has one.
    fn add_class(&mut self, plugin: Plugin) -> bool {
        let Score::Class { skips, add } = entry(plugin).score else { return false };
        let nodes = self.nodes();
        let total = core::mem::take(&mut self.s.work.total);
        let (pod, work, _) = self.parts();
        let (class, weight) = (pod.class, pod.class.weight(plugin));
        let has_one = weight != 0 && !skips(&class);
        if has_one {
            let resources = work.cache.node_resources();
            add(&class, 0..nodes, weight, &mut total[..nodes], resources, work.scratch);
        }
        self.s.work.total = total;
        has_one
    }
}

impl Scored<'_, '_, '_> {
    /// The total of a feasible node.
    #[must_use]
    pub fn total(&self, node: NodeId) -> Option<i64> {
        let work = &self.cycle.s.work;
        let mask = work.mask[..self.cycle.nodes()].get(node.at())?;
        (*mask == 0).then(|| work.total[node.at()])
    }

    /// Adds to the total of a node, as an extender's priorities do; a node that is not feasible is passed over.
    pub fn add(&mut self, node: NodeId, score: i64) {
        if let Some(total) = self.total(node) {
            self.cycle.s.work.total[node.at()] = total.saturating_add(score).max(LEAST_TOTAL);
        }
    }
}
