//! Decisions behind a handle, and their fields.

use std::mem::{MaybeUninit, offset_of, size_of};

use bayplan::attempt::{self, Outcome};
use bayplan::visible::visible;
use bayplan::{plan, render};

use crate::error::{Error, Failure};
use crate::guard::{call, clear, drop_handle, get, give, out};
use crate::status::Status;
use crate::text::{Str, Strings, Text};

/// An outcome that this header does not know.
pub const BAYPLAN_OUTCOME_UNKNOWN: u32 = 0;
/// A node was found.
pub const BAYPLAN_OUTCOME_SCHEDULED: u32 = 1;
/// No node will do.
pub const BAYPLAN_OUTCOME_UNSCHEDULABLE: u32 = 2;
/// Scheduling gates hold the pod back.
pub const BAYPLAN_OUTCOME_GATED: u32 = 3;
/// The scheduler fails on the pod.
pub const BAYPLAN_OUTCOME_ERROR: u32 = 4;
/// The pod is not for this scheduler to place: no profile has its scheduler name, it is on a node already, or it has run
/// to its end.
pub const BAYPLAN_OUTCOME_IGNORED: u32 = 5;

/// What was decided for one pod. Set struct_size to sizeof(bayplan_decision_t) before it is read into. The texts live
/// as long as the bayplan_decisions_t.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// sizeof(bayplan_decision_t).
    pub struct_size: u32,
    /// One of the BAYPLAN_OUTCOME_ numbers.
    pub outcome: u32,
    /// The pod, "namespace/name".
    pub pod: Str,
    /// The node, or "".
    pub node: Str,
    /// Why it is not placed, word for word as kube-scheduler says it; "" where it is.
    pub message: Str,
    /// The node's total score; 0 where it was the only feasible one, as scoring is then skipped.
    pub score: i64,
    /// How many nodes have that score.
    pub ties: u32,
    /// How many nodes are feasible.
    pub feasible: u32,
    /// How many rules concern the pod and were not applied, so that the real decision may be another: see
    /// bayplan_decisions_not_applied.
    pub not_applied: u32,
    /// How many objects a rule needed that are not there: see bayplan_decisions_missing.
    pub missing: u32,
    /// The node from which pods of lower priority are to be evicted so that this one fits, or "".
    pub preempts_on: Str,
    /// What the event says of preemption after the message, word for word; it may be "".
    pub preemption_message: Str,
    /// How many pods are to be evicted: see bayplan_decisions_victim.
    pub victims: u32,
    /// How many of them violate a disruption budget.
    pub violations: u32,
}

/// What the first version of the struct took.
const FIRST_SIZE: usize = offset_of!(Decision, preempts_on);

/// A pod that was evicted to make room for another. Set struct_size to sizeof(bayplan_eviction_t) before it is read
/// into. The texts live as long as the bayplan_decisions_t.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Eviction {
    /// sizeof(bayplan_eviction_t).
    pub struct_size: u32,
    /// Its priority.
    pub priority: i32,
    /// The pod, "namespace/name".
    pub pod: Str,
    /// The node that it was on.
    pub node: Str,
    /// The pod that it made room for.
    pub by: Str,
    /// The pod that its controller makes in its place, or "" where no controller owns it: it is gone for good.
    pub replaced_by: Str,
}

/// Decisions for pods, in the order in which they were asked for. Free it with bayplan_decisions_free.
pub struct Decisions {
    rows: Vec<Row>,
    made: Vec<attempt::Decision>,
    evicted: Vec<Evicted>,
    evictions: Vec<plan::Eviction>,
    warnings: Vec<String>,
    left_out: Vec<String>,
}

struct Evicted {
    priority: i32,
    pod: Text,
    node: Text,
    by: Text,
    replaced_by: Text,
}

struct Row {
    outcome: u32,
    pod: Text,
    node: Text,
    message: Text,
    score: i64,
    ties: u32,
    feasible: u32,
    rules: Strings,
    reasons: Strings,
    missing: Strings,
    preempts_on: Text,
    preemption_message: Text,
    victims: Strings,
    violations: u32,
}

impl Decisions {
    pub(crate) fn new(made: Vec<attempt::Decision>, warnings: Vec<String>) -> Self {
        Self::placed(made, Vec::new(), warnings, Vec::new())
    }

    /// The same with the pods that were evicted.
    pub(crate) fn placed(
        made: Vec<attempt::Decision>,
        evictions: Vec<plan::Eviction>,
        warnings: Vec<String>,
        left_out: Vec<String>,
    ) -> Self {
        let evicted = evictions.iter().map(|eviction| Evicted {
            priority: eviction.priority,
            pod: Text::new(&*eviction.pod),
            node: Text::new(&*eviction.node),
            by: Text::new(&*eviction.by),
            replaced_by: Text::new(eviction.replaced_by.as_deref().unwrap_or_default()),
        });
        let rows = made.iter().map(Row::from).collect();
        Decisions { rows, evicted: evicted.collect(), made, evictions, warnings, left_out }
    }

    fn row(&self, index: usize) -> Result<&Row, Failure> {
        let none = || Failure::argument(format!("index {index} is out of range: there are {}", self.rows.len()));
        self.rows.get(index).ok_or_else(none)
    }
}

/// The number of an outcome.
pub(crate) fn outcome(outcome: Outcome) -> u32 {
    match outcome {
        Outcome::Scheduled => BAYPLAN_OUTCOME_SCHEDULED,
        Outcome::Unschedulable => BAYPLAN_OUTCOME_UNSCHEDULABLE,
        Outcome::Gated => BAYPLAN_OUTCOME_GATED,
        Outcome::Error => BAYPLAN_OUTCOME_ERROR,
        Outcome::Ignored => BAYPLAN_OUTCOME_IGNORED,
        _ => BAYPLAN_OUTCOME_UNKNOWN,
    }
}

impl From<&attempt::Decision> for Row {
    fn from(decision: &attempt::Decision) -> Self {
        let preemption = decision.preemption.as_ref();
        Row {
            outcome: outcome(decision.outcome),
            pod: Text::new(&*decision.pod),
            node: Text::new(decision.node.as_deref().unwrap_or_default()),
            message: Text::new(&*decision.message),
            score: decision.score,
            ties: decision.ties,
            feasible: decision.feasible,
            rules: decision.not_applied.iter().map(|rule| rule.rule.as_str()).collect(),
            reasons: decision.not_applied.iter().map(|rule| rule.why.as_str()).collect(),
            missing: decision.missing.iter().map(String::as_str).collect(),
            preempts_on: Text::new(preemption.and_then(|preemption| preemption.node.as_deref()).unwrap_or_default()),
            preemption_message: Text::new(preemption.map_or("", |preemption| &preemption.message)),
            victims: preemption.into_iter().flat_map(|preemption| &preemption.victims).map(String::as_str).collect(),
            violations: preemption.map_or(0, |preemption| preemption.violations),
        }
    }
}

impl Row {
    fn view(&self, struct_size: u32) -> Decision {
        let count = |strings: &Strings| u32::try_from(strings.len()).unwrap_or(u32::MAX);
        Decision {
            struct_size,
            outcome: self.outcome,
            pod: self.pod.view(),
            node: self.node.view(),
            message: self.message.view(),
            score: self.score,
            ties: self.ties,
            feasible: self.feasible,
            not_applied: count(&self.rules),
            missing: count(&self.missing),
            preempts_on: self.preempts_on.view(),
            preemption_message: self.preemption_message.view(),
            victims: count(&self.victims),
            violations: self.violations,
        }
    }
}

/// How many decisions there are; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_decisions_count(decisions: *const Decisions) -> usize {
    // SAFETY: the caller passes null or decisions that it has not freed.
    unsafe { decisions.as_ref() }.map_or(0, |decisions| decisions.rows.len())
}

/// Reads `count` decisions from the one at `first` on into an array of as many. The struct_size of its first element
/// holds for all.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_decisions_read(
    decisions: *const Decisions,
    first: usize,
    count: usize,
    array: *mut Decision,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        call(error, || {
            let decisions = get(decisions, "decisions")?;
            let array = out(array, "array")?;
            if count == 0 {
                return Ok(());
            }
            decisions.row(first)?;
            decisions.row(first.saturating_add(count - 1))?;
            let struct_size = (&raw const (*array).struct_size).read();
            let size = struct_size as usize;
            if !(FIRST_SIZE..=4096).contains(&size) || !size.is_multiple_of(align_of::<Decision>()) {
                let expected = size_of::<Decision>();
                return Err(Failure::argument(format!(
                    "array[0].struct_size is {size}: sizeof(bayplan_decision_t) is {expected}"
                )));
            }
            let known = size.min(size_of::<Decision>());
            for (at, row) in decisions.rows[first..first + count].iter().enumerate() {
                let view = MaybeUninit::new(row.view(struct_size));
                let to = array.cast::<u8>().add(at * size);
                to.copy_from_nonoverlapping(view.as_ptr().cast(), known);
                // Fields that a newer program knows and this library does not are zero.
                to.add(known).write_bytes(0, size - known);
            }
            Ok(())
        })
    }
}

/// One of the rules that concern a pod and were not applied: `rule` as kube-scheduler names it, and `why` it concerns
/// the pod. `decision` says whose, `index` which: less than the decision's `not_applied`. Both live as long as the
/// decisions.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_decisions_not_applied(
    decisions: *const Decisions,
    decision: usize,
    index: usize,
    rule: *mut Str,
    why: *mut Str,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        call(error, || {
            let row = get(decisions, "decisions")?.row(decision)?;
            let (rule, why) = (out(rule, "rule")?, out(why, "why")?);
            let (found, reason) = (row.rules.view(index)?, row.reasons.view(index)?);
            rule.write(found);
            why.write(reason);
            Ok(())
        })
    }
}

/// One of the objects that a rule needed and that are not there, as "PriorityClass high". `decision` says whose,
/// `index` which: less than the decision's `missing`. The text lives as long as the decisions.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_decisions_missing(
    decisions: *const Decisions,
    decision: usize,
    index: usize,
    object: *mut Str,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        call(error, || {
            let row = get(decisions, "decisions")?.row(decision)?;
            let object = out(object, "object")?;
            object.write(row.missing.view(index)?);
            Ok(())
        })
    }
}

/// One of the pods that are to be evicted so that a pod fits, the most important first. `decision` says for whom,
/// `index` which: less than the decision's `victims`. The text lives as long as the decisions.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_decisions_victim(
    decisions: *const Decisions,
    decision: usize,
    index: usize,
    pod: *mut Str,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        call(error, || {
            let row = get(decisions, "decisions")?.row(decision)?;
            let pod = out(pod, "pod")?;
            pod.write(row.victims.view(index)?);
            Ok(())
        })
    }
}

/// How many pods were evicted to make room for those that were placed; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_decisions_eviction_count(decisions: *const Decisions) -> usize {
    // SAFETY: the caller passes null or decisions that it has not freed.
    unsafe { decisions.as_ref() }.map_or(0, |decisions| decisions.evicted.len())
}

/// Reads one of the pods that were evicted to make room for those that were placed, in the order of the evictions.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_decisions_eviction(
    decisions: *const Decisions,
    index: usize,
    eviction: *mut Eviction,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        call(error, || {
            let evicted = &get(decisions, "decisions")?.evicted;
            let eviction = out(eviction, "eviction")?;
            let none = || Failure::argument(format!("index {index} is out of range: there are {}", evicted.len()));
            let found = evicted.get(index).ok_or_else(none)?;
            let struct_size = (&raw const (*eviction).struct_size).read();
            if struct_size as usize != size_of::<Eviction>() {
                let expected = size_of::<Eviction>();
                return Err(Failure::argument(format!(
                    "eviction.struct_size is {struct_size}: sizeof(bayplan_eviction_t) is {expected}"
                )));
            }
            eviction.write(Eviction {
                struct_size,
                priority: found.priority,
                pod: found.pod.view(),
                node: found.node.view(),
                by: found.by.view(),
                replaced_by: found.replaced_by.view(),
            });
            Ok(())
        })
    }
}

/// What is to be known of the input that was placed, a sentence each, as of replicas that are there already.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_decisions_warnings(
    decisions: *const Decisions,
    strings: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(strings);

        call(error, || {
            let decisions = get(decisions, "decisions")?;
            let strings = out(strings, "strings")?;
            give(strings, decisions.warnings.iter().map(|warning| visible(warning)).collect());
            Ok(())
        })
    }
}

/// All decisions as one JSON document (apiVersion bayplan/v1, kind Placements). `json` gets a list of one text.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_decisions_json(
    decisions: *const Decisions,
    json: *mut *mut Strings,
    error: *mut *mut Error,
) -> Status {
    // SAFETY: the caller passes pointers that are null or as the header says.
    unsafe {
        clear(json);

        call(error, || {
            let decisions = get(decisions, "decisions")?;
            let json = out(json, "json")?;
            let document = render::json::decisions(
                &decisions.made,
                &decisions.evictions,
                &decisions.warnings,
                &decisions.left_out,
            );
            give(json, Strings::from_iter([document.to_string()]));
            Ok(())
        })
    }
}

/// Frees decisions; nothing for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_decisions_free(decisions: *mut Decisions) {
    // SAFETY: the caller passes null or decisions that it has not freed.
    unsafe { drop_handle(decisions) }
}
