//! kube-scheduler's words for why a pod has no node, and what is said beside a decision.

use std::collections::BTreeMap;

use bayplan_core::{NodeId, Plugin, Reason};

use crate::attachable::Attachable;
use crate::cluster::Cluster;
use crate::decide::Asked;
use crate::decision::NotApplied;
use crate::error::Error;
use crate::objects::{Kind, Pod};
use crate::volumes::{NO_PROVISIONER, claim_names, class_of_claim};

impl Cluster {
    /// The failure as kube-scheduler words it: each reason with the number of nodes that it holds for.
    pub(crate) fn failure(&mut self, asked: &Asked) -> Result<String, Error> {
        let mut counts: BTreeMap<Reason, usize> = BTreeMap::new();
        self.ask(asked, |s, request| {
            counts.clear();
            s.explain(request, &mut |_, _, reason| {
                if let Some(reason) = reason {
                    *counts.entry(as_counted(reason)).or_default() += 1;
                }
            })
        })?;
        // The nominated node has been looked at first, even where the affinity names others: its own reason counts, and the
        // rule that gave it is named with the affinity.
        let nominated = if counts.contains_key(&Reason::NotNamed) { self.nominated_first(asked)? } else { None };
        if let Some((_, reasons, true)) = &nominated {
            reasons.iter().for_each(|reason| *counts.entry(*reason).or_default() += 1);
            counts.entry(Reason::NotNamed).and_modify(|count| *count -= 1);
        }
        let text = |reason| match (&nominated, reason) {
            (Some((rule, ..)), Reason::NotNamed) if *rule != Plugin::NodeAffinity => {
                let mut rules = [Plugin::NodeAffinity.name(), rule.name()];
                rules.sort_unstable();
                format!("node(s) didn't satisfy plugin(s) [{}]", rules.join(" "))
            }
            _ => self.text(reason),
        };
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        let mut texts: Vec<String> = counts.map(|(reason, count)| format!("{count} {}", text(reason))).collect();
        texts.sort_unstable();
        let all = self.compiler.nodes.len();
        Ok(format!("0/{all} nodes are available: {}.", texts.join(", ")))
    }

    /// The rule that rejects the nominated node first, with its reasons, and whether the affinity names other nodes.
    fn nominated_first(&mut self, asked: &Asked) -> Result<Option<(Plugin, Vec<Reason>, bool)>, Error> {
        if !asked.nominated.is_some() {
            return Ok(None);
        }
        let mut rules: Vec<(Option<Plugin>, Reason)> = Vec::new();
        self.ask(asked, |s, request| {
            rules.clear();
            s.explain_all(request, asked.nominated, &mut |plugin, reason| rules.push((plugin, as_counted(reason))))
        })?;
        let not_named = rules.iter().any(|(_, reason)| *reason == Reason::NotNamed);
        let Some(first) = rules.iter().find_map(|(plugin, _)| *plugin) else { return Ok(None) };
        let reasons = rules.iter().filter(|(plugin, _)| *plugin == Some(first)).map(|(_, reason)| *reason);
        Ok(Some((first, reasons.collect(), not_named)))
    }

    /// kube-scheduler's words for a reason.
    pub(crate) fn text(&self, reason: Reason) -> String {
        match reason {
            Reason::NotNamed => "node(s) didn't satisfy plugin(s) [NodeAffinity]",
            Reason::Unschedulable => "node(s) were unschedulable",
            Reason::NodeName => "node(s) didn't match the requested node name",
            Reason::Taint => "node(s) had untolerated taint(s)",
            Reason::EnforcedAffinity => "node(s) didn't match scheduler-enforced node affinity",
            Reason::NodeAffinity => "node(s) didn't match Pod's node affinity/selector",
            Reason::Ports => "node(s) didn't have free ports for the requested pod ports",
            Reason::TooManyPods => "Too many pods",
            Reason::Insufficient { resource, .. } => {
                return format!("Insufficient {}", self.compiler.resources.name(resource));
            }
            Reason::SpreadMissingLabel => {
                "node(s) didn't match pod topology spread constraints (missing required label)"
            }
            Reason::Spread => "node(s) didn't match pod topology spread constraints",
            Reason::Affinity => "node(s) didn't match pod affinity rules",
            Reason::AntiAffinity => "node(s) didn't match pod anti-affinity rules",
            Reason::ExistingAntiAffinity => "node(s) didn't satisfy existing pods anti-affinity rules",
            Reason::Disk => "node(s) had no available disk",
            Reason::ClaimInUse => {
                "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by \
                 another pod"
            }
            Reason::DriverMissing(driver) => {
                let name = self.compiler.driver_names.get(driver.at()).map_or("", String::as_str);
                return format!("{name} CSI driver is not installed on the node");
            }
            Reason::TooManyVolumes => "node(s) exceed max volume count",
            Reason::VolumeNotReachable => "node(s) didn't match PersistentVolume's node affinity",
            Reason::NoSuchVolume => "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
            Reason::NoVolumeToBind => "node(s) didn't find available persistent volumes to bind",
            Reason::NoSpace => "node(s) did not have enough free storage",
            Reason::VolumeZone => "node(s) had no available volume zone",
            Reason::Features => "node(s) didn't match Pod's required features",
            _ => "node(s) were left out by the caller",
        }
        .to_owned()
    }

    /// With which words scoring fails, if it does.
    pub(crate) fn score_fault(&mut self, asked: &Asked) -> Result<Option<String>, Error> {
        if asked.fault.is_some() || !self.compiler.has_huge {
            return Ok(asked.fault.clone());
        }
        let weights = self.compiler.config.profiles[asked.profile].scores.clone();
        let mut wrong: Option<(NodeId, usize, i64)> = None;
        self.ask(asked, |s, request| {
            wrong = None;
            s.scores(request, &mut |plugin, node, weighted| {
                let Some(at) = weights.iter().position(|(rule, _)| rule.name() == plugin.name()) else { return };
                let score = weighted / weights[at].1.max(1);
                if !(0..=100).contains(&score) {
                    let this = (node, at, score);
                    wrong = Some(wrong.map_or(this, |other| other.min(this)));
                }
            })
        })?;
        Ok(wrong.map(|(_, at, score)| {
            let rule = weights[at].0.name();
            format!(
                "applying score defaultWeights on Score plugins: plugin {rule:?} returns an invalid score {score}, \
                 it should in the range of [0, 100] after normalizing"
            )
        }))
    }

    /// Rules that concern the pod or the cluster and are not applied.
    pub(crate) fn not_applied(&self, pod: &Pod) -> Vec<NotApplied> {
        let mut out = Vec::new();
        let mut add = |rule: &str, why: &str| out.push(NotApplied { rule: rule.to_owned(), why: why.to_owned() });
        if !pod.spec.resource_claims.is_empty() {
            add("DynamicResources", "the pod claims devices");
        }
        if pod.spec.scheduling_group.is_some() || pod.spec.workload_ref.is_some() {
            add("GangScheduling", "the pod is one of a gang");
        }
        if self.compiler.config.extenders.iter().any(|extender| extender.concerns(pod)) {
            add("extenders", "the configuration has an extender that is asked of the pod");
        }
        out
    }

    /// Objects that a rule needed and the dump lacks.
    pub(crate) fn missing(&self, pod: &Pod) -> Vec<String> {
        let mut out = Vec::new();
        let class = &pod.spec.priority_class_name;
        let known = class.starts_with("system-") || self.store.get(Kind::PriorityClass, "", class).is_some();
        if pod.spec.priority.is_none() && !class.is_empty() && !known {
            out.push(format!("PriorityClass {class}"));
        }
        if let Some(owner) = pod.metadata.owner_references.iter().find(|o| o.controller == Some(true))
            && let Some(kind) = Kind::find(&owner.api_version, &owner.kind)
            && matches!(kind, Kind::ReplicaSet | Kind::StatefulSet | Kind::ReplicationController)
            && pod.spec.topology_spread_constraints.is_empty()
            && self.store.get(kind, &pod.metadata.namespace, &owner.name).is_none()
        {
            out.push(kind.describe(&pod.metadata.namespace, &owner.name));
        }
        out.extend(self.missing_kinds(pod).into_iter().map(|kind| format!("any {}", kind.name())));
        out
    }

    /// Kinds of which every cluster has objects, where a rule needs them and there are none.
    fn missing_kinds(&self, pod: &Pod) -> Vec<Kind> {
        let lacks = |kind| self.store.of_kind(kind).next().is_none();
        let mut out = Vec::new();
        if self.compiler.looks_at_namespaces && lacks(Kind::Namespace) {
            out.push(Kind::Namespace);
        }
        // The API server has one of its own, so a dump of a real cluster, with the system's pods, does too.
        let is_dump = self.compiler.namespaces.contains_key("kube-system");
        if pod.spec.topology_spread_constraints.is_empty() && is_dump && lacks(Kind::Service) {
            out.push(Kind::Service);
        }
        if pod.spec.volumes.is_empty() {
            return out;
        }
        let is_counted = |(driver, _): &Attachable| driver != NO_PROVISIONER;
        if lacks(Kind::CSINode) && self.mounted(pod).iter().any(is_counted) {
            out.push(Kind::CSINode);
        }
        let claims = claim_names(pod).filter_map(|(name, _)| self.claim(&pod.metadata.namespace, &name));
        let mut waiting = claims.filter(|claim| claim.spec.volume_name.is_empty());
        if lacks(Kind::StorageClass) && waiting.any(|claim| class_of_claim(claim).is_empty()) {
            out.push(Kind::StorageClass);
        }
        out
    }
}

/// A reason as failures are counted: whether an empty node would do changes the code, not the text.
fn as_counted(reason: Reason) -> Reason {
    match reason {
        Reason::Insufficient { resource, .. } => Reason::Insufficient { resource, beyond: false },
        reason => reason,
    }
}
