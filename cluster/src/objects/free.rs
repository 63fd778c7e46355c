//! Fields of any form, of which little is read.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The fields that are read so are two levels deep in Kubernetes. Without a bound, reading one would take more stack the deeper
/// it is nested.
const DEPTH: usize = 8;

/// JSON of any form, but not deeply nested.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Free(pub Value);

impl std::ops::Deref for Free {
    type Target = Value;
    fn deref(&self) -> &Value {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Free {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Level { left: DEPTH, cuts: false }.deserialize(deserializer).map(Free)
    }
}

/// The fields that a kind has are some twenty levels deep.
const FIELDS: usize = 32;

/// JSON as deep as the fields of any kind go; what is deeper is left out.
pub(crate) struct Fields(pub(crate) Value);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Level { left: FIELDS, cuts: true }.deserialize(deserializer).map(Fields)
    }
}

/// Reads a value in which so many may stand in one another.
#[derive(Clone, Copy)]
struct Level {
    left: usize,
    /// What is deeper is left out, instead of being an error.
    cuts: bool,
}

impl Level {
    /// The level below; none where what is there is left out.
    fn below<E: Error>(self) -> Result<Option<Level>, E> {
        match self.left.checked_sub(1) {
            Some(left) => Ok(Some(Level { left, ..self })),
            None if self.cuts => Ok(None),
            None => Err(E::custom(format_args!("it is nested more than {DEPTH} levels deep"))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let Some(below) = self.below()? else {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Value::Null);
        };
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(below)? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let Some(below) = self.below()? else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Value::Null);
        };
        let mut entries = Map::new();
        while let Some(key) = map.next_key()? {
            entries.insert(key, map.next_value_seed(below)?);
        }
        Ok(entries.into())
    }
}
