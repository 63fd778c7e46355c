//! What a manifest leaves to the API server and its controllers, where a decision rests on it: the scheduler never sees such
//! objects, and would take them at their word.

use crate::cluster::Cluster;
use crate::objects::{Kind, Object};

impl Cluster {
    /// A sentence for each kind of which some object is not as a cluster would show it.
    pub(crate) fn unfinished(&self) -> Vec<String> {
        let says = |kind: Kind, is_unfinished: fn(&Object) -> bool, problem: &str| {
            let mut found = self.store.of_kind(kind).filter(|object| is_unfinished(object));
            let first = found.next()?;
            let more = found.count();
            let of = if more == 0 { String::new() } else { format!(" (and {more} more)") };
            Some(format!("{} {}{of} {problem}", kind.name(), first.name()))
        };
        let without_allocatable = |object: &Object| match object {
            Object::Node(node) => node.status.allocatable.is_empty() && !node.status.capacity.is_empty(),
            _ => false,
        };
        let without_mode = |object: &Object| match object {
            Object::StorageClass(class) => class.volume_binding_mode.is_none(),
            _ => false,
        };
        let without_phase = |object: &Object| match object {
            Object::PersistentVolume(volume) => volume.status.phase.is_empty() && volume.spec.claim_ref.is_none(),
            _ => false,
        };
        let all = [
            says(
                Kind::Node,
                without_allocatable,
                "has no status.allocatable, so no pod fits; the API server would copy status.capacity there",
            ),
            says(
                Kind::StorageClass,
                without_mode,
                "has no volumeBindingMode, and kube-scheduler fails on claims of such a class; the API server would set Immediate",
            ),
            says(
                Kind::PersistentVolume,
                without_phase,
                "has no status.phase, so no claim gets it; in a cluster it would become Available",
            ),
        ];
        all.into_iter().flatten().collect()
    }
}
