//! Deployment: its ReplicaSets, and the rollout from one template to the next.

use super::{Simulation, is_ready};
use crate::admit;
use crate::error::Error;
use crate::expand::replica_set_of;
use crate::objects::{Deployment, Free, Kind, Object, ReplicaSet};
use crate::plan::{Current, current_set, has_pods, replica_sets};

impl Simulation {
    pub(super) fn deployment(&mut self, deployment: &Deployment) -> Result<(), Error> {
        let wanted = deployment.spec.replicas.unwrap_or(1).max(0);
        let of_it = replica_sets(&self.cluster, &deployment.metadata);
        let mut old: Vec<ReplicaSet> = of_it.cloned().collect();
        if old.is_empty() && has_pods(&self.cluster, deployment) {
            let of = Object::from(deployment.clone());
            let why = format!(
                "{of} is not played: its ReplicaSets are not in the input, and its pods are; dump replicasets too"
            );
            self.unplayed.insert(of.to_string(), why);
            return Ok(());
        }
        let name = replica_set_of(deployment).metadata.name;
        let new = match old.iter().find(|set| set.metadata.name == name) {
            Some(set) => Some(set.clone()),
            // Of the sets of a real controller only the fields are here that decisions read.
            None if deployment.metadata.provenance.is_changed() => None,
            // A set of a real controller has another hash.
            None => match current_set(&self.cluster, &self.cluster.context(), deployment) {
                Ok(Current::Same(set, _)) => Some(*set),
                Ok(Current::Other | Current::None) => None,
                // Its pods are refused: that is said where they are made.
                Err(error) if admit::is_refusal(&error) => None,
                Err(error) => return Err(error),
            },
        };
        if let Some(new) = &new {
            old.retain(|set| set.metadata.name != new.metadata.name);
        }
        // The oldest goes first.
        let age = |set: &ReplicaSet| (set.metadata.creation_timestamp.clone(), set.metadata.name.clone());
        old.sort_by_key(age);
        old.retain(|set| replicas(set) > 0);
        if deployment.spec.paused {
            return match new {
                Some(new) if old.is_empty() => self.scale(new, wanted),
                _ => Ok(()),
            };
        }
        if deployment.spec.strategy.kind == "Recreate" {
            if !old.is_empty() {
                return old.into_iter().try_for_each(|set| self.scale(set, 0));
            }
            return match new {
                Some(new) => self.scale(new, wanted),
                None => self.new_set(deployment, wanted),
            };
        }
        self.roll(deployment, new, old, wanted)
    }

    /// A step of a rolling update: the new set grows as far as the surge allows, then the old ones shrink as far as enough pods are there.
    fn roll(
        &mut self,
        deployment: &Deployment,
        new: Option<ReplicaSet>,
        old: Vec<ReplicaSet>,
        wanted: i32,
    ) -> Result<(), Error> {
        let (surge, unavailable) = bounds(deployment, wanted);
        let of_old: i32 = old.iter().map(replicas).sum();
        let has = new.as_ref().map_or(0, replicas);
        let goal = if has > wanted {
            wanted
        } else {
            let room = wanted.saturating_add(surge).saturating_sub(of_old.saturating_add(has)).max(0);
            has + room.min(wanted - has)
        };
        let new = match new {
            None => return self.new_set(deployment, goal),
            Some(new) if goal != has => return self.scale(new, goal),
            Some(new) => new,
        };
        if old.is_empty() {
            return Ok(());
        }
        let available = |this: &Self, set: &ReplicaSet| {
            let pods = this.pods_of(&Object::from(set.clone()));
            i32::try_from(pods.iter().filter(|pod| is_ready(pod)).count()).unwrap_or(i32::MAX)
        };
        let least = wanted - unavailable;
        let of_new = available(self, &new);
        let mut may_go = of_old + has - least - (has - of_new);
        // Pods that are not there go first, as nobody misses them.
        for set in &old {
            let sick = (replicas(set) - available(self, set)).min(may_go);
            if sick > 0 {
                may_go -= sick;
                self.scale(set.clone(), replicas(set) - sick)?;
            }
        }
        let mut may_go = old.iter().map(|set| available(self, set)).sum::<i32>() + of_new - least;
        for set in &old {
            let Some(Object::ReplicaSet(set)) =
                self.cluster.object(Kind::ReplicaSet, &set.metadata.namespace, &set.metadata.name)
            else {
                continue;
            };
            let set = ReplicaSet::clone(set);
            let gone = replicas(&set).min(may_go);
            if gone > 0 {
                may_go -= gone;
                let left = replicas(&set) - gone;
                self.scale(set, left)?;
            }
        }
        Ok(())
    }

    fn new_set(&mut self, deployment: &Deployment, count: i32) -> Result<(), Error> {
        let mut set = replica_set_of(deployment);
        set.spec.replicas = Some(count);
        self.moved = true;
        let (namespace, name) = (set.metadata.namespace.clone(), set.metadata.name.clone());
        self.cluster.upsert(Object::from(set))?;
        self.touch_workload(Kind::ReplicaSet, &namespace, &name);
        Ok(())
    }

    fn scale(&mut self, mut set: ReplicaSet, count: i32) -> Result<(), Error> {
        if replicas(&set) == count {
            return Ok(());
        }
        set.spec.replicas = Some(count);
        self.moved = true;
        let (namespace, name) = (set.metadata.namespace.clone(), set.metadata.name.clone());
        self.cluster.upsert(Object::from(set))?;
        self.touch_workload(Kind::ReplicaSet, &namespace, &name);
        Ok(())
    }
}

fn replicas(set: &ReplicaSet) -> i32 {
    set.spec.replicas.unwrap_or(1).max(0)
}

/// How many pods may be there beyond those wanted, and how many of these may be missing.
fn bounds(deployment: &Deployment, wanted: i32) -> (i32, i32) {
    let update = deployment.spec.strategy.rolling_update.as_ref();
    let surge = share(update.and_then(|update| update.max_surge.as_ref()), wanted, true);
    let unavailable = share(update.and_then(|update| update.max_unavailable.as_ref()), wanted, false);
    // Without either nothing could ever change.
    if surge == 0 && unavailable == 0 { (surge, 1) } else { (surge, unavailable.min(wanted)) }
}

/// A number, or a percentage of a whole; 25% where nothing is said.
pub(super) fn share(of: Option<&Free>, whole: i32, up: bool) -> i32 {
    let percent = |percent: i64| {
        let part = i64::from(whole) * percent;
        let rounded = if up { (part + 99).div_euclid(100) } else { part.div_euclid(100) };
        i32::try_from(rounded).unwrap_or(i32::MAX)
    };
    match of.map(|of| &of.0) {
        None => percent(25),
        Some(serde_json::Value::String(text)) => percent(text.trim_end_matches('%').parse().unwrap_or(0)),
        Some(other) => other.as_i64().and_then(|n| i32::try_from(n).ok()).unwrap_or(0),
    }
}
