//! What-if questions, as Python asks them. Changes, scenarios and answers go as JSON.

use std::collections::BTreeMap;
use std::path::Path;

use bayplan::change::{Change, Nodes, OPTIONS, Scenario, Scenarios, label_key};
use bayplan::expand::desired_replicas;
use bayplan::objects::{Kind, Object};
use bayplan::plan::is_workload;
use bayplan::quantity::Quantity;
use bayplan::reference::Reference;
use bayplan::render::{self, Answer as Rendered, Swept};
use bayplan::simulate::{Base as Rest, Simulated, SimulationOptions};
use bayplan::whatif::{
    BundleItem, BundleOptions, FailOptions, GpuOptions, Shape, ShrinkOptions, SizeOptions, Survive, Together,
    UpgradeOptions, check,
};
use bayplan::{Error, ErrorKind};
use pyo3::prelude::*;

use crate::cluster::Cluster;
use crate::error::OrRaise;
use crate::input::Input;

/// An answer in all its forms.
#[pyclass(frozen, module = "bayplan._bayplan")]
pub(crate) struct Answer {
    rendered: Rendered,
    after: Option<Py<Cluster>>,
}

impl Answer {
    pub(crate) fn of(rendered: Rendered, after: Option<Py<Cluster>>) -> Self {
        Answer { rendered, after }
    }
}

#[pymethods]
impl Answer {
    fn json(&self, py: Python<'_>) -> String {
        py.detach(|| self.rendered.json())
    }

    /// For a terminal, of so many columns where that is known.
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
        py.detach(|| self.rendered.markdown(wide))
    }

    fn csv(&self, py: Python<'_>) -> String {
        py.detach(|| self.rendered.csv())
    }

    /// The cluster after, where the answer has one.
    #[getter]
    fn cluster(&self, py: Python<'_>) -> Option<Py<Cluster>> {
        self.after.as_ref().map(|after| after.clone_ref(py))
    }
}

impl Answer {
    fn page(&self, wide: bool) -> &render::Page {
        if wide { &self.rendered.wide } else { &self.rendered.page }
    }
}

/// A cluster at rest, for many scenarios; processes make their own from the bytes of the cluster.
#[pyclass(frozen, module = "bayplan._bayplan")]
pub(crate) struct Base {
    rest: Rest,
}

#[pymethods]
impl Base {
    /// Plays one scenario; its row as JSON. An error of the scenario is in the row.
    fn play(&self, py: Python<'_>, scenario: &str) -> PyResult<String> {
        py.detach(|| {
            let scenario = scenario_of(scenario)?;
            let came = self.rest.what_if(&scenario.changes, &mut |_, _| true);
            let came = came.as_ref().map(|simulated| (simulated, check(&scenario.assertions, simulated)));
            let swept = Swept { scenario: &scenario, came: came.map_err(Clone::clone) };
            Ok(render::ordered(&render::swept_json(&swept)))
        })
        .or_raise(py)
    }
}

/// The changes of the command: option, field, form, help.
pub(crate) fn options() -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    OPTIONS.iter().map(|option| (option.name, option.field, option.form, option.help)).collect()
}

/// The change of an option of the command, as JSON.
#[pyfunction]
#[pyo3(signature = (name, text, namespace=None))]
pub(crate) fn change_of_option(py: Python<'_>, name: &str, text: &str, namespace: Option<&str>) -> PyResult<String> {
    Change::option(name, text, namespace).map(|change| json(&change)).or_raise(py)
}

/// Checks a change that is JSON: the same as JSON, and as an option of the command.
#[pyfunction]
pub(crate) fn change(py: Python<'_>, change: &str) -> PyResult<(String, String)> {
    let change = value(change).and_then(Change::from_value).or_raise(py)?;
    Ok((json(&change), change.to_string()))
}

/// Checks a document of scenarios: each scenario as JSON. Its files are named from where `path` is.
#[pyfunction]
#[pyo3(signature = (document, path=None))]
pub(crate) fn scenarios(py: Python<'_>, document: &str, path: Option<&str>) -> PyResult<Vec<String>> {
    let scenarios = value(document).and_then(|value| Scenarios::from_value(&value, path.map(Path::new)));
    Ok(scenarios.or_raise(py)?.scenarios.iter().map(|one| serde_json::to_string(one).unwrap_or_default()).collect())
}

fn json(change: &Change) -> String {
    serde_json::to_string(change).unwrap_or_default()
}

fn value(text: &str) -> Result<serde_json::Value, Error> {
    serde_json::from_str(text).map_err(|error| Error::new(ErrorKind::Input, error.to_string()))
}

fn scenario_of(text: &str) -> Result<Scenario, Error> {
    let document = serde_json::json!({ "apiVersion": "bayplan/v1", "kind": "Scenarios", "scenarios": [value(text)?] });
    let mut scenarios = Scenarios::from_value(&document, None)?.scenarios;
    scenarios.pop().ok_or_else(|| Error::input("there is no scenario"))
}

pub(crate) fn changes_of(texts: &[String]) -> Result<Vec<Change>, Error> {
    texts.iter().map(|text| Change::from_value(value(text)?)).collect()
}

/// How simulations are played, as Python says it.
#[derive(FromPyObject)]
pub(crate) struct Play {
    #[pyo3(item)]
    jobs_finish: bool,
    #[pyo3(item)]
    cron_jobs: bool,
    #[pyo3(item)]
    provision: bool,
    #[pyo3(item)]
    seconds: i64,
    #[pyo3(item)]
    max_pods: usize,
    #[pyo3(item)]
    preemption: bool,
}

impl Play {
    fn options(&self) -> SimulationOptions {
        SimulationOptions {
            jobs_finish: self.jobs_finish,
            cron_jobs: self.cron_jobs,
            provision: self.provision,
            seconds: self.seconds,
            max_pods: self.max_pods,
            ..SimulationOptions::default()
        }
    }
}

/// Makes changes and plays to the end; `question` is `Simulation` or `Drain`.
#[pyfunction]
#[pyo3(signature = (cluster, changes, play, question, progress=None))]
pub(crate) fn what_if(
    py: Python<'_>,
    cluster: &Cluster,
    changes: Vec<String>,
    play: Play,
    question: &str,
    progress: Option<Py<PyAny>>,
) -> PyResult<Answer> {
    let changes = changes_of(&changes).or_raise(py)?;
    let mut simulated = cluster.long(py, progress, |cluster, tell| {
        let mut fork = cluster.clone();
        fork.set_preemption(play.preemption);
        fork.what_if(&changes, play.options(), tell)
    })?;
    let notes = cluster.notes();
    simulated.warnings.splice(0..0, notes.iter().cloned());
    let render: fn(&Simulated) -> Rendered = if question == "Drain" { render::drain } else { render::simulation };
    let rendered = py.detach(|| render(&simulated));
    let after = Py::new(py, Cluster::with(simulated.cluster, notes))?;
    Ok(Answer::of(rendered, Some(after)))
}

/// Loses each domain of a label in turn.
#[pyfunction]
#[pyo3(signature = (cluster, by, changes, play, pairs, threads, progress=None))]
#[allow(clippy::too_many_arguments, reason = "Python's own class has them by name")]
pub(crate) fn fail(
    py: Python<'_>,
    cluster: &Cluster,
    by: &str,
    changes: Vec<String>,
    play: Play,
    pairs: bool,
    threads: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Answer> {
    let changes = changes_of(&changes).or_raise(py)?;
    let options = FailOptions { simulation: play.options(), pairs, changes, threads };
    let mut fail = cluster.long(py, progress, |cluster, tell| {
        let mut fork = cluster.clone();
        fork.set_preemption(play.preemption);
        fork.fail(by, &options, tell)
    })?;
    fail.warnings.splice(0..0, cluster.notes());
    Ok(Answer::of(py.detach(|| render::fail(&fail)), None))
}

/// Which nodes can be switched off together.
#[pyfunction]
#[pyo3(signature = (cluster, changes, play, nodes, prices, most, delete_empty_dir_data, progress=None))]
#[allow(clippy::too_many_arguments, reason = "Python's own class has them by name")]
pub(crate) fn shrink(
    py: Python<'_>,
    cluster: &Cluster,
    changes: Vec<String>,
    play: Play,
    nodes: Option<String>,
    prices: BTreeMap<String, f64>,
    most: usize,
    delete_empty_dir_data: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Answer> {
    let changes = changes_of(&changes).or_raise(py)?;
    let options = ShrinkOptions {
        simulation: play.options(),
        nodes: nodes.map(Nodes),
        prices,
        most,
        delete_empty_dir_data,
        changes,
    };
    let mut shrink = cluster.long(py, progress, |cluster, tell| cluster.shrink(&options, tell))?;
    shrink.warnings.splice(0..0, cluster.notes());
    Ok(Answer::of(py.detach(|| render::shrink(&shrink)), None))
}

/// The cheapest nodes for a load; the catalogue goes as JSON.
#[pyfunction]
#[pyo3(signature = (cluster, changes, play, catalogue, zones, arch, survive, keep_nodes, labels, effort, progress=None))]
#[allow(clippy::too_many_arguments, reason = "Python's own class has them by name")]
pub(crate) fn size(
    py: Python<'_>,
    cluster: &Cluster,
    changes: Vec<String>,
    play: Play,
    catalogue: &str,
    zones: Vec<String>,
    arch: Vec<String>,
    survive: Option<&str>,
    keep_nodes: bool,
    labels: BTreeMap<String, String>,
    effort: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Answer> {
    let changes = changes_of(&changes).or_raise(py)?;
    let survive = match survive {
        None => Ok(None),
        Some("node") => Ok(Some(Survive::Node)),
        Some("zone") => Ok(Some(Survive::Zone)),
        Some(other) => Err(Error::input(format!("{other} is neither node nor zone")).at("survive")),
    };
    let options = SizeOptions {
        shapes: value(catalogue).and_then(|value| Shape::catalogue(&value)).or_raise(py)?,
        survive: survive.or_raise(py)?,
        zones,
        arch,
        keep_nodes,
        labels,
        changes,
        simulation: play.options(),
        effort,
    };
    let mut size = cluster.long(py, progress, |cluster, tell| cluster.size(&options, tell))?;
    let notes = cluster.notes();
    size.warnings.splice(0..0, notes.iter().cloned());
    let rendered = py.detach(|| render::size(&size));
    let after = Py::new(py, Cluster::with(size.cluster, notes))?;
    Ok(Answer::of(rendered, Some(after)))
}

/// The cluster at rest, for many scenarios.
#[pyfunction]
#[pyo3(signature = (cluster, play, progress=None))]
pub(crate) fn base(py: Python<'_>, cluster: &Cluster, play: Play, progress: Option<Py<PyAny>>) -> PyResult<Base> {
    let rest = cluster.long(py, progress, |cluster, tell| {
        let mut fork = cluster.clone();
        fork.set_preemption(play.preemption);
        Rest::of(&fork, play.options(), tell)
    })?;
    Ok(Base { rest })
}

/// The nodes, or with `by` the sums by a label.
#[pyfunction]
#[pyo3(signature = (cluster, by=None))]
pub(crate) fn nodes(py: Python<'_>, cluster: &Cluster, by: Option<&str>) -> PyResult<Answer> {
    let render = || {
        let mut fork = cluster.fork_of();
        let rows = fork.node_rows()?;
        let groups = by.map(|by| Ok::<_, Error>((label_key(by), fork.node_groups(by)?))).transpose()?;
        Ok(render::nodes(&rows, groups.as_ref().map(|(by, groups)| (*by, groups.as_slice()))))
    };
    Ok(Answer::of(py.detach(render).or_raise(py)?, None))
}

/// Nodes, pods and workloads as rows, as JSON.
#[pyfunction]
pub(crate) fn inventory(py: Python<'_>, cluster: &Cluster) -> PyResult<String> {
    let rows = || {
        let mut fork = cluster.fork_of();
        let nodes = fork.node_rows()?;
        Ok(render::ordered(&render::inventory(&nodes, &fork.pod_rows(), &fork.workload_rows())))
    };
    py.detach(rows).or_raise(py)
}

/// An object by the name that kubectl's users give it, as JSON.
#[pyfunction]
#[pyo3(signature = (cluster, name, namespace=None))]
pub(crate) fn get(py: Python<'_>, cluster: &Cluster, name: &str, namespace: Option<&str>) -> PyResult<String> {
    py.detach(|| cluster.fork_of().get(name, namespace).map(|object| object.to_string())).or_raise(py)
}

/// How many more replicas of several workloads fit; each is named with how many of it a bundle has.
#[pyfunction]
#[pyo3(signature = (cluster, inputs, names, together, namespace, limit, preemption, progress=None))]
#[allow(clippy::too_many_arguments, reason = "Python's own class has them by name")]
pub(crate) fn fit_bundle(
    py: Python<'_>,
    cluster: &Cluster,
    inputs: Vec<PyRef<'_, Input>>,
    names: Vec<(String, usize)>,
    together: &str,
    namespace: Option<&str>,
    limit: usize,
    preemption: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Answer> {
    let together = match together {
        "apart" => Together::Apart,
        "in-turn" => Together::InTurn,
        _ => Together::Bundle,
    };
    let objects = crate::cluster::workloads_of(&inputs).or_raise(py)?;
    let (given, others): (Vec<Object>, Vec<Object>) =
        objects.into_iter().partition(|object| is_workload(object.kind()));
    let options = BundleOptions { together, limit, preemption };
    let bundle = cluster.long(py, progress, |cluster, tell| {
        let mut fork = cluster.clone();
        fork.load(others)?;
        let items = items(&fork, &given, &names, namespace)?;
        let mut bundle = fork.fit_bundle(&items, &options, tell)?;
        let is_in = |object: &Object| items.iter().any(|item| item.template.to_string() == object.to_string());
        let beside = given.iter().filter(|object| !is_in(object));
        let beside: Vec<String> = beside.map(ToString::to_string).collect();
        if let Some(first) = beside.first() {
            let more = if beside.len() > 1 { format!(" and {} more", beside.len() - 1) } else { String::new() };
            bundle.left_out.push(format!("{first}{more} of the files left out: name it too"));
        }
        bundle.warnings.extend(bundle.left_out.clone());
        Ok(bundle)
    })?;
    Ok(Answer::of(py.detach(|| render::bundle(&bundle)), None))
}

/// The workloads that are meant: those of the files, all of them where none is named, else of the cluster.
fn items(
    cluster: &bayplan::Cluster,
    given: &[Object],
    names: &[(String, usize)],
    namespace: Option<&str>,
) -> Result<Vec<BundleItem>, Error> {
    if names.is_empty() {
        let all = given.iter().filter(|object| object.kind() != Kind::DaemonSet);
        return Ok(all.map(|template| BundleItem { template: template.clone(), count: replicas(template) }).collect());
    }
    let one = |(name, count): &(String, usize)| {
        let reference = Reference::parse(name, namespace)?;
        let template = match given.iter().any(|object| reference.means(object)) {
            true => reference.choose(given)?.clone(),
            false => cluster.workload(name, namespace)?,
        };
        Ok(BundleItem { template, count: *count })
    };
    names.iter().map(one).collect()
}

/// How many pods a manifest asks for.
fn replicas(object: &Object) -> usize {
    desired_replicas(object, &bayplan::admit::Context::default()).unwrap_or(1).max(1)
}

/// Whom a waiting pod would evict, and on which nodes that helps.
#[pyfunction]
pub(crate) fn preempt_preview(py: Python<'_>, cluster: &Cluster, pod: &str) -> PyResult<Answer> {
    let preview = || {
        let mut fork = cluster.fork_of();
        let weighed = fork.preempt_dry_run(pod)?;
        let decision = fork.decide(pod)?;
        Ok(render::preemption(&decision, &weighed, &fork))
    };
    Ok(Answer::of(py.detach(preview).or_raise(py)?, None))
}

/// What differs between two clusters, both played to rest.
#[pyfunction]
#[pyo3(signature = (cluster, other, play, progress=None))]
pub(crate) fn diff(
    py: Python<'_>,
    cluster: &Cluster,
    other: &Cluster,
    play: Play,
    progress: Option<Py<PyAny>>,
) -> PyResult<Answer> {
    let mut other = py.detach(|| other.fork_of());
    other.set_preemption(play.preemption);
    let diff = cluster.long(py, progress, |cluster, tell| {
        let mut fork = cluster.clone();
        fork.set_preemption(play.preemption);
        fork.diff(&other, play.options(), tell)
    })?;
    Ok(Answer::of(py.detach(|| render::diff(&diff)), None))
}

/// The rehearsal of an upgrade.
#[pyfunction]
#[pyo3(signature = (cluster, play, nodes, surge, delete_empty_dir_data, force, timeout, progress=None))]
#[allow(clippy::too_many_arguments, reason = "Python's own class has them by name")]
pub(crate) fn upgrade(
    py: Python<'_>,
    cluster: &Cluster,
    play: Play,
    nodes: Option<String>,
    surge: usize,
    delete_empty_dir_data: bool,
    force: bool,
    timeout: i64,
    progress: Option<Py<PyAny>>,
) -> PyResult<Answer> {
    let options = UpgradeOptions {
        simulation: play.options(),
        nodes: nodes.map(Nodes),
        surge,
        delete_empty_dir_data,
        force,
        timeout: Some(timeout),
    };
    let mut upgrade = cluster.long(py, progress, |cluster, tell| {
        let mut fork = cluster.clone();
        fork.set_preemption(play.preemption);
        fork.upgrade(&options, tell)
    })?;
    upgrade.warnings.splice(0..0, cluster.notes());
    Ok(Answer::of(py.detach(|| render::upgrade(&upgrade)), None))
}

/// Where GPUs are free, and for whom.
#[pyfunction]
#[pyo3(signature = (cluster, play, resources, pool, cpu, memory, progress=None))]
#[allow(clippy::too_many_arguments, reason = "Python's own class has them by name")]
pub(crate) fn gpus(
    py: Python<'_>,
    cluster: &Cluster,
    play: Play,
    resources: Vec<String>,
    pool: Option<String>,
    cpu: Option<&str>,
    memory: Option<&str>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Answer> {
    let amount = |field: &str, text: Option<&str>, of: fn(Quantity) -> i64| {
        let parsed = text.map(|text| {
            text.parse::<Quantity>().map(of).map_err(|_| Error::input(format!("`{text}` is no quantity")).at(field))
        });
        parsed.transpose()
    };
    let cpu = amount("cpu", cpu, Quantity::milli_value).or_raise(py)?;
    let memory = amount("memory", memory, Quantity::value).or_raise(py)?;
    let options = GpuOptions { simulation: play.options(), resources, pool, cpu, memory };
    let mut view = cluster.long(py, progress, |cluster, tell| cluster.gpus(&options, tell))?;
    view.warnings.splice(0..0, cluster.notes());
    Ok(Answer::of(py.detach(|| render::gpus(&view)), None))
}
