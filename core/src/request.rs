//! What is asked of a scheduling cycle: a pod by its classes, and what its claims need.

use crate::tables::{Count, Tables};
use crate::{Error, LabelClassId, NodeId, NodeSetId, NominationId, SelectorId, SpecId, StrId, UseListId, VolumeId};

/// A pod to decide for: its classes, and what differs between the pods of one class. Made as `Request { uses, ..Request::new(spec, labels) }`.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Its spec class.
    pub spec: SpecId,
    /// Its label class.
    pub labels: LabelClassId,
    /// The node that `spec.nodeName` names, or none.
    pub node_name: StrId,
    /// The only node that its affinity admits by name, where that is all it says (a DaemonSet's pod), or none.
    pub pin: StrId,
    /// The pods that it is spread from by default, or none.
    pub default_selector: SelectorId,
    /// The volumes and claims that it uses, or none.
    pub uses: UseListId,
    /// The pod's own nomination, or none: its nominated node is tried first, and taken where it is feasible.
    pub nomination: NominationId,
    /// What its claims need of a node.
    pub volumes: Volumes<'a>,
    /// Nodes that are out of the question for a reason of the caller's.
    pub rejects: &'a [NodeId],
}

impl Request<'_> {
    /// A pod that names no node, is spread from none by default and has no volumes.
    #[must_use]
    pub const fn new(spec: SpecId, labels: LabelClassId) -> Self {
        Self {
            spec,
            labels,
            node_name: StrId::NONE,
            pin: StrId::NONE,
            default_selector: SelectorId::NONE,
            uses: UseListId::NONE,
            nomination: NominationId::NONE,
            volumes: Volumes { bound: &[], lost: false, zoned: &[], waiting: &[] },
            rejects: &[],
        }
    }

    /// The ids are there, and no more claims wait than there is room for on the stack.
    pub(crate) fn check(&self, t: &Tables<'_>) -> Result<(), Error> {
        t.known(Count::LabelClasses, self.labels.0)?;
        t.known_or_none(Count::UseLists, self.uses.0)?;
        t.known_or_none(Count::Selectors, self.default_selector.0)?;
        t.known_or_none(Count::Nominations, self.nomination.0)?;
        let volumes = self.volumes.bound.iter().chain(self.volumes.zoned);
        let waiting = self.volumes.waiting.iter().flat_map(|claim| claim.candidates.iter().chain(claim.reserved));
        for volume in volumes.chain(waiting) {
            t.known(Count::Volumes, volume.0)?;
        }
        if self.volumes.waiting.len() > MAX_WAITING {
            return Err(Error::OutOfRange { field: "waiting claims", most: MAX_WAITING as u64 });
        }
        Ok(())
    }
}

/// The most claims of a pod that may wait for its node.
pub const MAX_WAITING: usize = 32;

/// What a pod's claims need. The lists are the caller's: they hold just what does not depend on the node.
#[derive(Clone, Copy, Debug, Default)]
pub struct Volumes<'a> {
    /// Volumes of bound claims, up to the first that is no object.
    pub bound: &'a [VolumeId],
    /// A bound claim's volume is no object.
    pub lost: bool,
    /// Volumes whose zone counts.
    pub zoned: &'a [VolumeId],
    /// Claims that wait for the pod's node: those that look for a volume first, the smallest of them first.
    pub waiting: &'a [Waiting<'a>],
}

/// Storage capacity in a part of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Room {
    /// Where.
    pub nodes: NodeSetId,
    /// How many bytes there are in all.
    pub bytes: i64,
}

/// A claim that waits for its pod's node (`volumeBindingMode: WaitForFirstConsumer`).
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// The node for which a volume is being provisioned already, or none.
    pub selected: StrId,
    /// Volumes that would do, the smallest first.
    pub candidates: &'a [VolumeId],
    /// Volumes that are reserved for the claim: the first that no other claim of the pod has taken, or none; candidates come
    /// after them.
    pub reserved: &'a [VolumeId],
    /// Where a volume can be provisioned; `None` where the class provisions none.
    pub makes: Option<NodeSetId>,
    /// Storage capacity. `None` where the driver publishes none.
    pub rooms: Option<&'a [Room]>,
    /// How large it is to be, in bytes.
    pub size: i64,
    /// Its storage class, a number of the caller's.
    pub class: u32,
}
