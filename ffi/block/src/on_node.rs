//! One node for a pod, without a look at the others: why it is rejected, and what the pod's claims would get there.

use core::ffi::c_void;

use bayplan_core::NodeId;

use crate::decide::{Filler, Verdict};
use crate::fault::{Fault, Status};
use crate::guard::{array, call, open, out};
use crate::memory::BAYPLAN_CORE_NONE;
use crate::request::{Request, with};

/// Why one node rejects a pod: writes up to `capacity` verdicts, in the order of the profile's filters, and how many there are in all; 0 where
/// it passes. The node is looked at as it is: without the pods that are nominated to it, and whatever request.rejects says. O(rules and the
/// terms that bound pods carry); O(nodes) for each spread constraint and pod affinity term, and O(nodes x rules) once for a new class with spread constraints.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_judge(
    block: *mut c_void,
    size: usize,
    request: *const Request,
    node: u32,
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
                let mut place = None;
                let mut cycle = open(&mut place, block, size)?.cycle(request)?;
                if let Some(rules) = rules {
                    cycle = cycle.with(rules);
                }
                let (node, mut first) = (NodeId(node), None);
                let verdict = cycle.judge(node)?;
                cycle.reasons(node, verdict, &mut |reason| {
                    // Of the rule that rejects first, all reasons are.
                    let is_first = *first.get_or_insert(reason.by()) == reason.by();
                    filler.push(Verdict::of(node, reason, is_first));
                })?;
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

/// What a waiting claim gets on a node.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Gets {
    /// Which of the request's waiting claims, counted from 0.
    pub claim: u32,
    /// The volume, or BAYPLAN_CORE_NONE where one is provisioned.
    pub volume: u32,
}

/// What the request's waiting claims get on a node: writes up to `capacity` of them and how many there are in all; 0 where the node cannot give
/// them all. Whoever binds the pod reserves them. O(candidates).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_volumes_on(
    block: *mut c_void,
    size: usize,
    request: *const Request,
    node: u32,
    gets: *mut Gets,
    capacity: usize,
    count: *mut usize,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(count, "count")?;
        // SAFETY: the caller's promise.
        let mut filler = Filler::new(unsafe { array(gets, capacity, "gets") }?);
        // SAFETY: the caller's promise.
        unsafe {
            with(request, |request, _, _| {
                let mut place = None;
                open(&mut place, block, size)?.cycle(request)?.volumes_on(NodeId(node), &mut |claim, volume| {
                    let volume = volume.map_or(BAYPLAN_CORE_NONE, |volume| volume.0);
                    filler.push(Gets { claim: claim as u32, volume });
                })?;
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
