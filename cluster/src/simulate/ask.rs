//! The planner's question: manifests are applied to a cluster; what becomes of it?

use std::collections::HashSet;

use super::{Applied, DrainReport, Event, Simulation, SimulationOptions, Tally, Utilisation};
use crate::admit;
use crate::attempt::Decision;
use crate::error::Error;
use crate::expand::run_of;
use crate::objects::{Kind, Object};
use crate::refusal::Reason;
use crate::state::Cluster;

/// A pod that is there no more.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gone {
    /// `namespace/name`.
    pub pod: String,
    /// The node that it was on; empty where it waited for one.
    pub node: String,
    /// Why: `Deleted` by its controller or with its node, `Evicted` by a drain, `Preempted`, `TaintEviction`, or `Finished` where it ran to its end.
    pub why: &'static str,
    /// The pod that it made room for.
    pub by: Option<String>,
}

/// What became of a cluster.
pub struct Simulated {
    /// How many pods were evicted to make room for others, those that came since among them.
    pub preempted: usize,
    /// The changes, as options of the command.
    pub changes: Vec<String>,
    /// What came of each object that was applied, in order.
    pub applied: Vec<Applied>,
    /// What came of drains.
    pub drains: Vec<DrainReport>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// The last decision for each pod that waited or came, and is still there, in the order of the first attempts.
    pub decisions: Vec<Decision>,
    /// The pods that went, in order; those that only came to go are not among them.
    pub gone: Vec<Gone>,
    /// The workloads that something happened to, or whose pods wait.
    pub workloads: Vec<Tally>,
    /// What was requested of the cluster before.
    pub before: Utilisation,
    /// The same after.
    pub after: Utilisation,
    /// What a user should know of the input.
    pub warnings: Vec<String>,
    /// Objects and pods that a server refuses for now, and workloads that were not played: whose they are, and why.
    pub left_out: Vec<String>,
    /// The cluster after.
    pub cluster: Cluster,
}

impl Cluster {
    /// Applies manifests to a fork and plays its controllers, its scheduler and its nodes until nothing changes any more.
    ///
    /// Pods that workloads of the cluster lack are made, a changed template is rolled out within maxSurge and maxUnavailable, DaemonSets get
    /// their pods on new nodes, nodes that are not ready are tainted and their pods evicted. The clock is virtual, see
    /// [`SimulationOptions::seconds`].
    ///
    /// Costs as many rounds as it takes. The first and the last look at all workloads, nodes, budgets and waiting pods, the others at what
    /// changed; each pod that may find room takes an attempt.
    ///
    /// # Errors
    /// Where a server refuses an object for what it says (what it may take later, where a quota is exhausted, or an account or a namespace is not there yet, is [`Simulated::left_out`]), where there is no end, where
    /// more pods would be made than the options allow, or `progress` says stop. It is told how many pods found a node, and how many there were to
    /// place.
    pub fn simulate(
        &self,
        objects: &[Object],
        options: SimulationOptions,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Simulated, Error> {
        let mut simulation = Simulation::new(self.clone(), options);
        let before = Utilisation::of(&mut simulation.cluster)?;
        let applied = simulation.apply(objects.iter().cloned())?;
        let left_out = simulation.refused_for_now(&applied)?;
        if options.cron_jobs {
            simulation.run_cron_jobs()?;
        }
        simulation.run_telling(progress)?;
        let mut simulated = simulation.end(self, before)?;
        simulated.applied = applied;
        simulated.leave_out(left_out);
        Ok(simulated)
    }
}

impl Simulated {
    /// Adds to what is left out.
    pub(crate) fn leave_out(&mut self, more: Vec<String>) {
        self.warnings.extend(more.iter().cloned());
        self.left_out.splice(0..0, more);
    }
}

impl Simulation {
    /// What became of a cluster since.
    ///
    /// # Errors
    /// Only where its tables are broken: a fault of this library.
    pub(crate) fn end(mut self, cluster: &Cluster, before: Utilisation) -> Result<Simulated, Error> {
        self.disruption_budgets()?;
        let after = Utilisation::of(&mut self.cluster)?;
        let mut warnings = self.cluster.warnings();
        let overlaid = std::mem::take(&mut self.overlaid);
        warnings.extend(self.cluster.overlaid(overlaid.iter().map(String::as_str)));
        warnings.extend(self.assumed.iter().cloned());
        warnings.extend(self.still_to_come());
        let left_out = self.left_out();
        warnings.extend(left_out.iter().cloned());
        Ok(Simulated {
            preempted: self.preempted(),
            changes: Vec::new(),
            applied: Vec::new(),
            drains: Vec::new(),
            gone: self.gone(cluster),
            workloads: self.tally(cluster),
            decisions: {
                let mut decisions = self.decisions();
                self.cluster.describe(&mut decisions);
                decisions
            },
            events: self.events,
            before,
            after,
            warnings,
            left_out,
            cluster: self.cluster,
        })
    }

    /// What is left out of objects that a server refuses for now: it may take them when others have gone or come.
    ///
    /// # Errors
    /// Where it refuses one for what it says.
    pub(crate) fn refused_for_now(&self, applied: &[Applied]) -> Result<Vec<String>, Error> {
        let refused = applied.iter().filter_map(|applied| match applied {
            Applied::Refused(error) => Some(error),
            _ => None,
        });
        // What may be taken later, when others have gone or come.
        let may_come = |error: &Error| {
            let is_missing = error.refusal().is_some_and(|refusal| refusal.reason() == Reason::NotFound);
            let words = ["exceeded quota", "failed quota", "error looking up service account"];
            is_missing || words.iter().any(|words| error.problem().contains(words))
        };
        let (for_now, faults): (Vec<&Error>, Vec<&Error>) = refused.partition(|error| may_come(error));
        if let Some(error) = Error::all(faults.into_iter().cloned().collect::<Vec<_>>()) {
            return Err(error);
        }
        Ok(for_now.into_iter().map(|e| format!("{} is refused: {}", e.object(), e.problem())).collect())
    }

    /// Each CronJob runs once, unless it is suspended.
    pub(crate) fn run_cron_jobs(&mut self) -> Result<(), Error> {
        for object in self.all(&[Kind::CronJob]) {
            let Object::CronJob(cron) = object else { continue };
            if cron.spec.suspend == Some(true) {
                continue;
            }
            let mut run = Object::from(run_of(&cron));
            run.metadata_mut().name = self.free_job_name(&cron.metadata.namespace, &cron.metadata.name);
            match self.within_quota(&run) {
                Ok(()) => {
                    self.cluster.upsert(run)?;
                    self.touch_all();
                }
                Err(error) if admit::is_refusal(&error) => {
                    let owner = Object::from(*cron);
                    self.refused(&owner, "Error creating job: ", error)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn free_job_name(&self, namespace: &str, base: &str) -> String {
        let names = (1..).map(|number| format!("{base}-{number:05}"));
        let is_free = |name: &String| self.cluster.object(Kind::Job, namespace, name).is_none();
        names.into_iter().find(is_free).unwrap_or_default()
    }

    /// Refusals that still hold in the end, and what was not played.
    fn left_out(&self) -> Vec<String> {
        let refused = self.touched.refused.iter();
        let still: HashSet<String> = refused.map(|(kind, ns, name)| format!("{kind}/{ns}/{name}")).collect();
        let failed = self.events.iter().filter_map(|event| match event {
            Event::FailedCreate { owner, message } if still.contains(owner) => Some(format!("{owner}: {message}")),
            _ => None,
        });
        failed.chain(self.unplayed.values().cloned()).collect()
    }

    /// What may be otherwise in a real cluster: what is left out, and rules that concern the pods and were not applied.
    pub(crate) fn unsure(&self) -> Vec<String> {
        let mut unsure = self.left_out();
        for (_, decision) in self.decisions.values() {
            for rule in &decision.not_applied {
                let text = format!("rule not applied: {}: {}", rule.rule, rule.why);
                if !unsure.contains(&text) {
                    unsure.push(text);
                }
            }
        }
        unsure
    }

    /// How many pods were evicted to make room for others.
    pub(crate) fn preempted(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Preempted { .. })).count()
    }

    /// What would happen after the time that was played.
    fn still_to_come(&self) -> Option<String> {
        let next = self.next_moment()?;
        let later = next.saturating_sub(self.clock);
        Some(format!(
            "the simulation ends after {} s, and more happens {later} s later: pods go that tolerate a taint until then; play longer with seconds (--seconds)",
            self.clock
        ))
    }

    /// The pods that the cluster had before and has no more, or that ran to their end.
    fn gone(&self, before: &Cluster) -> Vec<Gone> {
        let node = |pod: &str| before.pod(pod).map(|pod| pod.spec.node_name.clone());
        let gone = self.events.iter().filter_map(|event| {
            let (pod, why, by) = match event {
                Event::Deleted(pod) => (pod, "Deleted", None),
                Event::Evicted(pod) => (pod, "Evicted", None),
                Event::Preempted { pod, by } => (pod, "Preempted", Some(by.clone())),
                Event::TaintEviction { pod, .. } => (pod, "TaintEviction", None),
                Event::Finished(pod) => (pod, "Finished", None),
                _ => return None,
            };
            Some(Gone { pod: pod.clone(), node: node(pod)?, why, by })
        });
        gone.collect()
    }
}
