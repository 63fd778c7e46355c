//! The layout of a node's mask: which filters reject it.

/// Bits 0 to 27: the filter at that place in the profile. Then:
pub(crate) mod bit {
    /// The caller rejects the node for this request.
    pub(crate) const CALLER: u32 = 1 << 28;
    /// PreFilter named other nodes.
    pub(crate) const NOT_NAMED: u32 = 1 << 29;
    /// The row's node was removed.
    pub(crate) const GONE: u32 = 1 << 31;
    /// All filters.
    pub(crate) const FILTERS: u32 = (1 << crate::tables::MAX_FILTERS) - 1;
}
