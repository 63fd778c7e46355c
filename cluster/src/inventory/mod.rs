//! What a cluster has: its nodes with what they give and what is asked of them, its pods, its workloads.

mod nodes;
mod workloads;

pub use nodes::{Group, NodeRow};
pub use workloads::{PodRow, WorkloadRow};
