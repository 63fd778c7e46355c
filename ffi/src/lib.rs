//! The C interface: opaque handles over [`bayplan::Cluster`].
//!
//! `include/bayplan.h` is written from these files (`tests/header`), so their comments are its manual.
#![allow(clippy::missing_safety_doc, reason = "the header says once for all what callers must keep to")]

pub mod bridge;
pub mod cluster;
pub mod decision;
pub mod error;
mod guard;
mod in_use;
pub mod options;
pub mod status;
pub mod text;
pub mod version;

#[cfg(test)]
mod tests;
