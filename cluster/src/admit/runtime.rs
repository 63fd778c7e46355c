//! What a runtime class adds to a pod: overhead, node labels, tolerations.

use super::{Refused, tolerations};
use crate::objects::{Pod, RuntimeClass};
use crate::refusal::quoted;

pub(super) fn admit(pod: &mut Pod, classes: &[&RuntimeClass]) -> Result<(), Refused> {
    let spec = &mut pod.spec;
    let class = match spec.runtime_class_name.as_deref() {
        None => None,
        Some(name) => match classes.iter().find(|class| class.metadata.name == name) {
            Some(class) => Some(class),
            None => {
                let refused = Refused::new(format!("pod rejected: RuntimeClass {} not found", quoted(name)));
                let none = "the input holds no RuntimeClass at all; add them with: kubectl get runtimeclasses -o json";
                return Err(if classes.is_empty() { refused.hint(none) } else { refused });
            }
        },
    };
    let overhead = class.and_then(|class| class.overhead.as_ref()).map(|overhead| &overhead.pod_fixed);
    match overhead {
        Some(overhead) if !spec.overhead.is_empty() && *overhead != spec.overhead => {
            return Err(Refused::new("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"));
        }
        Some(overhead) => spec.overhead.clone_from(overhead),
        None if !spec.overhead.is_empty() => {
            let fault = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";
            return Err(Refused::new(fault).hint("leave spec.overhead out"));
        }
        None => {}
    }
    let Some(scheduling) = class.and_then(|class| class.scheduling.as_ref()) else { return Ok(()) };
    for (key, value) in &scheduling.node_selector {
        let own = spec.node_selector.entry(key.clone()).or_insert_with(|| value.clone());
        if own != value {
            return Err(Refused::new(format!(
                "conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = {own}"
            )));
        }
    }
    spec.tolerations = tolerations::merged(&spec.tolerations, &scheduling.tolerations).into();
    Ok(())
}
