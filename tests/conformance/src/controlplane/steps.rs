//! The steps of a scenario: manifests that are applied, and the few commands that its scripts run.

use bayplan::objects::{Condition, Node, Taint};
use bayplan::read::Reading;
use bayplan::simulate::{Applied, DrainOptions, Simulation};
use bayplan::{Error, Refusal};
use serde_json::Value;

use super::Outcome;
use super::scenario::Scenario;
use super::words;

pub(super) fn play(
    scenario: &Scenario,
    step: &str,
    simulation: &mut Simulation,
    outcome: &mut Outcome,
) -> Result<(), String> {
    simulation.mark(step);
    if step.ends_with(".sh") {
        let mut said = Vec::new();
        for line in scenario.text(step)?.lines() {
            command(line, simulation, &mut said)?;
        }
        if !said.is_empty() {
            words::drains(scenario, step, &said, outcome)?;
        }
        simulation.run().map_err(|e| e.to_string())?;
    } else {
        let reading = Reading { keep_refused: true, ..Reading::default() };
        let input = reading.path(scenario.path(step)).map_err(|e| e.to_string())?;
        let applied = simulation.apply(input.objects).map_err(|e| e.to_string())?;
        let refused = applied.into_iter().filter_map(|applied| match applied {
            Applied::Refused(error) => Some(error),
            _ => None,
        });
        let refused: Vec<Error> = input.refused.into_iter().chain(refused).collect();
        let refusals: Vec<&Refusal> = refused.iter().filter_map(Error::refusal).collect();
        if refusals.len() < refused.len() {
            outcome.differences.push(format!("{step}: an error that is no refusal: {refused:?}"));
        }
        words::refusals(scenario, step, &refusals, outcome)?;
        simulation.run().map_err(|e| e.to_string())?;
    }
    nodes(scenario, step, simulation, outcome)
}

/// What kubectl does, as far as the scripts of scenarios use it.
fn command(line: &str, simulation: &mut Simulation, said: &mut Vec<String>) -> Result<(), String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let text = |e: Error| e.to_string();
    match words[..] {
        [] => Ok(()),
        ["kubectl", "get", ..] => Ok(()),
        ["kubectl", "patch", "node", name, ..] => {
            let patch = line.split('\'').nth(1).ok_or_else(|| format!("{line}: no patch in quotes"))?;
            let patch: Value = serde_json::from_str(patch).map_err(|e| format!("{line}: {e}"))?;
            simulation.change_node(name, |node| patch_conditions(node, &patch)).map_err(text)
        }
        ["kubectl", "taint", "node" | "nodes", name, taint] => {
            let (key, rest) = taint.split_once('=').ok_or_else(|| format!("{line}: no taint"))?;
            let (value, effect) = rest.split_once(':').ok_or_else(|| format!("{line}: no effect"))?;
            let taint =
                Taint { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned(), time_added: None };
            simulation.change_node(name, |node| node.spec.taints.push(taint)).map_err(text)
        }
        ["kubectl", "cordon", name] => {
            simulation.change_node(name, |node| node.spec.unschedulable = true).map_err(text)
        }
        ["kubectl", "uncordon", name] => {
            simulation.change_node(name, |node| node.spec.unschedulable = false).map_err(text)
        }
        ["kubectl", "drain", name, ref flags @ ..] => {
            let timeout =
                flags.iter().find_map(|flag| flag.strip_prefix("--timeout=")?.strip_suffix('s')?.parse().ok());
            let options = DrainOptions {
                ignore_daemon_sets: flags.contains(&"--ignore-daemonsets"),
                delete_empty_dir_data: flags.contains(&"--delete-emptydir-data"),
                force: flags.contains(&"--force"),
                timeout,
            };
            let report = simulation.drain(&[name], options).map_err(text)?;
            said.extend(report.lines);
            Ok(())
        }
        _ => Err(format!("{line}: this command is not played")),
    }
}

fn patch_conditions(node: &mut Node, patch: &Value) {
    let conditions: Vec<Condition> = serde_json::from_value(patch["status"]["conditions"].clone()).unwrap_or_default();
    for condition in conditions {
        node.status.conditions.retain(|old| old.kind != condition.kind);
        node.status.conditions.push(condition);
    }
}

/// The taints of nodes after the step.
fn nodes(scenario: &Scenario, step: &str, simulation: &Simulation, outcome: &mut Outcome) -> Result<(), String> {
    let after = scenario.json("nodes.json")?;
    for (name, node) in after[step].as_object().into_iter().flatten() {
        let real = &node["spec"];
        let mut real_taints: Vec<(String, String, String)> = Vec::new();
        for taint in real["taints"].as_array().into_iter().flatten() {
            let of = |key: &str| taint[key].as_str().unwrap_or_default().to_owned();
            real_taints.push((of("key"), of("value"), of("effect")));
        }
        let Some(bayplan::objects::Object::Node(ours)) =
            simulation.cluster().object(bayplan::objects::Kind::Node, "", name)
        else {
            outcome.differences.push(format!("{step}: node {name} is not there"));
            continue;
        };
        let mut our_taints: Vec<_> =
            ours.spec.taints.iter().map(|t| (t.key.clone(), t.value.clone(), t.effect.clone())).collect();
        real_taints.sort();
        our_taints.sort();
        let unschedulable = real["unschedulable"].as_bool().unwrap_or(false);
        if real_taints == our_taints && unschedulable == ours.spec.unschedulable {
            outcome.nodes += 1;
        } else {
            outcome.differences.push(format!("{step}: node {name}: real {real_taints:?}, ours {our_taints:?}"));
        }
    }
    Ok(())
}
