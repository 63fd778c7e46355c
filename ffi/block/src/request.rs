//! What is asked: a pod by its classes, and what differs between the pods of one class.

use core::ffi::c_void;
use core::mem::size_of;

use bayplan_core::{
    LabelClassId, MAX_WAITING, NodeId, NodeSetId, NominationId, Pick, Room, SelectorId, SpecId, StrId, UseListId,
};

use crate::fault::{Fault, Status};
use crate::guard::{Listed, call, list, out, versioned};
use crate::memory::BAYPLAN_CORE_NONE;
use crate::terms::ids;

/// Storage capacity in a part of the cluster.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct RoomIn {
    /// Where, a row of bayplan_core_add_node_set().
    pub nodes: u32,
    /// Filler.
    pub reserved: u32,
    /// How many bytes there are in all.
    pub bytes: i64,
}

/// A claim that waits for its pod's node (WaitForFirstConsumer).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Waiting {
    /// Volumes that would do, the smallest first.
    pub candidates: *const u32,
    /// Volumes that are reserved for the claim: the first that no other claim of the pod has taken, or none.
    pub reserved_volumes: *const u32,
    /// Storage capacity; null where the driver publishes none.
    pub rooms: *const RoomIn,
    /// How large it is to be, in bytes.
    pub bytes: i64,
    /// How many candidates.
    pub candidate_count: u32,
    /// How many reserved volumes.
    pub reserved_volume_count: u32,
    /// How many rooms.
    pub room_count: u32,
    /// The node for which a volume is being provisioned already, a string, or BAYPLAN_CORE_NONE.
    pub selected: u32,
    /// Where a volume can be provisioned, a row of bayplan_core_add_node_set(); BAYPLAN_CORE_NONE where the class provisions none.
    pub makes: u32,
    /// Its storage class, a number of the caller's.
    pub storage_class: u32,
}

/// What a pod's claims need.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Volumes {
    /// Volumes of bound claims, up to the first that is no object.
    pub bound: *const u32,
    /// Volumes whose zone counts.
    pub zoned: *const u32,
    /// Claims that wait for the pod's node, the smallest that look for a volume first; at most 32.
    pub waiting: *const Waiting,
    /// How many bound ones.
    pub bound_count: u32,
    /// How many zoned ones.
    pub zoned_count: u32,
    /// How many wait.
    pub waiting_count: u32,
    /// 1 where a bound claim's volume is no object.
    pub lost: u32,
}

/// Answers for the caller's own slots, batch by batch: at most 64 nodes each, from the row `first` on, in node order; removed nodes are among
/// them. The same question within a call has the same answer. Neither may call a function with the block,
/// and both must return: no longjmp, no exception.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct External {
    /// Handed on to both.
    pub context: *mut c_void,
    /// Writes a code for each node: other than 0 rejects it, and comes back in the verdict. They come with what the slot's column
    /// says. Null: the columns stand.
    pub filter:
        Option<unsafe extern "C" fn(context: *mut c_void, slot: u32, first: u32, codes: *mut u32, count: usize)>,
    /// Writes a score for each node, between -2^53 and 2^53. They come with what the slot's column says. Null: the columns
    /// stand.
    pub score:
        Option<unsafe extern "C" fn(context: *mut c_void, slot: u32, first: u32, scores: *mut i64, count: usize)>,
}

/// Pick: the first of the best nodes in node order.
pub const BAYPLAN_CORE_PICK_FIRST: u32 = 0;
/// Pick: one of the best by chance, the same for the same seed.
pub const BAYPLAN_CORE_PICK_SEEDED: u32 = 1;

/// A pod to decide for. Begin with bayplan_core_request().
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Request {
    /// sizeof(bayplan_core_request_t)
    pub struct_size: u32,
    /// Its spec class.
    pub spec: u32,
    /// Its label class.
    pub labels: u32,
    /// The node that spec.nodeName names, a string, or BAYPLAN_CORE_NONE.
    pub node_name: u32,
    /// The only node that its affinity admits by name, where that is all it says, a string, or BAYPLAN_CORE_NONE.
    pub pin: u32,
    /// The pods that it is spread from by default, a selector, or BAYPLAN_CORE_NONE.
    pub default_selector: u32,
    /// The volumes and claims that it uses, a row of bayplan_core_add_use_list(), or BAYPLAN_CORE_NONE.
    pub uses: u32,
    /// Its own nomination, or BAYPLAN_CORE_NONE.
    pub nomination: u32,
    /// What its claims need, or null.
    pub volumes: *const Volumes,
    /// Nodes that are out of the question for a reason of the caller's.
    pub rejects: *const u32,
    /// Answers for the caller's own slots, or null.
    pub external: *const External,
    /// The seed of BAYPLAN_CORE_PICK_SEEDED.
    pub seed: u64,
    /// How many rejected nodes.
    pub reject_count: u32,
    /// BAYPLAN_CORE_PICK_FIRST and so on.
    pub pick: u32,
}

const EMPTY: Request = Request {
    struct_size: size_of::<Request>() as u32,
    spec: 0,
    labels: 0,
    node_name: BAYPLAN_CORE_NONE,
    pin: BAYPLAN_CORE_NONE,
    default_selector: BAYPLAN_CORE_NONE,
    uses: BAYPLAN_CORE_NONE,
    nomination: BAYPLAN_CORE_NONE,
    volumes: core::ptr::null(),
    rejects: core::ptr::null(),
    external: core::ptr::null(),
    seed: 0,
    reject_count: 0,
    pick: BAYPLAN_CORE_PICK_FIRST,
};

/// Writes a request for a pod of these classes that names no node, has no volumes, and is spread from none by default. Rows of
/// nodes, strings and sets of nodes that are not there match nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bayplan_core_request(request: *mut Request, spec: u32, labels: u32) -> Status {
    let body = || {
        let to = out(request, "request")?;
        // SAFETY: the caller's promise.
        unsafe { to.write(Request { spec, labels, ..EMPTY }) };
        Ok(())
    };
    // SAFETY: null.
    unsafe { call(core::ptr::null_mut(), body) }
}

/// The caller's own rules, as the core asks them.
pub(crate) struct Rules(External);

impl bayplan_core::External for Rules {
    fn filter(
        &mut self,
        slot: bayplan_core::ExternalId,
        _: &bayplan_core::Request<'_>,
        first: NodeId,
        codes: &mut [u32],
    ) {
        if let Some(filter) = self.0.filter {
            // SAFETY: the array is as long as is said, and the caller's function keeps to it.
            unsafe { filter(self.0.context, slot.0, first.0, codes.as_mut_ptr(), codes.len()) };
        }
    }

    fn score(
        &mut self,
        slot: bayplan_core::ExternalId,
        _: &bayplan_core::Request<'_>,
        first: NodeId,
        scores: &mut [i64],
    ) {
        if let Some(score) = self.0.score {
            // SAFETY: the array is as long as is said, and the caller's function keeps to it.
            unsafe { score(self.0.context, slot.0, first.0, scores.as_mut_ptr(), scores.len()) };
        }
    }
}

/// Calls `then` with a request in the core's form, how to pick, and who answers for slots.
///
/// # Safety
/// `request` is null or points to a struct whose lists are as long as it says, and nobody writes them.
pub(crate) unsafe fn with<R>(
    request: *const Request,
    then: impl FnOnce(&bayplan_core::Request<'_>, Pick, Option<&mut Rules>) -> Result<R, Fault>,
) -> Result<R, Fault> {
    // SAFETY: as above; all fields are numbers and pointers.
    let from = unsafe { versioned(request, "request") }?;
    let pick = match from.pick {
        BAYPLAN_CORE_PICK_FIRST => Pick::First,
        BAYPLAN_CORE_PICK_SEEDED => Pick::Seeded(from.seed),
        _ => return Err(Fault::argument("pick")),
    };
    // SAFETY: as above.
    let (volumes, external, rejects) = unsafe {
        (
            list(from.volumes, usize::from(!from.volumes.is_null()), "volumes")?,
            list(from.external, usize::from(!from.external.is_null()), "external")?,
            ids(from.rejects, from.reject_count as usize, "rejects")?,
        )
    };
    let mut rules = external.first().map(|external| Rules(*external));
    let request = bayplan_core::Request {
        spec: SpecId(from.spec),
        labels: LabelClassId(from.labels),
        node_name: StrId(from.node_name),
        pin: StrId(from.pin),
        default_selector: SelectorId(from.default_selector),
        uses: UseListId(from.uses),
        nomination: NominationId(from.nomination),
        volumes: bayplan_core::Volumes::default(),
        rejects,
    };
    let Some(volumes) = volumes.first() else { return then(&request, pick, rules.as_mut()) };
    // SAFETY: as above.
    let (bound, zoned, waiting) = unsafe {
        (
            ids(volumes.bound, volumes.bound_count as usize, "bound")?,
            ids(volumes.zoned, volumes.zoned_count as usize, "zoned")?,
            list(volumes.waiting, volumes.waiting_count as usize, "waiting")?,
        )
    };
    // SAFETY: as above.
    let waiting: Listed<_, MAX_WAITING> =
        Listed::of(waiting, "waiting claims", |claim| unsafe { self::waiting(claim) })?;
    let volumes = bayplan_core::Volumes { bound, lost: volumes.lost != 0, zoned, waiting: waiting.all() };
    then(&bayplan_core::Request { volumes, ..request }, pick, rules.as_mut())
}

/// # Safety
/// The lists are as long as is said, and nobody writes them.
unsafe fn waiting<'a>(claim: &Waiting) -> Result<bayplan_core::Waiting<'a>, Fault> {
    const { assert!(size_of::<RoomIn>() == size_of::<Room>() && align_of::<RoomIn>() == align_of::<Room>()) };
    // SAFETY: as above; a room is a number and another one, in the same places.
    let (candidates, reserved, rooms) = unsafe {
        (
            ids(claim.candidates, claim.candidate_count as usize, "candidates")?,
            ids(claim.reserved_volumes, claim.reserved_volume_count as usize, "reserved_volumes")?,
            list(claim.rooms.cast::<Room>(), claim.room_count as usize, "rooms")?,
        )
    };
    Ok(bayplan_core::Waiting {
        selected: StrId(claim.selected),
        candidates,
        reserved,
        makes: (claim.makes != BAYPLAN_CORE_NONE).then_some(NodeSetId(claim.makes)),
        rooms: (!claim.rooms.is_null()).then_some(rooms),
        size: claim.bytes,
        class: claim.storage_class,
    })
}
