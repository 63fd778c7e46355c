//! Planners' questions and their options, which go in as JSON.

use std::collections::BTreeMap;

use bayplan::change::{Change, Nodes};
use bayplan::quantity::Quantity;
use bayplan::simulate::SimulationOptions;
use bayplan::whatif::{FailOptions, GpuOptions, Shape, ShrinkOptions, SizeOptions, Survive, UpgradeOptions};
use bayplan::{Cluster as Inner, Error as Fault};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::cluster::{Cluster, memory_for};
use crate::error::Failure;
use crate::found::Found;
use crate::status::{BAYPLAN_INVALID_INPUT, BAYPLAN_NOT_FOUND};

/// The options of all questions. Which of them a question has is in [`QUESTIONS`].
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Given {
    changes: Vec<Value>,
    jobs_finish: Option<bool>,
    cron_jobs: Option<bool>,
    provision: Option<bool>,
    seconds: Option<i64>,
    preemption: Option<bool>,
    by: Option<String>,
    pairs: bool,
    threads: usize,
    nodes: Option<String>,
    prices: BTreeMap<String, f64>,
    most: Option<usize>,
    delete_empty_dir_data: bool,
    catalogue: Value,
    zones: Vec<String>,
    arch: Vec<String>,
    survive: Option<String>,
    keep_nodes: bool,
    labels: BTreeMap<String, String>,
    effort: Option<usize>,
    surge: Option<usize>,
    force: bool,
    timeout: Option<i64>,
    resources: Vec<String>,
    pool: Option<String>,
    cpu: Option<String>,
    memory: Option<String>,
    pod: Option<String>,
}

/// How changes are played, which most questions can be told.
const PLAY: [&str; 5] = ["jobsFinish", "cronJobs", "provision", "seconds", "preemption"];

type Ask = fn(&Inner, &Given, SimulationOptions, &mut dyn FnMut(usize, usize) -> bool) -> Result<Found, Fault>;

/// The questions: the name, the options beside those of [`PLAY`], whether it has these.
const QUESTIONS: [(&str, &[&str], bool, Ask); 9] = [
    ("simulate", &["changes"], true, simulate),
    ("drain", &["changes"], true, drain),
    ("fail", &["changes", "by", "pairs", "threads"], true, fail),
    ("shrink", &["changes", "nodes", "prices", "most", "deleteEmptyDirData"], true, shrink),
    ("size", &["changes", "catalogue", "zones", "arch", "survive", "keepNodes", "labels", "effort"], true, size),
    ("upgrade", &["nodes", "surge", "deleteEmptyDirData", "force", "timeout"], true, upgrade),
    ("gpus", &["resources", "pool", "cpu", "memory"], true, gpus),
    ("preempt", &["pod"], false, preempt),
    ("nodes", &["by"], false, nodes),
];

impl Given {
    fn changes(&self) -> Result<Vec<Change>, Fault> {
        self.changes.iter().map(|change| Change::from_value(change.clone())).collect()
    }

    /// The cluster to play on.
    fn fork(&self, cluster: &Inner) -> Inner {
        let mut fork = cluster.clone();
        if let Some(on) = self.preemption {
            fork.set_preemption(on);
        }
        fork
    }
}

fn simulate(
    cluster: &Inner,
    given: &Given,
    options: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Found, Fault> {
    Ok(Found::Simulated(given.fork(cluster).what_if(&given.changes()?, options, tell)?))
}

fn drain(
    cluster: &Inner,
    given: &Given,
    options: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Found, Fault> {
    Ok(Found::Drained(given.fork(cluster).what_if(&given.changes()?, options, tell)?))
}

fn fail(
    cluster: &Inner,
    given: &Given,
    simulation: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Found, Fault> {
    let by = given.by.as_deref().unwrap_or("node");
    let options = FailOptions { simulation, pairs: given.pairs, changes: given.changes()?, threads: given.threads };
    Ok(Found::Fail(given.fork(cluster).fail(by, &options, tell)?))
}

fn shrink(
    cluster: &Inner,
    given: &Given,
    simulation: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Found, Fault> {
    let options = ShrinkOptions {
        simulation,
        nodes: given.nodes.clone().map(Nodes),
        prices: given.prices.clone(),
        most: given.most.unwrap_or(usize::MAX),
        delete_empty_dir_data: given.delete_empty_dir_data,
        changes: given.changes()?,
    };
    Ok(Found::Shrink(given.fork(cluster).shrink(&options, tell)?))
}

fn size(
    cluster: &Inner,
    given: &Given,
    simulation: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Found, Fault> {
    let survive = match given.survive.as_deref() {
        None => None,
        Some("node") => Some(Survive::Node),
        Some("zone") => Some(Survive::Zone),
        Some(other) => return Err(Fault::input(format!("{other} is neither node nor zone")).at("survive")),
    };
    let defaults = SizeOptions::default();
    let options = SizeOptions {
        shapes: Shape::catalogue(&given.catalogue).map_err(|error| error.in_source("catalogue"))?,
        survive,
        zones: given.zones.clone(),
        arch: given.arch.clone(),
        keep_nodes: given.keep_nodes,
        labels: given.labels.clone(),
        changes: given.changes()?,
        simulation,
        effort: given.effort.unwrap_or(defaults.effort),
    };
    Ok(Found::Size(given.fork(cluster).size(&options, tell)?))
}

fn upgrade(
    cluster: &Inner,
    given: &Given,
    simulation: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Found, Fault> {
    let defaults = UpgradeOptions::default();
    let options = UpgradeOptions {
        simulation,
        nodes: given.nodes.clone().map(Nodes),
        surge: given.surge.unwrap_or(defaults.surge),
        delete_empty_dir_data: given.delete_empty_dir_data,
        force: given.force,
        timeout: given.timeout.or(defaults.timeout),
    };
    Ok(Found::Upgrade(given.fork(cluster).upgrade(&options, tell)?))
}

fn gpus(
    cluster: &Inner,
    given: &Given,
    simulation: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Found, Fault> {
    let amount = |field: &str, text: &Option<String>, of: fn(Quantity) -> i64| {
        let parsed = text.as_deref().map(|text| {
            text.parse::<Quantity>().map(of).map_err(|_| Fault::input(format!("`{text}` is no quantity")).at(field))
        });
        parsed.transpose()
    };
    let options = GpuOptions {
        simulation,
        resources: given.resources.clone(),
        pool: given.pool.clone(),
        cpu: amount("cpu", &given.cpu, Quantity::milli_value)?,
        memory: amount("memory", &given.memory, Quantity::value)?,
    };
    Ok(Found::Gpus(given.fork(cluster).gpus(&options, tell)?))
}

fn preempt(
    cluster: &Inner,
    given: &Given,
    _: SimulationOptions,
    _: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Found, Fault> {
    let pod = given.pod.as_deref().ok_or_else(|| Fault::input("which pod is not said").at("pod"))?;
    let mut fork = given.fork(cluster);
    let weighed = fork.preempt_dry_run(pod)?;
    let decision = fork.decide(pod)?;
    Ok(Found::Preempt(decision, weighed, fork))
}

fn nodes(
    cluster: &Inner,
    given: &Given,
    _: SimulationOptions,
    _: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Found, Fault> {
    let mut fork = given.fork(cluster);
    let rows = fork.node_rows()?;
    let by = given.by.as_deref();
    let key = |by: &str| bayplan::change::label_key(by).to_owned();
    let groups = by.map(|by| Ok::<_, Fault>((key(by), fork.node_groups(by)?))).transpose()?;
    Ok(Found::Nodes(rows, groups))
}

fn known(question: &str) -> Result<&'static (&'static str, &'static [&'static str], bool, Ask), Failure> {
    QUESTIONS.iter().find(|(name, ..)| *name == question).ok_or_else(|| {
        let names: Vec<&str> = QUESTIONS.iter().map(|(name, ..)| *name).collect();
        Failure::new(BAYPLAN_NOT_FOUND, format!("{question} is no question: {} are", names.join(", ")))
    })
}

fn given(question: &str, own: &[&str], plays: bool, options: &[u8]) -> Result<Given, Failure> {
    let wrong = |problem: String| Failure::new(BAYPLAN_INVALID_INPUT, format!("options of {question}: {problem}"));
    if options.is_empty() {
        return Ok(Given::default());
    }
    let map: Map<String, Value> = serde_json::from_slice(options).map_err(|error| wrong(error.to_string()))?;
    let legal: Vec<&str> = own.iter().chain(PLAY.iter().filter(|_| plays)).copied().collect();
    if let Some(other) = map.keys().find(|name| !legal.contains(&name.as_str())) {
        return Err(wrong(format!("it has no `{other}`: {} are legal", legal.join(", "))));
    }
    Given::deserialize(Value::Object(map)).map_err(|error| wrong(error.to_string()))
}

/// Asks a question, on a fork. A fork, and what is played.
pub(crate) fn asked(cluster: &Cluster, question: &str, options: &[u8]) -> Result<Found, Failure> {
    let (_, own, plays, ask) = *known(question)?;
    let given = given(question, own, plays, options)?;
    memory_for(cluster.inner())?;
    let mut play = SimulationOptions { max_pods: cluster.max_pods, ..SimulationOptions::default() };
    // Jobs end only where that is what is asked about.
    play.jobs_finish = given.jobs_finish.unwrap_or(matches!(question, "simulate"));
    play.cron_jobs = given.cron_jobs.unwrap_or(play.cron_jobs);
    play.provision = given.provision.unwrap_or(play.provision);
    play.seconds = given.seconds.unwrap_or(play.seconds);
    Ok(ask(cluster.inner(), &given, play, &mut |done, all| cluster.go_on(done, all))?)
}
