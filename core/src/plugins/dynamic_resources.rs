//! DynamicResources: claims on devices. This crate does not evaluate them, and a caller says so of the pods that have any; for all
//! others kube-scheduler's score is 0 on every node, from 1.35 on.
//!
//! Upstream: `pkg/scheduler/framework/plugins/dynamicresources`. KEP-4381.

use super::{Entry, Score};

pub(crate) const PLUGIN: Entry = Entry { score: Score::Feasible(|_, _, _, _, _| true), ..Entry::NONE };
