//! What the rules trust of an object, checked once when it is read.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::objects::*;
use crate::quantity::Quantity;

type Check = Result<(), Error>;

const EFFECTS: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];
const LABEL_OPERATORS: &[&str] = &["In", "NotIn", "Exists", "DoesNotExist"];
const NODE_OPERATORS: &[&str] = &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];

pub(super) fn object(object: &Object) -> Check {
    let meta = object.metadata();
    time(&meta.creation_timestamp, "metadata.creationTimestamp")?;
    time(&meta.deletion_timestamp, "metadata.deletionTimestamp")?;
    let template = |template: &PodTemplate| pod_spec(&template.spec).map_err(|e| e.under("spec.template.spec"));
    let selected = |selector: &Option<LabelSelector>| optional(selector, "spec.selector", label_selector);
    match object {
        Object::Node(o) => node(o),
        Object::Pod(o) => {
            time(&o.status.start_time, "status.startTime")?;
            pod_spec(&o.spec).map_err(|e| e.under("spec"))
        }
        Object::Deployment(o) => {
            replicas(o.spec.replicas)?;
            selected(&o.spec.selector).and_then(|()| template(&o.spec.template))
        }
        Object::ReplicaSet(o) => {
            replicas(o.spec.replicas)?;
            selected(&o.spec.selector).and_then(|()| template(&o.spec.template))
        }
        Object::StatefulSet(o) => {
            replicas(o.spec.replicas)?;
            count(o.spec.ordinals.as_ref().map(|ordinals| ordinals.start), "spec.ordinals.start")?;
            selected(&o.spec.selector).and_then(|()| template(&o.spec.template))
        }
        Object::DaemonSet(o) => selected(&o.spec.selector).and_then(|()| template(&o.spec.template)),
        Object::ReplicationController(o) => {
            replicas(o.spec.replicas)?;
            o.spec.template.as_ref().map_or(Ok(()), template)
        }
        Object::Job(o) => job(&o.spec),
        Object::CronJob(o) => job(&o.spec.job_template.spec).map_err(|e| e.under("spec.jobTemplate")),
        Object::RuntimeClass(o) => {
            optional(&o.overhead, "overhead.podFixed", |o| not_negative(&o.pod_fixed))?;
            optional(&o.scheduling, "scheduling", |s| each(&s.tolerations, "tolerations", toleration))
        }
        Object::PodDisruptionBudget(o) => selected(&o.spec.selector),
        Object::PersistentVolume(o) => optional(&o.spec.node_affinity, "spec.nodeAffinity", |affinity| {
            optional(&affinity.required, "required", node_selector)
        }),
        Object::PersistentVolumeClaim(o) => selected(&o.spec.selector),
        Object::StorageClass(o) => match &o.volume_binding_mode {
            Some(mode) => {
                one_of(mode, &["Immediate", "WaitForFirstConsumer"]).map_err(|e| e.under("volumeBindingMode"))
            }
            None => Ok(()),
        },
        Object::CSIStorageCapacity(o) => optional(&o.node_topology, "nodeTopology", label_selector),
        _ => Ok(()),
    }
}

/// A time that is there is one that the API server would take.
fn time(text: &Option<String>, field: &str) -> Check {
    match text.as_deref() {
        Some(text) if crate::time::seconds(text).is_none() => Err(Error::input(format!("{text:?} is not a time"))
            .hint("legal is a time as in 2006-01-02T15:04:05Z")
            .at(field)),
        _ => Ok(()),
    }
}

fn job(spec: &JobSpec) -> Check {
    count(spec.parallelism, "spec.parallelism")?;
    count(spec.completions, "spec.completions")?;
    pod_spec(&spec.template.spec).map_err(|e| e.under("spec.template.spec"))
}

fn replicas(replicas: Option<i32>) -> Check {
    count(replicas, "spec.replicas")
}

/// A number of things, which the API server refuses where it is negative.
fn count(number: Option<i32>, field: &str) -> Check {
    match number {
        Some(number) if number < 0 => {
            Err(Error::input(format!("{number} is negative")).hint("legal is 0 or more").at(field))
        }
        _ => Ok(()),
    }
}

fn node(node: &Node) -> Check {
    each(&node.spec.taints, "spec.taints", |taint| {
        required(&taint.key).map_err(|e| e.under("key"))?;
        one_of(&taint.effect, EFFECTS).map_err(|e| e.under("effect"))
    })?;
    not_negative(&node.status.allocatable).map_err(|e| e.under("status.allocatable"))?;
    not_negative(&node.status.capacity).map_err(|e| e.under("status.capacity"))
}

fn pod_spec(spec: &PodSpec) -> Check {
    each(&spec.containers, "containers", container)?;
    each(&spec.init_containers, "initContainers", container)?;
    optional(&spec.resources, "resources", resources)?;
    not_negative(&spec.overhead).map_err(|e| e.under("overhead"))?;
    each(&spec.tolerations, "tolerations", toleration)?;
    each(&spec.topology_spread_constraints, "topologySpreadConstraints", spread)?;
    optional(&spec.affinity, "affinity", affinity)
}

fn container(container: &Container) -> Check {
    resources(&container.resources).map_err(|e| e.under("resources"))?;
    each(&container.ports, "ports", |port| {
        if !(0..=65535).contains(&port.host_port) {
            return Err(Error::input(format!("{} is not legal", port.host_port))
                .hint("legal is 1 to 65535")
                .at("hostPort"));
        }
        one_of_or_none(&port.protocol, &["TCP", "UDP", "SCTP"]).map_err(|e| e.under("protocol"))
    })
}

fn resources(resources: &ResourceRequirements) -> Check {
    not_negative(&resources.requests).map_err(|e| e.under("requests"))?;
    not_negative(&resources.limits).map_err(|e| e.under("limits"))
}

fn not_negative(amounts: &BTreeMap<String, Quantity>) -> Check {
    match amounts.iter().find(|(_, amount)| amount.is_negative()) {
        None => Ok(()),
        Some((name, amount)) => {
            let field = if name.contains(['.', '/']) { format!("[{name:?}]") } else { name.clone() };
            Err(Error::input(format!("{amount} is negative")).hint("legal is 0 or more").at(field))
        }
    }
}

fn toleration(toleration: &Toleration) -> Check {
    one_of_or_none(&toleration.operator, &["Exists", "Equal", "Lt", "Gt"]).map_err(|e| e.under("operator"))?;
    one_of_or_none(&toleration.effect, EFFECTS).map_err(|e| e.under("effect"))
}

fn spread(constraint: &TopologySpreadConstraint) -> Check {
    positive(constraint.max_skew, "maxSkew")?;
    required(&constraint.topology_key).map_err(|e| e.under("topologyKey"))?;
    one_of(&constraint.when_unsatisfiable, &["DoNotSchedule", "ScheduleAnyway"])
        .map_err(|e| e.under("whenUnsatisfiable"))?;
    if let Some(domains) = constraint.min_domains {
        positive(domains, "minDomains")?;
    }
    let policies = [
        (&constraint.node_affinity_policy, "nodeAffinityPolicy"),
        (&constraint.node_taints_policy, "nodeTaintsPolicy"),
    ];
    for (policy, field) in policies {
        optional(policy, field, |policy| one_of(policy, &["Honor", "Ignore"]))?;
    }
    optional(&constraint.label_selector, "labelSelector", label_selector)
}

fn affinity(affinity: &Affinity) -> Check {
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
    const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
    optional(&affinity.node_affinity, "nodeAffinity", |affinity| {
        optional(&affinity.required, REQUIRED, node_selector)?;
        each(&affinity.preferred, PREFERRED, |term| {
            weight(term.weight)?;
            node_selector_term(&term.preference).map_err(|e| e.under("preference"))
        })
    })?;
    for (affinity, field) in [(&affinity.pod_affinity, "podAffinity"), (&affinity.pod_anti_affinity, "podAntiAffinity")]
    {
        optional(affinity, field, |affinity| {
            each(&affinity.required, REQUIRED, pod_affinity_term)?;
            each(&affinity.preferred, PREFERRED, |term| {
                weight(term.weight)?;
                pod_affinity_term(&term.pod_affinity_term).map_err(|e| e.under("podAffinityTerm"))
            })
        })?;
    }
    Ok(())
}

fn weight(weight: i32) -> Check {
    if (1..=100).contains(&weight) {
        return Ok(());
    }
    Err(Error::input(format!("{weight} is not legal")).hint("legal is 1 to 100").at("weight"))
}

fn pod_affinity_term(term: &PodAffinityTerm) -> Check {
    required(&term.topology_key).map_err(|e| e.under("topologyKey"))?;
    optional(&term.label_selector, "labelSelector", label_selector)?;
    optional(&term.namespace_selector, "namespaceSelector", label_selector)
}

fn label_selector(selector: &LabelSelector) -> Check {
    each(&selector.match_expressions, "matchExpressions", |requirement| {
        required(&requirement.key).map_err(|e| e.under("key"))?;
        one_of(&requirement.operator, LABEL_OPERATORS).map_err(|e| e.under("operator"))?;
        values(requirement)
    })
}

/// `In` and `NotIn` need values, `Exists` and `DoesNotExist` take none.
fn values(requirement: &SelectorRequirement) -> Check {
    let set = matches!(requirement.operator.as_str(), "In" | "NotIn");
    match (set, requirement.values.is_empty()) {
        (true, true) => Err(Error::input(format!("{} needs values", requirement.operator)).at("values")),
        (false, false) => Err(Error::input(format!("{} takes no values", requirement.operator)).at("values")),
        _ => Ok(()),
    }
}

fn node_selector(selector: &NodeSelector) -> Check {
    each(&selector.node_selector_terms, "nodeSelectorTerms", node_selector_term)
}

fn node_selector_term(term: &NodeSelectorTerm) -> Check {
    let requirement = |requirement: &SelectorRequirement| {
        one_of(&requirement.operator, NODE_OPERATORS).map_err(|e| e.under("operator"))
    };
    each(&term.match_expressions, "matchExpressions", requirement)?;
    each(&term.match_fields, "matchFields", requirement)
}

fn each<T>(items: &[T], field: &str, check: impl Fn(&T) -> Check) -> Check {
    for (i, item) in items.iter().enumerate() {
        check(item).map_err(|e| e.under(&format!("{field}[{i}]")))?;
    }
    Ok(())
}

fn optional<T>(item: &Option<T>, field: &str, check: impl Fn(&T) -> Check) -> Check {
    match item {
        Some(item) => check(item).map_err(|e| e.under(field)),
        None => Ok(()),
    }
}

fn required(text: &str) -> Check {
    if text.is_empty() { Err(Error::input("it is missing")) } else { Ok(()) }
}

fn positive(number: i32, field: &str) -> Check {
    if number > 0 {
        Ok(())
    } else {
        Err(Error::input(format!("{number} is not legal")).hint("legal is 1 or more").at(field))
    }
}

fn one_of(text: &str, legal: &[&str]) -> Check {
    if legal.contains(&text) {
        return Ok(());
    }
    let problem = if text.is_empty() { "it is missing".to_owned() } else { format!("{text:?} is not legal") };
    Err(Error::input(problem).hint(format!("legal is {}", legal.join(", "))))
}

fn one_of_or_none(text: &str, legal: &[&str]) -> Check {
    if text.is_empty() { Ok(()) } else { one_of(text, legal) }
}
