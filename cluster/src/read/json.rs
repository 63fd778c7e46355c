//! JSON: one document or several, each an object, a list, or an array of objects.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::sink::{self, List, Sink};
use super::{depth, fault::message, list};
use crate::error::Error;

/// Does the text look like JSON? A YAML flow mapping `{a: b}` begins with a brace too, but with no quoted key.
pub(super) fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    match text.as_bytes() {
        [b'[', ..] => true,
        [b'{', rest @ ..] => matches!(rest.trim_ascii_start(), [] | [b'"' | b'}', ..]),
        _ => false,
    }
}

pub(super) fn read(text: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
    depth::check(text)?;
    let mut start = 0;
    while !text[start..].trim_ascii_start().is_empty() {
        let document = &text[start..];
        if let Some(length) = list::read(document, sink) {
            sink.document();
            start += length;
            continue;
        }
        let mut top = Top::default();
        let mut deserializer = serde_json::Deserializer::from_str(document);
        if let Err(fault) = deserializer.deserialize_any(&mut top) {
            let line = text[..start].bytes().filter(|b| *b == b'\n').count() + fault.line();
            return Err(broken(&top, &fault, line).caused_by(fault));
        }
        let end = start + deserializer.into_iter::<IgnoredAny>().byte_offset();
        sink.document();
        match top.items {
            Some(items) if top.array || top.kind.ends_with("List") => {
                sink.list(List::new(items, top.api_version, top.kind, ""))?;
            }
            _ => sink.value(text[start..end].trim_ascii(), "")?,
        }
        start = end;
    }
    Ok(())
}

/// The outside of a document: the items stay text until the list's kind is known, which may stand behind them.
#[derive(Default)]
struct Top<'a> {
    array: bool,
    api_version: String,
    kind: String,
    items: Option<Vec<&'a RawValue>>,
}

impl<'de> Visitor<'de> for &mut Top<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Kubernetes object or a list of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                // Of a wrong type, they are named when the object itself is read.
                "apiVersion" => self.api_version = text(map.next_value()?),
                "kind" => self.kind = text(map.next_value()?),
                "items" => map.next_value_seed(Items(&mut self.items))?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        self.array = true;
        Items(&mut self.items).visit_seq(seq)
    }
}

fn text(raw: &RawValue) -> String {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

/// Gathers the texts of items, as many as can be read.
struct Items<'t, 'a>(&'t mut Option<Vec<&'a RawValue>>);

impl<'de> DeserializeSeed<'de> for Items<'_, 'de> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of Kubernetes objects, or nothing, as items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let items = self.0.insert(Vec::new());
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The error for a document that is not whole or not JSON.
fn broken(top: &Top<'_>, fault: &serde_json::Error, line: usize) -> Error {
    let count = top.items.as_ref().map_or(0, Vec::len);
    let place = if top.items.is_some() { format!(", in items[{count}]") } else { String::new() };
    let after = match top.items.as_ref().and_then(|items| items.last()) {
        Some(last) => format!(", after {}", sink::name(last.get())),
        None => String::new(),
    };
    if fault.is_eof() {
        Error::input(format!("the input ends too early, at line {line}{place}{after}"))
            .hint("it was cut off, dump it again")
    } else {
        Error::input(format!("this is not JSON: {} at line {line}{place}{after}", message(fault)))
    }
}
