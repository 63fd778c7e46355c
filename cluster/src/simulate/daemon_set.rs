//! DaemonSet: a pod on each node that is meant and tolerated.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::deployment::share;
use super::{Simulation, is_ready};
use crate::admit;
use crate::error::Error;
use crate::expand::{daemon_nodes, daemon_pods, daemon_revision};
use crate::labels::{RequiredNodes, untolerated};
use crate::objects::{DaemonSet, Kind, Object, Pod, RollingUpdate, Taint};
use crate::plan::{is_outdated, node_of};

/// The pods of a set on a node: of an older template, and of the one that it has.
#[derive(Default)]
struct OnNode {
    old: Option<Arc<Pod>>,
    new: Option<Arc<Pod>>,
}

impl OnNode {
    fn is_available(&self) -> bool {
        self.old.as_ref().or(self.new.as_ref()).is_some_and(|pod| is_ready(pod))
    }
}

impl Simulation {
    pub(super) fn daemon_set(&mut self, set: &DaemonSet) -> Result<(), Error> {
        let workload = Object::from(set.clone());
        let context = self.cluster.context_with_nodes();
        let meant: BTreeSet<String> = daemon_nodes(set, &context).map(|node| node.metadata.name.clone()).collect();
        drop(context);
        let bounds = Bounds::of(set, meant.len());
        let mut nodes: BTreeMap<String, OnNode> = meant.iter().map(|node| (node.clone(), OnNode::default())).collect();
        let revision = daemon_revision(set);
        let is_changed = admit::changed_hash(Kind::DaemonSet, &set.metadata, &set.spec.template).is_some();
        for pod in self.pods_of(&workload) {
            let Some(node) = node_of(&pod).map(str::to_owned) else { continue };
            // Pods stay where only a new pod would not be let in.
            if !nodes.contains_key(&node) && !self.may_stay(set, &node) {
                self.scale_down(&pod)?;
                continue;
            }
            let is_old = is_outdated(&pod, &revision, is_changed);
            let here = nodes.entry(node).or_default();
            let is_taken = bounds.surge == 0 && (here.old.is_some() || here.new.is_some());
            let place = if is_old { &mut here.old } else { &mut here.new };
            if is_taken || place.is_some() {
                self.scale_down(&pod)?;
            } else {
                *place = Some(pod);
            }
        }
        let is_empty = |here: &OnNode| here.old.is_none() && here.new.is_none();
        let set_name = (set.metadata.namespace.clone(), set.metadata.name.clone());
        if nodes.values().any(|here| here.old.is_some()) {
            self.rolling.insert(set_name);
        } else {
            self.rolling.remove(&set_name);
        }
        let mut lacking: BTreeSet<&str> =
            nodes.iter().filter(|(_, here)| is_empty(here)).map(|(node, _)| node.as_str()).collect();
        let rolls = set.spec.update_strategy.kind != "OnDelete";
        let mut gone: Vec<&Arc<Pod>> = Vec::new();
        if rolls && bounds.surge > 0 {
            let (more, less) = surge(&nodes, bounds, |node| meant.contains(node));
            lacking.extend(more);
            gone = less;
        } else if rolls {
            // Their kubelets end them at once, so that new ones come in their places.
            let replaced = replaced(&nodes, bounds);
            lacking.extend(replaced.iter().map(|(node, _)| *node).filter(|node| meant.contains(*node)));
            gone.extend(replaced.into_iter().map(|(_, pod)| pod));
        }
        gone.into_iter().try_for_each(|pod| self.scale_down(pod))?;
        self.make_daemons(set, &lacking)
    }

    /// DaemonSets look after their pods on the nodes where something changed; with `all` they look everywhere later.
    pub(super) fn daemon_sets_on_nodes(&mut self, all: bool) -> Result<(), Error> {
        let touched = std::mem::take(&mut self.touched.daemons);
        if all {
            return Ok(());
        }
        for ((namespace, name), nodes) in touched {
            let Some(Object::DaemonSet(set)) = self.cluster.object(Kind::DaemonSet, &namespace, &name).cloned() else {
                continue;
            };
            if set.metadata.deletion_timestamp.is_some() {
                continue;
            }
            if self.rolling.contains(&(namespace, name)) {
                self.daemon_set(&set)?;
            } else {
                self.daemon_set_on(&set, &nodes)?;
            }
        }
        Ok(())
    }

    /// The same as [`Self::daemon_set`] for some nodes, where no pod of the set is of an older template: then what happens on a node depends on
    /// that node alone.
    fn daemon_set_on(&mut self, set: &DaemonSet, nodes: &BTreeSet<String>) -> Result<(), Error> {
        let context = self.context_with_nodes(nodes);
        let meant: BTreeSet<String> = daemon_nodes(set, &context).map(|node| node.metadata.name.clone()).collect();
        drop(context);
        let mut lacking: BTreeSet<&str> = BTreeSet::new();
        let waiting: Vec<Arc<Pod>> = {
            let store = &self.cluster.store().pods;
            let waiting = store.waiting().filter_map(|key| store.get(key)).map(|entry| entry.pod.clone());
            waiting.filter(|pod| is_of(pod, set)).collect()
        };
        for node in nodes {
            if self.cluster.object(Kind::Node, "", node).is_none() {
                // Those that wait for a node that went go too.
                let of_node = waiting.iter().filter(|pod| node_of(pod) == Some(node));
                of_node.cloned().collect::<Vec<_>>().iter().try_for_each(|pod| self.scale_down(pod))?;
                continue;
            }
            let on = self.cluster.pods_on(node);
            let on = on.iter().filter_map(|key| self.cluster.store().pods.get(key)).map(|entry| entry.pod.clone());
            let mut pods: Vec<Arc<Pod>> = on.filter(|pod| is_of(pod, set)).collect();
            pods.extend(waiting.iter().filter(|pod| node_of(pod) == Some(node)).cloned());
            if pods.is_empty() && meant.contains(node) {
                lacking.insert(node);
            }
            let stays = meant.contains(node) || self.may_stay(set, node);
            for pod in pods.into_iter().skip(usize::from(stays)) {
                self.scale_down(&pod)?;
            }
        }
        self.make_daemons(set, &lacking)
    }

    fn context_with_nodes<'s>(&'s self, names: impl IntoIterator<Item = impl AsRef<str>>) -> admit::Context<'s> {
        let mut context = self.cluster.context();
        for name in names {
            if let Some(Object::Node(node)) = self.cluster.object(Kind::Node, "", name.as_ref()) {
                context.nodes.push(node);
            }
        }
        context
    }

    /// Makes the pods that a set lacks on nodes.
    fn make_daemons(&mut self, set: &DaemonSet, lacking: &BTreeSet<&str>) -> Result<(), Error> {
        if lacking.is_empty() {
            return Ok(());
        }
        let workload = Object::from(set.clone());
        let context = self.context_with_nodes(lacking);
        let made = daemon_pods(set, &context);
        drop(context);
        let made = match made {
            Ok(made) => made,
            Err(error) => return self.refused(&workload, "Error creating: ", error),
        };
        for mut pod in made {
            pod.metadata.name = self.free_name(&pod.metadata.namespace, &set.metadata.name);
            if let Err(error) = self.put(pod) {
                return self.refused(&workload, "Error creating: ", error);
            }
        }
        Ok(())
    }

    /// May a pod that is there stay? A node that is not meant any more, or that drives pods away, has none.
    fn may_stay(&self, set: &DaemonSet, node: &str) -> bool {
        let Some(Object::Node(node)) = self.cluster.object(Kind::Node, "", node) else { return false };
        let mut pod = admit::from_template(&set.spec.template, &set.metadata.namespace);
        admit::add_daemon_set_tolerations(&mut pod.spec.tolerations, pod.spec.host_network);
        let taints: Vec<Taint> = node.spec.taints.iter().filter(|taint| taint.effect == "NoExecute").cloned().collect();
        RequiredNodes::of(&pod).matches(&node.metadata.name, &node.metadata.labels)
            && untolerated(&taints, &pod.spec.tolerations).is_none()
    }
}

/// Does a pod belong to a set, and does not end?
fn is_of(pod: &Pod, set: &DaemonSet) -> bool {
    let meta = &pod.metadata;
    let owner = meta.controller().filter(|owner| owner.kind == "DaemonSet" && owner.name == set.metadata.name);
    owner.is_some() && meta.namespace == set.metadata.namespace && meta.deletion_timestamp.is_none()
}

/// How many nodes may be without a pod that serves, and how many may have a second one, while pods are replaced.
#[derive(Clone, Copy)]
struct Bounds {
    desired: usize,
    unavailable: usize,
    surge: usize,
}

impl Bounds {
    fn of(set: &DaemonSet, desired: usize) -> Self {
        let update = set.spec.update_strategy.rolling_update.as_ref();
        let count = i32::try_from(desired).unwrap_or(i32::MAX);
        let number = |of: fn(&RollingUpdate) -> Option<&crate::objects::Free>, default: usize| {
            let said = update.and_then(of).map(|said| share(Some(said), count, true));
            said.map_or(default, |n| usize::try_from(n).unwrap_or(0))
        };
        let surge = number(|update| update.max_surge.as_ref(), 0);
        let unavailable = number(|update| update.max_unavailable.as_ref(), 1);
        // Without either nothing could ever change.
        Bounds { desired, surge, unavailable: if surge == 0 { unavailable.max(1) } else { unavailable } }
    }
}

/// The old pods that go, so that new ones come in their places: those that do not serve, and as many more as may be missing.
fn replaced(nodes: &BTreeMap<String, OnNode>, bounds: Bounds) -> Vec<(&str, &Arc<Pod>)> {
    let mut missing = 0;
    let (mut gone, mut candidates) = (Vec::new(), Vec::new());
    for (node, here) in nodes {
        match (&here.old, &here.new) {
            (Some(old), None) if is_ready(old) => candidates.push((node.as_str(), old)),
            (Some(old), None) => {
                missing += 1;
                gone.push((node.as_str(), old));
            }
            (None, Some(new)) if is_ready(new) => {}
            _ => missing += 1,
        }
    }
    candidates.truncate(bounds.unavailable.saturating_sub(missing));
    gone.append(&mut candidates);
    gone
}

/// The nodes that get a new pod beside an old one, and the old pods that go as a new one serves in their place.
fn surge(
    nodes: &BTreeMap<String, OnNode>,
    bounds: Bounds,
    is_meant: impl Fn(&str) -> bool,
) -> (Vec<&str>, Vec<&Arc<Pod>>) {
    let available = nodes.values().filter(|here| here.is_available()).count();
    let (mut surging, mut more, mut candidates) = (0, Vec::new(), Vec::new());
    let (mut gone, mut not_meant) = (Vec::new(), Vec::new());
    for (node, here) in nodes {
        let node = node.as_str();
        match (&here.old, &here.new) {
            (Some(old), Some(new)) if is_ready(new) || !is_ready(old) => gone.push(old),
            (Some(_), Some(_)) => surging += 1,
            (Some(old), None) => match (is_ready(old), is_meant(node)) {
                (false, true) => more.push(node),
                (false, false) => gone.push(old),
                (true, true) => candidates.push(node),
                (true, false) => not_meant.push(old),
            },
            (None, _) => {}
        }
    }
    candidates.truncate(bounds.surge.saturating_sub(surging));
    more.append(&mut candidates);
    not_meant.truncate(available.saturating_sub(bounds.desired));
    gone.append(&mut not_meant);
    (more, gone)
}
