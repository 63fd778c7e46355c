//! How many rows each table holds, and how many are in use: one list of tables, from which both follow.

use crate::ResourceId;

macro_rules! limits {
    (
        tables { $($(#[$doc:meta])* $count:ident $name:ident = $default:expr, $least:expr;)* }
        others { $($(#[$other_doc:meta])* $other:ident = $other_default:expr, $other_least:expr;)* }
        counts { $($(#[$extra_doc:meta])* $extra:ident,)* }
    ) => {
        /// The number of rows of each table, fixed for the life of a block. Start from [`Limits::default`], which is enough for
        /// some tens of nodes, and raise what is needed: [`crate::Error::Full`] names the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$doc])* pub $name: u32,)*
            $($(#[$other_doc])* pub $other: u32,)*
        }
        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* $($other: $other_default,)* }
            }
        }
        impl Limits {
            /// How many numbers a set of limits is.
            pub const COUNT: usize = Self::NAMES.len();
            /// The names of the limits, in the order of [`Limits::to_words`].
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)* $(stringify!($other)),*];
            /// The least that each limit may be, in the same order.
            pub(crate) const LEAST: [u32; Self::COUNT] = [$($least,)* $($other_least),*];
            /// The limits as numbers.
            #[must_use]
            pub fn to_words(&self) -> [u32; Self::COUNT] {
                [$(self.$name,)* $(self.$other),*]
            }
            /// The limits from numbers.
            #[must_use]
            pub fn from_words(words: [u32; Self::COUNT]) -> Self {
                let [$($name,)* $($other),*] = words;
                Self { $($name,)* $($other),* }
            }
            /// The limit of this name, to raise it.
            pub fn named(&mut self, name: &str) -> Option<&mut u32> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    $(stringify!($other) => Some(&mut self.$other),)*
                    _ => None,
                }
            }
        }

        /// A table, whose number of rows in use is counted; what else is counted stands behind the tables.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Count {
            $($count,)*
            $($(#[$extra_doc])* $extra,)*
        }
        impl Count {
            /// The tables.
            pub(crate) const TABLES: &'static [Self] = &[$(Self::$count),*];

            /// The name that [`Limits`] has for the table.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$count => stringify!($name),)*
                    $(Self::$extra => stringify!($extra),)*
                }
            }

            /// How many rows the table holds.
            pub(crate) const fn limit(self, limits: &Limits) -> u32 {
                match self {
                    $(Self::$count => limits.$name,)*
                    $(Self::$extra)|* => u32::MAX,
                }
            }
        }
    };
}

limits! {
    // Each with the number of rows by default, and the least, which every block begins with.
    tables {
        /// Nodes ever added (a removed node keeps its row).
        Nodes nodes = 64, 0;
        /// Resources, the four built-in ones among them.
        Resources resources = 8, ResourceId::FIRST_SCALAR.0;
        /// Label keys that some plugin looks at; the node's name takes the first.
        Keys keys = 16, 1;
        /// Interned strings.
        Strings strings = 512, 2;
        /// Distinct taint lists.
        TaintSets taint_sets = 16, 0;
        /// Distinct image lists.
        ImageSets image_sets = 16, 0;
        /// Images.
        Images images = 64, 0;
        /// Profiles.
        Profiles profiles = 1, 0;
        /// Spec classes.
        Specs specs = 64, 0;
        /// Label classes.
        LabelClasses label_classes = 64, 0;
        /// Namespaces.
        Namespaces namespaces = 16, 0;
        /// Selectors.
        Selectors selectors = 64, 0;
        /// Pod affinity terms that are carried.
        Terms terms = 32, 0;
        /// Bound pods.
        Pods pods = 512, 0;
        /// Keys of things that pods use on nodes: host ports, disks, volumes, `ReadWriteOncePod` claims.
        UseKeys use_keys = 32, 0;
        /// Uses of such things: a row for each key, node and tag.
        Uses uses = 64, 0;
        /// CSI drivers with a limit of volumes per node.
        Drivers drivers = 4, 0;
        /// Sets of nodes that reach a volume, or in which one can be provisioned.
        NodeSets node_sets = 32, 0;
        /// Lists of volumes and claims that pods use.
        UseLists use_lists = 32, 0;
        /// Persistent volumes.
        Volumes volumes = 32, 0;
        /// Nominated pods: they wait for preemption's victims to leave their node.
        Nominations nominations = 16, 0;
        /// Disruption budgets.
        Budgets budgets = 16, 0;
        /// Named slots for filters and scores of the caller's own.
        Externals externals = 0, 0;
        /// Columns that the caller has given for a slot and a spec class.
        ExternalColumns external_columns = 0, 0;
        /// Words of four bytes in the arena that holds lists: tolerations, requirements, taints, images.
        Arena arena = 4096, 0;
    }
    others {
        /// Spec classes whose columns stay cached.
        cached_specs = 8, 1;
        /// Counters that stay materialised.
        cached_counters = 16, 1;
        /// Changed nodes that the journal remembers; a cache that is further behind starts over.
        journal = 1024, 1;
        /// Words of four bytes for what a [`crate::Trial`] must put back: about 32 for each pod taken off or put on.
        trial = 2048, 0;
        /// Pods of lower priority on one node that preemption can weigh.
        victims = 128, 0;
    }
    counts {
        AliveNodes,
        BoundPods,
        FreeUses,
        /// The first freed row of uses, plus one.
        FirstFreeUse,
        /// The first freed row of pods, plus one.
        FirstFreePod,
    }
}
