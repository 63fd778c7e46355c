//! Pod.

use super::{
    Free, LabelSelector, List, ObjectMeta, PersistentVolumeClaimSpec, ResourceList, SelectorRequirement, StringMap,
};

object! {
    /// The smallest thing that is placed.
    Pod { metadata: ObjectMeta, spec: PodSpec, status: PodStatus }
    /// `spec` of a pod.
    PodSpec {
        node_name: String,
        scheduler_name: String,
        priority: Option<i32>,
        priority_class_name: String,
        preemption_policy: Option<String>,
        node_selector: StringMap,
        affinity: Option<Affinity>,
        tolerations: List<Toleration>,
        topology_spread_constraints: List<TopologySpreadConstraint>,
        containers: List<Container>,
        init_containers: List<Container>,
        ephemeral_containers: Vec<Container>,
        overhead: ResourceList,
        runtime_class_name: Option<String>,
        resources: Option<ResourceRequirements>,
        scheduling_gates: Vec<Named>,
        volumes: Vec<Volume>,
        host_network: bool,
        host_users: Option<bool>,
        resource_claims: Vec<PodResourceClaim>,
        restart_policy: String,
        scheduling_group: Option<Free>,
        workload_ref: Option<Free>,
        os: Option<Named>,
        active_deadline_seconds: Option<i64>,
    }
    /// Anything that has just a name.
    Named { name: String }
    /// A claim on devices.
    PodResourceClaim { name: String, resource_claim_name: Option<String>, resource_claim_template_name: Option<String> }
    /// `affinity` of a pod.
    Affinity { node_affinity: Option<NodeAffinity>, pod_affinity: Option<PodAffinity>, pod_anti_affinity: Option<PodAffinity> }
    /// Which nodes a pod accepts and prefers.
    NodeAffinity {
        #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
        required: Option<NodeSelector>,
        #[serde(rename = "preferredDuringSchedulingIgnoredDuringExecution")]
        preferred: List<PreferredSchedulingTerm>,
    }
    /// Terms of which one must match.
    NodeSelector { node_selector_terms: Vec<NodeSelectorTerm> }
    /// Requirements that must all match; an empty term matches nothing.
    NodeSelectorTerm { match_expressions: Vec<SelectorRequirement>, match_fields: Vec<SelectorRequirement> }
    /// A preferred node selector term.
    PreferredSchedulingTerm { weight: i32, preference: NodeSelectorTerm }
    /// Pod affinity or anti-affinity.
    PodAffinity {
        #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
        required: List<PodAffinityTerm>,
        #[serde(rename = "preferredDuringSchedulingIgnoredDuringExecution")]
        preferred: List<WeightedPodAffinityTerm>,
    }
    /// A preferred pod affinity term.
    WeightedPodAffinityTerm { weight: i32, pod_affinity_term: PodAffinityTerm }
    /// A set of pods and the topology in which to be near or far from them.
    PodAffinityTerm {
        label_selector: Option<LabelSelector>,
        namespaces: Vec<String>,
        namespace_selector: Option<LabelSelector>,
        topology_key: String,
        match_label_keys: Vec<String>,
        mismatch_label_keys: Vec<String>,
    }
    /// A toleration.
    Toleration { key: String, operator: String, value: String, effect: String, toleration_seconds: Option<i64> }
    /// How evenly the pods of a selector must lie over a topology.
    TopologySpreadConstraint {
        max_skew: i32,
        topology_key: String,
        when_unsatisfiable: String,
        label_selector: Option<LabelSelector>,
        min_domains: Option<i32>,
        node_affinity_policy: Option<String>,
        node_taints_policy: Option<String>,
        match_label_keys: Vec<String>,
    }
    /// A container or init container.
    Container {
        name: String,
        image: String,
        resources: ResourceRequirements,
        ports: Vec<ContainerPort>,
        restart_policy: Option<String>,
        restart_policy_rules: Vec<Free>,
        volume_mounts: Vec<VolumeMount>,
    }
    /// A mount of a volume; only its bind options matter.
    VolumeMount { bind_mount_options: Vec<String> }
    /// `resources` of a container or a pod.
    ResourceRequirements { requests: ResourceList, limits: ResourceList, claims: Vec<Named> }
    /// A port of a container; only those with a host port matter.
    ContainerPort {
        container_port: i32,
        host_port: i32,
        #[serde(rename = "hostIP")]
        host_ip: String,
        protocol: String,
    }
    /// `status` of a pod.
    PodStatus {
        phase: String,
        nominated_node_name: String,
        start_time: Option<String>,
        conditions: List<Condition>,
        container_statuses: List<ContainerStatus>,
        init_container_statuses: List<ContainerStatus>,
        allocated_resources: Option<ResourceList>,
        resources: Option<ActualResources>,
    }
    /// A condition of any object.
    Condition {
        #[serde(rename = "type")]
        kind: String,
        status: String,
        reason: String,
        message: String,
    }
    /// The state of a container.
    ContainerStatus {
        name: String,
        allocated_resources: Option<ResourceList>,
        resources: Option<ActualResources>,
    }
    /// What the node has really given; an empty list is another thing than none.
    ActualResources { requests: Option<ResourceList> }
    /// A volume of a pod; exactly one source is set. Sources that no rule looks at are not read.
    Volume {
        name: String,
        persistent_volume_claim: Option<PersistentVolumeClaimSource>,
        ephemeral: Option<EphemeralSource>,
        gce_persistent_disk: Option<GcePersistentDisk>,
        aws_elastic_block_store: Option<AwsElasticBlockStore>,
        iscsi: Option<Iscsi>,
        rbd: Option<Rbd>,
        azure_disk: Option<AzureDisk>,
        cinder: Option<Cinder>,
        image: Option<ImageVolume>,
        empty_dir: Option<EmptyDir>,
    }
    /// A directory of the node that goes with the pod.
    EmptyDir { medium: String }
    /// A claim by name.
    PersistentVolumeClaimSource { claim_name: String, read_only: bool }
    /// A claim made for the pod and owned by it.
    EphemeralSource { volume_claim_template: Option<ClaimTemplate> }
    /// What an ephemeral claim, or a claim of a stateful set, is made from.
    ClaimTemplate { metadata: ObjectMeta, spec: PersistentVolumeClaimSpec }
    /// A GCE disk.
    GcePersistentDisk { pd_name: String, read_only: bool }
    /// An AWS disk.
    AwsElasticBlockStore {
        #[serde(rename = "volumeID")]
        volume_id: String,
        read_only: bool,
    }
    /// An iSCSI disk.
    Iscsi { target_portal: String, iqn: String, lun: i32, read_only: bool }
    /// A Ceph block image.
    Rbd { monitors: Vec<String>, image: String, pool: String, read_only: bool }
    /// An Azure disk.
    AzureDisk {
        disk_name: String,
        #[serde(rename = "diskURI")]
        disk_uri: String,
        kind: Option<String>,
    }
    /// An OpenStack disk.
    Cinder {
        #[serde(rename = "volumeID")]
        volume_id: String,
    }
    /// An OCI image mounted as a volume.
    ImageVolume { reference: String }
}
