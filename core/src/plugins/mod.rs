//! The plugins, a file each, named as kube-scheduler names them, and what each file exports: its `Entry`.
//!
//! A filter marks, in a column of masks, the nodes that it rejects; a score adds to a column of totals. Both work on ranges of
//! nodes: all of them when a class is asked for the first time, one when the journal says that it changed or when a single node is judged.
//! They are called once for a column, never once for a node.
//!
//! What is public here are the reasons of each plugin: constants to compare a [`Reason`] with.

use core::ops::Range;

use crate::derived::{Cache, Columns, NodeResources, Scratch};
use crate::math::simd::{count, wide};
use crate::plugin::{PLUGINS, Plugin, Reason, for_each_plugin};
use crate::request::Request;
use crate::tables::{ProfileRow, SpecRow, Tables};
use crate::{NodeId, SpecId};

macro_rules! entries {
    ($($(#[$doc:meta])* $name:ident: $file:ident,)*) => {
        $(pub mod $file;)*

        /// The registry: each plugin's entry, by [`Plugin`].
        static ENTRIES: [Entry; PLUGINS] = [$($file::PLUGIN),*];
    };
}
for_each_plugin!(entries);

/// The entry of a plugin.
pub(crate) fn entry(plugin: Plugin) -> &'static Entry {
    &ENTRIES[plugin as usize]
}

/// The reasons for which a plugin rejects nodes, by [`Reason::kind`]; none where it only scores.
#[must_use]
pub fn reasons(plugin: Plugin) -> &'static [Reason] {
    entry(plugin).reasons
}

/// Whether a plugin filters.
#[must_use]
pub fn filters(plugin: Plugin) -> bool {
    !matches!(entry(plugin).filter, Filter::None)
}

/// Whether a plugin scores.
#[must_use]
pub fn scores(plugin: Plugin) -> bool {
    !matches!(entry(plugin).score, Score::None)
}

/// Writes columns of a class over a range of nodes.
type Prepare = fn(&Class<'_>, Range<usize>, &mut Columns<'_>, &mut Scratch<'_>);
/// Adds the weighted score of a class to the nodes of a range.
type AddScore = fn(&Class<'_>, Range<usize>, i64, &mut [i64], Option<NodeResources<'_>>, &mut Scratch<'_>);

/// Counts the reasons of nodes that a plugin rejects first.
/// `false` where it cannot.
type CountReasons = fn(&Pod<'_>, Rejected<'_>, &mut dyn FnMut(Reason, u32)) -> bool;

/// All that a plugin is: a file exports one as `PLUGIN`, most of it by `..Entry::NONE`.
pub(crate) struct Entry {
    /// Writes what the plugin knows of a class on each node, for itself and for others, beside the mask and the base score:
    /// `facts` and `affinity`. They are zero before.
    pub(crate) prepare: Option<Prepare>,
    /// How it rejects nodes.
    pub(crate) filter: Filter,
    /// Whether pods that come to a node or leave it may change what the filter says, but for the amounts that they request: preemption then
    /// asks it again for each pod that it spares. What does not say is asked.
    pub(crate) by_pods: fn(&Pod<'_>, &mut Work<'_, '_>) -> bool,
    /// How it scores nodes.
    pub(crate) score: Score,
    /// Its reasons, in the order of their numbers in [`Marks`].
    pub(crate) reasons: &'static [Reason],
    /// How reasons are found for a node that it rejects.
    pub(crate) explain: Explain,
    /// The reasons of the nodes that it rejects first, and how many have each: where that takes no look at each node by itself, as `explain` does.
    pub(crate) count: Option<CountReasons>,
}

impl Entry {
    /// A plugin that does nothing.
    pub(crate) const NONE: Self = Entry {
        prepare: None,
        filter: Filter::None,
        by_pods: |_, _| true,
        score: Score::None,
        reasons: &[],
        explain: Explain::First,
        count: None,
    };
}

/// How a plugin rejects nodes. The column is as long as the range.
pub(crate) enum Filter {
    /// It does not.
    None,
    /// By the class and the node alone, so that the column is cached for the class. The last column are the class's facts.
    Class(fn(&Class<'_>, Range<usize>, Marks, &mut [u32], &[u16])),
    /// By the request or by other pods, so that it runs in each cycle.
    Pod {
        /// Whether there is nothing to look at, which PreFilter says by `Skip`: nominated pods make no difference then.
        skips: fn(&Pod<'_>, &mut Work<'_, '_>) -> bool,
        /// The filter.
        run: fn(&Pod<'_>, Range<usize>, Marks, &mut [u32], &mut Work<'_, '_>),
    },
}

/// The `skips` of a filter that PreFilter never skips, and the `by_pods` of one that looks at no pods.
pub(crate) fn never(_: &Pod<'_>, _: &mut Work<'_, '_>) -> bool {
    false
}

/// How a plugin scores nodes. The weight is above 0, and the score that is added has been multiplied by it.
pub(crate) enum Score {
    /// It does not.
    None,
    /// By the class and the node alone, without normalising, so that the sum is cached for the class.
    Class {
        /// Whether PreScore skips the plugin for the class.
        skips: fn(&Class<'_>) -> bool,
        /// Adds the score of the nodes of the range.
        add: AddScore,
    },
    /// By other pods or by what the feasible nodes have, normalised over these. The columns are those of all nodes; the mask is 0 for
    /// feasible ones. `false` where PreScore skips the plugin, so that nothing was added.
    Feasible(fn(&Pod<'_>, i64, &[u32], &mut [i64], &mut Work<'_, '_>) -> bool),
}

/// How reasons are found for a node that a plugin rejects, from the marks of its filter.
pub(crate) enum Explain {
    /// The first reason that is marked is the only one.
    First,
    /// All that are marked are given.
    Each,
    /// By a look at the node; the marks are given.
    With(fn(&Pod<'_>, NodeId, u32, &mut dyn FnMut(Reason))),
}

/// What a filter writes where it rejects a node: when nodes are filtered its own bit in the profile's order; when reasons are asked for, a bit for each of its
/// reasons.
#[derive(Clone, Copy)]
pub(crate) struct Marks(Option<u32>);

impl Marks {
    /// Filtering: the filter's place in the profile.
    pub(crate) const fn filter(place: usize) -> Self {
        Marks(Some(1 << place))
    }

    /// Explaining.
    pub(crate) const REASONS: Self = Marks(None);

    /// The bit for a reason.
    #[inline(always)]
    pub(crate) const fn of(self, reason: Reason) -> u32 {
        match self.0 {
            Some(bit) => bit,
            None => 1 << reason.kind(),
        }
    }

    /// The bits of the filter's own.
    #[inline(always)]
    pub(crate) const fn own(self) -> u32 {
        match self.0 {
            Some(bit) => bit,
            None => u32::MAX,
        }
    }
}

/// A spec class, with what it is looked at in.
#[derive(Clone, Copy)]
pub(crate) struct Class<'t> {
    pub(crate) t: &'t Tables<'t>,
    pub(crate) spec: SpecId,
    pub(crate) row: &'t SpecRow,
    pub(crate) profile: &'t ProfileRow,
}

/// A pod that is to be placed.
#[derive(Clone, Copy)]
pub(crate) struct Pod<'t> {
    pub(crate) class: Class<'t>,
    pub(crate) request: &'t Request<'t>,
}

/// What plugins that look at other pods work with.
pub(crate) struct Work<'w, 'm> {
    pub(crate) cache: &'w mut Cache<'m>,
    pub(crate) scratch: &'w mut Scratch<'m>,
}

impl<'t> Class<'t> {
    /// A column of a resource over all nodes.
    pub(crate) fn column<'c>(&self, column: &'c [i64], resource: usize) -> &'c [i64] {
        let stride = self.t.limits.nodes as usize;
        column.get(resource * stride..(resource + 1) * stride).unwrap_or(&[])
    }

    /// The class's row in a table of requests.
    pub(crate) fn requests<'c>(&self, table: &'c [i64]) -> &'c [i64] {
        let stride = self.t.limits.resources as usize;
        &table[self.spec.at() * stride..(self.spec.at() + 1) * stride]
    }

    /// The column of a label key over all nodes.
    pub(crate) fn labels(&self, key: u32) -> &'t [u32] {
        self.t.labels_of(key)
    }

    /// The weight of a plugin's score.
    pub(crate) fn weight(&self, plugin: Plugin) -> i64 {
        self.profile.weights[plugin as usize]
    }

    /// The (id, weight) list of the score of NodeResourcesFit.
    pub(crate) fn fit_resources(&self) -> impl Iterator<Item = (usize, i64)> + 't {
        self.t
            .list(self.profile.fit_resources)
            .chunks_exact(3)
            .map(|c| (c[0] as usize, (u64::from(c[2]) << 32 | u64::from(c[1])) as i64))
    }
}

/// The nodes that a filter rejects first.
#[derive(Clone, Copy)]
pub(crate) struct Rejected<'a> {
    /// The masks of all nodes.
    masks: &'a [u32],
    /// The bits that are looked at: those of the filters before, the filter's own, and of who comes before all filters.
    looked_at: u32,
    /// How they stand.
    own: u32,
}

impl<'a> Rejected<'a> {
    pub(crate) fn new(masks: &'a [u32], looked_at: u32, own: u32) -> Self {
        Rejected { masks, looked_at, own }
    }

    /// Is a node of this mask one of them?
    #[inline(always)]
    pub(crate) fn has(self, mask: u32) -> bool {
        mask & self.looked_at == self.own
    }

    /// How many of them there are for which `holds`, which is given two columns, holds.
    #[inline(always)]
    pub(crate) fn count<A: Copy, B: Copy>(self, a: &[A], b: &[B], holds: impl Fn(A, B) -> bool) -> u32 {
        let Rejected { masks, looked_at, own } = self;
        let rows = masks.iter().zip(a).zip(b);
        count(rows.map(|((mask, a), b)| (mask & looked_at == own) & holds(*a, *b)))
    }

    /// How many there are.
    pub(crate) fn nodes(self) -> u32 {
        let Rejected { masks, looked_at, own } = self;
        wide!(count(masks.iter().map(|mask| mask & looked_at == own)))
    }

    /// How many there are whose marks, of these bits, are these.
    pub(crate) fn marked(self, marks: &[u32], bits: u32, own_bits: u32) -> u32 {
        wide!(self.count(marks, marks, |marks, _| marks & bits == own_bits))
    }
}

impl Entry {
    /// Calls `emit` with the reasons for which a node is rejected that its filter has marked.
    pub(crate) fn reasons(&self, pod: &Pod<'_>, node: NodeId, marks: u32, emit: &mut dyn FnMut(Reason)) {
        let marked = self.reasons.iter().filter(|reason| marks >> reason.kind() & 1 != 0);
        match self.explain {
            Explain::First => marked.take(1).for_each(|reason| emit(*reason)),
            Explain::Each => marked.for_each(|reason| emit(*reason)),
            Explain::With(explain) => explain(pod, node, marks, emit),
        }
    }
}
