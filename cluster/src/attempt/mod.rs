//! One scheduling attempt for a pod: what comes before the nodes, the core's cycle, and kube-scheduler's words for what came out.

mod bridge;
mod caveats;
mod decide;
mod decision;
mod extenders;
mod filter_errors;
mod messages;
mod preempt;
#[cfg(feature = "record")]
mod record;

pub use bridge::{NodeResult, PodRows};
pub(crate) use decide::Start;
pub use decision::{About, Code, Decision, Explanation, NotApplied, Outcome, PreFilter, RejectedBy, Verdict};
pub(crate) use extenders::decide_extended;
pub(crate) use messages::Counted;
pub(crate) use preempt::Found;
pub use preempt::{Candidate, DryRun, Preemption};
