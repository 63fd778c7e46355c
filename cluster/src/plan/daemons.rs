//! The pods of DaemonSets that nodes lack, as those do that are added to a dump.

use std::collections::HashSet;

use super::existing::{node_of, of_workload};
use super::lacking_pods;
use crate::admit::{self, Context};
use crate::attempt::Outcome;
use crate::error::Error;
use crate::expand::{Allowance, MAX_PODS, daemon_nodes};
use crate::objects::{Kind, Node, Object};
use crate::state::{Cluster, key_of};

impl Cluster {
    /// DaemonSets have a pod on each node that they accept, before anything else lands there. Nodes of a real cluster have theirs; those that no
    /// API server has lack them.
    ///
    /// Costs a look at each added node for each DaemonSet, and an attempt for each pod that is lacking.
    pub(crate) fn place_daemons(
        &mut self,
        given: &[Object],
        warnings: &mut Vec<String>,
        left_out: &mut Vec<String>,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<(), Error> {
        let mut made = Vec::new();
        // What is placed itself is among the placements.
        let is_given = |set: &Object| {
            let mut given = given.iter().filter(|object| object.kind() == Kind::DaemonSet);
            given.any(|object| (object.namespace(), object.name()) == (set.namespace(), set.name()))
        };
        for set in self.lacking_daemons().into_iter().filter(|set| !is_given(set)) {
            let mut allowance = Allowance::new(MAX_PODS, progress);
            let lacks = match lacking_pods::of(self, &self.context_with_added_nodes(), &set, &mut allowance) {
                Err(error) if admit::is_refusal(&error) => {
                    left_out.push(format!("{set}: its pods are refused: {}", error.problem()));
                    continue;
                }
                lacks => lacks?,
            };
            if lacks.pods.is_empty() {
                continue;
            }
            let (count, node) = (lacks.pods.len(), lacks.pods.first().and_then(node_of).unwrap_or_default().to_owned());
            let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
            warnings
                .push(format!("{set} lacks pods on {node}{more}; its controller makes them, so they are placed first"));
            made.extend(lacks.pods);
        }
        for pod in made {
            let key = key_of(&pod.metadata.namespace, &pod.metadata.name);
            self.upsert(Object::from(pod))?;
            let decision = self.decide(&key)?;
            if let (Outcome::Scheduled, Some(node)) = (decision.outcome, &decision.node) {
                let start = self.last_start();
                self.bind(&key, node, start)?;
            } else {
                left_out.push(format!("{key}, of a DaemonSet, finds no room: {}", decision.event()));
            }
        }
        Ok(())
    }

    /// The sets that lack a pod on some added node: for the others nothing is made.
    fn lacking_daemons(&self) -> Vec<Object> {
        if self.store().objects.added_nodes().next().is_none() {
            return Vec::new();
        }
        let context = self.context_with_added_nodes();
        let lacks = |object: &&Object| {
            let Object::DaemonSet(set) = object else { return false };
            let pods = of_workload(self, object);
            let covered: HashSet<&str> = pods.iter().filter_map(|pod| node_of(pod)).collect();
            daemon_nodes(set, &context).any(|node| !covered.contains(node.metadata.name.as_str()))
        };
        self.objects(Kind::DaemonSet).filter(lacks).cloned().collect()
    }

    fn context_with_added_nodes(&self) -> Context<'_> {
        let mut context = self.context();
        context.nodes = self.store().objects.added_nodes().filter_map(|name| self.node(name)).collect();
        context
    }

    fn node(&self, name: &str) -> Option<&Node> {
        match self.object(Kind::Node, "", name) {
            Some(Object::Node(node)) => Some(node),
            _ => None,
        }
    }
}
