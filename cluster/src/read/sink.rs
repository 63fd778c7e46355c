//! Where documents go: lists are flattened, kinds are told apart, objects are checked and kept.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::fault::{Named, explain, message};
use super::{Input, Reading, Skipped, Treat, check};
use crate::api::view::sub;
use crate::error::{Error, ErrorKind};
use crate::objects::{Fields, Kind, Object, Provenance};

/// How many lists may stand in one another. `kubectl` prints one; each is read once for every list that it stands in.
const LISTS: usize = 16;

/// The items of a list that are still to be read.
pub(super) struct List<'a> {
    items: std::iter::Enumerate<std::vec::IntoIter<&'a RawValue>>,
    /// What a typed list says of its items, which have no kind of their own; empty for others.
    api_version: Cow<'a, str>,
    kind: Cow<'a, str>,
    /// What stands before the number of an item where it is named.
    place: String,
}

impl<'a> List<'a> {
    /// The items of an array, or of a list of this kind.
    pub(super) fn new(
        items: Vec<&'a RawValue>,
        api_version: impl Into<Cow<'a, str>>,
        kind: impl Into<Cow<'a, str>>,
        place: &str,
    ) -> Self {
        let kind: Cow<'a, str> = kind.into();
        let kind = kind.strip_suffix("List").unwrap_or_default().to_owned().into();
        let dot = if place.is_empty() { "" } else { "." };
        List {
            items: items.into_iter().enumerate(),
            api_version: api_version.into(),
            kind,
            place: format!("{place}{dot}items"),
        }
    }
}

pub(super) struct Sink<'r> {
    pub(super) reading: &'r Reading,
    pub(super) input: Input,
    documents: usize,
}

impl<'r> Sink<'r> {
    pub(super) fn new(reading: &'r Reading) -> Self {
        Sink { reading, input: Input::default(), documents: 0 }
    }

    /// What was read, if it is whole.
    pub(super) fn finish(mut self) -> Result<Input, Error> {
        if self.documents == 0 {
            return Err(Error::input("the input is empty").hint("it must hold Kubernetes objects as JSON or YAML"));
        }
        if !self.reading.keep_refused
            && let Some(error) = Error::all(std::mem::take(&mut self.input.refused))
        {
            return Err(error);
        }
        let mut seen = HashSet::with_capacity(self.input.objects.len());
        for object in &self.input.objects {
            if !seen.insert((object.kind(), object.namespace(), object.name())) {
                return Err(Error::input("it is twice in this input")
                    .in_object(object.to_string())
                    .hint("keep one of them"));
            }
        }
        Ok(self.input)
    }

    /// What has been taken so far.
    pub(super) fn mark(&self) -> (usize, Skipped) {
        (self.input.objects.len(), self.input.skipped.clone())
    }

    /// Forgets what was taken since.
    pub(super) fn roll_back(&mut self, (objects, skipped): (usize, Skipped)) {
        self.input.objects.truncate(objects);
        self.input.skipped = skipped;
    }

    /// A document has been read, whether or not it holds objects.
    pub(super) fn document(&mut self) {
        self.documents += 1;
    }

    /// Takes the JSON of an object, or of a list of objects.
    pub(super) fn value(&mut self, json: &str, place: &str) -> Result<(), Error> {
        match self.object(json, None, place)? {
            Some(list) => self.list(list),
            None => Ok(()),
        }
    }

    /// Takes the items of a list, and of the lists among them, in their order.
    pub(super) fn list(&mut self, list: List<'_>) -> Result<(), Error> {
        let mut open = vec![list];
        while let Some(list) = open.last_mut() {
            let Some((i, item)) = list.items.next() else {
                open.pop();
                continue;
            };
            let place = format!("{}[{i}]", list.place);
            if let Some(nested) = self.object(item.get(), Some(list), &place)? {
                if open.len() == LISTS {
                    return Err(Error::input(format!("lists stand in one another more than {LISTS} deep"))
                        .in_object(place)
                        .hint("take the inner ones out"));
                }
                open.push(nested);
            }
        }
        Ok(())
    }

    /// Takes an object of the text of a JSON document; a list is given back.
    fn object<'a>(&mut self, text: &'a str, list: Option<&List<'_>>, place: &str) -> Result<Option<List<'a>>, Error> {
        if !text.starts_with('{') {
            return Err(not_an_object(place));
        }
        let header = Header::peek(text);
        let (version, kind) = header.resolve(list).map_err(|e| e.in_object(place))?;
        if kind.ends_with("List") {
            let nested: Nested<'_> =
                serde_json::from_str(text).map_err(|e| Error::input(message(&e)).in_object(place).caused_by(e))?;
            let (version, kind) = (version.to_owned(), kind.to_owned());
            return Ok(Some(List::new(nested.items.unwrap_or_default(), version, kind, place)));
        }
        if kind == "KubeSchedulerConfiguration" {
            return self.other(version, kind, text).map(|()| None);
        }
        if self.reading.treat == Treat::ByUid && !Named::of_json(text).has_uid() {
            return self.written(version, kind, text, place).map(|()| None);
        }
        let Some(known) = Kind::find(version, kind) else {
            return self.other(version, kind, text).map(|()| None);
        };
        match known.deserialize(&mut serde_json::Deserializer::from_str(text)) {
            Ok(mut object) => {
                if known.keeps_spec()
                    && let Ok(Spec { spec: Some(spec) }) = serde_json::from_str(text)
                {
                    keep_spec(&mut object, spec);
                }
                self.keep(object, place).map(|()| None)
            }
            Err(_) => Err(explain(known, text, place)),
        }
    }

    fn other(&mut self, version: &str, kind: &str, text: &str) -> Result<(), Error> {
        if kind == "KubeSchedulerConfiguration" && version.starts_with("kubescheduler.config.k8s.io/") {
            let value = serde_json::from_str(text)
                .map_err(|e| Error::new(ErrorKind::Config, message(&e)).in_object(kind).caused_by(e))?;
            self.input.configurations.push(value);
        } else {
            let value = serde_json::from_str(text).map_or_else(|_| Value::Null, |Fields(value)| value);
            self.embedded(kind, &value);
            if super::written::makes_pods(&value)
                && !version.is_empty()
                && !crate::api::schema::Schema::get().has_group(version)
            {
                self.input.unknown_workloads.add(version, kind);
            }
            self.skip(version, kind);
        }
        Ok(())
    }

    /// Notes where an object holds the text of a scheduler's configuration: a ConfigMap does, and some clouds' own kinds.
    pub(super) fn embedded(&mut self, kind: &str, value: &Value) {
        for part in ["data", "spec"] {
            for (key, text) in sub(value, part).as_object().into_iter().flatten() {
                if text.as_str().is_some_and(|text| text.contains("kind: KubeSchedulerConfiguration")) {
                    self.input.embedded.push(format!("{}, {part}.{key}", super::written::named(kind, value, "")));
                }
            }
        }
    }

    /// Counts an object that is not read.
    pub(super) fn skip(&mut self, version: &str, kind: &str) {
        self.input.skipped.add(version, kind);
    }

    /// Checks an object and keeps it.
    pub(super) fn keep(&mut self, mut object: Object, place: &str) -> Result<(), Error> {
        let kind = object.kind();
        let meta = object.metadata_mut();
        if meta.name.is_empty() {
            let object = if place.is_empty() { kind.to_string() } else { format!("{kind} ({place})") };
            let error = Error::input("it is missing").at("metadata.name").in_object(object);
            let generated = !meta.generate_name.is_empty();
            return Err(if generated { error.hint("generateName does not do, give a name") } else { error });
        }
        if !kind.namespaced() {
            meta.namespace.clear();
        } else if meta.namespace.is_empty() {
            self.reading.namespace.as_deref().unwrap_or("default").clone_into(&mut meta.namespace);
        } else if let Some(namespace) = &self.reading.namespace
            && meta.namespace != *namespace
        {
            let problem = format!("it is `{}`, but the namespace asked for is `{namespace}`", meta.namespace);
            let error = Error::input(problem).at("metadata.namespace").in_object(object.to_string());
            return Err(error.hint("leave one of the two out"));
        }
        object.check_names()?;
        if self.reading.treat == Treat::Live && matches!(object.metadata().provenance, Provenance::Unsaid) {
            object.metadata_mut().provenance = Provenance::Live;
        }
        // Written ones are validated when they are admitted.
        if !object.is_written() {
            check::object(&object).map_err(|e| e.in_object(object.to_string()))?;
        }
        self.input.objects.push(object);
        Ok(())
    }
}

/// The text of `spec`.
#[derive(Deserialize)]
struct Spec<'a> {
    #[serde(borrow)]
    spec: Option<&'a RawValue>,
}

/// Keeps the `spec` of a live workload with all its fields.
pub(super) fn keep_spec(object: &mut Object, spec: &RawValue) {
    // The past of a Deployment is long, and none of it has pods.
    if matches!(object, Object::ReplicaSet(set) if set.spec.replicas == Some(0)) {
        return;
    }
    if let Ok(Fields(spec)) = serde_json::from_str(spec.get()) {
        let text = json!({ "spec": spec }).to_string();
        object.metadata_mut().provenance = Provenance::Kept(Arc::new(text.into_boxed_str().into()));
    }
}

fn not_an_object(place: &str) -> Error {
    let error = Error::input("it is not an object").hint("an object begins with apiVersion, kind and metadata");
    if place.is_empty() { error } else { error.in_object(place) }
}

/// `apiVersion` and `kind`.
#[derive(Default)]
struct Header<'a> {
    api_version: Option<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
}

impl<'a> Header<'a> {
    /// Reads no further than the second of the two; a fault shows when the whole is read.
    fn peek(text: &'a str) -> Header<'a> {
        struct Peek<'h, 'a>(&'h mut Header<'a>);
        impl<'de> Visitor<'de> for Peek<'_, 'de> {
            type Value = ();
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
                while self.0.api_version.is_none() || self.0.kind.is_none() {
                    match map.next_key::<Word<'de>>()?.map(|w| w.0).as_deref() {
                        None => break,
                        Some("apiVersion") => self.0.api_version = Some(map.next_value::<Word<'de>>()?.0),
                        Some("kind") => self.0.kind = Some(map.next_value::<Word<'de>>()?.0),
                        Some(_) => _ = map.next_value::<IgnoredAny>()?,
                    }
                }
                Ok(())
            }
        }
        let mut header = Header::default();
        // Ends in an error whenever it stops early.
        _ = serde_json::Deserializer::from_str(text).deserialize_map(Peek(&mut header));
        header
    }

    fn resolve<'r>(&'r self, list: Option<&'r List<'_>>) -> Result<(&'r str, &'r str), Error> {
        let version = self.api_version.as_deref();
        match (self.kind.as_deref(), list) {
            (Some(kind), _) if !kind.is_empty() => Ok((version.unwrap_or_default(), kind)),
            // The items of a plain `List` say themselves what they are.
            (_, Some(list)) if !list.kind.is_empty() => Ok((version.unwrap_or(&list.api_version), &list.kind)),
            _ => {
                Err(Error::input("it is missing").at("kind").hint("every object says what it is, as in \"kind: Pod\""))
            }
        }
    }
}

/// A string, borrowed where it can be.
pub(super) struct Word<'a>(pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Word<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Word<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Word<'de>, E> {
                Ok(Word(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Word<'de>, E> {
                Ok(Word(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Either)
    }
}

#[derive(Deserialize)]
struct Nested<'a> {
    #[serde(borrow, default)]
    items: Option<Vec<&'a RawValue>>,
}

/// The name of an object of a JSON text, as far as it can be made out.
pub(super) fn name(text: &str) -> String {
    let header = Header::peek(text);
    match Kind::find(header.api_version.as_deref().unwrap_or_default(), header.kind.as_deref().unwrap_or_default()) {
        Some(kind) => Named::of_json(text).describe(kind, ""),
        None => header.kind.map_or_else(|| "an object".to_owned(), Cow::into_owned),
    }
}
