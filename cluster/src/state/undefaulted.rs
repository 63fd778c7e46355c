//! Warns about objects that lack what the API server or a controller would have set, where a decision rests on it (allocatable pods of a node,
//! `volumeBindingMode`, volume phase): a scheduler never sees such objects.

use std::sync::Arc;

use crate::objects::{Kind, Object};
use crate::state::Cluster;

/// Is the object not as a cluster would show it?
pub(crate) fn is_unfinished(object: &Object) -> bool {
    match object {
        Object::Node(node) => node.status.allocatable.get("pods").is_none_or(|pods| pods.value() <= 0),
        Object::StorageClass(class) => class.volume_binding_mode.is_none(),
        Object::PersistentVolume(volume) => volume.status.phase.is_empty() && volume.spec.claim_ref.is_none(),
        _ => false,
    }
}

/// What such an object lacks, and what follows.
const PROBLEMS: [(Kind, &str); 3] = [
    (Kind::Node, "has no status.allocatable.pods, so no pod fits"),
    (
        Kind::StorageClass,
        "has no volumeBindingMode, and kube-scheduler fails on claims of such a class; the API server would set Immediate",
    ),
    (Kind::PersistentVolume, "has no status.phase, so no claim gets it; in a cluster it would become Available"),
];

impl Cluster {
    /// A sentence for each kind of which some object is not as a cluster would show it.
    pub(crate) fn unfinished(&self) -> Vec<String> {
        let says = |(kind, problem): (Kind, &str)| {
            let mut found =
                self.store.objects.unfinished.range((kind, Arc::from(""))..).take_while(|(of, _)| *of == kind);
            let (_, first) = found.next()?;
            let more = found.count();
            let of = if more == 0 { String::new() } else { format!(" (and {more} more)") };
            Some(format!("{} {first}{of} {problem}", kind.name()))
        };
        PROBLEMS.into_iter().filter_map(says).collect()
    }
}
