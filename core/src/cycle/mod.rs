//! One scheduling cycle as a value, in kube-scheduler's steps: PreFilter ([`Scheduler::cycle`]) → filter ([`Cycle::filter`]) → score
//! ([`Filtered::score`]) → pick ([`Scored::pick`]). A caller can stand between any two: reject nodes that are feasible, add to
//! scores, ask for reasons. It places nothing; [`Scheduler::bind`] does.

mod bind;
mod columns;
mod count;
mod explain;
mod external;
mod filter;
mod judge;
mod mask;
mod nominated;
mod pick;
mod preempt;
mod recount;
mod score;
mod trial;

pub use external::External;
pub use judge::Verdict;
pub use pick::{Decision, Pick};
pub use preempt::{Candidate, Claims, Exempt, NotEligible, PreemptOptions, Preemption, Victims, Weighed};
pub use trial::Trial;

use crate::block::Scheduler;
use crate::plugins::{Class, Pod, Work};
use crate::request::Request;
use crate::tables::{ProfileRow, SpecRow};
use crate::{Error, NodeId};
use mask::bit;

/// A cycle for one pod: its request is checked, no node has been looked at. Dropping it changes nothing.
///
/// ```
/// # use bayplan_core::{Limits, NodeDef, Pick, ProfileDef, Plugin, Request, Scheduler, SpecDef, block_words};
/// # let limits = Limits::default();
/// # let mut memory = vec![0u64; block_words(&limits)];
/// # let mut scheduler = Scheduler::init(&mut memory, &limits)?;
/// # let (taints, images) = (scheduler.add_taint_set(&[])?, scheduler.add_image_set(&[])?);
/// # let mut nodes = Vec::new();
/// # for cpu in [1_000, 4_000, 8_000] {
/// #     let name = scheduler.add_string(None)?;
/// #     let allocatable = [cpu, 16 << 30, 0, 110];
/// #     nodes.push(scheduler.add_node(&NodeDef { name, taints, images, allocatable: &allocatable, ..NodeDef::default() })?);
/// # }
/// # let fit = Plugin::NodeResourcesFit.into();
/// # scheduler.add_profile(&ProfileDef { filters: &[fit], scores: &[(fit, 1)], ..ProfileDef::default() })?;
/// # let asks = [2_000, 1 << 30];
/// # let spec = scheduler.add_spec(&SpecDef { fit: &asks, bound: &asks, score: &asks, ..SpecDef::default() })?;
/// # let namespace = scheduler.add_namespace(&[], true)?;
/// # let labels = scheduler.add_label_class(namespace, &[])?;
/// let request = Request::new(spec, labels);
/// let mut filtered = scheduler.cycle(&request)?.filter()?;
/// assert_eq!(filtered.feasible(), 2); // The first node has 1 CPU, the pod wants 2.
///
/// // An extender does not want the largest node.
/// filtered.reject(nodes[2]);
/// let decision = filtered.decide(Pick::First);
/// assert_eq!(decision.node, Some(nodes[1]));
/// # Ok::<(), bayplan_core::Error>(())
/// ```
pub struct Cycle<'s, 'm, 'r> {
    s: &'s mut Scheduler<'m>,
    request: Request<'r>,
    row: SpecRow,
    profile: ProfileRow,
    external: Option<&'s mut dyn External>,
}

/// A cycle whose nodes are filtered. Its verdicts stay until it is dropped: reasons and scores come from the same pass.
pub struct Filtered<'s, 'm, 'r>(Cycle<'s, 'm, 'r>);

/// A cycle whose feasible nodes are scored.
pub struct Scored<'s, 'm, 'r> {
    cycle: Cycle<'s, 'm, 'r>,
    feasible: u32,
}

impl<'m> Scheduler<'m> {
    /// Begins a cycle for a pod: checks the request.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for an id that is not there, [`Error::OutOfRange`] for too many waiting claims.
    pub fn cycle<'s, 'r>(&'s mut self, request: &Request<'r>) -> Result<Cycle<'s, 'm, 'r>, Error> {
        request.check(&self.tables)?;
        let (row, profile) = self.tables.spec_row(request.spec)?;
        Ok(Cycle { s: self, request: *request, row, profile, external: None })
    }

    /// Decides for a pod in one go. Nothing is changed but caches.
    ///
    /// A pod whose class was asked for before costs what has changed since; about 10 µs at 5,000 nodes, and 33 µs for a new class.
    ///
    /// # Errors
    /// [`Error::NoSuch`] for an id that is not there; [`Error::Full`] where nominated pods do not fit into the tables or the record of a trial.
    pub fn decide(&mut self, request: &Request<'_>, pick: Pick) -> Result<Decision, Error> {
        Ok(self.cycle(request)?.filter()?.decide(pick))
    }
}

impl<'s, 'm, 'r> Cycle<'s, 'm, 'r> {
    /// Answers for the caller's own slots in this cycle, in the place of the columns that they have.
    #[must_use]
    pub fn with(mut self, external: &'s mut dyn External) -> Self {
        self.external = Some(external);
        self
    }

    /// The pod as plugins see it, and what they work with.
    fn parts(&mut self) -> (Pod<'_>, Work<'_, 'm>, Option<&mut (dyn External + 's)>) {
        let Scheduler { tables, cache, work } = &mut *self.s;
        let class = Class { t: tables, spec: self.request.spec, row: &self.row, profile: &self.profile };
        let pod = Pod { class, request: &self.request };
        (pod, Work { cache, scratch: work }, self.external.as_deref_mut())
    }

    fn nodes(&self) -> usize {
        self.s.tables.node_rows()
    }

    /// Filters all nodes.
    ///
    /// # Errors
    /// [`Error::Full`] where nominated pods do not fit into the tables or the record of a trial.
    pub fn filter(mut self) -> Result<Filtered<'s, 'm, 'r>, Error> {
        self.filter_with_nominated()?;
        self.mark();
        let work = &mut self.s.work;
        for at in 0..work.nominated_count[0] as usize {
            if work.nominated_mask[at] != 0 {
                work.mask[work.nominated_node[at] as usize] = work.nominated_mask[at];
            }
        }
        let mut filtered = Filtered(self);
        for node in filtered.0.request.rejects {
            filtered.reject(*node);
        }
        Ok(filtered)
    }
}

impl<'s, 'm, 'r> Filtered<'s, 'm, 'r> {
    fn mask(&self) -> &[u32] {
        &self.0.s.work.mask[..self.0.nodes()]
    }

    /// How many nodes are feasible.
    #[must_use]
    pub fn feasible(&self) -> u32 {
        let mask = self.mask();
        crate::math::simd::wide!(crate::math::simd::count(mask.iter().map(|mask| *mask == 0)))
    }

    /// The feasible nodes, in node order.
    pub fn feasible_nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.mask().iter().enumerate().filter(|(_, mask)| **mask == 0).map(|(node, _)| NodeId(node as u32))
    }

    /// Whether a node is feasible.
    #[must_use]
    pub fn is_feasible(&self, node: NodeId) -> bool {
        self.mask().get(node.at()) == Some(&0)
    }

    /// Whether a node passes the filters as if its nominated pods were there; `None` where it has none that this pod must respect.
    #[must_use]
    pub fn passes_with_nominated(&self, node: NodeId) -> Option<bool> {
        let work = &self.0.s.work;
        work.nominated(node).map(|at| work.nominated_mask[at] == 0)
    }

    /// Rejects a node, as an extender does; a node that is not there is passed over.
    pub fn reject(&mut self, node: NodeId) {
        let nodes = self.0.nodes();
        if let Some(mask) = self.0.s.work.mask[..nodes].get_mut(node.at()) {
            *mask |= bit::CALLER;
        }
    }

    /// The result, as kube-scheduler comes to it: the nominated node where it is feasible; the only feasible node without
    /// scoring; else one of the best.
    #[must_use]
    pub fn decide(self, pick: Pick) -> Decision {
        let feasible = self.feasible();
        let mask = self.mask();
        if let Some(node) = self.0.s.tables.nominated_to(self.0.request.nomination)
            && mask.get(node.at()).is_some_and(|mask| mask & !bit::NOT_NAMED == 0)
        {
            return Decision { node: Some(node), score: 0, ties: 1, feasible };
        }
        if feasible <= 1 {
            let node = self.feasible_nodes().next();
            return Decision { node, score: 0, ties: feasible, feasible };
        }
        self.score_feasible(feasible).pick(pick)
    }
}
