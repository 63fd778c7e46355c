//! The template of a workload with all its fields: a change of any of them makes other pods, those too that no decision looks at.

use std::sync::Arc;

use serde_json::Value;

use super::{json, type_of, whole_of};
use crate::api::view::{self, sub};
use crate::api::{defaults, stored as form};
use crate::hash;
use crate::objects::{Kind, Object, ObjectMeta, PodTemplate, Provenance};

/// What the name of a template depends on beside the fields that are read: the hash of all fields, of one that was changed.
pub(crate) fn changed_hash(kind: Kind, meta: &ObjectMeta) -> Option<u64> {
    if meta.provenance.is_changed() { template_hash(kind, meta) } else { None }
}

/// The hash of all fields of a workload's template, where they are known. Worked out once for all copies of the object.
fn template_hash(kind: Kind, meta: &ObjectMeta) -> Option<u64> {
    match &meta.provenance {
        Provenance::Admitted(Some(whole)) => {
            Some(*whole.template.get_or_init(|| hash::value(view::at(whole, &["spec", "template"]))))
        }
        Provenance::Kept(text) => Some(*text.template.get_or_init(|| {
            let whole = serde_json::from_str(text).unwrap_or_default();
            hash::value(&template(whole, kind))
        })),
        _ => None,
    }
}

/// The same template? Where all fields are known of both, all count.
pub(crate) fn same_template(one: &Object, other: &Object) -> bool {
    let known = |object: &Object| template_hash(object.kind(), object.metadata());
    match (known(one), known(other)) {
        (Some(one), Some(other)) => one == other,
        _ => template_of(one) == template_of(other),
    }
}

/// Notes of a manifest that comes over another object whether the pods that there are have another template than it.
pub(crate) fn note_change(object: &mut Object, there: &Object) {
    let is_same = same_template(object, there);
    // ReplicaSets say what template they have, as far as it is read.
    let is_seen = object.kind() == Kind::Deployment && {
        // What a server has filled in of one and not yet of the other is no change.
        let (object, there) = (with_defaults(object), with_defaults(there));
        let read = |object| template_of(object).map(|template| (&template.metadata.labels, &template.spec));
        read(&object) != read(&there)
    };
    if !is_seen && (!is_same || there.metadata().provenance.is_changed()) {
        object.metadata_mut().provenance.set_changed();
    }
}

/// The template of a workload's pods, as far as it is read.
fn template_of(workload: &Object) -> Option<&PodTemplate> {
    Some(match workload {
        Object::Deployment(o) => &o.spec.template,
        Object::ReplicaSet(o) => &o.spec.template,
        Object::StatefulSet(o) => &o.spec.template,
        Object::DaemonSet(o) => &o.spec.template,
        Object::Job(o) => &o.spec.template,
        _ => return None,
    })
}

/// What stays of a live object that a manifest was merged into.
pub(super) fn kept(whole: &Value) -> Provenance {
    let text = serde_json::json!({ "spec": sub(whole, "spec") }).to_string();
    Provenance::Kept(Arc::new(text.into_boxed_str().into()))
}

/// An object with what a server fills in.
pub(super) fn with_defaults(object: &Object) -> Object {
    let mut whole = whole_of(object);
    let Some(of) = type_of(&whole, object.kind()) else { return object.clone() };
    defaults::apply(&mut whole, of);
    form::normalise(&mut whole, of);
    json::typed(object.kind(), &whole, object).unwrap_or_else(|_| object.clone())
}

/// The template as a server stores it.
fn template(mut whole: Value, kind: Kind) -> Value {
    if let Some(of) = type_of(&whole, kind) {
        defaults::apply(&mut whole, of);
        form::normalise(&mut whole, of);
    }
    view::at(&whole, &["spec", "template"]).clone()
}
