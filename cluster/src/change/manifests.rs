//! Manifests that are applied: a file, a text, or objects.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::read::{Input, Reading, Validation};

/// Where manifests are; one of `file`, `text` and `objects`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifests {
    /// A file or a directory; in a document of scenarios, beside that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// YAML or JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Value>,
    /// What they are called in messages, where they are a text or objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The namespace of objects that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `strict`, `warn` or `ignore`: what is done about fields that no server knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validate: Option<String>,
}

impl Manifests {
    /// Those of a file.
    #[must_use]
    pub fn file(path: &str) -> Self {
        Manifests { file: Some(path.to_owned()), ..Manifests::default() }
    }

    /// What messages call them.
    #[must_use]
    pub fn name(&self) -> &str {
        self.file.as_deref().or(self.source.as_deref()).unwrap_or("manifests")
    }

    /// Reads them.
    ///
    /// # Errors
    /// As [`Reading`]; and where none or several of `file`, `text` and `objects` are given.
    pub fn read(&self) -> Result<Input, Error> {
        let validation = match self.validate.as_deref() {
            None | Some("strict") => Validation::Strict,
            Some("warn") => Validation::Warn,
            Some("ignore") => Validation::Ignore,
            Some(other) => {
                return Err(Error::input(format!("`{other}` is no validation"))
                    .hint("strict, warn or ignore")
                    .at("validate"));
            }
        };
        let reading = Reading { namespace: self.namespace.clone(), validation, ..Reading::default() };
        match (&self.file, &self.text, &self.objects[..]) {
            (Some(file), None, []) => reading.path(file),
            (None, Some(text), []) => reading.bytes(text.as_bytes(), self.name()),
            (None, None, objects) => {
                let list = serde_json::json!({ "apiVersion": "v1", "kind": "List", "items": objects });
                reading.bytes(list.to_string().as_bytes(), self.name())
            }
            _ => Err(Error::input("file, text and objects exclude each other").hint("give one of them").at("apply")),
        }
    }

    /// The same with a file that is named from where another one is.
    #[must_use]
    pub fn beside(mut self, other: &Path) -> Self {
        if let Some(file) = self.file.take() {
            let path = Path::new(&file);
            let folder = other.parent().unwrap_or(Path::new(""));
            self.file = Some(if path.is_absolute() { file } else { folder.join(path).display().to_string() });
        }
        self
    }
}
