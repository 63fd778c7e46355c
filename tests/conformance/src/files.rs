//! Reading vectors. Whatever is missing, extra or unknown in them is an error: a comparison that skips is worth nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use bayplan_reference::vector::{Case, Expected, Step};
use flate2::read::MultiGzDecoder;
use serde_json::Value;

/// The Kubernetes minor versions that there are vectors for, oldest first.
pub const VERSIONS: [&str; 4] = ["1.34", "1.35", "1.36", "1.37"];

/// What a category's file of cases is called, without its endings. Its other files are called after their version.
pub(crate) const CASES: &str = "cases";

/// The file beside the categories that says what is in them: see [`crate::manifest`].
pub(crate) const MANIFEST: &str = "MANIFEST.json";

/// Kinds that a case may hold, with their API groups. The scheduler reads each of them, so that an engine that does not
/// know one would decide on less than the scheduler did.
const KINDS: &[(&str, &str)] = &[
    ("v1", "Namespace"),
    ("v1", "Node"),
    ("v1", "Pod"),
    ("v1", "Service"),
    ("v1", "ReplicationController"),
    ("v1", "PersistentVolume"),
    ("v1", "PersistentVolumeClaim"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
    ("policy/v1", "PodDisruptionBudget"),
    ("scheduling.k8s.io/v1", "PriorityClass"),
    ("storage.k8s.io/v1", "StorageClass"),
    ("storage.k8s.io/v1", "CSINode"),
    ("storage.k8s.io/v1", "CSIDriver"),
    ("storage.k8s.io/v1", "CSIStorageCapacity"),
    ("storage.k8s.io/v1", "VolumeAttachment"),
];

const RESULTS: [&str; 4] = ["Scheduled", "Unschedulable", "Gated", "Error"];

/// A file of cases and one of what the real scheduler did with them.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The cases' file.
    pub cases: PathBuf,
    /// The expected steps' file.
    pub expected: PathBuf,
    /// The Kubernetes minor version.
    pub version: String,
}

impl Pair {
    /// The version is the given one, else the one that the expected file is named after (`1.36.ndjson.gz`), else the newest.
    pub fn new(cases: PathBuf, expected: PathBuf, version: Option<&str>) -> Self {
        let name = stem(&expected);
        let named = VERSIONS.iter().find(|version| name == **version).copied();
        let version = version.or(named).unwrap_or(VERSIONS[VERSIONS.len() - 1]).to_string();
        Self { cases, expected, version }
    }

    /// The cases' name: that of their folder, as the file itself is always called `cases`.
    pub fn category(&self) -> String {
        match stem(&self.cases) {
            name if name == CASES => file_name(self.cases.parent().unwrap_or(Path::new(""))),
            name => name,
        }
    }

    /// All cases in the file's order, each with its expected steps.
    ///
    /// # Errors
    /// Names the file, the line or the case, and what is wrong with it.
    pub fn read(&self) -> Result<Vec<(Case, Expected)>, String> {
        let cases: Vec<Case> = lines(&self.cases)?;
        let mut expected = BTreeMap::new();
        let text = self.expected.display();
        for entry in lines::<Expected>(&self.expected)? {
            if let Some(twice) = expected.insert(entry.name.clone(), entry) {
                return Err(format!("{text}: case {} is there twice", twice.name));
            }
        }
        let mut seen = BTreeSet::new();
        let mut out = Vec::with_capacity(cases.len());
        for case in cases {
            let name = case.name.clone();
            if !seen.insert(name.clone()) {
                return Err(format!("{}: case {name} is there twice", self.cases.display()));
            }
            let Some(entry) = expected.remove(&name) else {
                return Err(format!("{text}: no case {name}, which {} has", self.cases.display()));
            };
            check_kinds(&case).map_err(|error| format!("{}: case {name}: {error}", self.cases.display()))?;
            check_steps(&case, &entry).map_err(|error| format!("{text}: case {name}: {error}"))?;
            out.push((case, entry));
        }
        if let Some(name) = expected.keys().next() {
            return Err(format!("{text}: case {name}, which {} does not have", self.cases.display()));
        }
        if out.iter().all(|(_, expected)| expected.steps.is_empty()) {
            return Err(format!("{text}: no steps to compare"));
        }
        Ok(out)
    }
}

/// The names of the committed categories: the folders of [`vectors`].
///
/// # Errors
/// Where a folder can't be read, or holds anything but cases and the answers of every version.
pub fn categories() -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    for name in listed(&vectors())?.into_iter().filter(|name| name != MANIFEST) {
        let folder = vectors().join(&name);
        let found = listed(&folder)?;
        let wanted: BTreeSet<String> = [CASES].iter().chain(&VERSIONS).map(|stem| packed(stem)).collect();
        if let Some(name) = found.symmetric_difference(&wanted).next() {
            let what = if found.contains(name) { "does not belong there" } else { "is missing" };
            return Err(format!("{}: {name} {what}", folder.display()));
        }
        out.push(name);
    }
    if out.is_empty() {
        return Err(format!("{}: no vectors", vectors().display()));
    }
    Ok(out)
}

/// The committed vectors: a pair for every category and version, or for one version.
///
/// # Errors
/// As [`categories`].
pub fn committed(version: Option<&str>) -> Result<Vec<Pair>, String> {
    let pair = |category: &str, version: &str| {
        let folder = vectors().join(category);
        Pair { cases: folder.join(packed(CASES)), expected: folder.join(packed(version)), version: version.to_string() }
    };
    let versions = || VERSIONS.iter().filter(|each| version.is_none_or(|version| version == **each));
    let categories = categories()?;
    Ok(categories.iter().flat_map(|category| versions().map(|version| pair(category, version))).collect())
}

/// The folder of the committed vectors.
pub fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// Whether the pod comes again at once, nominated to the node where room was made.
pub fn retries(step: &Step) -> bool {
    step.preemption.as_ref().is_some_and(|preemption| !preemption.chosen.is_empty())
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The file's name without its endings.
fn stem(path: &Path) -> String {
    let name = file_name(path);
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.strip_suffix(".ndjson").unwrap_or(name).to_string()
}

/// The name of a committed file.
pub(crate) fn packed(stem: &str) -> String {
    format!("{stem}.ndjson.gz")
}

fn listed(folder: &Path) -> Result<BTreeSet<String>, String> {
    let at = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(at)?;
    entries.map(|entry| Ok(entry.map_err(at)?.file_name().to_string_lossy().into_owned())).collect()
}

/// The cases of one file, without what is expected of them.
///
/// # Errors
/// Names the file and the line, and what is wrong with it.
pub fn cases(path: &Path) -> Result<Vec<Case>, String> {
    lines(path)
}

fn lines<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>, String> {
    let text = path.display();
    let file = File::open(path).map_err(|error| format!("{text}: {error}"))?;
    let mut reader = BufReader::new(file);
    // A file is unpacked by what it holds, not by what it is called.
    let packed = reader.fill_buf().map_err(|error| format!("{text}: {error}"))?.starts_with(&[0x1f, 0x8b]);
    let reader: Box<dyn Read> = if packed { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) };
    let mut out = Vec::new();
    for (number, line) in BufReader::new(reader).lines().enumerate() {
        let at = |error: &dyn std::fmt::Display| format!("{text}: line {}: {error}", number + 1);
        let line = line.map_err(|error| at(&error))?;
        if !line.trim().is_empty() {
            out.push(serde_json::from_str(&line).map_err(|error| at(&error))?);
        }
    }
    Ok(out)
}

fn check_kinds(case: &Case) -> Result<(), String> {
    for object in &case.objects {
        let word = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or("");
        if !KINDS.contains(&(word("apiVersion"), word("kind"))) {
            let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("");
            return Err(format!("object {name:?} has the unknown kind {:?} {:?}", word("apiVersion"), word("kind")));
        }
    }
    Ok(())
}

/// Every pending pod has its step, in order, and a second one where room was made for it.
fn check_steps(case: &Case, expected: &Expected) -> Result<(), String> {
    if !expected.error.is_empty() {
        return Err(format!("the scheduler did not play it: {}", expected.error));
    }
    let mut steps = expected.steps.iter().enumerate();
    let mut next = |pod: &str, why: &str| -> Result<bool, String> {
        let Some((index, step)) = steps.next() else {
            return Err(format!("no step for pod {pod}{why}"));
        };
        if step.pod != pod {
            return Err(format!("step {} is of pod {:?} instead of {pod}{why}", index + 1, step.pod));
        }
        if !RESULTS.contains(&step.result.as_str()) {
            return Err(format!("step {} has result {:?} instead of one of {RESULTS:?}", index + 1, step.result));
        }
        if (step.result == "Scheduled") == step.node.is_empty() {
            return Err(format!("step {} has result {} and node {:?}", index + 1, step.result, step.node));
        }
        Ok(retries(step))
    };
    for pod in &case.pending {
        if next(pod, "")? {
            next(pod, " after room was made for it")?;
        }
    }
    match steps.next() {
        Some((index, step)) => Err(format!("step {}, of pod {}, has no pending pod", index + 1, step.pod)),
        None => Ok(()),
    }
}
