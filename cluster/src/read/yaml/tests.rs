//! `tests/data/yaml.ndjson` holds what sigs.k8s.io/yaml v1.6.0, which kubectl reads with, makes of many documents;
//! `yaml.go.txt` beside it is the Go program that wrote it.

use serde::Deserialize;
use serde_json::Value;

use super::Documents;
use crate::error::Error;

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "in")]
    text: String,
    #[serde(default)]
    err: bool,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    json: Value,
}

/// The first document of a text.
fn first(text: &str) -> Result<Value, String> {
    let mut values = Vec::new();
    let read = Documents::new(text).each(|json, _| {
        values.push(json.map_err(Error::input)?);
        Ok(())
    });
    read.map_err(|e| e.to_string())?;
    Ok(values.first().map_or(Value::Null, |json| serde_json::from_str(json).expect("JSON")))
}

/// Numbers by value: 1.0 and 1 are the same to every reader behind.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// Where we differ, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("k: !!binary aGk=\n", "no field that is read holds bytes, so an error is the better answer"),
    ("1: a\n'1': b\n", "two keys for YAML, one for JSON, of which kubectl keeps the last"),
    ("\ta: b\n", "the scanner lets a leading tab pass; the meaning is plain"),
];

#[test]
fn documents_read_as_kubectl_reads_them() {
    let rows = include_str!("../../../tests/data/yaml.ndjson").lines();
    let (mut faults, mut count, mut wrong) = (Vec::new(), 0, 0);
    for row in rows {
        let row: Row = serde_json::from_str(row).expect(row);
        if DIFFERENT.iter().any(|(text, _)| *text == row.text) {
            continue;
        }
        count += 1;
        wrong += usize::from(row.err);
        match first(&row.text) {
            Ok(value) if row.err => faults.push(format!("{:?} is an error, not {value}", row.text)),
            Ok(value) if !same(&value, &row.json) => {
                faults.push(format!("{:?} is {}, not {value}", row.text, row.json))
            }
            // Twice the same key: kubectl takes the last one, its strict mode and we refuse.
            Err(error) if row.strict && error.contains("is twice") => {}
            Err(error) if !row.err => faults.push(format!("{:?} is {}, not an error: {error}", row.text, row.json)),
            _ => {}
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count > 190 && wrong > 15, "{count} documents, {wrong} wrong");
}

#[test]
fn deep_and_swelling_documents_are_errors() {
    for text in ["[".repeat(10_000), "a: ".to_owned() + &"{a: ".repeat(10_000), "- ".repeat(10_000)] {
        let error = first(&text).expect_err("too deep");
        assert!(error.contains("nested more than 500 levels") || error.contains("recursion limit"), "{error}");
    }
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..10 {
        let (alias, last) = (format!("*a{}, ", i - 1).repeat(10), i);
        bomb += &format!("a{last}: &a{last} [{alias}]\n");
    }
    assert!(first(&bomb).expect_err("a bomb").contains("aliases and merge keys add more than"));
}
