//! What a runtime class adds to a pod: overhead, node labels, tolerations.

use super::tolerations;
use crate::error::{Error, ErrorKind};
use crate::objects::{Pod, RuntimeClass};

pub(super) fn admit(pod: &mut Pod, classes: &[&RuntimeClass]) -> Result<(), Error> {
    let spec = &mut pod.spec;
    let class = match spec.runtime_class_name.as_deref() {
        None | Some("") => None,
        Some(name) => match classes.iter().find(|class| class.metadata.name == name) {
            Some(class) => Some(class),
            None => {
                let problem = format!("there is no RuntimeClass {name:?}");
                return Err(Error::new(ErrorKind::NotFound, problem).at("spec.runtimeClassName"));
            }
        },
    };
    let overhead = class.and_then(|class| class.overhead.as_ref()).map(|overhead| &overhead.pod_fixed);
    if !spec.overhead.is_empty() && overhead != Some(&spec.overhead) {
        let problem = "it is not the overhead of the pod's runtime class";
        return Err(Error::input(problem).at("spec.overhead").hint("leave it out"));
    }
    if let Some(overhead) = overhead {
        spec.overhead.clone_from(overhead);
    }
    let Some(scheduling) = class.and_then(|class| class.scheduling.as_ref()) else { return Ok(()) };
    for (key, value) in &scheduling.node_selector {
        let own = spec.node_selector.entry(key.clone()).or_insert_with(|| value.clone());
        if own != value {
            let problem = format!("{key}: {own:?} contradicts the pod's runtime class, which needs {value:?}");
            return Err(Error::input(problem).at("spec.nodeSelector"));
        }
    }
    spec.tolerations = tolerations::merged(&spec.tolerations, &scheduling.tolerations).into();
    Ok(())
}
