//! The library's errors as Python's exceptions, which `bayplan/_errors.py` defines.

use bayplan::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// The exception for an error, with the error's parts.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let class = match error.kind() {
        // An object of the input names something that is not there.
        ErrorKind::NotFound if !error.object().is_empty() => "InputError",
        ErrorKind::NotFound if error.source_name().is_empty() => "NotFoundError",
        // What was not found is a file.
        ErrorKind::NotFound | ErrorKind::Io => "FileError",
        ErrorKind::Input | ErrorKind::Unsupported | ErrorKind::Conflict => "InputError",
        ErrorKind::Config => "ConfigError",
        ErrorKind::TooManyPods => "TooManyPodsError",
        _ => "Error",
    };
    let make = || -> PyResult<PyErr> {
        static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
        let module = MODULE.get_or_try_init(py, || py.import("bayplan._errors").map(Bound::unbind))?.bind(py);
        let class = module.getattr(class)?.cast_into::<PyType>()?;
        let parts = (error.source_name(), error.object(), error.field(), error.problem(), error.hint_text());
        Ok(PyErr::from_value(class.call_method1("of_parts", (error.to_string(), parts))?))
    };
    make().unwrap_or_else(|fault| fault)
}

/// Raises an error of the library.
pub(crate) trait OrRaise<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> OrRaise<T> for Result<T, Error> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| raise(py, &error))
    }
}
