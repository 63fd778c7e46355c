//! A cluster that has come to rest: what scenarios begin from.

use super::{Event, Simulation, SimulationOptions, Utilisation};
use crate::error::Error;
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
            unplaced: at_rest.unplaced.clone(),
            refused: at_rest.refused.clone(),
            ended: at_rest.ended.clone(),
            made: 0,
            overlaid: Vec::new(),
            decisions: at_rest.decisions.clone(),
            unplayed: at_rest.unplayed.clone(),
            assumed: at_rest.assumed.clone(),
            touched: at_rest.touched.clone(),
            rolling: at_rest.rolling.clone(),
            budgets_unseen: at_rest.budgets_unseen,
            chooser: None,
            moved: false,
            verifies: at_rest.verifies,
            preemptions: 0,
        }
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

    /// The pods that were evicted since.
    pub(crate) fn evicted(&self) -> Vec<String> {
        let evicted = self.events.iter().filter_map(|event| match event {
            Event::Evicted(pod) => Some(pod.clone()),
            _ => None,
        });
        evicted.collect()
    }
}
