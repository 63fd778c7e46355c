//! The faults of an object's JSON that a server finds while it decodes it: values of other types than the fields', and
//! fields that it does not know.

use std::collections::VecDeque;

use serde_json::Value;

use super::schema::{NOT_SOURCES, Schema, Shape, TypeId};
use crate::quantity::Quantity;

/// A server names so many unknown fields.
const MOST: usize = 100;

/// What was found.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Decoded {
    /// The first value that can't be decoded, in the words of Go's decoder.
    pub(crate) fault: Option<String>,
    /// Its path.
    pub(crate) field: String,
    /// The paths of the fields that are not known, in the order of their names.
    pub(crate) unknown: Vec<String>,
    /// What may have been meant by the first of them, or what is wrong with the value.
    pub(crate) hint: Option<String>,
}

/// Looks through an object of a type.
pub(crate) fn decode(value: &Value, of: TypeId) -> Decoded {
    let mut walk = Walk { schema: Schema::get(), root: of, owner: "", fields: Vec::new(), found: Decoded::default() };
    walk.object(value, of, "");
    walk.found
}

struct Walk {
    schema: &'static Schema,
    root: TypeId,
    /// The type whose field is being decoded, as Go names it.
    owner: &'static str,
    /// The fields that led here.
    fields: Vec<String>,
    found: Decoded,
}

impl Walk {
    fn object(&mut self, value: &Value, of: TypeId, path: &str) {
        let of = self.schema.of(of);
        let Value::Object(entries) = value else {
            let package = of.name.rsplit_once('/').map_or(of.name, |(_, name)| name);
            return self.mismatch(value, package, path);
        };
        let outer = std::mem::replace(&mut self.owner, of.short());
        for (name, value) in entries {
            let dot = if path.is_empty() { "" } else { "." };
            let path = format!("{path}{dot}{name}");
            match of.field(name) {
                None if self.found.unknown.len() < MOST => {
                    if self.found.hint.is_none() {
                        self.found.hint = self.meant(name, of, &path);
                    }
                    self.found.unknown.push(path);
                }
                None => {}
                Some(field) => {
                    let depth = self.fields.len();
                    self.fields.extend(embedded(of.name, name).map(str::to_owned));
                    self.fields.push(name.clone());
                    self.value(value, &field.shape, &path);
                    self.fields.truncate(depth);
                }
            }
        }
        self.owner = outer;
    }

    fn value(&mut self, value: &Value, shape: &Shape, path: &str) {
        if value.is_null() {
            return;
        }
        match (shape, value) {
            (Shape::Any, _)
            | (Shape::Text(_), Value::String(_))
            | (Shape::Bool, Value::Bool(_))
            | (Shape::Float, Value::Number(_))
            | (Shape::Bytes, Value::String(_))
            | (Shape::IntOrString, Value::String(_)) => {}
            (Shape::Object(of), _) => self.object(value, *of, path),
            (Shape::List(item, _), Value::Array(items)) => {
                for (i, value) in items.iter().enumerate() {
                    self.value(value, item, &format!("{path}[{i}]"));
                }
            }
            (Shape::Map(item, _), Value::Object(entries)) => {
                entries.iter().for_each(|(key, value)| self.value(value, item, &format!("{path}.{key}")));
            }
            (Shape::Int32, Value::Number(number)) => {
                if number.as_i64().and_then(|n| i32::try_from(n).ok()).is_none() {
                    self.wrong(&format!("number {number}"), "int32", path);
                }
            }
            (Shape::Int64, Value::Number(number)) => {
                if number.as_i64().is_none() {
                    self.wrong(&format!("number {number}"), "int64", path);
                }
            }
            (Shape::IntOrString, Value::Number(number)) => {
                if number.as_i64().and_then(|n| i32::try_from(n).ok()).is_none() {
                    self.fail(format!("json: cannot unmarshal number {number} into Go value of type int32"), path);
                }
            }
            (Shape::IntOrString, _) => {
                self.fail(format!("json: cannot unmarshal {} into Go value of type int32", word(value)), path);
            }
            (Shape::Quantity, _) => {
                let text = match value {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                if let Err(fault) = text.trim().parse::<Quantity>() {
                    if self.found.fault.is_none() {
                        self.found.hint = Some(fault.to_string());
                    }
                    self.fail(fault.in_go().to_owned(), path);
                }
            }
            (Shape::Time, Value::String(text)) => {
                if !text.is_empty() && crate::time::seconds(text).is_none() {
                    let layout = "2006-01-02T15:04:05Z07:00";
                    self.fail(format!("parsing time {text:?} as {layout:?}: cannot parse {text:?} as \"2006\""), path);
                }
            }
            (Shape::Time, _) => {
                self.fail(format!("json: cannot unmarshal {} into Go value of type string", word(value)), path);
            }
            (Shape::Text(go), _) => self.mismatch(value, go, path),
            (Shape::Bool, _) => self.mismatch(value, "bool", path),
            (Shape::Int32, _) => self.mismatch(value, "int32", path),
            (Shape::Int64, _) => self.mismatch(value, "int64", path),
            (Shape::Float, _) => self.mismatch(value, "float64", path),
            (Shape::Bytes, _) => self.mismatch(value, "[]uint8", path),
            (Shape::List(item, _), _) => {
                let go = format!("[]{}", self.go(item));
                self.mismatch(value, &go, path);
            }
            (Shape::Map(item, name), _) => {
                let go = if name.is_empty() { format!("map[string]{}", self.go(item)) } else { (*name).to_owned() };
                self.mismatch(value, &go, path);
            }
        }
    }

    /// Go's name of a shape.
    fn go(&self, shape: &Shape) -> String {
        match shape {
            Shape::Text(go) => (*go).to_owned(),
            Shape::Bool => "bool".to_owned(),
            Shape::Int32 => "int32".to_owned(),
            Shape::Int64 => "int64".to_owned(),
            Shape::Float => "float64".to_owned(),
            Shape::Bytes => "[]uint8".to_owned(),
            Shape::Quantity => "resource.Quantity".to_owned(),
            Shape::Time => "v1.Time".to_owned(),
            Shape::IntOrString => "intstr.IntOrString".to_owned(),
            Shape::Any => "interface {}".to_owned(),
            Shape::List(item, _) => format!("[]{}", self.go(item)),
            Shape::Map(item, _) => format!("map[string]{}", self.go(item)),
            Shape::Object(of) => {
                let name = self.schema.of(*of).name;
                name.rsplit_once('/').map_or(name, |(_, name)| name).to_owned()
            }
        }
    }

    fn mismatch(&mut self, value: &Value, go: &str, path: &str) {
        self.wrong(word(value), go, path);
    }

    fn wrong(&mut self, what: &str, go: &str, path: &str) {
        let fault = match self.owner {
            "" => format!("json: cannot unmarshal {what} into Go value of type {go}"),
            owner => {
                let fields = self.fields.join(".");
                format!("json: cannot unmarshal {what} into Go struct field {owner}.{fields} of type {go}")
            }
        };
        self.fail(fault, path);
    }

    fn fail(&mut self, fault: String, path: &str) {
        if self.found.fault.is_none() {
            self.found.fault = Some(fault);
            path.clone_into(&mut self.found.field);
        }
    }

    /// The field that somebody who wrote this one may have meant: one of the same object that is spelt nearly so, or one of
    /// the same name that belongs elsewhere.
    fn meant(&self, name: &str, of: &super::schema::Type, path: &str) -> Option<String> {
        let near = of.fields.iter().map(|field| {
            let (a, b) = (name.to_lowercase(), field.name.to_lowercase());
            let begins = (b.starts_with(&a) || a.starts_with(&b)) && a.len().min(b.len()) > 4;
            (strsim::damerau_levenshtein(&a, &b) + usize::from(begins) / 2, begins, field.name)
        });
        let nearest = near.filter(|(distance, begins, _)| *distance <= 2 || *begins).min();
        let parent = path.strip_suffix(name).unwrap_or_default();
        if let Some((_, _, nearest)) = nearest {
            return Some(format!("did you mean {parent}{nearest}?"));
        }
        let place = self.place_of(name)?;
        Some(format!("{name} belongs at {place}"))
    }

    /// The shortest path to a field of this name.
    fn place_of(&self, name: &str) -> Option<String> {
        let mut seen = vec![self.root];
        let mut open = VecDeque::from([(self.root, String::new())]);
        while let Some((of, path)) = open.pop_front() {
            let of = self.schema.of(of);
            let dot = if path.is_empty() { "" } else { "." };
            if of.field(name).is_some() {
                return Some(format!("{path}{dot}{name}"));
            }
            for field in &of.fields {
                let (inner, mark) = match &field.shape {
                    Shape::Object(inner) => (*inner, ""),
                    Shape::List(item, _) => match &**item {
                        Shape::Object(inner) => (*inner, "[]"),
                        _ => continue,
                    },
                    _ => continue,
                };
                if !seen.contains(&inner) && field.name != "status" {
                    seen.push(inner);
                    open.push_back((inner, format!("{path}{dot}{}{mark}", field.name)));
                }
            }
        }
        None
    }
}

/// The struct that Go has a field in where it is embedded in the type's own: its name is part of the path.
fn embedded(of: &str, field: &str) -> Option<&'static str> {
    let of = of.strip_prefix("core/v1.")?;
    match of {
        "Volume" if field != "name" => Some("VolumeSource"),
        "PersistentVolumeSpec" if !NOT_SOURCES.contains(&field) => Some("PersistentVolumeSource"),
        "Probe" => ["exec", "httpGet", "tcpSocket", "grpc"].contains(&field).then_some("ProbeHandler"),
        "EphemeralContainer" if field != "targetContainerName" => Some("EphemeralContainerCommon"),
        "SecretProjection"
        | "ConfigMapVolumeSource"
        | "ConfigMapProjection"
        | "ConfigMapKeySelector"
        | "SecretKeySelector"
        | "ConfigMapEnvSource"
        | "SecretEnvSource"
            if field == "name" =>
        {
            Some("LocalObjectReference")
        }
        _ => None,
    }
}

/// What Go calls a JSON value.
fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(kind: &str, value: Value) -> Decoded {
        let version = if kind == "Pod" { "v1" } else { "apps/v1" };
        Schema::get().kind(version, kind).map(|served| decode(&value, served.of)).unwrap_or_default()
    }

    #[test]
    fn unknown_fields_are_found_all_at_once() {
        let resources = json!({"limits": null, "cpu": 90, "memory": "900Gi"});
        let spec = json!({"template": {"spec": {"containers": [{"name": "c", "resources": resources}]}}});
        let found = of("Deployment", json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": spec}));
        let at = "spec.template.spec.containers[0].resources";
        assert_eq!((found.fault, found.unknown), (None, vec![format!("{at}.cpu"), format!("{at}.memory")]));
    }

    #[test]
    fn what_may_have_been_meant() {
        let hint = |kind, spec: Value| of(kind, json!({ "spec": spec })).hint.unwrap_or_default();
        assert_eq!(hint("Pod", json!({"nodeselector": {}})), "did you mean spec.nodeSelector?");
        assert_eq!(hint("Pod", json!({"toleration": []})), "did you mean spec.tolerations?");
        assert_eq!(hint("Pod", json!({"priorityClass": "x"})), "did you mean spec.priorityClassName?");
        assert_eq!(
            hint("Deployment", json!({"tolerations": []})),
            "tolerations belongs at spec.template.spec.tolerations"
        );
    }

    // The words are those of kube-apiserver 1.37.2 (tests/controlplane/refused).
    #[test]
    fn values_of_other_types_are_faults_in_gos_words() {
        let required = "requiredDuringSchedulingIgnoredDuringExecution";
        let term = json!({"nodeSelectorTerms": [{"matchExpressions": [{"key": true}]}]});
        let fault = |spec: Value| of("Pod", json!({ "spec": spec })).fault.unwrap_or_default();
        assert_eq!(
            fault(json!({"affinity": {"nodeAffinity": {required: term}}})),
            format!(
                "json: cannot unmarshal bool into Go struct field NodeSelectorRequirement.spec.affinity.nodeAffinity.{required}.nodeSelectorTerms.matchExpressions.key of type string"
            )
        );
        assert_eq!(
            fault(json!({"overhead": {"cpu": "1x2"}})),
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        );
        assert_eq!(
            fault(json!({"containers": {}})),
            "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container"
        );
    }
}
