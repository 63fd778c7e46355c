//! A cluster, as Python holds it.

use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use bayplan::objects::Kind;
use bayplan::{Error, ErrorKind, Options};
use pyo3::prelude::*;

use crate::error::OrRaise;
use crate::input::Input;
use crate::placements::Placements;
use crate::progress::Progress;

/// A cluster behind a lock: threads may share it, and no call holds the interpreter while it waits or works.
#[pyclass(frozen, module = "bayplan._bayplan")]
pub(crate) struct Cluster {
    cluster: RwLock<bayplan::Cluster>,
}

#[pymethods]
impl Cluster {
    #[new]
    #[pyo3(signature = (inputs, *, version, config=None, seed=None))]
    fn new(
        py: Python<'_>,
        inputs: Vec<PyRef<'_, Input>>,
        version: &str,
        config: Option<&str>,
        seed: Option<u64>,
    ) -> PyResult<Self> {
        let read: Vec<_> = inputs.iter().map(|input| &input.input).collect();
        let cluster = py.detach(|| {
            let configuration = config.map(json).transpose()?;
            let mut cluster = bayplan::Cluster::new(Options { version: version.parse()?, configuration, seed })?;
            cluster.load(read.into_iter().flat_map(|input| input.objects.iter().cloned()))?;
            Ok(cluster)
        });
        cluster.map(Cluster::from).or_raise(py)
    }

    /// An independent copy.
    fn fork(&self, py: Python<'_>) -> Self {
        py.detach(|| Cluster::from(self.read().clone()))
    }

    /// Takes in objects, which update those of the same name.
    fn upsert(&self, py: Python<'_>, input: &Input) -> PyResult<()> {
        let mut objects = input.input.objects.clone();
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

    /// Places pods on a fork.
    #[pyo3(signature = (workloads, *, include_pending, progress=None))]
    fn place(
        &self,
        py: Python<'_>,
        workloads: Option<&Input>,
        include_pending: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Placements> {
        let _ = (workloads, include_pending, progress);
        let _ = py;
        todo!()
    }

    /// The decision for a pod with everything about it, as JSON.
    fn why(&self, py: Python<'_>, pod: &str) -> PyResult<String> {
        py.detach(|| {
            let explanation = self.write().explain(pod)?;
            Ok(serde_json::to_string(&explanation).map_err(|e| Error::input(e.to_string()))?)
        })
        .or_raise(py)
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
        py.detach(|| self.read().warnings())
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
        Cluster { cluster: RwLock::new(cluster) }
    }
}

impl Cluster {
    // A panic of another thread leaves no half-written cluster behind that would be worse than none: the library does
    // not panic on input, so a poisoned lock is taken as it is.
    fn read(&self) -> RwLockReadGuard<'_, bayplan::Cluster> {
        self.cluster.read().unwrap_or_else(|poisoned| poisoned.into_inner())
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
