//! Which nodes can be switched off together: each is drained as kubectl drains it, and goes where all its pods found another node.

use std::collections::BTreeMap;

use crate::change::{Change, Nodes};
use crate::error::{Error, ErrorKind};
use crate::simulate::{Base, DrainOptions, Simulation, SimulationOptions, Utilisation};
use crate::state::Cluster;

/// Which nodes are tried, and how.
#[derive(Clone, Debug)]
pub struct ShrinkOptions {
    /// How it is played.
    pub simulation: SimulationOptions,
    /// Only these; all where none are named.
    pub nodes: Option<Nodes>,
    /// What nodes cost, by their names, in whatever unit.
    pub prices: BTreeMap<String, f64>,
    /// No more than these go.
    pub most: usize,
    /// Pods with emptyDir volumes move too.
    pub delete_empty_dir_data: bool,
    /// Changes that are made before.
    pub changes: Vec<Change>,
}

impl Default for ShrinkOptions {
    fn default() -> Self {
        ShrinkOptions {
            simulation: SimulationOptions { jobs_finish: false, ..SimulationOptions::default() },
            nodes: None,
            prices: BTreeMap::new(),
            most: usize::MAX,
            delete_empty_dir_data: true,
            changes: Vec::new(),
        }
    }
}

/// A node that can go.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Emptied {
    /// The node.
    pub node: String,
    /// What it costs, where that is known.
    pub price: Option<f64>,
    /// The pods that are evicted from it: `namespace/name`.
    pub moves: Vec<String>,
}

/// A node that stays, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// The node.
    pub node: String,
    /// In a sentence.
    pub why: String,
}

/// Which nodes can be switched off together.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Shrink {
    /// What was changed before, as options of the command.
    pub changes: Vec<String>,
    /// In the order in which they are drained.
    pub emptied: Vec<Emptied>,
    /// The others that were tried.
    pub kept: Vec<Kept>,
    /// What all nodes cost before, where prices are known.
    pub price_before: Option<f64>,
    /// What those cost that are left.
    pub price_after: Option<f64>,
    /// What was requested before.
    pub before: Utilisation,
    /// What is requested of the nodes that are left.
    pub after: Utilisation,
    /// What a user should know of the input.
    pub warnings: Vec<String>,
    /// What plays no part: whose it is, and why.
    pub left_out: Vec<String>,
}

impl Cluster {
    /// Looks for nodes that can be switched off together, so that every pod that is on a node now is on one then: budgets are kept, nobody is
    /// preempted, and pods that no controller makes again keep their node. What costs most for what it carries is tried first; without prices
    /// what carries least.
    ///
    /// It is a search that takes what it finds: another set may be larger.
    ///
    /// Costs a fork and a drain for each node that is tried.
    ///
    /// # Errors
    /// Where a change cannot be made, or `progress` says stop: it is told how many nodes were tried.
    pub fn shrink(
        &self,
        options: &ShrinkOptions,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Shrink, Error> {
        let start = self.what_if(&options.changes, options.simulation, &mut |_, _| progress(0, 0))?;
        let mut cluster = start.cluster.clone();
        cluster.set_preemption(false);
        let base = Base::of(&cluster, options.simulation, &mut |_, _| progress(0, 0))?;
        let mut candidates = match &options.nodes {
            Some(nodes) => nodes.select(base.cluster())?,
            None => base.cluster().nodes().into_iter().map(str::to_owned).collect(),
        };
        let load = loads(&mut cluster, base.utilisation())?;
        let worth = |node: &String| {
            let price = options.prices.get(node).copied();
            let load = load.get(node).copied().unwrap_or(0.0);
            // An empty one is worth the most.
            price.map_or(-load, |price| price / (load + 0.01))
        };
        candidates.sort_by(|a, b| worth(b).total_cmp(&worth(a)));
        let mut search = Search { now: base.fork(), options, emptied: Vec::new(), kept: Vec::new() };
        for (nth, node) in candidates.iter().enumerate() {
            if !progress(nth, candidates.len()) {
                return Err(Error::stopped());
            }
            if search.emptied.len() >= options.most {
                break;
            }
            search.try_one(node)?;
        }
        let price = |nodes: Vec<&str>| {
            let known: Vec<f64> = nodes.iter().filter_map(|node| options.prices.get(*node).copied()).collect();
            (!known.is_empty()).then(|| known.iter().sum())
        };
        let (emptied, kept) = (search.emptied, search.kept);
        let mut last = search.now;
        Ok(Shrink {
            changes: options.changes.iter().map(ToString::to_string).collect(),
            price_before: price(base.cluster().nodes()),
            price_after: price(last.cluster().nodes()),
            emptied,
            kept,
            before: base.utilisation().clone(),
            after: Utilisation::of(last.cluster_mut())?,
            left_out: start.not_done(),
            warnings: start.warnings,
        })
    }
}

struct Search<'o> {
    now: Simulation,
    options: &'o ShrinkOptions,
    emptied: Vec<Emptied>,
    kept: Vec<Kept>,
}

impl Search<'_> {
    /// Drains a node, and takes it away where that left nobody without a node.
    fn try_one(&mut self, node: &str) -> Result<(), Error> {
        let drain = DrainOptions {
            ignore_daemon_sets: true,
            delete_empty_dir_data: self.options.delete_empty_dir_data,
            force: false,
            timeout: None,
        };
        if let Some(why) = self.is_held(node)? {
            self.kept.push(Kept { node: node.to_owned(), why });
            return Ok(());
        }
        let mut fork = self.now.fork();
        fork.give_up_early();
        let mut went = || {
            let report = fork.drain(&[node], drain)?;
            let drained = report.nodes.into_iter().find(|drained| !drained.is_drained);
            if drained.is_none() {
                // What is left are pods of DaemonSets and static pods.
                fork.remove_node(node)?;
                fork.run()?;
            }
            Ok::<_, Error>(drained)
        };
        let why = match went() {
            // A controller that is not here, or is refused, makes nothing again.
            Ok(None) => fork
                .not_made_again(self.now.cluster())
                .first()
                .map(|(workload, pods)| format!("{pods} of {workload} would not be made again")),
            Ok(Some(drained)) => Some(match &drained.budgets[..] {
                [] => drained.errors.join("; "),
                budgets => format!("the budget {} lets no pod go", budgets.join(", ")),
            }),
            Err(error) if error.kind() == ErrorKind::Stopped => {
                Some(fork.first_message().unwrap_or_else(|| "a pod finds no other node".to_owned()))
            }
            Err(error) => return Err(error),
        };
        match why {
            Some(why) => self.kept.push(Kept { node: node.to_owned(), why }),
            None => {
                let price = self.options.prices.get(node).copied();
                self.emptied.push(Emptied { node: node.to_owned(), price, moves: fork.evicted() });
                self.now = fork;
            }
        }
        Ok(())
    }

    /// Is there a pod on the node that fits nowhere else even before the others go there? Far cheaper than a drain.
    fn is_held(&mut self, node: &str) -> Result<Option<String>, Error> {
        for key in self.now.cluster().pods_on(node) {
            let pod = self.now.cluster().pod(&key);
            let owner = pod.and_then(|pod| pod.metadata.controller()).map(|owner| owner.kind.as_str());
            if owner.is_some() && owner != Some("DaemonSet") && !self.now.fits_elsewhere(&key)? {
                return Ok(Some(format!("{key} fits on no other node")));
            }
        }
        Ok(None)
    }
}

/// What part of the cluster's capacity each node's pods ask for, of cpu or memory, whichever is more.
fn loads(cluster: &mut Cluster, all: &Utilisation) -> Result<BTreeMap<String, f64>, Error> {
    let nodes = Utilisation::by_node(cluster)?.into_iter().map(|(name, on)| {
        let share = |resource: &str| {
            let (one, all) = (on.get(resource), all.resources.get(resource));
            one.zip(all).map_or(0.0, |(one, all)| one.requested as f64 / all.allocatable.max(1) as f64)
        };
        let load = share("cpu").max(share("memory"));
        (name, load)
    });
    Ok(nodes.collect())
}
