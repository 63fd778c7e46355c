//! Kubernetes objects in, kube-scheduler's decisions out.

pub mod admit;
pub mod cluster;
pub mod config;
pub mod decision;
pub mod error;
pub mod expand;
pub mod features;
pub mod images;
pub mod labels;
pub mod objects;
pub mod plan;
pub mod quantity;
pub mod read;
pub mod render;
pub mod requests;
pub mod version;

mod attachable;
mod binding;
mod changes;
mod compact;
mod compile;
mod decide;
mod default_selector;
mod details;
mod explain;
mod faults;
mod plugins;
mod settle;
mod setup;
mod shared;
mod store;
mod table;
mod time;
mod unfinished;
mod volumes;
mod words;

pub use cluster::{Cluster, Options};
pub use error::{Error, ErrorKind};
pub use plan::{Fit, PlaceOptions, Placements};
pub use version::Version;
