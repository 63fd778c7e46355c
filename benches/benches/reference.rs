//! The plain reference on the same cluster, for the ratio.
#![allow(missing_docs, reason = "a bench")]

use std::hint::black_box;

use bayplan_benches::{
    cpu::{self, Cpu},
    objects,
};
use bayplan_reference::Reference;
use bayplan_reference::vector::Engine;
use criterion::{Criterion, criterion_group, criterion_main};

fn decide(c: &mut Criterion<Cpu>) {
    let mut group = c.benchmark_group("reference/decision");
    group.sample_size(10);
    let mut all = objects::cluster(500, 40);
    all.push(objects::pod(3, "one"));
    let mut reference = Reference::load("1.37", None, &all).expect("the objects are sound");
    group.bench_function("500", |b| b.iter(|| black_box(reference.decide("shop/one")).is_ok()));
    group.finish();
}

criterion_group!(name = benches; config = cpu::criterion(); targets = decide);
criterion_main!(benches);
