//! Where an object comes from: it decides what is made of it.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

/// Whether an API server has seen an object, and the JSON of one that it has not.
#[derive(Clone, Debug, Default)]
pub enum Provenance {
    /// Nothing was said: an object with a uid is live, any other is written.
    #[default]
    Unsaid,
    /// From an API server, or to be taken as if it were.
    Live,
    /// The same, with the text of its `spec`: a manifest may change fields of a workload's template that nobody here reads, and its pods are
    /// replaced for that too.
    Kept(Arc<Whole<Box<str>>>),
    /// A manifest, with all its fields.
    Written(Arc<Value>),
    /// A manifest after admission, with all its fields where they are still needed.
    Admitted(Option<Arc<Whole<Value>>>),
}

/// All fields of an object, and what is worked out from them once.
#[derive(Clone, Debug)]
pub struct Whole<T> {
    fields: T,
    /// The hash of `spec.template`.
    pub(crate) template: OnceLock<u64>,
    /// Whether the template became another after pods were made from it.
    is_changed: bool,
}

impl<T> From<T> for Whole<T> {
    fn from(fields: T) -> Self {
        Whole { fields, template: OnceLock::new(), is_changed: false }
    }
}

impl<T> Deref for Whole<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.fields
    }
}

impl Provenance {
    /// Did the template of a workload become another after pods were made from it? Not where the fields that are read say so themselves, as
    /// those of a Deployment and its ReplicaSets do.
    pub(crate) fn is_changed(&self) -> bool {
        match self {
            Provenance::Kept(whole) => whole.is_changed,
            Provenance::Admitted(Some(whole)) => whole.is_changed,
            _ => false,
        }
    }

    pub(crate) fn set_changed(&mut self) {
        match self {
            Provenance::Kept(whole) => Arc::make_mut(whole).is_changed = true,
            Provenance::Admitted(Some(whole)) => Arc::make_mut(whole).is_changed = true,
            _ => {}
        }
    }
}

/// It is no part of what the object says.
impl PartialEq for Provenance {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
