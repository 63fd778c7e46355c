//! What the API server makes of an object when it is created: defaults, then admission (limits, priority, tolerations, runtime class,
//! storage class), then validation, in its order and its words.
//!
//! Objects of a dump have been through this already; manifests have not. [`Object::is_written`] tells them apart.

mod json;
mod label_keys;
mod limits;
mod pod_resources;
mod priority;
pub(crate) mod quota;
mod refused;
mod runtime;
mod service_account;
mod storage_class;
mod template;
mod tolerations;
mod updated;
mod updated_pod;

pub(crate) use json::{stored, whole_of};
pub(crate) use refused::no_namespace;
pub use service_account::Accounts;
pub(crate) use service_account::FindAccount;
pub(crate) use template::{GENERATION, changed_hash, changed_unseen, note_change, same_template, template_hash};
pub(crate) use tolerations::add_daemon_set as add_daemon_set_tolerations;
pub(crate) use updated::updated;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::api::schema::{Schema, TypeId};
use crate::api::view::{self, object as object_of};
use crate::api::{defaults, merge, stored as form, validate};
use crate::error::Error;
use crate::objects::{
    Kind, LimitRange, Node, Object, Pod, PodTemplate, PriorityClass, Provenance, RuntimeClass, StorageClass,
};
use crate::refusal::Reason;
use crate::version::Version;

/// What admission and expansion look up in a cluster.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    /// The version of the server.
    pub version: Version,
    /// Every node, in order; a DaemonSet makes a pod for each that it accepts.
    pub nodes: Vec<&'a Node>,
    /// Every priority class.
    pub priority_classes: Vec<&'a PriorityClass>,
    /// Every runtime class.
    pub runtime_classes: Vec<&'a RuntimeClass>,
    /// Every limit range, by namespace and name.
    pub limit_ranges: Vec<&'a LimitRange>,
    /// Every storage class.
    pub storage_classes: Vec<&'a StorageClass>,
    /// The service accounts.
    pub accounts: Accounts<'a>,
}

/// Admits an object that is to be created. One that an API server has taken already is left as it is.
///
/// # Errors
/// Where a server would refuse it: all faults that it would name.
pub fn admit(object: Object, context: &Context<'_>) -> Result<Object, Error> {
    if !object.is_written() {
        return Ok(object);
    }
    match object {
        Object::Pod(mut it) => {
            pod(&mut it, context)?;
            Ok(Object::Pod(it))
        }
        other => created(other, context),
    }
}

/// The same for all kinds but pods.
fn created(object: Object, context: &Context<'_>) -> Result<Object, Error> {
    let kind = object.kind();
    let mut whole = whole_of(&object);
    let Some(of) = type_of(&whole, kind) else { return Ok(object) };
    defaults::apply(&mut whole, of);
    form::normalise(&mut whole, of);
    let mut object = json::typed(kind, &whole, &object)?;
    if let Object::PersistentVolumeClaim(claim) = &mut object {
        storage_class::give(claim, &context.storage_classes);
    }
    let faults = validate::object(Schema::get().of(of).name, &whole);
    if !faults.is_empty() {
        return Err(refused::invalid(&object, faults));
    }
    if let Object::PersistentVolumeClaim(claim) = &object {
        let faults = limits::check_claim(claim, &context.limit_ranges);
        if !faults.is_empty() {
            return Err(refused::forbidden(&object, "persistentvolumeclaims", &faults));
        }
    }
    // Of other kinds nobody asks for the fields that are not read.
    let kept = kind.makes_pods().then(|| Arc::new(whole.into()));
    object.metadata_mut().provenance = Provenance::Admitted(kept);
    Ok(object)
}

/// Merges a manifest into the live object of its name, as `kubectl apply` does. Of kinds whose status has a door of its own the status is
/// merged as well: who writes one means it.
///
/// # Errors
/// Where a server would refuse what comes of it.
pub(crate) fn applied(manifest: &Object, live: &Object, context: &Context<'_>) -> Result<Object, Error> {
    let kind = manifest.kind();
    let mut written = whole_of(manifest);
    let Some(of) = type_of(&written, kind) else { return Ok(manifest.clone()) };
    // kubectl's own annotation is in all that it sends, so that the map of annotations never goes as a whole.
    if let Value::Object(fields) = &mut written {
        object_of(object_of(fields, "metadata"), "annotations");
    }
    let last = live.metadata().annotations.get(LAST_APPLIED).and_then(|text| serde_json::from_str(text).ok());
    // `kubectl create --dry-run` leaves an empty status in manifests.
    let last: Option<Value> = last.as_ref().map(without_status);
    let is_same = last.as_ref() == Some(&without_status(&written));
    let mut whole = whole_of(live);
    merge::merge(&mut whole, &last.unwrap_or(Value::Null), &written, of);
    defaults::apply(&mut whole, of);
    form::normalise(&mut whole, of);
    // A manifest that can stand alone is judged alone: of the live object only the fields are here that decisions read.
    if let Err(error) = admit(manifest.clone(), context) {
        let mut faults = validate::object(Schema::get().of(of).name, &whole);
        faults.retain(|fault| !fault.problem.contains("must specify a volume type"));
        if !is_refusal(&error) || !faults.is_empty() {
            return Err(error);
        }
    }
    let mut object = json::typed(kind, &whole, manifest)?;
    if let Object::Pod(pod) = &mut object {
        tolerations::add_defaults(&mut pod.spec.tolerations);
    }
    let meta = object.metadata_mut();
    meta.provenance = if kind.keeps_spec() { template::kept(&whole) } else { Provenance::Live };
    meta.uid.clone_from(&live.metadata().uid);
    // The same again changes nothing, however kubectl wrote it.
    if !is_same {
        meta.annotations.insert(LAST_APPLIED.to_owned(), written.to_string());
    }
    Ok(object)
}

/// Changes the JSON of an object that is there, as a patch does.
///
/// # Errors
/// Those of `edit`, and where a server would refuse what comes of it.
pub(crate) fn edited(there: &Object, edit: impl FnOnce(&mut Value) -> Result<(), Error>) -> Result<Object, Error> {
    let kind = there.kind();
    let mut whole = whole_of(there);
    edit(&mut whole)?;
    let Some(of) = type_of(&whole, kind) else { return Ok(there.clone()) };
    defaults::apply(&mut whole, of);
    form::normalise(&mut whole, of);
    let mut object = json::typed(kind, &whole, there)?;
    let mut faults = validate::object(Schema::get().of(of).name, &whole);
    // Of a live object only the fields are here that decisions read.
    faults.retain(|fault| !fault.problem.contains("must specify a volume type"));
    if !faults.is_empty() {
        return Err(refused::invalid(&object, faults));
    }
    let meta = object.metadata_mut();
    meta.provenance = match &there.metadata().provenance {
        Provenance::Admitted(_) | Provenance::Written(_) => Provenance::Admitted(Some(Arc::new(whole.into()))),
        _ if kind.keeps_spec() => template::kept(&whole),
        _ => Provenance::Live,
    };
    meta.uid.clone_from(&there.metadata().uid);
    Ok(object)
}

fn without_status(object: &Value) -> Value {
    let mut object = object.clone();
    if let Value::Object(fields) = &mut object {
        fields.remove("status");
    }
    object
}

/// Where `kubectl apply` keeps the manifest that was applied last.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Admits a pod that is to be created.
///
/// # Errors
/// Where the API server would refuse it: a class that does not exist, limits that it breaks, fields that are wrong.
pub fn pod(pod: &mut Pod, context: &Context<'_>) -> Result<(), Error> {
    let mut whole = json::whole(Kind::Pod, &*pod, &pod.metadata);
    let Some(of) = type_of(&whole, Kind::Pod) else { return Ok(()) };
    defaults::apply(&mut whole, of);
    if let Value::Object(fields) = &mut whole {
        let spec = object_of(fields, "spec");
        view::set_if_empty(spec, "serviceAccountName", "default");
        view::set_if_empty(spec, "serviceAccount", "default");
    }
    let object = Object::from(pod.clone());
    let Object::Pod(mut it) = json::typed(Kind::Pod, &whole, &object)? else { return Ok(()) };
    let fixed_late = context.version >= Version::V1_37;
    if !fixed_late {
        pod_resources::add_defaults(&mut it, false);
    }
    let ranges = limits::of_namespace(&context.limit_ranges, &it.metadata.namespace);
    ranges.iter().for_each(|range| limits::set_defaults(&mut it, range));
    // A name that a server makes up is not yet made when admission changes the pod.
    let mut unnamed = object.clone();
    if it.metadata.controller().is_some_and(|owner| owner.kind != "StatefulSet")
        && !it.metadata.generate_name.is_empty()
    {
        unnamed.metadata_mut().name.clone_from(&it.metadata.generate_name);
    }
    let early = |faults: &[String]| refused::forbidden(&unnamed, "pods", faults);
    let forbidden = |faults: &[String]| refused::forbidden(&object, "pods", faults);
    // The template of a live workload was validated by its server, and its JSON is not here.
    let is_known = matches!(it.metadata.provenance, Provenance::Live);
    if !is_known {
        service_account::admit(&mut whole, &it.metadata.namespace, &context.accounts).map_err(|e| e.words(&early))?;
    }
    priority::admit(&mut it, &context.priority_classes).map_err(|e| e.words(&early))?;
    tolerations::add_defaults(&mut it.spec.tolerations);
    runtime::admit(&mut it, &context.runtime_classes).map_err(|e| e.words(&early))?;
    if fixed_late {
        pod_resources::add_defaults(&mut it, true);
    }
    label_keys::merge(&mut it);
    it.metadata.provenance = Provenance::Admitted(Some(Arc::new(whole.into())));
    let faults = if is_known { Vec::new() } else { validate::object("core/v1.Pod", &stored(&it)) };
    if !faults.is_empty() {
        return Err(refused::invalid(&object, faults));
    }
    for range in ranges {
        let faults = limits::check_pod(&it, range);
        if !faults.is_empty() {
            return Err(forbidden(&faults));
        }
    }
    *pod = *it;
    Ok(())
}

/// The type of an object, by its apiVersion, or that of its kind.
fn type_of(whole: &Value, kind: Kind) -> Option<TypeId> {
    let schema = Schema::get();
    let own = schema.kind(view::text(whole, "apiVersion"), kind.name());
    own.or_else(|| schema.kind(&kind.api_version(), kind.name())).map(|served| served.of)
}

/// A pod made from a template, not yet admitted.
pub(crate) fn from_template(template: &PodTemplate, namespace: &str) -> Pod {
    let mut pod = Pod { metadata: template.metadata.clone(), spec: template.spec.clone(), ..Pod::default() };
    namespace.clone_into(&mut pod.metadata.namespace);
    pod.metadata.name.clear();
    pod
}

/// The JSON of a pod from the template of a workload that was admitted, with the fields that nobody here reads.
pub(crate) fn whole_from_template(template: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": view::sub(template, "metadata"), "spec": view::sub(template, "spec")})
}

/// What is refused, before it is said of whom.
#[derive(Debug)]
struct Refused {
    fault: String,
    hint: String,
}

impl Refused {
    fn new(fault: impl Into<String>) -> Self {
        Refused { fault: fault.into(), hint: String::new() }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Refused { hint: hint.into(), ..self }
    }

    fn words(self, forbidden: &dyn Fn(&[String]) -> Error) -> Error {
        let error = forbidden(&[self.fault]);
        if self.hint.is_empty() { error } else { error.hint(self.hint) }
    }
}

/// Is an error what admission or validation says, so that a controller would try again?
pub(crate) fn is_refusal(error: &Error) -> bool {
    error.refusal().is_some_and(|refusal| matches!(refusal.reason(), Reason::Invalid | Reason::Forbidden))
}

#[cfg(test)]
mod tests;
