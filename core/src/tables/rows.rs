//! Rows that are read as a whole.

use bytemuck::{Pod, Zeroable};

use crate::region::Cell;

/// Declares a row, with its fields as its shape.
macro_rules! row {
    ($(#[$meta:meta])* struct $name:ident { $($(#[$doc:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
        #[repr(C)]
        pub(crate) struct $name {
            $($(#[$doc])* pub(crate) $field: $ty,)*
        }
        impl Cell for $name {
            const SHAPE: &'static str = stringify!($($field: $ty,)*);
        }
    };
}

row! {
    /// A list in the arena.
    #[derive(Default)]
    struct Range {
        /// The first word.
        start: u32,
        /// How many words.
        len: u32,
    }
}

/// How many filters a profile runs at most, and how many plugins and slots can score: a node's mask has a bit for each
/// filter.
pub(crate) const MAX_FILTERS: usize = 28;

row! {
    /// A profile: which plugins run, in which order, with which weights and arguments.
    struct ProfileRow {
        /// The weight of each plugin's score, by plugin; 0 where the plugin does not score.
        weights: [i64; 32],
        /// The weight that a required pod affinity term of a bound pod has in scoring.
        hard_pod_affinity_weight: i64,
        /// What filters, in order, see [`super::RuleRow`].
        filters: [u8; 32],
        /// See `profile_flag`.
        flags: u32,
        /// 0 least allocated, 1 most allocated, 2 requested to capacity ratio.
        fit_strategy: u32,
        /// (resource, low half, high half of the weight) of the fit score.
        fit_resources: Range,
        /// (utilization, score) pairs of the ratio's shape.
        shape: Range,
        /// (utilization, score) pairs of the score of storage.
        volume_shape: Range,
        /// The resources of the balance score.
        balanced: Range,
        /// Node terms that every pod of the profile must match.
        enforced: Range,
        /// Node terms that every pod of the profile prefers, with weights.
        added_preferred: Range,
        /// (slot, weight) pairs of the caller's own scores.
        externals: Range,
    }
}

row! {
    /// What the pods of one spec class share.
    struct SpecRow {
        /// The node features that the pods need, a bit each.
        features: u64,
        /// The profile.
        profile: u32,
        /// See [`super::SpecFlags`].
        flags: u32,
        /// The priority.
        priority: i32,
        /// How many containers and image volumes there are.
        image_count: u32,
        /// Tolerations.
        tolerations: Range,
        /// `nodeSelector`, one term.
        selector: Range,
        /// Required node affinity.
        required: Range,
        /// Preferred node affinity.
        preferred: Range,
        /// The only nodes that can do, by name, where the affinity names them.
        names: Range,
        /// Host ports: (group, address) pairs.
        ports: Range,
        /// Images.
        images: Range,
        /// Spread constraints that must hold.
        spread_hard: Range,
        /// Spread constraints that score.
        spread_soft: Range,
        /// Pod affinity terms, all kinds: ids of terms.
        terms: Range,
        /// Disks: (key, read-only) pairs.
        disks: Range,
    }
}

row! {
    /// A set of pods.
    struct SelectorRow {
        /// Namespaces by id.
        namespaces: Range,
        /// Requirements on the labels of further namespaces.
        namespace_terms: Range,
        /// Requirements on the pods' labels.
        requirements: Range,
        /// See `selector_flag`.
        flags: u32,
        /// Filler.
        unused: u32,
    }
}

row! {
    /// A pod affinity term that pods carry.
    struct TermRow {
        /// The pods that it is about, as bound pods carry it: a namespace that is no object has no labels.
        selector: u32,
        /// The pods that it is about, as a pod that is to be placed has it: its namespace requirements choose among the
        /// namespaces that are objects.
        own_selector: u32,
        /// The topology, a label key.
        key: u32,
        /// A [`super::TermKind`].
        kind: u32,
        /// The weight of a preferred one.
        weight: i32,
        /// Filler.
        unused: u32,
    }
}

row! {
    /// A slot for a rule of the caller's own.
    struct ExternalRow {
        /// Its name, a string.
        name: u32,
        /// A [`super::Normalize`].
        normalize: u32,
    }
}

row! {
    /// A volume.
    struct VolumeRow {
        /// In bytes.
        size: i64,
        /// The nodes that reach it.
        reach: u32,
        /// The nodes of its zone.
        zone: u32,
        /// Its storage class, a number of the caller's.
        class: u32,
        /// Filler.
        unused: u32,
    }
}

row! {
    /// A spread constraint as it lies in the arena.
    struct SpreadRow {
        /// The pods that are counted; [`crate::NONE`] for those of the pod's own default selector.
        selector: u32,
        /// The topology, a label key.
        key: u32,
        /// The greatest difference.
        max_skew: i32,
        /// The least number of domains.
        min_domains: i32,
        /// 1 the key is the host's name, 2 node affinity is honoured, 4 taints are honoured, 8 no pod counts.
        flags: u32,
    }
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

row! {
    /// A pod that preemption may evict, while it weighs a node. It keeps what the pod is bound with: once it is taken off, its row may be another's.
    struct VictimRow {
        /// When it started, in seconds since the epoch.
        start: i64,
        priority: i32,
        /// The row that it had before anything was tried.
        pod: u32,
        /// The row that it has now; [`crate::NONE`] while it is off the node.
        row: u32,
        spec: u32,
        labels: u32,
        uses: u32,
        /// `pod_flag`s, and `victim_flag`s.
        flags: u32,
        /// Its place in the order of arrival on the node.
        place: u32,
        /// How many of its volumes are claims of a name that is among the preemptor's `ReadWriteOncePod` claims.
        claims: u32,
        unused: u32,
    }
}

/// Bits of a victim beside those of its pod.
pub(crate) mod victim_flag {
    /// Its eviction violates a disruption budget.
    pub(crate) const VIOLATES: u32 = 1 << 8;
    /// It may stay.
    pub(crate) const REPRIEVED: u32 = 1 << 9;
}
