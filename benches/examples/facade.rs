//! What a cluster of 5,000 nodes and 36,000 pods takes for a fork, a change and a question: 156 copies of the example city, 1,400
//! pods of which wait. Prints the table of `RECORD.md`, or just the questions whose names hold a text that is given.
//! `cargo run --release -p bayplan-benches --example facade [TEXT]`; with `--write PATH` it writes the objects as kubectl prints them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bayplan::objects::{Kind, Object, Pod};
use bayplan::simulate::SimulationOptions;
use bayplan::{Cluster, Options, PlaceOptions, read};
use bayplan_benches::dump;
use serde_json::{Value, json};

const COPIES: usize = 156;
type Failure = Box<dyn std::error::Error>;

/// Runs something so often, and prints the least and the median time of one run.
fn time<T>(what: &str, target: &str, times: usize, mut run: impl FnMut(usize) -> T) {
    if std::env::args().nth(1).is_some_and(|only| !what.contains(&only)) {
        return;
    }
    let mut spent: Vec<Duration> = (0..times)
        .map(|nth| {
            let begin = Instant::now();
            // What is returned is dropped within the time.
            drop(black_box(run(nth)));
            begin.elapsed()
        })
        .collect();
    spent.sort_unstable();
    let (least, median) = (spent[0], spent[times / 2]);
    let mean = spent.iter().sum::<Duration>() / times as u32;
    println!("| {what} | {target} | {least:.1?} | {median:.1?} | {mean:.1?} |");
}

fn pod(name: &str) -> Result<Object, bayplan::Error> {
    read::Reading::live().value(&json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": name, "namespace": "shop", "labels": { "app": "search" } },
        "spec": { "schedulerName": "default-scheduler", "priority": 0, "containers": [{ "name": "main",
            "image": "registry.example/search:1", "resources": { "requests": { "cpu": "100m", "memory": "128Mi" } } }] },
    }))
}

fn main() -> Result<(), Failure> {
    let document = json!({ "apiVersion": "v1", "kind": "List", "items": dump::cities(COPIES) });
    let text = serde_json::to_vec_pretty(&document)?;
    let mut args = std::env::args().skip(1);
    if let (Some("--write"), Some(path)) = (args.next().as_deref(), args.next()) {
        return Ok(std::fs::write(path, &text)?);
    }
    let begin = Instant::now();
    let input = read::from_bytes(&text, "cities")?;
    let read = begin.elapsed();
    let mut cluster = Cluster::new(Options::default())?;
    let begin = Instant::now();
    cluster.load(input.objects)?;
    let loaded = begin.elapsed();
    let waiting = cluster.pending();
    let pods = {
        let items = document["items"].as_array().map_or(&[][..], Vec::as_slice);
        items.iter().filter(|item| item["kind"] == "Pod").count()
    };
    println!(
        "{} nodes, {pods} pods, {} of them pending; state {} KB",
        cluster.nodes().len(),
        waiting.len(),
        cluster.state().len() / 128
    );
    println!("{} MB of JSON read in {read:.0?}, loaded in {loaded:.0?}\n", text.len() >> 20);
    let (size, compact) = (text.len(), serde_json::to_vec(&document)?.len());
    drop(text);
    println!("| question | target | least | median | mean |\n|---|---|---|---|---|");
    questions(&mut cluster, &document)?;
    let bytes = cluster.to_bytes()?;
    println!(
        "| saved: {} KB | 1/5 of the JSON: {} KB, of it compact: {} KB | | | |",
        bytes.len() >> 10,
        (size / 5) >> 10,
        (compact / 5) >> 10
    );
    time("save", "", 5, |_| cluster.to_bytes().expect("it can be saved"));
    println!("| 1/5 of reading and loading | {:.0?} | | | |", (read + loaded) / 5);
    time("open what was saved", "1/5 of reading and loading", 5, |_| {
        Cluster::from_bytes(&bytes).expect("it was saved")
    });
    let waiting = cluster.pending();
    // Preemption is a question of its own: `--example preempt`.
    cluster.set_preemption(false);
    let bytes = cluster.to_bytes()?;
    let mut opened: Vec<Cluster> = (0..5).map(|_| Cluster::from_bytes(&bytes)).collect::<Result<_, _>>()?;
    time("first decision after opening", "twice a cold one", 5, |nth| {
        opened[nth].decide(&waiting[nth * 31]).expect("it is there")
    });
    Ok(())
}

fn questions(cluster: &mut Cluster, document: &Value) -> Result<(), Failure> {
    // A tainted, an unlabelled and a full world differ little: what is asked are pods of a workload and of none.
    let free = pod("free")?;
    cluster.decide(&cluster.pending()[0])?;
    time("fork, drop", "0.4 ms", 200, |_| cluster.clone());
    let nothing = PlaceOptions::default();
    time("place one pod, drop", "0.5 ms", 100, |_| {
        cluster.place(Some(std::slice::from_ref(&free)), &nothing, &mut |_, _| true).expect("it can be placed")
    });
    // What comes of the cluster as it is, and of a changed template of one of its Deployments.
    let quiet = SimulationOptions { jobs_finish: false, ..SimulationOptions::default() };
    let mut quiet_cluster = cluster.clone();
    quiet_cluster.set_preemption(false);
    // A copy of the city has names that its stateful sets would not make, and nodes that the daemons of others lack.
    for kind in [Kind::DaemonSet, Kind::StatefulSet] {
        for object in cluster.objects(kind) {
            quiet_cluster.delete(kind, object.namespace(), object.name())?;
        }
    }
    time("simulate, nothing applied", "", 3, |_| quiet_cluster.simulate(&[], quiet, &mut |_, _| true).expect("an end"));
    let Some(Object::Deployment(changed)) = cluster.objects(Kind::Deployment).next().cloned() else {
        return Err("no Deployment".into());
    };
    let replicas = changed.spec.replicas.unwrap_or(1);
    time(&format!("simulate, a rollout of {replicas} pods"), "", 3, |nth| {
        let mut new = changed.clone();
        new.spec.template.metadata.labels.insert("bench".to_owned(), nth.to_string());
        let mut fork = quiet_cluster.clone();
        fork.upsert(Object::Deployment(new)).expect("it is sound");
        fork.simulate(&[], quiet, &mut |_, _| true).expect("an end")
    });
    let changed = |nth: usize| {
        let Object::Pod(mut pod) = pod("free").expect("it is a pod") else { unreachable!("it is a pod") };
        pod.metadata.name = format!("free-{nth}");
        Object::Pod(pod)
    };
    time("fork, upsert a pod, decide, drop", "0.7 ms", 100, |nth| {
        let mut fork = cluster.clone();
        fork.upsert(changed(nth)).expect("it is sound");
        fork.decide(&format!("shop/free-{nth}")).expect("it is there")
    });
    let mut fork = cluster.clone();
    let mut objects: Vec<Object> = (0..200).map(changed).collect();
    time("load one pod", "0.1 ms", 200, |_| fork.load(objects.pop()).expect("it is sound"));
    let bound: Vec<Pod> = of_document(document, 5000);
    let mut again = bound.clone();
    time("upsert a pod that is there", "10 µs", 5000, |_| {
        fork.upsert(Object::from(again.pop().expect("there are as many"))).expect("it is sound");
    });
    let mut new: Vec<Pod> = bound.clone();
    new.iter_mut().for_each(|pod| pod.metadata.name += "-new");
    time("upsert a new bound pod", "10 µs", 5000, |_| {
        fork.upsert(Object::from(new.pop().expect("there are as many"))).expect("it is sound");
    });
    let mut all: Vec<Object> = Vec::new();
    for item in document["items"].as_array().map_or(&[][..], Vec::as_slice) {
        all.push(read::Reading::live().value(item)?);
    }
    let mut fresh = Cluster::new(Options::default())?;
    all.reverse();
    time("upsert all objects into an empty cluster", "10 µs", all.len(), |_| {
        fresh.upsert(all.pop().expect("there are as many")).expect("it is sound");
    });
    let node = cluster.nodes()[17].to_owned();
    let Some(Object::Node(node_object)) = cluster.object(Kind::Node, "", &node).cloned() else { return Ok(()) };
    time("upsert a node that is there", "10 µs", 200, |nth| {
        let mut node = node_object.clone();
        node.spec.unschedulable = nth % 2 == 0;
        fork.upsert(Object::Node(node)).expect("it is sound");
    });
    time("an unknown pod", "5 µs", 500, |_| cluster.decide("shop/nobody").is_err());
    let name = cluster.pending()[0].split_once('/').map(|(_, name)| name.to_owned()).unwrap_or_default();
    time("a pod of another namespace", "5 µs", 500, |_| cluster.decide(&format!("nowhere/{name}")).is_err());
    time("pods_on a node", "what it returns", 500, |_| cluster.pods_on(&node));
    time("pending", "what it returns", 100, |_| cluster.pending());
    let waiting = cluster.pending();
    time("explain a pending pod", "10 ms", 100, |nth| {
        cluster.why(&waiting[nth * 7 % waiting.len()]).expect("it is there")
    });
    let keys: Vec<String> =
        bound.iter().map(|pod| format!("{}/{}", pod.metadata.namespace, pod.metadata.name)).collect();
    time("explain a bound pod", "10 ms", 100, |nth| cluster.why(&keys[nth * 83 % keys.len()]).expect("it is there"));
    cluster.set_preemption(false);
    time("decide, cold", "as before", 500, |nth| {
        cluster.decide(&waiting[nth * 31 % waiting.len()]).expect("it is there")
    });
    cluster.set_preemption(true);
    let mut fork = cluster.clone();
    (0..500).try_for_each(|nth| fork.upsert(changed(nth + 1000)))?;
    time("decide and bind, a pod of a wave", "as before", 500, |nth| {
        let key = format!("shop/free-{}", nth + 1000);
        if let Some(node) = fork.decide(&key).expect("it is there").node {
            fork.bind(&key, &node, 0).expect("the node is there");
        }
    });
    Ok(())
}

/// Bound pods of the dump.
fn of_document(document: &Value, count: usize) -> Vec<Pod> {
    let items = document["items"].as_array().map_or(&[][..], Vec::as_slice);
    let pods = items.iter().filter(|item| item["kind"] == "Pod" && item["spec"]["nodeName"].is_string()).take(count);
    pods.filter_map(|item| match read::Reading::live().value(item) {
        Ok(Object::Pod(pod)) => Some(*pod),
        _ => None,
    })
    .collect()
}
