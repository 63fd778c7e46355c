//! What a server refuses of an object that is to be created, in its words: the rules of pkg/apis/*/validation as far as they concern what
//! scheduling and controllers read.
//!
//! All of them look at the JSON of the object after its defaults were filled in. Each takes the path of what it looks at, and notes
//! every fault, in the order in which a server names them.

mod container;
mod faults;
mod meta;
mod names;
mod node;
mod placement;
mod pod;
mod policy;
mod resources;
mod storage;
mod volumes;
mod workload;

use serde_json::Value;

pub(crate) use faults::{Fault, Faults};

/// What is wrong with an object of a type (`core/v1.Pod`).
pub(crate) fn object(of: &str, it: &Value) -> Vec<Fault> {
    let mut faults = Faults::default();
    let out = &mut faults;
    match of {
        "core/v1.Pod" => pod::pod(it, out),
        "core/v1.Node" => node::node(it, out),
        "core/v1.Namespace" => meta::meta(it, false, names::label, out),
        "core/v1.ReplicationController" => workload::replication_controller(it, out),
        "core/v1.LimitRange" => policy::limit_range(it, out),
        "core/v1.ResourceQuota" => policy::resource_quota(it, out),
        "core/v1.PersistentVolumeClaim" => storage::claim(it, out),
        "core/v1.PersistentVolume" => storage::volume(it, out),
        "core/v1.Service" => meta::meta(it, true, names::label, out),
        "apps/v1.Deployment" => workload::deployment(it, out),
        "apps/v1.ReplicaSet" => workload::replica_set(it, out),
        "apps/v1.StatefulSet" => workload::stateful_set(it, out),
        "apps/v1.DaemonSet" => workload::daemon_set(it, out),
        "batch/v1.Job" => workload::job(it, out),
        "batch/v1.CronJob" => workload::cron_job(it, out),
        "scheduling/v1.PriorityClass" => policy::priority_class(it, out),
        "node/v1.RuntimeClass" => policy::runtime_class(it, out),
        "policy/v1.PodDisruptionBudget" => policy::disruption_budget(it, out),
        "storage/v1.StorageClass" => storage::class(it, out),
        _ => {}
    }
    faults.0
}
