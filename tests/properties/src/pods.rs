//! Pods, with every kind of rule, and what happens to them.

use serde_json::{Value, json};

use crate::random::Random;
use crate::storage::AWS_IDS;
use crate::terms::{affinity, pod_labels, spread};

/// A second at which a pod starts; no two pods have the same: which of equal victims goes depends on the order in which the scheduler heard of them,
/// which here is not kept to the last turn.
pub fn start(random: &mut Random) -> i64 {
    1_698_796_800 + random.below(29 * 86_400) as i64
}

/// As an object says it.
pub fn time(start: i64) -> String {
    let of_november = start - 1_698_796_800;
    let (day, second) = (of_november / 86_400, of_november % 86_400);
    format!("2023-11-{:02}T{:02}:{:02}:{:02}Z", day + 1, second / 3_600, second / 60 % 60, second % 60)
}

/// The lowest that there is adds nothing to a sum of victims, so that their number can decide.
const PRIORITIES: [i32; 9] = [i32::MIN, i32::MIN, -10, 0, 0, 5, 100, 100, 1_000_000_000];

fn requests(random: &mut Random) -> Value {
    let mut out = json!({});
    if random.percent(80) {
        out["cpu"] = random.one(&["100m", "250m", "0.5", "700m", "1"]).into();
    }
    if random.percent(80) {
        out["memory"] = random.one(&["64Mi", "256Mi", "500M", "700Mi", "1Gi"]).into();
    }
    if random.percent(10) {
        out["ephemeral-storage"] = random.one(&["1Gi", "30Gi"]).into();
    }
    if random.percent(1) {
        out["memory"] = random.one(&["80Pi", "3E", "5Ei"]).into();
    }
    if random.percent(6) {
        out["example.com/foo"] = random.one(&["1", "2"]).into();
    }
    out
}

fn container(random: &mut Random, name: &str) -> Value {
    let image = random.one(&["registry.example/app:v1", "registry.example/db:v2", "tool", "registry.example/new:v9"]);
    let mut container = json!({ "name": name, "image": image, "resources": { "requests": requests(random) } });
    if random.percent(12) {
        container["ports"] = json!([port(random)]);
    }
    if random.percent(3) {
        let rule = json!({ "action": "RestartAllContainers", "exitCodes": { "operator": "In", "values": [42] } });
        container["restartPolicy"] = "Never".into();
        container["restartPolicyRules"] = json!([rule]);
    }
    container
}

fn port(random: &mut Random) -> Value {
    let mut port =
        json!({ "containerPort": 80, "hostPort": random.one(&[80, 8080]), "protocol": random.one(&["TCP", "UDP"]) });
    if random.percent(40) {
        port["hostIP"] = random.one(&["0.0.0.0", "127.0.0.1", "10.0.0.1"]).into();
    }
    port
}

fn toleration(random: &mut Random) -> Value {
    let key = random.one(&["gpu", "dedicated", "node.kubernetes.io/unschedulable", ""]);
    let mut toleration = json!({ "operator": "Exists" });
    if !key.is_empty() {
        toleration["key"] = key.into();
        if random.percent(50) {
            toleration = json!({ "key": key, "operator": "Equal", "value": random.one(&["x", "y"]) });
        }
    }
    if random.percent(50) {
        toleration["effect"] = random.one(&["NoSchedule", "PreferNoSchedule", "NoExecute"]).into();
    }
    toleration
}

/// A pending pod. `claims` are the names of claims that there may be in its namespace.
pub fn pod(random: &mut Random, namespace: &str, name: &str, claims: &[&str]) -> Value {
    let mut metadata = json!({ "name": name, "namespace": namespace, "uid": format!("{namespace}-{name}"), "labels": pod_labels(random) });
    let mut spec = json!({ "schedulerName": "default-scheduler" });
    if random.percent(90) {
        spec["priority"] = random.one(&PRIORITIES).into();
    }
    if random.percent(8) {
        spec["preemptionPolicy"] = random.one(&["Never", "Never", "PreemptLowerPriority"]).into();
    }
    let containers: Vec<Value> = (0..1 + random.below(2)).map(|at| container(random, &format!("c{at}"))).collect();
    spec["containers"] = containers.into();
    if random.percent(15) {
        let mut init = container(random, "i0");
        if random.percent(50) && init.get("restartPolicy").is_none() {
            init["restartPolicy"] = "Always".into();
        }
        spec["initContainers"] = json!([init]);
    }
    if random.percent(15) {
        spec["nodeSelector"] =
            random.one(&[json!({ "disk": "ssd" }), json!({ "pool": "a" }), json!({ "pool": "b", "disk": "hdd" })]);
    }
    if random.percent(50) {
        spec["affinity"] = affinity(random);
    }
    if random.percent(35) {
        spec["tolerations"] = (0..1 + random.below(2)).map(|_| toleration(random)).collect::<Vec<_>>().into();
    }
    if random.percent(35) {
        spec["topologySpreadConstraints"] = spread(random).into();
    }
    if random.percent(3) {
        spec["hostNetwork"] = true.into();
        spec["hostUsers"] = false.into();
    }
    if random.percent(1) {
        spec["schedulingGates"] = json!([{ "name": "example.com/wait" }]);
    }
    if random.percent(25) {
        let volumes: Vec<Value> = (0..1 + random.below(2)).map(|at| volume(random, at, claims)).collect();
        spec["volumes"] = volumes.into();
    }
    if random.percent(25) {
        metadata["ownerReferences"] = json!([{
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": random.one(&["rs-0", "rs-1"]), "uid": "rs", "controller": true,
        }]);
    }
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": { "phase": "Pending" } })
}

fn volume(random: &mut Random, at: usize, claims: &[&str]) -> Value {
    let disk = format!("d{}", random.below(2));
    let read_only = random.percent(30);
    let mut volume = match random.below(12) {
        0 => json!({ "gcePersistentDisk": { "pdName": disk, "readOnly": read_only } }),
        1 => {
            let disk = if random.percent(70) { &disk } else { random.one(&AWS_IDS) };
            json!({ "awsElasticBlockStore": { "volumeID": disk, "readOnly": read_only } })
        }
        2 => json!({ "iscsi": { "targetPortal": "10.0.0.9", "iqn": disk, "lun": 0, "readOnly": read_only } }),
        3 => json!({ "rbd": { "monitors": ["m0"], "image": disk, "pool": "p", "readOnly": read_only } }),
        4 => json!({ "ephemeral": { "volumeClaimTemplate": { "spec": {} } } }),
        _ => json!({ "persistentVolumeClaim": { "claimName": random.one(claims) } }),
    };
    volume["name"] = format!("v{at}").into();
    volume
}

/// Other labels on a pod.
pub fn relabel(random: &mut Random, pod: &mut Value) {
    pod["metadata"]["labels"] = pod_labels(random);
}

/// A resize: other requests, and what the kubelet has made of it so far.
pub fn resize(random: &mut Random, pod: &mut Value) {
    let old = pod["spec"]["containers"][0]["resources"]["requests"].clone();
    let mut new = old.clone();
    new["cpu"] = random.one(&["50m", "200m", "1200m", "2"]).into();
    new["memory"] = random.one(&["32Mi", "300Mi", "1500Mi"]).into();
    pod["spec"]["containers"][0]["resources"]["requests"] = new.clone();
    if random.percent(60) {
        pod["status"]["containerStatuses"] = json!([{
            "name": "c0", "allocatedResources": random.one(&[old.clone(), new]), "resources": { "requests": old },
        }]);
    }
    pod["status"]["conditions"] = match random.below(4) {
        0 => json!([{ "type": "PodResizePending", "status": "True", "reason": "Infeasible" }]),
        1 => json!([{ "type": "PodResizePending", "status": "True", "reason": "Deferred" }]),
        2 => json!([{ "type": "PodResizeInProgress", "status": "True" }]),
        _ => json!([]),
    };
}

/// A running pod.
pub fn status(random: &mut Random) -> Value {
    json!({ "phase": "Running", "startTime": time(start(random)) })
}

/// The pod is told to end: by a scheduler that evicted it, or by anybody else.
pub fn terminate(random: &mut Random, pod: &mut Value) {
    pod["metadata"]["deletionTimestamp"] = "2023-11-10T00:00:00Z".into();
    let (kind, status, reason) = random.one(&[
        ("DisruptionTarget", "True", "PreemptionByScheduler"),
        ("DisruptionTarget", "True", "PreemptionByScheduler"),
        ("DisruptionTarget", "True", "EvictionByEvictionAPI"),
        ("DisruptionTarget", "False", "PreemptionByScheduler"),
        ("Ready", "True", ""),
    ]);
    pod["status"]["conditions"] = json!([{ "type": kind, "status": status, "reason": reason }]);
}

/// The pod is told to end as a scheduler has evicted it.
pub fn preempt(pod: &mut Value) {
    pod["metadata"]["deletionTimestamp"] = "2023-11-10T00:00:00Z".into();
    pod["status"]["conditions"] =
        json!([{ "type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler" }]);
}
