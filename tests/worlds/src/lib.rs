//! Small clusters as rows of the core's tables: for the core's own tests, the benches, and the proof that the core allocates nothing,
//! for which there is no allocator here either.
//!
//! [`profile`] has the plugins of kube-scheduler's default profile, [`parts`] what clusters are made of, [`small`] a whole one.
#![no_std]

pub mod parts;
pub mod profile;
pub mod small;
