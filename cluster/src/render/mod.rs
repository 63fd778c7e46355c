//! Answers as text, as JSON and as HTML.
//!
//! [`text`] is for a terminal, in kubectl's kind of tables; [`json`] is for programs, versioned as `bayplan/v1`, with a
//! schema in `cluster/schema`; [`html`] is a fragment for a notebook.
//! Text and HTML are made of the same page (`answers`), so that neither lacks what the other says.

pub mod html;
pub mod json;
pub mod text;

mod answers;
mod page;
mod summary;
mod table;

pub use summary::Summary;
