//! `vectors/MANIFEST.json`: what is in each category, where it comes from, and the digest of every file, so that a change of
//! packed files shows in a diff and none goes unnoticed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files::{CASES, MANIFEST, committed, packed, vectors};

/// All categories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// By minor version, the release of kube-scheduler that answered.
    pub scheduler: BTreeMap<String, String>,
    /// By name.
    pub categories: BTreeMap<String, Category>,
}

/// One category.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// What its cases are about.
    pub rules: String,
    /// Where its cases come from.
    pub made: String,
    /// How many there are.
    pub cases: usize,
    /// By minor version, how many steps the scheduler took.
    pub steps: BTreeMap<String, usize>,
    /// By file name, the digest of the file.
    pub sha256: BTreeMap<String, String>,
}

impl Manifest {
    /// The committed one.
    ///
    /// # Errors
    /// Where it can't be read.
    pub fn read() -> Result<Self, String> {
        let path = path();
        let at = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(&path).map_err(|error| at(&error))?;
        serde_json::from_str(&text).map_err(|error| at(&error))
    }

    /// What it should be with the files as they are: counted and digested again, with the words of `self`.
    ///
    /// # Errors
    /// Where the vectors are not sound, or a category has no words yet.
    pub fn counted(&self) -> Result<Self, String> {
        let mut categories = BTreeMap::<String, Category>::new();
        for pair in committed(None)? {
            let name = pair.category();
            let Some(Category { rules, made, .. }) = self.categories.get(&name) else {
                return Err(format!("{}: category {name} needs its `rules` and `made` there", path().display()));
            };
            let cases = pair.read()?;
            let steps = cases.iter().map(|(_, expected)| expected.steps.len()).sum();
            let category = categories.entry(name).or_insert_with(|| {
                let (rules, made, cases) = (rules.clone(), made.clone(), cases.len());
                Category { rules, made, cases, ..Category::default() }
            });
            for (stem, file) in [(CASES, &pair.cases), (&pair.version, &pair.expected)] {
                let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
                category.sha256.insert(packed(stem), hex(&Sha256::digest(bytes)));
            }
            category.steps.insert(pair.version, steps);
        }
        Ok(Self { scheduler: self.scheduler.clone(), categories })
    }

    /// The file's text.
    ///
    /// # Panics
    /// Never: strings and numbers become JSON.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings and numbers become JSON") + "\n"
    }

    /// Writes the file.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn write(&self) -> Result<(), String> {
        std::fs::write(path(), self.text()).map_err(|error| format!("{}: {error}", path().display()))
    }
}

fn path() -> PathBuf {
    vectors().join(MANIFEST)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
