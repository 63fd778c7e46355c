//! What was read from a file, a text or objects.

use std::path::PathBuf;

use bayplan::read;
use pyo3::prelude::*;

use crate::error::OrRaise;

/// Objects that were read, not yet in a cluster.
#[pyclass(frozen, module = "bayplan._bayplan")]
pub(crate) struct Input {
    pub(crate) input: read::Input,
}

#[pymethods]
impl Input {
    /// Reads a file, or the manifests of a directory.
    #[staticmethod]
    #[pyo3(signature = (path, namespace=None))]
    fn from_path(py: Python<'_>, path: PathBuf, namespace: Option<&str>) -> PyResult<Self> {
        let input = py.detach(|| read::from_path_in(path, namespace)).or_raise(py)?;
        Ok(Input { input })
    }

    /// Reads JSON or YAML; `source` names it in errors.
    #[staticmethod]
    #[pyo3(signature = (data, source, namespace=None))]
    fn from_bytes(py: Python<'_>, data: &[u8], source: &str, namespace: Option<&str>) -> PyResult<Self> {
        let input = py.detach(|| read::from_bytes_in(data, source, namespace)).or_raise(py)?;
        Ok(Input { input })
    }

    /// `KubeSchedulerConfiguration`s among the objects, as JSON.
    #[getter]
    fn configurations(&self) -> Vec<String> {
        self.input.configurations.iter().map(ToString::to_string).collect()
    }

    /// `(apiVersion, kind, how many)` of what was not read.
    #[getter]
    fn skipped(&self) -> Vec<(&str, &str, usize)> {
        self.input.skipped.iter().collect()
    }

    fn __len__(&self) -> usize {
        self.input.objects.len()
    }
}
