//! Blocks: how large, empty, copied, larger, sealed, checked.

use core::ffi::c_void;
use core::mem::size_of;

use bayplan_core::{Scheduler, block_words, limits_of, seal, state_words, verify};

use crate::fault::{Fault, Status};
use crate::guard::{call, open, out, versioned, words, words_of};

/// The number of this interface: a program that was built for another one must be built again.
pub const BAYPLAN_CORE_ABI_VERSION: u32 = 0;
/// No row.
pub const BAYPLAN_CORE_NONE: u32 = u32::MAX;

/// How many rows each table has, fixed for the life of a block. bayplan_core_limits() writes defaults that are enough for
/// some tens of nodes; BAYPLAN_CORE_FULL names the one to raise.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Limits {
    /// sizeof(bayplan_core_limits_t)
    pub struct_size: u32,
    /// Nodes ever added: a removed node keeps its row.
    pub nodes: u32,
    /// Resources, the four built-in ones among them.
    pub resources: u32,
    /// Label keys that some rule looks at; the node's name takes the first.
    pub keys: u32,
    /// Interned strings.
    pub strings: u32,
    /// Distinct taint lists.
    pub taint_sets: u32,
    /// Distinct image lists.
    pub image_sets: u32,
    /// Images.
    pub images: u32,
    /// Profiles.
    pub profiles: u32,
    /// Spec classes.
    pub specs: u32,
    /// Label classes.
    pub label_classes: u32,
    /// Namespaces.
    pub namespaces: u32,
    /// Selectors.
    pub selectors: u32,
    /// Pod affinity terms that are carried.
    pub terms: u32,
    /// Bound pods, and for a moment those that are nominated to one node.
    pub pods: u32,
    /// Keys of things that pods use on nodes: host ports, disks, volumes, ReadWriteOncePod claims.
    pub use_keys: u32,
    /// Uses of such things: a row for each key, node and tag.
    pub uses: u32,
    /// CSI drivers with a limit of volumes per node.
    pub drivers: u32,
    /// Sets of nodes that reach a volume, or in which one can be provisioned.
    pub node_sets: u32,
    /// Lists of volumes and claims that pods use.
    pub use_lists: u32,
    /// Persistent volumes.
    pub volumes: u32,
    /// Nominated pods.
    pub nominations: u32,
    /// Disruption budgets.
    pub budgets: u32,
    /// Named slots for filters and scores of the caller's own.
    pub externals: u32,
    /// Columns that the caller has given for a slot and a spec class.
    pub external_columns: u32,
    /// Words of four bytes for lists: tolerations, requirements, taints, images.
    pub arena: u32,
    /// Spec classes whose columns stay cached.
    pub cached_specs: u32,
    /// Counters that stay cached.
    pub cached_counters: u32,
    /// Changed nodes that the journal remembers.
    pub journal: u32,
    /// Words of four bytes for pods that are tried on a node, nominated ones and victims: about 32 for each.
    pub trial: u32,
    /// Pods of lower priority on one node that preemption can weigh.
    pub victims: u32,
}

impl Limits {
    fn of(l: &bayplan_core::Limits) -> Self {
        Limits {
            struct_size: size_of::<Limits>() as u32,
            nodes: l.nodes,
            resources: l.resources,
            keys: l.keys,
            strings: l.strings,
            taint_sets: l.taint_sets,
            image_sets: l.image_sets,
            images: l.images,
            profiles: l.profiles,
            specs: l.specs,
            label_classes: l.label_classes,
            namespaces: l.namespaces,
            selectors: l.selectors,
            terms: l.terms,
            pods: l.pods,
            use_keys: l.use_keys,
            uses: l.uses,
            drivers: l.drivers,
            node_sets: l.node_sets,
            use_lists: l.use_lists,
            volumes: l.volumes,
            nominations: l.nominations,
            budgets: l.budgets,
            externals: l.externals,
            external_columns: l.external_columns,
            arena: l.arena,
            cached_specs: l.cached_specs,
            cached_counters: l.cached_counters,
            journal: l.journal,
            trial: l.trial,
            victims: l.victims,
        }
    }

    fn to_core(self) -> bayplan_core::Limits {
        bayplan_core::Limits {
            nodes: self.nodes,
            resources: self.resources,
            keys: self.keys,
            strings: self.strings,
            taint_sets: self.taint_sets,
            image_sets: self.image_sets,
            images: self.images,
            profiles: self.profiles,
            specs: self.specs,
            label_classes: self.label_classes,
            namespaces: self.namespaces,
            selectors: self.selectors,
            terms: self.terms,
            pods: self.pods,
            use_keys: self.use_keys,
            uses: self.uses,
            drivers: self.drivers,
            node_sets: self.node_sets,
            use_lists: self.use_lists,
            volumes: self.volumes,
            nominations: self.nominations,
            budgets: self.budgets,
            externals: self.externals,
            external_columns: self.external_columns,
            arena: self.arena,
            cached_specs: self.cached_specs,
            cached_counters: self.cached_counters,
            journal: self.journal,
            trial: self.trial,
            victims: self.victims,
        }
    }
}

/// # Safety
/// `limits` is null or points to as many bytes as its first word says.
unsafe fn limits(limits: *const Limits) -> Result<bayplan_core::Limits, Fault> {
    // SAFETY: as above; all of its fields are numbers.
    Ok(unsafe { versioned(limits, "limits") }?.to_core())
}

fn bytes(words: usize) -> Result<usize, Fault> {
    let bytes = words.checked_mul(size_of::<u64>()).filter(|bytes| isize::try_from(*bytes).is_ok());
    bytes.ok_or(Fault::limit("block", isize::MAX as usize))
}

/// The number of the interface that the library has.
#[unsafe(no_mangle)]
pub extern "C" fn bayplan_core_abi_version() -> u32 {
    BAYPLAN_CORE_ABI_VERSION
}

/// Writes the default limits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_limits(limits: *mut Limits) -> Status {
    let body = || {
        let to = out(limits, "limits")?;
        // SAFETY: the caller's promise.
        unsafe { to.write(Limits::of(&bayplan_core::Limits::default())) };
        Ok(())
    };
    // SAFETY: null.
    unsafe { call(core::ptr::null_mut(), body) }
}

/// How many bytes a block of these limits takes (`block`), and how many of them are state, which come first: what is
/// written to disk or sent (`state`).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_size(
    limits: *const Limits,
    block: *mut usize,
    state: *mut usize,
    fault: *mut Fault,
) -> Status {
    let body = || {
        // SAFETY: the caller's promise.
        let limits = unsafe { self::limits(limits) }?;
        let (block, state) = (out(block, "block")?, out(state, "state")?);
        let (all, some) = (bytes(block_words(&limits))?, bytes(state_words(&limits))?);
        // SAFETY: the caller's promise.
        unsafe {
            block.write(all);
            state.write(some);
        }
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Makes an empty block in memory of the caller's. O(block).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_init(
    block: *mut c_void,
    size: usize,
    limits: *const Limits,
    fault: *mut Fault,
) -> Status {
    let body = || {
        // SAFETY: the caller's promise.
        let (words, limits) = unsafe { (words(block, size)?, self::limits(limits)?) };
        Scheduler::init(words, &limits)?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Opens state that came from elsewhere, a file or another machine: checks every id and sum, and empties the caches. The
/// checksum of sealed state is looked at by bayplan_core_verify(). O(block).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_attach(block: *mut c_void, size: usize, fault: *mut Fault) -> Status {
    let body = || {
        // SAFETY: the caller's promise.
        Scheduler::attach(unsafe { words(block, size) }?)?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Copies a block into other memory, which is as large at least: a fork. O(state).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_fork(
    block: *const c_void,
    size: usize,
    to: *mut c_void,
    to_size: usize,
    fault: *mut Fault,
) -> Status {
    let body = || {
        apart((block, size), (to, to_size))?;
        // SAFETY: the caller's promise; they do not overlap.
        let (from, to) = unsafe { (words_of(block, size)?, words(to, to_size)?) };
        let limits = limits_of(from)?;
        let (state, all) = (state_words(&limits), block_words(&limits));
        if from.len() < all || to.len() < all {
            let words = from.len().min(to.len());
            return Err(bayplan_core::Error::TooSmall { words, needed: all }.into());
        }
        to[..state].copy_from_slice(&from[..state]);
        Scheduler::fork(to)?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Copies a block into other memory with larger limits. Ids stay what they were. A limit that is smaller than before is
/// BAYPLAN_CORE_LIMIT. O(block).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_grow(
    block: *mut c_void,
    size: usize,
    to: *mut c_void,
    to_size: usize,
    larger: *const Limits,
    fault: *mut Fault,
) -> Status {
    let body = || {
        apart((block, size), (to, to_size))?;
        let mut place = None;
        // SAFETY: the caller's promise; they do not overlap.
        let (from, to, limits) = unsafe { (open(&mut place, block, size)?, words(to, to_size)?, limits(larger)?) };
        from.copy_into(to, &limits)?;
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Seals the state for storage: writes the checksum, and to `state` how many bytes of the block, from its start, are to be
/// stored. O(state).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_save(
    block: *mut c_void,
    size: usize,
    state: *mut usize,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let state = out(state, "state")?;
        // SAFETY: the caller's promise.
        let sealed = size_of_val(seal(unsafe { words(block, size) }?)?);
        // SAFETY: the caller's promise.
        unsafe { state.write(sealed) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Is sealed state as it was sealed? The block is written to for a moment. O(state).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_verify(block: *mut c_void, size: usize, fault: *mut Fault) -> Status {
    // SAFETY: the caller's promise.
    let body = || Ok(verify(unsafe { words(block, size) }?)?);
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// The limits that a block was made with.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_limits_of(
    block: *const c_void,
    size: usize,
    limits: *mut Limits,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(limits, "limits")?;
        // SAFETY: the caller's promise.
        let found = Limits::of(&limits_of(unsafe { words_of(block, size) }?)?);
        // SAFETY: the caller's promise.
        unsafe { to.write(found) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// How many rows of each table are in use; of pods, the bound ones. What is no table is as bayplan_core_limits_of() has it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_used(
    block: *mut c_void,
    size: usize,
    used: *mut Limits,
    fault: *mut Fault,
) -> Status {
    let body = || {
        let to = out(used, "used")?;
        let mut place = None;
        // SAFETY: the caller's promise.
        let scheduler = unsafe { open(&mut place, block, size) }?;
        let mut used = *scheduler.limits();
        for name in bayplan_core::Limits::NAMES {
            if let (Some(limit), Some(count)) = (used.named(name), scheduler.used(name)) {
                *limit = count;
            }
        }
        // SAFETY: the caller's promise.
        unsafe { to.write(Limits::of(&used)) };
        Ok(())
    };
    // SAFETY: the caller's promise.
    unsafe { call(fault, body) }
}

/// Two pieces of memory that do not overlap.
fn apart(from: (*const c_void, usize), to: (*mut c_void, usize)) -> Result<(), Fault> {
    let end = |start: usize, size: usize| start.checked_add(size).ok_or(Fault::argument("size"));
    let (a, b) = (from.0.addr(), to.0.addr());
    if a < end(b, to.1)? && b < end(a, from.1)? { Err(Fault::argument("the blocks overlap")) } else { Ok(()) }
}
