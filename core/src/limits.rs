//! How many rows each table holds.

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident = $default:expr),* $(,)?) => {
        /// The number of rows of each table, fixed for the life of a block.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$doc])* pub $name: u32,)*
        }
        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }
        impl Limits {
            /// How many numbers a set of limits is.
            pub const COUNT: usize = [$(stringify!($name)),*].len();
            /// The names of the limits, in the order of [`Limits::to_words`].
            pub const NAMES: [&'static str; Self::COUNT] = [$(stringify!($name)),*];
            /// The limits as numbers.
            #[must_use]
            pub fn to_words(&self) -> [u32; Self::COUNT] {
                [$(self.$name),*]
            }
            /// The limits from numbers.
            #[must_use]
            pub fn from_words(words: [u32; Self::COUNT]) -> Self {
                let [$($name),*] = words;
                Self { $($name),* }
            }
            /// The limit of this name, to raise it.
            pub fn named(&mut self, name: &str) -> Option<&mut u32> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }
    };
}

limits! {
    /// Nodes ever added (a removed node keeps its row).
    nodes = 64,
    /// Resources, the four built-in ones among them.
    resources = 8,
    /// Label keys that some rule looks at; the node's name takes the first.
    keys = 16,
    /// Interned strings.
    strings = 512,
    /// Distinct taint lists.
    taint_sets = 16,
    /// Distinct image lists.
    image_sets = 16,
    /// Images.
    images = 64,
    /// Profiles.
    profiles = 1,
    /// Spec classes.
    specs = 64,
    /// Label classes.
    label_classes = 64,
    /// Namespaces.
    namespaces = 16,
    /// Selectors.
    selectors = 64,
    /// Pod affinity terms that are carried.
    terms = 32,
    /// Pods, bound ones.
    pods = 512,
    /// Keys of things that pods use on nodes: host ports, disks, volumes, claims of one pod only.
    use_keys = 32,
    /// Uses of such things, a row for each pair of thing and node.
    uses = 64,
    /// Storage drivers with a limit of volumes per node.
    drivers = 4,
    /// Sets of nodes that reach a volume, or in which one can be made.
    node_sets = 32,
    /// Lists of volumes and claims that pods use.
    use_lists = 32,
    /// Persistent volumes.
    volumes = 32,
    /// Pods that wait for room on a node that preemption has nominated them to.
    nominations = 16,
    /// Disruption budgets.
    budgets = 16,
    /// Masks and score columns of the caller's own.
    overlays = 0,
    /// Words of the arena that holds lists: tolerations, requirements, taints, images.
    arena = 4096,
    /// Spec classes whose columns stay cached.
    cached_specs = 8,
    /// Counters that stay materialised.
    cached_counters = 16,
    /// Changed nodes that the journal remembers; a cache that is further behind starts anew.
    journal = 1024,
}
