//! Answers to questions, as Python asks them: what is not asked is not rendered.

use std::sync::OnceLock;

use bayplan::Fit as Fitted;
use bayplan::attempt::{Explanation as Explained, Verdict};
use bayplan::render::{self, Answer};
use bayplan::whatif::Analysis;
use pyo3::prelude::*;

use crate::placements::{Row, row};

/// Why a pod goes where it goes.
#[pyclass(frozen, module = "bayplan._bayplan")]
pub(crate) struct Explanation {
    explained: Explained,
    analysis: Analysis,
    /// The node that the pod was taken off.
    on: Option<String>,
    page: render::Page,
    /// Made when it is asked for.
    all: OnceLock<Answer>,
}

/// Node, score of each rule, their sum.
type Feasible<'a> = (&'a str, Vec<(&'a str, i64)>, Option<i64>);
/// Node, rule, code, reasons, details, and each rule that rejects the node with its reasons.
type Rejected<'a> = (&'a str, &'a str, &'a str, &'a [String], &'a [String], Vec<(&'a str, &'a [String])>);

#[pymethods]
impl Explanation {
    fn json(&self, py: Python<'_>) -> String {
        py.detach(|| self.all().json())
    }

    #[pyo3(signature = (width=None, wide=false))]
    fn text(&self, py: Python<'_>, width: Option<usize>, wide: bool) -> String {
        py.detach(|| self.page(wide).text(width))
    }

    #[pyo3(signature = (wide=false))]
    fn html(&self, py: Python<'_>, wide: bool) -> String {
        py.detach(|| self.page(wide).html())
    }

    #[pyo3(signature = (wide=false))]
    fn markdown(&self, py: Python<'_>, wide: bool) -> String {
        py.detach(|| if wide { self.all().markdown(true) } else { self.page.markdown() })
    }

    fn csv(&self, py: Python<'_>) -> String {
        py.detach(|| self.all().csv())
    }

    /// The decision, as a row of placements.
    fn decision(&self) -> Row<'_> {
        row(&self.explained.decision)
    }

    #[getter]
    fn best(&self) -> Vec<&str> {
        self.explained.best.iter().map(|node| &**node).collect()
    }

    /// The rule that rejects the pod before any node is looked at, and its reason.
    #[getter]
    fn rejected_by(&self) -> Option<(&str, &str)> {
        self.explained.pre_filter.as_ref().map(|rejected| (rejected.plugin.name(), rejected.reason.as_str()))
    }

    /// The feasible nodes, in node order.
    fn feasible(&self) -> Vec<Feasible<'_>> {
        let of = |node: &str| {
            let scores = self.explained.scores.get(node).into_iter().flatten();
            let scores = scores.map(|(rule, score)| (*rule, *score)).collect();
            (scores, self.explained.totals.get(node).copied())
        };
        let nodes = self.explained.feasible.iter().map(|node| (node, of(node)));
        nodes.map(|(node, (scores, total))| (&**node, scores, total)).collect()
    }

    /// The rejected nodes, by name.
    fn rejected(&self) -> Vec<Rejected<'_>> {
        let nodes = self.explained.filtered.iter().map(|(node, Verdict { plugin, code, reasons, details, .. })| {
            let all = self.explained.all_reasons.get(node).into_iter().flatten();
            let all = all.map(|(rule, reasons)| (rule.name(), reasons.as_slice())).collect();
            (&**node, plugin.name(), code.name(), reasons.as_slice(), details.as_slice(), all)
        });
        nodes.collect()
    }
}

/// How many more replicas fit.
#[pyclass(frozen, module = "bayplan._bayplan")]
pub(crate) struct Fit {
    pub(crate) fit: Fitted,
}

#[pymethods]
impl Fit {
    fn json(&self, py: Python<'_>) -> String {
        py.detach(|| render::ordered(&render::json::fit(&self.fit)))
    }

    #[pyo3(signature = (width=None, wide=false))]
    fn text(&self, py: Python<'_>, width: Option<usize>, wide: bool) -> String {
        let _ = wide;
        py.detach(|| self.page().text(width))
    }

    #[pyo3(signature = (wide=false))]
    fn html(&self, py: Python<'_>, wide: bool) -> String {
        let _ = wide;
        py.detach(|| self.page().html())
    }

    #[pyo3(signature = (wide=false))]
    fn markdown(&self, py: Python<'_>, wide: bool) -> String {
        let _ = wide;
        py.detach(|| self.page().markdown())
    }

    fn csv(&self, py: Python<'_>) -> String {
        py.detach(|| self.page().csv())
    }
}

impl Explanation {
    pub(crate) fn new(explained: Explained, analysis: Analysis, on: Option<String>) -> Self {
        let page = render::why_page(&explained, &analysis, on.as_deref());
        Explanation { explained, analysis, on, page, all: OnceLock::new() }
    }

    fn page(&self, wide: bool) -> &render::Page {
        if wide { &self.all().wide } else { &self.page }
    }

    fn all(&self) -> &Answer {
        self.all.get_or_init(|| render::why(&self.explained, &self.analysis, self.on.as_deref()))
    }
}

impl Fit {
    fn page(&self) -> render::Page {
        render::fit_page(&self.fit)
    }
}
