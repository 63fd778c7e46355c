//! Placing workloads, or the pods that wait.

use std::collections::HashMap;

use super::existing::of_workload;
use super::lacking_pods::keeps_replicas;
use super::{PlaceOptions, Placements, Quotas, claims, context, is_workload, lacking_pods};
use crate::admit;
use crate::attempt::{Code, Decision, Outcome};
use crate::error::Error;
use crate::expand::{Allowance, desired_replicas};
use crate::objects::{Kind, Object, Pod};
use crate::state::store::controller;
use crate::state::{Cluster, key_of};

impl Cluster {
    /// Places workloads on a fork, one pod after the other as the scheduler's queue would: the highest priority first,
    /// then in the order given, a StatefulSet by ordinal.
    ///
    /// Pods, Deployments, ReplicaSets, ReplicationControllers, StatefulSets, DaemonSets, Jobs and CronJobs (one run)
    /// are placed; objects of other kinds are taken into the fork first, and nodes that no API server has get the pods of the
    /// DaemonSets that are there. Of a workload that the cluster has already,
    /// only the pods that are missing are placed: those it asks for without those that run or wait. Without workloads,
    /// the pods that wait in the cluster are placed.
    ///
    /// A pod that fits nowhere preempts pods of lower priority, as in a real cluster: these are evicted at once, and come again as pending pods
    /// where a controller owns them. Pods that found no node are tried again after each eviction. With
    /// [`PlaceOptions::preemption`] off nobody is evicted.
    ///
    /// # Errors
    /// Where a workload is one that the API server would refuse, the workloads ask for more pods than the options allow, or
    /// `progress` says stop.
    pub fn place(
        &self,
        workloads: Option<&[Object]>,
        options: &PlaceOptions,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Placements, Error> {
        let mut fork = self.clone();
        fork.set_preemption(options.preemption.unwrap_or(self.preempts()));
        let mut wanted: Vec<String> = Vec::new();
        if workloads.is_none() || options.include_pending {
            wanted = fork.pending();
        }
        let (mut warnings, mut left_out) = (Vec::new(), Vec::new());
        if workloads.is_none() {
            fork.place_daemons(&[], &mut warnings, &mut left_out, progress)?;
        }
        if let Some(workloads) = workloads {
            let others = workloads.iter().filter(|object| !is_workload(object.kind())).cloned();
            fork.load(others.collect::<Vec<_>>())?;
            fork.place_daemons(workloads, &mut warnings, &mut left_out, progress)?;
            let mut allowance = Allowance::new(options.max_pods, progress);
            wanted.extend(fork.take_workloads(workloads, &mut allowance, &mut warnings, &mut left_out)?);
            warnings.extend(left_out.iter().cloned());
        }
        warnings.splice(0..0, fork.warnings());
        if workloads.is_some() && !options.include_pending {
            warnings.extend(self.waits_beside());
        }
        if workloads.is_none() {
            warnings.extend(self.workloads_without_pods());
        }
        for key in &wanted {
            fork.bind_claims_of(key)?;
        }
        let mut played = fork.play_queue(wanted, progress)?;
        fork.describe(&mut played.decisions);
        warnings.extend(played.warnings);
        if !fork.preempts() {
            warnings.extend(fork.could_preempt(&played.decisions)?);
        }
        fork.set_preemption(self.preempts());
        Ok(Placements { decisions: played.decisions, evictions: played.evictions, cluster: fork, warnings, left_out })
    }

    /// Takes workloads in; the keys of the pods that are to be placed.
    fn take_workloads(
        &mut self,
        objects: &[Object],
        allowance: &mut Allowance<'_>,
        warnings: &mut Vec<String>,
        left_out: &mut Vec<String>,
    ) -> Result<Vec<String>, Error> {
        let workloads: Vec<&Object> = objects.iter().filter(|object| is_workload(object.kind())).collect();
        let (mut pods, mut companions, mut quotas) = (Vec::new(), Vec::new(), Quotas::default());
        let mut overlaid: Vec<String> = Vec::new();
        let context = context(self, &workloads);
        for workload in workloads {
            if let Some(error) = self.lacks_namespace(workload) {
                left_out.push(format!("{workload} is refused: {} ({})", error.problem(), error.hint_text()));
                continue;
            }
            let there = self.namesake(workload);
            if self.is_overlaid(workload, there.as_ref()) {
                overlaid.push(workload.to_string());
            }
            let workload = match workload.kind() {
                Kind::Pod if !self.is_overlaid(workload, there.as_ref()) => workload.clone(),
                _ => self.admit_over(keeps_replicas(self, workload), there.as_ref(), &context)?,
            };
            let mut lacks = match lacking_pods::of(self, &context, &workload, allowance) {
                // The workload is taken, and its controller tries in vain.
                Err(error) if workload.kind() != Kind::Pod && admit::is_refusal(&error) => {
                    left_out.push(format!("{workload}: its pods are refused: {}", error.problem()));
                    continue;
                }
                lacks => lacks?,
            };
            left_out.extend(lacks.not_done.take());
            lacks.pods.iter_mut().for_each(claims::give_uid);
            left_out.extend(within_quota(self, &mut quotas, &workload, &mut lacks.pods)?);
            companions.extend(lacks.others.into_iter().chain(lacks.pods.iter().flat_map(claims::of_pod)));
            pods.extend(lacks.pods);
            warnings.extend(lacks.warnings);
        }
        warnings.extend(self.overlaid(overlaid.iter().map(String::as_str)));
        let keys = pods.iter().map(|pod| key_of(&pod.metadata.namespace, &pod.metadata.name)).collect();
        self.load(companions.into_iter().chain(pods.into_iter().map(Object::from)))?;
        Ok(keys)
    }

    /// Pods that wait in the cluster and have no part in the answer, though the scheduler would try them too.
    pub(super) fn waits_beside(&self) -> Option<String> {
        let waiting = self.pending().len();
        let pods = if waiting == 1 { "1 pod waits".to_owned() } else { format!("{waiting} pods wait") };
        (waiting > 0).then(|| {
            format!("{pods} in the cluster and are left out; --include-pending places them too (bayplan place)")
        })
    }

    /// Workloads of the cluster that lack pods: without manifests only pods are placed.
    fn workloads_without_pods(&self) -> Option<String> {
        let kinds = [Kind::Deployment, Kind::StatefulSet, Kind::ReplicaSet, Kind::ReplicationController];
        let workloads = kinds.into_iter().flat_map(|kind| self.store().objects.of_kind(kind));
        let context = self.context();
        let mut lacking =
            workloads.filter(|workload| controller(workload.metadata()).is_none()).filter_map(|workload| {
                let (there, wanted) = (of_workload(self, workload).len(), desired_replicas(workload, &context)?);
                (there < wanted).then(|| format!("{workload} has {there} of {wanted} pods"))
            });
        let first = lacking.next()?;
        let more = match lacking.count() {
            0 => String::new(),
            1 => " (and another lacks pods)".to_owned(),
            more => format!(" (and {more} more lack pods)"),
        };
        Some(format!(
            "{first}{more}; without manifests only the pods that exist are placed: give the workload's manifest too, or the same file again"
        ))
    }

    /// Says how many of the pending pods the real scheduler might make room for, by evicting pods of lower priority.
    fn could_preempt(&mut self, decisions: &[Decision]) -> Result<Option<String>, Error> {
        let lowest = self.store().pods.lowest_priority();
        // Pods of the same priority and message are mostly siblings: one of them speaks for all.
        let mut known: HashMap<(i32, &str), bool> = HashMap::new();
        let mut could: Vec<&str> = Vec::new();
        for decision in decisions.iter().filter(|decision| decision.outcome == Outcome::Unschedulable) {
            let Some(pod) = self.pod(&decision.pod) else { continue };
            let (priority, never) = (self.priority_of(pod), pod.spec.preemption_policy.as_deref() == Some("Never"));
            if never || lowest.is_none_or(|lowest| lowest >= priority) {
                continue;
            }
            let key = (priority, decision.message.as_str());
            let can = match known.get(&key) {
                Some(can) => *can,
                None => {
                    let verdicts = self.verdicts(&decision.pod)?.filtered;
                    let mut nodes = verdicts.iter().filter(|(_, verdict)| verdict.code == Code::Unschedulable);
                    nodes.any(|(node, _)| self.has_lower(node, priority))
                }
            };
            known.insert(key, can);
            if can {
                could.push(&decision.pod);
            }
        }
        let Some(first) = could.first() else { return Ok(None) };
        let count = could.len();
        Ok(Some(format!(
            "the real scheduler may evict pods of lower priority for {count} of the pending pods (first: {first}); here nothing is evicted"
        )))
    }

    /// Whether a pod of a lower priority is bound to a node.
    pub(crate) fn has_lower(&self, node: &str, priority: i32) -> bool {
        let Some(node) = self.compiler().nodes.get(node).copied() else { return false };
        let mut pods = self.store().pods.on(node).filter_map(|key| self.store().pods.get(key));
        pods.any(|entry| entry.priority < priority)
    }

    /// The start time of the youngest pod; pods that are bound now are younger.
    pub(crate) fn last_start(&self) -> i64 {
        self.store().pods.last_start().map_or(self.clock(), |start| start.max(self.clock()))
    }
}

/// Takes out the pods that a quota has no room for; what is said of them.
fn within_quota(
    cluster: &Cluster,
    quotas: &mut Quotas,
    workload: &Object,
    pods: &mut Vec<Pod>,
) -> Result<Option<String>, Error> {
    let all = pods.len();
    let mut fault = None;
    let mut kept = Vec::with_capacity(all);
    for pod in pods.drain(..) {
        let object = Object::from(pod);
        match quotas.admit(cluster, &object) {
            Ok(()) => kept.extend(match object {
                Object::Pod(pod) => Some(*pod),
                _ => None,
            }),
            // A controller goes on trying; what it has no room for now it has no room for then.
            Err(error) if admit::is_refusal(&error) => _ = fault.get_or_insert(error),
            Err(error) => return Err(error),
        }
    }
    *pods = kept;
    let refused = all - pods.len();
    Ok(fault.map(|error| format!("{workload}: {refused} of {all} pods are refused: {}", error.problem())))
}
