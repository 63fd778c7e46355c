//! Kubernetes objects in, kube-scheduler's decisions out.
pub mod objects;
pub mod quantity;
