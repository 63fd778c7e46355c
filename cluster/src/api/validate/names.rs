//! The forms of names, keys and values, with the messages for what has another form.

const LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const KEY: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const KEY_WORDS: &str =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/// A rule for names: the messages for one that breaks it.
pub(crate) type Rule = fn(&str) -> Vec<String>;

fn too_long(most: usize) -> String {
    format!("must be no more than {most} bytes")
}

fn regex(words: &str, regex: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|example| format!("'{example}', ")).collect();
    format!("{words} (e.g. {}regex used for validation is '{regex}')", examples.join(" or "))
}

/// Are all bytes of a kind, and the first and last alphanumeric?
fn framed(text: &str, end: impl Fn(u8) -> bool, inner: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => end(*first) && end(*last) && bytes.iter().all(|b| end(*b) || inner(*b)),
        _ => false,
    }
}

fn lower(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_label(text: &str) -> bool {
    framed(text, lower, |b| b == b'-')
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

fn is_key(text: &str) -> bool {
    framed(text, |b| b.is_ascii_alphanumeric(), |b| b"-_.".contains(&b))
}

/// A DNS label (RFC 1123).
pub(crate) fn label(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    if text.len() > 63 {
        out.push(too_long(63));
    }
    if !is_label(text) {
        out.push(if is_subdomain(text) {
            "must not contain dots".to_owned()
        } else {
            let words = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
            regex(words, LABEL, &["my-name", "123-abc"])
        });
    }
    out
}

/// A DNS subdomain (RFC 1123).
pub(crate) fn subdomain(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    if text.len() > 253 {
        out.push(too_long(253));
    }
    if !is_subdomain(text) {
        let words = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
        out.push(regex(words, &format!("{LABEL}(\\.{LABEL})*"), &["example.com"]));
    }
    out
}

/// A key of a label, with a DNS subdomain before a slash or without; names of resources and gates have its form.
pub(crate) fn key(text: &str) -> Vec<String> {
    let words = || regex(KEY_WORDS, KEY, &["MyName", "my.name", "123-abc"]);
    let mut out = Vec::new();
    let parts: Vec<&str> = text.split('/').collect();
    let name = match parts[..] {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                out.push("prefix part must be non-empty".to_owned());
            } else {
                out.extend(subdomain(prefix).into_iter().map(|message| format!("prefix part {message}")));
            }
            name
        }
        _ => {
            return vec![format!(
                "a valid label key {} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
                words()
            )];
        }
    };
    if name.is_empty() {
        out.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        out.push(format!("name part {}", too_long(63)));
    }
    if !is_key(name) {
        out.push(format!("name part {}", words()));
    }
    out
}

/// A value of a label.
pub(crate) fn value(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    if text.len() > 63 {
        out.push(too_long(63));
    }
    if !text.is_empty() && !is_key(text) {
        let words = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
        out.push(regex(words, &format!("({KEY})?"), &["MyValue", "my_value", "12345"]));
    }
    out
}

/// The name of a port.
pub(crate) fn port(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    if text.len() > 15 {
        out.push(too_long(15));
    }
    if text.is_empty() || !text.bytes().all(|b| lower(b) || b == b'-') {
        out.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned());
    }
    if !text.bytes().any(|b| b.is_ascii_lowercase()) {
        out.push("must contain at least one letter (a-z)".to_owned());
    }
    if text.contains("--") {
        out.push("must not contain consecutive hyphens".to_owned());
    }
    if text.starts_with('-') || text.ends_with('-') {
        out.push("must not begin or end with a hyphen".to_owned());
    }
    out
}

/// The number of a port.
pub(crate) fn port_number(number: i64) -> Option<&'static str> {
    (!(1..=65535).contains(&number)).then_some("must be between 1 and 65535, inclusive")
}

/// A percentage, as in `25%`.
pub(crate) fn percent(text: &str) -> Option<String> {
    let digits = text.strip_suffix('%').unwrap_or_default();
    let legal = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    (!legal).then(|| {
        regex("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", &["1%", "93%"])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for name in ["a", "a-b", "0", "a.b-c.d"] {
            assert!(subdomain(name).is_empty(), "{name}");
        }
        for name in ["", "A", "-a", "a-", "a..b", "a_b", "a b", "a/b", "a\0", "é"] {
            assert_eq!(subdomain(name).len(), 1, "{name:?}");
        }
        assert_eq!(label("a.b"), ["must not contain dots"]);
        assert_eq!(label(&"a".repeat(64)), ["must be no more than 63 bytes"]);
        assert!(key("example.com/A_b.c").is_empty() && key("a").is_empty() && value("").is_empty());
        assert_eq!(key("").len(), 2);
        assert_eq!(key("a/b/c").len(), 1);
        assert_eq!(value("a b").len(), 1);
        assert!(port("http-2").is_empty());
        assert_eq!(port("80").len(), 1);
        assert!(percent("25%").is_none() && percent("x%").is_some() && percent("%").is_some());
    }
}
