//! What changed since it was looked at last: a round looks at that, and at nothing else.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Simulation;
use super::budgets::Counted;
use crate::objects::{Kind, Object, Pod};

/// By namespace and name, so that each round has the same order.
type Names = BTreeSet<(String, String)>;

/// What is to be looked at.
#[derive(Clone)]
pub(super) struct Touched {
    /// Everything: so it begins, after each change from outside, and in the end, to see that nothing was missed.
    pub(super) all: bool,
    /// Workloads whose pods or sets changed.
    owners: HashMap<Kind, Names>,
    /// Workloads whose pods were refused: they try again each time.
    pub(super) refused: HashSet<(Kind, String, String)>,
    /// Pods that came, changed or went, as budgets see them.
    pub(super) counted: BTreeSet<Counted>,
    /// Nodes where there may be more room.
    pub(super) freed: BTreeSet<String>,
    /// Nodes that came or changed.
    pub(super) nodes: BTreeSet<String>,
    /// The nodes on which a DaemonSet is to look after its pod.
    pub(super) daemons: BTreeMap<(String, String), BTreeSet<String>>,
    /// Pods came to nodes, or nodes went: it may matter to a pod that waits and looks at others.
    pub(super) neighbours: bool,
    /// Something changed that may matter to any pod that waits.
    pub(super) woken: bool,
}

impl Default for Touched {
    fn default() -> Self {
        Touched {
            all: true,
            owners: HashMap::new(),
            refused: HashSet::new(),
            counted: BTreeSet::new(),
            freed: BTreeSet::new(),
            nodes: BTreeSet::new(),
            daemons: BTreeMap::new(),
            neighbours: false,
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
        self.touched.counted.insert(Counted::of(pod));
        let Some(owner) = pod.metadata.controller() else { return };
        let Some(kind) = Kind::find(&owner.api_version, &owner.kind) else { return };
        match crate::plan::node_of(pod) {
            Some(node) if kind == Kind::DaemonSet => {
                let node = node.to_owned();
                self.touch_daemon((namespace.clone(), owner.name.clone()), node);
            }
            _ => self.touch_workload(kind, namespace, &owner.name),
        }
    }

    /// A DaemonSet is to look after its pod on a node.
    fn touch_daemon(&mut self, set: (String, String), node: String) {
        if self.rolling.contains(&set) {
            return self.touched.owner(Kind::DaemonSet, &set.0, &set.1);
        }
        self.touched.daemons.entry(set).or_default().insert(node);
    }

    /// A node came or changed: its taints, the pods that daemons have on it, and whoever may find room on it.
    pub(super) fn touch_node(&mut self, name: &str) {
        self.touched.nodes.insert(name.to_owned());
        self.touched.freed.insert(name.to_owned());
        self.touch_daemons_of(name);
    }

    /// The pods that daemons have, or wait to have, on a node.
    pub(super) fn touch_daemons_of(&mut self, name: &str) {
        let sets = self.cluster.objects(Kind::DaemonSet);
        let sets: Vec<_> = sets.map(|set| (set.namespace().to_owned(), set.name().to_owned())).collect();
        sets.into_iter().for_each(|set| self.touch_daemon(set, name.to_owned()));
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
        // Room that is kept for a nominated pod is room, too.
        for node in [&pod.spec.node_name, &pod.status.nominated_node_name] {
            if !node.is_empty() {
                self.touched.freed.insert(node.clone());
            }
        }
        let anti = pod.spec.affinity.as_ref().and_then(|affinity| affinity.pod_anti_affinity.as_ref());
        self.touched.woken |= anti.is_some_and(|anti| !anti.required.is_empty());
    }

    /// Anything may have changed.
    pub(super) fn touch_all(&mut self) {
        (self.touched.all, self.touched.woken, self.budgets_unseen) = (true, true, true);
    }
}
