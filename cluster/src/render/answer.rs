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
    /// The rows as one table, where the pages have none, or another one first.
    table: Option<Page>,
}

impl Answer {
    pub(super) fn new(document: Value, page: Page, wide: Page) -> Self {
        Answer { document, page, wide, table: None }
    }

    pub(super) fn with_table(mut self, table: Page) -> Self {
        self.table = Some(table);
        self
    }

    /// The rows as comma-separated values.
    #[must_use]
    pub fn csv(&self) -> String {
        self.table.as_ref().unwrap_or(&self.wide).csv()
    }

    /// GitHub's Markdown.
    #[must_use]
    pub fn markdown(&self, is_wide: bool) -> String {
        match &self.table {
            Some(table) => table.markdown(),
            None if is_wide => self.wide.markdown(),
            None => self.page.markdown(),
        }
    }

    /// The document, its fields in reading order.
    #[must_use]
    pub fn json(&self) -> String {
        order::text(&self.document)
    }
}
