//! Loops for wide vectors, and divisions that are exact.

pub(crate) mod exact_division;
pub(crate) mod mix;
pub(crate) mod simd;
