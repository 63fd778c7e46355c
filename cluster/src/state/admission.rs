//! Objects on their way in: manifests are admitted as an API server admits them, objects of one come as they are.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::admit::{self, Accounts, Context, FindAccount};
use crate::error::Error;
use crate::objects::{Kind, Object, ServiceAccount};
use crate::state::{Cluster, TOPOLOGY_LABELS};
use crate::version::Version;

/// The kinds that admission looks up.
const LOOKED_UP: [Kind; 4] = [Kind::PriorityClass, Kind::RuntimeClass, Kind::LimitRange, Kind::StorageClass];

impl Cluster {
    /// What admission and expansion look up in this cluster.
    pub(crate) fn context(&self) -> Context<'_> {
        self.context_with(&[])
    }

    /// The same with the nodes, which a DaemonSet looks at.
    pub(crate) fn context_with_nodes(&self) -> Context<'_> {
        let mut context = self.context();
        for name in self.nodes() {
            if let Some(Object::Node(node)) = self.object(Kind::Node, "", name) {
                context.nodes.push(node);
            }
        }
        context
    }

    fn context_with<'a>(&'a self, others: &'a [Object]) -> Context<'a> {
        let given = others.iter().filter_map(|object| match object {
            Object::ServiceAccount(account) => Some(&**account),
            _ => None,
        });
        let accounts = Accounts { there: Some(self), given: given.collect() };
        let mut context = Context { version: self.version(), accounts, ..Context::default() };
        let mut add = |object: &'a Object| match object {
            Object::PriorityClass(class) => context.priority_classes.push(class),
            Object::RuntimeClass(class) => context.runtime_classes.push(class),
            Object::LimitRange(range) => context.limit_ranges.push(range),
            Object::StorageClass(class) => context.storage_classes.push(class),
            _ => {}
        };
        let of_cluster = LOOKED_UP.into_iter().flat_map(|kind| self.objects(kind));
        if !others.iter().any(|object| LOOKED_UP.contains(&object.kind())) {
            of_cluster.for_each(add);
            return context;
        }
        // By namespace and name, those that come over those that are there.
        let looked_up: BTreeMap<(Kind, &str, &str), &Object> = of_cluster
            .chain(others)
            .map(|object| ((object.kind(), object.namespace(), object.name()), object))
            .collect();
        looked_up.into_values().for_each(&mut add);
        context
    }

    /// Gives a new pod that names its node the node's zone and region, as the API server does from 1.35 on.
    pub(crate) fn label_by_node(&self, object: &mut Object) {
        let Object::Pod(pod) = object else { return };
        if self.version() < Version::V1_35 || pod.spec.node_name.is_empty() {
            return;
        }
        let Some(node) = self.object(Kind::Node, "", &pod.spec.node_name) else { return };
        for label in TOPOLOGY_LABELS {
            if let Some(value) = node.metadata().labels.get(label) {
                pod.metadata.labels.insert(label.to_owned(), value.clone());
            }
        }
    }

    /// The refusal of an object whose namespace is not there. Every server has the namespace `default`: where it is not in the input,
    /// namespaces were not dumped.
    pub(crate) fn lacks_namespace(&self, object: &Object) -> Option<Error> {
        let is_there = |name: &str| self.object(Kind::Namespace, "", name).is_some();
        let lacks = object.kind().namespaced() && is_there("default") && !is_there(object.namespace());
        lacks.then(|| admit::no_namespace(object))
    }

    /// Admits the manifests among objects. All stand for one state of the cluster, so that their order does not matter, but for those of
    /// one object: a later one changes an earlier one. With the live objects that manifests change.
    ///
    /// # Errors
    /// All objects that a server would refuse.
    pub(crate) fn admitted(&self, objects: Vec<Object>) -> Result<(Vec<Object>, Vec<Arc<str>>), Error> {
        if !objects.iter().any(Object::is_written) {
            return Ok((objects, Vec::new()));
        }
        let earlier = earlier(&objects);
        let (mut refused, mut overlaid) = (Vec::new(), Vec::new());
        let none = Context::default();
        let is_late = |object: &Object| matches!(object.kind(), Kind::Pod | Kind::PersistentVolumeClaim);
        // In two rounds, each object in its place: first what others look up.
        let mut places: Vec<Option<Object>> = objects.into_iter().map(Some).collect();
        let mut round = |places: &mut Vec<Option<Object>>, late: bool, context: &Context<'_>| {
            for at in 0..places.len() {
                let Some(object) = places[at].take_if(|object| is_late(object) == late && object.is_written()) else {
                    continue;
                };
                let before = earlier.get(&at).map(|before| places[*before].clone());
                let there = before.unwrap_or_else(|| self.namesake(&object));
                if self.is_overlaid(&object, there.as_ref()) {
                    overlaid.push(Arc::from(object.to_string()));
                }
                match self.admit_over(object, there.as_ref(), context) {
                    Ok(mut object) => {
                        self.label_by_node(&mut object);
                        places[at] = Some(object);
                    }
                    Err(error) => refused.push(error),
                }
            }
        };
        round(&mut places, false, &none);
        let others: Vec<Object> = places.iter().flatten().filter(|o| !is_late(o)).cloned().collect();
        let context = self.context_with(&others);
        round(&mut places, true, &context);
        match Error::all(refused) {
            Some(error) => Err(error),
            None => Ok((places.into_iter().flatten().collect(), overlaid)),
        }
    }
}

impl FindAccount for Cluster {
    fn account(&self, namespace: &str, name: &str) -> Option<&ServiceAccount> {
        match self.object(Kind::ServiceAccount, namespace, name) {
            Some(Object::ServiceAccount(account)) => Some(account),
            _ => None,
        }
    }
}

/// Where the object before stands that a manifest has the name of, by the manifest's place.
fn earlier(objects: &[Object]) -> HashMap<usize, usize> {
    let key = |object: &Object| (object.kind(), object.namespace().to_owned(), object.name().to_owned());
    let written: HashSet<_> = objects.iter().filter(|object| object.is_written()).map(key).collect();
    let mut last: HashMap<_, usize> = HashMap::new();
    let mut earlier = HashMap::new();
    for (at, object) in objects.iter().enumerate() {
        let key = key(object);
        if written.contains(&key) {
            if object.is_written()
                && let Some(before) = last.get(&key)
            {
                earlier.insert(at, *before);
            }
            last.insert(key, at);
        }
    }
    earlier
}
