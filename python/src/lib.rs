//! The native part of the Python package `bayplan`: what Python's own classes (`bayplan/*.py`) are made of.

mod answers;
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
    use crate::answers::{Explanation, Fit, Simulation};
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
        let kinds = bayplan::objects::Kind::ALL.iter();
        let resources = kinds.map(|kind| (kind.plural(), kind.is_everywhere())).collect::<Vec<_>>();
        module.add("MAX_PODS", bayplan::expand::MAX_PODS)?;
        module.add("RESOURCES", pyo3::types::PyTuple::new(module.py(), resources)?)?;
        module.add("KUBERNETES_VERSIONS", pyo3::types::PyTuple::new(module.py(), versions)?)
    }
}
