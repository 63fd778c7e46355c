//! An answer: one document for programs, and pages for people that say the same.

use serde_json::Value;

use super::order;
use super::page::Page;

/// What a question is answered with, in all its forms.
#[derive(Clone)]
pub struct Answer {
    /// The versioned document.
    pub document: Value,
    /// For people.
    pub page: Page,
    /// The same with all rows and columns.
    pub wide: Page,
}

impl Answer {
    pub(super) fn new(document: Value, page: Page, wide: Page) -> Self {
        Answer { document, page, wide }
    }

    /// The document, its fields in reading order.
    #[must_use]
    pub fn json(&self) -> String {
        order::text(&self.document)
    }
}
