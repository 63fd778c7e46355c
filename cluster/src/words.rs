//! kube-scheduler's words for why a pod has no node, and what is said beside a decision.

use std::collections::BTreeMap;

use bayplan_core::{NodeId, Plugin, Reason, RejectedBy, Rule};

use crate::attachable::Attachable;
use crate::cluster::Cluster;
use crate::decide::Asked;
use crate::decision::NotApplied;
use crate::error::Error;
use crate::objects::{Kind, Pod};
use crate::plugins;
use crate::volumes::{NO_PROVISIONER, claim_names, class_of_claim};

/// The reason of nodes that PreFilter leaves out, as failures count it.
const NOT_NAMED: Reason = Reason::NOT_NAMED.as_counted();

impl Cluster {
    /// The failure as kube-scheduler words it: each reason with the number of nodes that it holds for.
    pub(crate) fn failure(&self, asked: &Asked, reasons: &[(NodeId, Reason, bool)]) -> String {
        let mut counts: BTreeMap<Reason, usize> = BTreeMap::new();
        let mut of_nominated: Vec<Reason> = Vec::new();
        for (node, reason, is_first) in reasons {
            if *is_first {
                *counts.entry(reason.as_counted()).or_default() += 1;
            }
            if *node == asked.nominated {
                of_nominated.push(reason.as_counted());
            }
        }
        // The nominated node has been looked at first, even where the affinity names others: its own reason counts, and the
        // plugin that gave it is named with the affinity.
        let mut also = None;
        if counts.contains_key(&NOT_NAMED)
            && let Some(first) = of_nominated.iter().find_map(|reason| reason.plugin())
        {
            also = Some(first);
            if of_nominated.contains(&Reason::NOT_NAMED.as_counted()) {
                let own = of_nominated.iter().filter(|reason| reason.plugin() == Some(first));
                own.for_each(|reason| *counts.entry(*reason).or_default() += 1);
                counts.entry(NOT_NAMED).and_modify(|count| *count -= 1);
            }
        }
        let text = |reason| match also {
            Some(plugin) if reason == NOT_NAMED && plugin != Plugin::NodeAffinity => {
                let mut plugins = [Plugin::NodeAffinity.name(), plugin.name()];
                plugins.sort_unstable();
                format!("node(s) didn't satisfy plugin(s) [{}]", plugins.join(" "))
            }
            _ => self.text(reason),
        };
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        let mut texts: Vec<String> = counts.map(|(reason, count)| format!("{count} {}", text(reason))).collect();
        texts.sort_unstable();
        let all = self.compiler.nodes.len();
        format!("0/{all} nodes are available: {}.", texts.join(", "))
    }

    /// kube-scheduler's words for a reason.
    pub(crate) fn text(&self, reason: Reason) -> String {
        match reason.by() {
            RejectedBy::PreFilterResult => "node(s) didn't satisfy plugin(s) [NodeAffinity]".to_owned(),
            RejectedBy::Plugin(plugin) => {
                let resource = || self.compiler.resources.name(reason.resource()).to_owned();
                let driver = || {
                    self.compiler.driver_names.get(reason.driver().at()).map_or_else(String::new, ToString::to_string)
                };
                plugins::entry(plugin.into()).text(reason, resource, driver)
            }
            _ => "node(s) were left out by the caller".to_owned(),
        }
    }

    /// With which words scoring fails, if it does.
    pub(crate) fn score_fault(&mut self, asked: &Asked) -> Result<Option<String>, Error> {
        if asked.fault.is_some() || !self.compiler.has_huge {
            return Ok(asked.fault.as_deref().map(str::to_owned));
        }
        let weights = self.compiler.config.profiles[asked.profile].scores.clone();
        let mut wrong: Option<(NodeId, usize, i64)> = None;
        self.ask(asked, |s, request| {
            wrong = None;
            s.cycle(request)?.filter()?.scores(&mut |rule, node, weighted| {
                let Rule::Plugin(plugin) = rule else { return };
                let Some(at) = weights.iter().position(|(rule, _)| rule.name() == plugin.name()) else { return };
                let score = weighted / weights[at].1.max(1);
                if !(0..=100).contains(&score) {
                    let this = (node, at, score);
                    wrong = Some(wrong.map_or(this, |other| other.min(this)));
                }
            });
            Ok(())
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
        let known = class.starts_with("system-") || self.store.objects.get(Kind::PriorityClass, "", class).is_some();
        if pod.spec.priority.is_none() && !class.is_empty() && !known {
            out.push(format!("PriorityClass {class}"));
        }
        if let Some(owner) = pod.metadata.owner_references.iter().find(|o| o.controller == Some(true))
            && let Some(kind) = Kind::find(&owner.api_version, &owner.kind)
            && matches!(kind, Kind::ReplicaSet | Kind::StatefulSet | Kind::ReplicationController)
            && pod.spec.topology_spread_constraints.is_empty()
            && self.store.objects.get(kind, &pod.metadata.namespace, &owner.name).is_none()
        {
            out.push(kind.describe(&pod.metadata.namespace, &owner.name));
        }
        out.extend(self.missing_kinds(pod).into_iter().map(|kind| format!("any {}", kind.name())));
        out
    }

    /// Kinds of which every cluster has objects, where a rule needs them and there are none.
    fn missing_kinds(&self, pod: &Pod) -> Vec<Kind> {
        let lacks = |kind| self.store.objects.of_kind(kind).next().is_none();
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
