//! Metadata and selectors.

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
        resource_version: ResourceVersion,
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

/// `metadata.resourceVersion`, by which [`crate::Cluster::observe`] knows what is older; 0 where it is none or no number. It says nothing of what an object is: two
/// that differ in it alone are equal, and it is not written.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResourceVersion(pub u64);

impl PartialEq for ResourceVersion {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Serialize for ResourceVersion {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ResourceVersion {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        Ok(ResourceVersion(text.parse().unwrap_or(0)))
    }
}

/// Annotations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
