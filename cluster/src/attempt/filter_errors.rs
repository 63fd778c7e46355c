//! What makes an attempt fail on a node instead of rejecting the node: volumes that kube-scheduler can make nothing of. One
//! such node ends the attempt, whatever the others say.

use std::collections::BTreeMap;
use std::sync::Arc;

use bayplan_core::plugins::node_volume_limits::DRIVER_MISSING;
use bayplan_core::{NodeId, Reason};

use crate::config::Plugin;
use crate::csi_migration;
use crate::error::Error;
use crate::objects::{CsiNode, Kind, Object, Pod};
use crate::state::prepared::{FilterError, Prepared};
use crate::state::storage::{announces, claim_names, not_owned, owned_by};
use crate::state::{Cluster, key_of};

/// Errors by node.
type Errors = BTreeMap<NodeId, Vec<FilterError>>;

impl Cluster {
    /// Why volumes of a pod that is bound cannot be counted, where they cannot.
    pub(crate) fn uncountable(&self, pod: &Pod) -> Option<String> {
        let namespace = &pod.metadata.namespace;
        let mut names = claim_names(pod);
        for volume in &pod.spec.volumes {
            if volume.persistent_volume_claim.is_none() && volume.ephemeral.is_none() {
                if let Err(error) = csi_migration::of_inline(volume) {
                    return Some(format!("converting volume({}) from inline to csi: {error}", volume.name));
                }
            } else if let Some((name, true)) = names.next()
                && self.claim(namespace, &name).is_some_and(|claim| !owned_by(claim, pod))
            {
                return Some(not_owned(namespace, &name, pod));
            }
        }
        None
    }

    /// The nodes on which a rule fails, that no rule before it rejects. The attempt ends with the words of one of them; we
    /// take the first.
    pub(crate) fn filter_errors(
        &mut self,
        pod: &Pod,
        profile: usize,
        prepared: &Prepared,
    ) -> Result<BTreeMap<NodeId, FilterError>, Error> {
        if pod.spec.volumes.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut reached = BTreeMap::new();
        let mut faults = Errors::new();
        self.bound_volume_errors(pod, &mut faults)?;
        self.counting_errors(pod, &mut faults);
        let filters = self.compiler().config.profiles[profile].filters.clone();
        let place = |plugin: Plugin| filters.iter().position(|filter| *filter == plugin);
        for (node, of_node) in faults {
            let of_profile = of_node.into_iter().filter_map(|error| Some((place(error.plugin)?, error)));
            let Some((at, mut error)) = of_profile.min_by_key(|(at, _)| *at) else { continue };
            let (mut rejects, mut passes_with_nominated): (Option<Reason>, _) = (None, None);
            self.ask(prepared, |cycle| {
                rejects = None;
                let mut filtered = cycle.filter()?;
                passes_with_nominated = filtered.passes_with_nominated(node);
                filtered.explain_node(node, &mut |reason, _| rejects = rejects.or(Some(reason)))
            })?;
            let is_reached = match rejects {
                // With nominated pods the node is filtered with these first.
                _ if passes_with_nominated == Some(true) => true,
                None => true,
                Some(reason) if reason.is(DRIVER_MISSING) && error.plugin == Plugin::NodeVolumeLimits => {
                    !error.missing_driver_wins
                }
                Some(reason) => {
                    reason.plugin().and_then(|plugin| place(plugin.into())).is_some_and(|other| other >= at)
                }
            };
            if is_reached {
                error.text = format!("running {:?} filter plugin: {}", error.plugin.name(), error.text);
                reached.insert(node, error);
            }
        }
        Ok(reached)
    }

    /// In-tree volumes that cannot be translated to CSI, on the nodes that say that their plugin is migrated.
    fn bound_volume_errors(&mut self, pod: &Pod, faults: &mut Errors) -> Result<(), Error> {
        let mut before = Vec::new();
        for (name, _) in claim_names(pod) {
            let Some(claim) = self.claim(&pod.metadata.namespace, &name) else { continue };
            if claim.spec.volume_name.is_empty() {
                continue;
            }
            let Some(volume) = self.volume(&claim.spec.volume_name).cloned() else { break };
            if let (Err(error), Some(old)) =
                (csi_migration::of_old_volume(&volume), csi_migration::old_provisioner(&volume))
            {
                let nodes = self.csi_nodes(|node| announces(Some(node), old));
                for node in nodes {
                    let reached = self
                        .read(|t| before.iter().try_fold(true, |all, volume| Ok(all && t.reaches(*volume, node)?)))?;
                    if reached {
                        let words = format!("could not translate pv: {error}");
                        let error =
                            FilterError { plugin: Plugin::VolumeBinding, text: words, missing_driver_wins: false };
                        faults.entry(node).or_default().push(error);
                    }
                }
            }
            before.push(self.volume_row(&volume)?);
        }
        Ok(())
    }

    /// Volumes of the pod or of bound pods that cannot be counted.
    fn counting_errors(&self, pod: &Pod, faults: &mut Errors) {
        let mut add = |node: NodeId, words: String, missing_driver_wins: bool| {
            let error = FilterError { plugin: Plugin::NodeVolumeLimits, text: words, missing_driver_wins };
            faults.entry(node).or_default().push(error);
        };
        if let Some(words) = self.uncountable(pod) {
            self.csi_nodes(|_| true).into_iter().for_each(|node| add(node, words.clone(), false));
            return;
        }
        if self.uncounted().is_empty() && self.nominated().is_empty() {
            return;
        }
        // Where the node has no limit, or none of the pod's volumes counts, nobody looks at those of others.
        let mounted = self.mounted(pod);
        let counts = |node: &CsiNode| {
            let mut limits = node.spec.drivers.iter().filter_map(|driver| driver.allocatable.as_ref()?.count);
            let (old, _) = csi_migration::ANNOUNCED_DRIVER;
            limits.next().is_some() && mounted.iter().any(|(driver, _)| driver != old || announces(Some(node), old))
        };
        let limited = self.csi_nodes(counts);
        let entry = |key: &Arc<str>| self.store().pods.get(key);
        let mut bound: Vec<_> = self.uncounted().iter().filter_map(entry).collect();
        bound.sort_by_key(|entry| entry.sequence);
        let bound = bound.into_iter().filter_map(|entry| Some((entry.row?.1, entry)));
        let beside = self.beside(pod).into_iter().filter_map(|(node, key)| Some((node, entry(key)?)));
        for (node, entry) in bound.chain(beside).filter(|(node, _)| limited.contains(node)) {
            if let Some(words) = self.uncountable(&entry.pod) {
                add(node, words, true);
            }
        }
    }

    /// The other nominated pods of this one's priority or a higher, with their nodes.
    fn beside(&self, pod: &Pod) -> Vec<(NodeId, &Arc<str>)> {
        let (own, priority) = (key_of(&pod.metadata.namespace, &pod.metadata.name), self.priority_of(pod));
        let counts = |key: &&Arc<str>| {
            let entry = self.store().pods.get(key).filter(|entry| entry.nomination.is_some() && ***key != *own);
            entry.is_some_and(|entry| entry.priority >= priority)
        };
        let node = |key: &Arc<str>| {
            let entry = self.store().pods.get(key)?;
            self.compiler().nodes.get(entry.pod.status.nominated_node_name.as_str()).copied()
        };
        let nominated = self.nominated().iter().filter(counts);
        let mut nominated: Vec<(NodeId, &Arc<str>)> = nominated.filter_map(|key| Some((node(key)?, key))).collect();
        nominated.sort_unstable();
        nominated
    }

    /// The nodes that are there whose CSINode is as wanted.
    fn csi_nodes(&self, wanted: impl Fn(&CsiNode) -> bool) -> Vec<NodeId> {
        let nodes = self.store().objects.of_kind(Kind::CSINode).filter_map(|object| match &**object {
            Object::CSINode(node) if wanted(node) => self.compiler().nodes.get(node.metadata.name.as_str()).copied(),
            _ => None,
        });
        nodes.collect()
    }
}
