//! Between the JSON of a manifest, which has all its fields, and the struct of those that are read.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::api::schema::Schema;
use crate::api::stored as form;
use crate::api::view::{self, object as object_of};
use crate::error::Error;
use crate::objects::{Kind, Object, ObjectMeta, Pod, Provenance};

/// An object with all its fields, as far as they are known: those of its manifest, and over them what the struct says.
pub(crate) fn whole_of(object: &Object) -> Value {
    struct Written<'o>(&'o Object);
    impl Serialize for Written<'_> {
        fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            self.0.write(to)
        }
    }
    whole(object.kind(), &Written(object), object.metadata())
}

/// The same of a struct of a kind.
pub(super) fn whole(kind: Kind, it: &impl Serialize, meta: &ObjectMeta) -> Value {
    let read = serde_json::to_value(it).unwrap_or_default();
    let mut whole = match &meta.provenance {
        Provenance::Written(written) => (**written).clone(),
        Provenance::Admitted(Some(admitted)) => (***admitted).clone(),
        Provenance::Kept(text) => serde_json::from_str(text).unwrap_or_default(),
        _ => Value::Object(Map::new()),
    };
    overlay(&mut whole, read);
    if let Value::Object(fields) = &mut whole {
        view::set_if_empty(fields, "apiVersion", kind.api_version());
        view::set_if_empty(fields, "kind", kind.name());
    }
    whole
}

/// Puts what `over` says into `under`. Items of lists belong together where they have the same name, or else the same place.
fn overlay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                match under.get_mut(&key) {
                    Some(there) => overlay(there, value),
                    None => _ = under.insert(key, value),
                }
            }
        }
        (Value::Array(under), Value::Array(over)) => {
            let name = |item: &Value| item.get("name").and_then(Value::as_str).map(str::to_owned);
            let mut old: Vec<Option<Value>> = std::mem::take(under).into_iter().map(Some).collect();
            let mut places: HashMap<String, usize> = HashMap::new();
            for (at, item) in old.iter().enumerate() {
                if let Some(name) = item.as_ref().and_then(name) {
                    places.entry(name).or_insert(at);
                }
            }
            for (at, value) in over.into_iter().enumerate() {
                let same = match name(&value) {
                    Some(wanted) => {
                        let here = old.get(at).and_then(Option::as_ref).and_then(name);
                        let at = if here.as_ref() == Some(&wanted) { Some(at) } else { places.get(&wanted).copied() };
                        at.and_then(|at| old.get_mut(at))
                    }
                    None => old.get_mut(at),
                };
                under.push(match same.and_then(Option::take) {
                    Some(mut item) => {
                        overlay(&mut item, value);
                        item
                    }
                    None => value,
                });
            }
        }
        (under, over) => *under = over,
    }
}

/// The struct of a whole object; what is known beside (`of`) stays.
pub(super) fn typed(kind: Kind, whole: &Value, of: &Object) -> Result<Object, Error> {
    let mut object = kind
        .deserialize(whole)
        .map_err(|e| Error::input(crate::read::plain(&e.to_string())).in_object(of.to_string()).caused_by(e))?;
    let (meta, old) = (object.metadata_mut(), of.metadata());
    meta.provenance = old.provenance.clone();
    meta.namespace.clone_from(&old.namespace);
    Ok(object)
}

/// A pod as a server would store it, with all its fields.
pub(crate) fn stored(pod: &Pod) -> Value {
    let mut whole = whole(Kind::Pod, pod, &pod.metadata);
    if let (Value::Object(fields), Some(owner)) = (&mut whole, pod.metadata.controller()) {
        let spec = object_of(fields, "spec");
        let index = pod.metadata.labels.get("batch.kubernetes.io/job-completion-index");
        match (owner.kind.as_str(), index) {
            ("StatefulSet", _) => _ = spec.insert("hostname".to_owned(), pod.metadata.name.clone().into()),
            ("Job", Some(index)) => view::set_if_empty(spec, "hostname", format!("{}-{index}", owner.name)),
            _ => {}
        }
    }
    if let Some(served) = Schema::get().kind("v1", "Pod") {
        form::normalise(&mut whole, served.of);
    }
    whole
}
