//! What planners' questions take on a cluster of 5,000 nodes and 36,000 pods at 60 % use. Prints the table of `RECORD.md`.
//! `cargo run --release -p bayplan-benches --example whatif`; with `--write PATH` it writes the objects as kubectl prints them.

use std::time::Instant;

use bayplan::simulate::{Base, SimulationOptions};
use bayplan::whatif::{FailOptions, ShrinkOptions};
use bayplan::{Cluster, Options, read};
use bayplan_benches::fleet;
use serde_json::json;

const NODES: usize = 5000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let document = json!({ "apiVersion": "v1", "kind": "List", "items": fleet::objects(NODES) });
    let text = serde_json::to_vec_pretty(&document)?;
    let mut args = std::env::args().skip(1);
    if let (Some("--write"), Some(path)) = (args.next().as_deref(), args.next()) {
        return Ok(std::fs::write(path, &text)?);
    }
    let mut cluster = Cluster::new(Options::default())?;
    cluster.load(read::from_bytes(&text, "fleet")?.objects)?;
    let options = SimulationOptions { jobs_finish: false, ..SimulationOptions::default() };
    let begin = Instant::now();
    let base = Base::of(&cluster, options, &mut |_, _| true)?;
    println!(
        "at rest after {:.1?}: {} events, {} pending",
        begin.elapsed(),
        base.simulation().events().len(),
        base.cluster().pending().len()
    );
    for event in base.simulation().events().iter().take(10) {
        println!("{event:?}");
    }
    let begin = Instant::now();
    let mut pending = 0;
    let mut worst = std::time::Duration::ZERO;
    let nodes: Vec<String> = base.cluster().nodes().into_iter().map(str::to_owned).collect();
    let some = 300;
    for node in nodes.iter().step_by(nodes.len() / some).take(some) {
        let one = Instant::now();
        let mut fork = base.fork();
        fork.remove_node(node)?;
        fork.run()?;
        pending += fork.cluster().pending().len();
        worst = worst.max(one.elapsed());
    }
    println!("without one node: {:.2?} each, worst {worst:.2?}, {pending} pending", begin.elapsed() / some as u32);
    for zone in 0..3 {
        let begin = Instant::now();
        let mut fork = base.fork();
        for node in nodes.iter().skip(zone).step_by(3) {
            fork.remove_node(node)?;
        }
        let removed = begin.elapsed();
        fork.run()?;
        println!(
            "without a zone: {:.2?} ({removed:.2?} to remove), {} events, {} pending",
            begin.elapsed(),
            fork.events().len(),
            fork.cluster().pending().len()
        );
    }
    for by in ["zone", "node"] {
        let begin = Instant::now();
        let fail = cluster.fail(by, &FailOptions::default(), &mut |_, _| true)?;
        let moved: usize = fail.failures.iter().map(|failure| failure.totals.moved).sum();
        println!("fail --by {by}: {:.2?}, {} failures, {moved} pods moved", begin.elapsed(), fail.failures.len());
    }
    why(&cluster)?;
    let begin = Instant::now();
    let shrink = cluster.shrink(&ShrinkOptions::default(), &mut |_, _| true)?;
    println!("shrink: {:.2?}, {} emptied, {} kept", begin.elapsed(), shrink.emptied.len(), shrink.kept.len());
    for kept in shrink.kept.iter().step_by(200).take(5) {
        println!("  {} {}", kept.node, kept.why);
    }
    Ok(())
}

/// A pod that no node takes: what stops it, and what would help.
fn why(cluster: &Cluster) -> Result<(), Box<dyn std::error::Error>> {
    let mut cluster = cluster.clone();
    let container = json!({ "name": "c", "image": "i", "resources": { "requests": { "cpu": "40", "memory": "1Gi" } } });
    let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "large", "namespace": "default" },
        "spec": { "containers": [container] } });
    cluster.load(read::from_bytes(pod.to_string().as_bytes(), "pod")?.objects)?;
    for _ in 0..3 {
        let begin = Instant::now();
        let explanation = cluster.why("default/large")?;
        let explained = begin.elapsed();
        let analysis = cluster.analyse(&explanation)?;
        let (nodes, remedies) = (explanation.filtered.len(), analysis.remedies.len());
        println!(
            "why: {:.2?}, {explained:.2?} of it the explanation; {nodes} nodes, {remedies} remedies",
            begin.elapsed()
        );
    }
    Ok(())
}
