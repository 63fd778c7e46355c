//! Kubernetes objects in, kube-scheduler's decisions out.

pub mod config;
pub mod error;
pub mod features;
pub mod images;
pub mod labels;
pub mod objects;
pub mod quantity;
pub mod requests;
pub mod version;

pub use error::{Error, ErrorKind};
pub use version::Version;
