//! The same decisions through objects and names.
#![allow(missing_docs, reason = "a bench")]

use std::hint::black_box;
use std::time::Duration;

use bayplan::{Cluster, Options, read};
use bayplan_benches::{
    SIZES,
    cpu::{self, Cpu},
    objects,
};
use cpu_time::ThreadTime;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const APPS: usize = 600;
const WAVE: usize = 500;

fn load(nodes: usize, apps: usize, pending: impl Iterator<Item = (usize, String)>) -> Cluster {
    let mut cluster = Cluster::new(Options::default()).expect("the defaults are legal");
    let mut all = objects::cluster(nodes, apps);
    all.extend(pending.map(|(app, name)| objects::pod(app, &name)));
    let all = all.iter().map(|object| read::Reading::live().value(object).expect("it is an object"));
    cluster.load(all.collect::<Vec<_>>()).expect("the objects are sound");
    cluster
}

/// One pod of each of 600 apps, in turn: more than stay cached.
fn cold(c: &mut Criterion<Cpu>) {
    let mut group = c.benchmark_group("facade/cold");
    group.sample_size(20);
    for nodes in SIZES {
        let mut cluster = load(nodes, APPS, (0..APPS).map(|app| (app, format!("one-{app}"))));
        let names: Vec<String> = (0..APPS).map(|app| format!("shop/one-{app}")).collect();
        let mut names = names.iter().cycle();
        group.bench_function(BenchmarkId::from_parameter(nodes), |b| {
            b.iter(|| black_box(cluster.decide(names.next().expect("they go round"))).is_ok());
        });
    }
    group.finish();
}

/// Decides and binds replicas of one app; the time is that of one pod.
fn wave(c: &mut Criterion<Cpu>) {
    let mut group = c.benchmark_group("facade/wave");
    group.sample_size(10).throughput(Throughput::Elements(1));
    for nodes in SIZES {
        let cluster = load(nodes, 40, (0..WAVE).map(|at| (3, format!("wave-{at}"))));
        let names: Vec<String> = (0..WAVE).map(|at| format!("shop/wave-{at}")).collect();
        group.bench_function(BenchmarkId::from_parameter(nodes), |b| {
            b.iter_custom(|pods| {
                let mut spent = Duration::ZERO;
                let mut left = pods as usize;
                while left > 0 {
                    let wave = left.min(WAVE);
                    let mut fork = cluster.clone();
                    let begin = ThreadTime::now();
                    for name in &names[..wave] {
                        let node = fork.decide(name).expect("the pod is there").node.expect("there is room");
                        fork.bind(name, &node, 0).expect("the node is there");
                    }
                    spent += begin.elapsed();
                    left -= wave;
                }
                spent
            });
        });
    }
    group.finish();
}

/// A fork of the whole cluster.
fn fork(c: &mut Criterion<Cpu>) {
    let mut group = c.benchmark_group("facade/fork");
    group.sample_size(10);
    for nodes in SIZES {
        let cluster = load(nodes, 40, std::iter::empty());
        group.bench_function(BenchmarkId::from_parameter(nodes), |b| {
            b.iter_batched(|| (), |()| cluster.clone(), BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(name = benches; config = cpu::criterion(); targets = cold, wave, fork);
criterion_main!(benches);
