//! Workloads to the pods that their controllers would create, admitted as the API server would admit them.
//!
//! Names are made as controllers make them, but from numbers instead of chance, so that they repeat:
//!
//! | kind | names |
//! |---|---|
//! | Deployment | `web-<hash of the template>-00001`, by a ReplicaSet `web-<hash>` |
//! | ReplicaSet, ReplicationController, Job | `web-00001` |
//! | Job with `completionMode: Indexed` | `web-<index>-00001` |
//! | CronJob | one run: a Job `web-00001` |
//! | StatefulSet | `web-0`, or from `ordinals.start` on |
//! | DaemonSet | `web-<node>` |
//!
//! The hash differs from the one that a real controller would compute, which is over fields that no decision looks at.

mod allowance;
mod daemon_set;
mod job;
mod replicas;
mod stateful_set;

pub use allowance::{Allowance, MAX_PODS};
pub(crate) use daemon_set::{daemon_pods, daemon_revision, nodes as daemon_nodes};
pub(crate) use job::{has_ended, indexed_pod, run_of};
pub(crate) use replicas::{made, replica_set_of};
pub(crate) use stateful_set::{first_ordinal, first_to_roll, one as one_of_stateful_set, revision};

use std::cell::OnceCell;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::admit::{self, Context};
use crate::api::view;
use crate::error::{Error, ErrorKind};
use crate::labels::Selector;
use crate::objects::{
    Kind, LabelSelector, Object, ObjectMeta, OwnerReference, PersistentVolumeClaim, Pod, PodTemplate, Provenance,
    ReplicaSet,
};

/// The kinds that make pods, or are pods.
pub const WORKLOADS: [Kind; 8] = [
    Kind::Pod,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::ReplicationController,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::Job,
    Kind::CronJob,
];

/// What a workload becomes.
#[derive(Clone, Debug, Default)]
pub struct Expanded {
    /// The pods, in the order of creation.
    pub pods: Vec<Pod>,
    /// The ReplicaSet that a Deployment makes; default spreading looks at its selector.
    pub replica_sets: Vec<ReplicaSet>,
    /// The claims that a StatefulSet makes for its pods.
    pub claims: Vec<PersistentVolumeClaim>,
    /// What a user should know, as of a workload that is suspended.
    pub warnings: Vec<String>,
}

/// The pods that a workload's controller would create if it had none yet, [`MAX_PODS`] at most; a pod becomes itself,
/// admitted.
///
/// # Errors
/// Where the object is no workload, the API server would refuse it or its pods, or it asks for too many.
pub fn expand(object: &Object, context: &Context<'_>) -> Result<Expanded, Error> {
    expand_within(object, context, &mut Allowance::new(MAX_PODS, &mut |_, _| true))
}

/// The same, as long as the allowance lasts.
///
/// # Errors
/// As [`expand`]; also where the caller asks to stop.
pub fn expand_within(object: &Object, context: &Context<'_>, allowance: &mut Allowance<'_>) -> Result<Expanded, Error> {
    let expanded = match object {
        Object::Pod(pod) => {
            allowance.ask(1, "").and_then(|()| allowance.go_on()).map_err(|e| e.in_object(object.to_string()))?;
            let mut pod = Pod::clone(pod);
            if object.is_written() {
                admit::pod(&mut pod, context).map_err(|e| e.in_object(object.to_string()))?;
            }
            return Ok(Expanded { pods: vec![pod], ..Expanded::default() });
        }
        Object::Deployment(o) => replicas::deployment(o, context, allowance),
        Object::ReplicaSet(o) => replicas::replica_set(o, context, allowance),
        Object::ReplicationController(o) => replicas::replication_controller(o, context, allowance),
        Object::StatefulSet(o) => stateful_set::expand(o, context, allowance),
        Object::DaemonSet(o) => daemon_set::expand(o, context, allowance),
        Object::Job(o) => job::job(o, context, allowance),
        Object::CronJob(o) => job::cron_job(o, context, allowance),
        _ => {
            let hint = format!("legal is {}", WORKLOADS.map(Kind::name).join(", "));
            Err(Error::new(ErrorKind::Unsupported, "it makes no pods").hint(hint))
        }
    };
    expanded.map_err(|e| e.in_object(object.to_string()))
}

/// How many pods the workload asks for; `None` where it makes no pods. A DaemonSet asks for one on each node that it accepts.
pub fn desired_replicas(object: &Object, context: &Context<'_>) -> Option<usize> {
    Some(match object {
        Object::Pod(_) => 1,
        Object::Deployment(o) => count(o.spec.replicas),
        Object::ReplicaSet(o) => count(o.spec.replicas),
        Object::ReplicationController(o) => count(o.spec.replicas),
        Object::StatefulSet(o) => count(o.spec.replicas),
        Object::DaemonSet(o) => daemon_set::nodes(o, context).count(),
        Object::Job(o) => job::active(&o.spec, &o.status),
        Object::CronJob(o) if o.spec.suspend == Some(true) => 0,
        Object::CronJob(o) => job::active(&o.spec.job_template.spec, &Default::default()),
        _ => return None,
    })
}

/// How many replicas a field asks for: 1 where it is absent.
fn count(replicas: Option<i32>) -> usize {
    usize::try_from(replicas.unwrap_or(1)).unwrap_or(0)
}

/// A controller that is about to make pods.
struct Maker<'a> {
    owner: OwnerReference,
    namespace: &'a str,
    template: &'a PodTemplate,
    context: &'a Context<'a>,
    /// The pod's JSON with all fields of the template, where the workload came with them.
    whole: Option<Arc<Value>>,
    /// The first pod after admission. Its siblings are copies of it: admission looks at what the template says.
    first: OnceCell<Pod>,
}

impl<'a> Maker<'a> {
    fn new(owner: OwnerReference, meta: &'a ObjectMeta, template: &'a PodTemplate, context: &'a Context<'a>) -> Self {
        let whole = match &meta.provenance {
            Provenance::Admitted(Some(workload)) => {
                let template = view::at(workload, &["spec", "template"]);
                Some(Arc::new(admit::whole_from_template(template)))
            }
            // Changed by a manifest: its pods are judged as new ones.
            Provenance::Kept(text) if meta.provenance.original().is_some() => {
                let workload: Value = serde_json::from_str(text).unwrap_or_default();
                let template = view::at(&workload, &["spec", "template"]);
                Some(Arc::new(admit::whole_from_template(template)))
            }
            _ => None,
        };
        Maker { owner, namespace: &meta.namespace, template, context, whole, first: OnceCell::new() }
    }

    /// Sets what controllers set of a pod's spec and nobody here reads.
    fn set(&mut self, set: impl FnOnce(&mut Map<String, Value>)) {
        if let Some(whole) = &mut self.whole
            && let Value::Object(fields) = Arc::make_mut(whole)
        {
            set(view::object(fields, "spec"));
        }
    }

    /// Does admission make something else of each pod? Keys that are merged into selectors may be labels of a sibling's own.
    fn differ(&self) -> bool {
        let spec = &self.template.spec;
        let spreads = spec.topology_spread_constraints.iter().any(|constraint| !constraint.match_label_keys.is_empty());
        let affinity = spec.affinity.as_ref();
        let of_pods = affinity.into_iter().flat_map(|affinity| [&affinity.pod_affinity, &affinity.pod_anti_affinity]);
        let mut terms = of_pods.flatten().flat_map(|affinity| {
            affinity.required.iter().chain(affinity.preferred.iter().map(|weighted| &weighted.pod_affinity_term))
        });
        spreads || terms.any(|term| !term.match_label_keys.is_empty() || !term.mismatch_label_keys.is_empty())
    }

    /// A pod of this name; `own` sets what differs between siblings, before admission sees the pod.
    fn pod(&self, name: String, own: impl FnOnce(&mut Pod)) -> Result<Pod, Error> {
        if let Some(first) = self.first.get() {
            let mut pod = first.clone();
            pod.metadata.name = name;
            own(&mut pod);
            return Ok(pod);
        }
        let mut pod = admit::from_template(self.template, self.namespace);
        pod.metadata.name = name;
        pod.metadata.generate_name = format!("{}-", self.owner.name);
        pod.metadata.owner_references = vec![self.owner.clone()].into();
        own(&mut pod);
        pod.metadata.provenance = self.whole.clone().map_or(Provenance::Live, Provenance::Written);
        admit::pod(&mut pod, self.context)?;
        pod.metadata.provenance.set_made();
        if !self.differ() {
            _ = self.first.set(pod.clone());
        }
        Ok(pod)
    }

    /// Pods with numbers for names.
    fn numbered(&self, base: &str, count: usize, allowance: &mut Allowance<'_>) -> Result<Vec<Pod>, Error> {
        let pod = |i| {
            allowance.go_on()?;
            self.pod(numbered(base, i), |_| {})
        };
        (1..=count).map(pod).collect()
    }
}

/// The name of the `i`th pod of a controller.
fn numbered(base: &str, i: usize) -> String {
    format!("{base}-{i:05}")
}

/// The reference to an owner that controls; an owner without a uid gets one that repeats.
fn owner(api_version: &str, kind: &str, meta: &ObjectMeta) -> OwnerReference {
    OwnerReference {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        name: meta.name.clone(),
        uid: uid(kind, meta),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// The reference of a pod to a workload that controls it.
pub(crate) fn owner_of(workload: &Object) -> OwnerReference {
    owner(&workload.kind().api_version(), workload.kind().name(), workload.metadata())
}

/// The uid of an object, or one that repeats.
pub(crate) fn uid(kind: &str, meta: &ObjectMeta) -> String {
    if meta.uid.is_empty() {
        crate::hash::uid(&format!("{kind}/{}/{}", meta.namespace, meta.name))
    } else {
        meta.uid.clone()
    }
}

/// A workload's selector must be there and select its own pods.
fn check_selector(selector: Option<&LabelSelector>, template: &PodTemplate) -> Result<(), Error> {
    let missing = || Error::input("it is missing").at("spec.selector").hint("it must select the template's labels");
    let selector = selector.ok_or_else(missing)?;
    if selector.match_labels.is_empty() && selector.match_expressions.is_empty() {
        return Err(Error::input("it is empty").at("spec.selector").hint("it must select the template's labels"));
    }
    if Selector::new(Some(selector), "spec.selector")?.matches(&template.metadata.labels) {
        return Ok(());
    }
    Err(Error::input("spec.selector does not select these labels").at("spec.template.metadata.labels"))
}
