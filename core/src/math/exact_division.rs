//! Integer division by way of floating point, exact where the numbers are small enough.
//!
//! The truncated quotient of two integers equals the truncated quotient of the two as `f64` while the dividend stays
//! under 2^53; with a dividend of 100 × capacity, capacities may reach 2^46. The hardware divides `f64` several at a
//! time and 64-bit integers one by one.

use crate::math::simd::wide;

/// Whether a number may be divided this way.
#[inline(always)]
pub(crate) fn is_small(value: i64) -> bool {
    value as u64 >> 45 == 0
}

/// The bits of all numbers of a column.
pub(crate) fn bits(column: &[i64]) -> u64 {
    wide!(column.iter().fold(0u64, |all, value| all | *value as u64))
}

/// Whether all of a column may.
pub(crate) fn small(column: &[i64]) -> bool {
    bits(column) >> 45 == 0
}

/// Whether a number may be a [`Divisor`].
#[inline(always)]
pub(crate) fn has_reciprocal(value: u64) -> bool {
    value >> 43 == 0
}

const MAGIC: f64 = 4_503_599_627_370_496.0; // 2^52: the bits of `MAGIC + n` end in `n`

/// A small non-negative integer as `f64`, by a bit pattern, which vectorises where a conversion does not.
#[inline(always)]
pub(crate) fn to_f64(value: i64) -> f64 {
    f64::from_bits(value as u64 | MAGIC.to_bits()) - MAGIC
}

/// A non-negative whole `f64` below 2^51 as an integer.
#[inline(always)]
pub(crate) fn to_i64(value: f64) -> i64 {
    ((value + MAGIC).to_bits() & 0x000f_ffff_ffff_ffff) as i64
}

/// A non-negative `f64` below 2^51, truncated.
#[inline(always)]
pub(crate) fn floor(value: f64) -> f64 {
    let rounded = (value + MAGIC) - MAGIC;
    rounded - if rounded > value { 1.0 } else { 0.0 }
}

/// The whole number that is nearest to one between -2^50 and 2^50.
#[inline(always)]
fn nearest(value: f64) -> f64 {
    const MIDDLE: f64 = 1.5 * MAGIC;
    (value + MIDDLE) - MIDDLE
}

/// A non-negative `f64` below 2^51, rounded; halves go up.
#[inline(always)]
pub(crate) fn round(value: f64) -> f64 {
    let floor = floor(value);
    floor + if value - floor >= 0.5 { 1.0 } else { 0.0 }
}

/// Division of whole numbers by one that stays the same, as a multiplication: half of a unit more in the dividend keeps
/// the quotient away from the whole number below it by more than the reciprocal is off, while the quotient is small
/// (some hundreds) and the divisor below 2^43.
#[derive(Clone, Copy)]
pub(crate) struct Divisor(f64);

impl Divisor {
    #[inline(always)]
    pub(crate) fn new(divisor: f64) -> Self {
        Divisor(1.0 / divisor)
    }

    /// Of a divisor whose reciprocal is known.
    #[inline(always)]
    pub(crate) fn of_inverse(inverse: f64) -> Self {
        Divisor(inverse)
    }

    /// The truncated quotient.
    #[inline(always)]
    pub(crate) fn of(self, dividend: f64) -> f64 {
        // No quotient lies in the middle between two whole numbers once half of one is taken away.
        nearest((dividend + 0.5) * self.0 - 0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the division of integers, where the quotient is a percentage: at and around every whole percentage,
    /// for divisors of all sizes that are allowed.
    #[test]
    fn quotients_are_exact() {
        let mut seed = 1u64;
        for round in 0..200_000u64 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let divisor = (seed >> 21 >> (round % 42)).max(1) as i64;
            assert!(divisor < 1 << 43);
            let percent = (round % 101) as i64;
            let at = divisor * percent / 100;
            for part in [at - 1, at, at + 1, divisor, divisor - 1].into_iter().filter(|p| (0..=divisor).contains(p)) {
                let exact = 100 * part / divisor;
                let found = Divisor::new(to_f64(divisor)).of(100.0 * to_f64(part));
                assert_eq!(to_i64(found), exact, "100 * {part} / {divisor}");
                assert_eq!(to_i64(floor(100.0 * to_f64(part) / to_f64(divisor))), exact);
            }
        }
    }
}
