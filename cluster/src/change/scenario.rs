//! Named lists of changes, and what must hold after them: `kind: Scenarios` of apiVersion `bayplan/v1`.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Change;
use crate::error::Error;

/// A document of scenarios.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Scenarios {
    /// In their order.
    pub scenarios: Vec<Scenario>,
}

/// Changes, and what must hold after them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Scenario {
    /// What it is called; no two have the same name.
    pub name: String,
    /// In their order.
    pub changes: Vec<Change>,
    /// What must hold.
    #[serde(rename = "assert", skip_serializing_if = "Vec::is_empty")]
    pub assertions: Vec<Assertion>,
}

/// Something that must hold: of what is counted there is at most so much.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assertion {
    /// What is counted.
    pub count: Counted,
    /// Only pods of at least this priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_priority: Option<i32>,
    /// Only workloads of this name: `shop/*`, `shop/ads`, `ads`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload: Option<String>,
    /// Of which resource, where a utilisation is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// How much there may be: pods, or percent of what nodes can give. 0 by default.
    #[serde(default)]
    pub at_most: f64,
}

/// What an [`Assertion`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Counted {
    /// Pods that workloads ask for and that are on no node.
    Missing,
    /// The same, those left out that were missing before.
    NewlyMissing,
    /// Pods that are gone for good.
    Lost,
    /// Pods that are on another node.
    Moved,
    /// Pods that were evicted to make room for others.
    Preempted,
    /// Nodes that could not be drained.
    NotDrained,
    /// How many percent of a resource are requested.
    Utilisation,
}

impl Scenarios {
    /// Reads a document that is JSON already. Files in it are named from where `path` is.
    ///
    /// # Errors
    /// Names the scenario, the change and what is wrong.
    pub fn from_value(value: &Value, path: Option<&Path>) -> Result<Self, Error> {
        let source = path.map(|path| path.display().to_string()).unwrap_or_default();
        Self::read(value, path).map_err(|error| if source.is_empty() { error } else { error.in_source(source) })
    }

    fn read(value: &Value, path: Option<&Path>) -> Result<Self, Error> {
        let (version, kind) = (&value["apiVersion"], &value["kind"]);
        if version != "bayplan/v1" || kind != "Scenarios" {
            let problem = format!("it is {kind} of {version}, and not Scenarios of \"bayplan/v1\"");
            return Err(Error::input(problem).hint("begin with apiVersion: bayplan/v1 and kind: Scenarios"));
        }
        only(value, &["apiVersion", "kind", "metadata", "scenarios"], "")?;
        let list = value["scenarios"].as_array().ok_or_else(|| Error::input("it is no list").at("scenarios"))?;
        let mut scenarios: Vec<Scenario> = Vec::new();
        for (at, item) in list.iter().enumerate() {
            let field = format!("scenarios[{at}]");
            let scenario = Scenario::read(item, &field, path)?;
            if scenarios.iter().any(|other| other.name == scenario.name) {
                let error = Error::input(format!("two scenarios are called {}", scenario.name));
                return Err(error.at(format!("{field}.name")));
            }
            scenarios.push(scenario);
        }
        Ok(Scenarios { scenarios })
    }

    /// The document.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::json!({ "apiVersion": "bayplan/v1", "kind": "Scenarios", "scenarios": self.scenarios })
    }
}

impl Scenario {
    fn read(value: &Value, field: &str, path: Option<&Path>) -> Result<Self, Error> {
        only(value, &["name", "changes", "assert"], field)?;
        let name = value["name"].as_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Error::input("it is missing").at(format!("{field}.name")))?.to_owned();
        let list = |key: &str| -> Result<&[Value], Error> {
            match &value[key] {
                Value::Null => Ok(&[]),
                Value::Array(items) => Ok(items),
                _ => Err(Error::input("it is no list").at(format!("{field}.{key}"))),
            }
        };
        let mut changes = Vec::new();
        for (at, item) in list("changes")?.iter().enumerate() {
            let change = Change::from_value(item.clone()).map_err(|e| under(e, &format!("{field}.changes[{at}]")))?;
            changes.push(change.beside(path));
        }
        let mut assertions = Vec::new();
        for (at, item) in list("assert")?.iter().enumerate() {
            let at = format!("{field}.assert[{at}]");
            let assertion: Assertion = serde_json::from_value(item.clone()).map_err(|e| {
                let hint = "write it as in {count: missing, minPriority: 1000, atMost: 0}";
                Error::input(e.to_string()).at(at.clone()).hint(hint)
            })?;
            if (assertion.count == Counted::Utilisation) != assertion.resource.is_some() {
                let hint = "write it as in {count: utilisation, resource: cpu, atMost: 80}";
                return Err(Error::input("utilisation and resource belong together").at(at).hint(hint));
            }
            assertions.push(assertion);
        }
        Ok(Scenario { name, changes, assertions })
    }
}

impl Change {
    /// The same with files named from where a document is.
    fn beside(self, path: Option<&Path>) -> Self {
        match (self, path) {
            (Change::Apply(manifests), Some(path)) => Change::Apply(manifests.beside(path)),
            (Change::AddNodes(mut add), Some(path)) => {
                let folder = path.parent().unwrap_or(Path::new(""));
                add.file = add.file.map(|file| folder.join(file).display().to_string());
                Change::AddNodes(add)
            }
            (Change::Config(Value::String(file)), Some(path)) => {
                let folder = path.parent().unwrap_or(Path::new(""));
                Change::Config(Value::String(folder.join(file).display().to_string()))
            }
            (other, _) => other,
        }
    }
}

fn under(error: Error, field: &str) -> Error {
    let inner = error.field().to_owned();
    error.at(if inner.is_empty() { field.to_owned() } else { format!("{field}.{inner}") })
}

/// No other fields: a word that is misspelt would do nothing, and nobody would know.
fn only(value: &Value, known: &[&str], field: &str) -> Result<(), Error> {
    let Some(fields) = value.as_object() else {
        return Err(Error::input("it is no object").at(if field.is_empty() { "scenarios" } else { field }));
    };
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(unknown) => {
            let at = if field.is_empty() { unknown.clone() } else { format!("{field}.{unknown}") };
            Err(Error::input("there is no such field").at(at).hint(format!("such are {}", known.join(", "))))
        }
    }
}
