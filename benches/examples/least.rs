//! The least time that a decision took among many: what the machine can do, also where others keep it busy.
//! `cargo run --release -p bayplan-benches --example least`

use std::hint::black_box;
use std::time::{Duration, Instant};

use bayplan_benches::{SIZES, rows};
use bayplan_core::{Pick, Scheduler};

fn least(times: usize, mut run: impl FnMut()) -> Duration {
    (0..times)
        .map(|_| {
            let begin = Instant::now();
            run();
            begin.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn main() {
    for nodes in SIZES {
        let times = 4_000_000 / nodes;
        let mut rows = rows::cluster(nodes, 40, 1000).expect("the limits hold the cluster");
        let mut s = Scheduler::open(&mut rows.block).expect("it is a block");
        let mut apps = rows.apps.iter().cycle();
        let cold = least(times, || {
            black_box(s.decide(apps.next().expect("they go round"), Pick::First).is_ok());
        });
        let (request, pod) = (rows.apps[3], rows::pod(&rows.apps[3]));
        let mut bound = Vec::with_capacity(1000);
        let wave = least(times.min(1000), || {
            let node = s.decide(&request, Pick::First).expect("the ids are there").node;
            bound.push(s.bind(&pod, node.expect("there is room")).expect("there is a row"));
        });
        println!("core {nodes}: cold {cold:?}, wave {wave:?}");
    }
}
