//! Classes, selectors and names stay in the tables when the last object that had them goes, and so do the rows of nodes. A
//! cluster that is fed by a watch for weeks would grow and slow down: now and then its tables are made again.

use crate::error::Error;
use crate::state::Cluster;

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
    /// Makes the tables again, with just what the objects need. Nothing that can be asked changes by it. A cluster does this by
    /// itself when its tables hold more than twice of what they held after the last time.
    ///
    /// # Errors
    /// Where the objects cannot be compiled, which they were before; the cluster is then as it was.
    pub fn compact(&mut self) -> Result<(), Error> {
        let mut anew = self.emptied()?;
        anew.take_over(self)?;
        *self = anew;
        Ok(())
    }

    /// Notes a change, and makes the tables again where too many of their rows are of the past.
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
