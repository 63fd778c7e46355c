//! Volumes, claims and what storage drivers say of nodes.

use super::{
    AwsElasticBlockStore, AzureDisk, Cinder, Free, GcePersistentDisk, LabelSelector, NodeSelector, ObjectMeta,
    ResourceList, ResourceRequirements, StringMap,
};
use crate::quantity::Quantity;

object! {
    /// A volume.
    PersistentVolume { metadata: ObjectMeta, spec: PersistentVolumeSpec, status: VolumePhase }
    /// `spec` of a volume.
    PersistentVolumeSpec {
        capacity: ResourceList,
        access_modes: Vec<String>,
        claim_ref: Option<ClaimRef>,
        storage_class_name: String,
        volume_mode: Option<String>,
        volume_attributes_class_name: Option<String>,
        node_affinity: Option<VolumeNodeAffinity>,
        csi: Option<CsiVolume>,
        gce_persistent_disk: Option<GcePersistentDisk>,
        aws_elastic_block_store: Option<AwsElasticBlockStore>,
        azure_disk: Option<AzureDisk>,
        azure_file: Option<Free>,
        cinder: Option<Cinder>,
        vsphere_volume: Option<Free>,
        portworx_volume: Option<Free>,
        local: Option<Free>,
        host_path: Option<Free>,
    }
    /// `status` of a volume or a claim.
    VolumePhase { phase: String }
    /// The claim that a volume is bound to.
    ClaimRef { kind: String, namespace: String, name: String, uid: String }
    /// The nodes from which a volume can be reached.
    VolumeNodeAffinity { required: Option<NodeSelector> }
    /// A volume of a CSI driver.
    CsiVolume { driver: String, volume_handle: String }
    /// A claim on a volume.
    PersistentVolumeClaim { metadata: ObjectMeta, spec: PersistentVolumeClaimSpec, status: VolumePhase }
    /// `spec` of a claim.
    PersistentVolumeClaimSpec {
        access_modes: Vec<String>,
        selector: Option<LabelSelector>,
        resources: ResourceRequirements,
        volume_name: String,
        storage_class_name: Option<String>,
        volume_mode: Option<String>,
        volume_attributes_class_name: Option<String>,
    }
    /// A class of storage.
    StorageClass {
        metadata: ObjectMeta,
        provisioner: String,
        volume_binding_mode: Option<String>,
        allowed_topologies: Vec<TopologySelectorTerm>,
        parameters: StringMap,
    }
    /// Requirements on a node's labels that must all match.
    TopologySelectorTerm { match_label_expressions: Vec<TopologyRequirement> }
    /// A label and its allowed values.
    TopologyRequirement { key: String, values: Vec<String> }
    /// What CSI drivers say of a node.
    CsiNode { metadata: ObjectMeta, spec: CsiNodeSpec }
    /// `spec` of a CSINode.
    CsiNodeSpec { drivers: Vec<CsiNodeDriver> }
    /// A driver on a node.
    CsiNodeDriver {
        name: String,
        #[serde(rename = "nodeID")]
        node_id: String,
        topology_keys: Vec<String>,
        allocatable: Option<VolumeNodeResources>,
    }
    /// How many volumes of a driver a node takes.
    VolumeNodeResources { count: Option<i32> }
    /// A CSI driver.
    CsiDriver { metadata: ObjectMeta, spec: CsiDriverSpec }
    /// `spec` of a CSI driver.
    CsiDriverSpec {
        attach_required: Option<bool>,
        storage_capacity: Option<bool>,
        prevent_pod_scheduling_if_missing: Option<bool>,
    }
    /// What a storage class has left in a topology segment.
    CsiStorageCapacity {
        metadata: ObjectMeta,
        node_topology: Option<LabelSelector>,
        storage_class_name: String,
        capacity: Option<Quantity>,
        maximum_volume_size: Option<Quantity>,
    }
    /// A volume that is, or is to be, attached to a node.
    VolumeAttachment { metadata: ObjectMeta, spec: VolumeAttachmentSpec, status: VolumeAttachmentStatus }
    /// `spec` of a VolumeAttachment.
    VolumeAttachmentSpec { attacher: String, node_name: String, source: VolumeAttachmentSource }
    /// The volume of a VolumeAttachment.
    VolumeAttachmentSource { persistent_volume_name: Option<String>, inline_volume_spec: Option<Box<PersistentVolumeSpec>> }
    /// `status` of a VolumeAttachment.
    VolumeAttachmentStatus { attached: bool }
}
