//! Classes of pods seen lately: siblings that wait for a node are compiled once.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use bayplan_core::SpecId;
use foldhash::fast::FixedState;

use super::Compiler;
use super::pod::Own;
use crate::error::Error;
use crate::objects::{Condition, Pod};
use crate::shared::SharedMap;

/// So many are kept; then all are forgotten.
const MOST: usize = 4_096;

/// Pods with the classes that they have, by [`fingerprint`].
pub(crate) type Recent = SharedMap<u64, (Arc<Pod>, usize, i32, (SpecId, Own))>;

impl Compiler {
    /// The spec class of a pod of a profile, as [`Self::spec`] finds it; a look at the pod where a pod like it was asked about before.
    pub(crate) fn class(&mut self, pod: &Arc<Pod>, profile: usize, priority: i32) -> Result<(SpecId, Own), Error> {
        if !pod.spec.node_name.is_empty() {
            // Siblings differ in their nodes.
            return self.spec(pod, profile, priority);
        }
        let key = fingerprint(pod);
        if let Some((like, of_profile, of_priority, class)) = self.recent.get(&key)
            && (*of_profile, *of_priority) == (profile, priority)
            && like.metadata.namespace == pod.metadata.namespace
            && is_of_one_class(like, pod)
        {
            return Ok(class.clone());
        }
        let class = self.spec(pod, profile, priority)?;
        if self.recent.len() >= MOST {
            self.recent = Recent::new();
        }
        self.recent.insert(key, (pod.clone(), profile, priority, class.clone()));
        Ok(class)
    }
}

/// A number that is the same for pods of one class, and mostly another for others.
fn fingerprint(pod: &Pod) -> u64 {
    let mut state = FixedState::with_seed(0).build_hasher();
    pod.metadata.namespace.hash(&mut state);
    for (key, value) in &pod.metadata.labels {
        (key, value).hash(&mut state);
    }
    for container in pod.spec.containers.iter().chain(&pod.spec.init_containers) {
        container.image.hash(&mut state);
        for (name, amount) in &container.resources.requests {
            (name, amount.value(), amount.milli_value()).hash(&mut state);
        }
    }
    pod.spec.volumes.len().hash(&mut state);
    state.finish()
}

/// Whether two pods of one namespace and priority surely have one class: what a class is made of is the same in them.
pub(crate) fn is_of_one_class(a: &Pod, b: &Pod) -> bool {
    let (of_a, of_b) = (&a.status, &b.status);
    // Whether a resize waits decides what counts.
    let resizes = |pod: &Pod| -> Vec<Condition> {
        pod.status.conditions.iter().filter(|condition| condition.kind.starts_with("PodResize")).cloned().collect()
    };
    a.spec == b.spec
        && a.metadata.labels == b.metadata.labels
        && of_a.allocated_resources == of_b.allocated_resources
        && of_a.resources == of_b.resources
        && of_a.container_statuses == of_b.container_statuses
        && of_a.init_container_statuses == of_b.init_container_statuses
        && (of_a.conditions == of_b.conditions || resizes(a) == resizes(b))
}
