//! Whole files, on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bayplan_reference::vector::{Case, Engine, Expected};

use crate::report::Report;
use crate::{Options, play};

/// Plays every case and adds the reports up in the order of the cases.
pub fn suite<E: Engine>(options: Options<'_>, cases: &[(Case, Expected)]) -> Report {
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(vec![None; cases.len()]);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(cases.len());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, (case, expected))) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    cases.get(index).map(|pair| (index, pair))
                } {
                    let report = play::<E>(options, case, expected);
                    reports.lock().expect("no other thread panics: play catches the engine's panics")[index] =
                        Some(report);
                }
            });
        }
    });
    let mut sum = Report::default();
    for report in reports.into_inner().expect("all threads are joined").into_iter().flatten() {
        sum.add(report);
    }
    sum
}
