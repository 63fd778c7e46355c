//! The bridge to the core: a cluster's block and the rows in it, for programs that load objects once and then ask, bind and fork the block
//! themselves, in memory of their own.

use std::collections::HashMap;

use bayplan_core::{LabelClassId, NodeId, NominationId, PodId, Reason, Request, SelectorId, SpecId, StrId, UseListId};

use super::{Outcome, Start};
use crate::error::{Error, ErrorKind};
use crate::objects::Pod;
use crate::state::Cluster;

/// A pod as the core knows it, by rows of its cluster's block. They stay what they are in copies of the block, until the cluster makes its tables anew
/// ([`Cluster::compact`], which it also does by itself when it changes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PodRows {
    /// Its spec class.
    pub spec: SpecId,
    /// Its label class.
    pub labels: LabelClassId,
    /// The only node that its affinity admits by name, or none.
    pub pin: StrId,
    /// The pods that it is spread from by default, or none.
    pub default_selector: SelectorId,
    /// The volumes and claims that it uses, or none.
    pub uses: UseListId,
    /// Its own nomination, or none.
    pub nomination: NominationId,
}

impl PodRows {
    /// The request that decides for it.
    #[must_use]
    pub fn request(&self) -> Request<'static> {
        let PodRows { spec, labels, pin, default_selector, uses, nomination } = *self;
        Request { pin, default_selector, uses, nomination, ..Request::new(spec, labels) }
    }
}

/// What one node comes to for a pod, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeResult {
    /// Its row.
    pub node: NodeId,
    /// Its total, where it is feasible.
    pub total: Option<i64>,
    /// Why it is rejected first, where it is not; nothing where the pod is rejected before any node is looked at.
    pub reason: Option<Reason>,
}

impl Cluster {
    /// What each node comes to for a pending pod, in node order: what an extender of kube-scheduler answers. Nodes are scored even where one alone is
    /// feasible; preemption is not weighed.
    ///
    /// Costs a cycle: O(nodes × rules), without texts.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Conflict`] for a pod that is not to be placed; [`ErrorKind::Unsupported`] where a rule fails for it, or
    /// concerns it and is not applied.
    pub fn evaluate(&mut self, pod: &str) -> Result<Vec<NodeResult>, Error> {
        let object = self.known(pod)?;
        let rows: Vec<NodeId> = self.nodes().into_iter().filter_map(|name| self.node_id(name)).collect();
        let mut results: Vec<NodeResult> =
            rows.iter().map(|node| NodeResult { node: *node, total: None, reason: None }).collect();
        let prepared = match self.start(pod, &object)? {
            Start::Ready(prepared) => prepared,
            Start::End(Outcome::Unschedulable, ..) => return Ok(results),
            Start::End(Outcome::Error, message, _) if self.asks_others(&object) => {
                return Err(Error::new(ErrorKind::Plugin, format!("pod {pod}: {message}")));
            }
            Start::End(_, message, _) => return Err(Error::new(ErrorKind::Conflict, format!("pod {pod}: {message}"))),
        };
        self.all_is_applied(pod, &object)?;
        if !prepared.filter_errors.is_empty() || self.score_error(&prepared)?.is_some() {
            let hint = "ask for the decision by its name: it says which";
            return Err(Error::new(ErrorKind::Unsupported, format!("a rule fails for pod {pod}")).hint(hint));
        }
        self.ask(&prepared, |cycle| {
            let mut reasons: HashMap<NodeId, Reason> = HashMap::new();
            let mut filtered = cycle.filter()?;
            filtered.explain(&mut |node, reason, is_first| {
                if is_first {
                    reasons.entry(node).or_insert(reason);
                }
            })?;
            let mut scored = filtered.score();
            prepared.extended.scores.iter().for_each(|(_, node, score)| scored.add(*node, *score));
            for result in &mut results {
                (result.total, result.reason) = (scored.total(result.node), reasons.get(&result.node).copied());
            }
            Ok(())
        })?;
        Ok(results)
    }

    /// Numbers have no place for what a decision says of rules that were not applied.
    fn all_is_applied(&self, key: &str, pod: &Pod) -> Result<(), Error> {
        let Some(rule) = self.blank(key, pod).not_applied.into_iter().next() else { return Ok(()) };
        let problem = format!("{} concerns pod {key} and is not applied: {}", rule.rule, rule.why);
        Err(Error::new(ErrorKind::Unsupported, problem).hint("decide for it by its name"))
    }

    /// The block: the state first, then caches. A copy of the state is a fork ([`bayplan_core::Scheduler::fork`]).
    ///
    /// Costs nothing.
    #[must_use]
    pub fn block(&self) -> &[u64] {
        self.compiler().table.words()
    }

    /// The row of a node.
    #[must_use]
    pub fn node_row(&self, name: &str) -> Option<NodeId> {
        self.node_id(name)
    }

    /// The node of a row; nothing for a row that was never used. A node that is gone keeps its row.
    #[must_use]
    pub fn node_of_row(&self, row: NodeId) -> Option<&str> {
        self.compiler().node_names.get(row.at()).map(|name| &**name)
    }

    /// The row of a pod (`namespace/name`) that is bound to a node.
    #[must_use]
    pub fn bound_row(&self, pod: &str) -> Option<PodId> {
        self.store().pods.get(pod)?.row.map(|(row, _)| row)
    }

    /// The rows of a pending pod (`namespace/name`). New classes are rows of the block: copy it afterwards.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Unsupported`] for a pod of which rows do not say all: its claims wait for a node or are bound to volumes, it
    /// is rejected before any node is looked at, or a rule fails for it, or concerns it and is not applied.
    pub fn core_rows(&mut self, pod: &str) -> Result<PodRows, Error> {
        let object = self.known(pod)?;
        let unsupported = |why: &str| {
            Error::new(ErrorKind::Unsupported, format!("pod {pod} is more than rows of the block: {why}"))
                .hint("decide for it by its name")
        };
        if !object.spec.node_name.is_empty() {
            return Err(unsupported("it is on a node already"));
        }
        if self.asks_others(&object) {
            return Err(unsupported("plugins of the caller's own or extenders are asked"));
        }
        let prepared = match self.start(pod, &object)? {
            Start::Ready(prepared) => prepared,
            Start::End(_, message, _) => return Err(unsupported(&message)),
        };
        if !object.spec.volumes.is_empty() && !prepared.plan.is_empty() {
            return Err(unsupported("its claims have volumes or wait for some"));
        }
        self.all_is_applied(pod, &object)?;
        if prepared.score_error.is_some() || !prepared.filter_errors.is_empty() || !prepared.rejects.is_empty() {
            return Err(unsupported("a rule fails for it"));
        }
        Ok(PodRows {
            spec: prepared.spec,
            labels: prepared.labels,
            pin: prepared.pin,
            default_selector: prepared.default_selector,
            uses: prepared.uses,
            nomination: prepared.nomination,
        })
    }
}
