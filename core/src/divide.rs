//! Integer division by way of floating point, exact where the numbers are small enough.
//!
//! The truncated quotient of two integers equals the truncated quotient of the two as `f64` while the dividend stays
//! under 2^53; with a dividend of 100 × capacity, capacities may reach 2^46. The hardware divides `f64` several at a
//! time and 64-bit integers one by one.

/// Whether a number may be divided this way.
#[inline]
pub(crate) fn is_small(value: i64) -> bool {
    value as u64 >> 45 == 0
}

/// Whether all of a column may.
#[inline]
pub(crate) fn small(column: &[i64]) -> bool {
    column.iter().fold(0u64, |all, value| all | *value as u64) >> 45 == 0
}

const MAGIC: f64 = 4_503_599_627_370_496.0; // 2^52: the bits of `MAGIC + n` end in `n`

/// A small non-negative integer as `f64`, by a bit pattern, which vectorises where a conversion does not.
#[inline]
pub(crate) fn to_f64(value: i64) -> f64 {
    f64::from_bits(value as u64 | MAGIC.to_bits()) - MAGIC
}

/// A non-negative `f64` below 2^51, truncated.
#[inline]
pub(crate) fn truncate(value: f64) -> i64 {
    let rounded = (value + MAGIC) - MAGIC;
    let floor = rounded - if rounded > value { 1.0 } else { 0.0 };
    ((floor + MAGIC).to_bits() & (MAGIC.to_bits() - 1) & 0x000f_ffff_ffff_ffff) as i64
}

/// `100 * part / whole`, truncated, of small numbers with `whole` above zero.
#[inline]
pub(crate) fn percent(part: i64, whole: i64) -> i64 {
    truncate(to_f64(part * 100) / to_f64(whole))
}
