//! Making pods and the objects that go with them, within the quotas of their namespace.

use std::sync::Arc;

use super::{Event, Simulation};
use crate::admit;
use crate::error::{Error, ErrorKind};
use crate::expand::expand;
use crate::objects::{Object, Pod};
use crate::state::key_of;

impl Simulation {
    /// Makes so many pods of a workload. How many came to be: none after one that is refused.
    pub(super) fn make_pods(&mut self, workload: &Object, count: usize, words: &str) -> Result<usize, Error> {
        self.allow(count)?;
        let mut template = workload.clone();
        set_replicas(&mut template, count);
        let expanded = expand(&template, &self.cluster.context());
        let base = workload.name().to_owned();
        let made = match expanded {
            Ok(expanded) => expanded,
            Err(error) => return self.refused(workload, words, error).map(|()| 0),
        };
        for (done, mut pod) in made.pods.into_iter().enumerate() {
            pod.metadata.name = self.free_name(&pod.metadata.namespace, &base);
            if let Err(error) = self.put(pod) {
                return self.refused(workload, words, error).map(|()| done);
            }
        }
        Ok(count)
    }

    /// May so many more pods be made?
    fn allow(&self, count: usize) -> Result<(), Error> {
        if self.made.saturating_add(count) > self.options.max_pods {
            let problem = format!("more than {} pods would be made", self.options.max_pods);
            return Err(Error::new(ErrorKind::TooManyPods, problem).hint("raise max_pods if so many are meant"));
        }
        Ok(())
    }

    /// Puts a pod that was admitted into the cluster, unless a quota is exhausted. One that is refused counts for nothing: it is tried again.
    pub(super) fn put(&mut self, mut pod: Pod) -> Result<(), Error> {
        self.allow(1)?;
        crate::plan::give_uid(&mut pod);
        let object = Object::from(pod);
        self.within_quota(&object)?;
        self.made += 1;
        let Object::Pod(pod) = &object else { return Ok(()) };
        let pod = Arc::new(Pod::clone(pod));
        for claim in crate::plan::claims_of_pod(&pod) {
            if self.cluster.object(claim.kind(), claim.namespace(), claim.name()).is_none() {
                self.cluster.upsert(claim)?;
            }
        }
        self.cluster.upsert(object)?;
        self.touch(&pod);
        self.happened(Event::Created(pod));
        Ok(())
    }

    /// Counts an object in the quotas of its namespace.
    ///
    /// # Errors
    /// Where one has no room for it.
    pub(super) fn within_quota(&mut self, object: &Object) -> Result<(), Error> {
        self.quotas.admit(&self.cluster, object)
    }

    /// Something of a namespace went or ended.
    pub(super) fn frees(&mut self, namespace: &str) {
        self.quotas.forget(namespace);
    }

    /// Notes that a workload's pod was refused. An error that no server would give goes on.
    pub(super) fn refused(&mut self, workload: &Object, words: &str, error: Error) -> Result<(), Error> {
        if !admit::is_refusal(&error) {
            return Err(error);
        }
        let namespaced = (workload.kind(), workload.namespace().to_owned(), workload.name().to_owned());
        self.touched.refused.insert(namespaced);
        let message = format!("{words}{}", error.problem());
        let owner = format!("{}/{}/{}", workload.kind(), workload.namespace(), workload.name());
        // The name of the pod is another each time.
        let same: String = message.split('"').enumerate().filter(|(i, _)| *i != 1).map(|(_, part)| part).collect();
        if self.refused.insert((owner.clone(), same)) {
            self.events.push(Event::FailedCreate { owner, message });
        }
        Ok(())
    }

    /// A name that no pod of the namespace has had.
    pub(super) fn free_name(&mut self, namespace: &str, base: &str) -> String {
        let number = self.numbers.entry(key_of(namespace, base)).or_default();
        loop {
            *number += 1;
            let name = format!("{base}-{number:05}");
            if self.cluster.pod(&key_of(namespace, &name)).is_none() {
                return name;
            }
        }
    }

    /// Takes a pod away.
    pub(super) fn remove(&mut self, key: &str) -> Result<(), Error> {
        let (namespace, _) = key.split_once('/').unwrap_or_default();
        self.frees(namespace);
        if let Some(pod) = self.cluster.pod(key).cloned() {
            self.touch(&pod);
            self.freed(&pod);
        }
        self.forget(key);
        self.cluster.evict(key)
    }

    /// Nothing more is to be said of a pod, or done with it.
    pub(super) fn forget(&mut self, key: &str) {
        self.unplaced.remove(key);
        self.decisions.remove(key);
        self.evictions.remove(key);
    }
}

/// So many pods, whatever the workload asks for.
fn set_replicas(workload: &mut Object, count: usize) {
    let count = i32::try_from(count).ok();
    match workload {
        Object::ReplicaSet(o) => o.spec.replicas = count,
        Object::ReplicationController(o) => o.spec.replicas = count,
        Object::Job(o) => {
            o.spec.parallelism = count;
            o.spec.completions = count;
            o.spec.completion_mode = None;
            o.spec.suspend = None;
            o.status = Default::default();
        }
        _ => {}
    }
}
