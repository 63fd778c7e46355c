//! Typed 32-bit row numbers.

/// The number that stands for "no row" in a column of ids.
pub const NONE: u32 = u32::MAX;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub struct $name(pub u32);
        impl $name {
            /// No row.
            pub const NONE: Self = Self(NONE);
            /// The row as an index.
            #[inline]
            #[must_use]
            pub const fn at(self) -> usize {
                self.0 as usize
            }
            /// Whether this is a row at all.
            #[inline]
            #[must_use]
            pub const fn is_some(self) -> bool {
                self.0 != NONE
            }
        }
    )*};
}

ids! {
    /// A node; ids follow the order in which nodes were added, which is the order that breaks ties.
    NodeId,
    /// An interned string: a label value, a node name, a taint's key or value.
    StrId,
    /// A label key that some plugin looks at: a column of the node table.
    KeyId,
    /// A resource: 0 to 3 are CPU, memory, ephemeral storage and pods, then the scalar ones.
    ResourceId,
    /// A distinct list of taints.
    TaintSetId,
    /// A distinct list of images.
    ImageSetId,
    /// An image by its normalised name.
    ImageId,
    /// A profile of the scheduler's configuration.
    ProfileId,
    /// What sibling pods share of their spec, compiled.
    SpecId,
    /// A namespace and the labels that some selector names.
    LabelClassId,
    /// A namespace.
    NamespaceId,
    /// Namespaces and a requirement on labels: a set of pods.
    SelectorId,
    /// A pod affinity term that pods carry.
    TermId,
    /// A pod.
    PodId,
    /// Something that pods use on a node, such as a host port, a disk or a volume.
    UseKeyId,
    /// A list of things that a pod uses beside those of its spec class.
    UseListId,
    /// A storage driver.
    DriverId,
    /// A set of nodes, by requirements on their labels.
    NodeSetId,
    /// A persistent volume.
    VolumeId,
    /// A nominated pod: it waits for preemption's victims to leave its node.
    NominationId,
    /// A disruption budget.
    BudgetId,
    /// A named slot for a rule of the caller's own.
    ExternalId,
}

impl ResourceId {
    /// Milli-CPU.
    pub const CPU: Self = Self(0);
    /// Bytes of memory.
    pub const MEMORY: Self = Self(1);
    /// Bytes of ephemeral storage.
    pub const EPHEMERAL_STORAGE: Self = Self(2);
    /// The number of pods.
    pub const PODS: Self = Self(3);
    /// The first scalar resource.
    pub const FIRST_SCALAR: Self = Self(4);
}
