//! Selectors of pods, pod affinity terms, disruption budgets.

use core::ffi::c_void;

use bayplan_core::{BudgetId, KeyId, SelectorId, TermKind};

use crate::fault::{Fault, Status};
use crate::guard::{call, open, out, versioned};
use crate::terms::{Requirement, ids, requirements};

/// Kind of a term: required pod affinity.
pub const BAYPLAN_CORE_AFFINITY: u32 = 0;
/// Kind of a term: required pod anti-affinity.
pub const BAYPLAN_CORE_ANTI_AFFINITY: u32 = 1;
/// Kind of a term: preferred pod affinity.
pub const BAYPLAN_CORE_PREFERRED_AFFINITY: u32 = 2;
/// Kind of a term: preferred pod anti-affinity.
pub const BAYPLAN_CORE_PREFERRED_ANTI_AFFINITY: u32 = 3;

/// Flag of a selector: namespace_requirements choose further namespaces; without any they take every namespace.
pub const BAYPLAN_CORE_SELECT_NAMESPACES: u32 = 1;
/// Flag of a selector: pods are chosen by requirements; without this flag no pod is chosen.
pub const BAYPLAN_CORE_SELECT_PODS: u32 = 2;
/// Flag of a selector: namespace_requirements choose among namespaces that are objects, unless they are empty.
pub const BAYPLAN_CORE_EXISTING_NAMESPACES: u32 = 4;

/// A set of pods. Begin with zeroes and struct_size.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SelectorDef {
    /// sizeof(bayplan_core_selector_t)
    pub struct_size: u32,
    /// BAYPLAN_CORE_SELECT_PODS and so on.
    pub flags: u32,
    /// Namespaces.
    pub namespaces: *const u32,
    /// Requirements on the labels of further namespaces.
    pub namespace_requirements: *const Requirement,
    /// Requirements on the labels of pods.
    pub requirements: *const Requirement,
    /// The strings that all requirements point into.
    pub values: *const u32,
    /// How many namespaces.
    pub namespace_count: u32,
    /// How many requirements on namespaces.
    pub namespace_requirement_count: u32,
    /// How many requirements on pods.
    pub requirement_count: u32,
    /// How many values.
    pub value_count: u32,
}

/// Adds a selector and evaluates it. O(label classes).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_selector(
    block: *mut c_void,
    size: usize,
    selector: *const SelectorDef,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        // SAFETY: the caller's promise; all fields are numbers and pointers.
        let def = unsafe { versioned(selector, "selector") }?;
        if def.flags & !(BAYPLAN_CORE_SELECT_NAMESPACES | BAYPLAN_CORE_SELECT_PODS | BAYPLAN_CORE_EXISTING_NAMESPACES)
            != 0
        {
            return Err(Fault::argument("flags"));
        }
        // SAFETY: the caller's promise.
        let (namespaces, values) = unsafe {
            (
                ids(def.namespaces, def.namespace_count as usize, "namespaces")?,
                ids(def.values, def.value_count as usize, "values")?,
            )
        };
        // SAFETY: the caller's promise.
        let (of_namespaces, of_pods) = unsafe {
            (
                requirements(def.namespace_requirements, def.namespace_requirement_count, values)?,
                requirements(def.requirements, def.requirement_count, values)?,
            )
        };
        let has = |flag: u32| def.flags & flag != 0;
        let def = bayplan_core::SelectorDef {
            namespaces,
            namespace_requirements: has(BAYPLAN_CORE_SELECT_NAMESPACES).then_some(of_namespaces.all.all()),
            requirements: has(BAYPLAN_CORE_SELECT_PODS).then_some(of_pods.all.all()),
            existing_namespaces: has(BAYPLAN_CORE_EXISTING_NAMESPACES),
            values,
        };
        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_selector(&def)?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a pod affinity term over a topology, a row of bayplan_core_add_key(). `selector` is the set of pods that it is about when a
/// bound pod carries it, `own_selector` when the pod that is to be placed does: they differ in namespaces that are no
/// objects. `weight` is that of a preferred term.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_term(
    block: *mut c_void,
    size: usize,
    selector: u32,
    own_selector: u32,
    key: u32,
    kind: u32,
    weight: i32,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        let kind = match kind {
            BAYPLAN_CORE_AFFINITY => TermKind::Affinity,
            BAYPLAN_CORE_ANTI_AFFINITY => TermKind::AntiAffinity,
            BAYPLAN_CORE_PREFERRED_AFFINITY => TermKind::PreferredAffinity,
            BAYPLAN_CORE_PREFERRED_ANTI_AFFINITY => TermKind::PreferredAntiAffinity,
            _ => return Err(Fault::argument("kind")),
        };
        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?
            .add_term(SelectorId(selector), SelectorId(own_selector), KeyId(key), kind, weight)?
            .0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a disruption budget: the pods that it is about, and how many of them may go now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_budget(
    block: *mut c_void,
    size: usize,
    selector: u32,
    allowed: i32,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;

        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_budget(SelectorId(selector), allowed)?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Sets how many pods of a budget may go now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_set_budget(
    block: *mut c_void,
    size: usize,
    budget: u32,
    allowed: i32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let mut place = None;
        // SAFETY: the caller's promise.
        unsafe { open(&mut place, block, size) }?.set_budget(BudgetId(budget), allowed)?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Takes a budget away; its row is used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_remove_budget(
    block: *mut c_void,
    size: usize,
    budget: u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let mut place = None;
        // SAFETY: the caller's promise.
        unsafe { open(&mut place, block, size) }?.remove_budget(BudgetId(budget))?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}
