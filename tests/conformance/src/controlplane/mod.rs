//! Plays what a real control plane was given, and compares what came of it: the pods that were made, the refusals, the scheduler's attempts,
//! the taints of nodes. `tests/controlplane/README.md` describes the files.

mod draws;
mod pods;
mod replay;
mod scenario;
mod steps;
mod words;

use std::fmt::Write as _;
use std::path::Path;

use bayplan::objects::Object;
use bayplan::read::Reading;
use bayplan::simulate::{Simulation, SimulationOptions};
use bayplan::{Cluster, Options};
use serde_json::json;

use self::draws::Draws;
use self::scenario::Scenario;

/// Until a step had settled, so many seconds went by at most.
const SETTLED: i64 = 60;

/// What came of a scenario.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The folder's name.
    pub name: String,
    /// Pods that are as the real ones.
    pub pods: usize,
    /// Refusals, FailedCreate events and distinct lines of `kubectl drain` that are as the real ones.
    pub refusals: usize,
    /// Real bindings to one of our best nodes; those where there is only one such node.
    pub bindings: (usize, usize),
    /// Real preemptions on one of our best candidates.
    pub evictions: usize,
    /// Pods that taints drive away and that are marked for deletion there too.
    pub marked: usize,
    /// Texts of failed attempts that are ours.
    pub texts: usize,
    /// Attempts whose order against what a watch saw cannot be known.
    pub left_out: usize,
    /// Nodes whose taints are as the real ones, over all steps.
    pub nodes: usize,
    /// What differs.
    pub differences: Vec<String>,
}

/// Plays folders; a table of what came of them, and whether all is equal.
///
/// # Errors
/// Where a file cannot be read.
pub fn run(folders: &[impl AsRef<Path>]) -> Result<(String, bool), String> {
    let mut text = String::new();
    let header = [
        "scenario",
        "pods",
        "refusals",
        "bindings",
        "one best",
        "evictions",
        "marked",
        "texts",
        "left out",
        "nodes",
        "differ",
    ];
    let _ = writeln!(
        text,
        "{:<14}{:>6}{:>10}{:>10}{:>10}{:>11}{:>8}{:>7}{:>10}{:>7}{:>8}",
        header[0],
        header[1],
        header[2],
        header[3],
        header[4],
        header[5],
        header[6],
        header[7],
        header[8],
        header[9],
        header[10]
    );
    let mut differences = Vec::new();
    for folder in folders {
        let outcome = play(folder.as_ref())?;
        let Outcome { name, pods, refusals, bindings, evictions, marked, texts, left_out, nodes, differences: differ } =
            &outcome;
        let _ = writeln!(
            text,
            "{name:<14}{pods:>6}{refusals:>10}{:>10}{:>10}{evictions:>11}{marked:>8}{texts:>7}{left_out:>10}{nodes:>7}{:>8}",
            bindings.0,
            bindings.1,
            differ.len()
        );
        differences.extend(differ.iter().map(|difference| format!("{name}: {difference}")));
    }
    for difference in &differences {
        let _ = writeln!(text, "{difference}");
    }
    Ok((text, differences.is_empty()))
}

/// What a control plane has before anything is applied.
fn first() -> Result<Vec<Object>, String> {
    let of = |kind: &str, namespace: &str, name: &str| {
        let object = json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": name, "namespace": namespace, "uid": name } });
        Reading::default().value(&object).map_err(|e| e.to_string())
    };
    let namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];
    let accounts = namespaces.iter().map(|name| of("ServiceAccount", name, "default"));
    namespaces.iter().map(|name| of("Namespace", "", name)).chain(accounts).collect()
}

/// Plays one folder.
///
/// # Errors
/// Where a file cannot be read, or the simulation has no end.
pub fn play(folder: &Path) -> Result<Outcome, String> {
    let scenario = Scenario::open(folder)?;
    let mut outcome = Outcome { name: scenario.name.clone(), ..Outcome::default() };
    let mut cluster = Cluster::new(Options::default()).map_err(|e| e.to_string())?;
    cluster.load(first()?).map_err(|e| e.to_string())?;
    let options = SimulationOptions { seconds: SETTLED, ..SimulationOptions::default() };
    let mut simulation = Simulation::new(cluster, options);
    let draws = Draws::follow(&scenario, &mut simulation)?;
    for step in &scenario.steps {
        draws.begin(step, &mut simulation)?;
        steps::play(&scenario, step, &mut simulation, &mut outcome)?;
    }
    words::events(&scenario, &simulation, &mut outcome)?;
    pods::compare(&scenario, &simulation, &mut outcome)?;
    replay::compare(&scenario, &mut outcome)?;
    Ok(outcome)
}
