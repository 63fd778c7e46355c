//! The quick way through what `kubectl get -o json` prints: a list whose items begin with `apiVersion` and `kind`, so that
//! each can be parsed as it comes, in one pass over the text. Whatever is out of the ordinary, faults too, goes the other way.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Treat;
use super::sink::{Sink, Word, keep_spec};
use crate::objects::{Kind, Object};

/// Takes one document into the sink, and gives the number of bytes that it has; `None` where it is not of this form, and
/// nothing was taken.
pub(super) fn read(document: &str, sink: &mut Sink<'_>) -> Option<usize> {
    let mark = sink.mark();
    let mut json = serde_json::Deserializer::from_str(document);
    let is_list = json.deserialize_map(Outside(sink)).unwrap_or(false);
    if !is_list {
        sink.roll_back(mark);
        return None;
    }
    Some(json.into_iter::<IgnoredAny>().byte_offset())
}

struct Outside<'s, 'r>(&'s mut Sink<'r>);

impl<'de> Visitor<'de> for Outside<'_, '_> {
    /// Was it a list with items?
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let (mut items, mut list) = (false, false);
        while let Some(key) = map.next_key::<Word<'de>>()? {
            match key.0.as_ref() {
                "kind" => list = map.next_value::<Word<'de>>()?.0.ends_with("List"),
                "items" if !items => {
                    map.next_value_seed(Items(self.0))?;
                    items = true;
                }
                "items" => return Err(A::Error::custom("items twice")),
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(items && list)
    }
}

struct Items<'s, 'r>(&'s mut Sink<'r>);

impl<'de> DeserializeSeed<'de> for Items<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Item(self.0))?.is_some() {}
        Ok(())
    }
}

/// An object whose `spec` is kept as it is.
fn whole<'de, A: MapAccess<'de>>(kind: Kind, mut map: A) -> Result<Object, A::Error> {
    let mut fields: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
    while let Some((Word(name), value)) = map.next_entry::<Word<'de>, &'de RawValue>()? {
        fields.push((name, value));
    }
    let read = fields.iter().map(|(name, value)| (name.as_ref(), *value));
    let read: MapDeserializer<'_, _, serde_json::Error> = MapDeserializer::new(read);
    let mut object = kind.deserialize(read).map_err(A::Error::custom)?;
    if let Some((_, spec)) = fields.iter().find(|(name, _)| name == "spec") {
        keep_spec(&mut object, spec);
    }
    Ok(object)
}

struct Item<'s, 'r>(&'s mut Sink<'r>);

impl<'de> DeserializeSeed<'de> for Item<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Item<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let unusual = || A::Error::custom("it does not begin with apiVersion and kind");
        let (mut version, mut kind) = (None, None);
        while version.is_none() || kind.is_none() {
            let key = map.next_key::<Word<'de>>()?.ok_or_else(unusual)?;
            match key.0.as_ref() {
                "apiVersion" if version.is_none() => version = Some(map.next_value::<Word<'de>>()?.0),
                "kind" if kind.is_none() => kind = Some(map.next_value::<Word<'de>>()?.0),
                _ => return Err(unusual()),
            }
        }
        let (version, kind) = (version.unwrap_or_default(), kind.unwrap_or_default());
        if let Some(known) = Kind::find(&version, &kind) {
            let object = if known.keeps_spec() {
                whole(known, map)?
            } else {
                known.deserialize(MapAccessDeserializer::new(map))?
            };
            if self.0.reading.treat == Treat::ByUid && object.metadata().uid.is_empty() {
                return Err(A::Error::custom("it is written"));
            }
            return self.0.keep(object, "").map_err(A::Error::custom);
        }
        // A kind of somebody's own may make pods.
        let own = version.contains('.') && !version.contains(".k8s.io/");
        if own || kind.ends_with("List") || kind == "KubeSchedulerConfiguration" {
            return Err(unusual());
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.0.skip(&version, &kind);
        Ok(())
    }
}
