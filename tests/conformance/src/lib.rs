//! Plays the vectors of the real kube-scheduler and compares every field of every step.
//!
//! [`files`] reads and checks cases with their expected steps, [`play`] drives one [`Engine`] through one case,
//! [`mod@suite`] plays whole files on all cores, and [`report`] is what came of it. [`engines`] names what can be played.

pub mod compare;
pub mod controlplane;
pub mod engines;
pub mod files;
pub mod library;
pub mod manifest;
pub mod report;
pub mod rules;
pub mod suite;

use std::panic::{AssertUnwindSafe, catch_unwind};

use bayplan_reference::vector::{Case, Engine, Expected, Step};

use crate::compare::differences;
use crate::report::{Difference, Report};

/// `status.startTime` of the pod that step *k* binds is this plus *k* seconds, *k* counting bound pods from 1.
const START: i64 = 1_700_000_000;

/// How to play.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The Kubernetes minor version, `"1.37"`.
    pub version: &'a str,
}

/// Plays one case. Whatever the engine decides, what the real scheduler decided is applied to it afterwards, so that one
/// fault does not hide the next.
pub fn play<E: Engine>(options: Options<'_>, case: &Case, expected: &Expected) -> Report {
    let mut report = Report { cases: 1, steps: expected.steps.len(), ..Report::default() };
    let mut engine = match guarded(|| E::load(options.version, case.config.as_ref(), &case.objects)) {
        Ok(engine) => engine,
        Err(error) => {
            report.differences.push(Difference::of_case(&case.name, "loaded", &error));
            return report;
        }
    };
    let mut bound = 0;
    let mut previous: Option<&Step> = None;
    for (index, step) in expected.steps.iter().enumerate() {
        let at = |difference: (String, String, String)| Difference::of_step(&case.name, index, &step.pod, difference);
        match guarded(|| engine.decide(&step.pod)) {
            Ok(found) => {
                let found = differences(step, &found);
                report.equal += usize::from(found.is_empty());
                report.differences.extend(found.into_iter().map(at));
            }
            Err(error) => report.differences.push(at(("step".into(), "a decision".into(), error))),
        }
        let retried = previous.is_some_and(files::retries);
        let applied = guarded(|| apply(&mut engine, step, retried, &mut bound));
        if let Err(error) = applied {
            report.differences.push(at(("what follows the step".into(), "applied".into(), error)));
            return report;
        }
        previous = if retried { None } else { Some(step) };
    }
    report
}

/// Does to the engine what the real scheduler's step did.
fn apply<E: Engine>(engine: &mut E, step: &Step, retried: bool, bound: &mut i64) -> Result<(), String> {
    if step.result == "Scheduled" {
        *bound += 1;
        engine.bind(&step.pod, &step.node, START + *bound)?;
    }
    if let Some(preemption) = &step.preemption {
        for victim in &preemption.victims {
            engine.evict(victim)?;
        }
        if files::retries(step) && !retried {
            engine.nominate(&step.pod, &preemption.chosen)?;
        }
    }
    Ok(())
}

/// A panic of the engine is a difference like any other: the rest of the cases are still played.
fn guarded<T>(call: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Err(format!("panicked: {}", text.unwrap_or("without a text")))
    })
}
