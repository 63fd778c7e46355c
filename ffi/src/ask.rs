//! Planners' answers: as JSON, and as structs.

use std::ffi::c_char;

use bayplan::visible::visible;
use bayplan::{FitOptions, read};

use crate::answer_fill::Store;
use crate::answer_rows::*;
use crate::cluster::{Cluster, input, look, memory_for, one, skipped};
use crate::decision::Decisions;
use crate::error::{Error, Failure};
use crate::found::Found;
use crate::guard::{bytes, call, clear, drop_handle, get, give, out, text};
use crate::questions::asked;
use crate::status::Status;
use crate::text::Strings;

/// Answers a planner's question on a fork, as JSON (apiVersion bayplan/v1): "simulate", "drain", "fail", "shrink", "size", "upgrade", "gpus", "preempt" or
/// "nodes", which are the commands of the same names. `options` are a JSON object of `length` bytes with the names of Python's keywords in camelCase, such as
/// {"by": "zone", "changes": [{"cordon": "node-07"}]}; changes are those of a Scenarios document. An option that the question does not have is
/// BAYPLAN_INVALID_INPUT. `after`, unless null, gets the cluster after, or null where the question has none. `json` gets a list of one text. A fork, and
/// what is played; see bayplan_cluster_set_progress.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_ask(
    cluster: *const Cluster,
    question: *const c_char,
    options: *const c_char,
    length: usize,
    after: *mut *mut Cluster,
    json: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(after);
        clear(json);
        look(cluster, error, |cluster| {
            let json = out(json, "json")?;
            let question = text(question, "question")?;
            let found = asked(cluster, question, bytes(options, length, "options")?)?;
            let text = Strings::from_iter([found.json(&cluster.skipped)]);
            if let (false, Some(next)) = (after.is_null(), found.into_after()) {
                give(after, cluster.with(next, cluster.skipped.clone()));
            }
            give(json, text);
            Ok(())
        })
    }
}

/// The answer to a question as structs: see the bayplan_answer_ functions. Free it with bayplan_answer_free; everything that is read from it lives as long as
/// it does. Threads may read it side by side.
pub struct Answer {
    rows: Rows,
    warnings: Texts,
    left_out: Texts,
    decisions: Decisions,
    found: Found,
    while_reading: read::Skipped,
    /// Owns what the rows point to.
    _store: Store,
}

enum Rows {
    Simulated(Simulated),
    Fail(FailAnswer),
    Shrink(ShrinkAnswer),
    Size(SizeAnswer),
    Upgrade(UpgradeAnswer),
    Gpus(GpusAnswer),
    Preempt(PreemptAnswer),
    Nodes(NodesAnswer),
    Fit(FitAnswer),
}

impl Answer {
    fn new(found: Found, while_reading: read::Skipped) -> Answer {
        let mut store = Store::default();
        let rows = match &found {
            Found::Simulated(simulated) | Found::Drained(simulated) => Rows::Simulated(store.simulated(simulated)),
            Found::Fail(fail) => Rows::Fail(store.fail(fail)),
            Found::Shrink(shrink) => Rows::Shrink(store.shrink(shrink)),
            Found::Size(size) => Rows::Size(store.size(size)),
            Found::Upgrade(upgrade) => Rows::Upgrade(store.upgrade(upgrade)),
            Found::Gpus(gpus) => Rows::Gpus(store.gpu_view(gpus)),
            Found::Preempt(_, weighed, _) => Rows::Preempt(store.preempt(weighed)),
            Found::Nodes(rows, by) => Rows::Nodes(store.nodes(rows, by.as_ref())),
            Found::Fit(fit) => Rows::Fit(store.fit(fit)),
        };
        let mut warnings = found.warnings().to_vec();
        if !while_reading.is_empty() {
            warnings.insert(0, skipped(&while_reading));
        }
        let left_out = found.left_out();
        let mut seen =
            |texts: &[String]| store.texts(&texts.iter().map(|text| visible(text).into_owned()).collect::<Vec<_>>());
        let (warned, out) = (seen(&warnings), seen(&left_out));
        let decisions = Decisions::placed(found.decisions(), found.evictions(), warnings, left_out);
        let (warnings, left_out) = (warned, out);
        Answer { rows, warnings, left_out, decisions, found, while_reading, _store: store }
    }
}

/// As bayplan_cluster_ask, with an answer in structs, which have the numbers and names; a few fields are in the JSON alone, such as what was applied, and the
/// lines of a drain. The same cost, and a fork more for `after`. Answers to "simulate", "drain", "size" and "preempt" keep a cluster until they are freed.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_answer(
    cluster: *const Cluster,
    question: *const c_char,
    options: *const c_char,
    length: usize,
    after: *mut *mut Cluster,
    answer: *mut *mut Answer,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(after);
        clear(answer);
        look(cluster, error, |cluster| {
            let answer = out(answer, "answer")?;
            let question = text(question, "question")?;
            let found = asked(cluster, question, bytes(options, length, "options")?)?;
            let next = if after.is_null() { None } else { found.after() };
            let next = next.map(|next| memory_for(next).map(|()| next.clone())).transpose()?;
            let told = Answer::new(found, cluster.skipped.clone());
            if let Some(next) = next {
                give(after, cluster.with(next, cluster.skipped.clone()));
            }
            give(answer, told);
            Ok(())
        })
    }
}

/// Replicas may preempt pods of lower priority.
pub const BAYPLAN_FIT_PREEMPTION: u32 = 1;

/// How many more replicas of a template fit, `limit` at most? Places on a fork and leaves the cluster as it is. `data`
/// is one manifest: a pod, or a workload that makes equal pods. `json` gets a list of one text (apiVersion bayplan/v1,
/// kind Fit): how many on which node, and what stops the next one. `replicas` gets the number. `flags` is
/// BAYPLAN_FIT_PREEMPTION or 0. A fork, and a decision and a bind for each replica.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_fit(
    cluster: *const Cluster,
    data: *const c_char,
    length: usize,
    limit: usize,
    flags: u32,
    replicas: *mut usize,
    json: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(json);

        look(cluster, error, |cluster| {
            let (replicas, json) = (out(replicas, "replicas")?, out(json, "json")?);
            let fit = fitted(cluster, data, length, limit, flags)?;
            let count = fit.replicas;
            give(json, Strings::from_iter([Found::Fit(fit).json(&cluster.skipped)]));
            replicas.write(count);
            Ok(())
        })
    }
}

/// As bayplan_cluster_fit, with an answer in structs. The same cost.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_cluster_fit_answer(
    cluster: *const Cluster,
    data: *const c_char,
    length: usize,
    limit: usize,
    flags: u32,
    answer: *mut *mut Answer,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(answer);

        look(cluster, error, |cluster| {
            let answer = out(answer, "answer")?;
            let fit = fitted(cluster, data, length, limit, flags)?;
            give(answer, Answer::new(Found::Fit(fit), cluster.skipped.clone()));
            Ok(())
        })
    }
}

/// # Safety
/// `data` is null or has `length` bytes.
unsafe fn fitted(
    cluster: &Cluster,
    data: *const c_char,
    length: usize,
    limit: usize,
    flags: u32,
) -> Result<bayplan::Fit, Failure> {
    if flags & !BAYPLAN_FIT_PREEMPTION != 0 {
        return Err(Failure::argument(format!("flags has unknown bits: {flags:#x}")));
    }
    memory_for(cluster.inner())?;
    // SAFETY: as above.
    let template = one(unsafe { input(data, length, std::ptr::null(), &cluster.reading) }?)?;
    let options = FitOptions { limit, preemption: flags & BAYPLAN_FIT_PREEMPTION != 0 };
    Ok(cluster.inner().fit_with(&template, &options, &mut |done, all| cluster.go_on(done, all))?)
}

/// The answer as JSON, as bayplan_cluster_ask or bayplan_cluster_fit gives it. `json` gets a list of one text. O(the text)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_json(
    answer: *const Answer,
    json: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(json);

        call(error, || {
            let answer = get(answer, "answer")?;
            give(out(json, "json")?, Strings::from_iter([answer.found.json(&answer.while_reading)]));
            Ok(())
        })
    }
}

/// What is to be known of the input, a sentence each; null for null. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_warnings(answer: *const Answer) -> *const Texts {
    // SAFETY: the caller passes null or an answer that it has not freed.
    unsafe { answer.as_ref() }.map_or(std::ptr::null(), |answer| &raw const answer.warnings)
}

/// What plays no part and which rules were not applied, so that a real cluster may do otherwise; null for null. Decisions say beside it which rules were not
/// applied to their pods, see bayplan_decisions_not_applied, and failures what makes them unsure. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_left_out(answer: *const Answer) -> *const Texts {
    // SAFETY: the caller passes null or an answer that it has not freed.
    unsafe { answer.as_ref() }.map_or(std::ptr::null(), |answer| &raw const answer.left_out)
}

/// The decisions of "simulate", "drain", "preempt" and bayplan_cluster_fit_answer, and the evictions of the last (who was preempted in a simulation is in
/// bayplan_simulated_t); other answers have none. They are the answer's, and not to be freed. Null for null. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_decisions(answer: *const Answer) -> *const Decisions {
    // SAFETY: the caller passes null or an answer that it has not freed.
    unsafe { answer.as_ref() }.map_or(std::ptr::null(), |answer| &raw const answer.decisions)
}

/// The answer to "simulate" or "drain"; null for another answer, and for null. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_simulated(answer: *const Answer) -> *const Simulated {
    // SAFETY: the caller passes null or an answer that it has not freed.
    match unsafe { answer.as_ref() }.map(|answer| &answer.rows) {
        Some(Rows::Simulated(rows)) => rows,
        _ => std::ptr::null(),
    }
}

/// The answer to "fail"; null for another answer, and for null. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_fail(answer: *const Answer) -> *const FailAnswer {
    // SAFETY: the caller passes null or an answer that it has not freed.
    match unsafe { answer.as_ref() }.map(|answer| &answer.rows) {
        Some(Rows::Fail(rows)) => rows,
        _ => std::ptr::null(),
    }
}

/// The answer to "shrink"; null for another answer, and for null. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_shrink(answer: *const Answer) -> *const ShrinkAnswer {
    // SAFETY: the caller passes null or an answer that it has not freed.
    match unsafe { answer.as_ref() }.map(|answer| &answer.rows) {
        Some(Rows::Shrink(rows)) => rows,
        _ => std::ptr::null(),
    }
}

/// The answer to "size"; null for another answer, and for null. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_size(answer: *const Answer) -> *const SizeAnswer {
    // SAFETY: the caller passes null or an answer that it has not freed.
    match unsafe { answer.as_ref() }.map(|answer| &answer.rows) {
        Some(Rows::Size(rows)) => rows,
        _ => std::ptr::null(),
    }
}

/// The answer to "upgrade"; null for another answer, and for null. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_upgrade(answer: *const Answer) -> *const UpgradeAnswer {
    // SAFETY: the caller passes null or an answer that it has not freed.
    match unsafe { answer.as_ref() }.map(|answer| &answer.rows) {
        Some(Rows::Upgrade(rows)) => rows,
        _ => std::ptr::null(),
    }
}

/// The answer to "gpus"; null for another answer, and for null. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_gpus(answer: *const Answer) -> *const GpusAnswer {
    // SAFETY: the caller passes null or an answer that it has not freed.
    match unsafe { answer.as_ref() }.map(|answer| &answer.rows) {
        Some(Rows::Gpus(rows)) => rows,
        _ => std::ptr::null(),
    }
}

/// The answer to "preempt"; null for another answer, and for null. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_preempt(answer: *const Answer) -> *const PreemptAnswer {
    // SAFETY: the caller passes null or an answer that it has not freed.
    match unsafe { answer.as_ref() }.map(|answer| &answer.rows) {
        Some(Rows::Preempt(rows)) => rows,
        _ => std::ptr::null(),
    }
}

/// The answer to "nodes"; null for another answer, and for null. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_nodes(answer: *const Answer) -> *const NodesAnswer {
    // SAFETY: the caller passes null or an answer that it has not freed.
    match unsafe { answer.as_ref() }.map(|answer| &answer.rows) {
        Some(Rows::Nodes(rows)) => rows,
        _ => std::ptr::null(),
    }
}

/// The answer of bayplan_cluster_fit_answer; null for another answer, and for null. O(1)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_fit(answer: *const Answer) -> *const FitAnswer {
    // SAFETY: the caller passes null or an answer that it has not freed.
    match unsafe { answer.as_ref() }.map(|answer| &answer.rows) {
        Some(Rows::Fit(rows)) => rows,
        _ => std::ptr::null(),
    }
}

/// Frees an answer; nothing for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_answer_free(answer: *mut Answer) {
    // SAFETY: the caller passes null or an answer that it has not freed.
    unsafe { drop_handle(answer) }
}
