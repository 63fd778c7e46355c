//! What a server fills in when it takes an object (pkg/apis/*/v1/defaults.go and the `+default` marks of the types).

use serde_json::{Value, json};

use super::schema::{Schema, Shape, TypeId};
use super::view::{self, Object, object, set_default, set_if_empty};

/// Fills in an object of a type, and all that is in it.
pub(crate) fn apply(value: &mut Value, of: TypeId) {
    let schema = Schema::get();
    let of = schema.of(of);
    if let Value::Object(fields) = value {
        fields.retain(|_, value| !value.is_null());
        fill(of.name, fields);
        for (name, value) in fields.iter_mut() {
            if let Some(field) = of.field(name) {
                within(value, &field.shape);
            }
        }
    }
}

fn within(value: &mut Value, shape: &Shape) {
    match (shape, value) {
        (Shape::Object(of), value) => apply(value, *of),
        (Shape::List(item, _), Value::Array(items)) => items.iter_mut().for_each(|value| within(value, item)),
        (Shape::Map(item, _), Value::Object(entries)) => entries.values_mut().for_each(|value| within(value, item)),
        _ => {}
    }
}

fn fill(of: &str, it: &mut Object) {
    match of {
        "core/v1.Pod" => pod(it),
        "core/v1.PodSpec" => pod_spec(it),
        "core/v1.Container" | "core/v1.EphemeralContainer" => container(it),
        "core/v1.ContainerPort" | "core/v1.ServicePort" => {
            set_if_empty(it, "protocol", "TCP");
            if of == "core/v1.ServicePort"
                && let Some(port) = it.get("port").cloned()
            {
                set_if_empty(it, "targetPort", port);
            }
        }
        "core/v1.Volume" => volume(it),
        "core/v1.Probe" => {
            for (field, value) in
                [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)]
            {
                set_if_empty(it, field, value);
            }
        }
        "core/v1.HTTPGetAction" => {
            set_if_empty(it, "path", "/");
            set_if_empty(it, "scheme", "HTTP");
        }
        "core/v1.GRPCAction" => set_default(it, "service", ""),
        // A quantity that is no pointer is written always.
        "core/v1.ResourceFieldSelector" => set_default(it, "divisor", "0"),
        "core/v1.FileKeySelector" => set_default(it, "optional", false),
        "core/v1.SecretVolumeSource"
        | "core/v1.ConfigMapVolumeSource"
        | "core/v1.DownwardAPIVolumeSource"
        | "core/v1.ProjectedVolumeSource" => set_default(it, "defaultMode", 420),
        "core/v1.ServiceAccountTokenProjection" => set_default(it, "expirationSeconds", 3600),
        "core/v1.HostPathVolumeSource" => set_default(it, "type", ""),
        "core/v1.ISCSIVolumeSource" | "core/v1.ISCSIPersistentVolumeSource" => {
            set_if_empty(it, "iscsiInterface", "default");
        }
        "core/v1.RBDVolumeSource" | "core/v1.RBDPersistentVolumeSource" => {
            for (field, value) in [("pool", "rbd"), ("user", "admin"), ("keyring", "/etc/ceph/keyring")] {
                set_if_empty(it, field, value);
            }
        }
        "core/v1.AzureDiskVolumeSource" => {
            for (field, value) in [("cachingMode", "ReadWrite"), ("kind", "Shared"), ("fsType", "ext4")] {
                set_default(it, field, value);
            }
            set_default(it, "readOnly", false);
        }
        "core/v1.ScaleIOVolumeSource" | "core/v1.ScaleIOPersistentVolumeSource" => {
            set_if_empty(it, "storageMode", "ThinProvisioned");
            set_if_empty(it, "fsType", "xfs");
        }
        "core/v1.ObjectFieldSelector" => set_if_empty(it, "apiVersion", "v1"),
        "core/v1.PersistentVolumeClaimSpec" => set_default(it, "volumeMode", "Filesystem"),
        "core/v1.PersistentVolumeClaim" => {
            // The templates of a StatefulSet say what they are too.
            set_if_empty(object(it, "status"), "phase", "Pending");
        }
        "core/v1.PersistentVolume" => {
            set_if_empty(object(it, "status"), "phase", "Pending");
            let spec = object(it, "spec");
            set_if_empty(spec, "persistentVolumeReclaimPolicy", "Retain");
            set_default(spec, "volumeMode", "Filesystem");
        }
        "core/v1.Namespace" => namespace(it),
        "core/v1.NodeStatus" => {
            if let (false, Some(capacity)) = (it.contains_key("allocatable"), it.get("capacity").cloned()) {
                it.insert("allocatable".to_owned(), capacity);
            }
        }
        "core/v1.LimitRangeItem" => limit_range(it),
        "core/v1.Service" => service(it),
        "core/v1.ReplicationController" => {
            let labels = labels_of_template(it);
            let spec = object(it, "spec");
            set_default(spec, "replicas", 1);
            if let Some(labels) = labels {
                set_if_empty(spec, "selector", labels.clone());
                set_if_empty(object(it, "metadata"), "labels", labels);
            }
        }
        "apps/v1.Deployment" | "apps/v1.ReplicaSet" | "apps/v1.StatefulSet" | "apps/v1.DaemonSet" => {
            workload(of, object(it, "spec"));
        }
        "batch/v1.Job" => {
            let labels = labels_of_template(it);
            if let Some(labels) = labels {
                set_if_empty(object(it, "metadata"), "labels", labels);
            }
        }
        "batch/v1.JobSpec" => job(it),
        "batch/v1.CronJobSpec" => {
            set_if_empty(it, "concurrencyPolicy", "Allow");
            set_default(it, "suspend", false);
            set_default(it, "successfulJobsHistoryLimit", 3);
            set_default(it, "failedJobsHistoryLimit", 1);
        }
        "batch/v1.PodFailurePolicyOnPodConditionsPattern" => set_if_empty(it, "status", "True"),
        "storage/v1.StorageClass" => {
            set_default(it, "reclaimPolicy", "Delete");
            set_default(it, "volumeBindingMode", "Immediate");
        }
        "storage/v1.CSIDriverSpec" => {
            set_default(it, "attachRequired", true);
            set_default(it, "podInfoOnMount", false);
            set_default(it, "storageCapacity", false);
        }
        "scheduling/v1.PriorityClass" => set_default(it, "preemptionPolicy", "PreemptLowerPriority"),
        _ => {}
    }
}

/// The labels of the pods that a controller makes.
fn labels_of_template(it: &mut Object) -> Option<Value> {
    let spec = it.get("spec")?;
    view::at(spec, &["template", "metadata", "labels"]).as_object().cloned().map(Value::Object)
}

fn pod(it: &mut Object) {
    set_if_empty(object(it, "status"), "phase", "Pending");
    let spec = object(it, "spec");
    let host_network = spec.get("hostNetwork").and_then(Value::as_bool).unwrap_or(false);
    for list in ["containers", "initContainers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let Value::Object(container) = container else { continue };
            requests_from_limits(container);
            if host_network {
                host_ports(container);
            }
        }
    }
    set_default(spec, "enableServiceLinks", true);
}

/// Requests that are not given are the limits.
fn requests_from_limits(container: &mut Object) {
    let resources = container.get("resources");
    let Some(limits) = resources.and_then(|r| view::get(r, "limits")).and_then(Value::as_object).cloned() else {
        return;
    };
    let requests = object(object(container, "resources"), "requests");
    limits.into_iter().for_each(|(name, limit)| set_default(requests, &name, limit));
}

/// On the host's network a container's port is the host's.
fn host_ports(container: &mut Object) {
    for port in container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        let Value::Object(port) = port else { continue };
        if let Some(number) = port.get("containerPort").cloned() {
            set_if_empty(port, "hostPort", number);
        }
    }
}

fn pod_spec(it: &mut Object) {
    let name = |it: &Object, field: &str| it.get(field).cloned().filter(|name| !view::is_zero(name));
    if let Some(account) = name(it, "serviceAccountName").or_else(|| name(it, "serviceAccount")) {
        it.insert("serviceAccountName".to_owned(), account.clone());
        it.insert("serviceAccount".to_owned(), account);
    }
    set_if_empty(it, "dnsPolicy", "ClusterFirst");
    set_if_empty(it, "restartPolicy", "Always");
    set_default(it, "securityContext", json!({}));
    set_default(it, "terminationGracePeriodSeconds", 30);
    set_if_empty(it, "schedulerName", "default-scheduler");
}

fn container(it: &mut Object) {
    let image = it.get("image").and_then(Value::as_str).unwrap_or_default();
    let policy = if tag_is_latest(image) { "Always" } else { "IfNotPresent" };
    set_if_empty(it, "imagePullPolicy", policy);
    set_if_empty(it, "terminationMessagePath", "/dev/termination-log");
    set_if_empty(it, "terminationMessagePolicy", "File");
}

/// Is an image's tag `latest`, said or by default? One that has a digest and no tag has none.
fn tag_is_latest(image: &str) -> bool {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let last = name.rsplit('/').next().unwrap_or(name);
    match last.split_once(':') {
        Some((_, tag)) => tag == "latest",
        // What is no image name at all has no tag.
        None => digest.is_none() && !name.is_empty() && !name.bytes().any(|b| b.is_ascii_uppercase() || b == b' '),
    }
}

fn volume(it: &mut Object) {
    if it.keys().all(|key| key == "name") {
        it.insert("emptyDir".to_owned(), json!({}));
    }
    if let Some(Value::Object(image)) = it.get_mut("image") {
        let reference = image.get("reference").and_then(Value::as_str).unwrap_or_default();
        let policy = if tag_is_latest(reference) { "Always" } else { "IfNotPresent" };
        set_if_empty(image, "pullPolicy", policy);
    }
}

fn namespace(it: &mut Object) {
    let meta = object(it, "metadata");
    if let Some(name) = meta.get("name").cloned() {
        object(meta, "labels").insert("kubernetes.io/metadata.name".to_owned(), name);
    }
    let spec = object(it, "spec");
    set_default(spec, "finalizers", json!(["kubernetes"]));
    set_if_empty(object(it, "status"), "phase", "Active");
}

/// The default limits are the greatest ones, the default requests the limits or the least ones.
fn limit_range(it: &mut Object) {
    if it.get("type").and_then(Value::as_str) != Some("Container") {
        return;
    }
    for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
        let amounts = it.get(from).and_then(Value::as_object).cloned().unwrap_or_default();
        let to = object(it, to);
        amounts.into_iter().for_each(|(name, amount)| set_default(to, &name, amount));
    }
}

fn service(it: &mut Object) {
    let spec = object(it, "spec");
    set_if_empty(spec, "sessionAffinity", "None");
    set_if_empty(spec, "type", "ClusterIP");
    let of_type = |kinds: &[&str]| spec.get("type").and_then(Value::as_str).is_some_and(|t| kinds.contains(&t));
    let (internal, balanced) = (of_type(&["NodePort", "LoadBalancer", "ClusterIP"]), of_type(&["LoadBalancer"]));
    let external = of_type(&["NodePort", "LoadBalancer"]);
    if external {
        set_if_empty(spec, "externalTrafficPolicy", "Cluster");
    }
    if internal {
        set_default(spec, "internalTrafficPolicy", "Cluster");
    }
    if balanced {
        set_default(spec, "allocateLoadBalancerNodePorts", true);
    }
}

fn workload(of: &str, spec: &mut Object) {
    if of != "apps/v1.DaemonSet" {
        set_default(spec, "replicas", 1);
    }
    match of {
        "apps/v1.Deployment" => {
            rolling_update(spec, "strategy", [("maxUnavailable", json!("25%")), ("maxSurge", json!("25%"))]);
            set_default(spec, "progressDeadlineSeconds", 600);
        }
        "apps/v1.DaemonSet" => {
            rolling_update(spec, "updateStrategy", [("maxUnavailable", json!(1)), ("maxSurge", json!(0))]);
        }
        "apps/v1.StatefulSet" => {
            set_if_empty(spec, "podManagementPolicy", "OrderedReady");
            let strategy = object(spec, "updateStrategy");
            if view::is_zero(strategy.get("type").unwrap_or(&Value::Null)) {
                strategy.insert("type".to_owned(), "RollingUpdate".into());
                set_default(strategy, "rollingUpdate", json!({}));
            }
            let rolls = strategy.get("type").and_then(Value::as_str) == Some("RollingUpdate");
            if let (true, Some(Value::Object(update))) = (rolls, strategy.get_mut("rollingUpdate")) {
                set_default(update, "partition", 0);
                set_default(update, "maxUnavailable", 1);
            }
            let policy = object(spec, "persistentVolumeClaimRetentionPolicy");
            set_if_empty(policy, "whenDeleted", "Retain");
            set_if_empty(policy, "whenScaled", "Retain");
        }
        _ => {}
    }
    if of != "apps/v1.ReplicaSet" {
        set_default(spec, "revisionHistoryLimit", 10);
    }
}

fn rolling_update(spec: &mut Object, field: &str, defaults: [(&str, Value); 2]) {
    let strategy = object(spec, field);
    set_if_empty(strategy, "type", "RollingUpdate");
    if strategy.get("type").and_then(Value::as_str) == Some("RollingUpdate") {
        let update = object(strategy, "rollingUpdate");
        defaults.into_iter().for_each(|(name, value)| set_default(update, name, value));
    }
}

fn job(it: &mut Object) {
    if it.get("completions").is_none() && it.get("parallelism").is_none() {
        it.insert("completions".to_owned(), 1.into());
    }
    set_default(it, "parallelism", 1);
    let limit = if it.contains_key("backoffLimitPerIndex") { i32::MAX } else { 6 };
    set_default(it, "backoffLimit", limit);
    set_default(it, "completionMode", "NonIndexed");
    set_default(it, "suspend", false);
    let replaced = if it.contains_key("podFailurePolicy") { "Failed" } else { "TerminatingOrFailed" };
    set_default(it, "podReplacementPolicy", replaced);
    set_default(it, "manualSelector", false);
}

#[cfg(test)]
mod tests {
    use super::tag_is_latest;

    #[test]
    fn images_without_a_tag_are_the_latest() {
        for image in ["nginx", "x/y", "localhost:5000/x", "x:latest", "a.b/c/d:latest@sha256:1"] {
            assert!(tag_is_latest(image), "{image}");
        }
        for image in ["", "nginx:1", "localhost:5000/x:2", "x@sha256:1", "X Y"] {
            assert!(!tag_is_latest(image), "{image}");
        }
    }
}
