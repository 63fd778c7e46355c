//! Kubernetes objects in, kube-scheduler's decisions out.
pub mod error;
pub mod objects;
pub mod quantity;
pub mod read;

pub use error::{Error, ErrorKind};
