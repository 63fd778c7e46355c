//! Nodes.

use core::ffi::c_void;

use bayplan_core::{ImageSetId, KeyId, NodeId, ResourceId, StrId, TaintSetId};

use crate::fault::{Fault, Status};
use crate::guard::{Listed, call, list, open, out, versioned};
use crate::rows::Pair;

/// A node. Begin with zeroes and struct_size; it needs a taint set and an image set, be they empty.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NodeDef {
    /// sizeof(bayplan_core_node_t)
    pub struct_size: u32,
    /// Its name, a string.
    pub name: u32,
    /// Its taints, a list of bayplan_core_add_taint_set().
    pub taints: u32,
    /// Its images, a list of bayplan_core_add_image_set().
    pub images: u32,
    /// What can be requested of it, by resource; missing ones are 0.
    pub allocatable: *const i64,
    /// Labels: keys are rows of bayplan_core_add_key(), values strings.
    pub labels: *const Pair,
    /// How many amounts.
    pub allocatable_count: u32,
    /// How many labels.
    pub label_count: u32,
    /// The features that it declares, a bit each.
    pub features: u64,
    /// Is it cordoned? 0 or 1.
    pub unschedulable: u32,
    /// Filler.
    pub reserved: u32,
}

/// What a node has of a resource, and what its pods request.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Amounts {
    /// What can be requested in all.
    pub allocatable: i64,
    /// What is requested.
    pub requested: i64,
}

/// Calls `then` with a node in the core's form.
///
/// # Safety
/// `node` is null or points to a struct whose lists are as long as it says, and nobody writes them.
unsafe fn with<R>(
    node: *const NodeDef,
    then: impl FnOnce(&bayplan_core::NodeDef<'_>) -> Result<R, Fault>,
) -> Result<R, Fault> {
    // SAFETY: as above; all of its fields are numbers and pointers.
    let node = unsafe { versioned(node, "node") }?;
    // SAFETY: as above.
    let (allocatable, labels) = unsafe {
        (
            list(node.allocatable, node.allocatable_count as usize, "allocatable")?,
            list(node.labels, node.label_count as usize, "labels")?,
        )
    };
    let labels: Listed<_> = Listed::of(labels, "labels", |pair| Ok((KeyId(pair.key), StrId(pair.value))))?;
    then(&bayplan_core::NodeDef {
        name: StrId(node.name),
        unschedulable: node.unschedulable != 0,
        allocatable,
        labels: labels.all(),
        taints: TaintSetId(node.taints),
        images: ImageSetId(node.images),
        features: node.features,
    })
}

/// Adds a node behind all others: the order of nodes breaks ties. O(resources + keys x labels + images).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_node(
    block: *mut c_void,
    size: usize,
    node: *const NodeDef,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        // SAFETY: the caller's promise.
        let id = unsafe { with(node, |node| Ok(open(&mut None, block, size)?.add_node(node)?)) }?;
        // SAFETY: the caller's promise.
        unsafe { to.write(id.0) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Gives a node other attributes; its pods stay. O(resources + keys x labels + images).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_update_node(
    block: *mut c_void,
    size: usize,
    id: u32,
    node: *const NodeDef,
    fault: *mut Fault,
) -> Status {
    let body = || {
        // SAFETY: the caller's promise.
        unsafe { with(node, |node| Ok(open(&mut None, block, size)?.update_node(NodeId(id), node)?)) }
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Takes a node away; its row is not used again. BAYPLAN_CORE_CONFLICT where pods are still bound to it. Withdraw nominations to
/// it, and detach its volumes, before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_remove_node(
    block: *mut c_void,
    size: usize,
    id: u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let mut place = None;
        // SAFETY: the caller's promise.
        unsafe { open(&mut place, block, size) }?.remove_node(NodeId(id))?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Sets one label of a node, or takes it away with BAYPLAN_CORE_NONE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_relabel_node(
    block: *mut c_void,
    size: usize,
    id: u32,
    key: u32,
    value: u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let mut place = None;
        // SAFETY: the caller's promise.
        unsafe { open(&mut place, block, size) }?.relabel_node(NodeId(id), KeyId(key), StrId(value))?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// What a node has of a resource, and what its pods request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_amounts(
    block: *mut c_void,
    size: usize,
    node: u32,
    resource: u32,
    amounts: *mut Amounts,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(amounts, "amounts")?;
        let mut place = None;
        // SAFETY: the caller's promise.
        let found = unsafe { open(&mut place, block, size) }?.tables().amounts(NodeId(node), ResourceId(resource));
        let (allocatable, requested) = found?;
        // SAFETY: the caller's promise.
        unsafe { to.write(Amounts { allocatable, requested }) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}
