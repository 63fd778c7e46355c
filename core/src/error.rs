//! What can go wrong in the core; placing nothing is not among it.

use core::fmt;

/// An error of the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A table is full. Nothing was written.
    Full {
        /// Which table, as [`crate::Limits`] names it.
        table: &'static str,
        /// How many rows it holds at most.
        holds: u32,
        /// How many rows were needed.
        needed: u32,
    },
    /// The block is shorter than its limits need.
    TooSmall {
        /// Its length in words of eight bytes.
        words: usize,
        /// The length that is needed.
        needed: usize,
    },
    /// The block does not hold what it should.
    Corrupt {
        /// The table or column in which that was seen.
        table: &'static str,
    },
    /// The block was written with another layout of its tables: by another version of this crate.
    OtherLayout {
        /// The layout that its header names.
        found: u64,
        /// The layout of this version.
        expected: u64,
    },
    /// An id names no row.
    NoSuch {
        /// The table.
        table: &'static str,
        /// The id.
        id: u32,
    },
    /// A value is outside of what the core can hold.
    OutOfRange {
        /// The field.
        field: &'static str,
        /// The most that it holds.
        most: u64,
    },
    /// The pod is bound already, or not bound, or the node still holds pods.
    State {
        /// What is wrong, in words.
        what: &'static str,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { table, holds, needed } => {
                write!(
                    f,
                    "the table of {table} is full: it holds {holds} and {needed} are needed; give it larger limits"
                )
            }
            Self::TooSmall { words, needed } => {
                write!(f, "the block has {words} words of eight bytes and needs {needed}")
            }
            Self::Corrupt { table } => write!(f, "the block is damaged or not a block: {table} does not hold together"),
            Self::OtherLayout { found, expected } => write!(
                f,
                "the block has the layout {found:016x} of another version of bayplan-core, this one has {expected:016x}; \
                 make it again from the objects"
            ),
            Self::NoSuch { table, id } => write!(f, "the table of {table} has no row {id}"),
            Self::OutOfRange { field, most } => write!(f, "{field} is out of range: at most {most}"),
            Self::State { what } => f.write_str(what),
        }
    }
}

impl core::error::Error for Error {}
