//! Among equal nodes a scheduler draws, and what comes after may depend on it: which pods a drain evicts, and so how many are made. So each
//! step begins with the pods where they really were, and where the real node is one of our best ones, it is ours too.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use bayplan::objects::{Kind, Object};
use bayplan::simulate::{Simulation, stored};
use serde_json::Value;

use super::pods::{comparable, name_of};
use super::scenario::Scenario;

/// The nodes of each owner's pods, in the order of the bindings.
type Nodes = HashMap<String, VecDeque<String>>;

pub(super) struct Draws {
    /// The owner of each real pod.
    owners: HashMap<String, String>,
    log: Vec<Value>,
    /// The bindings of this step that are not yet ours.
    drawn: Arc<Mutex<Nodes>>,
}

impl Draws {
    /// Lets a simulation follow the real bindings of a scenario.
    pub(super) fn follow(scenario: &Scenario, simulation: &mut Simulation) -> Result<Self, String> {
        let pods = scenario.items("pods.json")?;
        let owners = pods.into_iter().map(|pod| (name_of(&pod), owner_of(pod))).collect();
        let drawn: Arc<Mutex<Nodes>> = Arc::default();
        let follows = drawn.clone();
        simulation.choose_with(Box::new(move |pod, best| {
            let mut drawn = follows.lock().unwrap_or_else(PoisonError::into_inner);
            let nodes = drawn.get_mut(&owner_of(stored(pod)))?;
            let at = nodes.iter().position(|node| best.iter().any(|best| **best == **node))?;
            nodes.remove(at)
        }));
        Ok(Draws { owners, log: scenario.items("attempts.json")?, drawn })
    }

    /// Puts the pods where they really were when a step began.
    pub(super) fn begin(&self, step: &str, simulation: &mut Simulation) -> Result<(), String> {
        let at = self.log.iter().position(|line| line["step"] == step).unwrap_or(self.log.len());
        let (before, rest) = self.log.split_at(at);
        let mut real = self.bound(before);
        let of_step = rest.iter().skip(1).take_while(|line| line["step"].is_null());
        *self.drawn.lock().unwrap_or_else(PoisonError::into_inner) = self.bound(of_step);
        let mut ours: BTreeMap<String, Vec<Object>> = BTreeMap::new();
        let cluster = simulation.cluster_mut();
        let pods: Vec<Object> = cluster
            .nodes()
            .into_iter()
            .flat_map(|node| cluster.pods_on(node))
            .filter_map(|key| cluster.pod(&key).map(|pod| Object::from(pod.clone())))
            .collect();
        for pod in pods {
            let Object::Pod(of) = &pod else { continue };
            ours.entry(owner_of(stored(of))).or_default().push(pod);
        }
        // Pods that we have driven away already, and the real ones soon after, are not brought back.
        let drives = |node: &str| match cluster.object(Kind::Node, "", node) {
            Some(Object::Node(node)) => node.spec.taints.iter().any(|taint| taint.effect == "NoExecute"),
            _ => true,
        };
        let driving: Vec<String> = cluster.nodes().into_iter().filter(|node| drives(node)).map(str::to_owned).collect();
        for (owner, pods) in ours {
            let Some(nodes) = real.get_mut(&owner).filter(|nodes| nodes.len() == pods.len()) else { continue };
            let mut moved = Vec::new();
            for pod in pods {
                let Object::Pod(of) = &pod else { continue };
                match nodes.iter().position(|node| *node == of.spec.node_name) {
                    Some(at) => _ = nodes.remove(at),
                    None => moved.push(of.clone()),
                }
            }
            nodes.retain(|node| !driving.contains(node));
            for (mut pod, node) in moved.into_iter().zip(nodes) {
                pod.spec.node_name.clone_from(node);
                cluster.upsert(Object::Pod(pod)).map_err(|e| e.to_string())?;
            }
        }
        Ok(())
    }

    /// Where the pods are that were bound and did not go, by owner.
    fn bound<'l>(&self, log: impl IntoIterator<Item = &'l Value>) -> Nodes {
        let mut bound: Vec<(&str, &str)> = Vec::new();
        for line in log {
            let of = |key: &str| line[key].as_str();
            if let Some(pod) = of("gone") {
                // A pod of the same name may be bound before the old one is seen to go.
                if let Some(at) = bound.iter().position(|(bound, _)| *bound == pod) {
                    bound.remove(at);
                }
            }
            if let (Some(pod), Some(node)) = (of("bound"), of("node")) {
                bound.push((pod, node));
            }
        }
        let mut nodes = Nodes::new();
        for (pod, node) in bound {
            if let Some(owner) = self.owners.get(pod) {
                nodes.entry(owner.clone()).or_default().push_back(node.to_owned());
            }
        }
        nodes
    }
}

/// The owner, and for a StatefulSet the pod: its names come again.
fn owner_of(pod: Value) -> String {
    let name = name_of(&pod);
    let (owner, _) = comparable(pod);
    if owner.starts_with("StatefulSet ") { format!("{owner} {name}") } else { owner }
}
