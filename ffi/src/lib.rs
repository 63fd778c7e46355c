//! The C interface: opaque handles over [`bayplan::Cluster`].
//!
//! `include/bayplan.h` is written from these files (`tests/header`), so their comments are its manual.
#![allow(clippy::missing_safety_doc, reason = "the header says once for all what callers must keep to")]

mod answer_fill;
pub mod answer_rows;
pub mod ask;
pub mod bridge;
pub mod cluster;
pub mod decision;
pub mod error;
pub mod extender;
mod found;
pub mod guard;
pub mod ids;
mod in_use;
pub mod mirror;
pub mod options;
pub mod plugin;
pub mod progress;
mod questions;
pub mod status;
pub mod text;
pub mod upkeep;
pub mod version;

#[cfg(test)]
mod tests;
