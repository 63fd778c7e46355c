//! `kubectl apply`: an object is created, or takes the place of the one of its name.

use super::{Applied, Simulation};
use crate::admit;
use crate::error::Error;
use crate::objects::{Kind, Object, Provenance, ServiceAccount};
use crate::plan::keeps_replicas;
use crate::state::key_of;

impl Simulation {
    /// Applies objects in their order, each after the one before, as kubectl does with the objects of a file.
    ///
    /// # Errors
    /// Only where the cluster cannot take an object that a server takes; what a server refuses is [`Applied::Refused`].
    pub fn apply(&mut self, objects: impl IntoIterator<Item = Object>) -> Result<Vec<Applied>, Error> {
        objects.into_iter().map(|object| self.apply_one(object)).collect()
    }

    fn apply_one(&mut self, object: Object) -> Result<Applied, Error> {
        let (kind, name) = (object.kind(), key_of_object(&object));
        self.touch_all();
        if let Some(error) = self.cluster.lacks_namespace(&object) {
            return Ok(Applied::Refused(error));
        }
        let there = self.cluster.namesake(&object);
        let is_overlaid = self.cluster.is_overlaid(&object, there.as_ref());
        if is_overlaid {
            self.overlaid.push(object.to_string());
        }
        let object = keeps_replicas(&self.cluster, &object);
        let admitted = self.cluster.admit_over(object, there.as_ref(), &self.cluster.context());
        let admitted = match (admitted, &there) {
            (Ok(mut object), None) => {
                self.cluster.label_by_node(&mut object);
                match self.within_quota(&object) {
                    Ok(()) => object,
                    Err(error) => return Ok(Applied::Refused(error)),
                }
            }
            (Ok(mut object), Some(there)) => {
                // What comes over a live object was judged on its way in.
                let judged = if is_overlaid { Ok(()) } else { admit::updated(&object, there, self.cluster.version()) };
                if let Err(error) = judged {
                    return Ok(Applied::Refused(error));
                }
                object.metadata_mut().uid.clone_from(&there.metadata().uid);
                keep_run(&mut object, there);
                object
            }
            (Err(error), _) if admit::is_refusal(&error) => return Ok(Applied::Refused(error)),
            (Err(error), _) => return Err(error),
        };
        let Some(there) = there else {
            self.moved = true;
            if kind == Kind::Namespace {
                self.give_account(&name)?;
            }
            if kind == Kind::ResourceQuota {
                self.frees(admitted.namespace());
            }
            if let Object::Pod(pod) = &admitted {
                let pod = std::sync::Arc::new(crate::objects::Pod::clone(pod));
                self.cluster.upsert(admitted)?;
                self.happened(super::Event::Created(pod));
            } else {
                self.cluster.upsert(admitted)?;
            }
            return Ok(Applied::Created(kind, name));
        };
        if there == admitted && (!kind.keeps_spec() || admit::same_template(&there, &admitted)) {
            return Ok(Applied::Unchanged(kind, name));
        }
        if kind == Kind::ResourceQuota {
            self.frees(there.namespace());
        }
        self.cluster.upsert(admitted)?;
        Ok(Applied::Configured(kind, name))
    }
}

impl Simulation {
    /// A new namespace gets an account, where accounts are in the input.
    fn give_account(&mut self, namespace: &str) -> Result<(), Error> {
        let is_there = |namespace: &str| self.cluster.object(Kind::ServiceAccount, namespace, "default").is_some();
        if !is_there("default") || is_there(namespace) {
            return Ok(());
        }
        let mut account = ServiceAccount::default();
        account.metadata.name = "default".to_owned();
        account.metadata.namespace = namespace.to_owned();
        account.metadata.provenance = Provenance::Live;
        self.cluster.upsert(Object::from(account))
    }
}

/// What a manifest of a pod does not say: where the pod runs, and how.
fn keep_run(object: &mut Object, there: &Object) {
    if let (Object::Pod(pod), Object::Pod(there)) = (object, there) {
        pod.spec.node_name.clone_from(&there.spec.node_name);
        pod.status.clone_from(&there.status);
        pod.metadata.deletion_timestamp.clone_from(&there.metadata.deletion_timestamp);
        pod.metadata.creation_timestamp.clone_from(&there.metadata.creation_timestamp);
        pod.metadata.owner_references.clone_from(&there.metadata.owner_references);
    }
}

fn key_of_object(object: &Object) -> String {
    if object.kind().namespaced() { key_of(object.namespace(), object.name()) } else { object.name().to_owned() }
}
