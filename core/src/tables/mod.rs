//! The tables: a column per attribute, a row per node, pod or class, all in one block.

mod budget;
mod external;
mod label;
mod node;
mod nomination;
mod pod;
mod profile;
mod requirements;
mod rows;
mod selector;
mod spec;
mod strings;
mod term;
pub(crate) mod undo;
mod usage;
mod volume;

pub(crate) use crate::limits::Count;
pub(crate) use external::MOST_SCORE;
pub use external::Normalize;
pub(crate) use node::node_flag;
pub use node::{NodeDef, Taint, TaintEffect};
pub use pod::PodDef;
pub(crate) use pod::{PodList, PodRow, pod_flag};
pub use profile::{FitStrategy, ProfileDef, Rule, ShapePoint};
pub(crate) use profile::{RuleRow, is_shape_score, is_weight, profile_flag};
pub(crate) use requirements::weights_are_small;
pub use requirements::{NodeTerms, Op, Requirement, Toleration, TolerationOp};
pub(crate) use rows::{
    ExternalRow, MAX_FILTERS, ProfileRow, Range, SelectorRow, SpecRow, SpreadRow, TermRow, VictimRow, VolumeRow,
    victim_flag,
};
pub use selector::SelectorDef;
pub(crate) use spec::{MOST_IMAGES, SpecFlags};
pub use spec::{Port, SpecDef, SpreadDef};
pub use term::TermKind;
pub(crate) use term::is_term_weight;
pub use volume::UseTag;

use crate::region::region;
use crate::{Error, Limits, NONE};

/// Which running number: the journal's next entry, and the state of what touches every node at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Sequence {
    /// Entries ever written to the journal.
    Journal,
    /// Changes after which no cached column holds: the number of nodes, images.
    Epoch,
    /// Changes of namespaces, selectors or label classes after which counters must be recounted.
    Labels,
    /// Changes of nodes' labels.
    Topology,
}

/// Words of counts: some more than there are, so that a new table does not move the columns behind them.
const COUNTS: u32 = 48;

region! {
    /// All state of a cluster. What the columns mean is said at their declaration.
    pub struct Tables {
        // How many rows of each table are in use, by `Count`; the two free lists hold their first row.
        counts: u32 [|_: &Limits| COUNTS, |_: &Limits| 1],
        sequences: u64 [|_: &Limits| 8, |_: &Limits| 1],
        // The ring of changed nodes.
        journal: u32 [|_: &Limits| 1, |l: &Limits| l.journal],

        // Nodes.
        node_flags: u8 [|_: &Limits| 1, |l: &Limits| l.nodes],
        allocatable: i64 [|l: &Limits| l.resources, |l: &Limits| l.nodes],
        requested: i64 [|l: &Limits| l.resources, |l: &Limits| l.nodes],
        // CPU and memory again, with the least that scoring assumes of a container that asks for none.
        non_zero: i64 [|_: &Limits| 2, |l: &Limits| l.nodes],
        labels: u32 [|l: &Limits| l.keys, |l: &Limits| l.nodes] = NONE,
        taint_set: u32 [|_: &Limits| 1, |l: &Limits| l.nodes] = NONE,
        image_set: u32 [|_: &Limits| 1, |l: &Limits| l.nodes] = NONE,
        features: u64 [|_: &Limits| 1, |l: &Limits| l.nodes],
        node_pods: u32 [|_: &Limits| 1, |l: &Limits| l.nodes] = NONE,

        // Strings: the integer that a label value spells, for Gt and Lt.
        string_int: i64 [|_: &Limits| 1, |l: &Limits| l.strings],
        string_is_int: u8 [|_: &Limits| 1, |l: &Limits| l.strings],

        // Distinct lists of taints (key, value, effect) and of images, in the arena.
        taint_list: Range [|_: &Limits| 1, |l: &Limits| l.taint_sets],
        image_list: Range [|_: &Limits| 1, |l: &Limits| l.image_sets],
        // Images: the size, and how many nodes hold it.
        image_size: i64 [|_: &Limits| 1, |l: &Limits| l.images],
        image_nodes: u32 [|_: &Limits| 1, |l: &Limits| l.images],

        profiles: ProfileRow [|_: &Limits| 1, |l: &Limits| l.profiles],

        // Spec classes.
        specs: SpecRow [|_: &Limits| 1, |l: &Limits| l.specs],
        // What the fit filter asks for, what a bound pod holds, and what the two scores count.
        spec_fit: i64 [|l: &Limits| l.specs, |l: &Limits| l.resources],
        spec_bound: i64 [|l: &Limits| l.specs, |l: &Limits| l.resources],
        spec_score: i64 [|l: &Limits| l.specs, |l: &Limits| l.resources],
        spec_balanced: i64 [|l: &Limits| l.specs, |l: &Limits| l.resources],
        spec_non_zero: i64 [|l: &Limits| l.specs, |_: &Limits| 2],
        spec_pods: u32 [|_: &Limits| 1, |l: &Limits| l.specs] = NONE,

        // Label classes: namespace and (key, value) pairs in key order; namespaces: their labels.
        label_namespace: u32 [|_: &Limits| 1, |l: &Limits| l.label_classes] = NONE,
        label_list: Range [|_: &Limits| 1, |l: &Limits| l.label_classes],
        label_pods: u32 [|_: &Limits| 1, |l: &Limits| l.label_classes] = NONE,
        namespace_list: Range [|_: &Limits| 1, |l: &Limits| l.namespaces],
        namespace_exists: u8 [|_: &Limits| 1, |l: &Limits| l.namespaces],

        // Selectors, and the label classes that each matches, a bit each.
        selectors: SelectorRow [|_: &Limits| 1, |l: &Limits| l.selectors],
        selector_matches: u64 [|l: &Limits| l.selectors, |l: &Limits| l.label_classes.div_ceil(64)],
        terms: TermRow [|_: &Limits| 1, |l: &Limits| l.terms],
        // How many bound pods carry the term.
        term_pods: u32 [|_: &Limits| 1, |l: &Limits| l.terms],

        // Pods: three lists run through them, by node, by spec class and by label class.
        pod_spec: u32 [|_: &Limits| 1, |l: &Limits| l.pods] = NONE,
        pod_labels: u32 [|_: &Limits| 1, |l: &Limits| l.pods] = NONE,
        pod_node: u32 [|_: &Limits| 1, |l: &Limits| l.pods] = NONE,
        pod_flags: u8 [|_: &Limits| 1, |l: &Limits| l.pods],
        pod_priority: i32 [|_: &Limits| 1, |l: &Limits| l.pods],
        pod_start: i64 [|_: &Limits| 1, |l: &Limits| l.pods],
        pod_next: u32 [|_: &Limits| 3, |l: &Limits| l.pods] = NONE,
        pod_previous: u32 [|_: &Limits| 3, |l: &Limits| l.pods] = NONE,

        pod_uses: u32 [|_: &Limits| 1, |l: &Limits| l.pods] = NONE,

        // What pods use on nodes: for each key its driver, if it is a volume, and a list of (node, tag, how many pods).
        use_driver: u32 [|_: &Limits| 1, |l: &Limits| l.use_keys] = NONE,
        use_first: u32 [|_: &Limits| 1, |l: &Limits| l.use_keys] = NONE,
        use_node: u32 [|_: &Limits| 1, |l: &Limits| l.uses] = NONE,
        use_tag: u32 [|_: &Limits| 1, |l: &Limits| l.uses],
        use_count: u32 [|_: &Limits| 1, |l: &Limits| l.uses],
        use_next: u32 [|_: &Limits| 1, |l: &Limits| l.uses] = NONE,

        // Lists of uses, (key, tag) pairs; drivers: how many volumes a node takes, how many it has, and whether pods
        // with volumes of the driver are kept off it; sets of nodes; volumes.
        use_lists: Range [|_: &Limits| 1, |l: &Limits| l.use_lists],
        driver_limit: u32 [|l: &Limits| l.drivers, |l: &Limits| l.nodes] = NONE,
        driver_used: u32 [|l: &Limits| l.drivers, |l: &Limits| l.nodes],
        driver_lacks: u8 [|l: &Limits| l.drivers, |l: &Limits| l.nodes],
        node_sets: Range [|_: &Limits| 1, |l: &Limits| l.node_sets],
        volumes: VolumeRow [|_: &Limits| 1, |l: &Limits| l.volumes],

        // Pods that wait for room on a node; a row without a node is free.
        nominated_node: u32 [|_: &Limits| 1, |l: &Limits| l.nominations] = NONE,
        nominated_spec: u32 [|_: &Limits| 1, |l: &Limits| l.nominations] = NONE,
        nominated_labels: u32 [|_: &Limits| 1, |l: &Limits| l.nominations] = NONE,
        nominated_uses: u32 [|_: &Limits| 1, |l: &Limits| l.nominations] = NONE,

        // Disruption budgets: the pods that each is about, and how many of them may go; a row without a selector is free.
        budget_selector: u32 [|_: &Limits| 1, |l: &Limits| l.budgets] = NONE,
        budget_allowed: i32 [|_: &Limits| 1, |l: &Limits| l.budgets],

        // The caller's own rules: their slots; and for a slot and a spec class, a code for each node (0 passes) and a score.
        externals: ExternalRow [|_: &Limits| 1, |l: &Limits| l.externals],
        external_slot: u32 [|_: &Limits| 1, |l: &Limits| l.external_columns] = NONE,
        external_spec: u32 [|_: &Limits| 1, |l: &Limits| l.external_columns] = NONE,
        external_code: u32 [|l: &Limits| l.external_columns, |l: &Limits| l.nodes],
        external_score: i64 [|l: &Limits| l.external_columns, |l: &Limits| l.nodes],

        // Lists of all kinds.
        arena: u32 [|_: &Limits| 1, |l: &Limits| l.arena],
    }
}

impl Tables<'_> {
    pub(crate) fn count(&self, which: Count) -> u32 {
        self.counts[which as usize]
    }

    pub(crate) fn sequence(&self, which: Sequence) -> u64 {
        self.sequences[which as usize]
    }

    pub(crate) fn bump(&mut self, which: Sequence) {
        self.sequences[which as usize] += 1;
    }

    /// The next free row of a table that only grows.
    pub(crate) fn take(&mut self, which: Count) -> Result<u32, Error> {
        let row = self.counts[which as usize];
        self.room(which, 1)?;
        self.counts[which as usize] = row + 1;
        Ok(row)
    }

    /// Whether so many more rows fit.
    pub(crate) fn room(&self, which: Count, more: u32) -> Result<(), Error> {
        let (holds, needed) = (which.limit(&self.limits), self.counts[which as usize].saturating_add(more));
        if needed > holds {
            return Err(Error::Full { table: which.name(), holds, needed });
        }
        Ok(())
    }

    pub(crate) fn known(&self, which: Count, id: u32) -> Result<(), Error> {
        if id < self.counts[which as usize] { Ok(()) } else { Err(Error::NoSuch { table: which.name(), id }) }
    }

    pub(crate) fn known_or_none(&self, which: Count, id: u32) -> Result<(), Error> {
        if id == NONE { Ok(()) } else { self.known(which, id) }
    }

    /// The words of a list.
    pub(crate) fn list(&self, range: Range) -> &[u32] {
        self.arena.get(range.start as usize..range.start as usize + range.len as usize).unwrap_or(&[])
    }

    /// The column of a label key over all nodes.
    pub(crate) fn labels_of(&self, key: u32) -> &[u32] {
        let (stride, nodes) = (self.limits.nodes as usize, self.node_rows());
        self.labels.get(key as usize * stride..key as usize * stride + nodes).unwrap_or(&[])
    }

    /// The node that changed so many entries of the journal back, which must not be further than it is long.
    pub(crate) fn changed(&self, back: u64) -> usize {
        let sequence = self.sequence(Sequence::Journal) - back;
        self.journal[(sequence % self.journal.len() as u64) as usize] as usize
    }

    /// Writes another node into the entry so many back.
    pub(crate) fn set_noted(&mut self, back: u64, node: u32) {
        if let Some(sequence) = self.sequence(Sequence::Journal).checked_sub(back)
            && back <= self.journal.len() as u64
        {
            self.journal[(sequence % self.journal.len() as u64) as usize] = node;
        }
    }

    /// Notes that a node changed, for the caches to replay.
    pub(crate) fn note(&mut self, node: usize) {
        let sequence = self.sequences[Sequence::Journal as usize];
        let at = (sequence % self.journal.len() as u64) as usize;
        self.journal[at] = node as u32;
        self.sequences[Sequence::Journal as usize] = sequence + 1;
    }
}
