//! What is true of a spec class, a bit each.

/// Bits of a spec class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpecFlags;

impl SpecFlags {
    /// There is a required node affinity, even if it has no terms.
    pub(crate) const REQUIRED_AFFINITY: u32 = 1;
    /// The affinity names the only nodes that can do.
    pub(crate) const NAMED_NODES: u32 = 2;
    /// A preferred node affinity is there, even if it has no terms.
    pub(crate) const PREFERRED_AFFINITY: u32 = 4;
    /// The pods have spread constraints of their own, so the defaults do not apply.
    pub(crate) const OWN_SPREAD: u32 = 8;
    /// There is a `nodeSelector`.
    pub(crate) const NODE_SELECTOR: u32 = 16;
}
