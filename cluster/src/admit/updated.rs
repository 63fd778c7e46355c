//! Fields that a server does not let change once an object is there (the `Validate…Update` functions of Kubernetes' `pkg/apis`).

use super::template::with_defaults;
use super::{refused, same_template, updated_pod};
use crate::api::validate::Fault;
use crate::error::Error;
use crate::objects::{LabelSelector, Object};
use crate::refusal::quoted;
use crate::version::Version;

/// Judges an object that is to take the place of another.
///
/// # Errors
/// Names the fields that must stay as they are.
pub(crate) fn updated(new: &Object, old: &Object, version: Version) -> Result<(), Error> {
    // No other kind is judged, and most objects of a cluster are of one.
    if !new.kind().makes_pods() {
        return Ok(());
    }
    let mut faults = Vec::new();
    let is_same = same_template(new, old);
    // What a server has filled in of one and not yet of the other is no change.
    let (new, old) = (&with_defaults(new), &with_defaults(old));
    match (new, old) {
        (Object::Deployment(new), Object::Deployment(old)) => {
            selector(&new.spec.selector, &old.spec.selector, &mut faults);
        }
        (Object::ReplicaSet(new), Object::ReplicaSet(old)) => {
            selector(&new.spec.selector, &old.spec.selector, &mut faults);
        }
        (Object::DaemonSet(new), Object::DaemonSet(old)) => {
            selector(&new.spec.selector, &old.spec.selector, &mut faults);
        }
        (Object::StatefulSet(new), Object::StatefulSet(old)) => {
            let (new, old) = (&new.spec, &old.spec);
            let (templates, claims) = ("spec.volumeClaimTemplates", &old.volume_claim_templates);
            let (service, policy) = (&new.service_name, &new.pod_management_policy);
            let fields = [
                (new.volume_claim_templates != *claims, immutable(templates, "")),
                (*service != old.service_name, immutable("spec.serviceName", &quoted(service))),
                (*policy != old.pod_management_policy, immutable("spec.podManagementPolicy", &quoted(policy))),
            ];
            if version >= Version::V1_37 {
                selector(&new.selector, &old.selector, &mut faults);
                faults.extend(fields.into_iter().filter(|(is_changed, _)| *is_changed).map(|(_, fault)| fault));
            } else if new.selector != old.selector || fields.iter().any(|(is_changed, _)| *is_changed) {
                faults.push(Fault { field: "spec".to_owned(), problem: STATEFUL_SET.to_owned() });
            }
        }
        (Object::Job(new), Object::Job(old)) => {
            let (new, old) = (&new.spec, &old.spec);
            if new.completion_mode.as_deref() != Some("Indexed") && new.completions != old.completions {
                faults.push(immutable("spec.completions", ""));
            }
            selector(&new.selector, &old.selector, &mut faults);
            if !is_same && old.suspend != Some(true) {
                faults.push(immutable("spec.template", ""));
            }
            if new.completion_mode != old.completion_mode {
                faults.push(immutable("spec.completionMode", ""));
            }
        }
        (Object::Pod(new), Object::Pod(old)) => updated_pod::judge(&new.spec, &old.spec, &mut faults),
        _ => {}
    }
    if faults.is_empty() { Ok(()) } else { Err(refused::invalid(new, faults)) }
}

const STATEFUL_SET: &str = "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
    'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

fn selector(new: &Option<LabelSelector>, old: &Option<LabelSelector>, faults: &mut Vec<Fault>) {
    if new != old {
        faults.push(immutable("spec.selector", &serde_json::to_string(new).unwrap_or_default()));
    }
}

/// A field that must stay as it is. A server quotes the value; of larger ones it has a form of its own, and here nothing is quoted.
fn immutable(field: &str, value: &str) -> Fault {
    let colon = if value.is_empty() { "" } else { ": " };
    Fault { field: field.to_owned(), problem: format!("Invalid value: {value}{colon}field is immutable") }
}
