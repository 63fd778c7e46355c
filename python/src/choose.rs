//! The workload that a name means, as kubectl's users write it.

use bayplan::expand::WORKLOADS;
use bayplan::objects::{Kind, Object};
use bayplan::{Error, ErrorKind};

/// How a name is written, with the way to say the namespace for the command and for Python.
const FORM: &str = "write web or deployment/web, and give its namespace with -n (in Python with namespace=)";

/// The workload of a name (`web`, `deployment/web`, `deploy/web`), or the only one.
pub(crate) fn choose(workloads: Vec<Object>, name: Option<&str>, namespace: Option<&str>) -> Result<Object, Error> {
    let (kind, wanted) = match name.map(|name| name.split_once('/').ok_or(name)) {
        Some(Ok((kind, name))) => (Some(kind_of(kind)?), Some(name)),
        Some(Err(name)) => (None, Some(name)),
        None => (None, None),
    };
    let named = |object: &Object| {
        kind.is_none_or(|kind| object.kind() == kind) && wanted.is_none_or(|name| object.name() == name)
    };
    let (mut found, others): (Vec<Object>, Vec<Object>) = workloads
        .into_iter()
        .filter(named)
        .partition(|object| namespace.is_none_or(|namespace| object.namespace() == namespace));
    match (found.len(), name, found.pop()) {
        (1, _, Some(workload)) => Ok(workload),
        (0 | 1, Some(name), _) => {
            let place = namespace.map_or_else(String::new, |namespace| format!(" in namespace {namespace}"));
            let hint = match others.first() {
                Some(other) => format!("there is {other}"),
                None => FORM.to_owned(),
            };
            Err(Error::new(ErrorKind::NotFound, format!("there is no workload {name}{place}")).hint(hint))
        }
        (count, _, Some(last)) => {
            let problem = format!("there are {count} workloads to fit, {} to {last}", found[0]);
            let hint = if name.is_some() { "name one, with its kind and namespace" } else { "name one" };
            Err(Error::input(problem).hint(hint))
        }
        _ => Err(Error::input("there is no workload to fit").hint("give a Pod, or what makes pods")),
    }
}

/// The kind of a word that kubectl takes: `Deployment`, `deployments`, `deploy`, `deployment.apps`.
fn kind_of(word: &str) -> Result<Kind, Error> {
    let lower = word.to_ascii_lowercase();
    let (name, _) = lower.split_once('.').unwrap_or((&lower, ""));
    let means = |kind: &&Kind| {
        let full = kind.name().to_ascii_lowercase();
        name == full || name.strip_suffix('s') == Some(&full) || (!name.is_empty() && name == short(**kind))
    };
    WORKLOADS.iter().find(means).copied().ok_or_else(|| {
        let problem = format!("`{word}` is not a kind of workload");
        let kinds = WORKLOADS.map(|kind| match short(kind) {
            "" => kind.name().to_owned(),
            short => format!("{} ({short})", kind.name()),
        });
        Error::input(problem).hint(format!("{FORM}; kinds are {}", kinds.join(", ")))
    })
}

/// kubectl's short name; Job has none.
fn short(kind: Kind) -> &'static str {
    match kind {
        Kind::Pod => "po",
        Kind::Deployment => "deploy",
        Kind::ReplicaSet => "rs",
        Kind::ReplicationController => "rc",
        Kind::StatefulSet => "sts",
        Kind::DaemonSet => "ds",
        Kind::CronJob => "cj",
        _ => "",
    }
}
