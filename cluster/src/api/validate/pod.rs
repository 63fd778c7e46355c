//! Pods and the templates of pods.

use std::collections::HashSet;

use serde_json::Value;

use super::container::{self, Around, one_of};
use super::faults::Faults;
use super::meta::{self, meta};
use super::resources::{self, Of};
use super::volumes::Volumes;
use super::{names, placement};
use crate::api::stored::quantity;
use crate::api::view::{entries, flag, get, list, number, sub, text};
use crate::objects::{Pod, ResourceList};
use crate::requests;

pub(super) fn pod(it: &Value, out: &mut Faults) {
    let it_spec = sub(it, "spec");
    meta(it, true, names::subdomain, out);
    spec(it_spec, Some(text(sub(it, "metadata"), "name")), "spec", out);
    meta::not_negative(it_spec, "terminationGracePeriodSeconds", "spec", out);
    container::of_pod(list(it_spec, "containers"), "spec.containers", out);
    container::of_pod(list(it_spec, "initContainers"), "spec.initContainers", out);
    if !list(it_spec, "ephemeralContainers").is_empty() {
        out.forbidden("spec.ephemeralContainers", "cannot be set on create");
    }
    if !text(it_spec, "nodeName").is_empty() && !list(it_spec, "schedulingGates").is_empty() {
        out.forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared");
    }
}

/// The template of a controller's pods.
pub(super) fn template(it: &Value, path: &str, out: &mut Faults) {
    let its_meta = sub(it, "metadata");
    meta::labels(its_meta, "labels", &format!("{path}.labels"), out);
    meta::annotations(its_meta, &format!("{path}.annotations"), out);
    spec(sub(it, "spec"), None, &format!("{path}.spec"), out);
    if !list(sub(it, "spec"), "ephemeralContainers").is_empty() {
        out.forbidden(format!("{path}.spec.ephemeralContainers"), "ephemeral containers not allowed in pod template");
    }
}

fn spec(it: &Value, pod: Option<&str>, path: &str, out: &mut Faults) {
    let at = |field: &str| format!("{path}.{field}");
    let volumes = Volumes::check(list(it, "volumes"), pod, &at("volumes"), out);
    let claims: Vec<&str> = list(it, "resourceClaims").iter().map(|claim| text(claim, "name")).collect();
    device_claims(list(it, "resourceClaims"), &at("resourceClaims"), out);
    let around = Around { volumes: &volumes, claims: &claims, restart: text(it, "restartPolicy") };
    let containers = list(it, "containers");
    container::regular(containers, &around, &at("containers"), out);
    container::init(list(it, "initContainers"), containers, &around, &at("initContainers"), out);
    whole(it, &claims, &at("resources"), out);
    host_network(it, pod.is_some(), path, out);
    one_of(it, "restartPolicy", &["Always", "OnFailure", "Never"], path, out);
    one_of(it, "dnsPolicy", &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"], path, out);
    meta::labels(it, "nodeSelector", &at("nodeSelector"), out);
    placement::affinity(sub(it, "affinity"), &at("affinity"), out);
    for (i, gate) in list(it, "readinessGates").iter().enumerate() {
        let kind = text(gate, "conditionType");
        out.each(&format!("{}[{i}].conditionType", at("readinessGates")), kind, names::key(kind));
    }
    placement::gates(list(it, "schedulingGates"), &at("schedulingGates"), out);
    placement::spread(list(it, "topologySpreadConstraints"), &at("topologySpreadConstraints"), out);
    if get(it, "hostUsers") == Some(&Value::Bool(false)) {
        for (field, shown) in [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")] {
            if flag(it, field) {
                out.forbidden(at(shown), "when `hostUsers` is false");
            }
        }
    }
    let named = |field: &str, rule: names::Rule, out: &mut Faults| {
        let name = text(it, field);
        if !name.is_empty() {
            out.each(&at(field), name, rule(name));
        }
    };
    named("serviceAccountName", names::subdomain, out);
    named("nodeName", names::subdomain, out);
    if let Some(deadline) = number(it, "activeDeadlineSeconds").filter(|n| !(1..=i64::from(i32::MAX)).contains(n)) {
        out.invalid(at("activeDeadlineSeconds"), deadline, "must be between 1 and 2147483647, inclusive");
    }
    named("hostname", names::label, out);
    named("subdomain", names::label, out);
    placement::tolerations(list(it, "tolerations"), &at("tolerations"), out);
    named("priorityClassName", names::subdomain, out);
    if let Some(class) = get(it, "runtimeClassName").and_then(Value::as_str) {
        out.each(&at("runtimeClassName"), class, names::subdomain(class));
    }
    if get(it, "preemptionPolicy").is_some() {
        one_of(it, "preemptionPolicy", &["PreemptLowerPriority", "Never"], path, out);
    }
    if get(it, "overhead").is_some() {
        let overhead = serde_json::json!({ "limits": sub(it, "overhead") });
        resources::requirements(&overhead, Of::Container, &claims, &at("overhead"), out);
    }
    if let Some(os) = get(it, "os") {
        let name = text(os, "name");
        if name.is_empty() {
            out.required(at("os.name"), "");
        } else if !["linux", "windows"].contains(&name) {
            out.unsupported(at("os"), name, &["linux", "windows"]);
        }
    }
}

fn device_claims(it: &[Value], path: &str, out: &mut Faults) {
    let mut seen: HashSet<&str> = HashSet::new();
    for (i, claim) in it.iter().enumerate() {
        let (path, name) = (format!("{path}[{i}]"), text(claim, "name"));
        if name.is_empty() {
            out.required(format!("{path}.name"), "");
        } else if !seen.insert(name) {
            out.duplicate(format!("{path}.name"), name);
        } else {
            out.each(&format!("{path}.name"), name, names::label(name));
        }
        let sources = ["resourceClaimName", "resourceClaimTemplateName"];
        match sources.iter().filter(|source| get(claim, source).is_some()).count() {
            1 => {}
            0 => out.invalid(path, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"),
            _ => out.invalid(
                path,
                claim,
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified",
            ),
        }
    }
}

/// The resources of the pod as a whole, and whether those of its containers are within them.
fn whole(it: &Value, claims: &[&str], path: &str, out: &mut Faults) {
    let Some(whole) = get(it, "resources") else { return };
    if get(whole, "claims").is_some() {
        out.forbidden(format!("{path}.claims"), "claims may not be set for Resources at pod-level");
    }
    resources::requirements(whole, Of::Pod, claims, path, out);
    for (name, together) in of_containers(it) {
        if let Some(request) = get(sub(whole, "requests"), &name).and_then(quantity)
            && together > request
        {
            let detail = format!("must be greater than or equal to aggregate container requests of {together}");
            out.invalid(format!("{path}.requests[{name}]"), &request.to_string(), &detail);
        }
    }
    for (i, container) in list(it, "containers").iter().enumerate() {
        for (name, limit) in entries(sub(container, "resources"), "limits") {
            let pod = get(sub(whole, "limits"), name).and_then(quantity);
            if let (Some(limit), Some(pod)) = (quantity(limit), pod)
                && limit > pod
            {
                let field = format!("{path}.containers[{i}][{name}].limits");
                out.invalid(field, &limit.to_string(), &format!("must be less than or equal to pod limits of {pod}"));
            }
        }
    }
}

/// What the containers of a spec ask for together.
fn of_containers(it: &Value) -> ResourceList {
    let of = |field: &str| serde_json::from_value(sub(it, field).clone()).unwrap_or_default();
    let mut pod = Pod::default();
    pod.spec.containers = of("containers");
    pod.spec.init_containers = of("initContainers");
    requests::of_containers(&pod)
}

/// On the host's network a port is the host's; a template may leave that to the pod's defaults.
fn host_network(it: &Value, is_pod: bool, path: &str, out: &mut Faults) {
    if !flag(it, "hostNetwork") {
        return;
    }
    for (i, container) in list(it, "containers").iter().enumerate() {
        for (j, port) in list(container, "ports").iter().enumerate() {
            let of = |field: &str| number(port, field).unwrap_or(0);
            let (host, own) = (of("hostPort"), of("containerPort"));
            if (is_pod || host != 0) && host != own {
                let field = format!("{path}.containers[{i}].ports[{j}].hostPort");
                out.invalid(field, host, "must match `containerPort` when `hostNetwork` is true");
            }
        }
    }
}
