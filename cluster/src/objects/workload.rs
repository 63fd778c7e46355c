//! What makes pods.

use super::{ClaimTemplate, Condition, Free, LabelSelector, ObjectMeta, PodSpec, StringMap};

object! {
    /// A pod to make copies of.
    PodTemplate { metadata: ObjectMeta, spec: PodSpec }
    /// A Deployment.
    Deployment { metadata: ObjectMeta, spec: DeploymentSpec }
    /// `spec` of a Deployment.
    DeploymentSpec {
        replicas: Option<i32>,
        selector: Option<LabelSelector>,
        template: PodTemplate,
        paused: bool,
        strategy: UpdateStrategy,
    }
    /// How pods of an older template are replaced.
    UpdateStrategy {
        #[serde(rename = "type")]
        kind: String,
        rolling_update: Option<RollingUpdate>,
    }
    /// Bounds of a rolling update: numbers of pods, or percentages.
    RollingUpdate { max_unavailable: Option<Free>, max_surge: Option<Free>, partition: Option<i32> }
    /// A ReplicaSet.
    ReplicaSet { metadata: ObjectMeta, spec: ReplicaSetSpec }
    /// `spec` of a ReplicaSet.
    ReplicaSetSpec { replicas: Option<i32>, selector: Option<LabelSelector>, template: PodTemplate }
    /// A ReplicationController.
    ReplicationController { metadata: ObjectMeta, spec: ReplicationControllerSpec }
    /// `spec` of a ReplicationController.
    ReplicationControllerSpec { replicas: Option<i32>, selector: StringMap, template: Option<PodTemplate> }
    /// A StatefulSet.
    StatefulSet { metadata: ObjectMeta, spec: StatefulSetSpec }
    /// `spec` of a StatefulSet.
    StatefulSetSpec {
        replicas: Option<i32>,
        selector: Option<LabelSelector>,
        template: PodTemplate,
        volume_claim_templates: Vec<ClaimTemplate>,
        pod_management_policy: String,
        ordinals: Option<Ordinals>,
        service_name: String,
        update_strategy: UpdateStrategy,
    }
    /// Where a stateful set begins to count.
    Ordinals { start: i32 }
    /// A DaemonSet.
    DaemonSet { metadata: ObjectMeta, spec: DaemonSetSpec }
    /// `spec` of a DaemonSet.
    DaemonSetSpec { selector: Option<LabelSelector>, template: PodTemplate, update_strategy: UpdateStrategy }
    /// A Job.
    Job { metadata: ObjectMeta, spec: JobSpec, status: JobStatus }
    /// `spec` of a Job.
    JobSpec {
        parallelism: Option<i32>,
        completions: Option<i32>,
        completion_mode: Option<String>,
        suspend: Option<bool>,
        selector: Option<LabelSelector>,
        template: PodTemplate,
    }
    /// `status` of a Job.
    JobStatus { succeeded: i32, active: i32, failed: i32, conditions: Vec<Condition> }
    /// A CronJob.
    CronJob { metadata: ObjectMeta, spec: CronJobSpec }
    /// `spec` of a CronJob.
    CronJobSpec { schedule: String, suspend: Option<bool>, job_template: JobTemplate }
    /// What a CronJob makes jobs from.
    JobTemplate { metadata: ObjectMeta, spec: JobSpec }
}
