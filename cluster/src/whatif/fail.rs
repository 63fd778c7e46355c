//! N+1: what happens when a zone, a node, or any other domain of nodes is lost, each in turn.

use super::parallel;
use super::totals::Totals;
use crate::change::{Change, Domain, domains, label_key};
use crate::error::Error;
use crate::simulate::{Base, Simulated, SimulationOptions, Tally, Utilisation};
use crate::state::Cluster;

/// More domains make pairs without end.
const MOST_IN_PAIRS: usize = 500;

/// How domains fail.
#[derive(Clone, Debug)]
pub struct FailOptions {
    /// How each is played.
    pub simulation: SimulationOptions,
    /// Whether each two domains fail together, as well as each alone.
    pub pairs: bool,
    /// Changes that are made before any domain fails.
    pub changes: Vec<Change>,
    /// How many threads play; 0 is one a core.
    pub threads: usize,
}

impl Default for FailOptions {
    fn default() -> Self {
        let simulation = SimulationOptions { jobs_finish: false, ..SimulationOptions::default() };
        FailOptions { simulation, pairs: false, changes: Vec::new(), threads: 0 }
    }
}

/// What happens when a domain is lost.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// The values of the label: one, or of a pair two.
    pub domains: Vec<String>,
    /// How many nodes are lost.
    pub nodes: usize,
    /// The sums of the rows.
    pub totals: Totals,
    /// The workloads that something happened to, or that lack pods.
    pub workloads: Vec<Tally>,
    /// What is requested of the nodes that are left.
    pub after: Utilisation,
    /// How many attempts weighed whom to evict.
    pub preemption_attempts: usize,
    /// Rules that concern the pods and were not applied, and what a server refuses: whose, and why.
    pub unsure: Vec<String>,
}

/// What happens when each domain is lost in turn.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fail {
    /// The label's key.
    pub by: String,
    /// What was changed before, as options of the command.
    pub changes: Vec<String>,
    /// Each domain in the order of the values, then each pair.
    pub failures: Vec<Failure>,
    /// Nodes without the label: they never fail here.
    pub without_label: Vec<String>,
    /// What is requested while none fails.
    pub before: Utilisation,
    /// Pods that are missing while none fails.
    pub missing_before: usize,
    /// What a user should know of the input.
    pub warnings: Vec<String>,
    /// What plays no part: whose it is, and why.
    pub left_out: Vec<String>,
}

impl Cluster {
    /// Loses each domain of a label in turn, from the cluster at rest: its nodes are gone, and their pods come again through their controllers.
    /// `zone` and `node` are short for the well-known labels.
    ///
    /// Costs what it takes to bring the cluster to rest once, and for each domain a fork and what it moves.
    ///
    /// # Errors
    /// Where no node has the label, a change cannot be made, or `progress` says stop: it is told how many domains are done.
    pub fn fail(
        &self,
        by: &str,
        options: &FailOptions,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Fail, Error> {
        let start = if options.changes.is_empty() {
            None
        } else {
            Some(self.what_if(&options.changes, options.simulation, &mut |_, _| progress(0, 0))?)
        };
        let cluster = start.as_ref().map_or(self, |start| &start.cluster);
        let (domains, without_label) = domains(cluster, by)?;
        let base = Base::of(cluster, options.simulation, &mut |_, _| progress(0, 0))?;
        // The base as an answer of its own: what is missing while nothing fails.
        let at_rest = base.what_if(&[], &mut |_, _| true)?;
        let mut sets: Vec<Vec<usize>> = (0..domains.len()).map(|one| vec![one]).collect();
        if options.pairs {
            let many = domains.len();
            if many > MOST_IN_PAIRS {
                let problem = format!("{many} domains make too many pairs");
                let hint = format!("at most {MOST_IN_PAIRS} can fail in pairs: choose a label with fewer values");
                return Err(Error::input(problem).hint(hint));
            }
            let pairs = (0..domains.len()).flat_map(|one| (one + 1..domains.len()).map(move |two| vec![one, two]));
            sets.extend(pairs);
        }
        let failures = parallel::each(sets.len(), options.threads, progress, |nth| {
            let lost = sets[nth].iter().map(|domain| &domains[*domain]);
            failure(&base, &lost.collect::<Vec<_>>())
        })?;
        let mut warnings = start.as_ref().map_or_else(Vec::new, |start| start.warnings.clone());
        warnings
            .extend(at_rest.warnings.iter().filter(|warning| !warnings.contains(warning)).cloned().collect::<Vec<_>>());
        let left_out = start.as_ref().map_or_else(|| at_rest.left_out.clone(), Simulated::not_done);
        Ok(Fail {
            by: label_key(by).to_owned(),
            changes: options.changes.iter().map(ToString::to_string).collect(),
            failures,
            without_label,
            before: base.utilisation().clone(),
            missing_before: at_rest.totals().missing,
            warnings,
            left_out,
        })
    }
}

fn failure(base: &Base, lost: &[&Domain]) -> Result<Failure, Error> {
    let mut simulation = base.fork();
    let nodes = lost.iter().flat_map(|(_, nodes)| nodes);
    let mut count = 0;
    for node in nodes {
        simulation.remove_node(node)?;
        count += 1;
    }
    simulation.run()?;
    let workloads = simulation.tally(base.cluster());
    Ok(Failure {
        domains: lost.iter().map(|(value, _)| value.clone()).collect(),
        nodes: count,
        totals: Totals::of(&workloads, simulation.preempted()),
        workloads,
        preemption_attempts: simulation.preemption_attempts(),
        unsure: simulation.unsure(),
        after: Utilisation::of(simulation.cluster_mut())?,
    })
}
