//! Tolerations that are added to pods.

use crate::objects::Toleration;

const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";

/// A pod that says nothing of them stays for five minutes on a node that is not ready or out of reach.
pub(super) fn add_defaults(tolerations: &mut Vec<Toleration>) {
    for key in [NOT_READY, UNREACHABLE] {
        let said = tolerations
            .iter()
            .any(|t| (t.key.is_empty() || t.key == key) && (t.effect.is_empty() || t.effect == "NoExecute"));
        if !said {
            tolerations.push(Toleration { toleration_seconds: Some(300), ..exists(key, "NoExecute") });
        }
    }
}

/// What the pods of a DaemonSet tolerate beside what its template says.
pub(crate) fn add_daemon_set(tolerations: &mut Vec<Toleration>, host_network: bool) {
    let mut set = |toleration: Toleration| {
        let mut found = false;
        for own in tolerations.iter_mut() {
            let same = |t: &Toleration| (t.key.clone(), t.operator.clone(), t.value.clone(), t.effect.clone());
            if same(own) == same(&toleration) {
                own.clone_from(&toleration);
                found = true;
            }
        }
        if !found {
            tolerations.push(toleration);
        }
    };
    set(exists(NOT_READY, "NoExecute"));
    set(exists(UNREACHABLE, "NoExecute"));
    for pressure in ["disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"] {
        set(exists(&format!("node.kubernetes.io/{pressure}"), "NoSchedule"));
    }
    if host_network {
        set(exists("node.kubernetes.io/network-unavailable", "NoSchedule"));
    }
}

fn exists(key: &str, effect: &str) -> Toleration {
    let (operator, effect) = ("Exists".to_owned(), effect.to_owned());
    Toleration { key: key.to_owned(), operator, effect, ..Toleration::default() }
}

/// Both lists, without what another of them covers.
pub(super) fn merged(first: &[Toleration], second: &[Toleration]) -> Vec<Toleration> {
    let all: Vec<&Toleration> = first.iter().chain(second).collect();
    let mut kept: Vec<&Toleration> = Vec::new();
    for (i, toleration) in all.iter().enumerate() {
        let later = all[i + 1..].iter().any(|other| other != toleration && covers(other, toleration));
        if !later && !kept.iter().any(|other| covers(other, toleration)) {
            kept.push(toleration);
        }
    }
    kept.into_iter().cloned().collect()
}

/// Does `wide` tolerate all that `narrow` tolerates?
fn covers(wide: &Toleration, narrow: &Toleration) -> bool {
    if wide == narrow {
        return true;
    }
    let exists = wide.operator == "Exists";
    let key = wide.key == narrow.key || (wide.key.is_empty() && exists);
    let effect = wide.effect.is_empty() || wide.effect == narrow.effect;
    let seconds = match (wide.effect.as_str(), wide.toleration_seconds) {
        ("NoExecute", Some(limit)) => narrow.toleration_seconds.is_some_and(|seconds| seconds <= limit),
        _ => true,
    };
    let value = match wide.operator.as_str() {
        "" | "Equal" => narrow.operator == "Equal" && narrow.value == wide.value,
        _ => exists,
    };
    key && effect && seconds && value
}
