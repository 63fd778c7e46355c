//! Deployment: its ReplicaSets, and the rollout from one template to the next.

use super::scale::{annotate, is_scaled};
use super::{Simulation, is_ready};
use crate::admit;
use crate::error::Error;
use crate::expand::{made, replica_set_of};
use crate::objects::{Deployment, Free, Kind, Object, ReplicaSet};
use crate::plan::{Current, REVISION, age, current_among, has_pods, replica_sets, revision_of};

impl Simulation {
    pub(super) fn deployment(&mut self, deployment: &Deployment) -> Result<(), Error> {
        let wanted = deployment.spec.replicas.unwrap_or(1).max(0);
        let mut old: Vec<ReplicaSet> = replica_sets(&self.cluster, &deployment.metadata).cloned().collect();
        if old.is_empty() && has_pods(&self.cluster, deployment) {
            let of = Object::from(deployment.clone());
            let why = format!(
                "{of} is not played: its ReplicaSets are not in the input, and its pods are; dump replicasets too"
            );
            self.unplayed.insert(of.to_string(), why);
            return Ok(());
        }
        let new = self.current(deployment, &old)?;
        if let Some(new) = &new {
            old.retain(|set| set.metadata.name != new.metadata.name);
        }
        old.sort_by_cached_key(age);
        if deployment.spec.paused || is_scaled(old.iter().chain(&new), wanted) {
            return self.scale(deployment, new.as_ref(), &old, wanted);
        }
        old.retain(|set| replicas(set) > 0);
        if deployment.spec.strategy.kind == "Recreate" {
            if !old.is_empty() {
                return old.iter().try_for_each(|set| self.resize(deployment, set, 0, false));
            }
            return match new {
                Some(new) => self.resize(deployment, &new, wanted, false),
                None => self.new_set(deployment, wanted),
            };
        }
        self.roll(deployment, new, &old, wanted)
    }

    /// The ReplicaSet that has the Deployment's template.
    fn current(&self, deployment: &Deployment, sets: &[ReplicaSet]) -> Result<Option<ReplicaSet>, Error> {
        let mut set = match current_among(sets.iter().collect(), &self.cluster.context(), deployment) {
            Ok(Current::Same(set, _)) => *set,
            Ok(Current::Other | Current::None) => return Ok(None),
            // Its pods are refused: that is said where they are made.
            Err(error) if admit::is_refusal(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let template = &deployment.spec.template;
        let is_known = admit::template_hash(Kind::ReplicaSet, &set.metadata, &set.spec.template).is_some();
        if !is_known && admit::template_hash(Kind::Deployment, &deployment.metadata, template).is_some() {
            // One of the past, whose other fields are not known: from now on it is taken to have the template in all of them.
            set.metadata.provenance = made(&deployment.metadata.provenance);
            let labels = std::mem::take(&mut set.spec.template.metadata.labels);
            set.spec.template.clone_from(template);
            set.spec.template.metadata.labels.extend(labels);
        }
        Ok(Some(set))
    }

    /// A step of a rolling update: the new set grows as far as the surge allows, then the old ones shrink as far as enough pods are there.
    fn roll(
        &mut self,
        deployment: &Deployment,
        new: Option<ReplicaSet>,
        old: &[ReplicaSet],
        wanted: i32,
    ) -> Result<(), Error> {
        let (surge, unavailable) = bounds(deployment, wanted);
        let of_old = total(old);
        let has = new.as_ref().map_or(0, replicas);
        let goal = if has > wanted {
            wanted
        } else {
            let room = wanted.saturating_add(surge).saturating_sub(of_old.saturating_add(has)).max(0);
            has + room.min(wanted - has)
        };
        let new = match new {
            None => return self.new_set(deployment, goal),
            Some(new) if goal != has => return self.resize(deployment, &new, goal, false),
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
        let mut may_go = of_old.saturating_add(of_new).saturating_sub(least);
        // Pods that are not there go first, as nobody misses them.
        for set in old {
            let sick = (replicas(set) - available(self, set)).min(may_go);
            if sick > 0 {
                may_go -= sick;
                self.resize(deployment, set, replicas(set) - sick, false)?;
            }
        }
        let mut may_go = old.iter().map(|set| available(self, set)).sum::<i32>() + of_new - least;
        for set in old {
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
                self.resize(deployment, &set, left, false)?;
            }
        }
        Ok(())
    }

    fn new_set(&mut self, deployment: &Deployment, count: i32) -> Result<(), Error> {
        let mut set = replica_set_of(deployment, None);
        if self.cluster.object(Kind::ReplicaSet, &set.metadata.namespace, &set.metadata.name).is_some() {
            set = replica_set_of(
                deployment,
                admit::template_hash(Kind::Deployment, &deployment.metadata, &deployment.spec.template),
            );
        }
        let revisions = replica_sets(&self.cluster, &deployment.metadata).map(revision_of);
        let revision = revisions.max().unwrap_or(0) + 1;
        set.metadata.annotations.insert(REVISION.to_owned(), revision.to_string());
        set.spec.replicas = Some(0);
        self.resize(deployment, &set, count, true)
    }

    /// Gives a set a size. `always` notes what the Deployment asks for where the size stays.
    pub(super) fn resize(
        &mut self,
        deployment: &Deployment,
        set: &ReplicaSet,
        count: i32,
        always: bool,
    ) -> Result<(), Error> {
        if replicas(set) == count && !always {
            return Ok(());
        }
        let mut sized = set.clone();
        sized.spec.replicas = Some(count);
        annotate(&mut sized, deployment, deployment.spec.replicas.unwrap_or(1).max(0));
        let (namespace, name) = (sized.metadata.namespace.clone(), sized.metadata.name.clone());
        if sized == *set && self.cluster.object(Kind::ReplicaSet, &namespace, &name).is_some() {
            return Ok(());
        }
        self.moved = true;
        self.cluster.upsert(Object::from(sized))?;
        self.touch_workload(Kind::ReplicaSet, &namespace, &name);
        Ok(())
    }
}

pub(super) fn replicas(set: &ReplicaSet) -> i32 {
    set.spec.replicas.unwrap_or(1).max(0)
}

/// How many replicas some sets have together, as far as can be counted.
pub(super) fn total<'s>(sets: impl IntoIterator<Item = &'s ReplicaSet>) -> i32 {
    sets.into_iter().map(replicas).fold(0, i32::saturating_add)
}

/// How many pods may be there beyond those wanted.
pub(super) fn surge(deployment: &Deployment, wanted: i32) -> i32 {
    if deployment.spec.strategy.kind == "Recreate" { 0 } else { bounds(deployment, wanted).0 }
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
