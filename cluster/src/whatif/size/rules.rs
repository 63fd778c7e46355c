//! What is linear of the rules between pods: so many on a node, so many in a zone, zones that differ by so many.

use std::sync::Arc;

use crate::change::{HOSTNAME, label_key};
use crate::labels::Selector;
use crate::objects::Pod;
use crate::state::Cluster;

/// The rules of a group of pods among themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Own {
    pub(super) per_node: Option<u32>,
    pub(super) per_zone: Option<u32>,
    pub(super) skew: Option<u32>,
}

/// The groups of a load.
pub(super) struct Rules<'c> {
    cluster: &'c Cluster,
    groups: Vec<&'c [Arc<str>]>,
}

impl<'c> Rules<'c> {
    pub(super) fn of(cluster: &'c Cluster, groups: impl Iterator<Item = &'c [Arc<str>]>) -> Self {
        Rules { cluster, groups: groups.collect() }
    }

    /// The rules of a group whose pods may be on these nodes. What is left out makes a bound lower, and never wrong.
    pub(super) fn of_group(&self, nth: usize, on: &[bool], zones: usize) -> Own {
        let mut own = Own::default();
        let pods = self.groups[nth];
        let Some(pod) = self.cluster.pod(&pods[0]) else { return own };
        if pod.spec.containers.iter().flat_map(|container| &container.ports).any(|port| port.host_port > 0) {
            own.per_node = Some(1);
        }
        let anti = pod.spec.affinity.as_ref().and_then(|affinity| affinity.pod_anti_affinity.as_ref());
        for term in anti.into_iter().flat_map(|anti| anti.required.iter()) {
            let is_here = term.namespace_selector.is_none()
                && (term.namespaces.is_empty() || term.namespaces.contains(&pod.metadata.namespace));
            let keys_apart = term.mismatch_label_keys.is_empty();
            let Ok(selector) = Selector::new(term.label_selector.as_ref(), "") else { continue };
            if !is_here
                || !keys_apart
                || !pods.iter().all(|key| self.selects(&selector, &term.match_label_keys, pod, key))
            {
                continue;
            }
            match term.topology_key.as_str() {
                HOSTNAME => own.per_node = Some(1),
                key if key == label_key("zone") => own.per_zone = Some(1),
                _ => {}
            }
        }
        for constraint in pod.spec.topology_spread_constraints.iter() {
            let is_hard =
                constraint.when_unsatisfiable != "ScheduleAnyway" && constraint.topology_key == label_key("zone");
            // Where some nodes are not for it, neither may be some zones.
            if !is_hard || on.contains(&false) && !self.only_for_size(pod) {
                continue;
            }
            let Ok(selector) = Selector::new(constraint.label_selector.as_ref(), "") else { continue };
            if !self.selects_just(nth, &selector, &constraint.match_label_keys, pod) {
                continue;
            }
            let skew = u32::try_from(constraint.max_skew).unwrap_or(1).max(1);
            let is_short = constraint.min_domains.is_some_and(|least| usize::try_from(least).unwrap_or(0) > zones);
            if is_short {
                own.per_zone = Some(own.per_zone.map_or(skew, |most| most.min(skew)));
            } else {
                own.skew = Some(own.skew.map_or(skew, |other| other.min(skew)));
            }
        }
        own
    }

    /// Are all nodes domains for a pod, so that only their size keeps it off some?
    fn only_for_size(&self, pod: &Pod) -> bool {
        let by_affinity = pod
            .spec
            .affinity
            .as_ref()
            .is_some_and(|affinity| affinity.node_affinity.as_ref().is_some_and(|nodes| nodes.required.is_some()));
        let honours_taints =
            pod.spec.topology_spread_constraints.iter().any(|one| one.node_taints_policy.as_deref() == Some("Honor"));
        pod.spec.node_selector.is_empty() && !by_affinity && !honours_taints
    }

    /// Does a selector of `of` select another pod of its namespace?
    fn selects(&self, selector: &Selector, keys: &[String], of: &Pod, other: &str) -> bool {
        let Some(other) = self.cluster.pod(other) else { return false };
        let labels = &other.metadata.labels;
        let is_alike = |key: &String| of.metadata.labels.get(key).is_none_or(|value| labels.get(key) == Some(value));
        other.metadata.namespace == of.metadata.namespace && selector.matches(labels) && keys.iter().all(is_alike)
    }

    /// Does it select the pods of its group, and no others?
    fn selects_just(&self, nth: usize, selector: &Selector, keys: &[String], pod: &Pod) -> bool {
        let pods = self.groups[nth];
        let others =
            self.cluster.store().pods.iter().filter(|entry| entry.pod.metadata.namespace == pod.metadata.namespace);
        let selected = others.filter(|entry| self.selects(selector, keys, pod, &entry.key)).count();
        pods.iter().all(|key| self.selects(selector, keys, pod, key)) && selected == pods.len()
    }
}
