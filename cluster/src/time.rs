//! Times of objects.

/// The seconds since the epoch of a time as RFC 3339 has it and the API server takes it, such as `2023-11-14T22:13:20Z`; none
/// where it is no such time.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1, rest @ ..] =
        text.as_bytes()
    else {
        return None;
    };
    let (year, month) = (number(&[*y0, *y1, *y2, *y3], 9999)?, number(&[*m0, *m1], 12)?);
    let (day, hour) = (number(&[*d0, *d1], days_of(year, month)?)?, number(&[*h0, *h1], 23)?);
    let (minute, second) = (number(&[*n0, *n1], 59)?, number(&[*s0, *s1], 59)?);
    if day == 0 {
        return None;
    }
    let offset = match after_fraction(rest)? {
        [b'Z'] => 0,
        [sign @ (b'+' | b'-'), h0, h1, b':', m0, m1] => {
            let seconds = number(&[*h0, *h1], 23)? * 3600 + number(&[*m0, *m1], 59)? * 60;
            if *sign == b'+' { seconds } else { -seconds }
        }
        _ => return None,
    };
    // Days since the epoch, with years that begin in March.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second - offset)
}

/// A number of digits alone, `most` at most.
fn number(digits: &[u8], most: i64) -> Option<i64> {
    let number = digits
        .iter()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))?;
    (number <= most).then_some(number)
}

fn days_of(year: i64, month: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

/// What stands behind the fraction of a second, if there is one.
fn after_fraction(text: &[u8]) -> Option<&[u8]> {
    let Some((b'.', digits)) = text.split_first() else { return Some(text) };
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    (end > 0).then(|| &digits[end..])
}

#[cfg(test)]
mod tests {
    use super::seconds;

    /// Checked with `date -u -d … +%s` of GNU coreutils.
    #[test]
    fn known_times() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2023-11-14T22:13:20Z", 1_700_000_000),
            ("2000-02-29T12:00:00.5Z", 951_825_600),
            ("2023-11-14T23:43:20.123456789+01:30", 1_700_000_000),
            ("2023-11-14T14:13:20-08:00", 1_700_000_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "yesterday",
            "2023-11-14",
            "2023-11-14T22:13:20",
            "2023-11-14 22:13:20Z",
            "2023-11-14T22:13Z",
            "2023-11-14T22:13:20.Z",
            "2023-11-14T22:13:20+1:00",
            "2023-11-14T22:13:20+24:00",
            "2023-13-01T00:00:00Z",
            "2023-00-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2023-04-31T00:00:00Z",
            "2023-04-00T00:00:00Z",
            "2023-11-14T24:00:00Z",
            "2023-11-14T22:60:00Z",
            "2023-11-14T22:13:60Z",
            "+023-11-14T22:13:20Z",
            "-2023-11-14T22:13:20Z",
            "12023-11-14T22:13:20Z",
            "2023-11-14T22:13:20Zx",
            "9223372036854775807-01-01T00:00:00Z",
            "2026-9223372036854775807-01T00:00:00Z",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
