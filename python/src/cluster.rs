//! A cluster, as Python holds it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bayplan::objects::{Kind, Object};
use bayplan::plan::{FitOptions, PlaceOptions, check_workloads, is_workload};
use bayplan::{Error, ErrorKind, Options, Overlay};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::answers::{Explanation, Fit};
use crate::choose::choose;
use crate::error::OrRaise;
use crate::input::Input;
use crate::placements::Placements;
use crate::progress::Progress;

/// A cluster behind a lock: threads may share it, and no call holds the interpreter while it waits or works.
#[pyclass(frozen, module = "bayplan._bayplan")]
pub(crate) struct Cluster {
    cluster: RwLock<bayplan::Cluster>,
    /// What is to be known of the inputs that it was read from.
    notes: RwLock<Vec<String>>,
}

#[pymethods]
impl Cluster {
    #[new]
    #[pyo3(signature = (inputs, *, version, config=None, seed=None, overlay="apply"))]
    fn new(
        py: Python<'_>,
        inputs: Vec<PyRef<'_, Input>>,
        version: &str,
        config: Option<&str>,
        seed: Option<u64>,
        overlay: &str,
    ) -> PyResult<Self> {
        let overlay = match overlay {
            "apply" => Overlay::Apply,
            "replace" => Overlay::Replace,
            other => {
                let text = format!("overlay is {other:?}, but must be apply or replace");
                return Err(pyo3::exceptions::PyValueError::new_err(text));
            }
        };
        let read: Vec<_> = inputs.iter().map(|input| &input.input).collect();
        let cluster = py.detach(|| {
            let configuration = config.map(json).transpose()?;
            let mut cluster = bayplan::Cluster::new(Options {
                version: version.parse()?,
                configuration,
                seed,
                overlay,
                ..Options::default()
            })?;
            cluster.load(read.iter().flat_map(|input| input.objects.iter().cloned()))?;
            Ok(cluster)
        });
        let notes = inputs.iter().flat_map(|input| notes(&input.input)).collect();
        cluster.map(|cluster| Cluster::with(cluster, notes)).or_raise(py)
    }

    /// An independent copy.
    fn fork(&self, py: Python<'_>) -> Self {
        py.detach(|| Cluster::with(self.read().clone(), self.notes()))
    }

    /// Takes in objects, which update those of the same name.
    fn upsert(&self, py: Python<'_>, inputs: Vec<PyRef<'_, Input>>) -> PyResult<()> {
        let mut objects: Vec<Object> = inputs.iter().flat_map(|input| &input.input.objects).cloned().collect();
        let new: Vec<String> = inputs.iter().flat_map(|input| notes(&input.input)).collect();
        self.notes.write().unwrap_or_else(PoisonError::into_inner).extend(new);
        py.detach(|| match objects.len() {
            1 => self.write().upsert(objects.swap_remove(0)),
            _ => self.write().load(objects),
        })
        .or_raise(py)
    }

    /// Takes an object away; whether it was there.
    fn delete(&self, py: Python<'_>, kind: &str, namespace: &str, name: &str) -> PyResult<bool> {
        let known = Kind::ALL.iter().copied().find(|k| k.name().eq_ignore_ascii_case(kind));
        let kind = known.ok_or_else(|| Error::input(format!("`{kind}` is not a kind that is read")).hint(kinds()));
        let kind = kind.or_raise(py)?;
        let namespace = if kind.namespaced() { namespace } else { "" };
        py.detach(|| self.write().delete(kind, namespace, name)).or_raise(py)
    }

    /// Places workloads, or the pods that wait, on a fork.
    #[pyo3(signature = (workloads, *, include_pending, max_pods, preemption, progress=None))]
    fn place(
        &self,
        py: Python<'_>,
        workloads: Option<Vec<PyRef<'_, Input>>>,
        include_pending: bool,
        max_pods: usize,
        preemption: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Placements> {
        let mut notes = self.notes();
        let mut left_out = Vec::new();
        for input in workloads.iter().flatten() {
            notes.extend(self::notes(&input.input));
            left_out.extend(input.input.left_out());
        }
        let objects = workloads.map(|inputs| workloads_of(&inputs)).transpose().or_raise(py)?;
        let options = PlaceOptions { include_pending, max_pods, preemption: Some(preemption) };
        let placed = self.long(py, progress, |cluster, tell| cluster.place(objects.as_deref(), &options, tell))?;
        let bayplan::Placements { decisions, evictions, warnings, left_out: also, cluster } = placed;
        left_out.extend(also);
        let warnings = notes.iter().cloned().chain(warnings).collect();
        let cluster = Py::new(py, Cluster::with(cluster, notes))?;
        Ok(Placements { decisions, evictions, warnings, left_out, cluster: Some(cluster) })
    }

    /// How many more replicas of a workload fit. It is the one of the template, or where that has
    /// several or there is none, the one of a name. Other objects of the template are taken in first.
    #[pyo3(signature = (template, *, name=None, namespace=None, limit, preemption, progress=None))]
    #[allow(clippy::too_many_arguments, reason = "Python has them by name")]
    fn fit(
        &self,
        py: Python<'_>,
        template: Option<Vec<PyRef<'_, Input>>>,
        name: Option<&str>,
        namespace: Option<&str>,
        limit: usize,
        preemption: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Fit> {
        let notes: Vec<String> = template.iter().flatten().flat_map(|input| self::notes(&input.input)).collect();
        let (workloads, others) = match template {
            Some(template) => {
                workloads_of(&template).or_raise(py)?.into_iter().partition(|object| is_workload(object.kind()))
            }
            None => (py.detach(|| workloads(&self.read())), Vec::new()),
        };
        let template = choose(workloads, name, namespace).or_raise(py)?;
        let options = FitOptions { limit, preemption };
        let mut fit = self.long(py, progress, |cluster, tell| {
            if others.is_empty() {
                return cluster.fit_with(&template, &options, tell);
            }
            let mut fork = cluster.clone();
            fork.load(others)?;
            fork.fit_with(&template, &options, tell)
        })?;
        fit.warnings.splice(0..0, notes);
        Ok(Fit { fit })
    }

    /// The decision for a pod with everything about it. A pod that is on a node is taken off it first, on a fork, and decided
    /// again.
    fn why(&self, py: Python<'_>, pod: &str, preemption: bool) -> PyResult<Explanation> {
        let why = || {
            let mut cluster = self.write();
            let on = cluster.pod(pod).map(|pod| pod.spec.node_name.clone()).filter(|node| !node.is_empty());
            let before = cluster.preempts();
            cluster.set_preemption(preemption);
            let explained = cluster.why(pod);
            cluster.set_preemption(before);
            let explained = explained?;
            let analysis = cluster.analyse(&explained)?;
            Ok(Explanation::new(explained, analysis, on))
        };
        py.detach(why).or_raise(py)
    }

    /// What preemption would do for a pod, as JSON, or with `dry_run` false does.
    fn preempt(&self, py: Python<'_>, pod: &str, dry_run: bool) -> PyResult<String> {
        let preempt = || {
            let mut cluster = self.write();
            let mut weighed = cluster.preempt_dry_run(pod)?;
            if !dry_run {
                weighed.preemption = cluster.preempt(pod)?.preemption;
            }
            Ok(serde_json::json!(weighed).to_string())
        };
        py.detach(preempt).or_raise(py)
    }

    /// The cluster as bytes, for `from_bytes`.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = py.detach(|| self.read().to_bytes()).or_raise(py)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Opens what `to_bytes` wrote.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        py.detach(|| bayplan::Cluster::from_bytes(data)).map(Cluster::from).or_raise(py)
    }

    /// The names of the nodes, in node order.
    #[getter]
    fn nodes(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| self.read().nodes().into_iter().map(str::to_owned).collect())
    }

    /// The pods that wait for a node, in the order of the queue.
    #[getter]
    fn pending(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| self.read().pending())
    }

    #[getter]
    fn warnings(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| self.notes().into_iter().chain(self.read().warnings()).collect())
    }

    #[getter]
    fn version(&self, py: Python<'_>) -> &'static str {
        py.detach(|| self.read().version().name())
    }

    /// The pods bound to a node, by name.
    fn pods_on(&self, py: Python<'_>, node: &str) -> PyResult<Vec<String>> {
        py.detach(|| {
            let cluster = self.read();
            if cluster.object(Kind::Node, "", node).is_none() {
                return Err(Error::new(ErrorKind::NotFound, format!("there is no node {node}")));
            }
            Ok(cluster.pods_on(node))
        })
        .or_raise(py)
    }
}

impl From<bayplan::Cluster> for Cluster {
    fn from(cluster: bayplan::Cluster) -> Self {
        Cluster::with(cluster, Vec::new())
    }
}

impl Cluster {
    pub(crate) fn with(cluster: bayplan::Cluster, notes: Vec<String>) -> Self {
        Cluster { cluster: RwLock::new(cluster), notes: RwLock::new(notes) }
    }

    /// What is to be known of the inputs.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.notes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    // A panic of another thread leaves no half-written cluster behind that would be worse than none: the library does
    // not panic on input, so a poisoned lock is taken as it is.
    fn read(&self) -> RwLockReadGuard<'_, bayplan::Cluster> {
        self.cluster.read().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// A fork to ask.
    pub(crate) fn fork_of(&self) -> bayplan::Cluster {
        self.read().clone()
    }

    /// Runs a long call away from the interpreter, which is asked now and then whether to go on.
    pub(crate) fn long<T: Send>(
        &self,
        py: Python<'_>,
        progress: Option<Py<PyAny>>,
        call: impl FnOnce(&bayplan::Cluster, &mut dyn FnMut(usize, usize) -> bool) -> Result<T, Error> + Send,
    ) -> PyResult<T> {
        // A callback may change this very cluster, which would wait for ever for the call to end.
        let fork = progress.is_some().then(|| py.detach(|| self.read().clone()));
        let mut progress = Progress::new(progress);
        let done = py.detach(|| {
            let tell = &mut |done, all| progress.step(done, all);
            match fork {
                Some(fork) => call(&fork, tell),
                None => call(&self.read(), tell),
            }
        });
        progress.finish()?;
        done.or_raise(py)
    }

    fn write(&self) -> RwLockWriteGuard<'_, bayplan::Cluster> {
        self.cluster.write().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn json(text: &str) -> Result<serde_json::Value, Error> {
    serde_json::from_str(text).map_err(|e| Error::new(ErrorKind::Config, e.to_string()))
}

fn kinds() -> String {
    let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    format!("these are: {}", names.join(", "))
}

/// What makes pods in a cluster.
fn workloads(cluster: &bayplan::Cluster) -> Vec<Object> {
    let kinds = Kind::ALL.iter().filter(|kind| is_workload(**kind));
    kinds.flat_map(|kind| cluster.objects(*kind)).cloned().collect()
}

/// What is to be known of an input.
fn notes(input: &bayplan::read::Input) -> Vec<String> {
    input.warnings.iter().cloned().chain(input.left_out()).collect()
}

/// The objects of inputs that must hold workloads.
pub(crate) fn workloads_of(inputs: &[PyRef<'_, Input>]) -> Result<Vec<Object>, Error> {
    let read: Vec<_> = inputs.iter().map(|input| &input.input).collect();
    check_workloads(&read)?;
    Ok(together(inputs))
}

/// The objects of several inputs, in order; a later one takes the place of an earlier one of the same name.
fn together(inputs: &[PyRef<'_, Input>]) -> Vec<Object> {
    let mut objects: Vec<Object> = Vec::new();
    let mut places = HashMap::new();
    for object in inputs.iter().flat_map(|input| &input.input.objects) {
        match places.entry((object.kind(), object.namespace(), object.name())) {
            Entry::Occupied(place) => objects[*place.get()] = object.clone(),
            Entry::Vacant(place) => {
                place.insert(objects.len());
                objects.push(object.clone());
            }
        }
    }
    objects
}
