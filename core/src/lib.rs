//! The placement core: kube-scheduler's filters, scores and choice over compact tables, without an allocator.
//!
//! All state lies in one block of the caller's memory ([`Scheduler::init`]): [`Limits`] say how many rows each table
//! holds, and [`block_words`] how long the block must be. A fork is a copy of the block ([`Scheduler::fork`]); a block that
//! comes from elsewhere is checked in full before it is used ([`Scheduler::attach`]).
//!
//! # Layers, in the order of reading
//!
//! Each uses only what stands above it.
//!
//! 1. The ground: typed row numbers (`ids`), [`Error`], [`Limits`], the names of plugins and reasons ([`Plugin`], [`Reason`]), and `math`: loops for wide vectors
//!    and divisions that are exact.
//! 2. `tables`: what is stored, a column per attribute; [`Request`]: what is asked.
//! 3. `derived`: what can be computed again: cached columns, counters of pods, topologies.
//! 4. [`plugins`]: a file for each plugin of kube-scheduler, with all that it is.
//! 5. `block`: opening, copying, sealing and checking the memory ([`Scheduler`]).
//! 6. `cycle`: one scheduling cycle in steps ([`Cycle`]), and pods tried and put back ([`Trial`]).
//!
//! # Features
//!
//! `simd`: on x86 under an operating system, loops use AVX2 or AVX-512 where the processor and the system have them. Elsewhere it changes nothing but the size.
//! `std`: the same, asked for by the standard library. Decisions are the same without them, bit for bit, and neither allocates.
//!
//! # Units
//!
//! Amounts are whole numbers by [`ResourceId`]: milli-CPU, bytes, counts. Scores are those of kube-scheduler: 0 to 100 for a plugin, times its weight.
#![no_std]
#![forbid(unsafe_code)]

mod block;
mod cycle;
mod derived;
mod error;
mod ids;
mod limits;
mod math;
mod plugin;
pub mod plugins;
mod region;
mod request;
mod tables;

pub use block::{DefaultProfile, Scheduler, block_words, limits_of, seal, state_words, verify};
pub use cycle::{
    Candidate, Claims, Cycle, Decision, Exempt, External, Filtered, NotEligible, Pick, PreemptOptions, Preemption,
    Scored, Trial, Verdict, Victims, Weighed,
};
pub use error::Error;
pub use ids::*;
pub use limits::Limits;
pub use plugin::{Code, Plugin, Reason, RejectedBy};
pub use plugins::pod_topology_spread::SpreadNumbers;
pub use request::{MAX_WAITING, Request, Room, Volumes, Waiting};
pub use tables::{
    FitStrategy, NodeDef, NodeTerms, Normalize, Op, PodDef, Port, ProfileDef, Requirement, Rule, SelectorDef,
    ShapePoint, SpecDef, SpreadDef, Tables, Taint, TaintEffect, TermKind, Toleration, TolerationOp, UseTag,
};

/// The first of the strings that every block begins with: the empty one.
pub const EMPTY: StrId = StrId(0);
/// The second: `node.kubernetes.io/unschedulable`, the key of the taint that stands for a cordon.
pub const UNSCHEDULABLE_TAINT: StrId = StrId(1);
