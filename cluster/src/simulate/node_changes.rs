//! Nodes that people or machines change: they come, change and go.

use super::{Event, Simulation};
use crate::error::Error;
use crate::objects::{Kind, Node, Object};

impl Simulation {
    /// Changes a node, as `kubectl patch` and `kubectl taint` do.
    ///
    /// # Errors
    /// Where there is no such node.
    pub fn change_node(&mut self, name: &str, change: impl FnOnce(&mut Node)) -> Result<(), Error> {
        let Some(Object::Node(node)) = self.cluster.object(Kind::Node, "", name) else {
            return Err(crate::state::no_node(name));
        };
        let mut changed = node.clone();
        change(&mut changed);
        self.put_node(*changed)
    }

    /// Adds a node, or puts it in the place of the one of its name.
    ///
    /// # Errors
    /// Where the node cannot be compiled.
    pub fn put_node(&mut self, node: Node) -> Result<(), Error> {
        let name = node.metadata.name.clone();
        match self.cluster.object(Kind::Node, "", &name) {
            // A new domain may free a pod that is spread.
            None => self.touched.neighbours = true,
            // Other labels are other topologies, for all pods.
            Some(there) => self.touched.woken |= there.metadata().labels != node.metadata.labels,
        }
        let node = Object::from(node);
        self.note_driving(&node);
        self.cluster.upsert(node)?;
        self.touch_node(&name);
        Ok(())
    }

    /// Takes a node away; its pods are gone, and are made again by their controllers.
    ///
    /// # Errors
    /// Where there is no such node.
    pub fn remove_node(&mut self, name: &str) -> Result<(), Error> {
        let pods = self.cluster.pods_on(name);
        if !self.cluster.delete(Kind::Node, "", name)? {
            return Err(crate::state::no_node(name));
        }
        self.driving.remove(name);
        self.touch_daemons_of(name);
        self.touched.neighbours = true;
        for key in pods {
            self.remove(&key)?;
            self.happened(Event::Deleted(key));
        }
        Ok(())
    }
}
