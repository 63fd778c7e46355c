//! A large cluster at 60 % use, as `kubectl get … -o json` would give it: three zones, three shapes of nodes, two DaemonSets, and
//! Deployments and StatefulSets whose pods are all bound. Nothing in it waits.

use serde_json::{Value, json};

/// Zones that nodes and pods are dealt out to in turn.
const ZONES: usize = 3;
/// Replicas of the workloads, in turn: 65 on average.
const REPLICAS: [usize; 6] = [3, 12, 30, 60, 90, 195];

/// The objects of so many nodes and some 5.2 workload pods a node, beside two daemon pods on each.
#[must_use]
pub fn objects(nodes: usize) -> Vec<Value> {
    let mut objects = vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apps", "uid": "ns-apps"}}),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": "ns-system"}}),
        json!({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": 1000,
            "metadata": {"name": "production", "uid": "pc-production"}}),
    ];
    objects.extend((0..nodes).map(node));
    for (name, cpu) in [("agent", "100m"), ("proxy", "50m")] {
        daemons(&mut objects, name, cpu, nodes);
    }
    // Pods are dealt to nodes in turn, so that each zone and each node gets its share.
    let (mut next, mut workload) = (0, 0);
    while next < nodes * 26 / 5 {
        let replicas = REPLICAS[workload % REPLICAS.len()].min(nodes);
        self::workload(&mut objects, workload, replicas, next, nodes);
        next += replicas;
        workload += 1;
    }
    objects
}

fn name_of(node: usize) -> String {
    format!("node-{node:05}")
}

fn node(at: usize) -> Value {
    let (cpu, memory) = [("8", "32Gi"), ("8", "64Gi"), ("16", "64Gi")][at / ZONES % 3];
    let name = name_of(at);
    let resources = json!({"cpu": cpu, "memory": memory, "pods": "110", "ephemeral-storage": "200Gi"});
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "uid": format!("node-{at}"), "labels": {
            "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
            "topology.kubernetes.io/zone": format!("zone-{}", ["a", "b", "c"][at % ZONES]),
            "pool": (["small", "memory", "large"][at / ZONES % 3]),
        }},
        "status": {"allocatable": resources, "capacity": resources,
            "conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": {"kubeletVersion": "v1.37.2"}},
    })
}

fn template(app: &str, spec: &Value) -> Value {
    json!({"metadata": {"labels": {"app": app}}, "spec": spec})
}

/// What a server fills into a pod's spec.
fn spec(app: &str, cpu: &str, memory: &str) -> Value {
    json!({
        "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst", "securityContext": {},
        "schedulerName": "default-scheduler",
        "containers": [{"name": "main", "image": format!("registry.example/{app}:1"), "imagePullPolicy": "IfNotPresent",
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
            "resources": {"requests": {"cpu": cpu, "memory": memory}}}],
    })
}

fn pod(namespace: &str, name: &str, owner: &Value, mut labels: Value, app: &str, spec: &Value, node: &str) -> Value {
    labels["app"] = json!(app);
    let mut spec = spec.clone();
    spec["nodeName"] = json!(node);
    spec["priority"].is_null().then(|| spec["priority"] = json!(0));
    spec["preemptionPolicy"] = json!("PreemptLowerPriority");
    let for_minutes =
        |key: &str| json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300});
    let mut tolerations = spec["tolerations"].as_array().cloned().unwrap_or_default();
    if tolerations.is_empty() {
        tolerations
            .extend([for_minutes("node.kubernetes.io/not-ready"), for_minutes("node.kubernetes.io/unreachable")]);
    }
    spec["tolerations"] = json!(tolerations);
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "uid": format!("pod-{name}"), "labels": labels,
            "ownerReferences": [owner]},
        "spec": spec,
        "status": {"phase": "Running", "startTime": "2026-01-01T00:00:00Z",
            "conditions": [{"type": "Ready", "status": "True"}]},
    })
}

fn owner(api_version: &str, kind: &str, name: &str) -> Value {
    json!({"apiVersion": api_version, "kind": kind, "name": name, "uid": format!("{kind}-{name}"), "controller": true})
}

fn daemons(objects: &mut Vec<Value>, name: &str, cpu: &str, nodes: usize) {
    let mut spec = spec(name, cpu, "128Mi");
    spec["tolerations"] = json!([{"operator": "Exists"}]);
    objects.push(json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": "kube-system", "uid": format!("DaemonSet-{name}"), "generation": 1,
            "annotations": {"deprecated.daemonset.template.generation": "1"}},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template(name, &spec), "revisionHistoryLimit": 10,
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}},
    }));
    let owner = owner("apps/v1", "DaemonSet", name);
    let labels = json!({"pod-template-generation": "1", "controller-revision-hash": "1"});
    for at in 0..nodes {
        let mut spec = spec.clone();
        spec["affinity"] = json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [name_of(at)]}]}]}}});
        let pod_name = format!("{name}-{at:05}");
        objects.push(pod("kube-system", &pod_name, &owner, labels.clone(), name, &spec, &name_of(at)));
    }
}

fn workload(objects: &mut Vec<Value>, at: usize, replicas: usize, first: usize, nodes: usize) {
    let (app, set) = (format!("app-{at:03}"), format!("app-{at:03}-5d4f8c7b9"));
    let (cpu, memory) = [("500m", "2Gi"), ("1", "3Gi"), ("1500m", "6Gi"), ("750m", "4Gi")][at % 4];
    let mut spec = spec(&app, cpu, memory);
    let selector = json!({"matchLabels": {"app": app}});
    if at % 5 == 1 {
        spec["topologySpreadConstraints"] = json!([{"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": selector}]);
    }
    if at % 7 == 2 {
        spec["affinity"] = json!({"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 100, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname", "labelSelector": selector}}]}});
    }
    if at.is_multiple_of(3) {
        spec["priorityClassName"] = json!("production");
        spec["priority"] = json!(1000);
    }
    let is_set = at % 10 == 9;
    let labels = if is_set { json!({}) } else { json!({"pod-template-hash": "5d4f8c7b9"}) };
    let meta = |name: &str, kind: &str| json!({"name": name, "namespace": "apps", "uid": format!("{kind}-{name}"), "generation": 1});
    let owner = if is_set {
        objects.push(json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": meta(&app, "StatefulSet"),
            "spec": {"replicas": replicas, "serviceName": app, "selector": selector, "template": template(&app, &spec),
                "podManagementPolicy": "OrderedReady", "updateStrategy": {"type": "RollingUpdate"}},
            "status": {"currentRevision": format!("{app}-1"), "updateRevision": format!("{app}-1")}}));
        owner("apps/v1", "StatefulSet", &app)
    } else {
        let mut deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta(&app, "Deployment"),
            "spec": {"replicas": replicas, "selector": selector, "template": template(&app, &spec),
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}}});
        deployment["metadata"]["annotations"] = json!({"deployment.kubernetes.io/revision": "1"});
        objects.push(deployment);
        let mut of_set = template(&app, &spec);
        of_set["metadata"]["labels"]["pod-template-hash"] = json!("5d4f8c7b9");
        let mut meta = meta(&set, "ReplicaSet");
        meta["ownerReferences"] = json!([owner("apps/v1", "Deployment", &app)]);
        meta["labels"] = json!({"app": app, "pod-template-hash": "5d4f8c7b9"});
        meta["annotations"] = json!({"deployment.kubernetes.io/revision": "1"});
        objects.push(
            json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta, "spec": {"replicas": replicas,
            "selector": {"matchLabels": {"app": app, "pod-template-hash": "5d4f8c7b9"}}, "template": of_set}}),
        );
        owner("apps/v1", "ReplicaSet", &set)
    };
    if at.is_multiple_of(2) {
        objects.push(json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta(&app, "PodDisruptionBudget"),
            "spec": {"maxUnavailable": "25%", "selector": selector},
            "status": {"disruptionsAllowed": replicas / 4, "expectedPods": replicas, "currentHealthy": replicas}}));
    }
    for nth in 0..replicas {
        let name = if is_set { format!("{app}-{nth}") } else { format!("{set}-{nth:05}") };
        let mut labels = labels.clone();
        if is_set {
            labels["statefulset.kubernetes.io/pod-name"] = json!(name);
            labels["apps.kubernetes.io/pod-index"] = json!(nth.to_string());
            labels["controller-revision-hash"] = json!(format!("{app}-1"));
        }
        objects.push(pod("apps", &name, &owner, labels, &app, &spec, &name_of((first + nth) % nodes)));
    }
}
