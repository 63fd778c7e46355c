//! What the fuzz targets of `fuzz/` do with their bytes. Each function panics where something is wrong; the tests of this crate call
//! them with a bounded number of inputs, cargo-fuzz without end.

pub mod damaged_block;
pub mod manifest;
pub mod read_bytes;
pub mod structured_world;
