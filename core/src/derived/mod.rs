//! What can be computed again from the tables: cached columns, counters, topologies. Forks and snapshots leave it out.
//! Starting over costs little: the small columns say which of the large ones hold something.

mod cache;
mod counters;
pub(crate) mod node_resources;
mod scratch;
pub(crate) mod topology;

pub(crate) use cache::{Cache, Columns, fact, oldest, slot_flag};
pub(crate) use counters::{Counter, recount};
pub(crate) use node_resources::NodeResources;
pub(crate) use scratch::{GROUP, Scratch};
