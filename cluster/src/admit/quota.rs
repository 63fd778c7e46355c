//! ResourceQuota: what objects use of the quotas of their namespace, and which quota refuses one.

use std::collections::{BTreeMap, BTreeSet};

use super::limits;
use crate::objects::{Kind, Object, PersistentVolumeClaim, Pod, ResourceList, ResourceQuota, ScopeRequirement};
use crate::quantity::Quantity;
use crate::requests::{self, is_extended_resource_name, is_hugepage_resource_name};

const ONE: Quantity = Quantity::from_i64(1);
/// What every container must specify where a quota counts it.
const SPECIFIED: [&str; 6] = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

/// The name under which a quota counts objects of a kind: `count/deployments.apps`.
fn counted_as(kind: Kind) -> String {
    format!("count/{}", resource_of(kind))
}

/// How messages name the resource of a kind: `deployments.apps`.
pub(crate) fn resource_of(kind: Kind) -> String {
    let plural = kind.plural();
    if kind.group().is_empty() { plural } else { format!("{plural}.{}", kind.group()) }
}

/// What an object uses, by the names that quotas know.
pub(crate) fn usage(object: &Object) -> ResourceList {
    let mut usage = ResourceList::from([(counted_as(object.kind()), ONE)]);
    match object {
        Object::Pod(pod) => usage.extend(of_pod(pod)),
        Object::PersistentVolumeClaim(claim) => usage.extend(of_claim(claim)),
        Object::Service(_) => _ = usage.insert("services".to_owned(), ONE),
        Object::ReplicationController(_) => _ = usage.insert("replicationcontrollers".to_owned(), ONE),
        Object::ResourceQuota(_) => _ = usage.insert("resourcequotas".to_owned(), ONE),
        _ => {}
    }
    usage
}

fn of_pod(pod: &Pod) -> ResourceList {
    if matches!(pod.status.phase.as_str(), "Succeeded" | "Failed") {
        return ResourceList::new();
    }
    let (mut requests, limits) = limits::whole(pod);
    for (name, amount) in &pod.spec.overhead {
        let request = requests.entry(name.clone()).or_insert(Quantity::ZERO);
        *request += *amount;
    }
    let mut limits = limits;
    for (name, amount) in &pod.spec.overhead {
        if let Some(limit) = limits.get_mut(name).filter(|limit| !limit.is_zero()) {
            *limit += *amount;
        }
    }
    let mut usage = computed(&requests, &limits);
    usage.insert("pods".to_owned(), ONE);
    usage
}

fn computed(requests: &ResourceList, limits: &ResourceList) -> ResourceList {
    let mut usage = ResourceList::new();
    for name in [requests::CPU, requests::MEMORY, requests::EPHEMERAL_STORAGE] {
        if let Some(request) = requests.get(name) {
            usage.insert(name.to_owned(), *request);
            usage.insert(format!("requests.{name}"), *request);
        }
        if let Some(limit) = limits.get(name) {
            usage.insert(format!("limits.{name}"), *limit);
        }
    }
    for (name, request) in requests {
        if is_hugepage_resource_name(name) {
            usage.insert(name.clone(), *request);
        }
        if is_hugepage_resource_name(name) || is_extended_resource_name(name) {
            usage.insert(format!("requests.{name}"), *request);
        }
    }
    usage
}

fn of_claim(claim: &PersistentVolumeClaim) -> ResourceList {
    let mut usage = ResourceList::from([("persistentvolumeclaims".to_owned(), ONE)]);
    let storage = claim.spec.resources.requests.get("storage").copied();
    let class = claim.spec.storage_class_name.as_deref().filter(|class| !class.is_empty());
    if let Some(class) = class {
        usage.insert(format!("{class}.storageclass.storage.k8s.io/persistentvolumeclaims"), ONE);
    }
    if let Some(storage) = storage {
        usage.insert("requests.storage".to_owned(), storage);
        if let Some(class) = class {
            usage.insert(format!("{class}.storageclass.storage.k8s.io/requests.storage"), storage);
        }
    }
    usage
}

/// Does a quota count an object: is anything that it uses bounded, and is it in all scopes?
pub(crate) fn counts(quota: &ResourceQuota, object: &Object) -> bool {
    let usage = usage(object);
    let bounded = quota.spec.hard.keys().any(|name| is_matching(object, name, &usage));
    let selector = quota.spec.scope_selector.as_ref();
    let requirements = selector.into_iter().flat_map(|selector| &selector.match_expressions);
    let of_pod = |check: &dyn Fn(&Pod) -> bool| matches!(object, Object::Pod(pod) if check(pod));
    let mut scopes = quota.spec.scopes.iter().map(|scope| of_pod(&|pod| in_scope(pod, scope)));
    bounded
        && scopes.all(|is| is)
        && requirements.into_iter().all(|requirement| of_pod(&|pod| selected(pod, requirement)))
}

/// Is a resource one that objects of the kind are counted by?
fn is_matching(object: &Object, name: &str, usage: &ResourceList) -> bool {
    if object.kind() == Kind::Pod && !name.starts_with("count/") {
        let pod = [requests::CPU, requests::MEMORY, requests::EPHEMERAL_STORAGE, "pods"];
        let bare = name.strip_prefix("requests.").or_else(|| name.strip_prefix("limits.")).unwrap_or(name);
        let storage = name.contains(".storageclass.storage.k8s.io/") || name == "requests.storage";
        let extended = name.starts_with("requests.") && is_extended_resource_name(bare);
        return pod.contains(&bare) || is_hugepage_resource_name(bare) || extended && !storage;
    }
    usage.contains_key(name)
}

fn in_scope(pod: &Pod, scope: &str) -> bool {
    let terminating = pod.spec.active_deadline_seconds.is_some_and(|seconds| seconds >= 0);
    match scope {
        "Terminating" => terminating,
        "NotTerminating" => !terminating,
        "BestEffort" => is_best_effort(pod),
        "NotBestEffort" => !is_best_effort(pod),
        "PriorityClass" => !pod.spec.priority_class_name.is_empty(),
        "CrossNamespacePodAffinity" => looks_across_namespaces(pod),
        _ => false,
    }
}

fn selected(pod: &Pod, requirement: &ScopeRequirement) -> bool {
    let class = &pod.spec.priority_class_name;
    match (requirement.scope_name.as_str(), requirement.operator.as_str()) {
        ("PriorityClass", "In") => !class.is_empty() && requirement.values.contains(class),
        ("PriorityClass", "NotIn") => class.is_empty() || !requirement.values.contains(class),
        ("PriorityClass", "DoesNotExist") => class.is_empty(),
        (scope, _) => in_scope(pod, scope),
    }
}

/// Neither CPU nor memory is asked for or limited.
fn is_best_effort(pod: &Pod) -> bool {
    let has = |list: &ResourceList| {
        [requests::CPU, requests::MEMORY].iter().any(|name| list.get(*name).is_some_and(|amount| !amount.is_zero()))
    };
    if let Some(whole) = &pod.spec.resources
        && (has(&whole.requests) || has(&whole.limits))
    {
        return false;
    }
    let mut containers = pod.spec.containers.iter().chain(&pod.spec.init_containers);
    !containers.any(|container| has(&container.resources.requests) || has(&container.resources.limits))
}

fn looks_across_namespaces(pod: &Pod) -> bool {
    let affinity = pod.spec.affinity.as_ref();
    let of_pods = affinity.into_iter().flat_map(|affinity| [&affinity.pod_affinity, &affinity.pod_anti_affinity]);
    let mut terms = of_pods.flatten().flat_map(|affinity| {
        affinity.required.iter().chain(affinity.preferred.iter().map(|weighted| &weighted.pod_affinity_term))
    });
    terms.any(|term| !term.namespaces.is_empty() || term.namespace_selector.is_some())
}

/// Why an object may not be created beside what is used already, by the name of the quota; none where it may.
pub(crate) fn refuses(quotas: &[(&ResourceQuota, &ResourceList)], object: &Object) -> Option<String> {
    let counting: Vec<_> = quotas.iter().filter(|(quota, _)| counts(quota, object)).collect();
    for (quota, _) in &counting {
        if let Some(missing) = unspecified(quota, object) {
            return Some(format!("failed quota: {}: must specify {missing}", quota.metadata.name));
        }
    }
    let asked = usage(object);
    for (quota, used) in counting {
        let of = |name: &str| used.get(name).copied().unwrap_or(Quantity::ZERO);
        let exceeded: Vec<&str> = quota
            .spec
            .hard
            .iter()
            .filter_map(|(name, hard)| {
                let more = asked.get(name).filter(|amount| !amount.is_zero())?;
                (of(name) + *more > *hard).then_some(name.as_str())
            })
            .collect();
        if !exceeded.is_empty() {
            let shown = |of: &dyn Fn(&str) -> Quantity| {
                let parts: Vec<String> = exceeded.iter().map(|name| format!("{name}={}", of(name))).collect();
                parts.join(",")
            };
            return Some(format!(
                "exceeded quota: {}, requested: {}, used: {}, limited: {}",
                quota.metadata.name,
                shown(&|name| asked.get(name).copied().unwrap_or(Quantity::ZERO)),
                shown(&of),
                shown(&|name| quota.spec.hard.get(name).copied().unwrap_or(Quantity::ZERO)),
            ));
        }
    }
    None
}

/// What containers leave out that a quota counts: `limits.cpu for: main; requests.cpu for: main`.
fn unspecified(quota: &ResourceQuota, object: &Object) -> Option<String> {
    let Object::Pod(pod) = object else { return None };
    if pod.spec.resources.as_ref().is_some_and(|whole| !whole.requests.is_empty() || !whole.limits.is_empty()) {
        return None;
    }
    let required: Vec<&str> = SPECIFIED.into_iter().filter(|name| quota.spec.hard.contains_key(*name)).collect();
    let mut missing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for container in pod.spec.containers.iter().chain(&pod.spec.init_containers) {
        let specified = computed(&container.resources.requests, &container.resources.limits);
        for name in required.iter().filter(|name| !specified.contains_key(**name)) {
            missing.entry(name).or_default().insert(&container.name);
        }
    }
    let parts: Vec<String> = missing
        .into_iter()
        .map(|(name, containers)| format!("{name} for: {}", containers.into_iter().collect::<Vec<_>>().join(",")))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}
