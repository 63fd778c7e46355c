//! Strings, keys, resources, taints, images, namespaces, labels: the rows that others name.

use core::ffi::c_void;

use bayplan_core::{ImageId, NamespaceId, StrId, TaintEffect};

use crate::fault::{Fault, Status};
use crate::guard::{Listed, call, list, open, out};

/// The string that every block begins with: the empty one.
pub const BAYPLAN_CORE_EMPTY: u32 = 0;
/// The second: node.kubernetes.io/unschedulable, the key of the taint that stands for a cordon.
pub const BAYPLAN_CORE_UNSCHEDULABLE_TAINT: u32 = 1;

const _: () = assert!(BAYPLAN_CORE_EMPTY == bayplan_core::EMPTY.0);
const _: () = assert!(BAYPLAN_CORE_UNSCHEDULABLE_TAINT == bayplan_core::UNSCHEDULABLE_TAINT.0);

/// Taint effect: pods are not placed here.
pub const BAYPLAN_CORE_NO_SCHEDULE: u32 = 0;
/// Taint effect: pods are rather placed elsewhere.
pub const BAYPLAN_CORE_PREFER_NO_SCHEDULE: u32 = 1;
/// Taint effect: pods are not placed here, and leave.
pub const BAYPLAN_CORE_NO_EXECUTE: u32 = 2;

/// A taint.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Taint {
    /// The key, a string.
    pub key: u32,
    /// The value, a string.
    pub value: u32,
    /// BAYPLAN_CORE_NO_SCHEDULE and so on.
    pub effect: u32,
}

/// A label: key and value, both strings.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Pair {
    /// The key.
    pub key: u32,
    /// The value.
    pub value: u32,
}

/// An image on a node.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Sized {
    /// The image.
    pub image: u32,
    /// Filler.
    pub reserved: u32,
    /// Its size.
    pub bytes: i64,
}

pub(crate) fn effect(effect: u32) -> Result<TaintEffect, Fault> {
    match effect {
        BAYPLAN_CORE_NO_SCHEDULE => Ok(TaintEffect::NoSchedule),
        BAYPLAN_CORE_PREFER_NO_SCHEDULE => Ok(TaintEffect::PreferNoSchedule),
        BAYPLAN_CORE_NO_EXECUTE => Ok(TaintEffect::NoExecute),
        _ => Err(Fault::argument("effect")),
    }
}

/// # Safety
/// `labels` is null or points to `count` pairs.
unsafe fn pairs(labels: *const Pair, count: usize) -> Result<Listed<(StrId, StrId)>, Fault> {
    // SAFETY: as above.
    let labels = unsafe { list(labels, count, "labels") }?;
    Listed::of(labels, "labels", |pair| Ok((StrId(pair.key), StrId(pair.value))))
}

/// Adds a string: a label's value or key, a node's name, a taint's key or value. `value` is the base-10 64-bit integer that it spells, if
/// `is_int`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_string(
    block: *mut c_void,
    size: usize,
    is_int: bool,
    value: i64,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;

        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_string(is_int.then_some(value))?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a column for a label key of nodes; key 0 is the node's name. It is empty until nodes are added or relabelled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_key(
    block: *mut c_void,
    size: usize,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;

        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_key()?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a resource behind the four built-in ones.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_resource(
    block: *mut c_void,
    size: usize,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;

        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_resource()?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds an image, which no node holds yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_image(
    block: *mut c_void,
    size: usize,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;

        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_image()?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a distinct list of taints; most nodes have the empty one. O(count).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_taint_set(
    block: *mut c_void,
    size: usize,
    taints: *const Taint,
    count: usize,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        // SAFETY: the caller's promise.
        let taints: Listed<_> = Listed::of(unsafe { list(taints, count, "taints") }?, "taints", |taint| {
            Ok(bayplan_core::Taint { key: StrId(taint.key), value: StrId(taint.value), effect: effect(taint.effect)? })
        })?;
        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_taint_set(taints.all())?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a distinct list of images, those of a node; most nodes have the empty one. O(count).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_image_set(
    block: *mut c_void,
    size: usize,
    images: *const Sized,
    count: usize,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        // SAFETY: the caller's promise.
        let images = unsafe { list(images, count, "images") }?;
        let images: Listed<_> = Listed::of(images, "images", |image| Ok((ImageId(image.image), image.bytes)))?;
        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_image_set(images.all())?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a namespace with its labels. `exists`: it is an object, not just a name that others mention. O(count).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_namespace(
    block: *mut c_void,
    size: usize,
    labels: *const Pair,
    count: usize,
    exists: bool,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        // SAFETY: the caller's promise.
        let labels = unsafe { pairs(labels, count) }?;
        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_namespace(labels.all(), exists)?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Gives a namespace other labels; the list of those before stays in the arena. O(selectors x label classes).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_relabel_namespace(
    block: *mut c_void,
    size: usize,
    namespace: u32,
    labels: *const Pair,
    count: usize,
    exists: bool,
    fault: *mut Fault,
) -> Status {
    let body = || {
        // SAFETY: the caller's promise.
        let labels = unsafe { pairs(labels, count) }?;
        let mut place = None;
        // SAFETY: the caller's promise.
        unsafe { open(&mut place, block, size) }?.relabel_namespace(NamespaceId(namespace), labels.all(), exists)?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a label class: a namespace, and those labels of pods that some selector names. O(selectors).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_label_class(
    block: *mut c_void,
    size: usize,
    namespace: u32,
    labels: *const Pair,
    count: usize,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        // SAFETY: the caller's promise.
        let labels = unsafe { pairs(labels, count) }?;
        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_label_class(NamespaceId(namespace), labels.all())?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}
