//! Rows that are read as a whole.

use bytemuck::{Pod, Zeroable};

/// A list in the arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct Range {
    /// The first word.
    pub start: u32,
    /// How many words.
    pub len: u32,
}

/// How many rules there can be.
pub const PLUGINS: usize = 16;

/// A profile: which rules run, in which order, with which weights and arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct ProfileRow {
    /// The weight of each rule's score, by rule; 0 where the rule does not score.
    pub weights: [i64; PLUGINS],
    /// The weight that a required pod affinity term of a bound pod has in scoring.
    pub hard_pod_affinity_weight: i64,
    /// The rules that filter, in order; 255 after the last.
    pub filters: [u8; PLUGINS],
    /// See [`super::SpecFlags`] for pods; these are the profile's.
    pub flags: u32,
    /// 0 least allocated, 1 most allocated, 2 requested to capacity ratio.
    pub fit_strategy: u32,
    /// (resource, weight) pairs of the fit score.
    pub fit_resources: Range,
    /// (utilization, score) pairs of the ratio's shape.
    pub shape: Range,
    /// (utilization, score) pairs of the score of storage.
    pub volume_shape: Range,
    /// The resources of the balance score.
    pub balanced: Range,
    /// Node terms that every pod of the profile must match.
    pub enforced: Range,
    /// Node terms that every pod of the profile prefers, with weights.
    pub added_preferred: Range,
}

/// What the pods of one spec class share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct SpecRow {
    /// The node features that the pods need, a bit each.
    pub features: u64,
    /// The profile.
    pub profile: u32,
    /// See [`super::SpecFlags`].
    pub flags: u32,
    /// The priority.
    pub priority: i32,
    /// How many containers and image volumes there are.
    pub image_count: u32,
    /// The caller's own mask and score column, or none.
    pub overlay: u32,
    /// Filler.
    pub unused: u32,
    /// Tolerations.
    pub tolerations: Range,
    /// `nodeSelector`, one term.
    pub selector: Range,
    /// Required node affinity.
    pub required: Range,
    /// Preferred node affinity.
    pub preferred: Range,
    /// The only nodes that can do, by name, where the affinity names them.
    pub names: Range,
    /// Host ports: (group, address) pairs.
    pub ports: Range,
    /// Images.
    pub images: Range,
    /// Spread constraints that must hold.
    pub spread_hard: Range,
    /// Spread constraints that score.
    pub spread_soft: Range,
    /// Pod affinity terms, all kinds: ids of terms.
    pub terms: Range,
    /// Disks: (key, read-only) pairs.
    pub disks: Range,
}

/// A set of pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct SelectorRow {
    /// Namespaces by id.
    pub namespaces: Range,
    /// Requirements on the labels of further namespaces.
    pub namespace_terms: Range,
    /// Requirements on the pods' labels.
    pub requirements: Range,
    /// 1: the namespace requirements are there; 2: the selector matches nothing.
    pub flags: u32,
    /// Filler.
    pub unused: u32,
}

/// A pod affinity term that pods carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct TermRow {
    /// The pods that it is about, as bound pods carry it: a namespace that is no object has no labels.
    pub selector: u32,
    /// The pods that it is about, as a pod that is to be placed has it: its namespace requirements choose among the
    /// namespaces that are objects.
    pub own_selector: u32,
    /// The topology, a label key.
    pub key: u32,
    /// 0 required affinity, 1 required anti-affinity, 2 preferred affinity, 3 preferred anti-affinity.
    pub kind: u32,
    /// The weight of a preferred one.
    pub weight: i32,
}

/// A volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct VolumeRow {
    /// In bytes.
    pub size: i64,
    /// The nodes that reach it.
    pub reach: u32,
    /// The nodes of its zone.
    pub zone: u32,
    /// Its storage class, a number of the caller's.
    pub class: u32,
    /// Filler.
    pub unused: u32,
}

/// A spread constraint as it lies in the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct SpreadRow {
    /// The pods that are counted; [`crate::NONE`] for those of the pod's own default selector.
    pub selector: u32,
    /// The topology, a label key.
    pub key: u32,
    /// The greatest difference.
    pub max_skew: i32,
    /// The least number of domains.
    pub min_domains: i32,
    /// 1 the key is the host's name, 2 node affinity is honoured, 4 taints are honoured, 8 no pod counts.
    pub flags: u32,
}

impl SpreadRow {
    /// How many words a constraint takes.
    pub const WORDS: u32 = 5;
    /// The topology key is `kubernetes.io/hostname`.
    pub const HOSTNAME: u32 = 1;
    /// Nodes that the pod's node affinity leaves out do not count.
    pub const HONOR_AFFINITY: u32 = 2;
    /// Nodes whose taints the pod does not tolerate do not count.
    pub const HONOR_TAINTS: u32 = 4;
    /// The selector is empty: no pod counts, though it matches the pod itself.
    pub const COUNTS_NOTHING: u32 = 8;
}
