//! Refusals, word for word.

use std::collections::{BTreeMap, BTreeSet};

use bayplan::Refusal;
use bayplan::objects::Kind;
use bayplan::simulate::{Event, Simulation};

use serde_json::Value;

use super::Outcome;
use super::scenario::Scenario;

/// What kubectl said of a step that was refused, line by line; the lines of one message stay together.
fn said(scenario: &Scenario, step: &str) -> Result<Vec<String>, String> {
    let text = scenario.text("apply.txt")?;
    let mut lines = text.lines().skip_while(|line| !(line.starts_with("$ ") && line.ends_with(step)));
    lines.next();
    let mut out: Vec<String> = Vec::new();
    for line in lines.take_while(|line| !line.starts_with("$ ")) {
        // Of kinds that the server has not kubectl tells at once: `[resource mapping …, resource mapping …]`.
        let own: String;
        let line = if let Some(first) = line.strip_prefix('[').filter(|first| first.starts_with("resource mapping")) {
            own = format!("error: {first}");
            &own
        } else if let Some(next) = line.strip_prefix("ensure CRDs are installed first, ") {
            if let Some(last) = out.last_mut() {
                last.push_str("\nensure CRDs are installed first");
            }
            own = format!("error: {next}");
            &own
        } else {
            line.strip_suffix(']').filter(|line| line.ends_with("CRDs are installed first")).unwrap_or(line)
        };
        let begins = ["Error from server", "The ", "error: "].iter().any(|begin| line.starts_with(begin));
        let goes_on = line.starts_with("* ") || line == "ensure CRDs are installed first";
        match out.last_mut() {
            _ if begins => out.push(line.to_owned()),
            Some(last) if goes_on => *last = format!("{last}\n{line}"),
            _ => {}
        }
    }
    // Whether a cluster has the kinds of others is not known here.
    out.retain(|line| !is_of_others(line));
    Ok(out)
}

fn is_of_others(line: &str) -> bool {
    let version = line.split_once("in version \"").and_then(|(_, rest)| rest.split_once('/'));
    let group = version.filter(|_| line.contains("no matches for kind")).map(|(group, _)| group);
    group.is_some_and(|group| group.contains('.') && !group.ends_with(".k8s.io"))
}

pub(super) fn refusals(
    scenario: &Scenario,
    step: &str,
    refusals: &[&Refusal],
    outcome: &mut Outcome,
) -> Result<(), String> {
    let real = said(scenario, step)?;
    let alone = refusals.len() == 1;
    let ours: Vec<String> = refusals.iter().map(|refusal| refusal.kubectl(step, alone)).collect();
    differ(&format!("{step}: refused"), real, ours, outcome);
    Ok(())
}

/// What `kubectl drain` said in a step: the same distinct lines. Which part of a list comes first is chance.
pub(super) fn drains(scenario: &Scenario, step: &str, ours: &[String], outcome: &mut Outcome) -> Result<(), String> {
    let text = scenario.text("apply.txt")?;
    let mut lines = text.lines().skip_while(|line| !(line.starts_with("$ ") && line.ends_with(step)));
    lines.next();
    let begins = ["evicting pod ", "pod/", "error", "Warning: ", "There are pending ", " ", "cannot delete "];
    let ends = [" cordoned", " drained"];
    let of_drain = lines.take_while(|line| !line.starts_with("$ ")).filter(|line| {
        begins.iter().any(|begin| line.starts_with(begin)) || ends.iter().any(|end| line.ends_with(end))
    });
    let real: BTreeSet<String> = of_drain.map(distinct).collect();
    let ours: BTreeSet<String> = ours.iter().map(|line| distinct(line)).collect();
    differ(&format!("{step}: drain"), real.into_iter().collect(), ours.into_iter().collect(), outcome);
    Ok(())
}

/// A line with the random ends of names as `*****`, hashes as `HASH`, and its lists sorted.
fn distinct(line: &str) -> String {
    let of_list = |text: &str, between: &str| {
        let mut parts: Vec<&str> = text.split(between).collect();
        parts.sort_unstable();
        parts.join(between)
    };
    let words = line.split(' ').map(|word| {
        let bare = word.trim_matches(|c: char| "\",;]".contains(c));
        let mut parts: Vec<&str> = bare.split('-').collect();
        let is_random = |end: &str| end.len() == 5 && end.bytes().all(|b| b.is_ascii_digit() || is_hash_letter(b));
        if parts.len() > 1 && parts.last().is_some_and(|end| is_random(end)) {
            parts.pop();
            if parts.len() > 1 && parts.last().is_some_and(|hash| is_hash(hash)) {
                parts.pop();
                parts.push("HASH");
            }
            parts.push("*****");
        }
        word.replace(bare, &parts.join("-"))
    });
    let line = words.collect::<Vec<_>>().join(" ");
    if let Some((begin, list)) = line.split_once("[")
        && let Some((list, end)) = list.split_once(']')
    {
        return format!("{begin}[{}]{end}", of_list(&format!(", {list}"), ", cannot delete "));
    }
    match line.strip_prefix("Warning: ") {
        Some(list) => format!("Warning: {}", of_list(list, "; ")),
        None => line,
    }
}

fn is_hash_letter(letter: u8) -> bool {
    b"bcdfghjklmnpqrstvwxz2456789".contains(&letter)
}

/// The FailedCreate events.
pub(super) fn events(scenario: &Scenario, simulation: &Simulation, outcome: &mut Outcome) -> Result<(), String> {
    let real = scenario.items("events.json")?;
    // Where a workload comes before its account in a file, it is chance whether its controller is quicker than the account.
    let cluster = simulation.cluster();
    let came = |event: &Value| {
        let message = event["message"].as_str().unwrap_or_default();
        let account =
            message.split_once("error looking up service account ").and_then(|(_, rest)| rest.split_once(':'));
        let account = account.and_then(|(account, _)| account.split_once('/'));
        account.is_some_and(|(namespace, name)| cluster.object(Kind::ServiceAccount, namespace, name).is_some())
    };
    let real = real.iter().filter(|event| event["reason"] == "FailedCreate" && !came(event)).map(|event| {
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        normalised(&text("object"), &text("message"))
    });
    let ours = simulation.events().iter().filter_map(|event| match event {
        Event::FailedCreate { owner, message } => Some(normalised(owner, message)),
        _ => None,
    });
    differ("FailedCreate", real.collect(), ours.collect(), outcome);
    Ok(())
}

/// The hash of a template is `HASH`, and the end of a name that is chance is `*****`.
fn normalised(object: &str, message: &str) -> String {
    let name = object.rsplit('/').next().unwrap_or_default();
    let hash =
        name.rsplit_once('-').map(|(_, hash)| hash).filter(|hash| is_hash(hash) && object.starts_with("ReplicaSet"));
    let mut text = format!("{object}: {message}");
    if let Some(hash) = hash {
        text = text.replace(hash, "HASH");
    }
    // `"web-HASH-00001"`
    let mut out = String::new();
    for (i, part) in text.split('"').enumerate() {
        if i > 0 {
            out.push('"');
        }
        match part.rsplit_once('-') {
            Some((base, end)) if end.len() == 5 && end.bytes().all(|b| b.is_ascii_digit()) => {
                out += &format!("{base}-*****");
            }
            _ => out += part,
        }
    }
    out
}

/// Does a word look like the hash of a template?
pub(super) fn is_hash(word: &str) -> bool {
    (6..=10).contains(&word.len()) && word.bytes().all(|b| b"bcdfghjklmnpqrstvwxz2456789".contains(&b))
}

fn differ(what: &str, real: Vec<String>, ours: Vec<String>, outcome: &mut Outcome) {
    let mut counts: BTreeMap<String, i32> = BTreeMap::new();
    real.iter().for_each(|text| *counts.entry(text.clone()).or_default() += 1);
    for text in ours {
        let left = counts.entry(text).or_default();
        if *left > 0 {
            outcome.refusals += 1;
        }
        *left -= 1;
    }
    for (text, left) in counts {
        match left {
            1.. => outcome.differences.push(format!("{what}: not ours: {text}")),
            ..0 => outcome.differences.push(format!("{what}: ours alone: {text}")),
            0 => {}
        }
    }
}
