//! Resource quantities (`500m`, `1.5Gi`, `2e3`), exact and with the overflow behaviour of Kubernetes' own type.
//!
//! Kubernetes keeps a quantity either as a 64-bit mantissa with a decimal exponent or, where that does not do, as a
//! decimal of any length. Which of the two it is decides what an amount beyond 64 bits reads as, and the scheduler
//! computes with that reading; so the same distinction is kept here.

mod amount;
mod parse;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use amount::{multiply_10, pow10};
pub use parse::QuantityError;

/// The way of writing that a quantity was read in, kept for writing it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    /// `n u m k M G T P E`
    #[default]
    DecimalSi,
    /// `Ki Mi Gi Ti Pi Ei`
    BinarySi,
    /// `e3`
    DecimalExponent,
}

/// A resource quantity, exact to the nano unit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quantity {
    /// In units of `10^exponent`; in nano units where `wide`.
    mantissa: i128,
    exponent: i32,
    /// Kubernetes would hold this amount as an arbitrary-precision decimal.
    wide: bool,
    format: Format,
}

impl Quantity {
    /// Zero.
    pub const ZERO: Quantity = Quantity { mantissa: 0, exponent: 0, wide: false, format: Format::DecimalSi };

    /// A whole number of units.
    pub const fn from_i64(value: i64) -> Self {
        Quantity { mantissa: value as i128, exponent: 0, wide: false, format: Format::DecimalSi }
    }

    /// A number of thousandths.
    pub const fn from_milli(value: i64) -> Self {
        Quantity { mantissa: value as i128, exponent: -3, wide: false, format: Format::DecimalSi }
    }

    /// The amount in nano units, clamped to 128 bits.
    pub fn nano(self) -> i128 {
        if self.wide { self.mantissa } else { self.mantissa.saturating_mul(pow10(self.exponent + 9)) }
    }

    /// The value in whole units, rounded away from zero, as a capacity in bytes or a count.
    ///
    /// Beyond 64 bits it is what Kubernetes makes of such an amount: the low 64 bits, or 0.
    pub fn value(self) -> i64 {
        self.scaled(0)
    }

    /// The value in thousandths, rounded away from zero, as CPU is counted; beyond 64 bits as for [`value`](Self::value).
    pub fn milli_value(self) -> i64 {
        self.scaled(-3)
    }

    /// The amount in thousandths, rounded up, as an API server stores amounts.
    pub(crate) fn rounded_to_milli(self) -> Self {
        if !self.wide && self.exponent >= -3 {
            return self;
        }
        const MICRO: i128 = 1_000_000;
        let nano = self.nano();
        if nano % MICRO == 0 {
            return self;
        }
        Quantity { mantissa: nano.div_euclid(MICRO) + 1, exponent: -3, wide: false, format: self.format }
    }

    fn scaled(self, exponent: i32) -> i64 {
        if !self.wide && self.exponent >= exponent {
            return multiply_10(self.mantissa as i64, self.exponent - exponent);
        }
        let from = if self.wide { -9 } else { self.exponent };
        let divisor = pow10(exponent - from);
        let (quotient, rest) = (self.mantissa / divisor, self.mantissa % divisor);
        (quotient + rest.signum()) as i64
    }

    /// Is it nothing?
    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// Is it less than nothing?
    pub fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// The same amount with the other sign.
    #[must_use]
    pub fn negated(self) -> Self {
        Quantity { mantissa: self.mantissa.saturating_neg(), ..self }
    }

    fn plus(self, other: Self) -> Self {
        let format = if self.is_zero() { other.format } else { self.format };
        if !self.wide && !other.wide {
            if other.is_zero() {
                return Quantity { format, ..self };
            }
            if self.is_zero() {
                return Quantity { format, ..other };
            }
            let exponent = self.exponent.min(other.exponent);
            let at = |q: Quantity| q.mantissa.saturating_mul(pow10(q.exponent - exponent));
            let (a, b) = (at(self), at(other));
            let sum = a.saturating_add(b);
            if [a, b, sum].into_iter().all(|part| i64::try_from(part).is_ok()) {
                return Quantity { mantissa: sum, exponent, wide: false, format };
            }
        }
        let sum = self.nano().saturating_add(other.nano());
        Quantity { mantissa: sum, exponent: -9, wide: true, format }
    }
}

impl std::ops::Add for Quantity {
    type Output = Quantity;
    fn add(self, other: Self) -> Self {
        self.plus(other)
    }
}

impl std::ops::AddAssign for Quantity {
    fn add_assign(&mut self, other: Self) {
        *self = self.plus(other);
    }
}

impl std::ops::Sub for Quantity {
    type Output = Quantity;
    fn sub(self, other: Self) -> Self {
        self.plus(other.negated())
    }
}

impl std::ops::SubAssign for Quantity {
    fn sub_assign(&mut self, other: Self) {
        *self = self.plus(other.negated());
    }
}

impl std::iter::Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Quantity::ZERO, Quantity::plus)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nano() == other.nano()
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nano().cmp(&other.nano())
    }
}

impl Hash for Quantity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.nano().hash(state);
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse::parse(text)
    }
}

impl fmt::Display for Quantity {
    /// The canonical spelling, as `kubectl` shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&amount::canonical(*self))
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Quantity;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(parse::LEGAL)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Quantity, E> {
                text.trim().parse().map_err(E::custom)
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Quantity, E> {
                self.visit_str(&number.to_string())
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Quantity, E> {
                self.visit_str(&number.to_string())
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Quantity, E> {
                self.visit_str(&number.to_string())
            }
            fn visit_unit<E: de::Error>(self) -> Result<Quantity, E> {
                Ok(Quantity::ZERO)
            }
        }
        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests;
