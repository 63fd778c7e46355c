//! The priority of a pod, by its priority class.

use super::Refused;
use crate::objects::{Pod, PriorityClass};

/// Classes that every cluster has, listed or not.
const SYSTEM: &[(&str, i32)] = &[("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];
const PREEMPT: &str = "PreemptLowerPriority";

pub(super) fn admit(pod: &mut Pod, classes: &[&PriorityClass]) -> Result<(), Refused> {
    let spec = &mut pod.spec;
    let class = if spec.priority_class_name.is_empty() {
        // Of several global defaults the lowest wins.
        classes.iter().filter(|class| class.global_default).min_by_key(|class| class.value).copied()
    } else {
        classes.iter().find(|class| class.metadata.name == spec.priority_class_name).copied()
    };
    let system = SYSTEM.iter().find(|(name, _)| *name == spec.priority_class_name);
    let (priority, policy) = match (class, system) {
        (Some(class), _) => {
            spec.priority_class_name.clone_from(&class.metadata.name);
            (class.value, class.preemption_policy.as_deref().unwrap_or(PREEMPT))
        }
        (None, Some((_, value))) => (*value, PREEMPT),
        (None, None) if spec.priority_class_name.is_empty() => (0, PREEMPT),
        (None, None) => return Err(unknown(&spec.priority_class_name, classes)),
    };
    if let Some(given) = spec.priority.filter(|given| *given != priority) {
        return Err(Refused::new(format!(
            "the integer value of priority ({given}) must not be provided in pod spec; priority admission controller computed {priority} from the given PriorityClass name"
        ))
        .hint("leave spec.priority out, and name a class"));
    }
    if let Some(given) = spec.preemption_policy.as_deref().filter(|given| *given != policy) {
        return Err(Refused::new(format!(
            "the string value of PreemptionPolicy ({given}) must not be provided in pod spec; priority admission controller computed {policy} from the given PriorityClass name"
        ))
        .hint("leave spec.preemptionPolicy out, and name a class"));
    }
    spec.priority = Some(priority);
    spec.preemption_policy = Some(policy.to_owned());
    Ok(())
}

fn unknown(name: &str, classes: &[&PriorityClass]) -> Refused {
    let refused = Refused::new(format!("no PriorityClass with name {name} was found"));
    if classes.is_empty() {
        return refused
            .hint("the input holds no PriorityClass at all; add them with: kubectl get priorityclasses -o json");
    }
    let mut known: Vec<&str> = classes.iter().map(|c| c.metadata.name.as_str()).collect();
    // A dump of a real cluster has those of the system too.
    known.extend(SYSTEM.iter().map(|class| class.0));
    known.sort_unstable();
    known.dedup();
    refused.hint(format!("there are {}", known.join(", ")))
}
