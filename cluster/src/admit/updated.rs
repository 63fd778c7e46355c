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
            let same = [
                ("spec.volumeClaimTemplates", new.volume_claim_templates == old.volume_claim_templates),
                ("spec.serviceName", new.service_name == old.service_name),
                ("spec.podManagementPolicy", new.pod_management_policy == old.pod_management_policy),
            ];
            let value = |field: &str| match field {
                "spec.serviceName" => quoted(&new.service_name),
                "spec.podManagementPolicy" => quoted(&new.pod_management_policy),
                _ => String::new(),
            };
            if version >= Version::V1_37 {
                selector(&new.selector, &old.selector, &mut faults);
                let changed = same.into_iter().filter(|(_, same)| !same);
                faults.extend(changed.map(|(field, _)| match value(field) {
                    value if value.is_empty() => immutable(field),
                    value => Fault {
                        field: field.to_owned(),
                        problem: format!("Invalid value: {value}: field is immutable"),
                    },
                }));
            } else if new.selector != old.selector || same.iter().any(|(_, same)| !same) {
                faults.push(Fault { field: "spec".to_owned(), problem: STATEFUL_SET.to_owned() });
            }
        }
        (Object::Job(new), Object::Job(old)) => {
            let (new, old) = (&new.spec, &old.spec);
            if new.completion_mode.as_deref() != Some("Indexed") && new.completions != old.completions {
                faults.push(immutable("spec.completions"));
            }
            selector(&new.selector, &old.selector, &mut faults);
            if !is_same && old.suspend != Some(true) {
                faults.push(immutable("spec.template"));
            }
            if new.completion_mode != old.completion_mode {
                faults.push(immutable("spec.completionMode"));
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
        let value = serde_json::to_string(new).unwrap_or_default();
        faults.push(Fault {
            field: "spec.selector".to_owned(),
            problem: format!("Invalid value: {value}: field is immutable"),
        });
    }
}

/// A server quotes the whole value in a form of its own.
pub(super) fn immutable(field: &str) -> Fault {
    Fault { field: field.to_owned(), problem: "Invalid value: field is immutable".to_owned() }
}
