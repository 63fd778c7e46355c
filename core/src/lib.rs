//! The placement core: kube-scheduler's filters, scores and choice over compact tables, without an allocator.
//!
//! All state lies in one block of the caller's memory ([`Scheduler::init`]): [`Limits`] say how many rows each table
//! holds, and [`block_words`] how long the block must be. A fork is a copy of the block ([`Scheduler::fork`]); a block that
//! comes from elsewhere is checked in full before it is used ([`Scheduler::attach`]).
//!
//! The feature `std` asks the processor for its widest vectors; decisions are the same without it, and it still allocates
//! nothing.
#![no_std]
#![forbid(unsafe_code)]

mod binding;
mod block;
mod cache;
mod check;
mod columns;
mod cycle;
mod divide;
mod domains;
mod error;
mod explain;
mod held;
mod ids;
mod layout;
mod limits;
mod mix;
mod numbers;
mod plugins;
mod score;
mod shares;
mod simd;
mod tables;
mod verify;

pub use block::{block_words, limits_of, seal, state_words, verify};
pub use cycle::{Decision, Pick, Request, Scheduler};
pub use error::Error;
pub use ids::*;
pub use limits::Limits;
pub use numbers::SpreadNumbers;
pub use plugins::{MAX_WAITING, Plugin, Reason, Volumes, Waiting};
pub use tables::{
    FitStrategy, NodeDef, NodeTerms, Op, PodDef, PodFlags, Port, ProfileDef, Requirement, SelectorDef, ShapePoint,
    SpecDef, SpreadDef, Tables, Taint, TaintEffect, Toleration, TolerationOp, UseTag,
};

/// The first of the strings that every block begins with: the empty one.
pub const EMPTY: StrId = StrId(0);
/// The second: `node.kubernetes.io/unschedulable`, the key of the taint that stands for a cordon.
pub const UNSCHEDULABLE_TAINT: StrId = StrId(1);
