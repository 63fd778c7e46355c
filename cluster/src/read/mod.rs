//! Reads Kubernetes objects from JSON and YAML: lists, single objects, several documents, files, directories, stdin.
//!
//! A reading gives all objects of an input or an error; nothing is half-read. Kinds that no decision looks at are
//! skipped and counted.

mod check;
mod depth;
mod fault;
mod json;
mod list;
mod sink;
mod yaml;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::objects::Object;
use crate::visible::visible;
pub(crate) use fault::plain;
use sink::Sink;

/// What an input held.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// Its name in errors: the path, or `stdin`.
    pub source: String,
    /// The objects, in the order of the input.
    pub objects: Vec<Object>,
    /// `KubeSchedulerConfiguration`s, as they stand.
    pub configurations: Vec<Value>,
    /// What was not read.
    pub skipped: Skipped,
}

impl Input {
    fn named(mut self, source: &str) -> Self {
        source.clone_into(&mut self.source);
        self
    }
}

/// Kinds that were not read, and how many objects of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped(BTreeMap<(String, String), usize>);

impl Skipped {
    /// Was everything read?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `(apiVersion, kind, how many)`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        self.0.iter().map(|((version, kind), count)| (version.as_str(), kind.as_str(), *count))
    }

    /// Adds the counts of another input.
    pub fn merge(&mut self, other: &Skipped) {
        for (key, count) in &other.0 {
            *self.0.entry(key.clone()).or_default() += count;
        }
    }

    fn add(&mut self, api_version: &str, kind: &str) {
        *self.0.entry((api_version.to_owned(), kind.to_owned())).or_default() += 1;
    }
}

impl fmt::Display for Skipped {
    /// `2 Event (v1), 1 Lease (coordination.k8s.io/v1)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (version, kind, count)) in self.iter().enumerate() {
            write!(f, "{}{count} {} ({})", if i == 0 { "" } else { ", " }, visible(kind), visible(version))?;
        }
        Ok(())
    }
}

/// Reads bytes; `source` names them in errors.
///
/// # Errors
/// Names the object, the field and what is legal.
pub fn from_bytes(bytes: &[u8], source: &str) -> Result<Input, Error> {
    from_bytes_in(bytes, source, None)
}

/// Reads bytes as `kubectl apply --namespace` does: objects that name no namespace belong to the one given, and objects
/// that name another are an error.
///
/// # Errors
/// Names the object, the field and what is legal.
pub fn from_bytes_in(bytes: &[u8], source: &str, namespace: Option<&str>) -> Result<Input, Error> {
    text(bytes)
        .and_then(|text| parse(text, namespace))
        .map(|input| input.named(source))
        .map_err(|e| e.in_source(source))
}

/// Reads a text; `source` names it in errors.
///
/// # Errors
/// Names the object, the field and what is legal.
pub fn from_text(text: &str, source: &str) -> Result<Input, Error> {
    parse(text, None).map(|input| input.named(source)).map_err(|e| e.in_source(source))
}

/// Takes one object that is JSON already.
///
/// # Errors
/// Names the object, the field and what is legal; a kind that is not read is an error here.
pub fn from_value(value: &Value) -> Result<Object, Error> {
    let mut sink = Sink::default();
    sink.document();
    sink.value(&value.to_string(), "")?;
    let mut input = sink.finish()?;
    match (input.objects.len(), input.objects.pop()) {
        (1, Some(object)) => Ok(object),
        (0, _) => Err(Error::new(ErrorKind::Unsupported, "this kind is not read")),
        _ => Err(Error::input("a list where one object was expected")),
    }
}

/// Reads one file, all `.json`, `.yaml` and `.yml` files of a directory, or stdin where the path is `-`.
///
/// # Errors
/// Names the file, the object, the field and what is legal.
pub fn from_path(path: impl AsRef<Path>) -> Result<Input, Error> {
    from_path_in(path, None)
}

/// Reads what [`from_path`] does, as `kubectl apply --namespace` does; see [`from_bytes_in`].
///
/// # Errors
/// Names the file, the object, the field and what is legal.
pub fn from_path_in(path: impl AsRef<Path>, namespace: Option<&str>) -> Result<Input, Error> {
    let path = path.as_ref();
    if path == Path::new("-") {
        return stdin(namespace);
    }
    if !path.is_dir() {
        return from_file(path, namespace);
    }
    let mut all = Input::default().named(&path.display().to_string());
    for file in manifests(path)? {
        let input = from_file(&file, namespace)?;
        all.objects.extend(input.objects);
        all.configurations.extend(input.configurations);
        all.skipped.merge(&input.skipped);
    }
    Ok(all)
}

/// Reads stdin to its end.
///
/// # Errors
/// As [`from_bytes`].
pub fn from_stdin() -> Result<Input, Error> {
    stdin(None)
}

fn stdin(namespace: Option<&str>) -> Result<Input, Error> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|e| unreadable(&e).in_source("stdin"))?;
    from_bytes_in(&bytes, "stdin", namespace)
}

fn from_file(path: &Path, namespace: Option<&str>) -> Result<Input, Error> {
    let source = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|e| unreadable(&e).in_source(&source))?;
    from_bytes_in(&bytes, &source, namespace)
}

/// The files of a directory that `kubectl apply -f` would take, in name order.
fn manifests(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let source = directory.display().to_string();
    let entries = std::fs::read_dir(directory).map_err(|e| unreadable(&e).in_source(&source))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| unreadable(&e).in_source(&source))?.path();
        let manifest = path.extension().is_some_and(|e| e == "json" || e == "yaml" || e == "yml");
        if manifest && !path.is_dir() {
            files.push(path);
        }
    }
    if files.is_empty() {
        return Err(Error::input("no .json, .yaml or .yml file in this directory").in_source(source));
    }
    files.sort();
    Ok(files)
}

fn unreadable(error: &std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::NotFound => Error::new(ErrorKind::NotFound, "no such file or directory"),
        _ => Error::new(ErrorKind::Io, error.to_string()),
    }
}

fn text(bytes: &[u8]) -> Result<&str, Error> {
    let utf16 =
        bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.iter().take(4).any(|b| *b == 0);
    if utf16 {
        return Err(Error::input("the input is not UTF-8 (it looks like UTF-16)").hint("save it as UTF-8"));
    }
    std::str::from_utf8(bytes).map_err(|e| {
        let line = 1 + bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count();
        Error::input(format!("the input is not UTF-8 at line {line}, byte {}", e.valid_up_to()))
            .hint("save it as UTF-8")
    })
}

fn parse(text: &str, namespace: Option<&str>) -> Result<Input, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut sink = Sink::of_namespace(namespace);
    if json::is_json(text) {
        json::read(text, &mut sink)?;
    } else {
        yaml::read(text, &mut sink)?;
    }
    sink.finish()
}

#[cfg(test)]
mod tests;
