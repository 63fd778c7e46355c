//! Profiles of the scheduler's configuration, and slots for rules of the caller's own.

use core::ffi::c_void;

use bayplan_core::{ExternalId, FitStrategy, Normalize, Plugin, ResourceId, Rule, ShapePoint, SpecId, StrId};

use crate::fault::{Fault, Status};
use crate::guard::{Listed, call, list, open, out, versioned};
use crate::terms::{NodeTerms, ids, terms};

// Rules: plugins of kube-scheduler by their place in its default order, then slots of the caller's.

/// Rule: NodeUnschedulable.
pub const BAYPLAN_CORE_NODE_UNSCHEDULABLE: u32 = 0;
/// Rule: NodeName.
pub const BAYPLAN_CORE_NODE_NAME: u32 = 1;
/// Rule: TaintToleration.
pub const BAYPLAN_CORE_TAINT_TOLERATION: u32 = 2;
/// Rule: NodeAffinity.
pub const BAYPLAN_CORE_NODE_AFFINITY: u32 = 3;
/// Rule: NodePorts.
pub const BAYPLAN_CORE_NODE_PORTS: u32 = 4;
/// Rule: NodeResourcesFit.
pub const BAYPLAN_CORE_NODE_RESOURCES_FIT: u32 = 5;
/// Rule: VolumeRestrictions.
pub const BAYPLAN_CORE_VOLUME_RESTRICTIONS: u32 = 6;
/// Rule: NodeVolumeLimits.
pub const BAYPLAN_CORE_NODE_VOLUME_LIMITS: u32 = 7;
/// Rule: VolumeBinding.
pub const BAYPLAN_CORE_VOLUME_BINDING: u32 = 8;
/// Rule: VolumeZone.
pub const BAYPLAN_CORE_VOLUME_ZONE: u32 = 9;
/// Rule: PodTopologySpread.
pub const BAYPLAN_CORE_POD_TOPOLOGY_SPREAD: u32 = 10;
/// Rule: InterPodAffinity.
pub const BAYPLAN_CORE_INTER_POD_AFFINITY: u32 = 11;
/// Rule: DynamicResources; it is not evaluated.
pub const BAYPLAN_CORE_DYNAMIC_RESOURCES: u32 = 12;
/// Rule: NodeDeclaredFeatures.
pub const BAYPLAN_CORE_NODE_DECLARED_FEATURES: u32 = 13;
/// Rule: NodeResourcesBalancedAllocation.
pub const BAYPLAN_CORE_NODE_RESOURCES_BALANCED_ALLOCATION: u32 = 14;
/// Rule: ImageLocality.
pub const BAYPLAN_CORE_IMAGE_LOCALITY: u32 = 15;
/// Who rejects a node: the affinity names other nodes.
pub const BAYPLAN_CORE_NOT_NAMED: u32 = 254;
/// Who rejects a node: the caller, by request.rejects.
pub const BAYPLAN_CORE_CALLER: u32 = 255;
/// Rule: the slot 0 of the caller's own; slot n is this plus n.
pub const BAYPLAN_CORE_SLOT: u32 = 256;

/// Normalising of a slot's scores: they count as they are.
pub const BAYPLAN_CORE_NORMALIZE_NONE: u32 = 0;
/// Normalising of a slot's scores: the highest of the feasible nodes becomes 100, 0 stays 0.
pub const BAYPLAN_CORE_NORMALIZE_HIGHEST: u32 = 1;
/// Normalising of a slot's scores: the highest becomes 0 and 0 becomes 100.
pub const BAYPLAN_CORE_NORMALIZE_REVERSE: u32 = 2;

/// Strategy of NodeResourcesFit: the emptier the better.
pub const BAYPLAN_CORE_LEAST_ALLOCATED: u32 = 0;
/// Strategy of NodeResourcesFit: the fuller the better.
pub const BAYPLAN_CORE_MOST_ALLOCATED: u32 = 1;
/// Strategy of NodeResourcesFit: by a function of utilization.
pub const BAYPLAN_CORE_REQUESTED_TO_CAPACITY_RATIO: u32 = 2;

/// Flag of a profile: balance is scored by what the pod improves (from 1.36 on), not by what it leaves.
pub const BAYPLAN_CORE_BALANCED_BY_DIFFERENCE: u32 = 1;
/// Flag of a profile: the score of NodeAffinity runs for every pod.
pub const BAYPLAN_CORE_PREFERS_NODES: u32 = 2;
/// Flag of a profile: preferred terms of bound pods count only for pods that have such terms themselves.
pub const BAYPLAN_CORE_IGNORE_PREFERRED_TERMS: u32 = 4;
/// Flag of a profile: the default spread constraints are the system's own.
pub const BAYPLAN_CORE_SYSTEM_SPREAD: u32 = 8;

/// A rule or a resource, with its weight.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct WeightedId {
    /// Which.
    pub id: u32,
    /// Filler.
    pub reserved: u32,
    /// 0 to 2^31 - 1.
    pub weight: i64,
}

/// A profile. Begin with zeroes and struct_size. Lists of points are pairs of utilization (in percent, ascending) and score (0 to
/// 100).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ProfileDef {
    /// sizeof(bayplan_core_profile_t)
    pub struct_size: u32,
    /// BAYPLAN_CORE_BALANCED_BY_DIFFERENCE and so on.
    pub flags: u32,
    /// What filters, in order: rules; at most 28.
    pub filters: *const u32,
    /// What scores: rules with weights.
    pub scores: *const WeightedId,
    /// The resources of NodeResourcesFit, with weights; null: CPU and memory, 1 each.
    pub fit_resources: *const WeightedId,
    /// The utilization function of NodeResourcesFit.
    pub shape: *const i32,
    /// The utilization function of storage.
    pub volume_shape: *const i32,
    /// The resources whose balance is scored; null: CPU and memory.
    pub balanced: *const u32,
    /// Terms that every pod must match, or null.
    pub enforced: *const NodeTerms,
    /// Terms that every pod prefers, with weights, or null.
    pub added_preferred: *const NodeTerms,
    /// The weight in scoring of required affinity terms of bound pods; kube-scheduler's default is 1.
    pub hard_pod_affinity_weight: i64,
    /// BAYPLAN_CORE_LEAST_ALLOCATED and so on.
    pub strategy: u32,
    /// How many filters.
    pub filter_count: u32,
    /// How many scores.
    pub score_count: u32,
    /// How many resources.
    pub fit_resource_count: u32,
    /// How many points.
    pub shape_count: u32,
    /// How many points.
    pub volume_shape_count: u32,
    /// How many resources.
    pub balanced_count: u32,
    /// Filler.
    pub reserved: u32,
}

// The numbers are the core's.
const _: () = {
    assert!(BAYPLAN_CORE_NODE_UNSCHEDULABLE == Plugin::NodeUnschedulable as u32);
    assert!(BAYPLAN_CORE_NODE_NAME == Plugin::NodeName as u32);
    assert!(BAYPLAN_CORE_TAINT_TOLERATION == Plugin::TaintToleration as u32);
    assert!(BAYPLAN_CORE_NODE_AFFINITY == Plugin::NodeAffinity as u32);
    assert!(BAYPLAN_CORE_NODE_PORTS == Plugin::NodePorts as u32);
    assert!(BAYPLAN_CORE_NODE_RESOURCES_FIT == Plugin::NodeResourcesFit as u32);
    assert!(BAYPLAN_CORE_VOLUME_RESTRICTIONS == Plugin::VolumeRestrictions as u32);
    assert!(BAYPLAN_CORE_NODE_VOLUME_LIMITS == Plugin::NodeVolumeLimits as u32);
    assert!(BAYPLAN_CORE_VOLUME_BINDING == Plugin::VolumeBinding as u32);
    assert!(BAYPLAN_CORE_VOLUME_ZONE == Plugin::VolumeZone as u32);
    assert!(BAYPLAN_CORE_POD_TOPOLOGY_SPREAD == Plugin::PodTopologySpread as u32);
    assert!(BAYPLAN_CORE_INTER_POD_AFFINITY == Plugin::InterPodAffinity as u32);
    assert!(BAYPLAN_CORE_DYNAMIC_RESOURCES == Plugin::DynamicResources as u32);
    assert!(BAYPLAN_CORE_NODE_DECLARED_FEATURES == Plugin::NodeDeclaredFeatures as u32);
    assert!(BAYPLAN_CORE_NODE_RESOURCES_BALANCED_ALLOCATION == Plugin::NodeResourcesBalancedAllocation as u32);
    assert!(BAYPLAN_CORE_IMAGE_LOCALITY == Plugin::ImageLocality as u32);
    assert!(Plugin::ALL.len() == 16);
};

fn rule(number: u32) -> Result<Rule, Fault> {
    if number >= BAYPLAN_CORE_SLOT {
        return Ok(Rule::External(ExternalId(number - BAYPLAN_CORE_SLOT)));
    }
    let plugin = Plugin::ALL.get(number as usize).copied();
    plugin.map(Rule::Plugin).ok_or(Fault::argument("rule"))
}

pub(crate) fn number_of(rule: Rule) -> u32 {
    match rule {
        Rule::Plugin(plugin) => plugin as u32,
        Rule::External(slot) => BAYPLAN_CORE_SLOT.saturating_add(slot.0),
        _ => u32::MAX,
    }
}

fn point(pair: &[i32; 2]) -> Result<ShapePoint, Fault> {
    Ok(ShapePoint { utilization: pair[0], score: pair[1] })
}

/// Adds the default profile of Kubernetes 1.`minor` (34 to 37): what a scheduler without a configuration runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_default_profile(
    block: *mut c_void,
    size: usize,
    minor: u32,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;

        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_default_profile(minor)?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a profile. BAYPLAN_CORE_CONFLICT where the points of a function do not ascend.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_profile(
    block: *mut c_void,
    size: usize,
    profile: *const ProfileDef,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        // SAFETY: the caller's promise; all fields are numbers and pointers.
        let def = unsafe { versioned(profile, "profile") }?;
        let known = BAYPLAN_CORE_BALANCED_BY_DIFFERENCE
            | BAYPLAN_CORE_PREFERS_NODES
            | BAYPLAN_CORE_IGNORE_PREFERRED_TERMS
            | BAYPLAN_CORE_SYSTEM_SPREAD;
        if def.flags & !known != 0 {
            return Err(Fault::argument("flags"));
        }
        let strategy = match def.strategy {
            BAYPLAN_CORE_LEAST_ALLOCATED => FitStrategy::LeastAllocated,
            BAYPLAN_CORE_MOST_ALLOCATED => FitStrategy::MostAllocated,
            BAYPLAN_CORE_REQUESTED_TO_CAPACITY_RATIO => FitStrategy::RequestedToCapacityRatio,
            _ => return Err(Fault::argument("strategy")),
        };
        // SAFETY: the caller's promise.
        let (filters, scores, resources, shape, volume_shape, balanced) = unsafe {
            (
                list(def.filters, def.filter_count as usize, "filters")?,
                list(def.scores, def.score_count as usize, "scores")?,
                list(def.fit_resources, def.fit_resource_count as usize, "fit_resources")?,
                list(def.shape.cast::<[i32; 2]>(), def.shape_count as usize, "shape")?,
                list(def.volume_shape.cast::<[i32; 2]>(), def.volume_shape_count as usize, "volume_shape")?,
                ids(def.balanced, def.balanced_count as usize, "balanced")?,
            )
        };
        // SAFETY: the caller's promise.
        let (enforced, preferred) = unsafe { (terms(def.enforced)?, terms(def.added_preferred)?) };
        let filters: Listed<_, 64> = Listed::of(filters, "filters", |number| rule(*number))?;
        let scores: Listed<_, 64> = Listed::of(scores, "scores", |of| Ok((rule(of.id)?, of.weight)))?;
        let resources: Listed<_, 64> = Listed::of(resources, "fit_resources", |of| Ok((ResourceId(of.id), of.weight)))?;
        let shape: Listed<_, 64> = Listed::of(shape, "shape", point)?;
        let volume_shape: Listed<_, 64> = Listed::of(volume_shape, "volume_shape", point)?;
        let default = bayplan_core::ProfileDef::default();
        let def = bayplan_core::ProfileDef {
            filters: filters.all(),
            scores: scores.all(),
            strategy,
            fit_resources: if def.fit_resources.is_null() { default.fit_resources } else { resources.all() },
            shape: shape.all(),
            volume_shape: volume_shape.all(),
            balanced: if def.balanced.is_null() { default.balanced } else { balanced },
            balanced_by_difference: def.flags & BAYPLAN_CORE_BALANCED_BY_DIFFERENCE != 0,
            enforced: enforced.as_ref().map(|terms| terms.def()),
            added_preferred: preferred.as_ref().map_or(bayplan_core::NodeTerms::default(), |terms| terms.def()),
            prefers_nodes: def.flags & BAYPLAN_CORE_PREFERS_NODES != 0,
            hard_pod_affinity_weight: def.hard_pod_affinity_weight,
            ignore_preferred_terms_of_existing_pods: def.flags & BAYPLAN_CORE_IGNORE_PREFERRED_TERMS != 0,
            system_spread: def.flags & BAYPLAN_CORE_SYSTEM_SPREAD != 0,
        };
        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_profile(&def)?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Adds a slot for a rule of the caller's own, named by a string. It decides nothing until a profile lists it as BAYPLAN_CORE_SLOT +
/// id, and it has a column or a request answers for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_add_slot(
    block: *mut c_void,
    size: usize,
    name: u32,
    normalize: u32,
    id: *mut u32,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(id, "id")?;
        let normalize = match normalize {
            BAYPLAN_CORE_NORMALIZE_NONE => Normalize::None,
            BAYPLAN_CORE_NORMALIZE_HIGHEST => Normalize::Highest,
            BAYPLAN_CORE_NORMALIZE_REVERSE => Normalize::Reverse,
            _ => return Err(Fault::argument("normalize")),
        };
        let mut place = None;
        // SAFETY: the caller's promise.
        let id = unsafe { open(&mut place, block, size) }?.add_external(StrId(name), normalize)?.0;
        // SAFETY: the caller's promise.
        unsafe { to.write(id) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Gives a slot its columns for the pods of a spec class, by node row; missing rows are 0. A code other than 0 rejects the node (its highest bit says that evicting pods
/// cannot help), and
/// comes back in the verdict. O(limits.nodes).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_set_slot(
    block: *mut c_void,
    size: usize,
    slot: u32,
    spec: u32,
    codes: *const u32,
    code_count: usize,
    scores: *const i64,
    score_count: usize,
    fault: *mut Fault,
) -> Status {
    let body = || {
        // SAFETY: the caller's promise.
        let (codes, scores) = unsafe { (list(codes, code_count, "codes")?, list(scores, score_count, "scores")?) };
        let mut place = None;
        // SAFETY: the caller's promise.
        unsafe { open(&mut place, block, size) }?.set_external(ExternalId(slot), SpecId(spec), codes, scores)?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}
