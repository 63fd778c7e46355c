//! Decisions, and why.

use core::ffi::c_void;

use bayplan_core::{Code, Decision, Filtered, NodeId, Pick, PodId, Reason, RejectedBy, Scheduler};

use crate::fault::{Fault, Status};
use crate::guard::{array, call, open, out};
use crate::memory::BAYPLAN_CORE_NONE;
use crate::profile::{BAYPLAN_CORE_CALLER, BAYPLAN_CORE_NOT_NAMED, number_of};
use crate::request::{Request, Rules, with};

/// Where a pod goes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Choice {
    /// The best node; BAYPLAN_CORE_NONE where no node is feasible.
    pub node: u32,
    /// How many nodes have its score.
    pub ties: u32,
    /// How many nodes are feasible.
    pub feasible: u32,
    /// Filler.
    pub reserved: u32,
    /// Its total score; 0 where one node alone was feasible, as scoring is then skipped.
    pub score: i64,
}

impl From<Decision> for Choice {
    fn from(of: Decision) -> Self {
        let node = of.node.map_or(BAYPLAN_CORE_NONE, |node| node.0);
        Choice { node, ties: of.ties, feasible: of.feasible, reserved: 0, score: of.score }
    }
}

/// Flag of a verdict: its rule is the first to reject the node; kube-scheduler knows of no other.
pub const BAYPLAN_CORE_FIRST: u32 = 1;
/// Flag of a verdict: no preemption can help.
pub const BAYPLAN_CORE_UNRESOLVABLE: u32 = 2;

/// Why a node is rejected.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Verdict {
    /// The node.
    pub node: u32,
    /// Who rejects it: a rule, BAYPLAN_CORE_NOT_NAMED or BAYPLAN_CORE_CALLER.
    pub rule: u32,
    /// Which of the rule's reasons, counted from 0.
    pub reason: u32,
    /// The resource of which too little is left, the driver that is missing, or the code of the caller's own rule; else
    /// BAYPLAN_CORE_NONE.
    pub subject: u32,
    /// BAYPLAN_CORE_FIRST and so on.
    pub flags: u32,
}

impl Verdict {
    pub(crate) fn of(node: NodeId, reason: Reason, is_first: bool) -> Self {
        let rule = match reason.by() {
            RejectedBy::PreFilterResult => BAYPLAN_CORE_NOT_NAMED,
            RejectedBy::Plugin(plugin) => plugin as u32,
            RejectedBy::External(slot) => number_of(bayplan_core::Rule::External(slot)),
            _ => BAYPLAN_CORE_CALLER,
        };
        let first = if is_first { BAYPLAN_CORE_FIRST } else { 0 };
        let unresolvable =
            if reason.code() == Code::UnschedulableAndUnresolvable { BAYPLAN_CORE_UNRESOLVABLE } else { 0 };
        // The subject of all kinds lies in the same place.
        let subject = reason.external_code();
        Verdict { node: node.0, rule, reason: u32::from(reason.kind()), subject, flags: first | unresolvable }
    }
}

/// What a rule gives a feasible node, weighted.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Score {
    /// The node.
    pub node: u32,
    /// The rule.
    pub rule: u32,
    /// The score.
    pub score: i64,
}

/// The total of a node that is not feasible.
pub const BAYPLAN_CORE_REJECTED: i64 = i64::MIN;

/// Fills an array of the caller's and counts on.
pub(crate) struct Filler<'a, T> {
    to: &'a mut [T],
    pub(crate) count: usize,
}

impl<'a, T> Filler<'a, T> {
    pub(crate) fn new(to: &'a mut [T]) -> Self {
        Filler { to, count: 0 }
    }

    pub(crate) fn push(&mut self, value: T) {
        if let Some(to) = self.to.get_mut(self.count) {
            *to = value;
        }
        self.count += 1;
    }
}

/// Runs a cycle up to its filters.
pub(crate) fn filtered<'s, 'm, 'r>(
    scheduler: &'s mut Scheduler<'m>,
    request: &bayplan_core::Request<'r>,
    rules: Option<&'s mut Rules>,
) -> Result<Filtered<'s, 'm, 'r>, Fault> {
    let mut cycle = scheduler.cycle(request)?;
    if let Some(rules) = rules {
        cycle = cycle.with(rules);
    }
    Ok(cycle.filter()?)
}

fn decide(
    scheduler: &mut Scheduler<'_>,
    request: &bayplan_core::Request<'_>,
    pick: Pick,
    rules: Option<&mut Rules>,
) -> Result<Decision, Fault> {
    Ok(filtered(scheduler, request, rules)?.decide(pick))
}

/// Decides for a pod, and changes nothing but caches. A pod whose class was asked for before costs what has changed since, and a pass
/// over totals; O(nodes x rules) for a new class. BAYPLAN_CORE_FULL where nominated pods find no room: they are put on their
/// nodes for a moment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_decide(
    block: *mut c_void,
    size: usize,
    request: *const Request,
    choice: *mut Choice,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(choice, "choice")?;
        // SAFETY: the caller's promise.
        let decision = unsafe {
            with(request, |request, pick, rules| decide(open(&mut None, block, size)?, request, pick, rules))
        }?;
        // SAFETY: the caller's promise.
        unsafe { to.write(decision.into()) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Flag of bayplan_core_decide_many(): each pod is bound to its node before the next one is decided.
pub const BAYPLAN_CORE_BIND: u32 = 1;

/// Decides for `count` pods in their order: one call for a wave. With BAYPLAN_CORE_BIND each is bound, with its row in `pods`
/// (BAYPLAN_CORE_NONE where no node is feasible) and `start` as its start time; `pods` may be null otherwise. Where one fails, those
/// before it are taken off again: `pods` has BAYPLAN_CORE_NONE then, and `choices` what was decided so far. A request with a
/// nomination is refused with BAYPLAN_CORE_BIND: withdraw the nomination, and bind by bayplan_core_bind(). As
/// bayplan_core_decide() for each pod.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_decide_many(
    block: *mut c_void,
    size: usize,
    requests: *const Request,
    count: usize,
    flags: u32,
    start: i64,
    choices: *mut Choice,
    pods: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        if flags & !BAYPLAN_CORE_BIND != 0 {
            return Err(Fault::argument("flags"));
        }
        let binds = flags & BAYPLAN_CORE_BIND != 0;
        // SAFETY: the caller's promise.
        let (choices, pods) =
            unsafe { (array(choices, count, "choices")?, array(pods, if binds { count } else { 0 }, "pods")?) };
        let mut place = None;
        // SAFETY: the caller's promise.
        let scheduler = unsafe { open(&mut place, block, size) }?;
        // Structs of another size than ours are that far apart.
        let stride = if count == 0 { 0 } else { check_requests(requests)? };
        for (nth, choice) in choices.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            let done = unsafe {
                with(requests.byte_add(nth * stride), |request, pick, rules| {
                    // Once it is bound its nomination would count it twice.
                    if binds && request.nomination.is_some() {
                        return Err(Fault::argument("nomination"));
                    }
                    let decision = decide(scheduler, request, pick, rules)?;
                    let Some(node) = decision.node.filter(|_| binds) else { return Ok((decision, BAYPLAN_CORE_NONE)) };
                    let def = bayplan_core::PodDef {
                        uses: request.uses,
                        start,
                        ..bayplan_core::PodDef::new(request.spec, request.labels)
                    };
                    Ok((decision, scheduler.bind(&def, node)?.0))
                })
            };
            match done {
                Ok((decision, pod)) => {
                    *choice = decision.into();
                    if let Some(to) = pods.get_mut(nth) {
                        *to = pod;
                    }
                }
                Err(fault) => {
                    let bound = pods.len().min(nth);
                    for pod in pods[..bound].iter_mut().rev().filter(|pod| **pod != BAYPLAN_CORE_NONE) {
                        scheduler.unbind(PodId(*pod))?;
                        *pod = BAYPLAN_CORE_NONE;
                    }
                    return Err(fault);
                }
            }
        }
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// How far apart requests are.
fn check_requests(requests: *const Request) -> Result<usize, Fault> {
    if requests.is_null() || !requests.addr().is_multiple_of(align_of::<Request>()) {
        return Err(Fault::argument("requests"));
    }
    // SAFETY: not null, aligned, and there is one at least.
    let size = unsafe { requests.cast::<u32>().read() } as usize;
    if size.is_multiple_of(align_of::<Request>()) { Ok(size) } else { Err(Fault::argument("struct_size")) }
}

/// Why nodes are rejected: writes up to `capacity` verdicts and how many there are in all; a capacity of 0 asks for the number. Rule by
/// rule. O(nodes x rules).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_explain(
    block: *mut c_void,
    size: usize,
    request: *const Request,
    verdicts: *mut Verdict,
    capacity: usize,
    count: *mut usize,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(count, "count")?;
        // SAFETY: the caller's promise.
        let mut filler = Filler::new(unsafe { array(verdicts, capacity, "verdicts") }?);
        // SAFETY: the caller's promise.
        unsafe {
            with(request, |request, _, rules| {
                let emit = &mut |node, reason, is_first| filler.push(Verdict::of(node, reason, is_first));
                Ok(filtered(open(&mut None, block, size)?, request, rules)?.explain(emit)?)
            })
        }?;
        // SAFETY: the caller's promise.
        unsafe { to.write(filler.count) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// What each rule gives each feasible node: writes up to `capacity` scores and how many there are in all. O(nodes x rules).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_scores(
    block: *mut c_void,
    size: usize,
    request: *const Request,
    scores: *mut Score,
    capacity: usize,
    count: *mut usize,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(count, "count")?;
        // SAFETY: the caller's promise.
        let mut filler = Filler::new(unsafe { array(scores, capacity, "scores") }?);
        // SAFETY: the caller's promise.
        unsafe {
            with(request, |request, _, rules| {
                let emit =
                    &mut |rule, node: NodeId, score| filler.push(Score { node: node.0, rule: number_of(rule), score });
                filtered(open(&mut None, block, size)?, request, rules)?.scores(emit);
                Ok(())
            })
        }?;
        // SAFETY: the caller's promise.
        unsafe { to.write(filler.count) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// The total of every node by row, BAYPLAN_CORE_REJECTED where it is not feasible, even where one node alone is: what an extender's
/// filter and priorities answer. `capacity` must be the number of nodes ever added at least, `count` is that number. O(nodes x
/// rules).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_totals(
    block: *mut c_void,
    size: usize,
    request: *const Request,
    totals: *mut i64,
    capacity: usize,
    count: *mut usize,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(count, "count")?;
        // SAFETY: the caller's promise.
        let totals = unsafe { array(totals, capacity, "totals") }?;
        // SAFETY: the caller's promise.
        let nodes = unsafe {
            with(request, |request, _, rules| {
                let mut place = None;
                let scheduler = open(&mut place, block, size)?;
                let nodes = scheduler.tables().node_rows();
                if nodes > totals.len() {
                    return Err(Fault::limit("totals", totals.len()));
                }
                let scored = filtered(scheduler, request, rules)?.score();
                for (node, total) in (0..).zip(&mut totals[..nodes]) {
                    *total = scored.total(NodeId(node)).unwrap_or(BAYPLAN_CORE_REJECTED);
                }
                Ok(nodes)
            })
        }?;
        // SAFETY: the caller's promise.
        unsafe { to.write(nodes) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}
