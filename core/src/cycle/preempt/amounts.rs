//! Weighing a node where nothing but requested amounts stands in the way: additions over the node's pods, without a trial.

use super::{Best, Candidate, PreemptOptions, Way, victims};
use crate::cycle::Cycle;
use crate::cycle::columns::filters;
use crate::plugin::Plugin;
use crate::plugins::{Filter, entry};
use crate::tables::{Count, Rule, victim_flag};
use crate::{Error, NodeId, ResourceId};

/// How many resources a pod may ask for to be weighed so.
const MOST: usize = 8;

/// What is short on a node, of the resources that the pod asks for.
struct Amounts {
    count: usize,
    resource: [usize; MOST],
    /// How much must go.
    short: [i64; MOST],
}

impl Cycle<'_, '_, '_> {
    /// The bit of NodeResourcesFit, where no other filter has to do with the pods on a node.
    pub(super) fn by_amounts(&mut self) -> Option<u32> {
        let (pod, mut work, external) = self.parts();
        let mut fit = None;
        for (place, rule) in filters(pod.class.profile) {
            match rule {
                Rule::Plugin(Plugin::NodeResourcesFit) => fit = Some(1 << place),
                Rule::Plugin(plugin) => {
                    let entry = entry(plugin);
                    if !matches!(entry.filter, Filter::None) && (entry.by_pods)(&pod, &mut work) {
                        return None;
                    }
                }
                Rule::External(_) => return None,
            }
        }
        let t = pod.class.t;
        let requests = pod.class.requests(t.spec_fit);
        let asked = requests[..t.count(Count::Resources) as usize].iter().filter(|request| **request > 0).count();
        fit.filter(|_| external.is_none() && asked < MOST)
    }

    /// What must go from a node, by resource. Whatever is not short is left out, but for what evictions could never make short.
    fn short_on(&mut self, node: NodeId) -> Amounts {
        let (pod, ..) = self.parts();
        let (t, class) = (pod.class.t, &pod.class);
        let mut amounts = Amounts { count: 0, resource: [0; MOST], short: [0; MOST] };
        let requests = class.requests(t.spec_fit);
        for (resource, request) in requests[..t.count(Count::Resources) as usize].iter().enumerate() {
            let request = if resource == ResourceId::PODS.at() { 1 } else { *request };
            if request <= 0 {
                continue;
            }
            let free = class.column(t.allocatable, resource)[node.at()]
                .wrapping_sub(class.column(t.requested, resource)[node.at()]);
            let short = request.saturating_sub(free);
            (amounts.resource[amounts.count], amounts.short[amounts.count]) = (resource, short);
            amounts.count += 1;
        }
        amounts
    }

    pub(super) fn weigh_amounts(
        &mut self,
        node: NodeId,
        way: &Way,
        fit: u32,
        options: &PreemptOptions<'_>,
        best: &mut Best,
    ) -> Result<(), Error> {
        // Another filter rejects the node too, and no eviction changes that.
        if self.s.work.mask[node.at()] != fit {
            return Ok(());
        }
        let amounts = self.short_on(node);
        if !self.can_beat(node, way, &amounts, best) {
            return Ok(());
        }
        let count = self.gather(node, way.priority, options)?;
        victims::sort(&mut self.s.work.victims[..count], options);
        self.mark_violations(count, options);
        let (t, rows) = (&self.s.tables, &mut self.s.work.victims[..count]);
        let stride = t.limits.resources as usize;
        let held = |spec: u32, resource: usize| {
            if resource == ResourceId::PODS.at() { 1 } else { t.spec_bound[spec as usize * stride + resource] }
        };
        // How much more goes than must.
        let mut spare = [0i64; MOST];
        let used = 0..amounts.count;
        for at in used.clone() {
            let all = rows.iter().map(|row| held(row.spec, amounts.resource[at])).fold(0, i64::saturating_add);
            spare[at] = all.saturating_sub(amounts.short[at]);
        }
        if spare[used.clone()].iter().any(|spare| *spare < 0) {
            return Ok(());
        }
        for violates in [victim_flag::VIOLATES, 0] {
            for row in rows.iter_mut().filter(|row| row.flags & victim_flag::VIOLATES == violates) {
                if used.clone().all(|at| held(row.spec, amounts.resource[at]) <= spare[at]) {
                    used.clone().for_each(|at| spare[at] -= held(row.spec, amounts.resource[at]));
                    row.flags |= victim_flag::REPRIEVED;
                }
            }
        }
        let kept = victims::keep_victims(rows);
        if let Some(candidate) = Candidate::of(node, &rows[..kept]) {
            best.take(candidate);
        }
        Ok(())
    }

    /// Whether a node may be a candidate that is as good as the best so far, or better: by what its pods of low priority hold in all, and the
    /// fewest pods that hold enough.
    fn can_beat(&self, node: NodeId, way: &Way, amounts: &Amounts, best: &Best) -> bool {
        let t = &self.s.tables;
        // One that is better has no violation either, and no victim of a higher priority.
        let (most, sum) = match best.0 {
            Some((best, _)) if best.violations == 0 => (best.highest, best.sum),
            _ => (way.priority - 1, i64::MAX),
        };
        let stride = t.limits.resources as usize;
        let (mut lower, mut equal, mut largest) = ([0i64; MOST], [0i64; MOST], [0i64; MOST]);
        let mut least = most;
        for pod in t.pods_on(node) {
            let priority = t.pod_priority[pod.at()];
            if priority > most {
                continue;
            }
            least = least.min(priority);
            let all = if priority == most { &mut equal } else { &mut lower };
            let row = t.pod_spec[pod.at()] as usize * stride;
            for at in 0..amounts.count {
                let resource = amounts.resource[at];
                let held = if resource == ResourceId::PODS.at() { 1 } else { t.spec_bound[row + resource] };
                all[at] = all[at].saturating_add(held);
                largest[at] = largest[at].max(held);
            }
        }
        let (mut is_lower_enough, mut fewest) = (true, 1);
        for at in 0..amounts.count {
            let short = amounts.short[at];
            if lower[at].saturating_add(equal[at]) < short {
                return false;
            }
            is_lower_enough &= lower[at] >= short;
            if short > 0 && largest[at] > 0 {
                fewest = fewest.max((short - 1) / largest[at] + 1);
            }
        }
        // Else one victim has the best one's highest priority, so that the sum decides; no other adds less than the lowest does.
        let raised = |priority: i32| i64::from(priority) + (1 << 31);
        is_lower_enough || (fewest - 1).saturating_mul(raised(least)).saturating_add(raised(most)) <= sum
    }
}
