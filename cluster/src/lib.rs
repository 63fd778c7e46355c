//! kube-scheduler's own decisions, without an API server: Kubernetes objects in, exact placements and reasons out.
//!
//! ```
//! use bayplan::{Cluster, Options, PlaceOptions, read};
//!
//! let manifests = "
//! apiVersion: v1
//! kind: Node
//! metadata: {name: one}
//! status: {allocatable: {cpu: '4', memory: 8Gi, pods: '110'}}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: web, namespace: shop}
//! spec:
//!   replicas: 3
//!   selector: {matchLabels: {app: web}}
//!   template:
//!     metadata: {labels: {app: web}}
//!     spec: {containers: [{name: web, image: web, resources: {requests: {cpu: 1500m}}}]}
//! ";
//! let objects = read::from_bytes(manifests.as_bytes(), "example")?.objects;
//! let (nodes, workloads): (Vec<_>, Vec<_>) = objects.into_iter().partition(|object| object.kind().name() == "Node");
//!
//! let mut cluster = Cluster::new(Options::default())?;
//! cluster.load(nodes)?;
//! let placements = cluster.place(Some(&workloads), &PlaceOptions::default(), &mut |_, _| true)?;
//! assert_eq!(placements.decisions.iter().filter(|decision| decision.node.is_some()).count(), 2);
//! assert_eq!(placements.decisions[2].message, "0/1 nodes are available: 1 Insufficient cpu.");
//! # Ok::<(), bayplan::Error>(())
//! ```
//!
//! # Layers, in the order of reading
//!
//! Each uses only what stands above it in this list.
//!
//! 1. The ground: [`visible`] (what is shown to people), [`refusal`] (what an API server says), [`Error`], [`Version`], [`quantity`], [`objects`] (what Kubernetes says), [`labels`] (selectors, taints), [`mod@reference`] (objects by kubectl's names).
//! 2. [`read`]: bytes to objects. [`requests`], [`features`], [`images`], `csi_migration`: what plugins count of a pod.
//! 3. [`custom`]: plugins of the caller's own, extenders. [`config`]: the scheduler's configuration as it is applied.
//! 4. [`admit`]: what the API server fills in. [`expand`]: the pods of workloads. `compile`: objects to the core's rows, in a block of memory.
//! 5. `state`: [`Cluster`], the objects and the tables that follow them.
//! 6. `plugins`: what is said here of each plugin of kube-scheduler. `setup`: from a `KubeSchedulerConfiguration` to [`config`].
//! 7. [`attempt`]: one scheduling attempt. `explain`: everything about one.
//! 8. [`plan`]: where pods land and how many fit. [`simulate`]: a cluster that reacts. [`change`]: changes as values. [`inventory`]: what
//!    a cluster has. [`whatif`]: planners' questions. [`render`]: answers as text, JSON and HTML.

pub mod admit;
pub mod attempt;
pub mod change;
pub mod config;
pub mod custom;
pub mod error;
pub mod expand;
pub mod features;
pub mod images;
pub mod inventory;
pub mod labels;
pub mod objects;
pub mod plan;
pub mod quantity;
pub mod read;
pub mod reference;
pub mod refusal;
pub mod render;
pub mod requests;
pub mod simulate;
pub mod version;
pub mod visible;
pub mod whatif;

mod api;
mod compile;
mod csi_migration;
mod explain;
mod hash;
mod plugins;
mod setup;
mod shared;
mod state;
mod time;

/// The core, for programs that go on with a cluster's block ([`Cluster::block`]).
pub use bayplan_core;

pub use attempt::{Candidate, Decision, DryRun, Explanation, NotApplied, Outcome, Preemption};
pub use custom::CustomPlugin;
pub use error::{Error, ErrorKind};
pub use plan::{Eviction, Fit, FitOptions, PlaceOptions, Placements};
pub use refusal::{Reason, Refusal};
pub use state::{Changes, Cluster, Counts, Observed, Options, Overlay};
pub use version::Version;
