//! StatefulSet: pods with ordinals, one after the other or all at once, and their claims.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::deployment::share;
use super::{Simulation, is_ready};
use crate::admit;
use crate::error::Error;
use crate::expand::{first_ordinal, first_to_roll, one_of_stateful_set, revision};
use crate::objects::{Kind, Object, Pod, StatefulSet};
use crate::plan::is_outdated;
use crate::state::key_of;
use crate::version::Version;

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
        let mut pods: BTreeMap<usize, Arc<Pod>> = BTreeMap::new();
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
        let beyond: Vec<Arc<Pod>> = beyond.collect();
        if let Some(last) = beyond.last() {
            if !ordered {
                return beyond.iter().try_for_each(|pod| self.scale_down(pod));
            }
            return self.scale_down(last);
        }
        self.roll_ordinals(set, &pods, count)
    }

    /// The pods of an older template are made again, the highest ordinal first, as many at a time as may be missing.
    fn roll_ordinals(
        &mut self,
        set: &StatefulSet,
        pods: &BTreeMap<usize, Arc<Pod>>,
        count: usize,
    ) -> Result<(), Error> {
        if set.spec.update_strategy.kind == "OnDelete" {
            return Ok(());
        }
        let update = set.spec.update_strategy.rolling_update.as_ref();
        let from = first_to_roll(set);
        let (label, is_changed) =
            (revision(set), admit::changed_hash(Kind::StatefulSet, &set.metadata, &set.spec.template).is_some());
        let is_old = |pod: &Pod| is_outdated(pod, &label, is_changed);
        let outdated = pods.range(from..).rev().map(|(_, pod)| pod).filter(|pod| is_old(pod));
        let missing = count.saturating_sub(pods.values().filter(|pod| is_ready(pod)).count());
        let gone: Vec<Arc<Pod>> = if self.cluster.version() < Version::V1_37 {
            // The highest one that is not as it should be: where it is missing or of the new template, it is waited for.
            let from_above = (from..first_ordinal(set).saturating_add(count)).rev();
            let mut from_above = from_above.map(|ordinal| pods.get(&ordinal));
            let first = from_above.find(|pod| pod.is_none_or(|pod| is_old(pod) || !is_ready(pod)));
            first.flatten().filter(|pod| is_old(pod)).cloned().into_iter().collect()
        } else {
            let most = update.and_then(|update| update.max_unavailable.as_ref());
            let whole = i32::try_from(count).unwrap_or(i32::MAX);
            let most = most.map_or(1, |most| share(Some(most), whole, false).max(1));
            let left = usize::try_from(most).unwrap_or(1).saturating_sub(missing);
            if set.spec.pod_management_policy == "Parallel" {
                // Of those that do not serve anyway, all.
                let (serving, others): (Vec<_>, Vec<_>) = outdated.cloned().partition(|pod| is_ready(pod));
                others.into_iter().chain(serving.into_iter().take(left)).collect()
            } else {
                outdated.take(left).cloned().collect()
            }
        };
        gone.iter().try_for_each(|pod| self.scale_down(pod))
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
        let is_changed = admit::changed_hash(Kind::StatefulSet, &set.metadata, &set.spec.template).is_some();
        if ordinal < first_to_roll(set) && is_changed {
            self.assumed.insert(format!(
                "{key} is below the partition of its StatefulSet and is made from the new template; a real cluster makes it from the old one, which is not in the input"
            ));
        }
        Ok(Made::Came)
    }
}
