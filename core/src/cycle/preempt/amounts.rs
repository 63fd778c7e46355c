//! Weighing a node where nothing but requested amounts stands in the way: additions over the node's pods, without a trial.

use super::{Best, Candidate, PreemptOptions, Way, victims};
use crate::cycle::Cycle;
use crate::cycle::columns::filters;
use crate::plugin::Plugin;
use crate::plugins::{Filter, entry};
use crate::tables::{Count, Rule, victim_flag};
use crate::{Error, NodeId, ResourceId};

/// How many resources may be short on a node for it to be weighed so.
const MOST: usize = 8;

/// What is short on a node.
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

    /// What must go from a node, by resource; none where a resource that the pod asks for could never be enough. Resources that are not short
    /// stay so, whoever is spared.
    fn short_on(&mut self, node: NodeId) -> Option<Amounts> {
        let (pod, ..) = self.parts();
        let (t, class) = (pod.class.t, &pod.class);
        let mut amounts = Amounts { count: 0, resource: [0; MOST], short: [0; MOST] };
        let requests = class.requests(t.spec_fit);
        for (resource, request) in requests[..t.count(Count::Resources) as usize].iter().enumerate() {
            let request = if resource == ResourceId::PODS.at() { 1 } else { *request };
            let allocatable = class.column(t.allocatable, resource)[node.at()];
            let free = allocatable.wrapping_sub(class.column(t.requested, resource)[node.at()]);
            if request <= 0 || request <= free {
                continue;
            }
            if request > allocatable && resource != ResourceId::PODS.at() {
                return None;
            }
            // The first of them are enough to tell that a node is no better.
            if amounts.count < MOST {
                (amounts.resource[amounts.count], amounts.short[amounts.count]) =
                    (resource, request.saturating_sub(free));
                amounts.count += 1;
            }
        }
        Some(amounts)
    }

    pub(super) fn weigh_amounts(
        &mut self,
        node: NodeId,
        way: &Way,
        options: &PreemptOptions<'_>,
        best: &mut Best,
    ) -> Result<(), Error> {
        let Some(amounts) = self.short_on(node).filter(|amounts| self.can_beat(node, way, amounts, best)) else {
            return Ok(());
        };
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
        let kept = victims::keep_victims(rows, options);
        if let Some(candidate) = Candidate::of(node, &rows[..kept]) {
            best.take(candidate);
        }
        Ok(())
    }

    /// [`Self::can_beat`] for a node on which amounts may be short.
    pub(super) fn may_beat(&mut self, node: NodeId, way: &Way, best: &Best) -> bool {
        match self.short_on(node) {
            Some(amounts) => amounts.count == 0 || self.can_beat(node, way, &amounts, best),
            None => false,
        }
    }

    /// Whether a node may be a candidate that is as good as the best so far, or better: by what its pods of low priority hold in all, and the
    /// fewest pods that hold enough. Says yes where it cannot tell; costs a look at each pod.
    fn can_beat(&self, node: NodeId, way: &Way, amounts: &Amounts, best: &Best) -> bool {
        // One that is better has no violation either, and no victim of a higher priority.
        let Some((best, _)) = best.0.filter(|(best, _)| best.violations == 0) else {
            return true;
        };
        let (t, most) = (&self.s.tables, best.highest);
        let (stride, resource) = (t.limits.resources as usize, amounts.resource[0]);
        let groups_of = &self.s.work.label_groups;
        // By the budgets that pods are part of: how many are more important than the best one's victims, and what those of lower and of the same
        // priority hold. Without branches on what is drawn: there is no telling which pod is which.
        let (mut important, mut held) = ([0i32; GROUPS], [[0i64; 2]; GROUPS]);
        let (mut largest, mut least) = (0i64, most);
        let mut next = t.node_pods[node.at()];
        while let Some(priority) = t.pod_priority.get(next as usize) {
            let pod = next as usize;
            next = t.pod_next[pod];
            let (may_go, is_above) = (*priority < way.priority, *priority > most);
            let group = if way.budgets > 0 { groups_of[t.pod_labels[pod] as usize] as usize % GROUPS } else { 0 };
            important[group] += i32::from(may_go & is_above);
            let spec = t.pod_spec[pod] as usize * stride;
            let amount = if resource == ResourceId::PODS.at() { 1 } else { t.spec_bound[spec + resource] };
            let amount = if is_above { 0 } else { amount };
            let sum = &mut held[group][usize::from(*priority == most)];
            *sum = sum.saturating_add(amount);
            largest = largest.max(amount);
            least = least.min(*priority);
        }
        // Of a budget, the most important pods may go without a violation, as many as it allows.
        let may_go = |budget: usize| {
            let counted = way.groups.iter().zip(&important).filter(|(group, _)| {
                // From 1.37 on, budgets after one that is violated are not counted down: only the first surely is.
                let counted = if way.first_budget { **group & group.wrapping_neg() } else { **group };
                counted >> budget & 1 != 0
            });
            counted.map(|(_, important)| *important).sum::<i32>() < t.budget_allowed[budget]
        };
        let forbidden = (0..way.budgets).filter(|budget| !may_go(*budget)).fold(0u64, |all, one| all | 1 << one);
        let (mut lower, mut equal) = (0i64, 0i64);
        for (_, held) in way.groups.iter().zip(&held).filter(|(group, _)| *group & forbidden == 0) {
            lower = lower.saturating_add(held[0]);
            equal = equal.saturating_add(held[1]);
        }
        let short = amounts.short[0];
        if lower.saturating_add(equal) < short {
            return false;
        }
        if lower >= short || largest <= 0 {
            return true;
        }
        // Else one victim has the best one's highest priority, so that the sum decides; no other adds less than the lowest does.
        let fewest = (short - 1) / largest;
        let raised = |priority: i32| i64::from(priority) + (1 << 31);
        fewest.saturating_mul(raised(least)).saturating_add(raised(most)) <= best.sum
    }

    /// Notes for each label class which group it is in: that of its set of budgets, a bit each. How many budgets there are, where they are
    /// few, and the groups. Where there are more groups than are told apart, the rest counts as in no budget, so that no node is left out.
    pub(super) fn note_budgets(&mut self) -> (usize, [u64; GROUPS]) {
        let (t, work) = (&self.s.tables, &mut self.s.work);
        let budgets = t.count(Count::Budgets);
        let mut groups = [0; GROUPS];
        if budgets as usize > BUDGETS {
            return (0, groups);
        }
        let mut used = 1;
        for (class, group) in (0..t.count(Count::LabelClasses)).zip(&mut *work.label_groups) {
            let selects = |budget: &u32| t.selects(t.budget_selector[*budget as usize], class);
            let set = (0..budgets).filter(selects).fold(0, |all, budget| all | 1 << budget);
            let known = groups[..used].iter().position(|group| *group == set);
            *group = match known {
                Some(known) => known as u8,
                None if used < GROUPS => {
                    groups[used] = set;
                    used += 1;
                    used as u8 - 1
                }
                None => 0,
            };
        }
        (budgets as usize, groups)
    }
}

/// How many budgets are looked at to tell whether a node can be better.
const BUDGETS: usize = 64;
/// How many sets of budgets are told apart on a node.
pub(super) const GROUPS: usize = 8;
