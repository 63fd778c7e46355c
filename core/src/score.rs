//! Scoring: the weighted scores of the feasible nodes, summed.

use crate::Error;
use crate::cache::fact;
use crate::columns::ANY_TAINTS;
use crate::cycle::{Request, Scheduler};
use crate::plugins::{Class, Plugin, inter_pod_affinity, node_affinity, pod_topology_spread, volume_binding};
use crate::simd::wide;
use crate::tables::{ProfileRow, SpecRow};

/// The total of a node that is not feasible: below all others, whatever scores are added to it.
pub(crate) const REJECTED: i64 = i64::MIN / 2;

impl Scheduler<'_> {
    /// Sums the weighted scores of the feasible nodes in `work.total`.
    pub(crate) fn score(&mut self, request: &Request<'_>, row: &SpecRow, profile: &ProfileRow) -> Result<(), Error> {
        let nodes = self.tables.node_rows();
        let stride = self.tables.limits.nodes as usize;
        let slot = self.cache.slot(request.spec);
        let weight = |plugin: Plugin| profile.weights[plugin as usize];
        let base = &self.cache.slot_base[slot * stride..slot * stride + nodes];
        let (mask, total) = (&self.work.mask[..nodes], &mut self.work.total[..nodes]);
        wide!({
            for ((total, base), mask) in total.iter_mut().zip(base).zip(mask) {
                *total = if *mask == 0 { *base } else { REJECTED };
            }
        });
        self.add_taints(slot, weight(Plugin::TaintToleration), nodes);
        if !node_affinity::skips(&Class { t: &self.tables, spec: request.spec, row, profile }) {
            self.add_affinity(slot, weight(Plugin::NodeAffinity), nodes);
        }
        self.add_spread(request, row, profile, nodes);
        self.add_pod_affinity(request, row, profile, nodes);
        self.add_volumes(request, row, profile, nodes);
        Ok(())
    }

    /// The fewer taints advise against a node the better; 100 where none does on any.
    pub(crate) fn add_taints(&mut self, slot: usize, weight: i64, nodes: usize) {
        let facts = &self.cache.facts(slot)[..nodes];
        let (mask, total) = (&self.work.mask[..nodes], &mut self.work.total[..nodes]);
        let of_feasible = |(mask, facts): (&u32, &u16)| u32::from(facts & fact::ADVISED) * u32::from(*mask == 0);
        let most = match self.cache.slot_flags[slot] & ANY_TAINTS {
            0 => 0,
            // Seldom is there more than one.
            _ => match wide!(mask.iter().zip(facts).map(of_feasible).fold(0, |all, advised| all | advised)) {
                few @ 0..=1 => few,
                _ => mask.iter().zip(facts).map(of_feasible).fold(0, u32::max),
            },
        };
        match most {
            0 => wide!(total.iter_mut().for_each(|total| *total += weight * 100)),
            1 => wide!({
                for (total, facts) in total.iter_mut().zip(facts) {
                    *total += if facts & fact::ADVISED == 0 { weight * 100 } else { 0 };
                }
            }),
            _ => {
                for (total, facts) in total.iter_mut().zip(facts) {
                    *total += weight * (100 - 100 * i64::from(facts & fact::ADVISED) / i64::from(most));
                }
            }
        }
    }

    /// The more preferred terms match the better; 0 where none does on any.
    pub(crate) fn add_affinity(&mut self, slot: usize, weight: i64, nodes: usize) {
        let stride = self.tables.limits.nodes as usize;
        let raw = &self.cache.slot_affinity[slot * stride..slot * stride + nodes];
        let (mask, total) = (&self.work.mask[..nodes], &mut self.work.total[..nodes]);
        if weight == 0 {
            return;
        }
        let of_feasible = |(mask, raw): (&u32, &i32)| if *mask == 0 { *raw } else { 0 };
        let most = wide!(mask.iter().zip(raw).map(of_feasible).fold(0, i32::max));
        if most > 0 {
            for (total, raw) in total.iter_mut().zip(raw) {
                *total += weight * (100 * i64::from(*raw) / i64::from(most));
            }
        }
    }

    /// The more evenly pods are spread the better.
    pub(crate) fn add_spread(&mut self, request: &Request<'_>, row: &SpecRow, profile: &ProfileRow, nodes: usize) {
        let weight = profile.weights[Plugin::PodTopologySpread as usize];
        let class = Class { t: &self.tables, spec: request.spec, row, profile };
        if weight == 0 || pod_topology_spread::skips(&class, request) {
            return;
        }
        let mask = core::mem::take(&mut self.work.mask);
        let bounds = pod_topology_spread::raw(&class, request, &mut self.cache, &mask[..nodes], &mut self.work);
        pod_topology_spread::normalise(bounds, weight, &self.work.real[..nodes], &mut self.work.total[..nodes]);
        self.work.mask = mask;
    }

    /// Adds the score of pod affinity; whether there is any.
    pub(crate) fn add_pod_affinity(
        &mut self,
        request: &Request<'_>,
        row: &SpecRow,
        profile: &ProfileRow,
        nodes: usize,
    ) -> bool {
        let weight = profile.weights[Plugin::InterPodAffinity as usize];
        let class = Class { t: &self.tables, spec: request.spec, row, profile };
        if weight == 0 || !inter_pod_affinity::raw(&class, request, &mut self.cache, &mut self.work) {
            return false;
        }
        let (mask, raw) = (&self.work.mask[..nodes], &self.work.raw[..nodes]);
        inter_pod_affinity::normalise(mask, raw, weight, &mut self.work.total[..nodes]);
        true
    }

    /// Adds the score of storage.
    pub(crate) fn add_volumes(&mut self, request: &Request<'_>, row: &SpecRow, profile: &ProfileRow, nodes: usize) {
        let weight = profile.weights[Plugin::VolumeBinding as usize];
        let class = Class { t: &self.tables, spec: request.spec, row, profile };
        if weight != 0 {
            let (mask, total) = (&self.work.mask[..nodes], &mut self.work.total[..nodes]);
            volume_binding::score(&class, request, weight, mask, total);
        }
    }
}
