//! A mirror of a real cluster, kept by a list and a watch: events that are late or come twice change nothing, and pods that were bound here stay bound until
//! the cluster says otherwise.
//!
//! [`Cluster::bind`] assumes a pod on its node, as kube-scheduler's cache does. What comes for it then:
//!
//! | event | what becomes of it |
//! |---|---|
//! | the pod on this node | confirmed |
//! | the pod without a node: an event from before the bind arrived | kept for the case that the bind fails; the pod stays assumed |
//! | the pod on another node | taken: somebody else bound it |
//! | it is deleted, or another pod has its name | taken |
//!
//! Where the bind failed, [`Cluster::forget`] undoes it.

use std::collections::HashSet;
use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::objects::{Kind, Object, ObjectMeta, Pod};
use crate::state::store::Assumed;
use crate::state::{Cluster, key_of, no_pod};

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Observed {
    /// The object was not known.
    Added,
    /// It was, and is as the event has it now.
    Updated,
    /// A pod that was bound here is on that node.
    Confirmed,
    /// The event is no newer than what is known, or is of the time before the pod was bound here: nothing changed.
    Unchanged,
    /// A pod is on another node than was known.
    Moved {
        /// Where it was.
        from: String,
    },
    /// It is gone.
    Removed,
}

/// What became of several events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// How many objects were not known.
    pub added: usize,
    /// How many were, and changed.
    pub updated: usize,
    /// How many pods that were bound here are confirmed.
    pub confirmed: usize,
    /// How many events changed nothing.
    pub unchanged: usize,
    /// How many objects are gone.
    pub removed: usize,
    /// The pods (`namespace/name`) that are on another node than was known.
    pub moved: Vec<String>,
}

impl Changes {
    fn note(&mut self, observed: Observed, key: impl FnOnce() -> String) {
        match observed {
            Observed::Added => self.added += 1,
            Observed::Updated => self.updated += 1,
            Observed::Confirmed => self.confirmed += 1,
            Observed::Unchanged => self.unchanged += 1,
            Observed::Removed => self.removed += 1,
            Observed::Moved { .. } => self.moved.push(key()),
        }
    }
}

impl Cluster {
    /// Takes in an object as a watch brings it, ADDED or MODIFIED: by its `resourceVersion`, where both have one, an event that is no newer than what is
    /// known changes nothing. After an object's deletion no event of it may come, which a watch sees to: it would be taken for a new one.
    ///
    /// Costs what [`Self::upsert`] does; O(1) where nothing changes.
    ///
    /// # Errors
    /// Names what is wrong with the object; the cluster is then as it was.
    pub fn observe(&mut self, object: Object) -> Result<Observed, Error> {
        let Some(known) = self.metadata_of(&object) else {
            self.upsert(object)?;
            return Ok(Observed::Added);
        };
        if !is_newer(object.metadata(), known) {
            return Ok(Observed::Unchanged);
        }
        let Object::Pod(pod) = &object else {
            self.upsert(object)?;
            return Ok(Observed::Updated);
        };
        let key = key_of(&pod.metadata.namespace, &pod.metadata.name);
        let Some(entry) = self.store.pods.get(&key) else { return Err(no_pod(&key)) };
        let (on, assumed) = (entry.pod.spec.node_name.clone(), entry.assumed.clone());
        let is_same = is_same(&pod.metadata, &entry.pod.metadata);
        if let (true, true, Some(assumed)) = (is_same, pod.spec.node_name.is_empty(), &assumed) {
            self.check(&object)?;
            // Where the bind fails, the pod waits as the newest event has it.
            let Object::Pod(before) = object else { return Err(no_pod(&key)) };
            if is_newer(&before.metadata, &assumed.before.metadata) {
                let next = Assumed { before: Arc::from(before), reserved: assumed.reserved.clone() };
                self.store.pods.note(&key, |entry| entry.assumed = Some(Arc::new(next)));
            }
            return Ok(Observed::Unchanged);
        }
        let is_there = pod.spec.node_name == on;
        let observed = match (is_same, assumed.is_some(), is_there) {
            (true, true, true) => Observed::Confirmed,
            (true, _, false) if !on.is_empty() => Observed::Moved { from: on },
            _ => Observed::Updated,
        };
        self.upsert(object)?;
        if let Some(assumed) = assumed.filter(|_| observed != Observed::Confirmed) {
            self.release(&assumed.reserved)?;
        }
        Ok(observed)
    }

    /// The same for many, in order.
    ///
    /// Costs a fork where they are more than one.
    ///
    /// # Errors
    /// As [`Self::observe`]; then nothing is taken in.
    pub fn observe_all(&mut self, objects: Vec<Object>) -> Result<Changes, Error> {
        self.all_or_nothing(objects, |cluster, object, changes| {
            let key = key_of_object(&object);
            changes.note(cluster.observe(object)?, || key);
            Ok(())
        })
    }

    /// Takes objects away as a watch brings them, DELETED. One of the same name that came later stays: it has another `uid`.
    ///
    /// Costs a fork where they are more than one.
    ///
    /// # Errors
    /// Where what depends on one cannot be compiled without it; then nothing is taken away.
    pub fn observe_deleted(&mut self, objects: Vec<Object>) -> Result<Changes, Error> {
        self.all_or_nothing(objects, |cluster, object, changes| {
            let is_there = cluster.metadata_of(&object).is_some_and(|known| is_same(object.metadata(), known));
            let observed = if is_there { cluster.take_away(&object)? } else { Observed::Unchanged };
            changes.note(observed, String::new);
            Ok(())
        })
    }

    /// Takes in a list of all objects of a kind, as a watch begins and after it broke off: each is [observed](Self::observe), and those that are not in the
    /// list are gone.
    ///
    /// Costs a fork, a look at each object of the kind, and what changed.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] for an object of another kind or one that is there twice; else as [`Self::observe`]. Then nothing is taken in.
    pub fn replace(&mut self, kind: Kind, objects: Vec<Object>) -> Result<Changes, Error> {
        let mut listed = HashSet::with_capacity(objects.len());
        for object in &objects {
            if object.kind() != kind {
                let problem =
                    format!("{object} is no {}: a list of all objects of one kind is legal here", kind.name());
                return Err(Error::new(ErrorKind::Input, problem));
            }
            if !listed.insert(key_of_object(object)) {
                return Err(Error::new(ErrorKind::Input, format!("{object} is in the list twice")));
            }
        }
        let known: Vec<Object> = match kind {
            Kind::Pod => {
                let gone = self.store.pods.iter().filter(|entry| !listed.contains(&*entry.key));
                gone.map(|entry| Object::from(Pod::clone(&entry.pod))).collect()
            }
            _ => {
                let known = self.store.objects.of_kind(kind);
                known
                    .filter(|object| !listed.contains(&key_of_object(object)))
                    .map(|object| (**object).clone())
                    .collect()
            }
        };
        let mut next = self.clone();
        let mut changes = Changes::default();
        for object in known {
            changes.note(next.take_away(&object)?, String::new);
        }
        let has_none = match kind {
            Kind::Pod => next.store.pods.len() == 0,
            _ => next.store.objects.of_kind(kind).next().is_none(),
        };
        if has_none {
            // All at once is cheaper than one after the other.
            changes.added = objects.len();
            next.load(objects)?;
        } else {
            for object in objects {
                let key = key_of_object(&object);
                changes.note(next.observe(object)?, || key);
            }
        }
        *self = next;
        Ok(changes)
    }

    /// Undoes [`Self::bind`], where the real bind failed: the pod waits for a node again, and its claims and their volumes are as before, unless something newer
    /// came for them.
    ///
    /// # Errors
    /// Where there is no such pod; [`ErrorKind::Conflict`] where it is not assumed: it was not bound here, or a watch has confirmed it.
    pub fn forget(&mut self, pod: &str) -> Result<(), Error> {
        match self.store.pods.get(pod) {
            None => Err(no_pod(pod)),
            Some(entry) if entry.assumed.is_some() => self.unbind(pod),
            Some(entry) => {
                let on = match entry.pod.spec.node_name.as_str() {
                    "" => "it is on no node".to_owned(),
                    node => format!("it is known to be on {node}"),
                };
                Err(Error::new(ErrorKind::Conflict, format!("pod {pod} is not assumed to be on a node: {on}")))
            }
        }
    }

    /// The metadata of what has the object's name now.
    fn metadata_of(&self, object: &Object) -> Option<&ObjectMeta> {
        match object.kind() {
            Kind::Pod => {
                self.store.pods.get(&key_of(object.namespace(), object.name())).map(|entry| &entry.pod.metadata)
            }
            kind => {
                let namespace = if kind.namespaced() { object.namespace() } else { "" };
                self.store.objects.get(kind, namespace, object.name()).map(|object| object.metadata())
            }
        }
    }

    fn take_away(&mut self, object: &Object) -> Result<Observed, Error> {
        let key = key_of(object.namespace(), object.name());
        let entry = self.store.pods.get(&key).filter(|_| object.kind() == Kind::Pod);
        let assumed = entry.and_then(|entry| entry.assumed.clone());
        let was_there = self.delete(object.kind(), object.namespace(), object.name())?;
        if let Some(assumed) = assumed {
            self.release(&assumed.reserved)?;
        }
        Ok(if was_there { Observed::Removed } else { Observed::Unchanged })
    }

    fn all_or_nothing(
        &mut self,
        objects: Vec<Object>,
        mut each: impl FnMut(&mut Cluster, Object, &mut Changes) -> Result<(), Error>,
    ) -> Result<Changes, Error> {
        let mut changes = Changes::default();
        if objects.len() == 1 {
            // One is taken in whole or not at all.
            objects.into_iter().try_for_each(|object| each(self, object, &mut changes))?;
            return Ok(changes);
        }
        let mut next = self.clone();
        next.reserve_for(0, objects.iter().filter(|object| object.kind() == Kind::Pod).count())?;
        objects.into_iter().try_for_each(|object| each(&mut next, object, &mut changes))?;
        *self = next;
        Ok(changes)
    }
}

fn key_of_object(object: &Object) -> String {
    if object.kind().namespaced() { key_of(object.namespace(), object.name()) } else { object.name().to_owned() }
}

/// Whether two of a name are the same object: what has no `uid` may be.
fn is_same(one: &ObjectMeta, other: &ObjectMeta) -> bool {
    one.uid == other.uid || one.uid.is_empty() || other.uid.is_empty()
}

/// Whether an event has something that is not known. Versions of one kind can be compared, whatever objects they are of.
fn is_newer(event: &ObjectMeta, known: &ObjectMeta) -> bool {
    let (event, known) = (event.resource_version.0, known.resource_version.0);
    event == 0 || known == 0 || event > known
}
