//! The fields of a `KubeSchedulerConfiguration` as they stand in the file. As kube-scheduler does, an unknown field is an
//! error: a misspelt one would change decisions silently.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::wrong;
use crate::error::Error;
use crate::objects::{NodeAffinity, TopologySpreadConstraint, null_is_default};

macro_rules! raw {
    ($($name:ident { $($(#[$meta:meta])* $field:ident : $ty:ty),* $(,)? })*) => {$(
        #[derive(Debug, Default, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "camelCase")]
        pub(crate) struct $name {
            $($(#[$meta])* #[serde(deserialize_with = "null_is_default")] pub(crate) $field: $ty,)*
        }
    )*};
}

raw! {
    Configuration {
        api_version: Option<String>,
        kind: Option<String>,
        parallelism: Option<i32>,
        #[allow(dead_code, reason = "read, so that it is no unknown field; it decides nothing")]
        leader_election: Value,
        #[allow(dead_code, reason = "the same")]
        client_connection: Value,
        #[allow(dead_code, reason = "the same")]
        enable_profiling: Option<bool>,
        #[allow(dead_code, reason = "the same")]
        enable_contention_profiling: Option<bool>,
        percentage_of_nodes_to_score: Option<i32>,
        pod_initial_backoff_seconds: Option<i64>,
        pod_max_backoff_seconds: Option<i64>,
        profiles: Vec<Value>,
        extenders: Vec<Value>,
        #[allow(dead_code, reason = "the same")]
        delay_cache_until_active: bool,
    }
    Profile {
        scheduler_name: Option<String>,
        percentage_of_nodes_to_score: Option<i32>,
        plugins: BTreeMap<String, Value>,
        plugin_config: Vec<Value>,
    }
    PluginSet { enabled: Vec<EnabledPlugin>, disabled: Vec<EnabledPlugin> }
    EnabledPlugin { name: String, weight: Option<i32> }
    PluginConfig { name: String, args: Option<BTreeMap<String, Value>> }
    DefaultPreemptionArgs { min_candidate_nodes_percentage: Option<i32>, min_candidate_nodes_absolute: Option<i32> }
    InterPodAffinityArgs { hard_pod_affinity_weight: Option<i32>, ignore_preferred_terms_of_existing_pods: bool }
    NodeResourcesFitArgs {
        ignored_resources: Vec<String>,
        ignored_resource_groups: Vec<String>,
        scoring_strategy: Option<ScoringStrategy>,
    }
    ScoringStrategy {
        #[serde(rename = "type")]
        kind: String,
        resources: Vec<ResourceSpec>,
        requested_to_capacity_ratio: Option<RequestedToCapacityRatio>,
    }
    RequestedToCapacityRatio { shape: Vec<UtilizationShapePoint> }
    UtilizationShapePoint { utilization: i32, score: i32 }
    ResourceSpec { name: String, weight: i64 }
    NodeResourcesBalancedAllocationArgs { resources: Vec<ResourceSpec> }
    PodTopologySpreadArgs { default_constraints: Vec<TopologySpreadConstraint>, defaulting_type: String }
    NodeAffinityArgs { added_affinity: Option<NodeAffinity> }
    VolumeBindingArgs { bind_timeout_seconds: Option<i64>, shape: Option<Vec<UtilizationShapePoint>> }
    DynamicResourcesArgs {
        #[allow(dead_code, reason = "read, so that it is no unknown field; it decides nothing")]
        filter_timeout: Option<String>,
        #[allow(dead_code, reason = "the same")]
        binding_timeout: Option<String>,
    }
    Extender {
        url_prefix: String,
        filter_verb: String,
        preempt_verb: String,
        prioritize_verb: String,
        weight: i64,
        bind_verb: String,
        #[allow(dead_code, reason = "read, so that it is no unknown field; it decides nothing")]
        #[serde(rename = "enableHTTPS")]
        enable_https: bool,
        #[allow(dead_code, reason = "the same")]
        tls_config: Value,
        #[allow(dead_code, reason = "the same")]
        http_timeout: Option<String>,
        node_cache_capable: bool,
        managed_resources: Vec<ManagedResource>,
        ignorable: bool,
    }
    ManagedResource { name: String, ignored_by_scheduler: bool }
}

/// Reads a part of the configuration that stands in the field `path`.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(value: Value, path: &str) -> Result<T, Error> {
    serde_json::from_value(value).map_err(|error| wrong(path, crate::read::plain(&error.to_string())))
}
