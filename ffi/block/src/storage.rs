//! Volumes, drivers, and things that pods use on nodes.

use core::ffi::c_void;

use bayplan_core::{DriverId, NodeId, NodeSetId, UseKeyId, UseTag};

use crate::fault::{Fault, Status};
use crate::guard::{Listed, call, list, open, out};
use crate::memory::BAYPLAN_CORE_NONE;
use crate::rows::Pair;
use crate::terms::{NodeTerms, terms};

/// Tag of a use: a volume that a pod mounts.
pub const BAYPLAN_CORE_MOUNTED: u32 = 0;
/// Tag of a use: a ReadWriteOncePod claim.
pub const BAYPLAN_CORE_EXCLUSIVE: u32 = 2;
/// Tag of a use: the name of such a claim, whatever the namespace.
pub const BAYPLAN_CORE_EXCLUSIVE_NAME: u32 = 3;

/// Adds a thing that pods use on a node: a host port, a disk, a volume, a claim.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_use_key(
    block: *mut c_void,
    size: usize,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;

        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_use_key()?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a list of things that a pod uses beside those of its spec class: keys of bayplan_core_add_use_key(), each with a tag as its
/// value (BAYPLAN_CORE_MOUNTED and so on). O(count).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_use_list(
    block: *mut c_void,
    size: usize,
    uses: *const Pair,
    count: usize,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        // SAFETY: the caller's promise.
        let uses: Listed<_> = Listed::of(unsafe { list(uses, count, "uses") }?, "uses", |pair| {
            let tag = match pair.value {
                BAYPLAN_CORE_MOUNTED => UseTag::Mounted,
                BAYPLAN_CORE_EXCLUSIVE => UseTag::Exclusive,
                BAYPLAN_CORE_EXCLUSIVE_NAME => UseTag::ExclusiveName,
                _ => return Err(Fault::argument("tag")),
            };
            Ok((UseKeyId(pair.key), tag))
        })?;
        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_use_list(uses.all())?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a storage driver; no node has a limit for it yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_driver(
    block: *mut c_void,
    size: usize,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;

        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_driver()?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Sets how many volumes of a driver a node takes (BAYPLAN_CORE_NONE: any number), and whether pods with volumes of the driver are
/// kept off the node because it is not installed there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_set_driver(
    block: *mut c_void,
    size: usize,
    driver: u32,
    node: u32,
    limit: u32,
    lacks: bool,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let limit = (limit != BAYPLAN_CORE_NONE).then_some(limit);
        let mut place = None;
        // SAFETY: the caller's promise.
        unsafe { open(&mut place, block, size) }?.set_driver(DriverId(driver), NodeId(node), limit, lacks)?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Makes a key the handle of a volume of a driver, so that its uses count towards the driver's limits.
/// BAYPLAN_CORE_CONFLICT where it is in use already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_set_key_driver(
    block: *mut c_void,
    size: usize,
    key: u32,
    driver: u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let mut place = None;
        // SAFETY: the caller's promise.
        unsafe { open(&mut place, block, size) }?.set_key_driver(UseKeyId(key), DriverId(driver))?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Notes that a volume is attached to a node, whatever pods are there, or no longer. Detach before the node is removed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_set_attached(
    block: *mut c_void,
    size: usize,
    key: u32,
    node: u32,
    attached: bool,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let mut place = None;
        // SAFETY: the caller's promise.
        unsafe { open(&mut place, block, size) }?.set_attached(UseKeyId(key), NodeId(node), attached)?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a set of nodes: those that meet one of the terms; null is all nodes. O(terms).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_node_set(
    block: *mut c_void,
    size: usize,
    node_terms: *const NodeTerms,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        // SAFETY: the caller's promise.
        let terms = unsafe { terms(node_terms) }?;
        let mut place = None;
        // SAFETY: the caller's promise.
        let id =
            unsafe { open(&mut place, block, size) }?.add_node_set(terms.as_ref().map(|terms| terms.def()).as_ref())?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a volume: the nodes that reach it, the nodes of its zone, its storage class (a number of the caller's), its size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_volume(
    block: *mut c_void,
    size: usize,
    reach: u32,
    zone: u32,
    class: u32,
    bytes: i64,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;

        let mut place = None;
        // SAFETY: the caller's promise.
        let id =
            unsafe { open(&mut place, block, size) }?.add_volume(NodeSetId(reach), NodeSetId(zone), class, bytes)?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}
