//! What was read from a file, a text or objects.

use std::path::PathBuf;

use bayplan::read::{self, Reading, Treat, Validation};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::OrRaise;

fn reading(namespace: Option<String>, validate: &str, objects: &str) -> PyResult<Reading> {
    let validation = match validate {
        "strict" | "true" => Validation::Strict,
        "warn" => Validation::Warn,
        "ignore" | "false" => Validation::Ignore,
        other => {
            let text = format!("validate is {other:?}, but must be strict, warn or ignore");
            return Err(PyValueError::new_err(text));
        }
    };
    let treat = match objects {
        "by-uid" => Treat::ByUid,
        "live" => Treat::Live,
        other => {
            let text = format!("objects is {other:?}, but must be by-uid or live");
            return Err(PyValueError::new_err(text));
        }
    };
    Ok(Reading { namespace, validation, treat, keep_refused: false })
}

/// Objects that were read, not yet in a cluster.
#[pyclass(frozen, module = "bayplan._bayplan")]
pub(crate) struct Input {
    pub(crate) input: read::Input,
}

#[pymethods]
impl Input {
    /// Reads a file, or the manifests of a directory.
    #[staticmethod]
    #[pyo3(signature = (path, namespace=None, validate="strict", objects="by-uid"))]
    fn from_path(
        py: Python<'_>,
        path: PathBuf,
        namespace: Option<String>,
        validate: &str,
        objects: &str,
    ) -> PyResult<Self> {
        let reading = reading(namespace, validate, objects)?;
        let input = py.detach(|| reading.path(path)).or_raise(py)?;
        Ok(Input { input })
    }

    /// Reads JSON or YAML; `source` names it in errors.
    #[staticmethod]
    #[pyo3(signature = (data, source, namespace=None, validate="strict", objects="by-uid"))]
    fn from_bytes(
        py: Python<'_>,
        data: &[u8],
        source: &str,
        namespace: Option<String>,
        validate: &str,
        objects: &str,
    ) -> PyResult<Self> {
        let reading = reading(namespace, validate, objects)?;
        let input = py.detach(|| reading.bytes(data, source)).or_raise(py)?;
        Ok(Input { input })
    }

    /// `KubeSchedulerConfiguration`s among the objects, as JSON.
    #[getter]
    fn configurations(&self) -> Vec<String> {
        self.input.configurations.iter().map(ToString::to_string).collect()
    }

    /// Its name in errors.
    #[getter]
    fn source(&self) -> &str {
        &self.input.source
    }

    /// Where in other objects the text of a `KubeSchedulerConfiguration` stands.
    #[getter]
    fn embedded(&self) -> Vec<String> {
        self.input.embedded.clone()
    }

    /// `(apiVersion, kind, how many)` of what was not read.
    #[getter]
    fn skipped(&self) -> Vec<(&str, &str, usize)> {
        self.input.skipped.iter().collect()
    }

    /// `(apiVersion, kind, how many)` of kinds that make pods and are not known.
    #[getter]
    fn unknown_workloads(&self) -> Vec<(&str, &str, usize)> {
        self.input.unknown_workloads.iter().collect()
    }

    /// What was taken, but is not as it should be.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.input.warnings.clone()
    }

    fn __len__(&self) -> usize {
        self.input.objects.len()
    }
}
