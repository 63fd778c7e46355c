//! The template of a workload with all its fields: a change of any of them makes other pods, those too that no decision looks at.

use std::sync::Arc;

use serde_json::Value;

use super::{json, type_of, whole_of};
use crate::api::view::{self, sub};
use crate::api::{defaults, stored as form};
use crate::hash;
use crate::objects::{Deployment, Kind, Object, ObjectMeta, PodTemplate, Provenance, TemplateHashes};

/// The hash of all fields of a workload's template, where they are known, without the label that a Deployment adds. The text is read once for
/// all copies of the object; a struct that was changed since has another hash.
pub(crate) fn template_hash(kind: Kind, meta: &ObjectMeta, template: &PodTemplate) -> Option<u64> {
    let of_text = match &meta.provenance {
        Provenance::Admitted(Some(whole)) => whole.template.get_or_init(|| hashes(Value::clone(whole), kind)),
        Provenance::Kept(text) => {
            text.template.get_or_init(|| hashes(serde_json::from_str(text).unwrap_or_default(), kind))
        }
        _ => return None,
    };
    let read = hash_of_read(template);
    Some(if read == of_text.read { of_text.all } else { of_text.all.rotate_left(1) ^ read })
}

fn hashes(whole: Value, kind: Kind) -> TemplateHashes {
    let read = kind.deserialize(&whole).ok().and_then(|object| template_of(&object).map(hash_of_read));
    let template = view::at(&filled_in(whole, kind), &["spec", "template"]).clone();
    TemplateHashes { all: hash::value(&unlabelled(template)), read: read.unwrap_or_default() }
}

/// The hash of all fields of a template that is not the one any more which the pods were made from that were there at first.
pub(crate) fn changed_hash(kind: Kind, meta: &ObjectMeta, template: &PodTemplate) -> Option<u64> {
    let original = meta.provenance.original()?;
    template_hash(kind, meta, template).filter(|all| *all != original.all)
}

/// Is a Deployment's template changed, and only in fields that its ReplicaSets do not show?
pub(crate) fn changed_unseen(deployment: &Deployment) -> bool {
    let meta = &deployment.metadata;
    let Some(original) = meta.provenance.original() else { return false };
    changed_hash(Kind::Deployment, meta, &deployment.spec.template).is_some()
        && original.read == read_hash(&Object::from(deployment.clone()))
}

/// The same template? Where all fields are known of both, all count.
pub(crate) fn same_template(one: &Object, other: &Object) -> bool {
    match (hash_of(one), hash_of(other)) {
        (Some(one), Some(other)) => one == other,
        _ => {
            let read = |workload: &Object| template_of(&with_defaults(workload)).map(hash_of_read);
            read(one) == read(other)
        }
    }
}

/// Notes of a manifest that comes over another object which template the pods have that are there.
pub(crate) fn note_change(object: &mut Object, there: &Object) {
    let is_same = same_template(object, there);
    let original = there.metadata().provenance.original();
    let original = original.or_else(|| {
        let all = hash_of(there);
        (!is_same).then(|| TemplateHashes { all: all.unwrap_or_default(), read: read_hash(there) })
    });
    object.metadata_mut().provenance.set_original(original);
    if let (Object::DaemonSet(set), Object::DaemonSet(there)) = (object, there) {
        let generation =
            there.metadata.annotations.get(GENERATION).and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
        let generation = if is_same { generation } else { generation.saturating_add(1) };
        set.metadata.annotations.insert(GENERATION.to_owned(), generation.to_string());
    }
}

/// The label by which a Deployment tells the pods of its ReplicaSets apart.
const HASH: &str = "pod-template-hash";
/// How often the template of a DaemonSet has changed; its pods have it as a label.
pub(crate) const GENERATION: &str = "deprecated.daemonset.template.generation";

fn hash_of(workload: &Object) -> Option<u64> {
    template_hash(workload.kind(), workload.metadata(), template_of(workload)?)
}

/// The hash of what is read of a workload's template; for a Deployment without annotations, by which ReplicaSets are not told apart here.
fn read_hash(workload: &Object) -> u64 {
    // What a server has filled in of one and not yet of the other is no change.
    let mut workload = with_defaults(workload);
    if let Object::Deployment(deployment) = &mut workload {
        deployment.spec.template.metadata.annotations.clear();
    }
    template_of(&workload).map_or(0, hash_of_read)
}

fn hash_of_read(template: &PodTemplate) -> u64 {
    let meta = &template.metadata;
    let labels: Vec<_> = meta.labels.iter().filter(|(key, _)| *key != HASH).collect();
    hash::value(&serde_json::to_value((labels, &meta.annotations, &template.spec)).unwrap_or_default())
}

fn unlabelled(mut template: Value) -> Value {
    if let Some(Value::Object(labels)) = template.get_mut("metadata").and_then(|meta| meta.get_mut("labels")) {
        labels.remove(HASH);
    }
    template
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
    let whole = filled_in(whole_of(object), object.kind());
    json::typed(object.kind(), &whole, object).unwrap_or_else(|_| object.clone())
}

/// The JSON of an object as a server stores it.
fn filled_in(mut whole: Value, kind: Kind) -> Value {
    if let Some(of) = type_of(&whole, kind) {
        defaults::apply(&mut whole, of);
        form::normalise(&mut whole, of);
    }
    whole
}
