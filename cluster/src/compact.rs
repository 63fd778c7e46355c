//! Classes, selectors and names stay in the tables when the last object that had them goes, and so do the rows of nodes. A
//! cluster that is fed by a watch for weeks would grow and slow down: now and then its tables are made anew.

use crate::cluster::Cluster;
use crate::error::Error;
use crate::objects::{Kind, Object};

/// How many changes pass between two looks at the tables.
const CHANGES: u64 = 1024;
/// So many rows more than twice those that were needed last are too many.
const SPARE: u64 = 4096;
/// Tables whose rows stay.
const TABLES: [&str; 11] = [
    "nodes",
    "strings",
    "specs",
    "label_classes",
    "selectors",
    "terms",
    "use_keys",
    "use_lists",
    "volumes",
    "node_sets",
    "taint_sets",
];

impl Cluster {
    /// Makes the tables anew, with just what the objects need. Nothing that can be asked changes by it. A cluster does this by
    /// itself when its tables hold more than twice of what they held after the last time.
    ///
    /// # Errors
    /// Where the objects cannot be compiled, which they were before; the cluster is then as it was.
    pub fn compact(&mut self) -> Result<(), Error> {
        let config = (*self.compiler.config).clone();
        let mut anew = Cluster::empty(self.compiler.version, config, self.seed)?;
        (anew.draws, anew.clock, anew.changes) = (self.draws, self.clock, self.changes);
        // Node order is the order of rows, and pods have theirs.
        let nodes: Vec<String> = self.nodes().into_iter().map(str::to_owned).collect();
        let nodes = nodes.iter().filter_map(|name| self.store.objects.get(Kind::Node, "", name));
        let others =
            Kind::ALL.iter().filter(|kind| **kind != Kind::Node).flat_map(|kind| self.store.objects.of_kind(*kind));
        let mut pods: Vec<_> = self.store.pods.iter().collect();
        pods.sort_unstable_by_key(|entry| entry.sequence);
        let pods_of_store = pods.iter().map(|entry| Object::Pod(Box::new((*entry.pod).clone())));
        anew.take_in(nodes.chain(others).map(|object| (**object).clone()).chain(pods_of_store))?;
        for entry in pods.iter().filter(|entry| entry.start.is_some()) {
            anew.store.pods.change(&entry.key, |same| same.start = entry.start);
            anew.settle_pod(&entry.key)?;
        }
        anew.needed = anew.rows()?;
        *self = anew;
        Ok(())
    }

    /// Notes a change, and makes the tables anew where too many of their rows are of the past.
    pub(crate) fn changed(&mut self) -> Result<(), Error> {
        self.changes += 1;
        if self.changes.is_multiple_of(CHANGES) && self.rows()? > 2 * self.needed + SPARE {
            // The change itself is done; where this should fail, the tables stay as they are.
            _ = self.compact();
        }
        Ok(())
    }

    /// How many rows are in use of the tables whose rows stay.
    pub(crate) fn rows(&mut self) -> Result<u64, Error> {
        self.compiler.table.run(|s| Ok(TABLES.iter().filter_map(|table| s.used(table)).map(u64::from).sum()))
    }
}
