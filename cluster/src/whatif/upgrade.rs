//! The rehearsal of an upgrade: each node in turn is drained and replaced, with extra nodes if it may have some.

use crate::change::{AddNodes, Nodes};
use crate::error::Error;
use crate::objects::Object;
use crate::simulate::{Base, DrainOptions, Simulation, SimulationOptions};
use crate::state::Cluster;

/// How nodes are replaced.
#[derive(Clone, Debug)]
pub struct UpgradeOptions {
    /// How it is played.
    pub simulation: SimulationOptions,
    /// Only these; all where none are named.
    pub nodes: Option<Nodes>,
    /// How many new nodes come before as many old ones are drained; with 0 each is drained first, and its replacement comes after.
    pub surge: usize,
    /// Pods with emptyDir volumes move too.
    pub delete_empty_dir_data: bool,
    /// Pods without a controller go too.
    pub force: bool,
    /// How long an eviction that a budget refuses is tried again, in seconds; without, as long as anything changes.
    pub timeout: Option<i64>,
}

impl Default for UpgradeOptions {
    fn default() -> Self {
        UpgradeOptions {
            simulation: SimulationOptions { jobs_finish: false, ..SimulationOptions::default() },
            nodes: None,
            surge: 1,
            delete_empty_dir_data: true,
            force: false,
            timeout: None,
        }
    }
}

/// A node in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// The node.
    pub node: String,
    /// The one that comes in its place.
    pub replacement: String,
    /// Was it drained and removed?
    pub is_done: bool,
    /// How many of its pods were evicted.
    pub evicted: usize,
    /// How many pods more than at the beginning were on no node once it was drained.
    pub missing: usize,
    /// Who keeps it from being drained: budgets, or in kubectl's words what else.
    pub blocked_by: Vec<String>,
}

/// What comes of an upgrade.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Upgrade {
    /// Each node in turn.
    pub steps: Vec<Step>,
    /// How many nodes there were at most beyond those at the beginning.
    pub peak_extra_nodes: usize,
    /// How many pods were missing at most beyond those at the beginning.
    pub peak_missing: usize,
    /// What a user should know of the input.
    pub warnings: Vec<String>,
    /// Rules that concern the pods and were not applied, and what a server refuses.
    pub unsure: Vec<String>,
}

impl Cluster {
    /// Rehearses an upgrade: the nodes in their order, each replaced by one like it. A node that cannot be drained stays, cordoned, and the next
    /// has its turn.
    ///
    /// Costs a drain for each node, on one fork.
    ///
    /// # Errors
    /// Where no such node is there, or `progress` says stop: it is told how many nodes are done.
    pub fn upgrade(
        &self,
        options: &UpgradeOptions,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Upgrade, Error> {
        let base = Base::of(self, options.simulation, &mut |_, _| progress(0, 0))?;
        let nodes = match &options.nodes {
            Some(nodes) => nodes.select(base.cluster())?,
            None => base.cluster().nodes().into_iter().map(str::to_owned).collect(),
        };
        let mut simulation = base.fork();
        let at_first = base.cluster().nodes().len();
        let mut level = Level { mark: base.cluster().clone(), missing: 0 };
        let mut upgrade = Upgrade {
            steps: Vec::new(),
            peak_extra_nodes: 0,
            peak_missing: 0,
            warnings: base.cluster().warnings(),
            unsure: Vec::new(),
        };
        let drain = DrainOptions {
            ignore_daemon_sets: true,
            delete_empty_dir_data: options.delete_empty_dir_data,
            force: options.force,
            timeout: options.timeout,
        };
        let mut done = 0;
        for batch in nodes.chunks(options.surge.max(1)) {
            let mut new = Vec::new();
            for node in batch {
                let like = AddNodes {
                    count: 1,
                    like: Some(node.clone()),
                    name: Some(format!("{node}-new")),
                    ..AddNodes::default()
                };
                new.push(like.made(simulation.cluster())?);
            }
            let names: Vec<String> = new.iter().map(|(node, _)| node.metadata.name.clone()).collect();
            new.reverse();
            if options.surge > 0 {
                for (node, csi) in new.drain(..) {
                    simulation.put_node(node)?;
                    if let Some(csi) = csi {
                        simulation.cluster_mut().upsert(Object::from(csi))?;
                    }
                }
                simulation.run()?;
            }
            let count = simulation.cluster().nodes().len();
            upgrade.peak_extra_nodes = upgrade.peak_extra_nodes.max(count.saturating_sub(at_first));
            for (nth, node) in batch.iter().enumerate() {
                if !progress(done, nodes.len()) {
                    return Err(Error::stopped());
                }
                done += 1;
                level.note(&mut simulation);
                let report = simulation.drain(&[node], drain)?;
                let mut step = Step {
                    node: node.clone(),
                    replacement: names.get(nth).cloned().unwrap_or_default(),
                    is_done: false,
                    evicted: simulation.evicted().len(),
                    missing: level.missing(&simulation),
                    blocked_by: Vec::new(),
                };
                match report.nodes.into_iter().find(|drained| !drained.is_drained) {
                    None => {
                        simulation.remove_node(node)?;
                        simulation.run()?;
                        step.is_done = true;
                    }
                    Some(drained) if drained.budgets.is_empty() => step.blocked_by = drained.errors,
                    Some(drained) => {
                        step.blocked_by =
                            drained.budgets.iter().map(|budget| format!("PodDisruptionBudget {budget}")).collect();
                    }
                }
                step.missing = step.missing.max(level.missing(&simulation));
                upgrade.peak_missing = upgrade.peak_missing.max(step.missing);
                // Without a surge the replacement comes in the place of one that went.
                if let (true, Some((node, csi))) = (step.is_done, new.pop()) {
                    simulation.put_node(node)?;
                    if let Some(csi) = csi {
                        simulation.cluster_mut().upsert(Object::from(csi))?;
                    }
                    simulation.run()?;
                }
                upgrade.steps.push(step);
            }
            let count = simulation.cluster().nodes().len();
            upgrade.peak_extra_nodes = upgrade.peak_extra_nodes.max(count.saturating_sub(at_first));
        }
        upgrade.unsure = simulation.unsure();
        Ok(upgrade)
    }
}

/// How many pods are missing. What happened up to a mark is counted and forgotten, so that each node costs what it moves.
struct Level {
    mark: Cluster,
    missing: i64,
}

impl Level {
    fn missing(&self, simulation: &Simulation) -> usize {
        usize::try_from(self.missing + simulation.shortfall(&self.mark)).unwrap_or(0)
    }

    fn note(&mut self, simulation: &mut Simulation) {
        self.missing += simulation.shortfall(&self.mark);
        self.mark = simulation.cluster().clone();
        *simulation = simulation.fork();
    }
}
