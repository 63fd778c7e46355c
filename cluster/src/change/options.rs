//! Changes as options of the command: each has one word, and one text behind it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::{AddNodes, Change, Delete, Drain, Label, Manifests, Nodes, Resize, Scale, SetRequests, Taint};
use crate::error::Error;

/// An option of the command.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// As in `--without-nodes`.
    pub name: &'static str,
    /// Its field in documents.
    pub field: &'static str,
    /// What stands behind it.
    pub form: &'static str,
    /// What it does, in one sentence.
    pub help: &'static str,
}

/// All changes, in the order in which help shows them.
pub const OPTIONS: &[Opt] = &[
    Opt {
        name: "without-nodes",
        field: "withoutNodes",
        form: "NODES",
        help: "Nodes are gone: a selector (zone=b), or names (node-0*). Their pods come again through their controllers.",
    },
    Opt {
        name: "unreachable-nodes",
        field: "unreachableNodes",
        form: "NODES",
        help: "Nothing is heard of nodes any more: their pods are evicted after their tolerations, and stay Terminating.",
    },
    Opt {
        name: "drain",
        field: "drain",
        form: "'NODES --ignore-daemonsets [--force] [--delete-emptydir-data] [--timeout=20s]'",
        help: "Drain nodes as kubectl does, with its flags; budgets are kept.",
    },
    Opt { name: "cordon", field: "cordon", form: "NODES", help: "Cordon nodes." },
    Opt { name: "uncordon", field: "uncordon", form: "NODES", help: "Uncordon nodes." },
    Opt {
        name: "taint",
        field: "taint",
        form: "'NODES KEY=VALUE:EFFECT'",
        help: "Taint nodes; KEY- takes a taint away.",
    },
    Opt { name: "label", field: "label", form: "'NODES KEY=VALUE'", help: "Label nodes; KEY- takes a label away." },
    Opt {
        name: "add-nodes",
        field: "addNodes",
        form: "'COUNT like=NODE'",
        help: "Nodes come: like one that is there, or 'COUNT cpu=16 memory=64Gi zone=a,b'. Their DaemonSets' pods come along.",
    },
    Opt {
        name: "resize-nodes",
        field: "resizeNodes",
        form: "'NODES cpu=16 memory=64Gi'",
        help: "Give nodes another capacity.",
    },
    Opt { name: "scale", field: "scale", form: "WORKLOAD=REPLICAS", help: "Scale a workload (deploy/ads, shop/ads)." },
    Opt {
        name: "set-requests",
        field: "setRequests",
        form: "'WORKLOAD cpu=500m memory=1Gi'",
        help: "Set the requests of a workload's containers, or of one with container=NAME; it is rolled out.",
    },
    Opt { name: "apply", field: "apply", form: "FILE", help: "Apply manifests; a changed template is rolled out." },
    Opt { name: "delete", field: "delete", form: "KIND/NAME", help: "Delete an object, with what it owns." },
    Opt { name: "to-version", field: "kubernetesVersion", form: "VERSION", help: "Another Kubernetes version." },
    Opt { name: "to-config", field: "config", form: "FILE", help: "Another KubeSchedulerConfiguration." },
];

impl Change {
    /// The change of an option of the command and the text behind it; `namespace` is that of `-n`, for workloads and objects that name none.
    /// The files of `apply` and `to-config` are read by whoever has them: here they are named.
    ///
    /// # Errors
    /// Where there is no such option, or the text is not of its form.
    pub fn option(name: &str, text: &str, namespace: Option<&str>) -> Result<Self, Error> {
        let option = OPTIONS.iter().find(|option| option.name == name);
        let option = option.ok_or_else(|| Error::input(format!("there is no change --{name}")))?;
        let wrong = |problem: String| {
            Error::input(format!("--{name} {}: {problem}", quoted(text)))
                .hint(format!("write --{name} {}", option.form))
        };
        let namespace = namespace.map(str::to_owned);
        let nodes = Nodes(text.trim().to_owned());
        let split =
            || split_nodes(text).ok_or_else(|| wrong("it says what nodes, and not what becomes of them".to_owned()));
        if text.trim().is_empty() {
            return Err(wrong("it is empty".to_owned()));
        }
        Ok(match name {
            "without-nodes" => Change::WithoutNodes(nodes),
            "unreachable-nodes" => Change::UnreachableNodes(nodes),
            "cordon" => Change::Cordon(nodes),
            "uncordon" => Change::Uncordon(nodes),
            "drain" => Change::Drain(drain(text).map_err(wrong)?),
            "taint" => {
                let (nodes, rest) = split()?;
                Change::Taint(Taint { nodes, taints: rest.into_iter().map(str::to_owned).collect() })
            }
            "label" => {
                let (nodes, rest) = split()?;
                Change::Label(Label { nodes, labels: rest.into_iter().map(str::to_owned).collect() })
            }
            "resize-nodes" => {
                let (nodes, rest) = split()?;
                Change::ResizeNodes(Resize { nodes, resources: pairs(rest).map_err(wrong)? })
            }
            "add-nodes" => Change::AddNodes(AddNodes::read(text).map_err(wrong)?),
            "scale" => {
                let (workload, replicas) =
                    text.trim().split_once('=').ok_or_else(|| wrong("it says no number of replicas".to_owned()))?;
                let replicas = replicas.parse().ok().filter(|count| *count <= i32::MAX as u32);
                let replicas =
                    replicas.ok_or_else(|| wrong("there is no number of replicas behind the =".to_owned()))?;
                Change::Scale(Scale { workload: workload.to_owned(), namespace, replicas })
            }
            "set-requests" => {
                let mut words = text.split_whitespace();
                let workload = words.next().unwrap_or_default().to_owned();
                let mut requests = pairs(words.collect()).map_err(wrong)?;
                let container = requests.remove("container");
                if requests.is_empty() {
                    return Err(wrong("it says no requests".to_owned()));
                }
                Change::SetRequests(SetRequests { workload, namespace, container, requests })
            }
            "apply" => Change::Apply(Manifests { namespace, ..Manifests::file(text) }),
            "delete" => Change::Delete(Delete { object: text.trim().to_owned(), namespace }),
            "to-version" => Change::KubernetesVersion(text.trim().to_owned()),
            _ => Change::Config(Value::String(text.to_owned())),
        })
    }
}

/// `NODES --force --timeout=20s`
fn drain(text: &str) -> Result<Drain, String> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let flags = words.iter().position(|word| word.starts_with("--")).unwrap_or(words.len());
    let flags = words.split_off(flags);
    let mut drain = Drain::of(Nodes(words.join(" ")));
    for flag in flags {
        match flag.split_once('=').unwrap_or((flag, "true")) {
            ("--ignore-daemonsets", value) => drain.ignore_daemonsets = value == "true",
            ("--delete-emptydir-data", value) => drain.delete_emptydir_data = value == "true",
            ("--force", value) => drain.force = value == "true",
            ("--timeout", value) => {
                drain.timeout = seconds(value).ok_or_else(|| format!("`{value}` is no time, as 20s or 5m"))?;
            }
            _ => return Err(format!("`{flag}` is no option of a drain")),
        }
    }
    if drain.nodes.0.is_empty() { Err("it names no nodes".to_owned()) } else { Ok(drain) }
}

/// `20`, `20s`, `5m`, `1h`
fn seconds(text: &str) -> Option<i64> {
    let (digits, unit) = match text.char_indices().last()? {
        (at, 's') => (&text[..at], 1),
        (at, 'm') => (&text[..at], 60),
        (at, 'h') => (&text[..at], 3600),
        _ => (text, 1),
    };
    digits.parse::<i64>().ok().filter(|count| *count >= 0)?.checked_mul(unit)
}

/// Nodes, and the words behind them. A selector may have spaces within it, as in `zone in (a, b)`.
fn split_nodes(text: &str) -> Option<(Nodes, Vec<&str>)> {
    let text = text.trim();
    let mut end = text.find(' ')?;
    for operator in [" in (", " notin ("] {
        if let Some(close) = text.find(operator).and_then(|at| text[at..].find(')').map(|close| at + close)) {
            end = text[close..].find(' ')? + close;
        }
    }
    let rest: Vec<&str> = text[end..].split_whitespace().collect();
    (!rest.is_empty()).then(|| (Nodes(text[..end].to_owned()), rest))
}

/// `cpu=16 memory=64Gi`, with commas or spaces between.
pub(super) fn pairs(words: Vec<&str>) -> Result<BTreeMap<String, String>, String> {
    let words = words.into_iter().flat_map(|word| word.split(',')).filter(|word| !word.is_empty());
    let pairs = words.map(|word| {
        let (key, value) = word.split_once('=').ok_or_else(|| format!("`{word}` is not of the form name=value"))?;
        Ok((key.to_owned(), value.to_owned()))
    });
    pairs.collect()
}

/// In quotes, where a shell needs them.
fn quoted(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', "'\\''")))
}

fn of_namespace(name: &str, namespace: Option<&String>) -> String {
    match namespace {
        Some(namespace) if name.split('/').count() < 3 && !name.starts_with(&format!("{namespace}/")) => {
            format!("{namespace}/{name}")
        }
        _ => name.to_owned(),
    }
}

pub(super) fn write(change: &Change, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let joined = |pairs: &BTreeMap<String, String>| -> String {
        pairs.iter().map(|(key, value)| format!(" {key}={value}")).collect()
    };
    let (name, text) = match change {
        Change::WithoutNodes(nodes) => ("without-nodes", nodes.0.clone()),
        Change::UnreachableNodes(nodes) => ("unreachable-nodes", nodes.0.clone()),
        Change::Cordon(nodes) => ("cordon", nodes.0.clone()),
        Change::Uncordon(nodes) => ("uncordon", nodes.0.clone()),
        Change::Drain(drain) => {
            let mut text = drain.nodes.0.clone();
            let flags = [
                (drain.ignore_daemonsets, "--ignore-daemonsets".to_owned()),
                (drain.delete_emptydir_data, "--delete-emptydir-data".to_owned()),
                (drain.force, "--force".to_owned()),
                (drain.timeout != 0, format!("--timeout={}s", drain.timeout)),
            ];
            flags.iter().filter(|(is, _)| *is).for_each(|(_, flag)| text += &format!(" {flag}"));
            ("drain", text)
        }
        Change::Taint(taint) => ("taint", format!("{} {}", taint.nodes, taint.taints.join(" "))),
        Change::Label(label) => ("label", format!("{} {}", label.nodes, label.labels.join(" "))),
        Change::AddNodes(add) => ("add-nodes", add.to_string()),
        Change::ResizeNodes(resize) => ("resize-nodes", format!("{}{}", resize.nodes, joined(&resize.resources))),
        Change::Scale(scale) => {
            ("scale", format!("{}={}", of_namespace(&scale.workload, scale.namespace.as_ref()), scale.replicas))
        }
        Change::SetRequests(set) => {
            let container = set.container.as_ref().map_or(String::new(), |name| format!(" container={name}"));
            let workload = of_namespace(&set.workload, set.namespace.as_ref());
            ("set-requests", format!("{workload}{}{container}", joined(&set.requests)))
        }
        Change::Apply(manifests) => ("apply", manifests.name().to_owned()),
        Change::Delete(delete) => ("delete", of_namespace(&delete.object, delete.namespace.as_ref())),
        Change::KubernetesVersion(version) => ("to-version", version.clone()),
        Change::Config(config) => ("to-config", config.as_str().unwrap_or("CONFIG").to_owned()),
    };
    write!(f, "--{name} {}", quoted(&text))
}
