//! Where an object comes from: it decides what is made of it.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
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
    /// The hashes of `spec.template`.
    pub(crate) template: OnceLock<TemplateHashes>,
    /// The template that the pods were made from which were there before manifests changed it.
    original: Option<TemplateHashes>,
    /// A pod that a controller made here.
    is_made: bool,
}

/// The hashes of a template: of all fields, and of those that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TemplateHashes {
    pub(crate) all: u64,
    pub(crate) read: u64,
}

impl<T> From<T> for Whole<T> {
    fn from(fields: T) -> Self {
        Whole { fields, template: OnceLock::new(), original: None, is_made: false }
    }
}

impl<T> Deref for Whole<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.fields
    }
}

impl Provenance {
    pub(crate) fn original(&self) -> Option<TemplateHashes> {
        match self {
            Provenance::Kept(whole) => whole.original,
            Provenance::Admitted(Some(whole)) => whole.original,
            _ => None,
        }
    }

    /// Has a controller made the pod here?
    pub(crate) fn is_made(&self) -> bool {
        match self {
            // One that was saved since.
            Provenance::Admitted(None) => true,
            Provenance::Admitted(Some(whole)) => whole.is_made,
            _ => false,
        }
    }

    pub(crate) fn set_made(&mut self) {
        if let Provenance::Admitted(Some(whole)) = self {
            Arc::make_mut(whole).is_made = true;
        }
    }

    pub(crate) fn set_original(&mut self, original: Option<TemplateHashes>) {
        if self.original() == original {
            return;
        }
        match self {
            Provenance::Kept(whole) => Arc::make_mut(whole).original = original,
            Provenance::Admitted(Some(whole)) => Arc::make_mut(whole).original = original,
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
