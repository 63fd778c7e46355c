//! Reading JSON of which any part may be absent: what is absent, null or of another type reads as nothing.

use serde_json::{Map, Value};

pub(crate) type Object = Map<String, Value>;

static NOTHING: Value = Value::Null;

/// A field of an object.
pub(crate) fn get<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.get(name).filter(|value| !value.is_null())
}

/// A field that may be absent, to look into.
pub(crate) fn sub<'v>(value: &'v Value, name: &str) -> &'v Value {
    value.get(name).unwrap_or(&NOTHING)
}

/// A field of a field of … an object.
pub(crate) fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    path.iter().fold(value, |value, name| sub(value, name))
}

pub(crate) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn number(value: &Value, name: &str) -> Option<i64> {
    value.get(name).and_then(Value::as_i64)
}

pub(crate) fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

pub(crate) fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The entries of an object in the order of their names.
pub(crate) fn entries<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = (&'v str, &'v Value)> {
    value.get(name).and_then(Value::as_object).into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// The texts of a list.
pub(crate) fn texts<'v>(value: &'v Value, name: &str) -> Vec<&'v str> {
    list(value, name).iter().map(|item| item.as_str().unwrap_or_default()).collect()
}

/// A field that is an object, made where it is absent.
pub(crate) fn object<'v>(of: &'v mut Object, name: &str) -> &'v mut Object {
    let value = of.entry(name).or_insert(Value::Null);
    if !value.is_object() {
        *value = Value::Object(Object::new());
    }
    match value {
        Value::Object(object) => object,
        _ => unreachable!("it was made an object above"),
    }
}

/// Sets a field that is absent.
pub(crate) fn set_default(of: &mut Object, name: &str, value: impl Into<Value>) {
    let there = of.entry(name).or_insert(Value::Null);
    if there.is_null() {
        *there = value.into();
    }
}

/// Sets a field that is absent or empty.
pub(crate) fn set_if_empty(of: &mut Object, name: &str, value: impl Into<Value>) {
    let there = of.entry(name).or_insert(Value::Null);
    if is_zero(there) {
        *there = value.into();
    }
}

/// Is it what a field is without being set?
pub(crate) fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}
