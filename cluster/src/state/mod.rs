//! The state of a cluster: its objects, and the tables that follow them. Only this module writes them: what stands above reads, and asks the core through
//! [`prepared`].

mod admission;
mod asked;
mod bind;
mod budgets;
mod changes;
mod cluster;
mod compact;
pub(crate) mod default_selector;
mod mirror;
mod overlay;
mod preempt;
pub(crate) mod prepared;
mod reconcile;
mod reload;
mod saved;
pub(crate) mod storage;
pub(crate) mod store;
mod undefaulted;

pub(crate) use bind::TOPOLOGY_LABELS;
pub(crate) use cluster::*;
pub use cluster::{Cluster, Counts, Options};
pub use mirror::{Changes, Observed};
pub use overlay::Overlay;
