//! `BAYPLAN_OPERATIONS=100000 BAYPLAN_SEED=1 BAYPLAN_THREADS=2 bayplan-properties`: exits with 1 where the two engines differ
//! or a rule never decided. `bayplan-properties cases` prints such clusters for the real scheduler instead.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use bayplan_properties::cases::cases;
use bayplan_properties::{Outcome, RUN, run, setup};

/// So many operations show every rule at work.
const ENOUGH: usize = 50_000;

fn number(name: &str, default: usize) -> Result<usize, String> {
    match std::env::var(name) {
        Ok(text) => text.parse().map_err(|_| format!("{name}: {text:?} is not a number")),
        Err(_) => Ok(default),
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match &words[..] {
        [] => play(),
        [what] if what == "cases" => write_cases(),
        _ => Err("usage: bayplan-properties [cases]".into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Prints random clusters as cases for the real scheduler, `BAYPLAN_RUNS` runs of them.
fn write_cases() -> Result<bool, String> {
    let (seed, first, runs) = (number("BAYPLAN_SEED", 1)?, number("BAYPLAN_RUN", 0)?, number("BAYPLAN_RUNS", 20)?);
    for at in first..first + runs {
        cases(seed as u64, at)?.iter().for_each(|case| println!("{case}"));
    }
    Ok(true)
}

fn play() -> Result<bool, String> {
    let operations = number("BAYPLAN_OPERATIONS", 100_000)?;
    let seed = number("BAYPLAN_SEED", 1)? as u64;
    let first = number("BAYPLAN_RUN", 0)?;
    let cores = thread::available_parallelism().map_or(2, usize::from);
    let threads = number("BAYPLAN_THREADS", cores)?.max(1);
    let runs = operations.div_ceil(RUN);
    println!("seed {seed}, {runs} runs of {RUN} operations, {threads} threads");

    let start = Instant::now();
    let next = AtomicUsize::new(first);
    let total = Mutex::new((Outcome::default(), Vec::new()));
    // A panic becomes a failure that is told in full; its trace while operations are being left out is only noise.
    std::panic::set_hook(Box::new(|_| {}));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let stop = total.lock().is_ok_and(|total| total.1.len() >= 5);
                    if at >= first + runs || stop {
                        return;
                    }
                    let outcome = run(seed, at);
                    let Ok(mut total) = total.lock() else { return };
                    total.0.operations += outcome.operations;
                    total.0.recounted += outcome.recounted;
                    total.0.tally.merge(&outcome.tally);
                    total.1.extend(outcome.failure.map(|failure| (at, failure)));
                }
            });
        }
    });
    let (sum, failures) = total.into_inner().map_err(|_| "a thread died")?;
    for (at, (text, fewest)) in &failures {
        let setup = setup(*at);
        println!("\nrun {at} of seed {seed} (BAYPLAN_SEED={seed} BAYPLAN_RUN={at} BAYPLAN_OPERATIONS={RUN}) fails");
        println!("version {}, configuration {}", setup.version, setup.config.unwrap_or_default());
        fewest.iter().for_each(|operation| println!("  {operation}"));
        println!("{text}");
    }
    println!("\n{}", sum.tally);
    println!(
        "{} operations in {:.1} s, {} counters recounted, {} runs failed",
        sum.operations,
        start.elapsed().as_secs_f64(),
        sum.recounted,
        failures.len()
    );
    // A few runs need not see every rule.
    let missing = if operations >= ENOUGH { sum.tally.missing() } else { Vec::new() };
    missing.iter().for_each(|what| println!("never decided: {what}"));
    Ok(failures.is_empty() && missing.is_empty())
}
