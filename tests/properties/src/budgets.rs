//! Disruption budgets.

use serde_json::{Value, json};

use crate::random::Random;
use crate::terms::{NAMESPACES, label_selector};

/// A budget that is new or changed. There are few names in a namespace and few labels, so that pods are often in two.
pub fn any(random: &mut Random, pods: &[String]) -> Value {
    let mut spec = json!({ "minAvailable": 1 });
    if random.percent(96) {
        spec["selector"] = label_selector(random);
    }
    let mut status = json!({ "disruptionsAllowed": random.one(&[0, 0, 1, 2, 3]) });
    if random.percent(25) && !pods.is_empty() {
        let disrupted = (0..1 + random.below(3)).map(|_| (random.one(pods), "2023-11-14T22:00:00Z".into())).collect();
        status["disruptedPods"] = Value::Object(disrupted);
    }
    let metadata = json!({ "name": format!("budget-{}", random.below(3)), "namespace": random.one(&NAMESPACES) });
    json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec, "status": status })
}
