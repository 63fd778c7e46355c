//! 100 MB of kubectl JSON: read alone, and read and compiled.
#![allow(missing_docs, reason = "a bench")]

use std::hint::black_box;

use bayplan::{Cluster, Options, read};
use bayplan_benches::{
    cpu::{self, Cpu},
    dump,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn load(c: &mut Criterion<Cpu>) {
    let text = dump::grown(100_000_000);
    let mut group = c.benchmark_group("load");
    group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("read", |b| {
        b.iter_with_large_drop(|| black_box(read::from_bytes(&text, "dump")).expect("it is a dump"));
    });
    group.bench_function("read and compile", |b| {
        b.iter_with_large_drop(|| {
            let input = read::from_bytes(black_box(&text), "dump").expect("it is a dump");
            let mut cluster = Cluster::new(Options::default()).expect("the defaults are legal");
            cluster.load(input.objects).expect("the objects are sound");
            cluster
        });
    });
    group.finish();
}

criterion_group!(name = benches; config = cpu::criterion(); targets = load);
criterion_main!(benches);
