//! What the borders cost: the same fleet asked from Rust; `benches/border.sh` asks it from C and Go in the same run.
//! `cargo run --release -p bayplan-benches --example border [NODES PODS]`; with `--write PATH NODES PODS` it writes the fleet for the others.

use std::hint::black_box;
use std::time::Instant;

use bayplan::bayplan_core::{Pick, PodDef, Scheduler, block_words, limits_of};
use bayplan::{Cluster, Options, read};
use serde_json::{Value, json};

type Failure = Box<dyn std::error::Error>;

fn fleet(nodes: usize, pods: usize) -> Value {
    let node = |at: usize| {
        let cpu = (8 + at % 5 * 8).to_string();
        json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": format!("n{at:05}"), "uid": format!("n{at}") },
            "status": { "allocatable": { "cpu": cpu, "memory": "32Gi", "pods": "110" } } })
    };
    let pod = |at: usize| {
        json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": format!("p{at}"), "namespace": "default", "uid": format!("p{at}") },
            "spec": { "schedulerName": "default-scheduler", "containers": [{ "name": "c", "image": "i",
                "resources": { "requests": { "cpu": "250m" } } }] }, "status": { "phase": "Pending" } })
    };
    let items: Vec<Value> = (0..nodes).map(node).chain((0..pods).map(pod)).collect();
    json!({ "apiVersion": "v1", "kind": "List", "items": items })
}

/// Nanoseconds a call: the least of nine rounds.
fn least(calls: u32, mut call: impl FnMut()) -> f64 {
    let rounds = (0..9).map(|_| {
        let begin = Instant::now();
        (0..calls).for_each(|_| call());
        begin.elapsed().as_nanos() as f64 / f64::from(calls)
    });
    rounds.fold(f64::INFINITY, f64::min)
}

fn main() -> Result<(), Failure> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let path = (args.first().is_some_and(|arg| arg == "--write")).then(|| args.drain(..2).nth(1)).flatten();
    let number = |at: usize, default: usize| args.get(at).map_or(Ok(default), |arg| arg.parse());
    let (nodes, pods) = (number(0, 1)?, number(1, 1)?);
    if let Some(path) = path {
        return Ok(std::fs::write(path, fleet(nodes, pods).to_string())?);
    }
    let mut cluster = Cluster::new(Options::default())?;
    cluster.load(read::from_bytes(fleet(nodes, pods).to_string().as_bytes(), "fleet")?.objects)?;
    let calls = (1_000_000 / nodes).clamp(200, 20_000) as u32;
    let by_name = least(calls, || drop(black_box(cluster.decide("default/p0"))));
    println!("rust\tdecide, by name\t{by_name:.0}");
    let rows = cluster.core_rows("default/p0")?;
    let words = cluster.block();
    let mut block = vec![0u64; block_words(&limits_of(words)?)];
    block[..words.len()].copy_from_slice(words);
    let mut scheduler = Scheduler::fork(&mut block)?;
    let request = rows.request();
    let in_core = least(calls, || _ = black_box(scheduler.decide(&request, Pick::First)));
    println!("rust\tdecide, block\t{in_core:.0}");
    let keys: Vec<String> = (0..pods).map(|at| format!("default/p{at}")).collect();
    let wave = least(1, || {
        let mut fork = cluster.clone();
        for key in &keys {
            if let Some(node) = fork.decide(key).ok().and_then(|decision| decision.node) {
                fork.bind(key, &node, 0).unwrap_or_else(|error| eprintln!("{error}"));
            }
        }
    });
    println!("rust\ta wave with bind, by name, a pod\t{:.0}", wave / pods as f64);
    let mut copy = vec![0u64; block.len()];
    let wave = least(1, || {
        copy.copy_from_slice(&block);
        let mut scheduler = Scheduler::fork(&mut copy).unwrap_or_else(|error| panic!("{error}"));
        for _ in 0..pods {
            let found = scheduler.decide(&request, Pick::First).ok().and_then(|decision| decision.node);
            if let Some(node) = found {
                black_box(scheduler.bind(&PodDef::new(rows.spec, rows.labels), node).is_ok());
            }
        }
    });
    println!("rust\ta wave with bind, block, a pod\t{:.0}", wave / pods as f64);
    Ok(())
}
