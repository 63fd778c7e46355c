//! Reads Kubernetes objects from JSON and YAML: lists, single objects, several documents, files, directories, stdin.
//!
//! A reading gives all objects of an input or an error; nothing is half-read. Kinds that no decision looks at are
//! skipped and counted.
//!
//! An object that has a uid is *live*: an API server has taken it, so that a newer server's fields are passed over. Any other is *written*,
//! and is held to the fields that a server knows, as kubectl has it held to them. [`Reading`] sets otherwise.

mod check;
mod depth;
mod fault;
mod json;
mod list;
mod packed;
mod sink;
mod special;
mod written;
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
    /// Where in other objects the text of a `KubeSchedulerConfiguration` stands, as in `ConfigMap kube-system/scheduler, data.config.yaml`.
    pub embedded: Vec<String>,
    /// What was not read.
    pub skipped: Skipped,
    /// What of that makes pods, as its template shows: these pods are not in any answer.
    pub unknown_workloads: Skipped,
    /// What was taken, but is not as it should be.
    pub warnings: Vec<String>,
    /// Objects that were refused; only where [`Reading::keep_refused`] asks for them.
    pub refused: Vec<Error>,
}

impl Input {
    /// What makes pods and is of a kind that is not known here, so that its pods are in no answer.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        let unknown = self.unknown_workloads.iter();
        unknown
            .map(|(version, kind, count)| {
                format!("{count} {kind} ({version}) left out: the kind makes pods, and is not known here")
            })
            .collect()
    }

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

/// What is done about fields that no API server knows, as by kubectl's `--validate`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validation {
    /// The object is refused.
    #[default]
    Strict,
    /// They are left out, with a warning.
    Warn,
    /// They are left out.
    Ignore,
}

/// What objects are taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Treat {
    /// Live where they have a uid, else written.
    #[default]
    ByUid,
    /// All as an API server would return them: nothing is filled in, nothing is refused.
    Live,
}

/// How an input is read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Objects that name no namespace belong here, and objects that name another are an error, as with `kubectl apply --namespace`.
    pub namespace: Option<String>,
    /// What is done about unknown fields of written objects.
    pub validation: Validation,
    /// What objects are taken for.
    pub treat: Treat,
    /// Objects that a server or kubectl would refuse are kept apart, instead of being an error of the whole.
    pub keep_refused: bool,
}

impl Reading {
    /// All objects as an API server would return them.
    #[must_use]
    pub fn live() -> Self {
        Reading { treat: Treat::Live, ..Reading::default() }
    }

    /// Reads bytes, packed by gzip or zstd or not; `source` names them in errors.
    ///
    /// # Errors
    /// Names the object, the field and what is legal; all refused objects.
    pub fn bytes(&self, bytes: &[u8], source: &str) -> Result<Input, Error> {
        let read = || -> Result<Input, Error> {
            let bytes = packed::unpacked(bytes)?;
            self.parse(text(&bytes)?)
        };
        read().map(|input| input.named(source)).map_err(|e| e.in_source(source))
    }

    /// Reads one file, all `.json`, `.yaml` and `.yml` files of a directory and of those in it, or stdin where the path is `-`. A pipe is
    /// read where it is named itself, as `/dev/fd/63`; in a directory it is an error, and so is a device everywhere: neither need ever end.
    ///
    /// # Errors
    /// Names the file, the object, the field and what is legal.
    pub fn path(&self, path: impl AsRef<Path>) -> Result<Input, Error> {
        let path = path.as_ref();
        if path == Path::new("-") {
            return self.stdin();
        }
        if !path.is_dir() {
            return self.file(path);
        }
        let mut all = Input::default().named(&path.display().to_string());
        for file in manifests(path)? {
            let input = self.file(&file)?;
            all.objects.extend(input.objects);
            all.configurations.extend(input.configurations);
            all.skipped.merge(&input.skipped);
            all.unknown_workloads.merge(&input.unknown_workloads);
            all.embedded.extend(input.embedded);
            all.warnings.extend(input.warnings);
            all.refused.extend(input.refused);
        }
        Ok(all)
    }

    /// Reads stdin to its end.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub fn stdin(&self) -> Result<Input, Error> {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|e| unreadable(e).in_source("stdin"))?;
        self.bytes(&bytes, "stdin")
    }

    /// Takes one object that is JSON already.
    ///
    /// # Errors
    /// Names the object, the field and what is legal; a kind that is not read is an error here.
    pub fn value(&self, value: &Value) -> Result<Object, Error> {
        let mut sink = Sink::new(self);
        sink.document();
        sink.value(&value.to_string(), "")?;
        let mut input = sink.finish()?;
        match (input.objects.len(), input.objects.pop()) {
            (1, Some(object)) => Ok(object),
            (0, _) => Err(Error::new(ErrorKind::Unsupported, "this kind is not read")),
            _ => Err(Error::input("a list where one object was expected")),
        }
    }

    fn file(&self, path: &Path) -> Result<Input, Error> {
        let source = path.display().to_string();
        let read = || -> Result<Vec<u8>, Error> {
            special::check(path)?;
            std::fs::read(path).map_err(unreadable)
        };
        self.bytes(&read().map_err(|e| e.in_source(&source))?, &source)
    }

    fn parse(&self, text: &str) -> Result<Input, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut sink = Sink::new(self);
        if json::is_json(text) {
            json::read(text, &mut sink)?;
        } else {
            yaml::read(text, &mut sink)?;
        }
        sink.finish()
    }
}

/// Reads bytes; `source` names them in errors.
///
/// # Errors
/// Names the object, the field and what is legal.
pub fn from_bytes(bytes: &[u8], source: &str) -> Result<Input, Error> {
    Reading::default().bytes(bytes, source)
}

/// Reads a text; `source` names it in errors.
///
/// # Errors
/// Names the object, the field and what is legal.
pub fn from_text(text: &str, source: &str) -> Result<Input, Error> {
    Reading::default().parse(text).map(|input| input.named(source)).map_err(|e| e.in_source(source))
}

/// Takes one object that is JSON already.
///
/// # Errors
/// Names the object, the field and what is legal; a kind that is not read is an error here.
pub fn from_value(value: &Value) -> Result<Object, Error> {
    Reading::default().value(value)
}

/// Reads a file, a directory, or stdin where the path is `-`; see [`Reading::path`].
///
/// # Errors
/// Names the file, the object, the field and what is legal.
pub fn from_path(path: impl AsRef<Path>) -> Result<Input, Error> {
    Reading::default().path(path)
}

/// How deep directories are read.
const DEPTH: usize = 64;

/// The files of a directory that `kubectl apply -R -f` would take, in the order of their paths.
fn manifests(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    gather(directory, 0, &mut files)?;
    if files.is_empty() {
        let error = Error::input("no .json, .yaml or .yml file in this directory");
        return Err(error.in_source(directory.display().to_string()));
    }
    files.sort();
    Ok(files)
}

fn gather(directory: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let source = directory.display().to_string();
    if depth > DEPTH {
        return Err(Error::input(format!("directories stand in one another more than {DEPTH} deep")).in_source(source));
    }
    let entries = std::fs::read_dir(directory).map_err(|e| unreadable(e).in_source(&source))?;
    for entry in entries {
        let entry = entry.map_err(|e| unreadable(e).in_source(&source))?;
        let path = entry.path();
        // A link to a directory is not followed, so that a circle has an end.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            gather(&path, depth + 1, files)?;
        } else if !path.is_dir() && is_manifest(&path) {
            special::check_in_directory(&path).map_err(|e| e.in_source(path.display().to_string()))?;
            files.push(path);
        }
    }
    Ok(())
}

/// `.json`, `.yaml` and `.yml`, packed or not.
fn is_manifest(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    [".json", ".yaml", ".yml"].iter().any(|end| name.ends_with(end))
}

fn unreadable(error: std::io::Error) -> Error {
    let found = match error.kind() {
        std::io::ErrorKind::NotFound => Error::new(ErrorKind::NotFound, "no such file or directory"),
        _ => Error::new(ErrorKind::Io, error.to_string()),
    };
    found.caused_by(error)
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

#[cfg(test)]
mod tests;
