//! Containers of all kinds.

use std::collections::HashSet;

use serde_json::Value;

use super::faults::Faults;
use super::names;
use super::resources::{self, Of};
use super::volumes::Volumes;
use crate::api::view::{flag, get, list, number, sub, text};

const PROTOCOLS: &[&str] = &["SCTP", "TCP", "UDP"];
const RESTARTS: &[&str] = &["Always", "Never", "OnFailure"];
const PROBES: &[&str] = &["livenessProbe", "readinessProbe", "startupProbe"];

/// What of a pod its containers look at.
pub(super) struct Around<'p> {
    pub(super) volumes: &'p Volumes<'p>,
    pub(super) claims: &'p [&'p str],
    pub(super) restart: &'p str,
}

pub(super) fn regular(it: &[Value], around: &Around<'_>, path: &str, out: &mut Faults) {
    if it.is_empty() {
        return out.required(path, "");
    }
    let mut names: HashSet<&str> = HashSet::new();
    for (i, container) in it.iter().enumerate() {
        let (path, name) = (format!("{path}[{i}]"), text(container, "name"));
        common(container, around, &path, out);
        if !names.insert(name) {
            out.duplicate(format!("{path}.name"), name);
        }
        handlers(container, &path, out);
        restart_policy(container, &path, out);
    }
    host_ports(it, path, 0, &mut HashSet::new(), out);
}

pub(super) fn init(it: &[Value], regular: &[Value], around: &Around<'_>, path: &str, out: &mut Faults) {
    let mut names: HashSet<&str> = regular.iter().map(|container| text(container, "name")).collect();
    for (i, container) in it.iter().enumerate() {
        let (list_path, path, name) = (path, format!("{path}[{i}]"), text(container, "name"));
        common(container, around, &path, out);
        restart_policy(container, &path, out);
        if !names.insert(name) {
            out.duplicate(format!("{path}.name"), name);
        }
        // They run one by one, so each has the ports for itself.
        host_ports(std::slice::from_ref(container), list_path, 0, &mut HashSet::new(), out);
        if text(container, "restartPolicy") == "Always" {
            handlers(container, &path, out);
            continue;
        }
        for field in std::iter::once(&"lifecycle").chain(PROBES) {
            if get(container, field).is_some() {
                let detail = "may not be set for init containers without restartPolicy=Always";
                out.forbidden(format!("{path}.{field}"), detail);
            }
        }
        for (j, policy) in list(container, "resizePolicy").iter().enumerate() {
            if text(policy, "restartPolicy") == "RestartContainer" {
                let detail = "must not be set to 'RestartContainer' for non-sidecar initContainers";
                out.invalid(format!("{path}.resizePolicy[{j}].restartPolicy"), "RestartContainer", detail);
            }
        }
    }
}

fn common(it: &Value, around: &Around<'_>, path: &str, out: &mut Faults) {
    let name = text(it, "name");
    if name.is_empty() {
        out.required(format!("{path}.name"), "");
    } else {
        out.each(&format!("{path}.name"), name, names::label(name));
    }
    if text(it, "image").is_empty() {
        out.required(format!("{path}.image"), "");
    }
    one_of(it, "terminationMessagePolicy", &["File", "FallbackToLogsOnError"], path, out);
    ports(list(it, "ports"), &format!("{path}.ports"), out);
    environment(list(it, "env"), &format!("{path}.env"), out);
    around.volumes.mounts(it, path, out);
    one_of(it, "imagePullPolicy", &["Always", "IfNotPresent", "Never"], path, out);
    resources::requirements(sub(it, "resources"), Of::Container, around.claims, &format!("{path}.resources"), out);
    resize(list(it, "resizePolicy"), around.restart, &format!("{path}.resizePolicy"), out);
    security(sub(it, "securityContext"), &format!("{path}.securityContext"), out);
}

/// A field that must have one of some values.
pub(super) fn one_of(it: &Value, field: &str, legal: &[&str], path: &str, out: &mut Faults) {
    let value = text(it, field);
    if value.is_empty() {
        out.required(format!("{path}.{field}"), "");
    } else if !legal.contains(&value) {
        out.unsupported(format!("{path}.{field}"), value, legal);
    }
}

fn ports(it: &[Value], path: &str, out: &mut Faults) {
    let mut seen: HashSet<&str> = HashSet::new();
    for (i, port) in it.iter().enumerate() {
        let (path, name) = (format!("{path}[{i}]"), text(port, "name"));
        if !name.is_empty() {
            let messages = names::port(name);
            if messages.is_empty() && !seen.insert(name) {
                out.duplicate(format!("{path}.name"), name);
            }
            out.each(&format!("{path}.name"), name, messages);
        }
        let of = |field: &str| number(port, field).unwrap_or(0);
        match of("containerPort") {
            0 => out.required(format!("{path}.containerPort"), ""),
            wrong => {
                if let Some(detail) = names::port_number(wrong) {
                    out.invalid(format!("{path}.containerPort"), wrong, detail);
                }
            }
        }
        let host = of("hostPort");
        if let Some(detail) = names::port_number(host).filter(|_| host != 0) {
            out.invalid(format!("{path}.hostPort"), host, detail);
        }
        one_of(port, "protocol", PROTOCOLS, &path, out);
    }
}

/// A host port may be taken once.
fn host_ports(containers: &[Value], path: &str, first: usize, seen: &mut HashSet<String>, out: &mut Faults) {
    for (i, container) in containers.iter().enumerate() {
        for (j, port) in list(container, "ports").iter().enumerate() {
            let number = number(port, "hostPort").unwrap_or(0);
            if number == 0 {
                continue;
            }
            let taken = format!("{}/{}/{number}", text(port, "protocol"), text(port, "hostIP"));
            if seen.contains(&taken) {
                out.duplicate(format!("{path}[{}].ports[{j}].hostPort", first + i), &taken);
            } else {
                seen.insert(taken);
            }
        }
    }
}

fn environment(it: &[Value], path: &str, out: &mut Faults) {
    for (i, variable) in it.iter().enumerate() {
        let path = format!("{path}[{i}]");
        let name = text(variable, "name");
        if name.is_empty() {
            out.required(format!("{path}.name"), "");
        } else if !name.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'=') {
            let detail = "a valid environment variable name must consist only of printable ASCII characters other than '=' (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '^[ -<>-~]+$')";
            out.invalid(format!("{path}.name"), name, detail);
        }
        let Some(from) = get(variable, "valueFrom") else { continue };
        let path = format!("{path}.valueFrom");
        let sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];
        let count = sources.iter().filter(|source| get(from, source).is_some()).count();
        if count == 0 {
            let detail = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
            out.invalid(path, "", detail);
        } else if !text(variable, "value").is_empty() {
            out.invalid(path, "", "may not be specified when `value` is not empty");
        } else if count > 1 {
            out.invalid(path, "", "may not have more than one field specified at a time");
        }
    }
}

fn resize(it: &[Value], restart: &str, path: &str, out: &mut Faults) {
    let mut seen: HashSet<&str> = HashSet::new();
    for (i, policy) in it.iter().enumerate() {
        let (name, action) = (text(policy, "resourceName"), text(policy, "restartPolicy"));
        if !seen.insert(name) {
            out.duplicate(format!("{path}[{i}]"), name);
        }
        for (value, legal) in [(name, &["cpu", "memory"]), (action, &["NotRequired", "RestartContainer"])] {
            if value.is_empty() {
                out.required(path, "");
            } else if !legal.contains(&value) {
                out.unsupported(path, value, legal);
            }
        }
        if restart == "Never" && action != "NotRequired" {
            out.invalid(path, action, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
        }
    }
}

fn security(it: &Value, path: &str, out: &mut Faults) {
    for field in ["runAsUser", "runAsGroup"] {
        if let Some(id) = number(it, field).filter(|id| !(0..=i64::from(i32::MAX)).contains(id)) {
            out.invalid(format!("{path}.{field}"), id, "must be between 0 and 2147483647, inclusive");
        }
    }
    if get(it, "allowPrivilegeEscalation").is_some_and(|allowed| allowed == &Value::Bool(false))
        && flag(it, "privileged")
    {
        out.invalid(path, it, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    }
}

/// Probes and what runs after the start and before the stop.
fn handlers(it: &Value, path: &str, out: &mut Faults) {
    let lifecycle = sub(it, "lifecycle");
    for hook in ["postStart", "preStop"] {
        if let Some(hook_) = get(lifecycle, hook) {
            handler(hook_, &format!("{path}.lifecycle.{hook}"), out);
        }
    }
    for probe in PROBES {
        let Some(it) = get(it, probe) else { continue };
        let path = format!("{path}.{probe}");
        handler(it, &path, out);
        for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"]
        {
            super::meta::not_negative(it, field, &path, out);
        }
        if let Some(period) = number(it, "terminationGracePeriodSeconds").filter(|period| *period <= 0) {
            out.invalid(format!("{path}.terminationGracePeriodSeconds"), period, "must be greater than 0");
        }
        let successes = number(it, "successThreshold").unwrap_or(1);
        if *probe != "readinessProbe" && successes != 1 && successes >= 0 {
            out.invalid(format!("{path}.successThreshold"), successes, "must be 1");
        }
    }
}

fn handler(it: &Value, path: &str, out: &mut Faults) {
    let mut found = false;
    for kind in ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] {
        let Some(action) = get(it, kind) else { continue };
        let path = format!("{path}.{kind}");
        if found {
            out.forbidden(path, "may not specify more than 1 handler type");
            continue;
        }
        found = true;
        match kind {
            "exec" if list(action, "command").is_empty() => out.required(format!("{path}.command"), ""),
            "httpGet" => {
                if text(action, "path").is_empty() {
                    out.required(format!("{path}.path"), "");
                }
                port_or_name(sub(action, "port"), &format!("{path}.port"), out);
                let scheme = text(action, "scheme");
                if !["HTTP", "HTTPS"].contains(&scheme) {
                    out.unsupported(format!("{path}.scheme"), scheme, &["HTTP", "HTTPS"]);
                }
            }
            "tcpSocket" | "grpc" => port_or_name(sub(action, "port"), &format!("{path}.port"), out),
            _ => {}
        }
    }
    if !found {
        out.required(path, "must specify a handler type");
    }
}

fn port_or_name(it: &Value, path: &str, out: &mut Faults) {
    match it {
        Value::String(name) => out.each(path, name, names::port(name)),
        other => {
            let number = other.as_i64().unwrap_or(0);
            if let Some(detail) = names::port_number(number) {
                out.invalid(path, number, detail);
            }
        }
    }
}

fn restart_policy(it: &Value, path: &str, out: &mut Faults) {
    let (policy, rules) = (get(it, "restartPolicy").and_then(Value::as_str), list(it, "restartPolicyRules"));
    match policy {
        None if rules.is_empty() => return,
        None => {
            let detail = "must specify restartPolicy when restart rules are used";
            out.required(format!("{path}.restartPolicy"), detail);
        }
        Some(policy) if !RESTARTS.contains(&policy) => {
            out.unsupported(format!("{path}.restartPolicy"), policy, RESTARTS);
        }
        Some(_) => {}
    }
    for (i, rule) in rules.iter().enumerate() {
        let path = format!("{path}.restartPolicyRules[{i}]");
        if text(rule, "action") != "Restart" {
            out.unsupported(format!("{path}.action"), text(rule, "action"), &["Restart"]);
        }
        match get(rule, "exitCodes") {
            None => out.required(format!("{path}.exitCodes"), "must be specified"),
            Some(codes) if !["In", "NotIn"].contains(&text(codes, "operator")) => {
                out.unsupported(format!("{path}.exitCodes.operator"), text(codes, "operator"), &["In", "NotIn"]);
            }
            Some(_) => {}
        }
    }
}

/// What holds for the containers of a pod, and not for those of a template.
pub(super) fn of_pod(it: &[Value], path: &str, out: &mut Faults) {
    for (i, container) in it.iter().enumerate() {
        let image = text(container, "image");
        if image.trim() != image {
            out.invalid(format!("{path}[{i}].image"), image, "must not have leading or trailing whitespace");
        }
    }
}
