//! A manifest with a few values changed, as people and templates change them, is placed or refused; a refusal names the object and the field.

use bayplan::read::Reading;
use bayplan::simulate::SimulationOptions;
use bayplan::{Cluster, ErrorKind, Options, PlaceOptions};
use serde_json::{Map, Value, json};

/// What became of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It was refused before or at admission.
    Refused,
    /// Its pods were placed, or are pending.
    Placed,
}

const NODE: &str = r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","uid":"n1","labels":{"zone":"a"}},
"status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110","nvidia.com/gpu":"2"}}}"#;

/// A manifest of each kind that makes pods, with many fields.
#[must_use]
pub fn manifests() -> Vec<Value> {
    let pod = json!({
        "containers": [
            { "name": "web", "image": "web:1", "ports": [{ "containerPort": 80, "hostPort": 8080, "protocol": "TCP" }],
              "env": [{ "name": "A", "value": "b" }, { "name": "C", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }],
              "resources": { "requests": { "cpu": "100m", "memory": "64Mi" }, "limits": { "cpu": "1", "nvidia.com/gpu": 1 } },
              "volumeMounts": [{ "name": "data", "mountPath": "/data" }],
              "readinessProbe": { "httpGet": { "path": "/", "port": 80 }, "periodSeconds": 5 },
              "securityContext": { "runAsUser": 1000, "privileged": false } },
        ],
        "initContainers": [{ "name": "init", "image": "init:1", "restartPolicy": "Always", "resources": { "requests": { "cpu": "10m" } } }],
        "volumes": [{ "name": "data", "emptyDir": { "sizeLimit": "1Gi" } }, { "name": "conf", "configMap": { "name": "conf", "defaultMode": 420 } }],
        "nodeSelector": { "zone": "a" },
        "tolerations": [{ "key": "k", "operator": "Equal", "value": "v", "effect": "NoExecute", "tolerationSeconds": 30 }],
        "topologySpreadConstraints": [{ "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": { "matchLabels": { "app": "web" } } }],
        "affinity": {
            "nodeAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [{ "weight": 10, "preference": {
                "matchExpressions": [{ "key": "zone", "operator": "In", "values": ["a"] }] } }] },
            "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [{ "topologyKey": "kubernetes.io/hostname",
                "labelSelector": { "matchExpressions": [{ "key": "app", "operator": "NotIn", "values": ["db"] }] } }] } },
        "terminationGracePeriodSeconds": 30,
        "securityContext": { "fsGroup": 2000 },
    });
    let template = json!({ "metadata": { "labels": { "app": "web" } }, "spec": pod });
    let selector = json!({ "matchLabels": { "app": "web" } });
    let of = |version: &str, kind: &str, spec: Value| json!({ "apiVersion": version, "kind": kind, "metadata": { "name": "web", "labels": { "app": "web" } }, "spec": spec });
    let mut run_once = template.clone();
    run_once["spec"]["restartPolicy"] = "Never".into();
    run_once["spec"]["initContainers"] = json!([]);
    vec![
        of("v1", "Pod", pod.clone()),
        of(
            "apps/v1",
            "Deployment",
            json!({ "replicas": 3, "selector": selector, "template": template,
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": 1 } } }),
        ),
        of(
            "apps/v1",
            "StatefulSet",
            json!({ "replicas": 2, "serviceName": "web", "selector": selector, "template": template,
            "volumeClaimTemplates": [{ "metadata": { "name": "pv" }, "spec": { "accessModes": ["ReadWriteOnce"],
                "resources": { "requests": { "storage": "1Gi" } } } }] }),
        ),
        of(
            "apps/v1",
            "DaemonSet",
            json!({ "selector": selector, "template": template, "updateStrategy": { "type": "OnDelete" } }),
        ),
        of(
            "batch/v1",
            "Job",
            json!({ "completions": 3, "parallelism": 2, "completionMode": "Indexed", "template": run_once }),
        ),
        of(
            "batch/v1",
            "CronJob",
            json!({ "schedule": "*/5 * * * *", "jobTemplate": { "spec": { "template": run_once } } }),
        ),
    ]
}

/// Changes a manifest as the bytes say, and places it.
///
/// # Panics
/// Where a refusal names neither the object nor the field.
pub fn play(data: &[u8]) -> Option<Fate> {
    let mut bytes = data.iter().copied();
    let manifests = manifests();
    let before = &manifests[usize::from(bytes.next()?) % manifests.len()];
    let mut manifest = before.clone();
    let (version, kind) = (manifest["apiVersion"].clone(), manifest["kind"].clone());
    while let Some(step) = bytes.next() {
        change(&mut manifest, step, &mut bytes);
    }
    let named = manifest["metadata"]["name"] == "web" && manifest["kind"] == kind && manifest["apiVersion"] == version;
    let result = place(&manifest);
    if let (Err(error), true) = (&result, named) {
        let text = error.to_string();
        assert!(text.contains("web"), "the object is not named: {text}\n{manifest}");
        let names_field = ["spec", "metadata", "apiVersion", "kind", "status", "field", ".", "no matches"]
            .iter()
            .any(|part| text.contains(part));
        assert!(names_field, "no field is named: {text}\n{manifest}");
    }
    let over = react(before, &manifest);
    // What is refused alone may be a whole where it is merged; what is taken alone is refused where a field must not change.
    if let (Err(error), true) = (over, named) {
        assert!(error.to_string().contains("web") || error.kind() == ErrorKind::TooManyPods, "{error}\n{manifest}");
    }
    Some(if result.is_ok() { Fate::Placed } else { Fate::Refused })
}

/// Places a manifest on a cluster of one node.
///
/// # Errors
/// Where it is refused.
pub fn place(manifest: &Value) -> Result<(), bayplan::Error> {
    let mut cluster = Cluster::new(Options::default())?;
    cluster.load(Reading::live().bytes(NODE.as_bytes(), "node")?.objects)?;
    let workloads = Reading::default().bytes(manifest.to_string().as_bytes(), "manifest")?.objects;
    let options = PlaceOptions { max_pods: 50, ..PlaceOptions::default() };
    let placed = cluster.place(Some(&workloads), &options, &mut |_, _| true)?;
    assert!(placed.decisions.len() <= 50);
    Ok(())
}

/// Applies a manifest to a cluster in which the one before is live, and plays what becomes of it.
///
/// # Errors
/// Where it is refused, or makes more pods than are allowed.
pub fn react(before: &Value, manifest: &Value) -> Result<(), bayplan::Error> {
    let mut cluster = Cluster::new(Options::default())?;
    cluster.load(Reading::live().bytes(NODE.as_bytes(), "node")?.objects)?;
    let options = SimulationOptions { max_pods: 50, rounds: 1000, cron_jobs: true, ..SimulationOptions::default() };
    let applied = Reading::default().bytes(before.to_string().as_bytes(), "before")?.objects;
    let start = cluster.simulate(&applied, options, &mut |_, _| true)?;
    let mut live = before.clone();
    live["metadata"]["namespace"] = "default".into();
    live["metadata"]["uid"] = "live".into();
    let mut cluster = start.cluster;
    cluster.load(Reading::live().bytes(live.to_string().as_bytes(), "live")?.objects)?;
    let changed = Reading::default().bytes(manifest.to_string().as_bytes(), "manifest")?.objects;
    cluster.simulate(&changed, options, &mut |_, _| true).map(drop)
}

/// Walks to a value and puts another in its place.
fn change(value: &mut Value, step: u8, bytes: &mut impl Iterator<Item = u8>) {
    let go_on = !step.is_multiple_of(8);
    match value {
        Value::Object(fields) if go_on && !fields.is_empty() => {
            let at = usize::from(bytes.next().unwrap_or_default()) % fields.len();
            let field = fields.keys().nth(at).cloned().unwrap_or_default();
            match step {
                1 => drop(fields.remove(&field)),
                2 => rename(fields, &field),
                _ => change(&mut fields[&field], bytes.next().unwrap_or_default(), bytes),
            }
        }
        Value::Array(items) if go_on && !items.is_empty() => {
            let at = usize::from(bytes.next().unwrap_or_default()) % items.len();
            match step {
                1 => drop(items.remove(at)),
                2 => items.push(items[at].clone()),
                _ => change(&mut items[at], bytes.next().unwrap_or_default(), bytes),
            }
        }
        _ => *value = other(bytes.next().unwrap_or_default()),
    }
}

fn rename(fields: &mut Map<String, Value>, field: &str) {
    let value = fields.remove(field);
    fields.insert(field.to_uppercase(), value.unwrap_or_default());
}

/// What people and templates leave where something else should be.
fn other(choice: u8) -> Value {
    let values = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1),
        json!(65536),
        json!(2_147_483_648_i64),
        json!(9_223_372_036_854_775_807_i64),
        json!(1.5),
        json!(1e300),
        json!(""),
        json!(" "),
        json!("a"),
        json!("web"),
        json!("-"),
        json!("A.B"),
        json!("100%"),
        json!("-1"),
        json!("1Ei"),
        json!("1e400"),
        json!("9999999999999999999"),
        json!("1n"),
        json!("0.0001"),
        json!("{{ .Values.x }}"),
        json!("a/b/c"),
        json!("ü"),
        json!("a".repeat(300)),
        json!("Always"),
        json!("Never"),
        json!("Exists"),
        json!("NoSchedule"),
        json!("kubernetes.io/hostname"),
        json!([]),
        json!([null]),
        json!(["a", 1]),
        json!({}),
        json!({ "a": "b" }),
        json!({ "matchLabels": { "app": "web" } }),
        json!({ "cpu": "1" }),
        json!([{ "name": "web", "image": "i" }]),
        json!([{ "key": "a", "operator": "In", "values": [] }]),
    ];
    values[usize::from(choice) % values.len()].clone()
}
