//! Metadata and selectors.

use super::StringMap;

object! {
    /// `metadata` of any object.
    ObjectMeta {
        name: String,
        namespace: String,
        uid: String,
        generate_name: String,
        labels: StringMap,
        annotations: StringMap,
        owner_references: Vec<OwnerReference>,
        creation_timestamp: Option<String>,
        deletion_timestamp: Option<String>,
    }
    /// An entry of `metadata.ownerReferences`.
    OwnerReference {
        api_version: String,
        kind: String,
        name: String,
        uid: String,
        controller: Option<bool>,
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
