//! Decisions of the core: classes never asked before, and waves of one class.
#![allow(missing_docs, reason = "a bench")]

use std::hint::black_box;
use std::time::Duration;

use bayplan_benches::{
    SIZES,
    cpu::{self, Cpu},
    rows,
};
use bayplan_core::{Pick, Scheduler};
use cpu_time::ThreadTime;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const APPS: usize = 40;
const WAVE: usize = 1000;

/// The apps are asked in turn, and fewer stay cached than there are: each decision computes its class anew.
fn cold(c: &mut Criterion<Cpu>) {
    let mut group = c.benchmark_group("core/cold");
    group.sample_size(20);
    for nodes in SIZES {
        let mut rows = rows::cluster(nodes, APPS, WAVE).expect("the limits hold the cluster");
        let mut s = Scheduler::open(&mut rows.block).expect("it is a block");
        let mut apps = rows.apps.iter().cycle();
        group.bench_function(BenchmarkId::from_parameter(nodes), |b| {
            b.iter(|| black_box(s.decide(apps.next().expect("they go round"), Pick::First)).is_ok());
        });
    }
    group.finish();
}

/// Decides and binds replicas of one app; the time is that of one pod.
fn wave(c: &mut Criterion<Cpu>) {
    let mut group = c.benchmark_group("core/wave");
    group.sample_size(20).throughput(Throughput::Elements(1));
    for nodes in SIZES {
        let mut rows = rows::cluster(nodes, APPS, WAVE).expect("the limits hold the cluster");
        let mut s = Scheduler::open(&mut rows.block).expect("it is a block");
        let (request, pod) = (rows.apps[3], rows::pod(&rows.apps[3]));
        group.bench_function(BenchmarkId::from_parameter(nodes), |b| {
            b.iter_custom(|pods| {
                let mut spent = Duration::ZERO;
                let mut left = pods;
                while left > 0 {
                    let wave = left.min(WAVE as u64);
                    let mut bound = Vec::with_capacity(WAVE);
                    let begin = ThreadTime::now();
                    for _ in 0..wave {
                        let decision = s.decide(&request, Pick::First).expect("the ids are there");
                        let node = decision.node.expect("there is room for the wave");
                        bound.push(s.bind(&pod, node).expect("there is a row"));
                    }
                    spent += begin.elapsed();
                    for id in bound {
                        s.unbind(id).expect("it is bound");
                    }
                    left -= wave;
                }
                spent
            });
        });
    }
    group.finish();
}

criterion_group!(name = benches; config = cpu::criterion(); targets = cold, wave);
criterion_main!(benches);
