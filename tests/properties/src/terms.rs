//! Labels, and what selects by them.

use serde_json::{Value, json};

use crate::random::Random;

/// The zone of a node.
pub const ZONE: &str = "topology.kubernetes.io/zone";
/// The region of a node.
pub const REGION: &str = "topology.kubernetes.io/region";
/// The node itself.
pub const HOST: &str = "kubernetes.io/hostname";
/// The zones that nodes are in.
pub const ZONES: [&str; 3] = ["z1", "z2", "z3"];
/// The namespaces that pods are in.
pub const NAMESPACES: [&str; 3] = ["default", "team-a", "team-b"];
const APPS: [&str; 3] = ["web", "db", "batch"];

/// Labels of a pod.
pub fn pod_labels(random: &mut Random) -> Value {
    let mut labels = json!({});
    if random.percent(90) {
        labels["app"] = random.one(&APPS).into();
    }
    if random.percent(40) {
        labels["tier"] = random.one(&["fe", "be"]).into();
    }
    if random.percent(30) {
        labels["pod-template-hash"] = random.one(&["h1", "h2"]).into();
    }
    labels
}

/// A selector of pods, or none at all.
pub fn label_selector(random: &mut Random) -> Value {
    match random.below(12) {
        0 => json!({}),
        1 => json!({ "matchExpressions": [{ "key": "app", "operator": "In", "values": random.some(&APPS) }] }),
        2 => json!({ "matchExpressions": [{ "key": "app", "operator": "NotIn", "values": random.some(&APPS) }] }),
        3 => json!({ "matchExpressions": [{ "key": "tier", "operator": "Exists" }] }),
        4 => json!({ "matchExpressions": [{ "key": "tier", "operator": "DoesNotExist" }] }),
        5 => json!({ "matchLabels": { "app": random.one(&APPS), "tier": "fe" } }),
        _ => json!({ "matchLabels": { "app": random.one(&APPS) } }),
    }
}

fn namespace_selector(random: &mut Random) -> Value {
    match random.below(5) {
        0 => json!({}),
        1 => json!({ "matchExpressions": [{ "key": "team", "operator": "Exists" }] }),
        2 => json!({ "matchExpressions": [{ "key": "team", "operator": "NotIn", "values": ["a"] }] }),
        3 => json!({ "matchExpressions": [{ "key": "tier", "operator": "DoesNotExist" }] }),
        _ => json!({ "matchLabels": { "team": random.one(&["a", "b"]) } }),
    }
}

fn topology_key(random: &mut Random) -> &'static str {
    random.one(&[ZONE, ZONE, HOST, HOST, REGION, "pool", "gen"])
}

fn pod_term(random: &mut Random) -> Value {
    let mut term = json!({ "topologyKey": topology_key(random) });
    if random.percent(95) {
        term["labelSelector"] = label_selector(random);
    }
    if random.percent(20) {
        term["namespaces"] = random.some(&NAMESPACES).into();
    }
    if random.percent(20) {
        term["namespaceSelector"] = namespace_selector(random);
    }
    // Both lists are merged into the selector by the API server, which leaves them in place.
    if random.percent(5) {
        term["matchLabelKeys"] = json!(["pod-template-hash"]);
    }
    term
}

fn pod_terms(random: &mut Random) -> Value {
    let mut out = json!({});
    if random.percent(60) {
        let terms: Vec<Value> = (0..1 + random.below(2)).map(|_| pod_term(random)).collect();
        out["requiredDuringSchedulingIgnoredDuringExecution"] = terms.into();
    }
    if random.percent(50) {
        let weighted =
            |random: &mut Random| json!({ "weight": 1 + random.below(100), "podAffinityTerm": pod_term(random) });
        let terms: Vec<Value> = (0..1 + random.below(2)).map(|_| weighted(random)).collect();
        out["preferredDuringSchedulingIgnoredDuringExecution"] = terms.into();
    }
    out
}

fn node_requirement(random: &mut Random) -> Value {
    match random.below(8) {
        0 => json!({ "key": ZONE, "operator": "In", "values": random.some(&ZONES) }),
        1 => json!({ "key": "disk", "operator": "NotIn", "values": random.some(&["ssd", "hdd"]) }),
        2 => json!({ "key": "disk", "operator": "Exists" }),
        3 => json!({ "key": "pool", "operator": "DoesNotExist" }),
        4 => json!({ "key": "gen", "operator": "Gt", "values": [random.below(8).to_string()] }),
        5 => json!({ "key": "gen", "operator": "Lt", "values": [random.below(8).to_string()] }),
        6 => json!({ "key": "pool", "operator": "In", "values": random.some(&["a", "b"]) }),
        _ => json!({ "key": "disk", "operator": "In", "values": random.some(&["ssd", "hdd"]) }),
    }
}

fn node_term(random: &mut Random) -> Value {
    let requirements: Vec<Value> = (0..1 + random.below(2)).map(|_| node_requirement(random)).collect();
    json!({ "matchExpressions": requirements })
}

fn node_affinity(random: &mut Random) -> Value {
    let mut out = json!({});
    if random.percent(60) {
        let mut terms: Vec<Value> = (0..1 + random.below(2)).map(|_| node_term(random)).collect();
        if random.percent(25) {
            let fields = |random: &mut Random| {
                let name = format!("node-{}", random.below(8));
                json!({ "key": "metadata.name", "operator": random.one(&["In", "In", "NotIn"]), "values": [name] })
            };
            let both: Vec<Value> = (0..1 + random.below(2)).map(|_| fields(random)).collect();
            let term = json!({ "matchFields": both });
            if random.percent(70) { terms = vec![term] } else { terms.push(term) }
        }
        out["requiredDuringSchedulingIgnoredDuringExecution"] = json!({ "nodeSelectorTerms": terms });
    }
    if random.percent(60) {
        let weighted =
            |random: &mut Random| json!({ "weight": 1 + random.below(100), "preference": node_term(random) });
        let terms: Vec<Value> = (0..1 + random.below(2)).map(|_| weighted(random)).collect();
        out["preferredDuringSchedulingIgnoredDuringExecution"] = terms.into();
    }
    out
}

/// An affinity of any of the three kinds, or none.
pub fn affinity(random: &mut Random) -> Value {
    let mut out = json!({});
    if random.percent(35) {
        out["nodeAffinity"] = node_affinity(random);
    }
    if random.percent(25) {
        out["podAffinity"] = pod_terms(random);
    }
    if random.percent(25) {
        out["podAntiAffinity"] = pod_terms(random);
    }
    out
}

/// Spread constraints, each of another key or strictness.
pub fn spread(random: &mut Random) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for _ in 0..1 + random.below(2) {
        let hard = random.percent(60);
        let mut one = json!({
            "maxSkew": 1 + random.below(2),
            "topologyKey": topology_key(random),
            "whenUnsatisfiable": if hard { "DoNotSchedule" } else { "ScheduleAnyway" },
        });
        if random.percent(95) {
            one["labelSelector"] = label_selector(random);
        }
        if hard && random.percent(20) {
            one["minDomains"] = (1 + random.below(4)).into();
        }
        if random.percent(25) {
            one["nodeAffinityPolicy"] = random.one(&["Honor", "Ignore"]).into();
        }
        if random.percent(25) {
            one["nodeTaintsPolicy"] = random.one(&["Honor", "Ignore"]).into();
        }
        if random.percent(15) && one.get("labelSelector").is_some() {
            one["matchLabelKeys"] = json!(["pod-template-hash"]);
        }
        let same = |other: &Value| {
            other["topologyKey"] == one["topologyKey"] && other["whenUnsatisfiable"] == one["whenUnsatisfiable"]
        };
        if !out.iter().any(same) {
            out.push(one);
        }
    }
    out
}
