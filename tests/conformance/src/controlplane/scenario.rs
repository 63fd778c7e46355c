//! The files of a scenario.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;

/// A folder.
pub(super) struct Scenario {
    pub(super) name: String,
    folder: PathBuf,
    /// The inputs, in order: `20-work.yaml`, `30-drain.sh`.
    pub(super) steps: Vec<String>,
}

impl Scenario {
    pub(super) fn open(folder: &Path) -> Result<Self, String> {
        let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let is_step = |name: &String| {
            name.starts_with(|c: char| c.is_ascii_digit()) && (name.ends_with(".yaml") || name.ends_with(".sh"))
        };
        let mut steps: Vec<String> = names.filter(is_step).collect();
        steps.sort();
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Scenario { name, folder: folder.to_owned(), steps })
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// A file, packed or not.
    pub(super) fn text(&self, file: &str) -> Result<String, String> {
        let path = self.path(file);
        if let Ok(text) = std::fs::read_to_string(&path) {
            return Ok(text);
        }
        let path = self.path(&format!("{file}.gz"));
        let packed = std::fs::File::open(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let mut text = String::new();
        GzDecoder::new(packed).read_to_string(&mut text).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(text)
    }

    pub(super) fn json(&self, file: &str) -> Result<Value, String> {
        serde_json::from_str(&self.text(file)?).map_err(|e| format!("{}/{file}: {e}", self.name))
    }

    /// The items of a file that is a list, or of a `List`.
    pub(super) fn items(&self, file: &str) -> Result<Vec<Value>, String> {
        let value = self.json(file)?;
        let items = if value.is_array() { &value } else { &value["items"] };
        Ok(items.as_array().cloned().unwrap_or_default())
    }
}
