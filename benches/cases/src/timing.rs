//! A case, timed four ways: with empty caches and as the queue comes, through the core and by name.

use std::hint::black_box;

use bayplan::attempt::{Outcome, PodRows};
use bayplan::bayplan_core::{Error, NodeId, Pick, PodDef, Scheduler, block_words, limits_of};
use bayplan::objects::Kind;
use bayplan::{Cluster, Options, read};
use bayplan_reference::vector::Case;
use cpu_time::ThreadTime;

/// Microseconds a pod of the processor's time, the median of the rounds.
#[derive(Clone, Copy)]
pub(crate) struct Pair {
    /// Each decision with empty caches, nothing bound.
    pub(crate) cold: Option<f64>,
    /// The queue as it comes, binding included.
    pub(crate) warm: Option<f64>,
}

/// What a case took.
pub(crate) struct Times {
    pub(crate) nodes: usize,
    /// How many pods found a node.
    pub(crate) placed: usize,
    /// Nothing where rows of the block do not say all of some pod.
    pub(crate) core: Option<Pair>,
    /// Why not.
    pub(crate) core_left_out: Option<String>,
    pub(crate) facade: Pair,
    /// Where each pod went, in the order of the queue.
    pub(crate) decided: Vec<Option<String>>,
}

/// Loads the case's objects, as a live cluster has them.
pub(crate) fn loaded(case: &Case, version: &str) -> Result<Cluster, String> {
    let version = version.parse().map_err(|error| format!("{error}"))?;
    let options = Options { version, configuration: case.config.clone(), ..Options::default() };
    let mut cluster = Cluster::new(options).map_err(text)?;
    let objects = case.objects.iter().map(|object| read::Reading::live().value(object));
    cluster.load(objects.collect::<Result<Vec<_>, _>>().map_err(text)?).map_err(text)?;
    // kube-scheduler's figures are those of an attempt without preemption.
    cluster.set_preemption(false);
    Ok(cluster)
}

/// Times a case. The four ways must decide the same.
pub(crate) fn time(case: &Case, version: &str, rounds: usize, only_warm: bool) -> Result<Times, String> {
    let mut cluster = loaded(case, version)?;
    if case.pending.is_empty() {
        return Err("no pod is pending".to_owned());
    }
    let mut warm = Vec::new();
    let mut decided = Vec::new();
    for _ in 0..rounds {
        let (took, found) = facade_warm(&cluster, &case.pending)?;
        warm.push(took);
        decided = found;
    }
    let mut cold = Vec::new();
    for _ in 0..if only_warm { 0 } else { rounds } {
        cold.push(facade_cold(&cluster, &case.pending)?);
    }
    let facade = Pair { cold: median(cold), warm: median(warm) };
    let timed = match only_warm {
        true => Err(LeftOut::Why("only the facade's warm decisions were asked for".to_owned())),
        false => core(&mut cluster, case, rounds, &decided),
    };
    let (core, core_left_out) = match timed {
        Ok(core) => (Some(core), None),
        Err(LeftOut::Why(why)) => (None, Some(why)),
        Err(LeftOut::Fault(error)) => return Err(error),
    };
    let placed = decided.iter().flatten().count();
    Ok(Times { nodes: cluster.objects(Kind::Node).count(), placed, core, core_left_out, facade, decided })
}

fn facade_warm(cluster: &Cluster, pending: &[String]) -> Result<(f64, Vec<Option<String>>), String> {
    let mut fork = cluster.clone();
    let mut decided = Vec::with_capacity(pending.len());
    let begin = ThreadTime::now();
    facade_warm_loop(&mut fork, pending, &mut decided)?;
    Ok((per_pod(begin, pending), decided))
}

// The loops are functions of their own, so that `benches/check.sh` can count their instructions.

#[inline(never)]
fn facade_warm_loop(fork: &mut Cluster, pending: &[String], decided: &mut Vec<Option<String>>) -> Result<(), String> {
    for (pod, at) in pending.iter().zip(1..) {
        let decision = fork.decide(pod).map_err(text)?;
        if let Some(node) = &decision.node {
            fork.bind(pod, node, at).map_err(text)?;
        }
        decided.push(decision.node);
    }
    Ok(())
}

fn facade_cold(cluster: &Cluster, pending: &[String]) -> Result<f64, String> {
    let mut spent = 0.0;
    for pod in pending {
        // A fork begins with empty caches.
        let mut fork = cluster.clone();
        let begin = ThreadTime::now();
        facade_cold_one(&mut fork, pod)?;
        spent += begin.elapsed().as_nanos() as f64;
    }
    Ok(spent / 1_000.0 / pending.len() as f64)
}

#[inline(never)]
fn facade_cold_one(fork: &mut Cluster, pod: &str) -> Result<(), String> {
    black_box(fork.decide(pod).map_err(text)?);
    Ok(())
}

#[inline(never)]
fn core_warm_loop(
    scheduler: &mut Scheduler<'_>,
    rows: &[PodRows],
    chosen: &mut Vec<Option<NodeId>>,
) -> Result<(), Error> {
    for (pod, start) in rows.iter().zip(1..) {
        let node = scheduler.decide(&pod.request(), Pick::First)?.node;
        if let Some(node) = node {
            scheduler.bind(&PodDef { uses: pod.uses, start, ..PodDef::new(pod.spec, pod.labels) }, node)?;
        }
        chosen.push(node);
    }
    Ok(())
}

#[inline(never)]
fn core_cold_one(scheduler: &mut Scheduler<'_>, pod: &PodRows) -> Result<(), Error> {
    black_box(scheduler.decide(&pod.request(), Pick::First)?);
    Ok(())
}

enum LeftOut {
    /// Rows do not say all of a pod.
    Why(String),
    /// The core decides otherwise.
    Fault(String),
}

fn core(cluster: &mut Cluster, case: &Case, rounds: usize, decided: &[Option<String>]) -> Result<Pair, LeftOut> {
    let mut rows = Vec::with_capacity(case.pending.len());
    for pod in &case.pending {
        rows.push(cluster.core_rows(pod).map_err(|error| LeftOut::Why(text(error)))?);
        // Where the facade ends an attempt before a cycle, or after it with an error, there is no core to time.
        if cluster.decide(pod).is_ok_and(|decision| matches!(decision.outcome, Outcome::Error | Outcome::Gated)) {
            return Err(LeftOut::Why(format!("{pod} comes to no cycle")));
        }
    }
    let fault = |error: Error| LeftOut::Fault(format!("the core: {error:?}"));
    let words = cluster.block();
    let mut block = vec![0u64; block_words(&limits_of(words).map_err(fault)?)];
    let mut warm = Vec::new();
    for _ in 0..rounds {
        block[..words.len()].copy_from_slice(words);
        let mut scheduler = Scheduler::fork(&mut block).map_err(fault)?;
        let mut chosen: Vec<Option<NodeId>> = Vec::with_capacity(rows.len());
        let begin = ThreadTime::now();
        core_warm_loop(&mut scheduler, &rows, &mut chosen).map_err(fault)?;
        warm.push(per_pod(begin, &case.pending));
        for ((pod, node), expected) in case.pending.iter().zip(chosen).zip(decided) {
            let node = node.and_then(|node| cluster.node_of_row(node));
            if node != expected.as_deref() {
                return Err(LeftOut::Fault(format!("{pod}: the core takes {node:?}, by name it is {expected:?}")));
            }
        }
    }
    block[..words.len()].copy_from_slice(words);
    let mut cold = Vec::new();
    for _ in 0..rounds {
        let mut spent = 0.0;
        for pod in &rows {
            // All caches are empty then.
            let mut scheduler = Scheduler::fork(&mut block).map_err(fault)?;
            let begin = ThreadTime::now();
            core_cold_one(&mut scheduler, pod).map_err(fault)?;
            spent += begin.elapsed().as_nanos() as f64;
        }
        cold.push(spent / 1_000.0 / rows.len() as f64);
    }
    Ok(Pair { cold: median(cold), warm: median(warm) })
}

fn per_pod(begin: ThreadTime, pending: &[String]) -> f64 {
    begin.elapsed().as_nanos() as f64 / 1_000.0 / pending.len() as f64
}

/// Nothing where nothing was timed.
fn median(mut times: Vec<f64>) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    // Three digits behind the point: a nanosecond.
    times.get(times.len() / 2).map(|time| (time * 1_000.0).round() / 1_000.0)
}

pub(crate) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
