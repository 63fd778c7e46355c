//! How often each rule decided.

use std::collections::BTreeMap;
use std::fmt;

use bayplan_reference::preemption::End;
use bayplan_reference::vector::Step;

/// What must have happened, by (stage, rule, reason); a reason of `""` stands for any. NodeName is not among them: a pod
/// that names its node is bound to it, so no scheduler is asked about one.
const NEEDED: &[(&str, &str, &str)] = &[
    ("result", "Scheduled", ""),
    ("result", "Unschedulable", ""),
    ("result", "Gated", ""),
    ("result", "Error", ""),
    ("pre-filter", "NodeAffinity", "pod affinity terms conflict"),
    ("pre-filter", "VolumeRestrictions", ""),
    ("pre-filter", "VolumeBinding", "pod has unbound immediate PersistentVolumeClaims"),
    ("pre-filter", "VolumeZone", ""),
    ("filter", "PreFilterResult", ""),
    ("filter", "NodeUnschedulable", ""),
    ("filter", "TaintToleration", ""),
    ("filter", "NodeAffinity", ""),
    ("filter", "NodePorts", ""),
    ("filter", "NodeResourcesFit", "Insufficient cpu"),
    ("filter", "NodeResourcesFit", "Insufficient memory"),
    ("filter", "NodeResourcesFit", "Insufficient example.com/foo"),
    ("filter", "NodeResourcesFit", "Too many pods"),
    ("filter", "NodeDeclaredFeatures", ""),
    ("filter", "VolumeRestrictions", "node(s) had no available disk"),
    (
        "filter",
        "VolumeRestrictions",
        "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod",
    ),
    ("filter", "NodeVolumeLimits", "node(s) exceed max volume count"),
    ("filter", "NodeVolumeLimits", "pd.csi.example CSI driver is not installed on the node"),
    ("filter", "VolumeBinding", "node(s) didn't match PersistentVolume's node affinity"),
    ("filter", "VolumeBinding", "node(s) didn't find available persistent volumes to bind"),
    ("filter", "VolumeBinding", "node(s) did not have enough free storage"),
    ("filter", "VolumeBinding", "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"),
    ("filter", "VolumeZone", ""),
    ("filter", "PodTopologySpread", "node(s) didn't match pod topology spread constraints"),
    ("filter", "PodTopologySpread", "node(s) didn't match pod topology spread constraints (missing required label)"),
    ("filter", "InterPodAffinity", "node(s) didn't match pod affinity rules"),
    ("filter", "InterPodAffinity", "node(s) didn't match pod anti-affinity rules"),
    ("filter", "InterPodAffinity", "node(s) didn't satisfy existing pods anti-affinity rules"),
    ("score", "TaintToleration", ""),
    ("score", "NodeAffinity", ""),
    ("score", "NodeResourcesFit", ""),
    ("score", "NodeResourcesBalancedAllocation", ""),
    ("score", "ImageLocality", ""),
    ("score", "PodTopologySpread", ""),
    ("score", "InterPodAffinity", ""),
    ("score", "VolumeBinding", ""),
];

/// Every way in which preemption must have ended.
const ENDS: [End; 12] = [
    End::NotAsked,
    End::Failed,
    End::NeverPreempts,
    End::WaitsForVictims,
    End::NoCandidate,
    End::OnlyCandidate,
    End::FewestViolations,
    End::LowestHighestPriority,
    End::LeastSum,
    End::FewestVictims,
    End::LatestStart,
    End::Tie,
];
const PREEMPTION: &str = "preemption";

/// Counts of decisions, by stage, rule and reason.
#[derive(Clone, Debug, Default)]
pub struct Tally(BTreeMap<(String, String, String), u64>);

impl Tally {
    /// Counts what decided in a step: the first rule that rejected each node, each score that set nodes apart, and how
    /// preemption ended.
    pub fn add(&mut self, step: &Step, ended: Option<End>) {
        let mut count = |stage: &str, rule: &str, reason: &str| {
            *self.0.entry((stage.into(), rule.into(), reason.into())).or_default() += 1;
        };
        count("result", &step.result, "");
        if let Some(rejection) = &step.pre_filter {
            // Names of claims and volumes would make a line each.
            let reason: Vec<&str> = rejection.reason.split('"').step_by(2).collect();
            let reason = reason.join("…");
            let reason = if reason.starts_with("PVC ") { "the pod does not own the claim" } else { reason.trim() };
            count("pre-filter", &rejection.plugin, reason);
        }
        for status in step.filtered.values() {
            match &status.reasons {
                None => count("filter", &status.plugin, ""),
                Some(reasons) => reasons.iter().for_each(|reason| count("filter", &status.plugin, reason)),
            }
        }
        if let Some(end) = ended {
            count(PREEMPTION, "DefaultPreemption", &end.to_string());
        }
        let Some(first) = step.scores.values().next() else { return };
        for (rule, score) in first {
            if step.scores.values().any(|row| row.get(rule) != Some(score)) {
                count("score", rule, "nodes set apart");
            }
        }
    }

    /// Takes in the counts of another.
    pub fn merge(&mut self, other: &Tally) {
        for (key, count) in &other.0 {
            *self.0.entry(key.clone()).or_default() += count;
        }
    }

    /// What never happened and should have.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let happened = |(stage, rule, reason): &(&str, &str, &str)| {
            self.0.keys().any(|(s, r, why)| s == stage && r == rule && (reason.is_empty() || why == reason))
        };
        let ends = ENDS.map(|end| end.to_string());
        let ends = ends.iter().map(|end| (PREEMPTION, "DefaultPreemption", end.as_str()));
        let missing = NEEDED.iter().copied().chain(ends).filter(|needed| !happened(needed));
        missing.map(|(stage, rule, reason)| format!("{stage} {rule} {reason}").trim_end().to_owned()).collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((stage, rule, reason), count) in &self.0 {
            writeln!(f, "{stage:<11}{rule:<32}{count:>9}  {reason}")?;
        }
        Ok(())
    }
}
