//! How many more replicas fit.

use std::collections::BTreeMap;

use super::lacking_pods::{Current, adopt, current_set};
use super::queue::MOST_PREEMPTIONS;
use super::{Eviction, Fit, FitOptions, Quotas, claims, tell};
use crate::admit;
use crate::attempt::{Decision, Outcome};
use crate::error::{Error, ErrorKind};
use crate::expand::{expand, first_ordinal, one_of_stateful_set};
use crate::objects::{Job, Kind, Object, Pod, PodStatus, ReplicaSet, StatefulSet};
use crate::state::{Cluster, key_of};

impl Cluster {
    /// Places one more replica of a template after the other, on a fork, until one finds no node or there are `limit`.
    ///
    /// The template is a Pod, or any workload that makes equal pods; how many replicas the workload asks for, and how
    /// many the cluster has of it, does not matter.
    ///
    /// # Errors
    /// Where the template is one that the API server would refuse, is a DaemonSet or makes no pods, or `progress` says
    /// stop.
    pub fn fit(
        &self,
        template: &Object,
        limit: usize,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Fit, Error> {
        self.fit_with(template, &FitOptions { limit, ..FitOptions::default() }, progress)
    }

    /// The same; replicas may preempt pods of lower priority where the options let them.
    ///
    /// # Errors
    /// As [`Self::fit`].
    pub fn fit_with(
        &self,
        template: &Object,
        options: &FitOptions,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Fit, Error> {
        let limit = options.limit;
        let mut fork = self.clone();
        fork.set_preemption(options.preemption);
        let is_overlaid = fork.is_overlaid(template, fork.namesake(template).as_ref());
        let mut copies = Copies::of(&mut fork, template)?;
        let mut fit = Fit {
            replicas: 0,
            limit_reached: false,
            by_node: Vec::new(),
            stopped_by: None,
            reasons: Vec::new(),
            evictions: Vec::new(),
            not_applied: Vec::new(),
            refused: None,
            warnings: fork.warnings().into_iter().chain(self.waits_beside()).collect(),
            left_out: Vec::new(),
        };
        if is_overlaid {
            fit.warnings.extend(fork.overlaid([&*template.to_string()].into_iter()));
        }
        let missing = fork.lacks_namespace(template);
        fit.left_out
            .extend(missing.map(|error| format!("{template} is refused: {} ({})", error.problem(), error.hint_text())));
        fork.place_daemons(&[], &mut fit.warnings, &mut fit.left_out, progress)?;
        fit.warnings.extend(fit.left_out.iter().cloned());
        let mut quotas = Quotas::default();
        let mut start = fork.last_start();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        while fit.replicas < limit {
            tell(progress, fit.replicas, limit)?;
            let key = match copies.add(&mut fork, &mut quotas) {
                Err(error) if admit::is_refusal(&error) => {
                    fit.refused = Some(error.problem().to_owned());
                    break;
                }
                key => key?,
            };
            fork.bind_claims_of(&key)?;
            start = start.saturating_add(1);
            let decision = fork.place_replica(&key, start, &mut fit.evictions)?;
            for rule in &decision.not_applied {
                if !fit.not_applied.contains(rule) {
                    fit.not_applied.push(rule.clone());
                }
            }
            match &decision.node {
                Some(node) if decision.outcome == Outcome::Scheduled => *counts.entry(node.clone()).or_default() += 1,
                _ => {
                    fit.reasons = fork.reasons(&decision)?;
                    fit.stopped_by = Some(decision);
                    break;
                }
            }
            fit.replicas += 1;
        }
        fit.limit_reached = fit.stopped_by.is_none() && fit.refused.is_none();
        tell(progress, fit.replicas, limit)?;
        let nodes = fork.nodes();
        fit.by_node = nodes.iter().filter_map(|node| Some(((*node).to_owned(), *counts.get(*node)?))).collect();
        Ok(fit)
    }

    /// Places a replica, after it has preempted others if it may. Pods that would come in their place are not looked at.
    pub(crate) fn place_replica(
        &mut self,
        key: &str,
        start: i64,
        evictions: &mut Vec<Eviction>,
    ) -> Result<Decision, Error> {
        for _ in 0..MOST_PREEMPTIONS {
            let decision = if self.preempts() { self.preempt_noting(key, evictions)? } else { self.decide(key)? };
            if let (Outcome::Scheduled, Some(node)) = (decision.outcome, &decision.node) {
                self.bind(key, node, start)?;
                return Ok(decision);
            }
            if decision.preemption.as_ref().is_none_or(|preemption| preemption.node.is_none()) {
                return Ok(decision);
            }
        }
        self.decide(key)
    }

    /// Each reason for which a pod was rejected, and on how many nodes.
    pub(crate) fn reasons(&mut self, decision: &Decision) -> Result<Vec<(String, usize)>, Error> {
        let explanation = self.verdicts(&decision.pod)?;
        if let Some(rejected) = explanation.pre_filter {
            return Ok(vec![(rejected.reason, self.nodes().len())]);
        }
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for reason in explanation.filtered.into_values().flat_map(|verdict| verdict.reasons) {
            *counts.entry(reason).or_default() += 1;
        }
        let mut reasons: Vec<_> = counts.into_iter().collect();
        reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(reasons)
    }
}

/// Makes replicas without end.
pub(crate) enum Copies {
    /// Equal ones, but for the name.
    Equal { pod: Box<Pod>, base: String, next: usize },
    /// Ones with ordinals and claims.
    Ordinal { set: Box<StatefulSet>, next: usize },
}

impl Copies {
    pub(crate) fn of(cluster: &mut Cluster, template: &Object) -> Result<Copies, Error> {
        let there = cluster.namesake(template);
        let mut template = match template.kind() {
            Kind::Pod => template.clone(),
            _ => cluster.admit_over(template.clone(), there.as_ref(), &cluster.context())?,
        };
        template = adopt(cluster, &template);
        let text = template.to_string();
        if let Object::StatefulSet(set) = template {
            cluster.upsert(Object::StatefulSet(set.clone()))?;
            let next = first_ordinal(&set);
            return Ok(Copies::Ordinal { set, next });
        }
        let context = cluster.context();
        let one = match template {
            Object::DaemonSet(_) => {
                let hint = "place it instead, or ask for its pod template as a Pod";
                let problem = "a DaemonSet has one pod on each node that it accepts, whatever fits";
                return Err(Error::new(ErrorKind::Unsupported, problem).hint(hint).in_object(text));
            }
            Object::Pod(mut pod) => {
                pod.spec.node_name.clear();
                pod.status = PodStatus::default();
                pod.metadata.deletion_timestamp = None;
                Object::Pod(pod)
            }
            Object::Deployment(mut deployment) => match current_set(cluster, &context, &deployment)? {
                Current::Same(set, _) => single_set(set),
                Current::Other | Current::None => {
                    deployment.spec.replicas = Some(1);
                    Object::Deployment(deployment)
                }
            },
            Object::ReplicaSet(set) => single_set(set),
            Object::ReplicationController(mut controller) => {
                controller.spec.replicas = Some(1);
                Object::ReplicationController(controller)
            }
            Object::Job(mut job) => {
                single_run(&mut job);
                Object::Job(job)
            }
            Object::CronJob(mut cron) => {
                let run = &mut cron.spec.job_template.spec;
                (run.parallelism, run.completions, run.suspend, cron.spec.suspend) = (Some(1), Some(1), None, None);
                Object::CronJob(cron)
            }
            other => other,
        };
        let made = expand(&one, &context)?;
        let Some(pod) = made.pods.into_iter().next() else {
            return Err(Error::new(ErrorKind::Unsupported, "it makes no pods").in_object(text));
        };
        for set in made.replica_sets {
            cluster.upsert(Object::from(set))?;
        }
        if matches!(one, Object::ReplicaSet(_) | Object::ReplicationController(_)) {
            cluster.upsert(one)?;
        }
        let owner = crate::state::store::controller(&pod.metadata);
        let base = owner.map_or_else(|| pod.metadata.name.clone(), |owner| owner.name.clone());
        Ok(Copies::Equal { pod: Box::new(pod), base, next: 1 })
    }

    /// Puts one more into the cluster; its key.
    pub(crate) fn add(&mut self, cluster: &mut Cluster, quotas: &mut Quotas) -> Result<String, Error> {
        match self {
            Copies::Equal { pod, base, next } => loop {
                let name = format!("{base}-{next:05}");
                *next += 1;
                let key = key_of(&pod.metadata.namespace, &name);
                if cluster.pod(&key).is_none() {
                    let mut copy = pod.clone();
                    copy.metadata.name = name;
                    claims::give_uid(&mut copy);
                    let of_pod = claims::of_pod(&copy);
                    let copy = Object::Pod(copy);
                    quotas.admit(cluster, &copy)?;
                    for claim in of_pod {
                        cluster.upsert(claim)?;
                    }
                    cluster.upsert(copy)?;
                    return Ok(key);
                }
            },
            Copies::Ordinal { set, next } => loop {
                let ordinal = *next;
                let key = key_of(&set.metadata.namespace, &format!("{}-{ordinal}", set.metadata.name));
                *next += 1;
                if cluster.pod(&key).is_some() {
                    continue;
                }
                let made = one_of_stateful_set(set, ordinal, &cluster.context()).map_err(|e| {
                    e.in_object(Kind::StatefulSet.describe(&set.metadata.namespace, &set.metadata.name))
                })?;
                let mut made = made;
                made.pods.iter_mut().for_each(claims::give_uid);
                let of_pods: Vec<Object> = made.pods.iter().flat_map(claims::of_pod).collect();
                for claim in made.claims.into_iter().map(Object::from).chain(of_pods) {
                    if cluster.object(claim.kind(), claim.namespace(), claim.name()).is_none() {
                        quotas.admit(cluster, &claim)?;
                        cluster.upsert(claim)?;
                    }
                }
                for pod in made.pods.into_iter().map(Object::from) {
                    quotas.admit(cluster, &pod)?;
                    cluster.upsert(pod)?;
                }
                return Ok(key);
            },
        }
    }
}

fn single_set(mut set: Box<ReplicaSet>) -> Object {
    set.spec.replicas = Some(1);
    Object::ReplicaSet(set)
}

/// One pod of it, however far the job is.
fn single_run(job: &mut Job) {
    job.status = Default::default();
    (job.spec.parallelism, job.spec.completions, job.spec.suspend) = (Some(1), Some(1), None);
}
