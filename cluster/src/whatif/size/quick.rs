//! The replay of a search: the same attempts, asked of the core by number. What it finds is played again by name before anybody hears of it.

use std::collections::HashMap;
use std::sync::Arc;

use bayplan_core::{NodeId, Pick, PodDef, PodId};

use crate::attempt::Start;
use crate::error::Error;
use crate::objects::Object;
use crate::state::prepared::Prepared;
use crate::state::{Cluster, TOPOLOGY_LABELS};

/// The pods of a load as the core knows them.
pub(super) struct Quick {
    pods: Vec<(Box<Prepared>, PodDef)>,
}

/// Where pods are.
#[derive(Clone, Default)]
pub(super) struct Bound(HashMap<usize, (PodId, NodeId)>);

impl Quick {
    /// Prepares all pods; nothing where one of them needs more than its class says: it has volumes, or selectors read the zone that a binding
    /// copies onto it.
    pub(super) fn of(cluster: &mut Cluster, pods: &[Arc<str>], node: &Object) -> Result<Option<Self>, Error> {
        // Without any node nothing is prepared.
        let name = node.name().to_owned();
        cluster.upsert(node.clone())?;
        let mut prepared = Vec::new();
        // The second time all labels are known that selectors read.
        for _ in 0..2 {
            prepared = prepare(cluster, pods)?;
        }
        cluster.delete(node.kind(), "", &name)?;
        Ok((prepared.len() == pods.len()).then_some(Quick { pods: prepared }))
    }

    /// One attempt; whether the pod found a node.
    pub(super) fn attempt(&self, cluster: &mut Cluster, at: usize, bound: &mut Bound) -> Result<bool, Error> {
        let (prepared, def) = &self.pods[at];
        let found = cluster.ask(prepared, |s, request| {
            let Some(node) = s.decide(request, Pick::First)?.node else { return Ok(None) };
            Ok(Some((s.bind(def, node)?, node)))
        })?;
        if let Some(found) = found {
            bound.0.insert(at, found);
        }
        Ok(found.is_some())
    }

    /// Takes the pods off some nodes; which they are, in their order.
    pub(super) fn take_off(cluster: &mut Cluster, nodes: &[String], bound: &mut Bound) -> Result<Vec<usize>, Error> {
        let ids: Vec<NodeId> = nodes.iter().filter_map(|name| cluster.node_id(name)).collect();
        let mut on: Vec<(usize, PodId)> =
            bound.0.iter().filter(|(_, (_, node))| ids.contains(node)).map(|(at, (id, _))| (*at, *id)).collect();
        on.sort_unstable();
        for (at, id) in &on {
            cluster.run(|s| s.unbind(*id))?;
            bound.0.remove(at);
        }
        Ok(on.into_iter().map(|(at, _)| at).collect())
    }
}

fn prepare(cluster: &mut Cluster, pods: &[Arc<str>]) -> Result<Vec<(Box<Prepared>, PodDef)>, Error> {
    let mut all = Vec::with_capacity(pods.len());
    for key in pods {
        let pod = cluster.known(key)?;
        if !pod.spec.volumes.is_empty() || !pod.spec.resource_claims.is_empty() {
            return Ok(Vec::new());
        }
        let Start::Ready(prepared) = cluster.start(key, &pod)? else { return Ok(Vec::new()) };
        if prepared.score_error.is_some() || !prepared.filter_errors.is_empty() {
            return Ok(Vec::new());
        }
        let mut labels = pod.metadata.labels.clone();
        for key in TOPOLOGY_LABELS {
            labels.insert(key.to_owned(), "some".to_owned());
        }
        if cluster.label_class(&pod.metadata.namespace, &labels)? != prepared.labels {
            return Ok(Vec::new());
        }
        let def = PodDef { start: 0, ..PodDef::new(prepared.spec, prepared.labels) };
        all.push((prepared, def));
    }
    Ok(all)
}
