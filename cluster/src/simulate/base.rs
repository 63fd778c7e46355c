//! A cluster that has come to rest: what scenarios begin from.

use std::sync::Arc;

use super::schedule::is_plain;
use super::{Event, Simulation, SimulationOptions, Utilisation};
use crate::attempt::Start;
use crate::error::Error;
use crate::objects::{Kind, Pod};
use crate::state::{Cluster, key_of};

/// A cluster whose controllers, scheduler and nodes have nothing left to do. A fork of it is played from what a change touches, not from
/// everything that is there.
pub struct Base {
    at_rest: Simulation,
    utilisation: Utilisation,
}

impl Base {
    /// Plays a cluster until nothing changes any more.
    ///
    /// Costs what [`Cluster::simulate`] costs without manifests.
    ///
    /// # Errors
    /// As [`Cluster::simulate`].
    pub fn of(
        cluster: &Cluster,
        options: SimulationOptions,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Self, Error> {
        let mut simulation = Simulation::new(cluster.clone(), options);
        simulation.come_to_rest(progress)?;
        let utilisation = Utilisation::of(&mut simulation.cluster)?;
        Ok(Base { at_rest: simulation, utilisation })
    }

    /// The cluster at rest.
    #[must_use]
    pub fn cluster(&self) -> &Cluster {
        self.at_rest.cluster()
    }

    /// What it took to come to rest.
    #[must_use]
    pub fn simulation(&self) -> &Simulation {
        &self.at_rest
    }

    /// What is requested of it at rest.
    #[must_use]
    pub fn utilisation(&self) -> &Utilisation {
        &self.utilisation
    }

    /// A simulation that goes on from here.
    ///
    /// Costs a fork of the cluster, whose tables are copied when they are first written.
    #[must_use]
    pub fn fork(&self) -> Simulation {
        self.at_rest.fork()
    }
}

impl Simulation {
    /// Plays until nothing changes any more; from then on what changes touch is looked at, and nothing else.
    pub(crate) fn come_to_rest(&mut self, progress: &mut dyn FnMut(usize, usize) -> bool) -> Result<(), Error> {
        self.run_telling(progress)?;
        self.verifies = false;
        Ok(())
    }

    /// The same cluster, to go on with apart; what happened so far is not told again.
    pub(crate) fn fork(&self) -> Simulation {
        let at_rest = self;
        Simulation {
            cluster: at_rest.cluster.clone(),
            options: at_rest.options,
            clock: at_rest.clock,
            events: Vec::new(),
            quotas: at_rest.quotas.clone(),
            numbers: at_rest.numbers.clone(),
            evictions: at_rest.evictions.clone(),
            driving: at_rest.driving.clone(),
            unplaced: at_rest.unplaced.clone(),
            // What is refused again is told again.
            refused: Default::default(),
            ended: at_rest.ended.clone(),
            made: 0,
            overlaid: Vec::new(),
            decisions: at_rest.decisions.clone(),
            unplayed: at_rest.unplayed.clone(),
            assumed: at_rest.assumed.clone(),
            touched: at_rest.touched.clone(),
            rolling: at_rest.rolling.clone(),
            budgets_unseen: at_rest.budgets_unseen,
            counted_by: at_rest.counted_by.clone(),
            chooser: None,
            moved: false,
            verifies: at_rest.verifies,
            most_unplaced: at_rest.most_unplaced,
            preemptions: 0,
        }
    }

    /// Ends with [`ErrorKind::Stopped`](crate::ErrorKind::Stopped) as soon as another pod finds no node.
    pub(crate) fn give_up_early(&mut self) {
        self.most_unplaced = self.waiting();
    }

    /// May a pod that is on a node go to another one, as things are? One that looks at others, or has volumes, may.
    pub(crate) fn fits_elsewhere(&mut self, key: &str) -> Result<bool, Error> {
        let pod = self.cluster.known(key)?;
        let Some(on) = self.cluster.compiler().nodes.get(pod.spec.node_name.as_str()).copied() else { return Ok(true) };
        if !is_plain(&pod) || self.cluster.asks_others(&pod) {
            return Ok(true);
        }
        let mut free = Pod::clone(&pod);
        free.spec.node_name.clear();
        let Start::Ready(prepared) = self.cluster.start(key, &Arc::new(free))? else { return Ok(true) };
        self.cluster.ask(&prepared, |cycle| {
            let filtered = cycle.filter()?;
            Ok(filtered.feasible_nodes().any(|node| node != on))
        })
    }

    /// Pods that evictions and lost nodes took and that nobody has made again: `namespace/name` of what they belong to, and how many. Pods of
    /// DaemonSets go with their nodes.
    pub(crate) fn not_made_again(&self, before: &Cluster) -> Vec<(String, usize)> {
        let rows = self.tally(before).into_iter().filter(|row| row.kind != Kind::DaemonSet && row.kind != Kind::Node);
        let short = rows.map(|row| (format!("{}/{}", row.namespace, row.name), row.before.saturating_sub(row.after)));
        short.filter(|(_, missing)| *missing > 0).collect()
    }

    /// How many pods fewer are on nodes than were in `before`, those of DaemonSets left out; less than nothing where there are more.
    pub(crate) fn shortfall(&self, before: &Cluster) -> i64 {
        let rows = self.tally(before).into_iter().filter(|row| row.kind != Kind::DaemonSet);
        rows.map(|row| row.before as i64 - row.after as i64).sum()
    }

    /// How many pods found no node.
    pub(crate) fn waiting(&self) -> usize {
        self.unplaced.len()
    }

    /// What was said of the first of them that came since.
    pub(crate) fn first_message(&self) -> Option<String> {
        let came = self.events.iter().filter_map(|event| match event {
            Event::Created(pod) => Some(key_of(&pod.metadata.namespace, &pod.metadata.name)),
            _ => None,
        });
        came.filter_map(|key| Some(format!("{key}: {}", self.unplaced.get(&key)?))).next()
    }

    /// Why a pod that waits found no node.
    pub(crate) fn why_waiting(&self, pod: &str) -> Option<&str> {
        self.unplaced.get(pod).map(String::as_str)
    }

    /// The pods that were evicted since.
    pub(crate) fn evicted(&self) -> Vec<String> {
        let evicted = self.events.iter().filter_map(|event| match event {
            Event::Evicted(pod) => Some(pod.clone()),
            _ => None,
        });
        evicted.collect()
    }
}
