//! Answers as text, as JSON and as HTML.
//!
//! [`text`] is for a terminal, in kubectl's kind of tables; [`json`] is for programs, versioned as `bayplan/v1`, with a
//! schema in `cluster/schema`; [`html`] is a fragment for a notebook.

pub mod html;
pub mod json;
pub mod text;

mod summary;
mod table;

pub use summary::Summary;
