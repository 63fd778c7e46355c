//! The Rust snippets of `README.md` are tests of this crate; `run.py` beside it runs the others. The link to
//! `examples` is there because tests run in the folder of their crate.

#![doc = include_str!("../../README.md")]
