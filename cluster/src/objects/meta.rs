//! Metadata and selectors.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::{List, Provenance, StringMap};

object! {
    /// `metadata` of any object.
    ObjectMeta {
        name: String,
        namespace: String,
        uid: String,
        generate_name: String,
        labels: StringMap,
        annotations: Annotations,
        owner_references: List<OwnerReference>,
        creation_timestamp: Option<String>,
        deletion_timestamp: Option<String>,
        #[serde(skip)]
        provenance: Provenance,
    }
    /// An entry of `metadata.ownerReferences`.
    OwnerReference {
        api_version: String,
        kind: String,
        name: String,
        uid: String,
        controller: Option<bool>,
        block_owner_deletion: Option<bool>,
    }
    /// A label selector; an empty one selects everything, an absent one (`None` around it) nothing.
    LabelSelector {
        match_labels: StringMap,
        match_expressions: Vec<SelectorRequirement>,
    }
    /// One requirement of a label selector, a node selector term or a topology selector.
    SelectorRequirement {
        key: String,
        operator: String,
        values: Vec<String>,
    }
}

impl ObjectMeta {
    /// The owner that controls the object.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().find(|owner| owner.controller == Some(true))
    }
}

/// Annotations, without the copy of the whole object that `kubectl apply` leaves among them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Annotations(pub StringMap);

impl std::ops::Deref for Annotations {
    type Target = StringMap;
    fn deref(&self) -> &StringMap {
        &self.0
    }
}

impl std::ops::DerefMut for Annotations {
    fn deref_mut(&mut self) -> &mut StringMap {
        &mut self.0
    }
}

impl<'de> Deserialize<'de> for Annotations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Annotations;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of strings")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Annotations, A::Error> {
                let mut entries = StringMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    if key == "kubectl.kubernetes.io/last-applied-configuration" {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        entries.insert(key, map.next_value()?);
                    }
                }
                Ok(Annotations(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}
