//! StatefulSet: pods with ordinals, one after the other or all at once, and their claims.

use std::collections::BTreeMap;

use super::{Simulation, is_outdated, is_ready};
use crate::admit;
use crate::error::Error;
use crate::expand::{first_ordinal, one_of_stateful_set, revision};
use crate::objects::{Kind, Object, Pod, StatefulSet};
use crate::state::key_of;

/// What came of a pod.
enum Made {
    Came,
    /// Its name is taken by a pod that is being deleted.
    Terminating,
    Refused,
}

impl Simulation {
    pub(super) fn stateful_set(&mut self, set: &StatefulSet) -> Result<(), Error> {
        let workload = Object::from(set.clone());
        let (first, count) = (first_ordinal(set), usize::try_from(set.spec.replicas.unwrap_or(1)).unwrap_or(0));
        let ordered = set.spec.pod_management_policy != "Parallel";
        let mut pods: BTreeMap<usize, Pod> = BTreeMap::new();
        for pod in self.pods_of(&workload) {
            let ordinal = pod.metadata.name.rsplit_once('-').and_then(|(_, ordinal)| ordinal.parse().ok());
            if let Some(ordinal) = ordinal {
                pods.insert(ordinal, pod);
            }
        }
        for ordinal in first..first.saturating_add(count) {
            match pods.get(&ordinal) {
                None => match self.make_ordinal(set, &workload, ordinal)? {
                    // One that is not yet gone holds up those after it only where they come in order.
                    Made::Terminating | Made::Came if !ordered => {}
                    Made::Terminating | Made::Came | Made::Refused => return Ok(()),
                },
                Some(pod) if ordered && !is_ready(pod) => return Ok(()),
                Some(_) => {}
            }
        }
        let beyond = pods.range(first.saturating_add(count)..).chain(pods.range(..first)).map(|(_, pod)| pod.clone());
        let beyond: Vec<Pod> = beyond.collect();
        if let Some(last) = beyond.last() {
            if !ordered {
                return beyond.iter().try_for_each(|pod| self.scale_down(pod));
            }
            return self.scale_down(last);
        }
        self.roll_ordinals(set, &pods)
    }

    /// The pods of an older template are made again, the highest ordinal first, one after the other.
    fn roll_ordinals(&mut self, set: &StatefulSet, pods: &BTreeMap<usize, Pod>) -> Result<(), Error> {
        if set.spec.update_strategy.kind == "OnDelete" || !pods.values().all(is_ready) {
            return Ok(());
        }
        let update = set.spec.update_strategy.rolling_update.as_ref();
        let partition = update.and_then(|update| update.partition).unwrap_or(0).max(0) as usize;
        let (label, is_changed) = (revision(set), admit::changed_hash(Kind::StatefulSet, &set.metadata).is_some());
        let outdated =
            pods.iter().rev().find(|(ordinal, pod)| **ordinal >= partition && is_outdated(pod, &label, is_changed));
        match outdated {
            Some((_, pod)) => self.scale_down(pod),
            None => Ok(()),
        }
    }

    fn make_ordinal(&mut self, set: &StatefulSet, workload: &Object, ordinal: usize) -> Result<Made, Error> {
        let key = key_of(&set.metadata.namespace, &format!("{}-{ordinal}", set.metadata.name));
        match self.cluster.pod(&key) {
            // One that ended is made again; one of somebody else's has the name.
            Some(pod) if pod.metadata.controller().is_some_and(|owner| owner.name == set.metadata.name) => {
                if pod.metadata.deletion_timestamp.is_some() {
                    return Ok(Made::Terminating);
                }
                self.remove(&key)?;
            }
            Some(_) => return Ok(Made::Refused),
            None => {}
        }
        let words =
            format!("create Pod {}-{ordinal} in StatefulSet {} failed error: ", set.metadata.name, set.metadata.name);
        let made = match one_of_stateful_set(set, ordinal, &self.cluster.context()) {
            Ok(made) => made,
            Err(error) => return self.refused(workload, &words, error).map(|()| Made::Refused),
        };
        for claim in made.claims.into_iter().map(Object::from) {
            if self.cluster.object(claim.kind(), claim.namespace(), claim.name()).is_none() {
                let words = format!(
                    "create Claim {} for Pod {}-{ordinal} in StatefulSet {} failed error: ",
                    claim.name(),
                    set.metadata.name,
                    set.metadata.name
                );
                let put = self.within_quota(&claim).and_then(|()| self.cluster.upsert(claim));
                if let Err(error) = put {
                    return self.refused(workload, &words, error).map(|()| Made::Refused);
                }
            }
        }
        for pod in made.pods {
            if let Err(error) = self.put(pod) {
                return self.refused(workload, &words, error).map(|()| Made::Refused);
            }
        }
        Ok(Made::Came)
    }
}
