//! Job: as many pods at a time as it asks for, until enough have ended well.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Simulation;
use crate::error::Error;
use crate::expand::{has_ended, indexed_pod};
use crate::objects::{Job, Object, Pod};
use crate::state::key_of;

const INDEX: &str = "batch.kubernetes.io/job-completion-index";

impl Simulation {
    pub(super) fn job(&mut self, job: &Job) -> Result<(), Error> {
        if has_ended(&job.status) {
            return Ok(());
        }
        let workload = Object::from(job.clone());
        let pods = self.pods_of(&workload);
        if job.spec.suspend == Some(true) {
            return pods.iter().try_for_each(|pod| self.scale_down(pod));
        }
        let ended = self.ended_pods(job);
        let succeeded = ended.len() + usize::try_from(job.status.succeeded).unwrap_or(0);
        let number = |n: Option<i32>| n.and_then(|n| usize::try_from(n).ok());
        let parallelism = number(job.spec.parallelism).unwrap_or(1);
        let completions = match (job.spec.completions, job.spec.parallelism) {
            (None, None) => Some(1),
            (completions, _) => number(completions),
        };
        let active = match completions {
            Some(completions) => parallelism.min(completions.saturating_sub(succeeded)),
            // The first pod that ends well ends all.
            None if succeeded > 0 => pods.len(),
            None => parallelism,
        };
        if pods.len() >= active {
            return pods.iter().skip(active).try_for_each(|pod| self.scale_down(pod));
        }
        if job.spec.completion_mode.as_deref() != Some("Indexed") {
            self.make_pods(&workload, active - pods.len(), "Error creating: ")?;
            return Ok(());
        }
        let taken: BTreeSet<&str> =
            pods.iter().chain(&ended).filter_map(|pod| Some(pod.metadata.labels.get(INDEX)?.as_str())).collect();
        let free = (0..completions.unwrap_or(0)).filter(|index| !taken.contains(index.to_string().as_str()));
        let free: Vec<usize> = free.take(active - pods.len()).collect();
        for index in free {
            let made = indexed_pod(job, index, &self.cluster.context());
            let put = made.and_then(|mut pod| {
                let base = format!("{}-{index}", job.metadata.name);
                pod.metadata.name = self.free_name(&job.metadata.namespace, &base);
                self.put(pod)
            });
            if let Err(error) = put {
                return self.refused(&workload, "Error creating: ", error);
            }
        }
        Ok(())
    }

    /// The pods of a Job that ended well in this simulation.
    fn ended_pods(&self, job: &Job) -> Vec<Arc<Pod>> {
        let Some(ended) = self.ended.get(&key_of(&job.metadata.namespace, &job.metadata.name)) else {
            return Vec::new();
        };
        ended.iter().filter_map(|key| self.cluster.known(key).ok()).collect()
    }
}
