//! Arithmetic and writing of quantities.

use super::{Format, Quantity};

/// `10^exponent`, clamped to 128 bits; 1 below zero.
pub(super) fn pow10(exponent: i32) -> i128 {
    match u32::try_from(exponent) {
        Ok(exponent) => 10i128.checked_pow(exponent).unwrap_or(i128::MAX),
        Err(_) => 1,
    }
}

/// `mantissa * 10^exponent` as Kubernetes reads it where it exceeds 64 bits: multiplied in one go (by the powers that
/// its units have) it wraps, multiplied digit by digit it gives 0.
pub(super) fn multiply_10(mantissa: i64, exponent: i32) -> i64 {
    match exponent {
        0 => mantissa,
        1 | 2 | 3 | 6 | 9 => mantissa.wrapping_mul(pow10(exponent) as i64),
        _ => i64::try_from(i128::from(mantissa).saturating_mul(pow10(exponent))).unwrap_or(0),
    }
}

/// The canonical spelling: no fraction, the largest suffix that allows it.
pub(super) fn canonical(quantity: Quantity) -> String {
    if quantity.is_zero() {
        return "0".to_owned();
    }
    let (mut mantissa, mut exponent) = (quantity.mantissa, quantity.exponent);
    if quantity.wide {
        exponent = -9;
    }
    if quantity.format == Format::BinarySi
        && let Some(text) = canonical_binary(quantity)
    {
        return text;
    }
    while mantissa % 10 == 0 {
        mantissa /= 10;
        exponent += 1;
    }
    let up = exponent.rem_euclid(3);
    exponent -= up;
    let zeros = "0".repeat(up as usize);
    let suffix = match (quantity.format, exponent) {
        (_, 0) => "",
        (Format::DecimalExponent, _) => return format!("{mantissa}{zeros}e{exponent}"),
        (_, -9) => "n",
        (_, -6) => "u",
        (_, -3) => "m",
        (_, 3) => "k",
        (_, 6) => "M",
        (_, 9) => "G",
        (_, 12) => "T",
        (_, 15) => "P",
        (_, 18) => "E",
        // Kubernetes drops the exponent here; a number that reads back as itself is better.
        _ => return format!("{mantissa}{zeros}e{exponent}"),
    };
    format!("{mantissa}{zeros}{suffix}")
}

/// With a binary suffix; `None` where Kubernetes falls back to a decimal one: small amounts and fractions.
fn canonical_binary(quantity: Quantity) -> Option<String> {
    const NANO: i128 = 1_000_000_000;
    let nano = quantity.nano();
    if nano % NANO != 0 || nano.abs() < 1024 * NANO {
        return None;
    }
    let mut units = nano / NANO;
    let mut suffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].into_iter().peekable();
    let mut suffix = suffixes.next()?;
    while units % 1024 == 0 && suffixes.peek().is_some() {
        units /= 1024;
        suffix = suffixes.next()?;
    }
    Some(format!("{units}{suffix}"))
}
