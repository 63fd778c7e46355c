//! The pods that were made, field by field.

use std::collections::{BTreeMap, BTreeSet};

use bayplan::simulate::{Event, Simulation, stored};
use serde_json::{Value, json};

use super::Outcome;
use super::scenario::Scenario;

/// In this scenario pods that are preempted after the surge are made again, how many of them is chance.
const SURGE: (&str, &str) = ("city", "40-surge.yaml");

/// Owner to pods, each as it compares.
type Made = BTreeMap<String, Vec<Value>>;

pub(super) fn compare(scenario: &Scenario, simulation: &Simulation, outcome: &mut Outcome) -> Result<(), String> {
    let until = (scenario.name == SURGE.0).then_some(SURGE.1);
    let early = created_before(scenario, until)?;
    let mut real = Made::new();
    for pod in scenario.items("pods.json")? {
        if early.as_ref().is_none_or(|early| early.contains(&name_of(&pod))) {
            let (owner, pod) = comparable(pod);
            real.entry(owner).or_default().push(pod);
        }
    }
    let mut ours = Made::new();
    for event in simulation.events() {
        match event {
            Event::Step(step) if Some(step.as_str()) == until => break,
            Event::Created(pod) => {
                let (owner, pod) = comparable(stored(pod));
                ours.entry(owner).or_default().push(pod);
            }
            _ => {}
        }
    }
    let owners: BTreeSet<&String> = real.keys().chain(ours.keys()).collect();
    for owner in owners {
        let of = |made: &Made| {
            let mut pods: Vec<String> = made.get(owner).into_iter().flatten().map(ToString::to_string).collect();
            pods.sort();
            pods
        };
        let (theirs, ours) = (of(&real), of(&ours));
        if theirs.len() != ours.len() {
            outcome.differences.push(format!("{owner}: {} pods, ours {}", theirs.len(), ours.len()));
        }
        for (their, our) in theirs.iter().zip(&ours) {
            if their == our {
                outcome.pods += 1;
            } else {
                outcome.differences.push(format!("{owner}: {}", first_difference(their, our)));
                break;
            }
        }
    }
    Ok(())
}

pub(super) fn name_of(pod: &Value) -> String {
    let of = |key: &str| pod["metadata"][key].as_str().unwrap_or_default();
    format!("{}/{}", of("namespace"), of("name"))
}

/// The pods that were created before a step.
fn created_before(scenario: &Scenario, step: Option<&str>) -> Result<Option<BTreeSet<String>>, String> {
    let Some(step) = step else { return Ok(None) };
    let lines = scenario.items("attempts.json")?;
    let before = lines.iter().take_while(|line| line["step"] != step);
    Ok(Some(before.filter_map(|line| Some(line["created"].as_str()?.to_owned())).collect()))
}

/// The pod's owner, and what of it is compared: spec, labels and owners without uids, hashes, the ends of names that are chance, and
/// the volume with the service account's token.
pub(super) fn comparable(mut pod: Value) -> (String, Value) {
    let meta = &pod["metadata"];
    let hashes: Vec<String> = ["pod-template-hash", "controller-revision-hash"]
        .iter()
        .filter_map(|key| Some(meta["labels"][key].as_str()?.rsplit('-').next()?.to_owned()))
        .collect();
    let uids: Vec<String> = ["controller-uid", "batch.kubernetes.io/controller-uid"]
        .iter()
        .filter_map(|key| Some(meta["labels"][key].as_str()?.to_owned()))
        .collect();
    let volumes: Vec<String> = pod["spec"]["volumes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|volume| {
            volume["name"].as_str().filter(|name| name.starts_with("kube-api-access-")).map(str::to_owned)
        })
        .collect();
    let named = |item: &Value| item["name"].as_str().is_some_and(|name| volumes.iter().any(|volume| volume == name));
    without(&mut pod["spec"], "volumes", &named);
    for list in ["containers", "initContainers"] {
        for container in pod["spec"][list].as_array_mut().into_iter().flatten() {
            without(container, "volumeMounts", &named);
        }
    }
    if pod["spec"]["initContainers"].is_null() {
        pod["spec"].as_object_mut().map(|spec| spec.remove("initContainers"));
    }
    replace(&mut pod, &hashes, "HASH");
    replace(&mut pod, &uids, "UID");
    let mut owners = pod["metadata"]["ownerReferences"].clone();
    let mut owner = format!("Pod {}", name_of(&pod));
    for reference in owners.as_array_mut().into_iter().flatten() {
        reference.as_object_mut().map(|reference| reference.remove("uid"));
        let of = |key: &str| reference[key].as_str().unwrap_or_default().to_owned();
        owner = format!("{} {}/{}", of("kind"), pod["metadata"]["namespace"].as_str().unwrap_or_default(), of("name"));
    }
    let has_name = owner.starts_with("Pod ") || owner.starts_with("StatefulSet ");
    let name = if has_name { pod["metadata"]["name"].clone() } else { pod["metadata"]["generateName"].clone() };
    let compared =
        json!({ "name": name, "labels": pod["metadata"]["labels"], "ownerReferences": owners, "spec": pod["spec"] });
    (owner, compared)
}

/// Takes items out of a list; a list that is empty then goes too.
fn without(of: &mut Value, list: &str, chosen: &dyn Fn(&Value) -> bool) {
    let Some(fields) = of.as_object_mut() else { return };
    if let Some(items) = fields.get_mut(list).and_then(Value::as_array_mut) {
        items.retain(|item| !chosen(item));
        if items.is_empty() {
            fields.remove(list);
        }
    }
}

/// Replaces words wherever they stand.
fn replace(value: &mut Value, words: &[String], by: &str) {
    match value {
        Value::String(text) => {
            for word in words.iter().filter(|word| word.len() > 4) {
                *text = text.replace(word.as_str(), by);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, words, by)),
        Value::Object(fields) => fields.values_mut().for_each(|value| replace(value, words, by)),
        _ => {}
    }
}

fn first_difference(real: &str, ours: &str) -> String {
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let mut found = Vec::new();
    walk("", &parse(real), &parse(ours), &mut found);
    found.truncate(6);
    found.join("; ")
}

fn walk(path: &str, real: &Value, ours: &Value, found: &mut Vec<String>) {
    match (real, ours) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                walk(&format!("{path}.{key}"), &of(a), &of(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().for_each(|(i, (a, b))| walk(&format!("{path}[{i}]"), a, b, found));
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{path}: real {a}, ours {b}")),
    }
}
