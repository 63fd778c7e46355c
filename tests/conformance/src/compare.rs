//! Where two steps differ, field by field.

use bayplan_reference::vector::Step;
use serde_json::Value;

/// Every leaf in which the steps differ, as (path, expected, found).
///
/// The comparison runs over the serialised steps, so that a field that is added to the vectors is compared by itself.
pub fn differences(expected: &Step, found: &Step) -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    walk("", &value(expected), &value(found), &mut out);
    out
}

fn value(step: &Step) -> Value {
    serde_json::to_value(step).expect("a step is strings, numbers and maps with string keys")
}

fn walk(path: &str, expected: &Value, found: &Value, out: &mut Vec<(String, String, String)>) {
    match (expected, found) {
        (Value::Object(left), Value::Object(right)) => {
            let mut keys: Vec<&String> =
                left.keys().chain(right.keys().filter(|key| !left.contains_key(*key))).collect();
            keys.sort();
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match (left.get(key), right.get(key)) {
                    (Some(left), Some(right)) => walk(&path, left, right, out),
                    (left, right) => out.push((path, text(left), text(right))),
                }
            }
        }
        _ if expected == found => {}
        _ => out.push((path.to_string(), text(Some(expected)), text(Some(found)))),
    }
}

fn text(value: Option<&Value>) -> String {
    value.map_or_else(|| "(absent)".to_string(), Value::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(json: &str) -> Step {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn names_the_leaf() {
        let left = step(r#"{"pod":"a/b","scores":{"n":{"X":1,"Y":2}},"best":["n"]}"#);
        let right = step(r#"{"pod":"a/b","scores":{"n":{"X":1,"Y":3}}}"#);
        let found = differences(&left, &right);
        let paths: Vec<&str> = found.iter().map(|d| d.0.as_str()).collect();
        assert_eq!(paths, ["best", "scores.n.Y"]);
        assert_eq!((found[1].1.as_str(), found[1].2.as_str()), ("2", "3"));
    }

    #[test]
    fn no_row_is_not_a_row_of_nought() {
        let left = step(r#"{"scores":{"n":{"X":0}}}"#);
        let right = step(r#"{"scores":{"n":{}}}"#);
        assert_eq!(differences(&left, &right), [("scores.n.X".into(), "0".into(), "(absent)".into())]);
    }

    #[test]
    fn null_reasons_are_not_empty_reasons() {
        let left = step(r#"{"filtered":{"n":{"plugin":"P","code":"C","reasons":null}}}"#);
        let right = step(r#"{"filtered":{"n":{"plugin":"P","code":"C","reasons":[]}}}"#);
        assert_eq!(differences(&left, &right).len(), 1);
    }

    #[test]
    fn preemption_counts() {
        let left = step(r#"{"preemption":{"message":"x"}}"#);
        let right = step("{}");
        assert_eq!(differences(&left, &right).len(), 1);
    }
}
