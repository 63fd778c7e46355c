//! Which kinds make pods, and what is said of an input that was to hold some and does not.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::expand::WORKLOADS;
use crate::objects::Kind;
use crate::read::Input;

/// Does the kind make pods, or is it one?
#[must_use]
pub fn is_workload(kind: Kind) -> bool {
    WORKLOADS.contains(&kind)
}

/// Inputs that are to be placed must hold a workload: without one, there is nothing to be placed, and that would read
/// as if everything were.
///
/// Objects that only look like workloads are an error even beside others: the API server would not take them, and the
/// answer would silently lack their pods. So is a configuration, which would be left out.
///
/// # Errors
/// Names the input, what it holds instead, and what is legal.
pub fn check_workloads(inputs: &[&Input]) -> Result<(), Error> {
    for input in inputs {
        for (version, kind, _) in input.skipped.iter() {
            if let Some(meant) = meant(kind).filter(|_| is_builtin(version)) {
                let problem = format!("no API server takes {}", named(version, kind));
                let error = Error::input(problem).hint(format!("did you mean {}?", full(meant)));
                return Err(error.in_source(&input.source));
            }
        }
    }
    if let Some(input) = inputs.iter().find(|input| !input.configurations.is_empty()) {
        let error = Error::input("a KubeSchedulerConfiguration is no workload");
        return Err(error.hint("give it with --config or -c (in Python with config=)").in_source(&input.source));
    }
    let holds_one = |input: &&Input| input.objects.iter().any(|object| is_workload(object.kind()));
    if inputs.is_empty() || inputs.iter().any(holds_one) {
        return Ok(());
    }
    let found = found(inputs);
    let problem = match found.is_empty() {
        true => "there is no workload in it: it is empty".to_owned(),
        false => format!("there is no workload in it, only {found}"),
    };
    let skipped = || inputs.iter().flat_map(|input| input.skipped.iter());
    let hint = if let Some(meant) = skipped().find_map(|(_, kind, _)| meant(kind)) {
        format!("did you mean {}?", full(meant))
    } else {
        format!("workloads are {}", WORKLOADS.map(Kind::name).join(", "))
    };
    let sources: Vec<&str> = inputs.iter().map(|input| input.source.as_str()).collect();
    Err(Error::input(problem).hint(hint).in_source(sources.join(", ")))
}

/// `2 Node (v1), 1 Secret (v1)`
fn found(inputs: &[&Input]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for input in inputs {
        for object in &input.objects {
            *counts.entry(full(object.kind())).or_default() += 1;
        }
        for (version, kind, count) in input.skipped.iter() {
            *counts.entry(named(version, kind)).or_default() += count;
        }
    }
    let counts: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    counts.join(", ")
}

/// The workload that somebody who wrote this kind may have meant: it differs in case, in an s, or in the apiVersion.
fn meant(kind: &str) -> Option<Kind> {
    let kind = kind.to_ascii_lowercase();
    WORKLOADS.into_iter().find(|known| {
        let name = known.name().to_ascii_lowercase();
        kind == name || kind.strip_suffix('s') == Some(&name)
    })
}

/// Is the group one of Kubernetes' own? Others are named like a domain: a `Job` of theirs is their own.
fn is_builtin(version: &str) -> bool {
    !version.rsplit_once('/').is_some_and(|(group, _)| group.contains('.'))
}

/// `Deployment (apps/v1)`
fn full(kind: Kind) -> String {
    match kind.group() {
        "" => named("v1", kind.name()),
        group => named(&format!("{group}/v1"), kind.name()),
    }
}

fn named(version: &str, kind: &str) -> String {
    if version.is_empty() { kind.to_owned() } else { format!("{kind} ({version})") }
}
