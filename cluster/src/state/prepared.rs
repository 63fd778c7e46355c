//! A pod that is prepared for the core: what PreFilter found out, as a request and what goes with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bayplan_core::{LabelClassId, NodeId, NominationId, Request, Scheduler, SelectorId, SpecId, StrId, UseListId};

use super::Cluster;
use super::storage::ClaimPlan;
use crate::config::Plugin;
use crate::error::Error;

/// A request to the core, owned, and what else an attempt needs to know of the pod.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) spec: SpecId,
    pub(crate) labels: LabelClassId,
    pub(crate) pin: StrId,
    pub(crate) default_selector: SelectorId,
    pub(crate) uses: UseListId,
    pub(crate) plan: ClaimPlan,
    /// The pod's own nomination, and its node.
    pub(crate) nomination: NominationId,
    pub(crate) nominated: NodeId,
    /// In what words scoring fails, where a preferred term is not legal.
    pub(crate) score_error: Option<Arc<str>>,
    pub(crate) profile: usize,
    /// Nodes on which a filter fails.
    pub(crate) filter_errors: BTreeMap<NodeId, FilterError>,
    /// The same nodes.
    pub(crate) rejects: Vec<NodeId>,
}

/// A filter that fails on a node, where kube-scheduler's own attempt fails.
#[derive(Clone)]
pub(crate) struct FilterError {
    pub(crate) plugin: Plugin,
    /// In kube-scheduler's words.
    pub(crate) text: String,
    /// kube-scheduler reports a missing CSI driver before this error.
    pub(crate) missing_driver_wins: bool,
}

impl Cluster {
    /// Runs an operation of the core with the request.
    pub(crate) fn ask<R>(
        &mut self,
        prepared: &Prepared,
        mut operation: impl FnMut(&mut Scheduler<'_>, &Request<'_>) -> Result<R, bayplan_core::Error>,
    ) -> Result<R, Error> {
        let Prepared { spec, labels, pin, default_selector, uses, nomination, ref plan, ref rejects, .. } = *prepared;
        plan.with(|volumes| {
            let request =
                Request { pin, default_selector, uses, nomination, volumes, rejects, ..Request::new(spec, labels) };
            self.compiler.table.run(|s| operation(s, &request))
        })
    }
}
