//! A Deployment whose `replicas` changed: while a rollout is under way all its ReplicaSets grow or shrink, each in proportion
//! (`pkg/controller/deployment/sync.go`, read for behaviour).

use std::cmp::Reverse;

use super::deployment::{replicas, surge, total};
use super::{Simulation, is_ready};
use crate::error::Error;
use crate::objects::{Deployment, Object, ReplicaSet};
use crate::plan::age;

/// How many replicas the Deployment asked for when it last set the size of a ReplicaSet, and how many with the surge.
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MOST: &str = "deployment.kubernetes.io/max-replicas";

fn annotated(set: &ReplicaSet, name: &str) -> Option<i32> {
    set.metadata.annotations.get(name)?.parse().ok()
}

/// Notes what a Deployment asks for.
pub(super) fn annotate(set: &mut ReplicaSet, deployment: &Deployment, wanted: i32) {
    let most = wanted.saturating_add(surge(deployment, wanted));
    set.metadata.annotations.insert(DESIRED.to_owned(), wanted.to_string());
    set.metadata.annotations.insert(MOST.to_owned(), most.to_string());
}

/// Does a Deployment ask for another number than when its ReplicaSets, those with replicas, got their sizes?
pub(super) fn is_scaled<'s>(mut sets: impl Iterator<Item = &'s ReplicaSet>, wanted: i32) -> bool {
    sets.any(|set| replicas(set) > 0 && annotated(set, DESIRED).is_some_and(|desired| desired != wanted))
}

impl Simulation {
    /// Brings the sets to the number that is asked for, without going on with a rollout.
    pub(super) fn scale(
        &mut self,
        deployment: &Deployment,
        new: Option<&ReplicaSet>,
        old: &[ReplicaSet],
        wanted: i32,
    ) -> Result<(), Error> {
        let mut active: Vec<&ReplicaSet> = old.iter().chain(new).filter(|set| replicas(set) > 0).collect();
        match active[..] {
            [] => {
                let newest = new.or_else(|| old.iter().max_by_key(|set| age(set)));
                return newest.map_or(Ok(()), |set| self.resize(deployment, set, wanted, false));
            }
            [one] => return self.resize(deployment, one, wanted, false),
            _ => {}
        }
        if new.is_some_and(|new| self.is_saturated(new, wanted)) {
            let mut old = old.iter().filter(|set| replicas(set) > 0);
            return old.try_for_each(|set| self.resize(deployment, set, 0, false));
        }
        if deployment.spec.strategy.kind == "Recreate" {
            return Ok(());
        }
        let there = total(active.iter().copied());
        let allowed = if wanted > 0 { wanted.saturating_add(surge(deployment, wanted)) } else { 0 };
        let to_add = allowed.saturating_sub(there);
        active.sort_by_key(|set| age(set));
        if to_add > 0 {
            active.reverse();
        }
        active.sort_by_key(|set| Reverse(replicas(set)));
        let mut added = 0_i32;
        let mut sizes = Vec::with_capacity(active.len());
        for set in &active {
            let part = proportion(set, wanted, allowed, there);
            let left = to_add.saturating_sub(added);
            let part = if to_add > 0 { part.min(left) } else { part.max(left) };
            added = added.saturating_add(part);
            sizes.push(replicas(set).saturating_add(part));
        }
        // What is left over goes to the largest.
        if let Some(first) = sizes.first_mut() {
            *first = first.saturating_add(to_add.saturating_sub(added)).max(0);
        }
        active.into_iter().zip(sizes).try_for_each(|(set, size)| self.resize(deployment, set, size, true))
    }

    fn is_saturated(&self, set: &ReplicaSet, wanted: i32) -> bool {
        let ready = self.pods_of(&Object::from(set.clone())).iter().filter(|pod| is_ready(pod)).count();
        replicas(set) == wanted
            && annotated(set, DESIRED) == Some(wanted)
            && i32::try_from(ready).is_ok_and(|ready| ready == wanted)
    }
}

/// How many a set gains or loses where the whole grows or shrinks to `allowed`.
fn proportion(set: &ReplicaSet, wanted: i32, allowed: i32, there: i32) -> i32 {
    let has = replicas(set);
    if wanted == 0 {
        return -has;
    }
    let before = annotated(set, MOST).filter(|most| *most != 0).unwrap_or(there);
    if before == 0 {
        return 0;
    }
    let size = (f64::from(has) * f64::from(allowed) / f64::from(before)).round();
    // A share that cannot be counted is as large as can be.
    (size as i32).saturating_sub(has)
}
