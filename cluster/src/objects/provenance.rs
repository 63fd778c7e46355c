//! Where an object comes from: it decides what is made of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whether an API server has seen an object, and the JSON of one that it has not.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Provenance {
    /// Nothing was said: an object with a uid is live, any other is written.
    #[default]
    Unsaid,
    /// From an API server, or to be taken as if it were.
    Live,
    /// A manifest, with all its fields.
    #[serde(skip)]
    Written(Arc<Value>),
    /// A manifest after admission, with all its fields where they are still needed.
    #[serde(skip)]
    Admitted(Option<Arc<Value>>),
}

/// It is no part of what the object says.
impl PartialEq for Provenance {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
