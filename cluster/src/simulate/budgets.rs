//! How many pods of each budget may go, as the disruption controller counts them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::{Simulation, is_ready};
use crate::error::Error;
use crate::labels::Selector;
use crate::objects::{Kind, Object, Pod, PodDisruptionBudget, StringMap};
use crate::state::key_of;

/// Whom a pod belongs to: kind and name of its controller, or itself where nobody controls it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Controller(String, String),
    /// `namespace/name`.
    Nobody(String),
}

/// What of a pod decides which budgets count it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counted {
    namespace: String,
    labels: StringMap,
    owner: Owner,
}

impl Owner {
    fn of(pod: &Pod) -> Self {
        match pod.metadata.controller() {
            Some(owner) => Owner::Controller(owner.kind.clone(), owner.name.clone()),
            None => Owner::Nobody(key_of(&pod.metadata.namespace, &pod.metadata.name)),
        }
    }
}

impl Counted {
    pub(super) fn of(pod: &Pod) -> Self {
        let meta = &pod.metadata;
        Counted { namespace: meta.namespace.clone(), labels: meta.labels.clone(), owner: Owner::of(pod) }
    }
}

impl Simulation {
    /// Counts the budgets anew whose pods changed.
    ///
    /// Costs a look at the pods of the controllers whose pods such a budget counts; the first time, and where budgets changed, at each pod.
    pub(super) fn disruption_budgets(&mut self) -> Result<(), Error> {
        let changed = std::mem::take(&mut self.touched.counted);
        if std::mem::take(&mut self.budgets_unseen) {
            return self.count_all_budgets();
        }
        if changed.is_empty() {
            return Ok(());
        }
        let mut counted = Vec::new();
        for object in self.cluster.objects(Kind::PodDisruptionBudget) {
            if !changed.iter().any(|pod| pod.namespace == object.namespace()) {
                continue;
            }
            let Some((budget, selector)) = selecting(object) else { continue };
            let of_budget = changed
                .iter()
                .filter(|pod| pod.namespace == budget.metadata.namespace && selector.matches(&pod.labels));
            let mut new = of_budget.map(|pod| &pod.owner).peekable();
            if new.peek().is_none() {
                continue;
            }
            let key = key_of(&budget.metadata.namespace, &budget.metadata.name);
            let mut owners = self.counted_by.get(&key).cloned().unwrap_or_default();
            for owner in new {
                if !owners.contains(owner) {
                    Arc::make_mut(&mut owners).insert(owner.clone());
                }
            }
            let mut pods: Vec<Arc<Pod>> = Vec::new();
            let store = &self.cluster.store().pods;
            for owner in owners.iter() {
                match owner {
                    Owner::Controller(kind, name) => {
                        let of_owner = store.controlled(&budget.metadata.namespace, kind, name);
                        pods.extend(of_owner.map(|entry| entry.pod.clone()));
                    }
                    Owner::Nobody(key) => pods.extend(store.get(key).map(|entry| entry.pod.clone())),
                }
            }
            let is_over = |pod: &Pod| matches!(pod.status.phase.as_str(), "Succeeded" | "Failed");
            pods.retain(|pod| !is_over(pod) && selector.matches(&pod.metadata.labels));
            let status = self.count(budget, &pods.iter().collect::<Vec<_>>());
            counted.push((key, owners, status));
        }
        for (key, owners, status) in counted {
            self.counted_by.insert(key, owners);
            status.map_or(Ok(()), |budget| self.cluster.upsert(budget))?;
        }
        Ok(())
    }

    fn count_all_budgets(&mut self) -> Result<(), Error> {
        self.counted_by.clear();
        let budgets: Vec<Object> = self.cluster.objects(Kind::PodDisruptionBudget).cloned().collect();
        if budgets.is_empty() {
            return Ok(());
        }
        let namespaces: BTreeSet<&str> = budgets.iter().map(Object::namespace).collect();
        // Pods with the same labels are chosen together: each budget looks at each set of labels, not at each pod.
        let mut groups: HashMap<(&str, &StringMap), Vec<Arc<Pod>>> = HashMap::new();
        for entry in self.cluster.store().pods.iter() {
            let (meta, phase) = (&entry.pod.metadata, entry.pod.status.phase.as_str());
            if namespaces.contains(meta.namespace.as_str()) && !matches!(phase, "Succeeded" | "Failed") {
                groups.entry((&meta.namespace, &meta.labels)).or_default().push(entry.pod.clone());
            }
        }
        let mut counted = Vec::new();
        for object in &budgets {
            let Some((budget, selector)) = selecting(object) else { continue };
            let chosen = groups
                .iter()
                .filter(|((namespace, labels), _)| *namespace == budget.metadata.namespace && selector.matches(labels));
            let chosen: Vec<&Arc<Pod>> = chosen.flat_map(|(_, pods)| pods).collect();
            let key = key_of(&budget.metadata.namespace, &budget.metadata.name);
            let owners: BTreeSet<Owner> = chosen.iter().map(|pod| Owner::of(pod)).collect();
            counted.push((key, owners, self.count(budget, &chosen)));
        }
        for (key, owners, status) in counted {
            self.counted_by.insert(key, Arc::new(owners));
            status.map_or(Ok(()), |budget| self.cluster.upsert(budget))?;
        }
        Ok(())
    }

    /// The budget with its counts, where they changed.
    fn count(&self, budget: &PodDisruptionBudget, chosen: &[&Arc<Pod>]) -> Option<Object> {
        let healthy = i32::try_from(chosen.iter().filter(|pod| is_ready(pod)).count()).unwrap_or(i32::MAX);
        let spec = &budget.spec;
        let is_share = spec.min_available.as_ref().is_some_and(|least| least.to_string().contains('%'));
        let (expected, desired) = match (&spec.max_unavailable, &spec.min_available) {
            // A share is one of what controllers ask for, or it cannot be said.
            (Some(_), _) | (None, Some(_)) if spec.max_unavailable.is_some() || is_share => match self.expected(chosen)
            {
                Some(expected) => {
                    let number = |share: &crate::objects::Free| super::deployment::share(Some(share), expected, true);
                    let most = spec.max_unavailable.as_ref().map(|most| (expected - number(most)).max(0));
                    (expected, most.unwrap_or_else(|| spec.min_available.as_ref().map_or(0, number)))
                }
                None => (0, 0),
            },
            (_, Some(least)) => {
                let all = i32::try_from(chosen.len()).unwrap_or(i32::MAX);
                (all, super::deployment::share(Some(least), all, true))
            }
            _ => (0, 0),
        };
        let allowed = if expected <= 0 { 0 } else { (healthy - desired).max(0) };
        let status = &budget.status;
        if (status.disruptions_allowed, status.current_healthy, status.desired_healthy) == (allowed, healthy, desired) {
            return None;
        }
        let mut budget = budget.clone();
        budget.status.disruptions_allowed = allowed;
        (budget.status.current_healthy, budget.status.desired_healthy) = (healthy, desired);
        Some(Object::from(budget))
    }

    /// How many pods the controllers of these pods ask for, a Deployment once for all of its ReplicaSets. Pods without a controller do not
    /// count; none where a controller is of a kind that cannot be scaled: then the disruption controller lets nothing go.
    fn expected(&self, pods: &[&Arc<Pod>]) -> Option<i32> {
        let mut owners: HashMap<(Kind, String, String), i32> = HashMap::new();
        for pod in pods {
            let Some(owner) = pod.metadata.controller() else { continue };
            let (mut kind, mut name) = (Kind::find(&owner.api_version, &owner.kind)?, owner.name.clone());
            let namespace = pod.metadata.namespace.clone();
            if kind == Kind::ReplicaSet
                && let Some(set) = self.cluster.object(kind, &namespace, &name)
                && let Some(owner) = set.metadata().controller().filter(|owner| owner.kind == "Deployment")
            {
                (kind, name) = (Kind::Deployment, owner.name.clone());
            }
            *owners.entry((kind, namespace, name)).or_default() += 1;
        }
        let asked = |((kind, namespace, name), there): ((Kind, String, String), i32)| {
            let replicas = match (kind, self.cluster.object(kind, &namespace, &name)) {
                (_, Some(Object::Deployment(o))) => o.spec.replicas,
                (_, Some(Object::ReplicaSet(o))) => o.spec.replicas,
                (_, Some(Object::StatefulSet(o))) => o.spec.replicas,
                (_, Some(Object::ReplicationController(o))) => o.spec.replicas,
                // One that the input lacks is taken to have as many as it asks for.
                (Kind::ReplicaSet | Kind::Deployment | Kind::StatefulSet | Kind::ReplicationController, None) => {
                    Some(there)
                }
                _ => return None,
            };
            Some(replicas.unwrap_or(1))
        };
        owners.into_iter().map(asked).sum()
    }
}

/// A budget and its selector, where that is legal.
fn selecting(object: &Object) -> Option<(&PodDisruptionBudget, Selector)> {
    let Object::PodDisruptionBudget(budget) = object else { return None };
    Some((budget, Selector::new(budget.spec.selector.as_ref(), "spec.selector").ok()?))
}
