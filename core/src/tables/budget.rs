//! Disruption budgets: how many of a set of pods may go. Preemption asks which of them a victim would break.

use super::{Count, Tables};
use crate::{BudgetId, Error, NONE, PodId, SelectorId};

impl Tables<'_> {
    pub(crate) fn add_budget(&mut self, selector: SelectorId, allowed: i32) -> Result<BudgetId, Error> {
        self.known(Count::Selectors, selector.0)?;
        let free = (0..self.count(Count::Budgets)).find(|row| self.budget_selector[*row as usize] == NONE);
        let row = match free {
            Some(row) => row,
            None => self.take(Count::Budgets)?,
        };
        self.budget_selector[row as usize] = selector.0;
        self.budget_allowed[row as usize] = allowed;
        Ok(BudgetId(row))
    }

    pub(crate) fn set_budget(&mut self, budget: BudgetId, allowed: i32) -> Result<(), Error> {
        self.is_budget(budget)?;
        self.budget_allowed[budget.at()] = allowed;
        Ok(())
    }

    pub(crate) fn remove_budget(&mut self, budget: BudgetId) -> Result<(), Error> {
        self.is_budget(budget)?;
        self.budget_selector[budget.at()] = NONE;
        Ok(())
    }

    /// The budgets that a bound pod is part of, with how many pods of each may be disrupted now.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn budgets_of(&self, pod: PodId) -> Result<impl Iterator<Item = (BudgetId, i32)> + '_, Error> {
        self.bound(pod)?;
        let labels = self.pod_labels[pod.at()];
        Ok((0..self.count(Count::Budgets)).filter_map(move |row| {
            let at = row as usize;
            self.selects(self.budget_selector[at], labels).then(|| (BudgetId(row), self.budget_allowed[at]))
        }))
    }

    fn is_budget(&self, budget: BudgetId) -> Result<(), Error> {
        self.known(Count::Budgets, budget.0)?;
        match self.budget_selector[budget.at()] {
            NONE => Err(Error::NoSuch { table: Count::Budgets.name(), id: budget.0 }),
            _ => Ok(()),
        }
    }
}
