//! The scheduler, and the kubelets that run what it places.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Event, Simulation, is_ready};
use crate::attempt::{Decision, Outcome, Start};
use crate::error::Error;
use crate::objects::{Kind, Object, Pod};
use crate::state::key_of;

impl Simulation {
    /// One attempt for each pod that waits, the highest priority first, then the oldest.
    pub(super) fn schedule(&mut self, progress: &mut dyn FnMut(usize, usize) -> bool) -> Result<(), Error> {
        let mut start = self.cluster.clock();
        let (woken, mut freed) = (std::mem::take(&mut self.touched.woken), std::mem::take(&mut self.touched.freed));
        let neighbours = std::mem::take(&mut self.touched.neighbours);
        // Nobody finds room on a node that went.
        freed.retain(|node| self.cluster.object(Kind::Node, "", node).is_some());
        let waiting = self.cluster.pending();
        // Nothing changed for any of them.
        if !woken && !neighbours && freed.is_empty() && waiting.iter().all(|key| self.decisions.contains_key(key)) {
            return Ok(());
        }
        for key in waiting {
            // One that was evicted in between.
            let Some(pod) = self.cluster.pod(&key) else { continue };
            let is_plain = is_plain(pod) && !self.cluster.asks_others(pod);
            if !woken && is_plain && self.decisions.contains_key(&key) && !self.may_fit(&key, &freed)? {
                continue;
            }
            let placed = self.decisions.len().saturating_sub(self.unplaced.len());
            if !progress(placed, self.decisions.len()) {
                return Err(Error::stopped());
            }
            let mut decision = self.attempt(&key)?;
            self.choose(&key, &mut decision)?;
            self.preemptions += usize::from(decision.preemption.is_some());
            let turn = self.decisions.get(&key).map_or(self.decisions.len(), |(turn, _)| *turn);
            self.decisions.insert(key.clone(), (turn, Arc::new(decision.clone())));
            match (decision.outcome, &decision.node) {
                (Outcome::Scheduled, Some(node)) => {
                    start = start.saturating_add(1);
                    self.cluster.bind(&key, node, start)?;
                    self.unplaced.remove(&key);
                    if let Some(pod) = self.cluster.pod(&key).cloned() {
                        self.touch(&pod);
                    }
                    self.touched.neighbours = true;
                    self.happened(Event::Bound { pod: key.clone(), node: node.clone() });
                }
                _ => {
                    self.unplaced.insert(key.clone(), decision.event());
                    if self.unplaced.len() > self.most_unplaced {
                        return Err(Error::stopped());
                    }
                }
            }
            let Some(preemption) = decision.preemption.filter(|_| decision.node.is_none()) else { continue };
            let victims: Vec<Arc<Pod>> =
                preemption.victims.iter().map(|victim| self.cluster.known(victim)).collect::<Result<_, _>>()?;
            self.cluster.carry_out(&key, &preemption)?;
            for victim in victims {
                self.cluster.note_disruption(&super::drain::marked_ready(Pod::clone(&victim)))?;
                self.frees(&victim.metadata.namespace);
                self.touch(&victim);
                self.freed(&victim);
                let pod = key_of(&victim.metadata.namespace, &victim.metadata.name);
                self.forget(&pod);
                self.happened(Event::Preempted { pod, by: key.clone() });
            }
        }
        Ok(())
    }

    /// One attempt. What budgets let go is counted anew only where somebody may be evicted.
    fn attempt(&mut self, key: &str) -> Result<Decision, Error> {
        if !self.cluster.preempts() || !self.budgets_unseen && self.touched.counted.is_empty() {
            return self.cluster.decide(key);
        }
        let decision = self.cluster.attempt(key, false, false)?.0;
        if decision.outcome != Outcome::Unschedulable {
            return Ok(decision);
        }
        self.disruption_budgets()?;
        self.cluster.decide(key)
    }

    /// Asks whoever chooses among equal nodes, if somebody does.
    fn choose(&mut self, key: &str, decision: &mut Decision) -> Result<(), Error> {
        let Some(chooser) = self.chooser.as_mut().filter(|_| decision.ties > 1) else { return Ok(()) };
        let best = self.cluster.why(key)?.best;
        let pod = self.cluster.known(key)?;
        if let Some(node) = chooser(&pod, &best).filter(|node| best.iter().any(|best| **best == **node)) {
            decision.node = Some(node);
        }
        Ok(())
    }

    /// May a pod that was rejected find room where some came to be? Only these nodes are judged, and what preemption might do there.
    fn may_fit(&mut self, key: &str, freed: &BTreeSet<String>) -> Result<bool, Error> {
        if freed.is_empty() {
            return Ok(false);
        }
        let pod = self.cluster.known(key)?;
        let priority = self.cluster.priority_of(&pod);
        if self.cluster.preempts() && freed.iter().any(|node| self.cluster.has_lower(node, priority)) {
            return Ok(true);
        }
        let Start::Ready(prepared) = self.cluster.start(key, &pod)? else { return Ok(true) };
        let nodes: Vec<_> =
            freed.iter().filter_map(|node| self.cluster.compiler().nodes.get(node.as_str())).copied().collect();
        self.cluster.ask(&prepared, |mut cycle| {
            for node in &nodes {
                if cycle.judge(*node)?.passes() {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// Pods that are being deleted end, where a kubelet is heard of that ends them.
    ///
    /// Costs a look at each pod.
    pub(super) fn end_terminating(&mut self) -> Result<(), Error> {
        let pods = self.cluster.store().pods.iter().map(|entry| &entry.pod);
        let ending = pods.filter(|pod| {
            pod.metadata.deletion_timestamp.is_some()
                && !matches!(pod.status.phase.as_str(), "Succeeded" | "Failed")
                && !self.is_silent(&pod.spec.node_name)
        });
        let mut keys: Vec<String> = ending.map(|pod| key_of(&pod.metadata.namespace, &pod.metadata.name)).collect();
        keys.sort();
        if let Some(first) = keys.first() {
            self.assumed.insert(match keys.len() {
                1 => format!("{first} is Terminating: it is taken to end, and its room is given to others"),
                count => format!("{count} pods are Terminating (first: {first}): they are taken to end, and their room is given to others"),
            });
        }
        for key in keys {
            self.remove(&key)?;
            self.happened(Event::Deleted(key));
        }
        Ok(())
    }

    /// Pods of Jobs run to their end.
    pub(super) fn kubelets(&mut self) -> Result<(), Error> {
        if !self.options.jobs_finish {
            return Ok(());
        }
        for object in self.all(&[Kind::Job]) {
            for pod in self.pods_of(&object).into_iter().filter(|pod| is_ready(pod)) {
                if pod.spec.restart_policy == "Always" {
                    continue;
                }
                let mut pod = Pod::clone(&pod);
                let key = key_of(&pod.metadata.namespace, &pod.metadata.name);
                "Succeeded".clone_into(&mut pod.status.phase);
                self.frees(&pod.metadata.namespace);
                self.touch(&pod);
                self.freed(&pod);
                self.cluster.upsert(Object::from(pod))?;
                let job = key_of(object.namespace(), object.name());
                self.ended.entry(job).or_default().push(key.clone());
                self.happened(Event::Finished(key));
            }
        }
        Ok(())
    }
}

/// Is a pod rejected by a node for what is on that node alone? What others of a zone do, or its volumes, is no reason then.
pub(super) fn is_plain(pod: &Pod) -> bool {
    let affinity = pod.spec.affinity.as_ref();
    let affine = affinity.and_then(|affinity| affinity.pod_affinity.as_ref()).is_some_and(|a| !a.required.is_empty());
    let anti =
        affinity.and_then(|affinity| affinity.pod_anti_affinity.as_ref()).is_some_and(|a| !a.required.is_empty());
    let spread = pod.spec.topology_spread_constraints.iter().any(|c| c.when_unsatisfiable == "DoNotSchedule");
    !affine && !anti && !spread && pod.spec.volumes.is_empty() && pod.spec.resource_claims.is_empty()
}
