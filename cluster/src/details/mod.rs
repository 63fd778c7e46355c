//! What an explanation adds to a reason: the numbers and names behind it.

mod node_affinity;
mod pod_affinity;
mod spread;
mod taken;
mod text;
mod volumes;
mod whole;
mod zones;

use std::cell::OnceCell;
use std::collections::HashMap;

use bayplan_core::NodeId;
use bayplan_core::plugins::pod_topology_spread::SpreadNumbers;

use crate::cluster::Cluster;
use crate::decide::Asked;
use crate::error::Error;
use crate::labels;
use crate::objects::{Kind, Node, Object, Pod};
use crate::requests;

/// What is found by a look at all pods, once for an explanation of all nodes and only where a rule asks for it.
#[derive(Default)]
pub(crate) struct Behind {
    near: OnceCell<pod_affinity::Near>,
    exclusive: OnceCell<Vec<String>>,
    spread: HashMap<NodeId, Vec<SpreadNumbers>>,
}

impl Behind {
    /// How spread constraints stand on the nodes is known already.
    pub(crate) fn of(numbers: Vec<(NodeId, SpreadNumbers)>) -> Self {
        let mut spread: HashMap<NodeId, Vec<SpreadNumbers>> = HashMap::new();
        for (node, numbers) in numbers {
            spread.entry(node).or_default().push(numbers);
        }
        Behind { spread, ..Behind::default() }
    }

    fn exclusive(&self, cluster: &Cluster, pod: &Pod) -> &[String] {
        self.exclusive.get_or_init(|| cluster.exclusive_users(pod))
    }

    fn near(&self, cluster: &Cluster, pod: &Pod) -> &pod_affinity::Near {
        self.near.get_or_init(|| cluster.near(pod))
    }
}

impl Cluster {
    /// The numbers and names behind the first rule that rejects a node.
    pub(crate) fn details(
        &mut self,
        asked: &Asked,
        pod: &Pod,
        behind: &Behind,
        node: &str,
        rule: &str,
    ) -> Result<Vec<String>, Error> {
        let Some(id) = self.compiler.nodes.get(node).copied() else { return Ok(Vec::new()) };
        let Some(object) = self.store.objects.get(Kind::Node, "", node).cloned() else { return Ok(Vec::new()) };
        let Object::Node(object) = &*object else { return Ok(Vec::new()) };
        Ok(match rule {
            "TaintToleration" => taints(object, pod),
            "NodeResourcesFit" => self.fit_details(id, pod)?,
            "NodeAffinity" => self.node_affinity_details(asked, object, pod),
            "PreFilterResult" => node_affinity::names(pod),
            "NodePorts" => self.port_details(id, pod),
            "PodTopologySpread" => self.spread_details(behind.spread.get(&id).map_or(&[], Vec::as_slice), pod),
            "InterPodAffinity" => pod_affinity::details(behind.near(self, pod), object, pod),
            "NodeVolumeLimits" => self.limit_details(id, pod)?,
            "VolumeRestrictions" => self.restriction_details(behind, id, pod),
            "VolumeBinding" => self.binding_details(asked, id, object, pod)?,
            "VolumeZone" => self.zone_details(object, pod),
            _ => Vec::new(),
        })
    }

    fn fit_details(&mut self, node: NodeId, pod: &Pod) -> Result<Vec<String>, Error> {
        let asked = requests::pending(pod);
        let mut out = Vec::new();
        let mut named =
            vec![("cpu", asked.milli_cpu), ("memory", asked.memory), ("ephemeral-storage", asked.ephemeral_storage)];
        named.extend(asked.scalar.iter().map(|(name, amount)| (name.as_str(), *amount)));
        named.push(("pods", 1));
        for (name, amount) in named.into_iter().filter(|(_, amount)| *amount > 0) {
            let resource = self.compiler.resources.id(&mut self.compiler.table, name)?;
            let (all, used) = self.compiler.table.run(|s| s.tables().amounts(node, resource))?;
            if amount > all.wrapping_sub(used) {
                let show = |value: i64| if name == "cpu" { format!("{value}m") } else { value.to_string() };
                out.push(format!("{name}: {} asked for, {} of {} taken", show(amount), show(used), show(all)));
            }
        }
        Ok(out)
    }
}

fn taints(node: &Node, pod: &Pod) -> Vec<String> {
    labels::untolerated(&node.spec.taints, &pod.spec.tolerations)
        .map(|t| {
            let value = if t.value.is_empty() { String::new() } else { format!("={}", t.value) };
            format!("taint {}{value}:{} is not tolerated", t.key, t.effect)
        })
        .into_iter()
        .collect()
}
