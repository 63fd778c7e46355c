//! What a plain word means in YAML 1.1 as kubectl understands it: `yes` is true, `010` is eight, `1_000` a thousand.

use saphyr_parser::{ScalarStyle, Tag};
use serde_json::{Number, Value};

pub(super) fn is_plain(style: ScalarStyle) -> bool {
    style == ScalarStyle::Plain
}

/// The value of a scalar.
pub(super) fn resolve(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let wanted = match tag {
        Some(tag) if tag.is_yaml_core_schema() => Some(tag.suffix.as_str()),
        Some(_) => return Ok(Value::String(text.to_owned())),
        None => None,
    };
    if wanted == Some("binary") {
        return Err("!!binary has no place in a Kubernetes object".to_owned());
    }
    let value = match wanted {
        None | Some("timestamp") if !is_plain(style) => return Ok(Value::String(text.to_owned())),
        Some("str" | "timestamp") => return Ok(Value::String(text.to_owned())),
        _ => plain(text)?,
    };
    let fits = match wanted {
        None => true,
        Some("bool") => value.is_boolean(),
        Some("int") => value.is_i64() || value.is_u64(),
        Some("float") => value.is_number(),
        Some("null") => value.is_null(),
        Some(_) => return Ok(Value::String(text.to_owned())),
    };
    if fits { Ok(value) } else { Err(format!("{text:?} is no !!{}", wanted.unwrap_or_default())) }
}

/// A key: JSON has none but strings.
pub(super) fn key(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err("a key must be a word".to_owned()),
    }
}

fn plain(text: &str) -> Result<Value, String> {
    let not_json = || format!("{text} is no number that JSON knows");
    Ok(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf"
        | "-.INF" => {
            return Err(not_json());
        }
        _ => {
            let first = text.as_bytes()[0];
            let number = if first == b'.' {
                float(text)
            } else if first.is_ascii_digit() || first == b'+' || first == b'-' {
                number(&text.replace('_', ""))
            } else {
                None
            };
            number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
        }
    })
}

fn number(text: &str) -> Option<Number> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if digits.bytes().all(|b| b.is_ascii_hexdigit())
        && let Ok(magnitude) = u64::from_str_radix(digits, radix)
    {
        if !negative && !text.starts_with('+') {
            return Some(magnitude.into());
        }
        let signed = if negative { -i128::from(magnitude) } else { i128::from(magnitude) };
        if let Ok(signed) = i64::try_from(signed) {
            return Some(signed.into());
        }
    }
    float(text)
}

/// A decimal float; nothing else that Rust would parse, such as `infinity`.
fn float(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let exponent_fits = exponent.is_none_or(|e| {
        let digits = e.strip_prefix(['+', '-']).unwrap_or(e);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !exponent_fits || whole.is_empty() && fraction.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    // As JSON writes it again, so that 2e3 is the integer 2000.
    if value.fract() == 0.0 && value.abs() < 9e18 { Some(Number::from(value as i64)) } else { Number::from_f64(value) }
}
