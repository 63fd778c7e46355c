//! Manifests: objects that no API server has seen. What kubectl and a server find wrong with one before it is admitted is found here.

use std::sync::Arc;

use serde_json::Value;

use super::Validation;
use super::sink::Sink;
use crate::api::decode::decode;
use crate::api::nulls;
use crate::api::schema::Schema;
use crate::api::view::{at, get, list, sub, text};
use crate::error::Error;
use crate::objects::{Fields, Kind, Provenance};
use crate::refusal::{Reason, Refusal, quoted};

impl Sink<'_> {
    /// Takes a manifest, or refuses it.
    pub(super) fn written(&mut self, version: &str, kind: &str, json: &str, place: &str) -> Result<(), Error> {
        let Fields(mut value) = serde_json::from_str(json)
            .map_err(|e| Error::input(super::fault::message(&e)).in_object(place).caused_by(e))?;
        let schema = Schema::get();
        let Some(served) = schema.kind(version, kind) else {
            if schema.has_group(version) && !Kind::is_extension(version, kind) {
                self.refuse(no_match(version, kind, &value), named(kind, &value, place));
            } else {
                self.unknown(version, kind, &value);
            }
            return Ok(());
        };
        // Items of a typed list say it nowhere themselves.
        if let Value::Object(fields) = &mut value {
            fields.entry("apiVersion").or_insert_with(|| version.into());
            fields.entry("kind").or_insert_with(|| kind.into());
        }
        let found = decode(&value, served.of);
        let unknown: Vec<String> =
            found.unknown.iter().map(|field| format!("unknown field {}", quoted(field))).collect();
        let named = named(kind, &value, place);
        if let Some(fault) = found.fault {
            let mut error = bad_request(version, kind, &value, &fault).at(found.field);
            if let Some(hint) = found.hint {
                error = error.hint(hint);
            }
            self.refuse(error, named);
            return Ok(());
        }
        if !unknown.is_empty() && self.reading.validation == Validation::Strict {
            let fault = format!("strict decoding error: {}", unknown.join(", "));
            let mut error = bad_request(version, kind, &value, &fault).at(found.unknown[0].clone());
            if let Some(hint) = found.hint {
                error = error.hint(hint);
            }
            self.refuse(error, named);
            return Ok(());
        }
        if self.reading.validation == Validation::Warn {
            self.input.warnings.extend(unknown.into_iter().map(|unknown| format!("{named}: {unknown}")));
        }
        let Some(known) = Kind::find(version, kind) else {
            self.embedded(kind, &value);
            self.skip(version, kind);
            return Ok(());
        };
        nulls::fill(&mut value, served.of);
        let Ok(mut object) = known.deserialize(&value) else {
            return Err(super::fault::explain(known, &value.to_string(), place));
        };
        object.metadata_mut().provenance = Provenance::Written(Arc::new(value));
        self.keep(object, place)
    }

    fn refuse(&mut self, error: Error, object: String) {
        self.input.refused.push(error.in_object(object));
    }

    /// An object of a kind of somebody's own.
    fn unknown(&mut self, version: &str, kind: &str, value: &Value) {
        self.embedded(kind, value);
        if makes_pods(value) {
            self.input.unknown_workloads.add(version, kind);
        }
        self.skip(version, kind);
    }
}

/// Does an object hold the template of a pod, or ask for replicas?
pub(super) fn makes_pods(value: &Value) -> bool {
    let is_template = |it: &Value| !list(at(it, &["spec"]), "containers").is_empty();
    let spec = sub(value, "spec");
    if get(spec, "replicas").is_some_and(Value::is_number) {
        return true;
    }
    let places = [at(spec, &["template"]), at(spec, &["podTemplate"]), at(spec, &["jobTemplate", "spec", "template"])];
    // Replica groups of training jobs have a template each.
    let groups = spec.as_object().into_iter().flatten().flat_map(|(_, group)| match group {
        Value::Object(groups) => groups.values().collect::<Vec<_>>(),
        Value::Array(groups) => groups.iter().collect(),
        _ => Vec::new(),
    });
    let mut all = places.into_iter().chain(groups.map(|group| sub(group, "template")));
    all.any(is_template) || kind_of_template(spec)
}

/// Operators put whole pods' specs in other places too.
fn kind_of_template(spec: &Value) -> bool {
    get(spec, "template").is_some_and(|template| !list(sub(sub(template, "spec"), "template"), "containers").is_empty())
}

pub(super) fn named(kind: &str, value: &Value, place: &str) -> String {
    let meta = sub(value, "metadata");
    match (text(meta, "namespace"), text(meta, "name")) {
        (_, "") if place.is_empty() => kind.to_owned(),
        (_, "") => format!("{kind} ({place})"),
        ("", name) => format!("{kind} {name}"),
        (namespace, name) => format!("{kind} {namespace}/{name}"),
    }
}

fn refusal(reason: Reason, version: &str, kind: &str, value: &Value, cause: String) -> Error {
    let group = version.rsplit_once('/').map_or("", |(group, _)| group).to_owned();
    let name = text(sub(value, "metadata"), "name").to_owned();
    Error::refused(Refusal { reason, kind: kind.to_owned(), group, name, causes: vec![cause] }, "")
}

fn bad_request(version: &str, kind: &str, value: &Value, fault: &str) -> Error {
    let short = version.rsplit_once('/').map_or(version, |(_, short)| short);
    let text = format!("{kind} in version {} cannot be handled as a {kind}: {fault}", quoted(short));
    refusal(Reason::BadRequest, version, kind, value, text)
}

/// kubectl finds no such kind at the server.
fn no_match(version: &str, kind: &str, value: &Value) -> Error {
    let meta = sub(value, "metadata");
    let text = format!(
        "resource mapping not found for name: {} namespace: {} from \"FILE\": no matches for kind {} in version {}\nensure CRDs are installed first",
        quoted(text(meta, "name")),
        quoted(text(meta, "namespace")),
        quoted(kind),
        quoted(version),
    );
    let error = refusal(Reason::NoMatch, version, kind, value, text);
    let versions = Schema::get().versions(kind);
    match versions.iter().rev().find(|version| !version.contains("alpha") && !version.contains("beta")) {
        Some(newest) => error.hint(format!("this kind is of apiVersion: {newest}")),
        None => match Schema::get().kind_like(kind) {
            Some((version, like)) => error.hint(format!("did you mean {like} ({version})?")),
            None => error,
        },
    }
}
