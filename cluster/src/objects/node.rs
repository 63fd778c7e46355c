//! Node.

use super::{Condition, ObjectMeta, ResourceList};

object! {
    /// A machine with capacity.
    Node { metadata: ObjectMeta, spec: NodeSpec, status: NodeStatus }
    /// `spec` of a node.
    NodeSpec {
        unschedulable: bool,
        taints: Vec<Taint>,
        #[serde(rename = "providerID")]
        provider_id: String,
    }
    /// A taint.
    Taint { key: String, value: String, effect: String, time_added: Option<String> }
    /// `status` of a node.
    NodeStatus {
        allocatable: ResourceList,
        capacity: ResourceList,
        conditions: Vec<Condition>,
        images: Vec<ContainerImage>,
        declared_features: Vec<String>,
        node_info: NodeInfo,
    }
    /// `status.nodeInfo` of a node.
    NodeInfo { kubelet_version: String }
    /// An image that a node holds.
    ContainerImage { names: Vec<String>, size_bytes: i64 }
}
