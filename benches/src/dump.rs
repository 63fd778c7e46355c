//! A large dump: the example city's objects, again and again under new names.

use serde_json::Value;

/// The example city, as `kubectl get … -o json` gave it.
const CITY: &str = include_str!("../../examples/city.json");

/// A `List` of at least so many bytes, indented as kubectl indents.
///
/// # Panics
/// Where the example is not a list of objects.
#[must_use]
pub fn grown(bytes: usize) -> Vec<u8> {
    let city: Value = serde_json::from_str(CITY).expect("the example is JSON");
    let items = city["items"].as_array().expect("the example is a list");
    let mut text = b"{\n    \"apiVersion\": \"v1\",\n    \"kind\": \"List\",\n    \"items\": [\n".to_vec();
    let mut first = true;
    let mut copy = 0;
    while text.len() < bytes {
        for item in items {
            if !first {
                text.extend_from_slice(b",\n");
            }
            first = false;
            let mut item = item.clone();
            rename(&mut item, copy);
            text.extend(indented(&item));
        }
        copy += 1;
    }
    text.extend_from_slice(b"\n    ]\n}\n");
    text
}

/// The objects of so many copies of the example city, each with workloads of its own: other names, and other `app` labels in pods
/// and selectors. A copy has 32 nodes and 229 pods, 9 of them pending.
///
/// # Panics
/// Where the example is not a list of objects.
#[must_use]
pub fn cities(copies: usize) -> Vec<Value> {
    let city: Value = serde_json::from_str(CITY).expect("the example is JSON");
    let items = city["items"].as_array().expect("the example is a list");
    let copy = |copy| {
        items.iter().cloned().map(move |mut item| {
            rename(&mut item, copy);
            relabel(&mut item, copy);
            item
        })
    };
    (0..copies).flat_map(copy).collect()
}

/// Gives the workloads of a copy `app` labels of their own.
fn relabel(item: &mut Value, copy: usize) {
    match item {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(app) if key == "app" && copy > 0 => *app += &format!("-{copy}"),
                    other => relabel(other, copy),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| relabel(item, copy)),
        _ => {}
    }
}

/// Gives an object of a copy another name, and what it refers to too.
fn rename(item: &mut Value, copy: usize) {
    if copy == 0 {
        return;
    }
    let again = |name: &mut Value| {
        if let Some(text) = name.as_str() {
            *name = Value::from(format!("{text}-{copy}"));
        }
    };
    // Cluster-wide objects and namespaced ones alike; namespaces stay, so that their pods' selectors meet all copies.
    again(&mut item["metadata"]["name"]);
    if let Some(owners) = item["metadata"].get_mut("ownerReferences").and_then(Value::as_array_mut) {
        owners.iter_mut().for_each(|owner| again(&mut owner["name"]));
    }
    if let Some(node) = item["spec"].get_mut("nodeName") {
        again(node);
    }
    if let Some(name) = item["metadata"]["labels"].get_mut("kubernetes.io/hostname") {
        again(name);
    }
    if item["kind"] == "PriorityClass" {
        item.as_object_mut().map(|class| class.remove("globalDefault"));
    }
}

/// The object as kubectl prints an item of a list.
fn indented(item: &Value) -> Vec<u8> {
    let plain = serde_json::to_string_pretty(item).expect("a value is JSON");
    let mut text = Vec::with_capacity(plain.len() * 2);
    for (at, line) in plain.lines().enumerate() {
        if at > 0 {
            text.push(b'\n');
        }
        let depth = line.len() - line.trim_start().len();
        text.resize(text.len() + 8 + depth * 2, b' ');
        text.extend_from_slice(line.trim_start().as_bytes());
    }
    text
}
