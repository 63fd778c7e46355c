//! Everything else that a decision looks at.

use super::{Free, LabelSelector, List, Named, ObjectMeta, ResourceList, StringMap, Toleration};

object! {
    /// A namespace.
    Namespace { metadata: ObjectMeta }
    /// Who a pod is at the API server: a pod of one that is not there is refused.
    ServiceAccount { metadata: ObjectMeta, image_pull_secrets: List<Named> }
    /// A service; its selector takes part in the system's default spreading.
    Service { metadata: ObjectMeta, spec: ServiceSpec }
    /// `spec` of a service.
    ServiceSpec { selector: StringMap }
    /// A named priority.
    PriorityClass { metadata: ObjectMeta, value: i32, global_default: bool, preemption_policy: Option<String> }
    /// A container runtime, with its overhead and the nodes that have it.
    RuntimeClass { metadata: ObjectMeta, handler: String, overhead: Option<RuntimeOverhead>, scheduling: Option<RuntimeScheduling> }
    /// What a runtime costs a pod.
    RuntimeOverhead { pod_fixed: ResourceList }
    /// Where a runtime is.
    RuntimeScheduling { node_selector: StringMap, tolerations: Vec<Toleration> }
    /// How many pods of a selector may be down.
    PodDisruptionBudget { metadata: ObjectMeta, spec: PodDisruptionBudgetSpec, status: PodDisruptionBudgetStatus }
    /// `spec` of a disruption budget.
    PodDisruptionBudgetSpec {
        selector: Option<LabelSelector>,
        min_available: Option<Free>,
        max_unavailable: Option<Free>,
        unhealthy_pod_eviction_policy: String,
    }
    /// `status` of a disruption budget.
    PodDisruptionBudgetStatus {
        disruptions_allowed: i32,
        current_healthy: i32,
        desired_healthy: i32,
        disrupted_pods: StringMap,
    }
    /// Defaults and bounds for the resources of a namespace's pods.
    LimitRange { metadata: ObjectMeta, spec: LimitRangeSpec }
    /// `spec` of a limit range.
    LimitRangeSpec { limits: Vec<LimitRangeItem> }
    /// One bound.
    LimitRangeItem {
        #[serde(rename = "type")]
        kind: String,
        max: ResourceList,
        min: ResourceList,
        default: ResourceList,
        default_request: ResourceList,
        max_limit_request_ratio: ResourceList,
    }
    /// A namespace's share.
    ResourceQuota { metadata: ObjectMeta, spec: ResourceQuotaSpec }
    /// `spec` of a quota.
    ResourceQuotaSpec { hard: ResourceList, scopes: Vec<String>, scope_selector: Option<ScopeSelector> }
    /// Which pods a quota counts.
    ScopeSelector { match_expressions: Vec<ScopeRequirement> }
    /// A scope, and its values where it has some.
    ScopeRequirement { scope_name: String, operator: String, values: Vec<String> }
}
