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

impl Way {
    /// The groups, a byte each, of which a pod may go without a violation when so many pods of each group are more important. Of a budget, the
    /// most important pods may go, as many as it allows.
    fn open_groups(&self, above: [u8; GROUPS], allowed: &[i32]) -> u64 {
        let mut open = u64::MAX;
        for (budget, allowed) in allowed.iter().enumerate().take(self.budgets) {
            let mut counted = 0;
            let mut part = 0u64;
            for (at, (group, above)) in self.groups.iter().zip(above).enumerate() {
                // From 1.37 on, budgets after one that is violated are not counted down: only the first surely is.
                let sure = if self.first_budget { *group & group.wrapping_neg() } else { *group };
                counted += i32::from(above) * (sure >> budget & 1) as i32;
                part |= (group >> budget & 1) << (8 * at);
            }
            if counted >= *allowed {
                open &= !part;
            }
        }
        open
    }
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
        way: &mut Way,
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
    pub(super) fn may_beat(&mut self, node: NodeId, way: &mut Way, best: &Best) -> bool {
        match self.short_on(node) {
            Some(amounts) => amounts.count == 0 || self.can_beat(node, way, &amounts, best),
            None => false,
        }
    }

    /// Whether a node may be a candidate that is as good as the best so far, or better: by what its pods of low priority hold in all, and the
    /// fewest pods that hold enough. Says yes where it cannot tell; costs a look at each pod, and a second one on few nodes.
    fn can_beat(&self, node: NodeId, way: &mut Way, amounts: &Amounts, best: &Best) -> bool {
        // One that is better has no violation either, and no victim of a higher priority.
        let Some((best, _)) = best.0.filter(|(best, _)| best.violations == 0) else {
            return true;
        };
        let (t, most) = (&self.s.tables, best.highest);
        let (resource, short) = (amounts.resource[0], amounts.short[0]);
        let Some((low, open)) = self.low_on(node, way, most) else {
            return true;
        };
        // What those hold that may go without a violation: those of lower priority than `most`, and those of the same.
        let stride = t.limits.resources as usize;
        let (mut lower, mut equal) = (0i64, 0i64);
        let (mut largest, mut least) = (0i64, most);
        for pod in way.low[..low].iter().map(|pod| *pod as usize) {
            let (priority, class) = (t.pod_priority[pod], t.pod_labels[pod] as usize);
            if self.s.work.label_groups[class] & open == 0 && way.budgets > 0 {
                continue;
            }
            let amount = match resource == ResourceId::PODS.at() {
                true => 1,
                false => t.spec_bound[t.pod_spec[pod] as usize * stride + resource],
            };
            let sum = if priority == most { &mut equal } else { &mut lower };
            *sum = sum.saturating_add(amount);
            largest = largest.max(amount);
            least = least.min(priority);
        }
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

    /// Notes the pods on a node up to the priority `most`: how many, and of which groups a pod may go without a violation, a byte each. None where
    /// they are more than a byte counts. Without branches on what is drawn: there is no telling which pod is which.
    fn low_on(&self, node: NodeId, way: &mut Way, most: i32) -> Option<(usize, u64)> {
        let t = &self.s.tables;
        let all = t.pod_priority.len();
        let (priorities, nexts, labels) = (&t.pod_priority[..all], &t.pod_next[..all], &t.pod_labels[..all]);
        let groups = &*self.s.work.label_groups;
        // How many pods of each group are more important than the best one's victims.
        let (mut above, mut low, mut pods) = (0u64, 0, 0);
        let mut next = t.node_pods[node.at()] as usize;
        while next < all {
            let (pod, priority) = (next, priorities[next]);
            next = nexts[pod] as usize;
            let is_above = (priority > most) & (priority < way.priority);
            let group = if way.budgets > 0 { groups[labels[pod] as usize] } else { 0 };
            above = above.wrapping_add(group & u64::from(is_above).wrapping_neg());
            way.low[low % MOST_PODS] = pod as u32;
            low += usize::from(priority <= most);
            pods += 1;
        }
        (pods < MOST_PODS).then(|| (low, way.open_groups(above.to_le_bytes(), t.budget_allowed)))
    }

    /// Notes for each label class which group it is in, that of its set of budgets, as a one in the group's byte. How many budgets there are, where they are
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
            let at = match known {
                Some(known) => known,
                None if used < GROUPS => {
                    groups[used] = set;
                    used += 1;
                    used - 1
                }
                None => 0,
            };
            *group = 1 << (8 * at);
        }
        (budgets as usize, groups)
    }
}

/// On nodes with so many pods or more, it is not told whether they can be better.
pub(super) const MOST_PODS: usize = 256;
/// How many budgets are looked at to tell whether a node can be better.
const BUDGETS: usize = 64;
/// How many sets of budgets are told apart on a node.
pub(super) const GROUPS: usize = 8;
