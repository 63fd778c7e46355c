//! Rows that are read as a whole.

use bytemuck::{Pod, Zeroable};

/// A list in the arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct Range {
    /// The first word.
    pub(crate) start: u32,
    /// How many words.
    pub(crate) len: u32,
}

/// How many rules there can be.
pub(crate) const PLUGINS: usize = 16;

/// A profile: which rules run, in which order, with which weights and arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct ProfileRow {
    /// The weight of each rule's score, by rule; 0 where the rule does not score.
    pub(crate) weights: [i64; PLUGINS],
    /// The weight that a required pod affinity term of a bound pod has in scoring.
    pub(crate) hard_pod_affinity_weight: i64,
    /// The rules that filter, in order; 255 after the last.
    pub(crate) filters: [u8; PLUGINS],
    /// See [`super::SpecFlags`] for pods; these are the profile's.
    pub(crate) flags: u32,
    /// 0 least allocated, 1 most allocated, 2 requested to capacity ratio.
    pub(crate) fit_strategy: u32,
    /// (resource, weight) pairs of the fit score.
    pub(crate) fit_resources: Range,
    /// (utilization, score) pairs of the ratio's shape.
    pub(crate) shape: Range,
    /// (utilization, score) pairs of the score of storage.
    pub(crate) volume_shape: Range,
    /// The resources of the balance score.
    pub(crate) balanced: Range,
    /// Node terms that every pod of the profile must match.
    pub(crate) enforced: Range,
    /// Node terms that every pod of the profile prefers, with weights.
    pub(crate) added_preferred: Range,
}

/// What the pods of one spec class share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct SpecRow {
    /// The node features that the pods need, a bit each.
    pub(crate) features: u64,
    /// The profile.
    pub(crate) profile: u32,
    /// See [`super::SpecFlags`].
    pub(crate) flags: u32,
    /// The priority.
    pub(crate) priority: i32,
    /// How many containers and image volumes there are.
    pub(crate) image_count: u32,
    /// The caller's own mask and score column, or none.
    pub(crate) overlay: u32,
    /// Filler.
    pub(crate) unused: u32,
    /// Tolerations.
    pub(crate) tolerations: Range,
    /// `nodeSelector`, one term.
    pub(crate) selector: Range,
    /// Required node affinity.
    pub(crate) required: Range,
    /// Preferred node affinity.
    pub(crate) preferred: Range,
    /// The only nodes that can do, by name, where the affinity names them.
    pub(crate) names: Range,
    /// Host ports: (group, address) pairs.
    pub(crate) ports: Range,
    /// Images.
    pub(crate) images: Range,
    /// Spread constraints that must hold.
    pub(crate) spread_hard: Range,
    /// Spread constraints that score.
    pub(crate) spread_soft: Range,
    /// Pod affinity terms, all kinds: ids of terms.
    pub(crate) terms: Range,
    /// Disks: (key, read-only) pairs.
    pub(crate) disks: Range,
}

/// A set of pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct SelectorRow {
    /// Namespaces by id.
    pub(crate) namespaces: Range,
    /// Requirements on the labels of further namespaces.
    pub(crate) namespace_terms: Range,
    /// Requirements on the pods' labels.
    pub(crate) requirements: Range,
    /// 1: the namespace requirements are there; 2: the selector matches nothing.
    pub(crate) flags: u32,
    /// Filler.
    pub(crate) unused: u32,
}

/// A pod affinity term that pods carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct TermRow {
    /// The pods that it is about, as bound pods carry it: a namespace that is no object has no labels.
    pub(crate) selector: u32,
    /// The pods that it is about, as a pod that is to be placed has it: its namespace requirements choose among the
    /// namespaces that are objects.
    pub(crate) own_selector: u32,
    /// The topology, a label key.
    pub(crate) key: u32,
    /// 0 required affinity, 1 required anti-affinity, 2 preferred affinity, 3 preferred anti-affinity.
    pub(crate) kind: u32,
    /// The weight of a preferred one.
    pub(crate) weight: i32,
    /// Filler.
    pub(crate) unused: u32,
}

/// A volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct VolumeRow {
    /// In bytes.
    pub(crate) size: i64,
    /// The nodes that reach it.
    pub(crate) reach: u32,
    /// The nodes of its zone.
    pub(crate) zone: u32,
    /// Its storage class, a number of the caller's.
    pub(crate) class: u32,
    /// Filler.
    pub(crate) unused: u32,
}

/// A spread constraint as it lies in the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(crate) struct SpreadRow {
    /// The pods that are counted; [`crate::NONE`] for those of the pod's own default selector.
    pub(crate) selector: u32,
    /// The topology, a label key.
    pub(crate) key: u32,
    /// The greatest difference.
    pub(crate) max_skew: i32,
    /// The least number of domains.
    pub(crate) min_domains: i32,
    /// 1 the key is the host's name, 2 node affinity is honoured, 4 taints are honoured, 8 no pod counts.
    pub(crate) flags: u32,
}

impl SpreadRow {
    /// How many words a constraint takes.
    pub(crate) const WORDS: u32 = 5;
    /// The topology key is `kubernetes.io/hostname`.
    pub(crate) const HOSTNAME: u32 = 1;
    /// Nodes that the pod's node affinity leaves out do not count.
    pub(crate) const HONOR_AFFINITY: u32 = 2;
    /// Nodes whose taints the pod does not tolerate do not count.
    pub(crate) const HONOR_TAINTS: u32 = 4;
    /// The selector is empty: no pod counts, though it matches the pod itself.
    pub(crate) const COUNTS_NOTHING: u32 = 8;
}
