//! Drives the library and the plain reference with the same random operations and compares every decision.
//!
//! A run is a small cluster and some two hundred operations: objects of every kind come, change and go, pods are bound,
//! evicted and nominated, the library is forked, saved and opened. After each operation both engines decide for a pending pod, and each counter
//! of the library is compared with a recount. [`world`] makes up the operations, [`player`] does them to both engines,
//! [`mod@shrink`] makes a failure small enough to read, and [`tally`] counts which rule decided how often.

pub mod budgets;
pub mod cases;
pub mod nodes;
pub mod operation;
pub mod player;
pub mod pods;
pub mod random;
pub mod shrink;
pub mod storage;
pub mod tally;
pub mod terms;
pub mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};

use crate::operation::Operation;
use crate::player::Player;
use crate::tally::Tally;
use crate::world::World;

/// The versions that take turns.
pub const VERSIONS: [&str; 4] = ["1.34", "1.35", "1.36", "1.37"];
/// Operations of a run.
pub const RUN: usize = 200;

/// What a run plays under.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The Kubernetes minor version.
    pub version: &'static str,
    /// A `KubeSchedulerConfiguration`, or the defaults.
    pub config: Option<Value>,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Operations done.
    pub operations: usize,
    /// Counters compared with a recount.
    pub recounted: u64,
    /// Which rules decided.
    pub tally: Tally,
    /// The failure, with the fewest operations that show it.
    pub failure: Option<(String, Vec<Operation>)>,
}

/// The setup of the run of that number: the versions take turns, and within each the configurations.
#[must_use]
pub fn setup(number: usize) -> Setup {
    let args = |plugin: &str, fields: Value| {
        let mut args = json!({ "apiVersion": "kubescheduler.config.k8s.io/v1", "kind": format!("{plugin}Args") });
        if let (Some(args), Value::Object(fields)) = (args.as_object_mut(), fields) {
            args.extend(fields);
        }
        json!({ "name": plugin, "args": args })
    };
    let config = |plugins: Vec<Value>| {
        json!({
            "apiVersion": "kubescheduler.config.k8s.io/v1",
            "kind": "KubeSchedulerConfiguration",
            "leaderElection": { "leaderElect": false },
            "profiles": [{ "schedulerName": "default-scheduler", "pluginConfig": plugins }],
        })
    };
    let spread = |when: &str| {
        let constraint =
            json!({ "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": when });
        args("PodTopologySpread", json!({ "defaultConstraints": [constraint], "defaultingType": "List" }))
    };
    let config = match number / VERSIONS.len() % 6 {
        1 => Some(config(vec![
            args("InterPodAffinity", json!({ "hardPodAffinityWeight": 0, "ignorePreferredTermsOfExistingPods": true })),
            spread("DoNotSchedule"),
        ])),
        3 => Some(config(vec![
            args("InterPodAffinity", json!({ "hardPodAffinityWeight": 10 })),
            spread("ScheduleAnyway"),
            args(
                "NodeResourcesFit",
                json!({ "scoringStrategy": {
                "type": "MostAllocated",
                "resources": [{ "name": "cpu", "weight": 1 }, { "name": "example.com/foo", "weight": 3 }],
            } }),
            ),
        ])),
        5 => {
            let shape = [json!({ "utilization": 0, "score": 2 }), json!({ "utilization": 70, "score": 10 })];
            let requested = json!({ "type": "RequestedToCapacityRatio", "requestedToCapacityRatio": { "shape": shape },
                "resources": [{ "name": "cpu", "weight": 2 }, { "name": "memory", "weight": 1 }] });
            let not = json!([{ "key": "disk", "operator": "NotIn", "values": ["tape"] }]);
            let added = json!({ "addedAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{ "matchExpressions": not }] } } });
            Some(config(vec![
                args("NodeResourcesFit", json!({ "scoringStrategy": requested })),
                args("NodeAffinity", added),
            ]))
        }
        _ => None,
    };
    Setup { version: VERSIONS[number % VERSIONS.len()], config }
}

/// One run, whose operations follow from the seed and its number.
#[must_use]
pub fn run(seed: u64, number: usize) -> Outcome {
    let setup = setup(number);
    let mut outcome = Outcome::default();
    let mut world = World::new(seed.wrapping_add(number as u64));
    let mut done: Vec<Operation> = Vec::new();
    let mut player = None;
    let mut play = |done: &mut Vec<Operation>, outcome: &mut Outcome| -> Result<(), String> {
        let player = player.insert(Player::new(setup.version, setup.config.as_ref())?);
        let mut last = None;
        for operation in world.first() {
            done.push(operation.clone());
            player.play(&operation)?;
        }
        for _ in 0..RUN {
            let operation = world.next(last.as_ref());
            done.push(operation.clone());
            last = player.play(&operation)?;
            outcome.operations += 1;
            if let Some(step) = &last {
                outcome.tally.add(step, player.ended);
            }
        }
        Ok(())
    };
    let played = guarded(|| play(&mut done, &mut outcome));
    outcome.recounted = player.map_or(0, |player| player.recounted);
    if played.is_err() {
        let fewest = shrink::shrink(&setup, done);
        let failure = shrink::failure(&setup, &fewest).or(played.err()).unwrap_or_default();
        outcome.failure = Some((failure, fewest));
    }
    outcome
}

/// A panic is a failure like any other.
pub(crate) fn guarded<T>(call: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Err(format!("panicked: {}", text.unwrap_or("without a text")))
    })
}
