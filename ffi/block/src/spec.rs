//! Spec classes: what sibling pods share of their spec.

use core::ffi::c_void;

use bayplan_core::{KeyId, Port, ProfileId, SelectorId, StrId, TolerationOp, UseKeyId};

use crate::fault::{Fault, Status};
use crate::guard::{Listed, call, list, open, out, versioned};
use crate::memory::BAYPLAN_CORE_NONE;
use crate::rows::{Pair, effect};
use crate::terms::{NodeTerms, Terms, ids, terms};

/// Operator of a toleration: any value.
pub const BAYPLAN_CORE_TOLERATE_ANY: u32 = 0;
/// Operator of a toleration: just this value.
pub const BAYPLAN_CORE_TOLERATE_EQUAL: u32 = 1;
/// Operator of a toleration: a taint whose integer is below.
pub const BAYPLAN_CORE_TOLERATE_LT: u32 = 2;
/// Operator of a toleration: a taint whose integer is above.
pub const BAYPLAN_CORE_TOLERATE_GT: u32 = 3;

/// A toleration.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Toleration {
    /// The key, a string; BAYPLAN_CORE_NONE for all.
    pub key: u32,
    /// BAYPLAN_CORE_TOLERATE_EQUAL and so on.
    pub op: u32,
    /// The value, a string.
    pub value: u32,
    /// BAYPLAN_CORE_NO_SCHEDULE and so on; BAYPLAN_CORE_NONE for all.
    pub effect: u32,
}

/// Flag of a constraint: the topology is kubernetes.io/hostname.
pub const BAYPLAN_CORE_SPREAD_HOSTNAME: u32 = 1;
/// Flag of a constraint: nodes that the pod's node affinity leaves out do not count.
pub const BAYPLAN_CORE_SPREAD_HONOR_AFFINITY: u32 = 2;
/// Flag of a constraint: nodes whose taints the pod does not tolerate do not count.
pub const BAYPLAN_CORE_SPREAD_HONOR_TAINTS: u32 = 4;
/// Flag of a constraint: the selector is empty: no pod counts, though it matches the pod itself.
pub const BAYPLAN_CORE_SPREAD_COUNTS_NOTHING: u32 = 8;

/// A topology spread constraint.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Spread {
    /// The pods that are counted; BAYPLAN_CORE_NONE for those of request.default_selector.
    pub selector: u32,
    /// The topology, a row of bayplan_core_add_key().
    pub key: u32,
    /// The greatest difference.
    pub max_skew: i32,
    /// The least number of domains.
    pub min_domains: i32,
    /// BAYPLAN_CORE_SPREAD_HOSTNAME and so on.
    pub flags: u32,
}

/// Flag of a spec class: the spread constraints are the pod's own, not the profile's defaults.
pub const BAYPLAN_CORE_OWN_SPREAD: u32 = 1;
/// Flag of a spec class: affinity names the only nodes that can do: those of `names`.
pub const BAYPLAN_CORE_HAS_NAMES: u32 = 2;

/// A spec class. Begin with zeroes and struct_size; lists by resource are 0 where they are shorter.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SpecDef {
    /// sizeof(bayplan_core_spec_t)
    pub struct_size: u32,
    /// The profile.
    pub profile: u32,
    /// The priority.
    pub priority: i32,
    /// BAYPLAN_CORE_OWN_SPREAD and so on.
    pub flags: u32,
    /// What the filter of NodeResourcesFit asks for, by resource; ignored resources are 0, and so is the number of pods: each is one.
    pub fit: *const i64,
    /// What a bound pod holds, by resource.
    pub bound: *const i64,
    /// What the score of NodeResourcesFit counts of the pod, by resource: at least 100m CPU and 200 MB a container.
    pub score: *const i64,
    /// What the score of NodeResourcesBalancedAllocation counts of the pod, by resource.
    pub balanced: *const i64,
    /// Tolerations.
    pub tolerations: *const Toleration,
    /// nodeSelector, as one term, or null.
    pub node_selector: *const NodeTerms,
    /// Required node affinity, or null.
    pub required: *const NodeTerms,
    /// Preferred node affinity, or null.
    pub preferred: *const NodeTerms,
    /// The names of the only nodes that can do, see BAYPLAN_CORE_HAS_NAMES.
    pub names: *const u32,
    /// Host ports: the key is protocol and number, a row of bayplan_core_add_use_key(); the value the address, a number of the
    /// caller's, 0 for all.
    pub ports: *const Pair,
    /// Images: one entry a container, from Kubernetes 1.36 on also one an image volume.
    pub images: *const u32,
    /// Spread constraints that must hold.
    pub spread_hard: *const Spread,
    /// Spread constraints that score.
    pub spread_soft: *const Spread,
    /// Pod affinity terms of all kinds.
    pub terms: *const u32,
    /// Disks in the spec itself: the key is a row of bayplan_core_add_use_key(), the value 1 where it is only read.
    pub disks: *const Pair,
    /// What a bound pod holds of milli-CPU as scores count it.
    pub bound_non_zero_cpu: i64,
    /// What a bound pod holds of bytes of memory as scores count it.
    pub bound_non_zero_memory: i64,
    /// Features that the node must declare, a bit each.
    pub features: u64,
    /// How many amounts.
    pub fit_count: u32,
    /// How many amounts.
    pub bound_count: u32,
    /// How many amounts.
    pub score_count: u32,
    /// How many amounts.
    pub balanced_count: u32,
    /// How many tolerations.
    pub toleration_count: u32,
    /// How many names.
    pub name_count: u32,
    /// How many ports.
    pub port_count: u32,
    /// How many entries of images.
    pub image_entry_count: u32,
    /// How many containers there are; from Kubernetes 1.37 on, containers and image volumes. An image that no node holds counts too.
    pub image_count: u32,
    /// How many constraints.
    pub spread_hard_count: u32,
    /// How many constraints.
    pub spread_soft_count: u32,
    /// How many terms.
    pub term_count: u32,
    /// How many disks.
    pub disk_count: u32,
    /// Filler.
    pub reserved: u32,
}

fn toleration(of: &Toleration) -> Result<bayplan_core::Toleration, Fault> {
    let op = match of.op {
        BAYPLAN_CORE_TOLERATE_ANY => TolerationOp::Exists,
        BAYPLAN_CORE_TOLERATE_EQUAL => TolerationOp::Equal,
        BAYPLAN_CORE_TOLERATE_LT => TolerationOp::Lt,
        BAYPLAN_CORE_TOLERATE_GT => TolerationOp::Gt,
        _ => return Err(Fault::argument("op")),
    };
    let effect = if of.effect == BAYPLAN_CORE_NONE { None } else { Some(effect(of.effect)?) };
    Ok(bayplan_core::Toleration { key: StrId(of.key), op, value: StrId(of.value), effect })
}

fn spread(of: &Spread) -> Result<bayplan_core::SpreadDef, Fault> {
    let has = |flag: u32| of.flags & flag != 0;
    if of.flags > 15 {
        return Err(Fault::argument("flags"));
    }
    Ok(bayplan_core::SpreadDef {
        selector: (of.selector != BAYPLAN_CORE_NONE).then_some(SelectorId(of.selector)),
        key: KeyId(of.key),
        hostname: has(BAYPLAN_CORE_SPREAD_HOSTNAME),
        max_skew: of.max_skew,
        min_domains: of.min_domains,
        honor_affinity: has(BAYPLAN_CORE_SPREAD_HONOR_AFFINITY),
        honor_taints: has(BAYPLAN_CORE_SPREAD_HONOR_TAINTS),
        counts_nothing: has(BAYPLAN_CORE_SPREAD_COUNTS_NOTHING),
    })
}

/// Adds a spec class. O(its lists).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_spec(
    block: *mut c_void,
    size: usize,
    spec: *const SpecDef,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        // SAFETY: the caller's promise; all fields are numbers and pointers.
        let def = unsafe { versioned(spec, "spec") }?;
        if def.flags & !(BAYPLAN_CORE_OWN_SPREAD | BAYPLAN_CORE_HAS_NAMES) != 0 {
            return Err(Fault::argument("flags"));
        }
        // Forgotten: every pod has a container.
        if def.image_count == 0 && def.image_entry_count > 0 {
            return Err(Fault::argument("image_count"));
        }
        // SAFETY: the caller's promise.
        let (fit, bound, score, balanced) = unsafe {
            (
                list(def.fit, def.fit_count as usize, "fit")?,
                list(def.bound, def.bound_count as usize, "bound")?,
                list(def.score, def.score_count as usize, "score")?,
                list(def.balanced, def.balanced_count as usize, "balanced")?,
            )
        };
        // SAFETY: the caller's promise.
        let (names, images, affinity) = unsafe {
            (
                ids(def.names, def.name_count as usize, "names")?,
                ids(def.images, def.image_entry_count as usize, "images")?,
                ids(def.terms, def.term_count as usize, "terms")?,
            )
        };
        // SAFETY: the caller's promise.
        let (tolerations, ports, disks, hard, soft) = unsafe {
            (
                list(def.tolerations, def.toleration_count as usize, "tolerations")?,
                list(def.ports, def.port_count as usize, "ports")?,
                list(def.disks, def.disk_count as usize, "disks")?,
                list(def.spread_hard, def.spread_hard_count as usize, "spread_hard")?,
                list(def.spread_soft, def.spread_soft_count as usize, "spread_soft")?,
            )
        };
        // SAFETY: the caller's promise.
        let (node_selector, required, preferred) =
            unsafe { (terms(def.node_selector)?, terms(def.required)?, terms(def.preferred)?) };
        let tolerations: Listed<_, 128> = Listed::of(tolerations, "tolerations", toleration)?;
        let ports: Listed<_, 256> =
            Listed::of(ports, "ports", |pair| Ok(Port { group: UseKeyId(pair.key), address: pair.value }))?;
        let disks: Listed<_, 128> = Listed::of(disks, "disks", |pair| Ok((UseKeyId(pair.key), pair.value != 0)))?;
        let hard: Listed<_, 64> = Listed::of(hard, "spread_hard", spread)?;
        let soft: Listed<_, 64> = Listed::of(soft, "spread_soft", spread)?;
        let def = bayplan_core::SpecDef {
            profile: ProfileId(def.profile),
            priority: def.priority,
            fit,
            bound,
            bound_non_zero: [def.bound_non_zero_cpu, def.bound_non_zero_memory],
            score,
            balanced,
            tolerations: tolerations.all(),
            node_selector: node_selector.as_ref().map(Terms::def),
            required: required.as_ref().map(Terms::def),
            preferred: preferred.as_ref().map(Terms::def),
            names: (def.flags & BAYPLAN_CORE_HAS_NAMES != 0).then_some(names),
            ports: ports.all(),
            images,
            image_count: def.image_count,
            features: def.features,
            spread_hard: hard.all(),
            spread_soft: soft.all(),
            own_spread: def.flags & BAYPLAN_CORE_OWN_SPREAD != 0,
            terms: affinity,
            disks: disks.all(),
        };
        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_spec(&def)?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}
