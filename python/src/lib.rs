//! The native part of the Python package `bayplan`: what Python's own classes (`bayplan/*.py`) are made of.

mod answers;
mod choose;
mod cluster;
mod error;
mod input;
mod placements;
mod progress;
mod whatif;

use pyo3::prelude::*;

#[pymodule]
mod _bayplan {
    #[pymodule_export]
    use crate::answers::{Explanation, Fit};
    #[pymodule_export]
    use crate::cluster::Cluster;
    #[pymodule_export]
    use crate::input::Input;
    #[pymodule_export]
    use crate::placements::Placements;
    #[pymodule_export]
    use crate::whatif::{
        Answer, Base, base, change, change_of_option, diff, fail, fit_bundle, get, gpus, inventory, nodes,
        preempt_preview, scenarios, shrink, size, upgrade, what_if,
    };
    use pyo3::prelude::*;

    /// The text with control characters and the like written out.
    #[pyfunction]
    fn visible(text: &str) -> String {
        bayplan::visible::visible(text).into_owned()
    }

    /// A table and lines under it, for a terminal of so many columns where that is known.
    #[pyfunction]
    #[pyo3(signature = (header, rows, lines, width=None))]
    fn table(header: Vec<String>, rows: Vec<Vec<String>>, lines: Vec<String>, width: Option<usize>) -> String {
        bayplan::render::Page::of_table(header, rows, lines).text(width)
    }

    /// The table as comma-separated values.
    #[pyfunction]
    fn table_csv(header: Vec<String>, rows: Vec<Vec<String>>) -> String {
        bayplan::render::Page::of_table(header, rows, Vec::new()).csv()
    }

    /// Table and lines as Markdown.
    #[pyfunction]
    fn table_markdown(header: Vec<String>, rows: Vec<Vec<String>>, lines: Vec<String>) -> String {
        bayplan::render::Page::of_table(header, rows, lines).markdown()
    }

    /// The same as HTML.
    #[pyfunction]
    fn table_html(header: Vec<String>, rows: Vec<Vec<String>>, lines: Vec<String>) -> String {
        bayplan::render::Page::of_table(header, rows, lines).html()
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        let versions: Vec<&str> = bayplan::Version::ALL.iter().map(|version| version.name()).collect();
        let kinds = bayplan::objects::Kind::ALL.iter();
        let resources = kinds.map(|kind| (kind.plural(), kind.is_everywhere())).collect::<Vec<_>>();
        module.add("CHANGES", pyo3::types::PyTuple::new(module.py(), crate::whatif::options())?)?;
        module.add("MAX_PODS", bayplan::expand::MAX_PODS)?;
        module.add("RESOURCES", pyo3::types::PyTuple::new(module.py(), resources)?)?;
        module.add("KUBERNETES_VERSIONS", pyo3::types::PyTuple::new(module.py(), versions)?)
    }
}
