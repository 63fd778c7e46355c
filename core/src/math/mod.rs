//! Loops for wide vectors, and divisions that are exact.

pub(crate) mod exact_division;
mod mix;
pub(crate) mod simd;

pub(crate) use mix::mix;
