//! `kubectl delete`: an object goes, and what it owns goes with it.

use super::{Event, Simulation};
use crate::error::Error;
use crate::objects::{Kind, Object};

/// Kinds that own no pods themselves, but what owns pods.
const BETWEEN: [Kind; 2] = [Kind::ReplicaSet, Kind::Job];

impl Simulation {
    /// Takes an object away with all that it owns, as the garbage collector does; of a namespace all that is in it. Whether it was there.
    ///
    /// # Errors
    /// Where what depends on it cannot be compiled without it.
    pub fn delete(&mut self, kind: Kind, namespace: &str, name: &str) -> Result<bool, Error> {
        match kind {
            Kind::Node => {
                let is_there = self.cluster.object(kind, "", name).is_some();
                if is_there {
                    self.remove_node(name)?;
                }
                return Ok(is_there);
            }
            Kind::Pod => {
                let key = crate::state::key_of(namespace, name);
                let is_there = self.cluster.pod(&key).is_some();
                if is_there {
                    self.remove(&key)?;
                    self.happened(Event::Deleted(key));
                }
                return Ok(is_there);
            }
            Kind::Namespace => self.empty_namespace(name)?,
            _ => self.delete_owned(kind, namespace, name)?,
        }
        let scope = if kind.namespaced() { namespace } else { "" };
        self.frees(namespace);
        let was_there = self.cluster.delete(kind, scope, name)?;
        if !kind.makes_pods() {
            self.touch_all();
        }
        Ok(was_there)
    }

    fn delete_owned(&mut self, kind: Kind, namespace: &str, name: &str) -> Result<(), Error> {
        let is_owner = |object: &Object| {
            object.metadata().controller().is_some_and(|owner| owner.kind == kind.name() && owner.name == name)
        };
        for between in BETWEEN {
            let owned = self.cluster.store().objects.in_namespace(between, namespace);
            let owned = owned.filter(|object| is_owner(object)).map(|object| object.name().to_owned());
            for owned in owned.collect::<Vec<_>>() {
                self.delete(between, namespace, &owned)?;
            }
        }
        let pods = self.cluster.store().pods.controlled(namespace, kind.name(), name);
        let mut pods: Vec<String> = pods.map(|entry| entry.key.to_string()).collect();
        if kind == Kind::Job {
            // Those that ran to their end go with it, and count for no other of its name.
            pods.extend(self.ended.remove(&crate::state::key_of(namespace, name)).unwrap_or_default());
        }
        for key in pods {
            self.remove(&key)?;
            self.happened(Event::Deleted(key));
        }
        Ok(())
    }

    fn empty_namespace(&mut self, namespace: &str) -> Result<(), Error> {
        for kind in Kind::ALL.iter().filter(|kind| kind.namespaced() && **kind != Kind::Pod) {
            let names = self.cluster.store().objects.in_namespace(*kind, namespace);
            for name in names.map(|object| object.name().to_owned()).collect::<Vec<_>>() {
                self.delete(*kind, namespace, &name)?;
            }
        }
        let pods = self.cluster.store().pods.iter().filter(|entry| entry.pod.metadata.namespace == namespace);
        let mut pods: Vec<String> = pods.map(|entry| entry.key.to_string()).collect();
        pods.sort_unstable();
        for key in pods {
            self.remove(&key)?;
            self.happened(Event::Deleted(key));
        }
        Ok(())
    }
}
