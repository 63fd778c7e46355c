//! What was decided for many pods, by row and by column.

use bayplan::attempt::{About, Decision, NotApplied};
use bayplan::plan::Eviction;
use bayplan::{Error, Preemption, render};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

use crate::cluster::Cluster;
use crate::error::OrRaise;

/// Decisions in the order in which they were made.
#[pyclass(frozen, module = "bayplan._bayplan")]
pub(crate) struct Placements {
    pub(crate) decisions: Vec<Decision>,
    pub(crate) evictions: Vec<Eviction>,
    pub(crate) warnings: Vec<String>,
    /// What plays no part in the answer, and would in a cluster.
    pub(crate) left_out: Vec<String>,
    /// The cluster after; none where the placements were unpickled.
    pub(crate) cluster: Option<Py<Cluster>>,
}

/// What preemption makes of a pod: what the event adds, node, nodes that are as good, victims, violations of budgets.
pub(crate) type Preempts<'a> = (&'a str, Option<&'a str>, u32, &'a [String], u32);

/// namespace, name, outcome, node, score, ties, feasible, message, rules that were not applied, missing objects, preemption.
pub(crate) type Row<'a> = (
    &'a str,
    &'a str,
    String,
    Option<&'a str>,
    i64,
    u32,
    u32,
    &'a str,
    Vec<(&'a str, &'a str)>,
    Vec<&'a str>,
    Option<Preempts<'a>>,
);

#[pymethods]
impl Placements {
    /// Reads what `json` wrote.
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        let read = || -> serde_json::Result<Self> {
            let mut document: serde_json::Value = serde_json::from_str(text)?;
            let items = document["items"].take();
            let about: Vec<_> = items.as_array().into_iter().flatten().map(About::of_json).collect();
            let mut decisions: Vec<Decision> = serde_json::from_value(items)?;
            decisions.iter_mut().zip(about).for_each(|(decision, about)| decision.about = about);
            Ok(Placements {
                decisions,
                evictions: serde_json::from_value(document["evictions"].take())?,
                warnings: serde_json::from_value(document["warnings"].take())?,
                left_out: serde_json::from_value(document["leftOut"].take()).unwrap_or_default(),
                cluster: None,
            })
        };
        py.detach(read).map_err(|fault| Error::input(format!("these are no placements: {fault}"))).or_raise(py)
    }

    fn json(&self, py: Python<'_>) -> String {
        py.detach(|| {
            let document = render::json::decisions(&self.decisions, &self.evictions, &self.warnings, &self.left_out);
            render::ordered(&document)
        })
    }

    /// A row a workload, or with `wide` a row a pod.
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
        py.detach(|| self.page(wide).markdown())
    }

    /// A row a pod.
    fn csv(&self, py: Python<'_>) -> String {
        py.detach(|| self.page(true).csv())
    }

    #[getter]
    fn left_out(&self) -> Vec<String> {
        self.left_out.clone()
    }

    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }

    /// The pods that were evicted: pod, node, priority, the pod that it made room for, the one that comes in its place.
    #[getter]
    fn evictions(&self) -> Vec<(&str, &str, i32, &str, Option<&str>)> {
        let rows = self.evictions.iter();
        rows.map(|e| (&*e.pod, &*e.node, e.priority, &*e.by, e.replaced_by.as_deref())).collect()
    }

    #[getter]
    fn cluster(&self, py: Python<'_>) -> Option<Py<Cluster>> {
        self.cluster.as_ref().map(|cluster| cluster.clone_ref(py))
    }

    /// How many were placed, are pending, are gated, and are left to another scheduler; and how many nodes got a pod.
    fn summary(&self, py: Python<'_>) -> (usize, usize, usize, usize, usize) {
        let of = py.detach(|| render::Summary::of(&self.decisions));
        (of.placed, of.pending, of.gated, of.ignored, of.nodes)
    }

    fn __len__(&self) -> usize {
        self.decisions.len()
    }

    /// As [`Row`] says.
    fn row<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyTuple>> {
        let Some(decision) = self.decisions.get(index) else {
            return Err(pyo3::exceptions::PyIndexError::new_err("there are fewer placements"));
        };
        row(decision).into_pyobject(py)
    }

    /// Columns: lists of texts, and numbers as the bytes of 64-bit integers.
    fn columns<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let columns = PyDict::new(py);
        let text = |of: fn(&Decision) -> &str| self.decisions.iter().map(of).collect::<Vec<&str>>();
        columns.set_item("namespace", text(|d| names(d).0))?;
        columns.set_item("name", text(|d| names(d).1))?;
        columns.set_item("node", self.decisions.iter().map(|d| d.node.as_deref()).collect::<Vec<_>>())?;
        columns.set_item("outcome", self.decisions.iter().map(outcome).collect::<Vec<_>>())?;
        let numbers = |name: &str, of: fn(&Decision) -> i64| {
            let bytes: Vec<u8> = self.decisions.iter().flat_map(|d| of(d).to_ne_bytes()).collect();
            columns.set_item(name, PyBytes::new(py, &bytes))
        };
        numbers("score", |d| d.score)?;
        numbers("ties", |d| d.ties.into())?;
        numbers("feasible", |d| d.feasible.into())?;
        columns.set_item("message", text(|d| &d.message))?;
        columns.set_item(
            "preempts_on",
            self.decisions.iter().map(|d| d.preemption.as_ref()?.node.as_deref()).collect::<Vec<_>>(),
        )?;
        let victims = |d: &Decision| d.preemption.as_ref().map_or(String::new(), |p| p.victims.join(", "));
        columns.set_item("victims", self.decisions.iter().map(victims).collect::<Vec<_>>())?;
        let join = |parts: Vec<&str>| parts.join(", ");
        let not_applied = |d: &Decision| join(d.not_applied.iter().map(|n| n.rule.as_str()).collect());
        columns.set_item("not_applied", self.decisions.iter().map(not_applied).collect::<Vec<_>>())?;
        let missing = |d: &Decision| join(d.missing.iter().map(String::as_str).collect());
        columns.set_item("missing", self.decisions.iter().map(missing).collect::<Vec<_>>())?;
        let workload = |d: &Decision| d.about.as_ref().map(|about| about.workload.clone());
        columns.set_item("workload", self.decisions.iter().map(workload).collect::<Vec<_>>())?;
        let zone = |d: &Decision| d.about.as_ref().and_then(|about| about.zone.clone());
        columns.set_item("zone", self.decisions.iter().map(zone).collect::<Vec<_>>())?;
        numbers("priority", |d| d.about.as_ref().map_or(0, |about| about.priority.into()))?;
        numbers("milli_cpu", |d| d.about.as_ref().map_or(0, |about| about.milli_cpu))?;
        numbers("memory", |d| d.about.as_ref().map_or(0, |about| about.memory))?;
        Ok(columns)
    }
}

pub(crate) fn row(decision: &Decision) -> Row<'_> {
    let (namespace, name) = names(decision);
    (
        namespace,
        name,
        outcome(decision),
        decision.node.as_deref(),
        decision.score,
        decision.ties,
        decision.feasible,
        &decision.message,
        decision.not_applied.iter().map(rule).collect(),
        decision.missing.iter().map(String::as_str).collect(),
        decision.preemption.as_ref().map(preempts),
    )
}

fn preempts(preemption: &Preemption) -> Preempts<'_> {
    let Preemption { message, node, ties, victims, violations, .. } = preemption;
    (message, node.as_deref(), *ties, victims, *violations)
}

fn names(decision: &Decision) -> (&str, &str) {
    decision.pod.split_once('/').unwrap_or(("default", &decision.pod))
}

fn outcome(decision: &Decision) -> String {
    format!("{:?}", decision.outcome)
}

fn rule(rule: &NotApplied) -> (&str, &str) {
    (&rule.rule, &rule.why)
}

impl Placements {
    fn page(&self, wide: bool) -> render::Page {
        let page = if wide { render::decisions_page } else { render::workloads_page };
        page(&self.decisions, &self.evictions, &self.warnings)
    }
}
