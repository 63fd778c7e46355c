//! Reading a quantity.

use std::fmt;

use super::{Format, Quantity};

/// What is legal, in words.
pub(super) const LEGAL: &str = "a quantity: a decimal number, then nothing, one of the suffixes \
n u m k M G T P E Ki Mi Gi Ti Pi Ei, or an exponent such as e3";

/// A text that is not a quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantityError {
    text: String,
    problem: String,
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not a quantity: {}; legal is {LEGAL}", self.text, self.problem)
    }
}

impl std::error::Error for QuantityError {}

impl QuantityError {
    /// What Kubernetes' own parser says of the text.
    pub(crate) fn in_go(&self) -> &'static str {
        let unsigned = self.text.strip_prefix(['+', '-']).unwrap_or(&self.text);
        let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let whole = digits(unsigned);
        let number = match unsigned[whole..].strip_prefix('.') {
            Some(fraction) => whole + 1 + digits(fraction),
            None => whole,
        };
        let suffix = unsigned[number..].trim_start_matches(|c| "eEinumkKMGTP".contains(c));
        let exponent = suffix.strip_prefix(['+', '-']).unwrap_or(suffix);
        if number == 0 || !exponent.bytes().all(|b| b.is_ascii_digit()) {
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        } else if &unsigned[..number] == "." {
            "unable to parse numeric part of quantity"
        } else {
            "unable to parse quantity's suffix"
        }
    }
}

/// Longest text that is quoted in an error and worth reading.
const LONGEST: usize = 200;

/// The most digits with which Kubernetes keeps a decimal amount in 64 bits.
const SHORT_DIGITS: i64 = 18;

pub(super) fn parse(text: &str) -> Result<Quantity, QuantityError> {
    let fault = |problem: String| {
        let short = text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end]);
        QuantityError { text: short.to_owned(), problem }
    };
    if text.is_empty() {
        return Err(fault("it is empty".to_owned()));
    }
    let bytes = text.as_bytes();
    let signed = usize::from(matches!(bytes[0], b'+' | b'-'));
    let negative = bytes[0] == b'-';
    let digits = |from: usize| from + bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();

    let whole_end = digits(signed);
    let (mut end, mut fraction) = (whole_end, &bytes[..0]);
    if bytes.get(end) == Some(&b'.') {
        end = digits(whole_end + 1);
        fraction = &bytes[whole_end + 1..end];
    }
    let whole = &bytes[signed..whole_end];
    let whole = &whole[whole.iter().take_while(|b| **b == b'0').count()..];
    let Some((format, exponent)) = suffix(&text[end..]) else { return Err(fault(problem(text, &text[end..]))) };

    // Kubernetes counts a leading 0 as a digit where nothing else stands before the point.
    let digits = whole.len().max(1) as i64 + fraction.len() as i64;
    let scale = i64::from(exponent) - fraction.len() as i64;
    let short = match format {
        Format::BinarySi if fraction.is_empty() => digits < 15 - i64::from(exponent * 3 / 10),
        Format::BinarySi => false,
        _ => digits <= SHORT_DIGITS && scale >= -9,
    };
    let quantity = if short {
        let mut mantissa = whole.iter().chain(fraction).fold(0, |sum: i128, b| sum * 10 + i128::from(b - b'0'));
        let mut exponent = scale as i32;
        if format == Format::BinarySi {
            (mantissa, exponent) = (mantissa << exponent, 0);
        }
        Quantity { mantissa, exponent, wide: false, format }
    } else {
        wide(whole, fraction, format, exponent)
    };
    Ok(if negative { quantity.negated() } else { quantity })
}

/// An amount in nano units, rounded up.
fn wide(whole: &[u8], fraction: &[u8], mut format: Format, exponent: i32) -> Quantity {
    const NANO: i128 = 1_000_000_000;
    let number = |digits: &mut dyn Iterator<Item = &u8>| {
        digits.fold(0i128, |sum, b| sum.saturating_mul(10).saturating_add(i128::from(b - b'0')))
    };
    let mut nano;
    if format == Format::BinarySi {
        let unit = NANO << exponent;
        // Digit by digit from the end, so that no intermediate result exceeds ten units.
        let (mut part, mut inexact) = (0, false);
        for digit in fraction.iter().rev() {
            let sum = i128::from(digit - b'0') * unit + part;
            (part, inexact) = (sum / 10, inexact || sum % 10 != 0);
        }
        nano = number(&mut whole.iter()).saturating_mul(unit).saturating_add(part + i128::from(inexact));
        nano = nano.min(i128::from(i64::MAX) * NANO);
        if nano < NANO {
            format = Format::DecimalSi;
        }
    } else {
        let power = i64::from(exponent) - fraction.len() as i64 + 9;
        let len = whole.len() + fraction.len();
        let kept = if power < 0 { len.saturating_sub(power.unsigned_abs() as usize) } else { len };
        let mut digits = whole.iter().chain(fraction);
        nano = number(&mut digits.by_ref().take(kept));
        if digits.any(|b| *b != b'0') {
            nano += 1;
        }
        if power > 0 {
            nano = nano.saturating_mul(super::pow10(power.min(100) as i32));
        }
    }
    Quantity { mantissa: nano, exponent: -9, wide: true, format }
}

fn suffix(text: &str) -> Option<(Format, i32)> {
    Some(match text {
        "" => (Format::DecimalSi, 0),
        "n" => (Format::DecimalSi, -9),
        "u" => (Format::DecimalSi, -6),
        "m" => (Format::DecimalSi, -3),
        "k" => (Format::DecimalSi, 3),
        "M" => (Format::DecimalSi, 6),
        "G" => (Format::DecimalSi, 9),
        "T" => (Format::DecimalSi, 12),
        "P" => (Format::DecimalSi, 15),
        "E" => (Format::DecimalSi, 18),
        "Ki" => (Format::BinarySi, 10),
        "Mi" => (Format::BinarySi, 20),
        "Gi" => (Format::BinarySi, 30),
        "Ti" => (Format::BinarySi, 40),
        "Pi" => (Format::BinarySi, 50),
        "Ei" => (Format::BinarySi, 60),
        _ => {
            let exponent: i64 = text.strip_prefix(['e', 'E'])?.parse().ok()?;
            // Cut to 32 bits as Kubernetes cuts it.
            (Format::DecimalExponent, exponent as i32)
        }
    })
}

/// What is wrong after the number.
fn problem(text: &str, rest: &str) -> String {
    if text.contains(char::is_whitespace) {
        let closed: String = text.split_whitespace().collect();
        return match parse(&closed) {
            Ok(_) => format!("a space is not allowed, write {closed:?}"),
            Err(_) => "a space is not allowed".to_owned(),
        };
    }
    if text.starts_with(|c: char| !c.is_ascii_digit() && !"+-.".contains(c)) {
        return "it does not begin with a number".to_owned();
    }
    let meant = match rest {
        "K" => "k",
        "g" => "G",
        "t" => "T",
        "p" => "P",
        "KB" | "kB" | "kb" => "k",
        "MB" | "mb" | "Mb" => "M",
        "GB" | "gb" | "Gb" => "G",
        "TB" | "tb" | "Tb" => "T",
        "ki" | "KI" | "KiB" | "kib" => "Ki",
        "mi" | "MI" | "MiB" | "mib" => "Mi",
        "gi" | "GI" | "GiB" | "gib" => "Gi",
        "ti" | "TI" | "TiB" | "tib" => "Ti",
        _ => return format!("{:?} is no suffix", rest.chars().take(20).collect::<String>()),
    };
    format!("{rest:?} is no suffix, write {meant:?}")
}
