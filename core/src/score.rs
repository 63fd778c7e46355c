//! Scoring: the weighted scores of the feasible nodes, summed.

use crate::columns::ANY_TAINTS;
use crate::cycle::{Request, Scheduler};
use crate::plugins::{Class, Plugin, inter_pod_affinity, node_affinity, pod_topology_spread, volume_binding};
use crate::tables::{ProfileRow, SpecRow};
use crate::{Error, divide};

impl Scheduler<'_> {
    /// Sums the weighted scores of the feasible nodes in `work.total`.
    pub(crate) fn score(&mut self, request: &Request<'_>, row: &SpecRow, profile: &ProfileRow) -> Result<(), Error> {
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

    /// The fewer taints advise against a node the better; 100 where none does on any.
    pub(crate) fn add_taints(&mut self, slot: usize, weight: i64, nodes: usize) {
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
    pub(crate) fn add_affinity(&mut self, slot: usize, weight: i64, nodes: usize) {
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

    pub(crate) fn add_spread(&mut self, request: &Request<'_>, row: &SpecRow, profile: &ProfileRow, nodes: usize) {
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
        let mask = core::mem::take(&mut self.work.mask);
        inter_pod_affinity::normalise(mask, weight, nodes, &mut self.work);
        self.work.mask = mask;
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
