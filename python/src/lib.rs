//! The native part of the Python package `bayplan`: what Python's own classes (`bayplan/*.py`) are made of.

mod choose;
mod cluster;
mod error;
mod input;
mod placements;
mod progress;

use pyo3::prelude::*;

#[pymodule]
mod _bayplan {
    #[pymodule_export]
    use crate::cluster::Cluster;
    #[pymodule_export]
    use crate::input::Input;
    #[pymodule_export]
    use crate::placements::Placements;
    use pyo3::prelude::*;

    /// The text with control characters and the like written out.
    #[pyfunction]
    fn visible(text: &str) -> String {
        bayplan::visible::visible(text).into_owned()
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        let versions: Vec<&str> = bayplan::Version::ALL.iter().map(|version| version.name()).collect();
        let kinds = bayplan::objects::Kind::ALL.iter().map(|kind| (kind.group(), kind.name())).collect::<Vec<_>>();
        module.add("MAX_PODS", bayplan::expand::MAX_PODS)?;
        module.add("KINDS", pyo3::types::PyTuple::new(module.py(), kinds)?)?;
        module.add("KUBERNETES_VERSIONS", pyo3::types::PyTuple::new(module.py(), versions)?)
    }
}
