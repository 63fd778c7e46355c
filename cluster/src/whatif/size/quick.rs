//! The replay of a search: the same attempts, asked of the core by number, but for the order of equal nodes, which are kept from mix to mix. What it finds is
//! played again by name before anybody hears of it.

use std::collections::HashMap;
use std::sync::Arc;

use bayplan_core::{NodeId, Pick, PodDef, PodId};

use super::replay::{forget_nodes, taken_off};
use crate::attempt::{Outcome, Start};
use crate::error::Error;
use crate::objects::Object;
use crate::state::prepared::Prepared;
use crate::state::storage::claim_names;
use crate::state::{Cluster, TOPOLOGY_LABELS};

/// The pods of a load as the core knows them; nothing for those that are asked by name: they have claims, or selectors read the zone that a
/// binding copies onto them.
#[derive(Default)]
pub(super) struct Quick {
    pods: Vec<Option<(Box<Prepared>, PodDef)>>,
}

/// Where pods are.
#[derive(Clone, Default)]
pub(super) struct Bound {
    by_number: HashMap<usize, (PodId, NodeId)>,
    by_name: HashMap<usize, String>,
}

impl Quick {
    /// Prepares all pods.
    pub(super) fn of(cluster: &mut Cluster, pods: &[Arc<str>], node: &Object) -> Result<Self, Error> {
        // Without any node nothing is prepared.
        let name = node.name().to_owned();
        cluster.upsert(node.clone())?;
        let mut prepared = Vec::new();
        // The second time all labels are known that selectors read.
        for _ in 0..2 {
            prepared = pods.iter().map(|key| prepare(cluster, key)).collect::<Result<_, _>>()?;
        }
        cluster.delete(node.kind(), "", &name)?;
        Ok(Quick { pods: prepared })
    }

    /// Binds the claims that wait for nothing but a volume, as is done before the first attempt.
    pub(super) fn bind_claims(&self, cluster: &mut Cluster, keys: &[Arc<str>]) -> Result<(), Error> {
        let by_name = keys.iter().zip(&self.pods).filter(|(_, pod)| pod.is_none());
        by_name.map(|(key, _)| key).try_for_each(|key| cluster.bind_claims_of(key))
    }

    /// One attempt; whether the pod found a node.
    pub(super) fn attempt(
        &self,
        cluster: &mut Cluster,
        (at, key): (usize, &str),
        bound: &mut Bound,
    ) -> Result<bool, Error> {
        let Some((prepared, def)) = &self.pods[at] else {
            let decision = cluster.decide(key)?;
            let (Outcome::Scheduled, Some(node)) = (decision.outcome, decision.node) else { return Ok(false) };
            cluster.bind(key, &node, 0)?;
            bound.by_name.insert(at, node);
            return Ok(true);
        };
        let node = cluster.ask(prepared, |cycle| Ok(cycle.filter()?.decide(Pick::First).node))?;
        let found = match node {
            Some(node) => Some((cluster.run(|s| s.bind(def, node))?, node)),
            None => None,
        };
        if let Some(found) = found {
            bound.by_number.insert(at, found);
        }
        Ok(found.is_some())
    }

    /// Takes the pods off some nodes; which they are, in their order.
    pub(super) fn take_off(
        cluster: &mut Cluster,
        keys: &[Arc<str>],
        nodes: &[String],
        bound: &mut Bound,
    ) -> Result<Vec<usize>, Error> {
        let ids: Vec<NodeId> = nodes.iter().filter_map(|name| cluster.node_id(name)).collect();
        let on = bound.by_number.iter().filter(|(_, (_, node))| ids.contains(node));
        let mut on: Vec<(usize, PodId)> = on.map(|(at, (id, _))| (*at, *id)).collect();
        on.sort_unstable();
        for (at, id) in &on {
            cluster.run(|s| s.unbind(*id))?;
            bound.by_number.remove(at);
        }
        let named = bound.by_name.iter().filter(|(_, node)| nodes.contains(node)).map(|(at, _)| *at);
        let mut named: Vec<usize> = named.collect();
        named.sort_unstable();
        let mut off: Vec<Arc<str>> = Vec::new();
        for at in &named {
            bound.by_name.remove(at);
            let pod = cluster.pod(&keys[*at]).map(taken_off);
            pod.map(|pod| cluster.upsert(Object::from(pod))).transpose()?;
            off.push(keys[*at].clone());
        }
        forget_nodes(cluster, &off)?;
        let mut all: Vec<usize> = on.into_iter().map(|(at, _)| at).chain(named).collect();
        all.sort_unstable();
        Ok(all)
    }
}

/// A pod as the core knows it; nothing where it needs more than its class says.
fn prepare(cluster: &mut Cluster, key: &str) -> Result<Option<(Box<Prepared>, PodDef)>, Error> {
    let pod = cluster.known(key)?;
    // Other volumes, such as `emptyDir` and `configMap`, play no part.
    if claim_names(&pod).next().is_some() || !pod.spec.resource_claims.is_empty() || cluster.asks_others(&pod) {
        return Ok(None);
    }
    let Start::Ready(prepared) = cluster.start(key, &pod)? else { return Ok(None) };
    if !prepared.plan.is_empty() || prepared.uses.is_some() {
        return Ok(None);
    }
    if prepared.score_error.is_some() || !prepared.filter_errors.is_empty() {
        return Ok(None);
    }
    let mut labels = pod.metadata.labels.clone();
    for key in TOPOLOGY_LABELS {
        labels.insert(key.to_owned(), "some".to_owned());
    }
    if cluster.label_class(&pod.metadata.namespace, &labels)? != prepared.labels {
        return Ok(None);
    }
    let def = PodDef { start: 0, ..PodDef::new(prepared.spec, prepared.labels) };
    Ok(Some((prepared, def)))
}
