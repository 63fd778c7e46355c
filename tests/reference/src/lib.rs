//! A plain second opinion: the same rules over objects, slow and obvious.
pub mod vector;
