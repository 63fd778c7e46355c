//! DaemonSet: a pod on each node that is meant and tolerated.

use std::collections::{BTreeMap, BTreeSet};

use super::{Simulation, is_ready};
use crate::error::Error;
use crate::expand::{daemon_pods, daemon_revision};
use crate::labels::{RequiredNodes, untolerated};
use crate::objects::{DaemonSet, Kind, Object, Pod, Taint};
use crate::plan::node_of;
use crate::state::key_of;

impl Simulation {
    pub(super) fn daemon_set(&mut self, set: &DaemonSet) -> Result<(), Error> {
        let workload = Object::from(set.clone());
        let mut pods: BTreeMap<String, Vec<Pod>> = BTreeMap::new();
        for pod in self.pods_of(&workload) {
            if let Some(node) = node_of(&pod).map(str::to_owned) {
                pods.entry(node).or_default().push(pod);
            }
        }
        let made = daemon_pods(set, &self.cluster.context_with_nodes());
        let made = match made {
            Ok(made) => made,
            Err(error) => return self.refused(&workload, "Error creating: ", error),
        };
        let meant: BTreeSet<String> = made.iter().filter_map(|pod| node_of(pod)).map(str::to_owned).collect();
        // Pods stay where only a new pod would not be let in.
        let mut gone = Vec::new();
        for (node, of_node) in &pods {
            if !meant.contains(node) && !self.may_stay(set, node) {
                gone.extend(of_node.iter().cloned());
            } else {
                gone.extend(of_node.iter().skip(1).cloned());
            }
        }
        gone.iter().try_for_each(|pod| self.scale_down(pod))?;
        for mut pod in made {
            if node_of(&pod).is_some_and(|node| pods.contains_key(node)) {
                continue;
            }
            self.allow(1)?;
            pod.metadata.name = self.free_name(&pod.metadata.namespace, &set.metadata.name);
            if let Err(error) = self.put(pod) {
                return self.refused(&workload, "Error creating: ", error);
            }
        }
        self.roll_daemons(set, pods.into_values().filter_map(|of_node| of_node.into_iter().next()).collect())
    }

    /// Pods of an older template go, as many at a time as may be missing.
    fn roll_daemons(&mut self, set: &DaemonSet, pods: Vec<Pod>) -> Result<(), Error> {
        let key = (Kind::DaemonSet, key_of(&set.metadata.namespace, &set.metadata.name));
        if set.spec.update_strategy.kind == "OnDelete" || !self.changed.contains(&key) {
            return Ok(());
        }
        let label = daemon_revision(set);
        let update = set.spec.update_strategy.rolling_update.as_ref();
        let count = i32::try_from(pods.len()).unwrap_or(i32::MAX);
        let allowed = super::deployment::share(update.and_then(|update| update.max_unavailable.as_ref()), count, true);
        let missing = pods.iter().filter(|pod| !is_ready(pod)).count();
        let allowed = usize::try_from(allowed.max(1)).unwrap_or(1).saturating_sub(missing);
        let outdated = pods.iter().filter(|pod| pod.metadata.labels.get("controller-revision-hash") != Some(&label));
        let outdated: Vec<&Pod> = outdated.take(allowed).collect();
        outdated.into_iter().try_for_each(|pod| self.scale_down(pod))
    }

    /// May a pod that is there stay? A node that is not meant any more, or that drives pods away, has none.
    fn may_stay(&self, set: &DaemonSet, node: &str) -> bool {
        let Some(Object::Node(node)) = self.cluster.object(Kind::Node, "", node) else { return false };
        let mut pod = crate::admit::from_template(&set.spec.template, &set.metadata.namespace);
        crate::admit::add_daemon_set_tolerations(&mut pod.spec.tolerations, pod.spec.host_network);
        let taints: Vec<Taint> = node.spec.taints.iter().filter(|taint| taint.effect == "NoExecute").cloned().collect();
        RequiredNodes::of(&pod).matches(&node.metadata.name, &node.metadata.labels)
            && untolerated(&taints, &pod.spec.tolerations).is_none()
    }
}
