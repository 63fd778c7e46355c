//! `kubectl apply`: a manifest merged into the live object, as a strategic merge patch of three states does it
//! (kubectl's `apply/patcher.go` and apimachinery's `strategicpatch`, read for behaviour).

use serde_json::{Map, Value};

use super::schema::{Schema, Shape, TypeId};
use super::view;

static NOTHING: Value = Value::Null;

/// Types of which kubectl keeps only the fields that the manifest has.
const RETAIN_KEYS: &[&str] = &["apps/v1.DeploymentStrategy", "core/v1.Volume", "core/v1.PodResourceClaim"];

/// Puts a manifest into `live`. What `last` had, the manifest that was applied before, and this one has not, goes; what neither has stays as
/// others have set it.
pub(crate) fn merge(live: &mut Value, last: &Value, manifest: &Value, of: TypeId) {
    fields(live, last, manifest, Some(of));
}

fn fields(live: &mut Value, last: &Value, manifest: &Value, of: Option<TypeId>) {
    let Value::Object(new) = manifest else { return };
    if !live.is_object() {
        *live = Value::Object(Map::new());
    }
    let Value::Object(there) = live else { return };
    let of = of.map(|of| Schema::get().of(of));
    if let Value::Object(last) = last {
        there.retain(|name, _| new.contains_key(name) || !last.contains_key(name));
    }
    if of.is_some_and(|of| RETAIN_KEYS.contains(&of.name)) {
        there.retain(|name, _| new.contains_key(name));
    }
    for (name, value) in new {
        if value.is_null() {
            there.remove(name);
            continue;
        }
        let shape = of.and_then(|of| of.field(name)).map(|field| &field.shape);
        field(there.entry(name).or_insert(Value::Null), view::sub(last, name), value, shape);
    }
}

fn field(live: &mut Value, last: &Value, new: &Value, shape: Option<&Shape>) {
    match (new, shape) {
        (Value::Object(_), Some(Shape::Object(of))) => fields(live, last, new, Some(*of)),
        (Value::Object(_), Some(Shape::Map(..))) => fields(live, last, new, None),
        (Value::Array(items), Some(Shape::List(item, Some(key)))) => list(live, last, items, item, key),
        _ => new.clone_into(live),
    }
}

/// Items belong together by their key. The manifest's order leads; items that only the live object has keep their places among them.
fn list(live: &mut Value, last: &Value, new: &[Value], item: &Shape, key: &str) {
    let name = |item: &Value| item.get(key).cloned().unwrap_or_default();
    let find = |items: &[Value], wanted: &Value| items.iter().position(|item| name(item) == *wanted);
    let mut there = match live.take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    let order: Vec<Value> = there.clone();
    let last = last.as_array().map_or(&[][..], Vec::as_slice);
    let mut merged = Vec::with_capacity(new.len() + there.len());
    for value in new {
        let wanted = name(value);
        let before = find(last, &wanted).map_or(&NOTHING, |at| &last[at]);
        let mut it = find(&there, &wanted).map_or(Value::Null, |at| there.remove(at));
        field(&mut it, before, value, Some(item));
        merged.push(it);
    }
    there.retain(|item| find(last, &name(item)).is_none());
    *live = Value::Array(interleaved(there, merged, |item| find(&order, &name(item))));
}

/// Items that only the live object has stand before the first of the manifest's that comes later in the live order.
fn interleaved(theirs: Vec<Value>, ours: Vec<Value>, place: impl Fn(&Value) -> Option<usize>) -> Vec<Value> {
    let mut all = Vec::with_capacity(theirs.len() + ours.len());
    let mut theirs = theirs.into_iter().peekable();
    for item in ours {
        while let Some(their) =
            theirs.next_if(|their| matches!((place(their), place(&item)), (Some(a), Some(b)) if a < b))
        {
            all.push(their);
        }
        all.push(item);
    }
    all.extend(theirs);
    all
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::schema::Schema;
    use super::merge;

    fn deployment(spec: Value, containers: Value) -> Value {
        let mut it = json!({"metadata": {"name": "web"}, "spec": {"template": {"spec": {"containers": containers}}}});
        let Value::Object(fields) = spec else { return it };
        it["spec"].as_object_mut().expect("it is one").extend(fields);
        it
    }

    /// Each as `kubectl apply` of 1.37 does it.
    #[test]
    fn fields_of_others_stay_and_those_given_up_go() {
        let of = Schema::get().kind("apps/v1", "Deployment").expect("it is served").of;
        let live = || {
            let containers = json!([
                {"name": "web", "image": "a", "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}},
                {"name": "sidecar", "image": "s"},
            ]);
            deployment(
                json!({"replicas": 7, "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}),
                containers,
            )
        };
        let after = |last: Value, new: Value| {
            let mut it = live();
            merge(&mut it, &last, &new, of);
            it
        };
        let new = deployment(
            json!({"strategy": {"type": "Recreate"}}),
            json!([{"name": "web", "image": "b", "resources": {"requests": {"cpu": "2"}}}]),
        );
        // Nothing is known of what was applied: an autoscaler's number, an injected sidecar and a request stay.
        let merged = after(Value::Null, new.clone());
        assert_eq!(merged["spec"]["replicas"], 7);
        assert_eq!(merged["spec"]["strategy"], json!({"type": "Recreate"}));
        assert_eq!(
            merged["spec"]["template"]["spec"]["containers"],
            json!([
                {"name": "web", "image": "b", "resources": {"requests": {"cpu": "2", "memory": "1Gi"}}},
                {"name": "sidecar", "image": "s"},
            ])
        );
        // What was applied and is no longer in the manifest goes.
        let last = deployment(
            json!({"replicas": 3}),
            json!([{"name": "web", "image": "a", "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}, {"name": "sidecar"}]),
        );
        let merged = after(last, new);
        assert_eq!(merged["spec"].get("replicas"), None);
        assert_eq!(
            merged["spec"]["template"]["spec"]["containers"],
            json!([{"name": "web", "image": "b", "resources": {"requests": {"cpu": "2"}}}])
        );
    }
}
