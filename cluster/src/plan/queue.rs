//! The scheduler's queue, played to its end: the highest priority first, then the oldest; with preemption, and with what comes of it.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::{Eviction, comes_again, tell};
use crate::attempt::{Decision, Outcome};
use crate::error::Error;
use crate::objects::Pod;
use crate::state::{Cluster, key_of};

/// How often a pod may preempt others before it is left pending: kube-scheduler would go on.
pub(super) const MOST_PREEMPTIONS: u32 = 16;

/// A pod's place in the queue.
type Place = (Reverse<i32>, u64, String);

/// What came of the queue.
pub(super) struct Played {
    /// The last decision for each pod, in the order of the first attempts; for pods that were evicted later, that of the pod that came in
    /// their place.
    pub(super) decisions: Vec<Decision>,
    pub(super) evictions: Vec<Eviction>,
    pub(super) warnings: Vec<String>,
}

/// The pods to place, and what is known of them so far.
#[derive(Default)]
struct Queue {
    active: BTreeSet<Place>,
    /// Pods that found no node; they are tried again when a pod is evicted.
    failed: BTreeSet<Place>,
    /// The order of the first attempts.
    order: Vec<String>,
    decisions: HashMap<String, Decision>,
    preemptions: HashMap<String, u32>,
    evictions: Vec<Eviction>,
}

impl Cluster {
    /// Plays the queue. Each pod is bound where it goes, at a start time of its own.
    pub(super) fn play_queue(
        &mut self,
        wanted: Vec<String>,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Played, Error> {
        let mut queue = Queue::default();
        queue.active.extend(wanted.iter().filter_map(|key| self.place_in_queue(key)));
        let mut start = self.last_start();
        while let Some(place) = queue.active.pop_first() {
            let done = queue.order.len() - queue.failed.len();
            tell(progress, done, done + queue.active.len() + queue.failed.len() + 1)?;
            start = start.saturating_add(1);
            self.play_next(place, &mut queue, start)?;
        }
        let count = queue.order.len();
        tell(progress, count, count)?;
        let Queue { order, mut decisions, evictions, preemptions, .. } = queue;
        let stuck = preemptions.iter().filter(|(pod, count)| {
            **count >= MOST_PREEMPTIONS && self.pod(pod).is_some_and(|pod| pod.spec.node_name.is_empty())
        });
        let mut warnings: Vec<String> = stuck
            .map(|(pod, count)| {
                format!("{pod} has preempted pods {count} times without finding room, and is left pending here")
            })
            .collect();
        warnings.sort_unstable();
        warnings.extend(self.candidates_cut(decisions.values()));
        Ok(Played { decisions: order.iter().filter_map(|key| decisions.remove(key)).collect(), evictions, warnings })
    }

    /// The place of a pod that waits for a node.
    fn place_in_queue(&self, key: &str) -> Option<Place> {
        let entry = self.store().pods.get(key).filter(|entry| entry.waits())?;
        Some((Reverse(entry.priority), entry.sequence, key.to_owned()))
    }

    fn play_next(&mut self, place: Place, queue: &mut Queue, start: i64) -> Result<(), Error> {
        let key = &place.2;
        let may_preempt = queue.preemptions.get(key).is_none_or(|count| *count < MOST_PREEMPTIONS);
        let (decision, victims) = self.try_to_place(key, may_preempt)?;
        if !queue.decisions.contains_key(key) {
            queue.order.push(key.clone());
        }
        let preempts = !victims.is_empty();
        match (decision.outcome, &decision.node) {
            (Outcome::Scheduled, Some(node)) => self.bind(key, node, start)?,
            (Outcome::Unschedulable, _) if !preempts => drop(queue.failed.insert(place.clone())),
            _ => {}
        }
        if preempts {
            *queue.preemptions.entry(key.clone()).or_default() += 1;
            for victim in victims {
                self.evicted(&victim, &decision.pod, queue)?;
            }
            // A pod that goes may be what the others waited for.
            queue.active.append(&mut queue.failed);
            queue.active.insert(place.clone());
        }
        queue.decisions.insert(place.2, decision);
        Ok(())
    }

    /// One attempt; the pods that it evicted.
    fn try_to_place(&mut self, key: &str, may_preempt: bool) -> Result<(Decision, Vec<Arc<Pod>>), Error> {
        if !self.preempts() || !may_preempt {
            return Ok((self.decide(key)?, Vec::new()));
        }
        let decision = self.decide(key)?;
        let Some(preemption) = &decision.preemption else { return Ok((decision, Vec::new())) };
        let victims = preemption.victims.iter().map(|victim| self.known(victim)).collect::<Result<_, _>>()?;
        self.carry_out(key, preemption)?;
        Ok((decision, victims))
    }

    /// One attempt; notes the pods that it evicted.
    pub(super) fn preempt_noting(&mut self, key: &str, evictions: &mut Vec<Eviction>) -> Result<Decision, Error> {
        let (decision, victims) = self.try_to_place(key, true)?;
        for victim in victims {
            self.note_disruption(&victim)?;
            evictions.push(self.eviction(&victim, key, None));
        }
        Ok(decision)
    }

    /// Notes that a pod was evicted, and puts the one into the queue that comes in its place.
    fn evicted(&mut self, victim: &Pod, by: &str, queue: &mut Queue) -> Result<(), Error> {
        self.note_disruption(victim)?;
        let again = comes_again::pod_for(self, victim);
        let replaced_by = again.as_ref().map(|pod| key_of(&pod.metadata.namespace, &pod.metadata.name));
        if let Some(pod) = again {
            self.upsert(pod.into())?;
        }
        queue.active.extend(replaced_by.as_deref().and_then(|key| self.place_in_queue(key)));
        let eviction = self.eviction(victim, by, replaced_by);
        // A pod that was placed just before is placed no more.
        if queue.decisions.remove(&eviction.pod).is_some() {
            queue.order.retain(|other| *other != eviction.pod);
        }
        queue.evictions.push(eviction);
        Ok(())
    }

    fn eviction(&self, victim: &Pod, by: &str, replaced_by: Option<String>) -> Eviction {
        Eviction {
            pod: key_of(&victim.metadata.namespace, &victim.metadata.name),
            node: victim.spec.node_name.clone(),
            priority: self.priority_of(victim),
            by: by.to_owned(),
            replaced_by,
        }
    }

    /// Says where kube-scheduler would not weigh all nodes.
    fn candidates_cut<'d>(&self, mut decisions: impl Iterator<Item = &'d Decision>) -> Option<String> {
        let preempted = |decision: &&Decision| decision.preemption.as_ref().is_some_and(|p| p.node.is_some());
        let decision = decisions.find(preempted)?;
        let nodes = self.nodes().len();
        let profile = self.profile_of(self.pod(&decision.pod)?)?;
        let (percentage, absolute) = self.compiler().config.profiles[profile].args.candidates;
        let weighed = (nodes * percentage as usize / 100).max(absolute as usize);
        (weighed < nodes).then(|| {
            format!(
                "to preempt, kube-scheduler looks for {weighed} candidates, from a random node on; here all {nodes} nodes are weighed \
                 (minCandidateNodesPercentage: 100 makes it weigh them all)"
            )
        })
    }
}
