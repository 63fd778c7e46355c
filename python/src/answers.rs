//! Answers to questions, as Python asks them: what is not asked is not rendered.

use bayplan::attempt::{Explanation as Explained, Verdict};
use bayplan::simulate::Simulated;
use bayplan::{Fit as Fitted, render};
use pyo3::prelude::*;

use crate::cluster::Cluster;
use crate::placements::{Row, row};

/// Why a pod goes where it goes.
#[pyclass(frozen, module = "bayplan._bayplan")]
pub(crate) struct Explanation {
    pub(crate) explained: Explained,
    /// The node that the pod is on, where it was decided again.
    pub(crate) on: Option<String>,
}

/// Node, score of each rule, their sum.
type Feasible<'a> = (&'a str, Vec<(&'a str, i64)>, Option<i64>);
/// Node, rule, code, reasons, details, and each rule that rejects the node with its reasons.
type Rejected<'a> = (&'a str, &'a str, &'a str, &'a [String], &'a [String], Vec<(&'a str, &'a [String])>);

#[pymethods]
impl Explanation {
    fn json(&self, py: Python<'_>) -> String {
        py.detach(|| render::json::explanation(&self.explained).to_string())
    }

    fn text(&self, py: Python<'_>) -> String {
        py.detach(|| match &self.on {
            None => render::text::explanation(&self.explained),
            Some(node) => render::text::explanation_anew(&self.explained, node),
        })
    }

    fn html(&self, py: Python<'_>) -> String {
        py.detach(|| match &self.on {
            None => render::html::explanation(&self.explained),
            Some(node) => render::html::explanation_anew(&self.explained, node),
        })
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
        py.detach(|| render::json::fit(&self.fit).to_string())
    }

    fn text(&self, py: Python<'_>) -> String {
        py.detach(|| render::text::fit(&self.fit))
    }

    fn html(&self, py: Python<'_>) -> String {
        py.detach(|| render::html::fit(&self.fit))
    }
}

/// What became of a cluster.
#[pyclass(frozen, module = "bayplan._bayplan")]
pub(crate) struct Simulation {
    pub(crate) simulated: Simulated,
    pub(crate) after: Py<Cluster>,
}

#[pymethods]
impl Simulation {
    fn json(&self, py: Python<'_>) -> String {
        py.detach(|| render::json::simulation(&self.simulated).to_string())
    }

    fn text(&self, py: Python<'_>) -> String {
        py.detach(|| render::text::simulation(&self.simulated))
    }

    fn html(&self, py: Python<'_>) -> String {
        py.detach(|| render::html::simulation(&self.simulated))
    }

    /// The cluster after.
    #[getter]
    fn cluster(&self, py: Python<'_>) -> Py<Cluster> {
        self.after.clone_ref(py)
    }
}
