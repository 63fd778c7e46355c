//! Planners' questions. Options go in as JSON, as answers come out.

use std::collections::BTreeMap;
use std::ffi::c_char;

use bayplan::change::{Change, Nodes};
use bayplan::quantity::Quantity;
use bayplan::render::{self, Answer};
use bayplan::simulate::{Simulated, SimulationOptions};
use bayplan::whatif::{FailOptions, GpuOptions, Shape, ShrinkOptions, SizeOptions, Survive, UpgradeOptions};
use bayplan::{Cluster as Inner, Error as Fault};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::cluster::{Cluster, look, memory_for, skipped};
use crate::error::{Error, Failure};
use crate::guard::{bytes, clear, give, out, text};
use crate::status::{BAYPLAN_INVALID_INPUT, BAYPLAN_NOT_FOUND, Status};
use crate::text::Strings;

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

type Ask = fn(&Inner, &Given, SimulationOptions, &mut dyn FnMut(usize, usize) -> bool) -> Result<Come, Fault>;

/// What a question comes to, and the cluster after, where there is one.
type Come = (Answer, Option<Inner>);

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

fn played(
    cluster: &Inner,
    given: &Given,
    options: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
    render: fn(&Simulated) -> Answer,
) -> Result<Come, Fault> {
    let simulated = given.fork(cluster).what_if(&given.changes()?, options, tell)?;
    Ok((render(&simulated), Some(simulated.cluster)))
}

fn simulate(
    cluster: &Inner,
    given: &Given,
    options: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Come, Fault> {
    played(cluster, given, options, tell, render::simulation)
}

fn drain(
    cluster: &Inner,
    given: &Given,
    options: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Come, Fault> {
    played(cluster, given, options, tell, render::drain)
}

fn fail(
    cluster: &Inner,
    given: &Given,
    simulation: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Come, Fault> {
    let by = given.by.as_deref().unwrap_or("node");
    let options = FailOptions { simulation, pairs: given.pairs, changes: given.changes()?, threads: given.threads };
    Ok((render::fail(&given.fork(cluster).fail(by, &options, tell)?), None))
}

fn shrink(
    cluster: &Inner,
    given: &Given,
    simulation: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Come, Fault> {
    let options = ShrinkOptions {
        simulation,
        nodes: given.nodes.clone().map(Nodes),
        prices: given.prices.clone(),
        most: given.most.unwrap_or(usize::MAX),
        delete_empty_dir_data: given.delete_empty_dir_data,
        changes: given.changes()?,
    };
    Ok((render::shrink(&given.fork(cluster).shrink(&options, tell)?), None))
}

fn size(
    cluster: &Inner,
    given: &Given,
    simulation: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Come, Fault> {
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
    let size = given.fork(cluster).size(&options, tell)?;
    Ok((render::size(&size), Some(size.cluster)))
}

fn upgrade(
    cluster: &Inner,
    given: &Given,
    simulation: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Come, Fault> {
    let defaults = UpgradeOptions::default();
    let options = UpgradeOptions {
        simulation,
        nodes: given.nodes.clone().map(Nodes),
        surge: given.surge.unwrap_or(defaults.surge),
        delete_empty_dir_data: given.delete_empty_dir_data,
        force: given.force,
        timeout: given.timeout.or(defaults.timeout),
    };
    Ok((render::upgrade(&given.fork(cluster).upgrade(&options, tell)?), None))
}

fn gpus(
    cluster: &Inner,
    given: &Given,
    simulation: SimulationOptions,
    tell: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Come, Fault> {
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
    Ok((render::gpus(&given.fork(cluster).gpus(&options, tell)?), None))
}

fn preempt(
    cluster: &Inner,
    given: &Given,
    _: SimulationOptions,
    _: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Come, Fault> {
    let pod = given.pod.as_deref().ok_or_else(|| Fault::input("which pod is not said").at("pod"))?;
    let mut fork = given.fork(cluster);
    let weighed = fork.preempt_dry_run(pod)?;
    let decision = fork.decide(pod)?;
    Ok((render::preemption(&decision, &weighed, &fork), None))
}

fn nodes(
    cluster: &Inner,
    given: &Given,
    _: SimulationOptions,
    _: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Come, Fault> {
    let mut fork = given.fork(cluster);
    let rows = fork.node_rows()?;
    let by = given.by.as_deref();
    let groups = by.map(|by| Ok::<_, Fault>((bayplan::change::label_key(by), fork.node_groups(by)?))).transpose()?;
    Ok((render::nodes(&rows, groups.as_ref().map(|(by, groups)| (*by, groups.as_slice()))), None))
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

/// Answers a planner's question on a fork, as JSON (apiVersion bayplan/v1): "simulate", "drain", "fail", "shrink", "size", "upgrade", "gpus", "preempt" or
/// "nodes", which are the commands of the same names. `options` are a JSON object of `length` bytes with the names of Python's keywords in camelCase, such as
/// {"by": "zone", "changes": [{"cordon": "node-07"}]}; changes are those of a Scenarios document. An option that the question does not have is
/// BAYPLAN_INVALID_INPUT. `after`, unless null, gets the cluster after, or null where the question has none. `json` gets a list of one text. A fork, and
/// what is played; see bayplan_cluster_set_progress.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_ask(
    cluster: *const Cluster,
    question: *const c_char,
    options: *const c_char,
    length: usize,
    after: *mut *mut Cluster,
    json: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(after);
        clear(json);
        look(cluster, error, |cluster| {
            let json = out(json, "json")?;
            let question = text(question, "question")?;
            let (_, own, plays, ask) = *known(question)?;
            let given = given(question, own, plays, bytes(options, length, "options")?)?;
            memory_for(cluster.inner())?;
            let mut play = SimulationOptions { max_pods: cluster.max_pods, ..SimulationOptions::default() };
            // Jobs end only where that is what is asked about.
            play.jobs_finish = given.jobs_finish.unwrap_or(matches!(question, "simulate"));
            play.cron_jobs = given.cron_jobs.unwrap_or(play.cron_jobs);
            play.provision = given.provision.unwrap_or(play.provision);
            play.seconds = given.seconds.unwrap_or(play.seconds);
            let (mut answer, next) = ask(cluster.inner(), &given, play, &mut |done, all| cluster.go_on(done, all))?;
            if !cluster.skipped.is_empty()
                && let Some(document) = answer.document.as_object_mut()
                && let Some(warnings) =
                    document.entry("warnings").or_insert_with(|| Value::Array(vec![])).as_array_mut()
            {
                warnings.insert(0, skipped(&cluster.skipped).into());
            }
            let text = Strings::from_iter([answer.json()]);
            if let (false, Some(next)) = (after.is_null(), next) {
                give(after, cluster.with(next, cluster.skipped.clone()));
            }
            give(json, text);
            Ok(())
        })
    }
}
