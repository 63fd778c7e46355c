//! Workloads that people change without a manifest: `kubectl scale`, `kubectl set resources`.

use serde_json::Value;

use super::Simulation;
use crate::admit;
use crate::error::Error;
use crate::objects::{Kind, Object};
use crate::version::Version;

impl Simulation {
    /// Changes the JSON of an object, as a patch does; a changed template is rolled out.
    ///
    /// # Errors
    /// Where there is no such object, or a server refuses what comes of it.
    pub fn edit(&mut self, of: &Object, edit: impl FnOnce(&mut Value) -> Result<(), Error>) -> Result<(), Error> {
        let (kind, namespace, name) = (of.kind(), of.namespace().to_owned(), of.name().to_owned());
        let mut edited = admit::edited(of, edit)?;
        admit::updated(&edited, of, self.cluster.version())?;
        if kind.keeps_spec() {
            admit::note_change(&mut edited, of);
        }
        self.cluster.upsert(edited)?;
        // What budgets count by depends on how many replicas are asked for.
        self.budgets_unseen |= kind.makes_pods();
        self.frees(&namespace);
        match kind {
            Kind::Node => self.touch_node(&name),
            kind if kind.makes_pods() && kind != Kind::Pod => self.touch_workload(kind, &namespace, &name),
            _ => self.touch_all(),
        }
        Ok(())
    }

    /// The scheduler and the controllers of another version from now on.
    ///
    /// # Errors
    /// Where the configuration of the scheduler is none of that version.
    pub fn become_version(&mut self, version: Version) -> Result<(), Error> {
        let configuration = self.cluster.configuration().cloned();
        self.decide_by(version, configuration)
    }

    /// A scheduler of another configuration from now on.
    ///
    /// # Errors
    /// Where kube-scheduler would not start with it.
    pub fn become_configured(&mut self, configuration: Value) -> Result<(), Error> {
        self.decide_by(self.cluster.version(), Some(configuration))
    }

    fn decide_by(&mut self, version: Version, configuration: Option<Value>) -> Result<(), Error> {
        self.cluster = self.cluster.decided_by(version, configuration)?;
        // Anything may be decided otherwise.
        self.verifies = true;
        self.touch_all();
        Ok(())
    }
}
