//! The Kubernetes objects that are read: only the fields that a decision, an expansion or a message uses.
//!
//! Every field may be absent or `null`, as the API server's own decoder allows; what must be there is checked
//! where it is used, so that the error can name the object.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// Defines plain structs whose every field is optional in the input (absent and `null` both give the default).
macro_rules! object {
    ($($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident : $ty:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        #[allow(missing_docs, reason = "the fields are the API's own")]
        pub struct $name {
            $($(#[$fmeta])*
            #[serde(deserialize_with = "crate::objects::null_is_default", skip_serializing_if = "crate::objects::is_default")]
            pub $field: $ty,)*
        }
    )*};
}

pub mod meta;
pub mod node;
pub mod object;
pub mod other;
pub mod pod;
pub mod storage;
pub mod workload;

pub use meta::*;
pub use node::*;
pub use object::*;
pub use other::*;
pub use pod::*;
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
