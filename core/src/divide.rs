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

/// A non-negative whole `f64` below 2^51 as an integer.
#[inline]
pub(crate) fn to_i64(value: f64) -> i64 {
    ((value + MAGIC).to_bits() & 0x000f_ffff_ffff_ffff) as i64
}

/// A non-negative `f64` below 2^51, truncated.
#[inline]
pub(crate) fn floor(value: f64) -> f64 {
    let rounded = (value + MAGIC) - MAGIC;
    rounded - if rounded > value { 1.0 } else { 0.0 }
}

/// A non-negative `f64` below 2^51, rounded; halves go up.
#[inline]
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
    pub(crate) fn new(divisor: f64) -> Self {
        Divisor(1.0 / divisor)
    }

    /// The truncated quotient.
    #[inline]
    pub(crate) fn of(self, dividend: f64) -> f64 {
        floor((dividend + 0.5) * self.0)
    }
}

/// The least and the greatest of the values at or above zero; several at a time, which a plain fold of `f64` must not.
/// Without any, the greatest is below zero.
pub(crate) fn bounds(values: &[f64]) -> (f64, f64) {
    const LANES: usize = 4;
    let (mut least, mut most) = ([f64::INFINITY; LANES], [-1.0f64; LANES]);
    let (chunks, rest) = values.as_chunks::<LANES>();
    for values in chunks {
        for lane in 0..LANES {
            let low = if values[lane] < 0.0 { f64::INFINITY } else { values[lane] };
            least[lane] = if low < least[lane] { low } else { least[lane] };
            most[lane] = if values[lane] > most[lane] { values[lane] } else { most[lane] };
        }
    }
    for value in rest.iter().filter(|value| **value >= 0.0) {
        least[0] = least[0].min(*value);
        most[0] = most[0].max(*value);
    }
    (least.into_iter().fold(f64::INFINITY, f64::min), most.into_iter().fold(-1.0, f64::max))
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
