//! An object as a server stores it: what Go's types leave out where it is zero is left out, and what they always write is there.

use serde_json::Value;

use super::schema::{Schema, Shape, TypeId};
use super::view;
use crate::quantity::Quantity;

/// Brings the JSON of an object into the form in which a server gives it back. Fields that are not known stay.
pub(crate) fn normalise(value: &mut Value, of: TypeId) {
    let Value::Object(entries) = value else { return };
    let of = Schema::get().of(of);
    for field in &of.fields {
        let always = !field.omitted && !field.pointer && matches!(field.shape, Shape::Object(_));
        // `resources` and `strategy` are structs, which Go writes even where they are empty.
        let is_struct = !field.pointer && matches!(field.shape, Shape::Object(_));
        if always || is_struct && is_written(of.name, field.name) {
            view::object(entries, field.name);
        }
    }
    entries.retain(|name, value| {
        let Some(field) = of.field(name) else { return true };
        shape(value, &field.shape);
        if field.pointer {
            return !value.is_null();
        }
        let is_struct = matches!(field.shape, Shape::Object(_));
        !value.is_null() && (is_struct || !field.omitted || !view::is_zero(value))
    });
}

/// Structs that the server writes where they are empty, though Go's tag says that they may be left out.
fn is_written(of: &str, field: &str) -> bool {
    match field {
        "metadata" => of == "core/v1.PersistentVolumeClaimTemplate",
        "status" => false,
        _ => of != "core/v1.EphemeralContainer" || field == "resources",
    }
}

fn shape(value: &mut Value, of: &Shape) {
    match (of, value) {
        (Shape::Object(of), value) => normalise(value, *of),
        (Shape::List(item, _), Value::Array(items)) => items.iter_mut().for_each(|value| shape(value, item)),
        (Shape::Map(item, "v1.ResourceList"), Value::Object(entries)) => {
            for value in entries.values_mut() {
                shape(value, item);
                if let Some(amount) = quantity(value) {
                    *value = amount.rounded_to_milli().to_string().into();
                }
            }
        }
        (Shape::Map(item, _), Value::Object(entries)) => entries.values_mut().for_each(|value| shape(value, item)),
        (Shape::Quantity, value) => {
            if let Some(amount) = quantity(value) {
                *value = amount.to_string().into();
            }
        }
        _ => {}
    }
}

/// A quantity of JSON, which may be a number.
pub(crate) fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}
