//! Disruption budgets, as preemption asks them.

use std::sync::Arc;

use bayplan_core::{BudgetId, Exempt};

use crate::error::Error;
use crate::labels::Selector;
use crate::objects::{Kind, Object, PodDisruptionBudget, StringMap};
use crate::state::{Cluster, key_of};

/// A budget that is in the tables.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    id: BudgetId,
    /// Its selector would select a pod without labels; preemption does not let it.
    selects_unlabelled: bool,
    /// It names pods that were disrupted already.
    names_disrupted: bool,
}

impl Cluster {
    /// Brings a budget's row in line with the object, which came, changed or went. One without a selector, or with an empty or illegal
    /// one, is about no pod.
    pub(in crate::state) fn settle_budget(&mut self, budget: &PodDisruptionBudget) -> Result<(), Error> {
        let meta = &budget.metadata;
        let key = key_of(&meta.namespace, &meta.name);
        if let Some(old) = self.budgets.remove(key.as_str()) {
            self.compiler.table.run(|s| s.remove_budget(old.id))?;
        }
        if self.store.objects.get(Kind::PodDisruptionBudget, &meta.namespace, &meta.name).is_none() {
            return Ok(());
        }
        let selector = Selector::new(budget.spec.selector.as_ref(), "spec.selector").unwrap_or(Selector::Nothing);
        let Selector::All(requirements) = &selector else { return Ok(()) };
        if requirements.is_empty() {
            return Ok(());
        }
        let row = self.compiler.selector(&[&meta.namespace], None, Some(requirements), false)?;
        let allowed = budget.status.disruptions_allowed;
        let id = self.compiler.table.run(|s| s.add_budget(row, allowed))?;
        let selects_unlabelled = selector.matches(&StringMap::new());
        let names_disrupted = !budget.status.disrupted_pods.is_empty();
        self.budgets.insert(Arc::from(key), Budget { id, selects_unlabelled, names_disrupted });
        self.settle()
    }

    /// The bound pods that a budget is not asked for. Costs a look at each budget, and at the pods that one exempts.
    pub(crate) fn exempt_from_budgets(&self) -> Vec<Exempt> {
        let mut exempt = Vec::new();
        let exempts = |budget: &Budget| budget.selects_unlabelled || budget.names_disrupted;
        for (key, Budget { id, selects_unlabelled, .. }) in self.budgets.iter().filter(|(_, budget)| exempts(budget)) {
            let (namespace, name) = key.split_once('/').unwrap_or_default();
            let object = self.store.objects.get(Kind::PodDisruptionBudget, namespace, name);
            let Some(Object::PodDisruptionBudget(budget)) = object.map(|object| &**object) else { continue };
            let row = |pod: &str| Some(self.store.pods.get(&key_of(namespace, pod))?.row?.0);
            exempt.extend(
                budget.status.disrupted_pods.keys().filter_map(|pod| Some(Exempt { budget: *id, pod: row(pod)? })),
            );
            if *selects_unlabelled {
                let unlabelled = self.store.pods.unlabelled(namespace);
                exempt.extend(unlabelled.filter_map(|entry| Some(Exempt { budget: *id, pod: entry.row?.0 })));
            }
        }
        exempt
    }
}
