//! Which evictions violate a disruption budget.

use super::{Exempt, PreemptOptions};
use crate::cycle::Cycle;
use crate::tables::{Count, victim_flag};
use crate::{BudgetId, PodId};

impl Cycle<'_, '_, '_> {
    /// Marks the first so many rows of `work.victims`, in their order, whose eviction would violate a budget: each pod takes one from
    /// every budget that it is part of, and violates those in which nothing was left.
    pub(super) fn mark_violations(&mut self, victims: usize, options: &PreemptOptions<'_>) {
        let budgets = self.s.tables.count(Count::Budgets);
        if budgets == 0 {
            return;
        }
        let (t, work) = (&self.s.tables, &mut self.s.work);
        let left = &mut work.budget_left[..budgets as usize];
        left.copy_from_slice(&t.budget_allowed[..budgets as usize]);
        for victim in &mut work.victims[..victims] {
            for (budget, left) in (0..budgets).zip(&mut *left) {
                let is_exempt =
                    || options.exempt.contains(&Exempt { budget: BudgetId(budget), pod: PodId(victim.pod) });
                if !t.selects(t.budget_selector[budget as usize], victim.labels) || is_exempt() {
                    continue;
                }
                *left = left.wrapping_sub(1);
                if *left < 0 {
                    victim.flags |= victim_flag::VIOLATES;
                    if options.until_violated {
                        break;
                    }
                }
            }
        }
    }
}
