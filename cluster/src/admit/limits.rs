//! LimitRanger: default requests and limits, and bounds.

use crate::objects::{Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod, ResourceList};
use crate::quantity::Quantity;
use crate::requests;

const ANNOTATION: &str = "kubernetes.io/limit-ranger";

/// The limit ranges of a namespace.
pub(super) fn of_namespace<'a>(all: &[&'a LimitRange], namespace: &str) -> Vec<&'a LimitRange> {
    all.iter().copied().filter(|range| range.metadata.namespace == namespace).collect()
}

/// Sets what containers leave out.
pub(super) fn set_defaults(pod: &mut Pod, range: &LimitRange) {
    let (mut requests, mut limits) = (ResourceList::new(), ResourceList::new());
    for item in range.spec.limits.iter().filter(|item| item.kind == "Container") {
        requests.extend(item.default_request.clone());
        limits.extend(item.default.clone());
    }
    let mut said: Vec<String> = Vec::new();
    let mut set = |container: &mut Container, kind: &str| {
        let resources = &mut container.resources;
        let limits = add_missing(&mut resources.limits, &limits);
        let requests = add_missing(&mut resources.requests, &requests);
        for (names, what) in [(requests, "request"), (limits, "limit")] {
            if !names.is_empty() {
                said.push(format!("{} {what} for {kind} {}", names.join(", "), container.name));
            }
        }
    };
    pod.spec.containers.iter_mut().for_each(|container| set(container, "container"));
    pod.spec.init_containers.iter_mut().for_each(|container| set(container, "init container"));
    if !said.is_empty() {
        let text = format!("LimitRanger plugin set: {}", said.join("; "));
        pod.metadata.annotations.insert(ANNOTATION.to_owned(), text);
    }
}

fn add_missing(list: &mut ResourceList, defaults: &ResourceList) -> Vec<String> {
    let missing: Vec<String> = defaults.keys().filter(|name| !list.contains_key(*name)).cloned().collect();
    for name in &missing {
        list.insert(name.clone(), defaults[name]);
    }
    missing
}

/// What a pod breaks of a limit range.
pub(super) fn check_pod(pod: &Pod, range: &LimitRange) -> Vec<String> {
    let mut faults = Vec::new();
    for item in &range.spec.limits {
        match item.kind.as_str() {
            "Container" => {
                for container in pod.spec.containers.iter().chain(&pod.spec.init_containers) {
                    let resources = &container.resources;
                    bounds(item, &resources.requests, &resources.limits, &mut faults);
                }
            }
            "Pod" => {
                let (requests, limits) = whole(pod);
                bounds(item, &requests, &limits, &mut faults);
            }
            _ => {}
        }
    }
    faults
}

/// What a claim breaks of the limit ranges of its namespace; the first that it breaks refuses it.
pub(super) fn check_claim(claim: &PersistentVolumeClaim, ranges: &[&LimitRange]) -> Vec<String> {
    let requests = &claim.spec.resources.requests;
    for range in of_namespace(ranges, &claim.metadata.namespace) {
        let mut faults = Vec::new();
        for item in range.spec.limits.iter().filter(|item| item.kind == "PersistentVolumeClaim") {
            item.min
                .iter()
                .for_each(|(name, least)| at_least(item, name, *least, requests, &ResourceList::new(), &mut faults));
            for (name, most) in &item.max {
                let usage = format!("maximum {name} usage per {} is {most}", item.kind);
                match requests.get(name) {
                    None => faults.push(format!("{usage}.  No request is specified")),
                    Some(request) if request > most => faults.push(format!("{usage}, but request is {request}")),
                    Some(_) => {}
                }
            }
        }
        if !faults.is_empty() {
            return faults;
        }
    }
    Vec::new()
}

fn bounds(item: &LimitRangeItem, requests: &ResourceList, limits: &ResourceList, faults: &mut Vec<String>) {
    item.min.iter().for_each(|(name, least)| at_least(item, name, *least, requests, limits, faults));
    for (name, most) in &item.max {
        let usage = format!("maximum {name} usage per {} is {most}", item.kind);
        match (limits.get(name), requests.get(name)) {
            (None, _) => faults.push(format!("{usage}.  No limit is specified")),
            (Some(limit), _) if limit > most => faults.push(format!("{usage}, but limit is {limit}")),
            (_, Some(request)) if request > most => faults.push(format!("{usage}, but request is {request}")),
            _ => {}
        }
    }
    for (name, most) in &item.max_limit_request_ratio {
        let ratio = format!("{name} max limit to request ratio per {} is {most}", item.kind);
        let of = |list: &ResourceList| list.get(name).copied().filter(|amount| !amount.is_zero());
        match (of(requests), of(limits)) {
            (None, _) => faults.push(format!("{ratio}, but no request is specified or request is 0")),
            (_, None) => faults.push(format!("{ratio}, but no limit is specified or limit is 0")),
            (Some(request), Some(limit)) => {
                let provided = limit.nano() as f64 / request.nano() as f64;
                if provided * 1000.0 > most.milli_value() as f64 {
                    faults.push(format!("{ratio}, but provided ratio is {provided:.6}"));
                }
            }
        }
    }
}

fn at_least(
    item: &LimitRangeItem,
    name: &str,
    least: Quantity,
    requests: &ResourceList,
    limits: &ResourceList,
    faults: &mut Vec<String>,
) {
    let usage = format!("minimum {name} usage per {} is {least}", item.kind);
    match (requests.get(name), limits.get(name)) {
        (None, _) => faults.push(format!("{usage}.  No request is specified")),
        (Some(request), _) if *request < least => faults.push(format!("{usage}, but request is {request}")),
        (_, Some(limit)) if *limit < least => faults.push(format!("{usage}, but limit is {limit}")),
        _ => {}
    }
}

/// Requests and limits of a pod as a whole.
pub(crate) fn whole(pod: &Pod) -> (ResourceList, ResourceList) {
    let (mut requests, mut limits) = (requests::of_containers(pod), requests::limits_of_containers(pod));
    if let Some(whole) = &pod.spec.resources {
        let is_counted = |name: &String| name == requests::CPU || name == requests::MEMORY;
        for (list, own) in [(&mut requests, &whole.requests), (&mut limits, &whole.limits)] {
            list.extend(own.iter().filter(|(name, _)| is_counted(name)).map(|(name, amount)| (name.clone(), *amount)));
        }
    }
    (requests, limits)
}
