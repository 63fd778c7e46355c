//! A pod that is prepared for the core: what PreFilter found out, as a request and what goes with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bayplan_core::{Cycle, LabelClassId, NodeId, NominationId, Request, SelectorId, SpecId, StrId, UseListId};

use super::Cluster;
use super::asked::Asked;
use super::storage::ClaimPlan;
use crate::config::Plugin;
use crate::custom::Extended;
use crate::error::{Error, ErrorKind};
use crate::objects::Pod;

/// A request to the core, owned, and what else an attempt needs to know of the pod.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) pod: Arc<Pod>,
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
    /// The same nodes, and those that extenders reject.
    pub(crate) rejects: Vec<NodeId>,
    /// What extenders say of it.
    pub(crate) extended: Extended,
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
    /// Runs an operation of the core in the pod's cycle, in which the caller's own plugins are asked.
    ///
    /// # Errors
    /// [`ErrorKind::Plugin`] where one of them fails.
    pub(crate) fn ask<R>(
        &mut self,
        prepared: &Prepared,
        mut operation: impl FnMut(Cycle<'_, '_, '_>) -> Result<R, bayplan_core::Error>,
    ) -> Result<R, Error> {
        let Prepared { spec, labels, pin, default_selector, uses, nomination, ref plan, ref rejects, .. } = *prepared;
        plan.with(|volumes| {
            let request =
                Request { pin, default_selector, uses, nomination, volumes, rejects, ..Request::new(spec, labels) };
            if self.compiler.plugins.is_empty() {
                return self.compiler.table.run(|s| operation(s.cycle(&request)?));
            }
            let mut asked = Asked::new(&self.compiler, &prepared.pod);
            let result = self.compiler.table.run(|s| operation(s.cycle(&request)?.with(&mut asked)));
            asked.fault.map_or(result, |fault| Err(Error::new(ErrorKind::Plugin, fault)))
        })
    }
}
