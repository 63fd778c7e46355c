//! How much of the quotas of namespaces is used.

use std::collections::{BTreeMap, HashMap};

use crate::admit::quota;
use crate::error::Error;
use crate::objects::{Kind, Object, Pod, ResourceList, ResourceQuota};
use crate::quantity::Quantity;
use crate::refusal::{Reason, Refusal, quoted};
use crate::state::Cluster;

/// What the quotas of each namespace have used, by their names; a namespace is counted when it is first asked for.
#[derive(Clone, Default)]
pub(crate) struct Quotas(HashMap<String, BTreeMap<String, ResourceList>>);

impl Quotas {
    /// Counts an object that is to be created in the quotas of its namespace.
    ///
    /// # Errors
    /// Where one has no room for it, in a server's words.
    pub(crate) fn admit(&mut self, cluster: &Cluster, object: &Object) -> Result<(), Error> {
        let quotas = of_namespace(cluster, object.namespace());
        if quotas.is_empty() {
            return Ok(());
        }
        let used =
            self.0.entry(object.namespace().to_owned()).or_insert_with(|| count(cluster, object.namespace(), &quotas));
        let none = ResourceList::new();
        let pairs: Vec<_> =
            quotas.iter().map(|quota| (*quota, used.get(&quota.metadata.name).unwrap_or(&none))).collect();
        if let Some(fault) = quota::refuses(&pairs, object) {
            let kind = object.kind();
            let cause = format!("{} {} is forbidden: {fault}", quota::resource_of(kind), quoted(object.name()));
            let (group, name) = (kind.group().to_owned(), object.name().to_owned());
            let refusal =
                Refusal { reason: Reason::Forbidden, kind: kind.name().to_owned(), group, name, causes: vec![cause] };
            return Err(Error::refused(refusal, object.to_string()));
        }
        let usage = quota::usage(object);
        for quota in quotas.iter().filter(|quota| quota::counts(quota, object)) {
            add(used.entry(quota.metadata.name.clone()).or_default(), &usage);
        }
        Ok(())
    }

    /// Something of a namespace went or ended: it is counted again when it is asked for.
    pub(crate) fn forget(&mut self, namespace: &str) {
        self.0.remove(namespace);
    }
}

fn of_namespace<'c>(cluster: &'c Cluster, namespace: &str) -> Vec<&'c ResourceQuota> {
    let objects = cluster.store().objects.in_namespace(Kind::ResourceQuota, namespace);
    let quotas = objects.filter_map(|object| match &**object {
        Object::ResourceQuota(quota) => Some(&**quota),
        _ => None,
    });
    quotas.collect()
}

/// What the objects of a namespace use.
fn count(cluster: &Cluster, namespace: &str, quotas: &[&ResourceQuota]) -> BTreeMap<String, ResourceList> {
    let mut used: BTreeMap<String, ResourceList> =
        quotas.iter().map(|quota| (quota.metadata.name.clone(), ResourceList::new())).collect();
    let mut count = |object: &Object| {
        let usage = quota::usage(object);
        for quota in quotas.iter().filter(|quota| quota::counts(quota, object)) {
            if let Some(used) = used.get_mut(&quota.metadata.name) {
                add(used, &usage);
            }
        }
    };
    let pods = cluster.store().pods.iter().filter(|entry| entry.pod.metadata.namespace == namespace);
    pods.for_each(|entry| count(&Object::from(Pod::clone(&entry.pod))));
    for kind in Kind::ALL.iter().filter(|kind| kind.namespaced() && **kind != Kind::Pod) {
        cluster.store().objects.in_namespace(*kind, namespace).for_each(|object| count(object));
    }
    used
}

fn add(to: &mut ResourceList, usage: &ResourceList) {
    for (name, amount) in usage {
        let sum = to.entry(name.clone()).or_insert(Quantity::ZERO);
        *sum += *amount;
    }
}
