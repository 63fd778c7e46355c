//! The pods that a workload still lacks: those it asks for without those it has.

use std::collections::HashSet;

use super::existing::{is_outdated, node_of, of_workload, replica_sets};
use crate::admit::{self, Context};
use crate::error::Error;
use crate::expand::{
    Allowance, Expanded, daemon_revision, desired_replicas, expand, expand_within, first_to_roll, revision,
};
use crate::objects::{Deployment, JobStatus, Kind, Object, Pod, PodTemplate, ReplicaSet};
use crate::state::store::controller;
use crate::state::{Cluster, key_of};

const INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// What a workload lacks in a cluster.
#[derive(Default)]
pub(super) struct Missing {
    /// The pods to place.
    pub(super) pods: Vec<Pod>,
    /// What goes with them: the workload itself, the ReplicaSet of a Deployment, the claims of a StatefulSet.
    pub(super) others: Vec<Object>,
    pub(super) warnings: Vec<String>,
    /// What a real cluster would do and is not done.
    pub(super) not_done: Option<String>,
}

/// What `workload` lacks. Pods that exist, run or wait, count as there.
pub(super) fn of(
    cluster: &Cluster,
    context: &Context<'_>,
    workload: &Object,
    allowance: &mut Allowance<'_>,
) -> Result<Missing, Error> {
    let workload = adopt(cluster, workload);
    if let Object::Pod(pod) = &workload {
        return one_pod(cluster, pod, context, allowance);
    }
    let mut expand = |object: &Object| expand_within(object, context, allowance);
    let there = of_workload(cluster, &workload);
    // Whether a rollout would replace some of the pods that exist.
    let (made, replaces) = match &workload {
        Object::Deployment(deployment) => match current_set(cluster, context, deployment)? {
            Current::Same(mut set, names) => {
                set.spec.replicas = deployment.spec.replicas;
                let of_other = |pod: &&Pod| controller(&pod.metadata).is_some_and(|set| !names.contains(&set.name));
                (expand(&Object::ReplicaSet(set))?, there.iter().any(of_other))
            }
            Current::Other => (expand(&workload)?, true),
            Current::None => {
                let template = &deployment.spec.template;
                let is_changed = admit::changed_hash(Kind::Deployment, &deployment.metadata, template).is_some();
                (expand(&workload)?, is_changed || template_differs(cluster, context, &workload))
            }
        },
        other => (expand(other)?, template_differs(cluster, context, other)),
    };
    let replaces = replaces || has_outdated(&workload, &there);
    let desired = desired_replicas(&workload, context).unwrap_or(0);
    let Expanded { pods, replica_sets, claims, mut warnings } = made;
    let free = |pod: &Pod| cluster.pod(&key_of(&pod.metadata.namespace, &pod.metadata.name)).is_none();
    let pods: Vec<Pod> = match workload.kind() {
        // Each has a place of its own.
        Kind::StatefulSet => pods.into_iter().filter(|pod| free(pod) || ended(cluster, pod)).collect(),
        Kind::DaemonSet => {
            let covered: HashSet<&str> = there.iter().filter_map(|pod| node_of(pod)).collect();
            pods.into_iter().filter(|pod| !node_of(pod).is_some_and(|node| covered.contains(node))).collect()
        }
        _ => {
            let index = |pod: &Pod| pod.metadata.labels.get(INDEX).cloned();
            let taken: HashSet<String> = there.iter().filter_map(|pod| index(pod)).collect();
            let is_free = |pod: &Pod| free(pod) && index(pod).is_none_or(|index| !taken.contains(&index));
            pods.into_iter().filter(is_free).take(desired.saturating_sub(there.len())).collect()
        }
    };
    if pods.len() < desired {
        let waiting = there.iter().filter(|pod| pod.spec.node_name.is_empty()).count();
        warnings.push(already(&workload, desired, pods.len(), waiting));
    } else if desired == 0 && warnings.is_empty() && controller(workload.metadata()).is_none() {
        warnings.push(format!("{workload}: it asks for no pods, so there is nothing to place"));
    }
    warnings.extend(pods.first().and_then(|pod| named(&workload, pod)));
    // Said even where no pod is missing: a rollout needs room too.
    let not_done = (replaces && !there.is_empty()).then(|| {
        format!(
            "{workload}: its template differs from that of the pods that exist; a real rollout would replace them, here they stay (simulate plays the rollout, with the same files)"
        )
    });
    let mut others: Vec<Object> = replica_sets.into_iter().map(Object::from).collect();
    others.extend(
        claims
            .into_iter()
            .map(Object::from)
            .filter(|claim| cluster.object(Kind::PersistentVolumeClaim, claim.namespace(), claim.name()).is_none()),
    );
    others.push(workload);
    Ok(Missing { pods, others, warnings, not_done })
}

/// What is to be said of a pod that names its node.
fn named(workload: &Object, pod: &Pod) -> Option<String> {
    let node = &pod.spec.node_name;
    let of = if workload.kind() == Kind::Pod { "it is" } else { "its pods are" };
    (!node.is_empty())
        .then(|| format!("{workload} names node {node} itself, so no scheduler is asked: {of} taken in there"))
}

fn already(workload: &Object, desired: usize, missing: usize, waiting: usize) -> String {
    let there = desired - missing;
    let mut text = match missing {
        0 if desired == 1 => format!("{workload}: its only pod exists already, so there is nothing to place"),
        0 => format!("{workload}: all {desired} of its pods exist already, so there is nothing to place"),
        _ => format!("{workload}: {there} of its {desired} pods exist already; the missing {missing} are placed"),
    };
    if waiting > 0 {
        text += &format!(" ({waiting} of them wait for a node: include the pending pods to place those too)");
    } else if missing == 0 {
        text += "; raise its replicas, or ask how many more fit";
    }
    text
}

fn one_pod(
    cluster: &Cluster,
    pod: &Pod,
    context: &Context<'_>,
    allowance: &mut Allowance<'_>,
) -> Result<Missing, Error> {
    let key = key_of(&pod.metadata.namespace, &pod.metadata.name);
    let node = cluster.pod(&key).map_or("", |there| there.spec.node_name.as_str());
    if !node.is_empty() {
        let warnings = vec![format!("Pod {key} is bound to node {node} already, so there is nothing to place")];
        return Ok(Missing { warnings, ..Missing::default() });
    }
    if pod.metadata.deletion_timestamp.is_some() {
        let warnings = vec![format!("Pod {key} is being deleted, so it is not placed")];
        return Ok(Missing { warnings, ..Missing::default() });
    }
    let pods = expand_within(&Object::from(pod.clone()), context, allowance)?.pods;
    let warnings = pods.first().and_then(|made| named(&Object::from(pod.clone()), made)).into_iter().collect();
    Ok(Missing { pods, warnings, ..Missing::default() })
}

/// A manifest without `replicas` that comes over another manifest keeps the number that an autoscaler, or somebody by hand, has set.
pub(crate) fn keeps_replicas(cluster: &Cluster, workload: &Object) -> Object {
    let mut workload = workload.clone();
    let there = cluster.object(workload.kind(), workload.namespace(), workload.name());
    // Into a live object it is merged.
    let there = there.filter(|there| !cluster.is_overlaid(&workload, Some(there)));
    match (&mut workload, there) {
        (Object::Deployment(new), Some(Object::Deployment(old))) => {
            new.spec.replicas = new.spec.replicas.or(old.spec.replicas)
        }
        (Object::StatefulSet(new), Some(Object::StatefulSet(old))) => {
            new.spec.replicas = new.spec.replicas.or(old.spec.replicas)
        }
        (Object::ReplicaSet(new), Some(Object::ReplicaSet(old))) => {
            new.spec.replicas = new.spec.replicas.or(old.spec.replicas)
        }
        _ => {}
    }
    workload
}

/// A manifest of a workload that exists becomes that workload: it takes its uid, and a Job its progress.
pub(super) fn adopt(cluster: &Cluster, workload: &Object) -> Object {
    let mut workload = workload.clone();
    let there = cluster.object(workload.kind(), workload.namespace(), workload.name());
    if let Some(there) = there
        && workload.metadata().uid.is_empty()
    {
        workload.metadata_mut().uid.clone_from(&there.metadata().uid);
        if let (Object::Job(job), Object::Job(there)) = (&mut workload, there)
            && job.status == JobStatus::default()
        {
            job.status = there.status.clone();
        }
    }
    workload
}

fn ended(cluster: &Cluster, pod: &Pod) -> bool {
    let key = key_of(&pod.metadata.namespace, &pod.metadata.name);
    cluster.store().pods.get(&key).is_some_and(|entry| entry.finished())
}

/// The ReplicaSet that a Deployment has.
pub(crate) enum Current {
    /// One whose pods are those of the template, and the names of all such.
    Same(Box<ReplicaSet>, HashSet<String>),
    /// Only ones of other templates.
    Other,
    None,
}

/// Finds the ReplicaSet that already makes the pods of a Deployment's template. New pods must be its pods, so that they
/// are spread from the ones that run.
///
/// Of several with the same template its controller goes on with the oldest. Of sets whose fields are not all known, as those of the past, the
/// one that the Deployment is at is taken, else one that has pods.
pub(crate) fn current_set(cluster: &Cluster, context: &Context<'_>, deployment: &Deployment) -> Result<Current, Error> {
    current_among(replica_sets(cluster, &deployment.metadata).collect(), context, deployment)
}

/// The same among the sets of a Deployment.
pub(crate) fn current_among(
    sets: Vec<&ReplicaSet>,
    context: &Context<'_>,
    deployment: &Deployment,
) -> Result<Current, Error> {
    let all = admit::template_hash(Kind::Deployment, &deployment.metadata, &deployment.spec.template);
    let of = |set: &ReplicaSet| admit::template_hash(Kind::ReplicaSet, &set.metadata, &set.spec.template);
    let found = |same: &[&ReplicaSet]| {
        let names = same.iter().map(|set| set.metadata.name.clone()).collect();
        same.first().map(|set| Current::Same(Box::new((*set).clone()), names))
    };
    let mut same: Vec<&ReplicaSet> = sets.iter().copied().filter(|set| all.is_some() && of(set) == all).collect();
    same.sort_by_cached_key(|set| age(set));
    if let Some(current) = found(&same) {
        return Ok(current);
    }
    let other = if sets.is_empty() { Current::None } else { Current::Other };
    if admit::changed_unseen(deployment) {
        return Ok(other);
    }
    let mut unknown: Vec<&ReplicaSet> = sets.into_iter().filter(|set| all.is_none() || of(set).is_none()).collect();
    let now = deployment.metadata.annotations.get(REVISION);
    unknown.sort_by_cached_key(|set| {
        let is_past = now.is_none() || set.metadata.annotations.get(REVISION) != now;
        (is_past, set.spec.replicas == Some(0), age(set))
    });
    // A live Deployment's template is that of its set, word for word: nothing need be expanded.
    let same: Vec<&ReplicaSet> =
        unknown.iter().copied().filter(|set| is_template(&set.spec.template, &deployment.spec.template)).collect();
    if let Some(current) = found(&same) {
        return Ok(current);
    }
    let mut one = deployment.clone();
    one.spec.replicas = Some(1);
    let wanted = expand(&Object::from(one), context)?;
    let Some(wanted) = wanted.pods.first().map(comparable) else { return Ok(Current::None) };
    unknown.retain(|set| {
        let mut one = (*set).clone();
        one.spec.replicas = Some(1);
        // A set of a dump that can make no pods is one that no new pod belongs to.
        expand(&Object::from(one), context)
            .is_ok_and(|made| made.pods.first().map(comparable).as_ref() == Some(&wanted))
    });
    Ok(found(&unknown).unwrap_or(other))
}

/// The number of a ReplicaSet among those of its Deployment, and of the one that the Deployment is at.
pub(crate) const REVISION: &str = "deployment.kubernetes.io/revision";

/// The number that a ReplicaSet says it has; 0 where it says none.
pub(crate) fn revision_of(set: &ReplicaSet) -> u64 {
    set.metadata.annotations.get(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// What sorts ReplicaSets by their age, the oldest first: those that are made here are younger than those of a real cluster.
pub(crate) fn age(set: &ReplicaSet) -> (bool, Option<String>, u64, String) {
    let created = &set.metadata.creation_timestamp;
    (created.is_none(), created.clone(), revision_of(set), set.metadata.name.clone())
}

/// Is a set's template that of its Deployment, but for the hash?
fn is_template(of_set: &PodTemplate, of_deployment: &PodTemplate) -> bool {
    const HASH: &str = "pod-template-hash";
    let (set, wanted) = (&of_set.metadata.labels, &of_deployment.metadata.labels);
    of_set.spec == of_deployment.spec
        && set.len() == wanted.len() + usize::from(set.contains_key(HASH) && !wanted.contains_key(HASH))
        && wanted.iter().all(|(key, value)| set.get(key) == Some(value))
}

/// Does the workload's template make other pods than that of the same workload in the cluster, so that its controller
/// would replace those that it has?
fn template_differs(cluster: &Cluster, context: &Context<'_>, workload: &Object) -> bool {
    let made = |object: &Object| {
        let mut pod = admit::from_template(replaced_template(object)?, object.namespace());
        object.name().clone_into(&mut pod.metadata.name);
        admit::pod(&mut pod, context).ok()?;
        Some(comparable(&pod))
    };
    let there = cluster.object(workload.kind(), workload.namespace(), workload.name());
    there.and_then(made).is_some_and(|there| made(workload).is_some_and(|new| new != there))
}

/// Has a workload pods of an older template, which its controller would replace?
fn has_outdated(workload: &Object, there: &[&Pod]) -> bool {
    let (revision, spec, strategy, from) = match workload {
        Object::StatefulSet(set) => (revision(set), &set.spec.template, &set.spec.update_strategy, first_to_roll(set)),
        Object::DaemonSet(set) => (daemon_revision(set), &set.spec.template, &set.spec.update_strategy, 0),
        _ => return false,
    };
    let ordinal = |pod: &Pod| pod.metadata.name.rsplit_once('-').and_then(|(_, number)| number.parse::<usize>().ok());
    let rolls = |pod: &Pod| from == 0 || ordinal(pod).is_none_or(|ordinal| ordinal >= from);
    let is_changed = admit::changed_hash(workload.kind(), workload.metadata(), spec).is_some();
    strategy.kind != "OnDelete" && there.iter().any(|pod| rolls(pod) && is_outdated(pod, &revision, is_changed))
}

/// The template of a workload whose controller replaces pods of an older one.
fn replaced_template(workload: &Object) -> Option<&PodTemplate> {
    match workload {
        Object::Deployment(o) => Some(&o.spec.template),
        Object::StatefulSet(o) => Some(&o.spec.template),
        Object::DaemonSet(o) => Some(&o.spec.template),
        _ => None,
    }
}

/// What of a pod a decision sees, without the hash of its template.
fn comparable(pod: &Pod) -> String {
    let hash = pod.metadata.labels.get("pod-template-hash").map_or("", String::as_str);
    let text = serde_json::to_string(&(&pod.metadata.labels, &pod.spec)).unwrap_or_default();
    if hash.is_empty() { text } else { text.replace(hash, "") }
}
