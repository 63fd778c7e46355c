//! The Kubernetes objects that are read: only the fields that a decision, an expansion or a message uses.
//!
//! Every field may be absent or `null`, as the API server's own decoder allows; what must be there is checked
//! where it is used, so that the error can name the object.

use std::collections::BTreeMap;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

/// Defines plain structs whose every field is optional in the input (absent and `null` both give the default).
macro_rules! object {
    ($($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident : $ty:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, rename_all = "camelCase", remote = "Self")]
        #[allow(missing_docs, reason = "the fields are the API's own")]
        pub struct $name {
            $($(#[$fmeta])*
            #[serde(deserialize_with = "crate::objects::null_is_default", skip_serializing_if = "crate::objects::is_default")]
            pub $field: $ty,)*
        }

        impl serde::Serialize for $name {
            #[inline]
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $name::serialize(self, to)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            // Apart, each takes its own part of the stack alone; one in the other, all of them together.
            #[inline(never)]
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $name::deserialize($crate::objects::ByName(from))
            }
        }
    )*};
}

pub mod devices;
mod free;
mod list;
pub mod meta;
mod names;
pub mod node;
pub mod object;
pub mod other;
pub mod pod;
mod provenance;
pub mod storage;
pub mod workload;

pub use devices::*;
pub(crate) use free::Fields;
pub use free::Free;
pub use list::List;
pub use meta::*;
pub use node::*;
pub use object::*;
pub use other::*;
pub use pod::*;
pub(crate) use provenance::TemplateHashes;
pub use provenance::{Provenance, Whole};
pub use storage::*;
pub use workload::*;

/// String to string, in key order.
pub type StringMap = BTreeMap<String, String>;
/// Resource name to quantity, in name order.
pub type ResourceList = BTreeMap<String, crate::quantity::Quantity>;

pub(crate) fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(d: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(d)?.unwrap_or_default())
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Reads a struct from its fields' names alone: what is derived would take a list too, and its items for the fields in
/// their order.
pub(crate) struct ByName<D>(pub(crate) D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ByName<D> {
    type Error = D::Error;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
