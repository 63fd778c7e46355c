//! Nulls in lists and maps: Go decodes each as the zero value of what stands there.

use serde_json::Value;

use super::schema::{Schema, Shape, TypeId};

/// Puts zero values in the place of nulls that are items of lists or values of maps. A null field is an absent one already.
pub(crate) fn fill(value: &mut Value, of: TypeId) {
    let Value::Object(fields) = value else { return };
    let of = Schema::get().of(of);
    for (name, value) in fields {
        if let Some(field) = of.field(name) {
            within(value, &field.shape);
        }
    }
}

fn within(value: &mut Value, shape: &Shape) {
    match (shape, value) {
        (Shape::Object(of), value) => fill(value, *of),
        (Shape::List(item, _), Value::Array(items)) => items.iter_mut().for_each(|value| item_of(value, item)),
        (Shape::Map(item, _), Value::Object(entries)) => entries.values_mut().for_each(|value| item_of(value, item)),
        _ => {}
    }
}

fn item_of(value: &mut Value, shape: &Shape) {
    if value.is_null() {
        *value = match shape {
            Shape::Text(_) => "".into(),
            Shape::Quantity => "0".into(),
            Shape::Bool => false.into(),
            Shape::Int32 | Shape::Int64 | Shape::Float => 0.into(),
            Shape::Object(_) => Value::Object(Default::default()),
            _ => Value::Null,
        };
    }
    within(value, shape);
}
