//! The test of `include/bayplan.h`, see `tests/header.rs`.
