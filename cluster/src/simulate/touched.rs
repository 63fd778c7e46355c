//! What changed since it was looked at last: a round looks at that, and at nothing else.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Simulation;
use crate::objects::{Kind, Object, Pod, StringMap};

/// By namespace and name, so that each round has the same order.
type Names = BTreeSet<(String, String)>;

/// What is to be looked at.
pub(super) struct Touched {
    /// Everything: so it begins, after each change from outside, and in the end, to see that nothing was missed.
    pub(super) all: bool,
    /// Workloads whose pods or sets changed.
    owners: HashMap<Kind, Names>,
    /// Workloads whose pods were refused: they try again each time.
    pub(super) refused: HashSet<(Kind, String, String)>,
    /// Namespaces and labels of pods that came, changed or went: what budgets count by.
    pub(super) labels: BTreeSet<(String, StringMap)>,
    /// Nodes where there may be more room.
    pub(super) freed: BTreeSet<String>,
    /// Something changed that may matter to any pod that waits.
    pub(super) woken: bool,
}

impl Default for Touched {
    fn default() -> Self {
        Touched {
            all: true,
            owners: HashMap::new(),
            refused: HashSet::new(),
            labels: BTreeSet::new(),
            freed: BTreeSet::new(),
            woken: true,
        }
    }
}

impl Touched {
    /// The workloads of a kind that are to be looked at; none are left.
    pub(super) fn take(&mut self, kind: Kind) -> Names {
        let mut names = self.owners.remove(&kind).unwrap_or_default();
        let refused = self.refused.iter().filter(|(of, ..)| *of == kind);
        names.extend(refused.map(|(_, namespace, name)| (namespace.clone(), name.clone())));
        names
    }

    fn owner(&mut self, kind: Kind, namespace: &str, name: &str) {
        self.owners.entry(kind).or_default().insert((namespace.to_owned(), name.to_owned()));
    }
}

impl Simulation {
    /// A pod came, changed or went.
    pub(super) fn touch(&mut self, pod: &Pod) {
        let namespace = &pod.metadata.namespace;
        self.touched.labels.insert((namespace.clone(), pod.metadata.labels.clone()));
        let Some(owner) = pod.metadata.controller() else { return };
        let Some(kind) = Kind::find(&owner.api_version, &owner.kind) else { return };
        self.touch_workload(kind, namespace, &owner.name);
    }

    /// A workload changed, or its pods did.
    pub(super) fn touch_workload(&mut self, kind: Kind, namespace: &str, name: &str) {
        self.touched.owner(kind, namespace, name);
        if kind == Kind::ReplicaSet
            && let Some(Object::ReplicaSet(set)) = self.cluster.object(kind, namespace, name)
            && let Some(owner) = set.metadata.controller()
        {
            let deployment = owner.name.clone();
            self.touched.owner(Kind::Deployment, namespace, &deployment);
        }
    }

    /// A pod left a node: there is room, and whatever kept its distance from it may come near.
    pub(super) fn freed(&mut self, pod: &Pod) {
        if !pod.spec.node_name.is_empty() {
            self.touched.freed.insert(pod.spec.node_name.clone());
        }
        let anti = pod.spec.affinity.as_ref().and_then(|affinity| affinity.pod_anti_affinity.as_ref());
        self.touched.woken |= anti.is_some_and(|anti| !anti.required.is_empty());
    }

    /// Anything may have changed.
    pub(super) fn touch_all(&mut self) {
        (self.touched.all, self.touched.woken, self.budgets_unseen) = (true, true, true);
    }
}
