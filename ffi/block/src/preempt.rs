//! Preemption: who would have to go so that a pod fits.

use core::ffi::c_void;
use core::mem::size_of;

use bayplan_core::{Claims, Exempt, NotEligible, Weighed};

use crate::decide::{Filler, filtered};
use crate::fault::{Fault, Status};
use crate::guard::{array, call, list, open, out, versioned};
use crate::memory::BAYPLAN_CORE_NONE;
use crate::request::{Request, with};

/// A pod that a budget is not asked for.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Exempted {
    /// The budget.
    pub budget: u32,
    /// The bound pod.
    pub pod: u32,
}

/// How many of a bound pod's volumes are claims of a name that is among the preemptor's ReadWriteOncePod claims.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ClaimsOf {
    /// The bound pod.
    pub pod: u32,
    /// How many.
    pub claims: u32,
}

/// Flag of preemption: preemptionPolicy is Never.
pub const BAYPLAN_CORE_NEVER_PREEMPTS: u32 = 1;

/// What preemption goes by beside the request. Begin with zeroes, struct_size and minor.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct PreemptOptions {
    /// sizeof(bayplan_core_preempt_options_t)
    pub struct_size: u32,
    /// BAYPLAN_CORE_NEVER_PREEMPTS.
    pub flags: u32,
    /// Kubernetes 1.minor, 34 to 37: how budgets and pods that have not started are counted.
    pub minor: u32,
    /// How many exempt pods.
    pub exempt_count: u32,
    /// How many pods with claims.
    pub claim_count: u32,
    /// Filler.
    pub reserved: u32,
    /// Pods that a budget is not asked for: those in its status.disruptedPods, and those without labels.
    pub exempt: *const Exempted,
    /// Bound pods with such claims.
    pub claims: *const ClaimsOf,
}

/// Outcome of preemption: a candidate was found.
pub const BAYPLAN_CORE_PREEMPTS: u32 = 0;
/// Outcome of preemption: there is no candidate.
pub const BAYPLAN_CORE_NO_CANDIDATE: u32 = 1;
/// Outcome of preemption: the pod's policy is Never.
pub const BAYPLAN_CORE_POLICY_NEVER: u32 = 2;
/// Outcome of preemption: pods that were preempted for it are still going.
pub const BAYPLAN_CORE_VICTIMS_ARE_GOING: u32 = 3;

/// A node on which preemption helps.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Candidate {
    /// The node.
    pub node: u32,
    /// How many of the victims violate a disruption budget.
    pub violations: u32,
    /// How many victims there are.
    pub victims: u32,
    /// The priority of the most important victim.
    pub highest_priority: i32,
    /// The sum of their priorities, each raised by 2^31.
    pub priority_sum: i64,
    /// The earliest start of those of the highest priority.
    pub start: i64,
    /// Where its victims begin in the array of victims; BAYPLAN_CORE_NONE where there was no room for them all.
    pub first_victim: u32,
    /// Filler.
    pub reserved: u32,
}

/// A pod that would be evicted.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Victim {
    /// The pod.
    pub pod: u32,
    /// 1 where its eviction violates a disruption budget.
    pub violates: u32,
}

/// What preemption comes to.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Preemption {
    /// BAYPLAN_CORE_PREEMPTS and so on.
    pub outcome: u32,
    /// The best node, the first in node order; BAYPLAN_CORE_NONE where there is none.
    pub node: u32,
    /// How many candidates are as good.
    pub ties: u32,
    /// How many candidates there are; 0 where there was no room for any.
    pub candidates: u32,
    /// How many victims they have together; 0 where there was no room for any.
    pub victims: u64,
}

/// Finds where evicting pods of lower priority would help, and evicts nobody: the state is afterwards as it was. Writes the candidates in
/// node order and their victims, the most important first, as far as there is room; without room for any of them nodes that cannot
/// be the best are not weighed to the end, and are not counted. On a failure they may have been written in part. O(pods on the nodes that eviction may help).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_preempt(
    block: *mut c_void,
    size: usize,
    request: *const Request,
    options: *const PreemptOptions,
    preemption: *mut Preemption,
    candidates: *mut Candidate,
    candidate_capacity: usize,
    victims: *mut Victim,
    victim_capacity: usize,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(preemption, "preemption")?;
        // SAFETY: the caller's promise; all fields are numbers and pointers.
        let from = unsafe { versioned(options, "options") }?;
        if from.flags & !BAYPLAN_CORE_NEVER_PREEMPTS != 0 {
            return Err(Fault::argument("flags"));
        }
        if !(34..=37).contains(&from.minor) {
            return Err(Fault::limit("minor version, which is 34 or more", 37));
        }
        const { assert!(size_of::<Exempted>() == size_of::<Exempt>() && size_of::<ClaimsOf>() == size_of::<Claims>()) };
        // SAFETY: the caller's promise; two numbers each, in the same places.
        let (exempt, claims) = unsafe {
            (
                list(from.exempt.cast::<Exempt>(), from.exempt_count as usize, "exempt")?,
                list(from.claims.cast::<Claims>(), from.claim_count as usize, "claims")?,
            )
        };
        let mut options = bayplan_core::PreemptOptions::default();
        options.never = from.flags & BAYPLAN_CORE_NEVER_PREEMPTS != 0;
        (options.exempt, options.claims) = (exempt, claims);
        (options.until_violated, options.last_unstarted_first) = (from.minor >= 37, from.minor < 37);
        // SAFETY: the caller's promise.
        let (candidates, victims) = unsafe {
            (array(candidates, candidate_capacity, "candidates")?, array(victims, victim_capacity, "victims")?)
        };
        let room = victims.len();
        let is_quick = candidates.is_empty() && victims.is_empty();
        let (mut candidates, mut victims) = (Filler::new(candidates), Filler::new(victims));
        // SAFETY: the caller's promise.
        let found = unsafe {
            with(request, |request, _, rules| {
                let mut place = None;
                let scheduler = open(&mut place, block, size)?;
                let mut filtered = filtered(scheduler, request, rules)?;
                if is_quick {
                    return Ok(filtered.preempt(&options)?);
                }
                Ok(filtered.preempt_dry_run(&options, &mut |_, weighed| {
                    let Weighed::Candidate(found, of) = weighed else { return };
                    let first = victims.count;
                    of.iter()
                        .for_each(|(pod, violates)| victims.push(Victim { pod: pod.0, violates: violates.into() }));
                    candidates.push(Candidate {
                        node: found.node.0,
                        violations: found.violations,
                        victims: found.victims,
                        highest_priority: found.highest,
                        priority_sum: found.sum,
                        start: found.start,
                        first_victim: if victims.count <= room { first as u32 } else { BAYPLAN_CORE_NONE },
                        reserved: 0,
                    });
                })?)
            })
        }?;
        let (outcome, node, ties) = match found {
            bayplan_core::Preemption::Best(best, ties) => (BAYPLAN_CORE_PREEMPTS, best.node.0, ties),
            bayplan_core::Preemption::NotEligible(NotEligible::Never) => {
                (BAYPLAN_CORE_POLICY_NEVER, BAYPLAN_CORE_NONE, 0)
            }
            bayplan_core::Preemption::NotEligible(_) => (BAYPLAN_CORE_VICTIMS_ARE_GOING, BAYPLAN_CORE_NONE, 0),
            _ => (BAYPLAN_CORE_NO_CANDIDATE, BAYPLAN_CORE_NONE, 0),
        };
        let (candidates, victims) = (candidates.count as u32, victims.count as u64);
        // SAFETY: the caller's promise.
        unsafe { to.write(Preemption { outcome, node, ties, candidates, victims }) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}
