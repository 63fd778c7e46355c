//! Faults of fields, in the words of Kubernetes' `field.Error`.

use std::fmt;

use serde_json::Value;

use crate::refusal::quoted;

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Its path, as in `spec.containers[0].name`.
    pub(crate) field: String,
    /// As in `Required value`, `Invalid value: "a": …`.
    pub(crate) problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

/// The faults found so far.
#[derive(Default)]
pub(crate) struct Faults(pub(super) Vec<Fault>);

impl Faults {
    fn add(&mut self, field: impl Into<String>, problem: &str, detail: &str) {
        let colon = if detail.is_empty() { "" } else { ": " };
        self.0.push(Fault { field: field.into(), problem: format!("{problem}{colon}{detail}") });
    }

    pub(super) fn required(&mut self, field: impl Into<String>, detail: &str) {
        self.add(field, "Required value", detail);
    }

    pub(super) fn forbidden(&mut self, field: impl Into<String>, detail: &str) {
        self.add(field, "Forbidden", detail);
    }

    pub(super) fn invalid(&mut self, field: impl Into<String>, value: impl Shown, detail: &str) {
        self.add(field, &format!("Invalid value: {}", value.shown()), detail);
    }

    pub(super) fn duplicate(&mut self, field: impl Into<String>, value: impl Shown) {
        self.add(field, &format!("Duplicate value: {}", value.shown()), "");
    }

    /// A duplicate with something to say.
    pub(super) fn repeated(&mut self, field: impl Into<String>, value: impl Shown, detail: &str) {
        self.add(field, &format!("Duplicate value: {}", value.shown()), detail);
    }

    pub(super) fn not_found(&mut self, field: impl Into<String>, value: impl Shown, detail: &str) {
        self.add(field, &format!("Not found: {}", value.shown()), detail);
    }

    pub(super) fn too_long(&mut self, field: impl Into<String>, most: usize) {
        self.add(field, "Too long", &format!("may not be more than {most} bytes"));
    }

    pub(super) fn unsupported(&mut self, field: impl Into<String>, value: impl Shown, supported: &[&str]) {
        let supported: Vec<String> = supported.iter().map(|word| word.shown()).collect();
        let detail = format!("supported values: {}", supported.join(", "));
        self.add(field, &format!("Unsupported value: {}", value.shown()), &detail);
    }

    /// Each message of a rule is a fault of its own.
    pub(super) fn each(&mut self, field: &str, value: &str, messages: Vec<String>) {
        messages.iter().for_each(|message| self.invalid(field, value, message));
    }
}

/// How a value stands in a fault.
pub(crate) trait Shown {
    fn shown(&self) -> String;
}

impl Shown for &str {
    fn shown(&self) -> String {
        quoted(self)
    }
}

impl Shown for &String {
    fn shown(&self) -> String {
        self.as_str().shown()
    }
}

impl Shown for i64 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for &Value {
    /// A text as Go quotes it, all else as JSON.
    fn shown(&self) -> String {
        match self {
            Value::String(text) => text.shown(),
            other => other.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_stand_as_in_go() {
        assert_eq!("a\"b\\\n\u{1}é\u{200b}".shown(), "\"a\\\"b\\\\\\n\\x01é\\u200b\"");
        // strconv.Quote of Go 1.26.
        assert_eq!("\u{7}\u{8}\u{b}\u{c}\u{1b}\u{a0}\u{202e}".shown(), r#""\a\b\v\f\x1b\u00a0\u202e""#);
        assert_eq!((&json!({"b": 1, "a": [true]})).shown(), r#"{"a":[true],"b":1}"#);
        let mut faults = Faults::default();
        faults.unsupported("spec.x", "y", &["A", "B"]);
        assert_eq!(faults.0[0].to_string(), "spec.x: Unsupported value: \"y\": supported values: \"A\", \"B\"");
    }
}
