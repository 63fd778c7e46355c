//! Status codes, and what went wrong.

use bayplan_core::Error;

/// What a call came to: OK, or why it failed. Numbers that bayplan.h has too mean the same there.
pub type Status = u32;

/// The call did what it should.
pub const BAYPLAN_CORE_OK: Status = 0;
/// An argument is null or not aligned, a number is no value of its enum, a list or a struct has a size that cannot be.
pub const BAYPLAN_CORE_INVALID_ARGUMENT: Status = 1;
/// An id names no row: fault.what is the table, fault.needed the id.
pub const BAYPLAN_CORE_NOT_FOUND: Status = 3;
/// A table is full: fault.what is its limit, fault.holds what it holds, fault.needed what is needed. Make a larger block
/// with bayplan_core_grow().
pub const BAYPLAN_CORE_FULL: Status = 5;
/// A value or a list is beyond what the core holds: fault.what is the field, fault.holds the most.
pub const BAYPLAN_CORE_LIMIT: Status = 11;
/// The state does not allow it: the pod is not bound, the node still holds pods. fault.what says which.
pub const BAYPLAN_CORE_CONFLICT: Status = 12;
/// The memory is shorter than its limits need: fault.holds and fault.needed are bytes.
pub const BAYPLAN_CORE_TOO_SMALL: Status = 14;
/// The memory is no block, or damaged: fault.what is the table in which that was seen.
pub const BAYPLAN_CORE_CORRUPT: Status = 15;
/// The block was written by another version of this library: make it again from the objects.
pub const BAYPLAN_CORE_OTHER_LAYOUT: Status = 16;

/// Room for the words of a fault.
pub const BAYPLAN_CORE_WHAT: usize = 80;

/// What went wrong.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Fault {
    /// The status that the call returned.
    pub status: Status,
    /// Filler.
    pub reserved: u32,
    /// What there is room for, or the most that is held.
    pub holds: u64,
    /// What is needed, or the id.
    pub needed: u64,
    /// The table, the field or the reason; it ends in a zero byte.
    pub what: [u8; BAYPLAN_CORE_WHAT],
}

impl Fault {
    pub(crate) fn argument(what: &str) -> Self {
        Fault::new(BAYPLAN_CORE_INVALID_ARGUMENT, what, 0, 0)
    }

    pub(crate) fn limit(what: &str, most: usize) -> Self {
        Fault::new(BAYPLAN_CORE_LIMIT, what, most as u64, 0)
    }

    fn new(status: Status, what: &str, holds: u64, needed: u64) -> Self {
        let mut words = [0; BAYPLAN_CORE_WHAT];
        // All of them are short, and in ASCII; the last byte stays zero.
        let length = what.len().min(BAYPLAN_CORE_WHAT - 1);
        words[..length].copy_from_slice(&what.as_bytes()[..length]);
        Fault { status, reserved: 0, holds, needed, what: words }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Full { table, holds, needed } => {
                Fault::new(BAYPLAN_CORE_FULL, table, u64::from(holds), u64::from(needed))
            }
            Error::TooSmall { words, needed } => Fault::new(
                BAYPLAN_CORE_TOO_SMALL,
                "block",
                (words as u64).saturating_mul(8),
                (needed as u64).saturating_mul(8),
            ),
            Error::Corrupt { table } => Fault::new(BAYPLAN_CORE_CORRUPT, table, 0, 0),
            Error::OtherLayout { .. } => Fault::new(BAYPLAN_CORE_OTHER_LAYOUT, "header", 0, 0),
            Error::NoSuch { table, id } => Fault::new(BAYPLAN_CORE_NOT_FOUND, table, 0, u64::from(id)),
            Error::OutOfRange { field, most } => Fault::new(BAYPLAN_CORE_LIMIT, field, most, 0),
            Error::State { what } => Fault::new(BAYPLAN_CORE_CONFLICT, what, 0, 0),
            _ => Fault::new(BAYPLAN_CORE_INVALID_ARGUMENT, "unknown", 0, 0),
        }
    }
}
