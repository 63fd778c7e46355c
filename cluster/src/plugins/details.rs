//! What an explanation adds to a reason, the numbers and names behind it: what plugins find that out from.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bayplan_core::NodeId;
use bayplan_core::plugins::pod_topology_spread::SpreadNumbers;

use super::inter_pod_affinity::Near;
use super::node_resources_fit::Amounts;
use crate::config::Plugin;
use crate::objects::{Node, PersistentVolumeClaim, Pod};
use crate::state::prepared::Prepared;
use crate::state::storage::{BIND_COMPLETED, STORAGE, claim_names, class_of_claim, owned_by};
use crate::state::store::PodEntry;
use crate::state::{Cluster, key_of};

/// A node that a plugin rejects, and the pod that it rejects it for.
pub(crate) struct Details<'a> {
    pub(crate) cluster: &'a mut Cluster,
    pub(crate) prepared: &'a Prepared,
    pub(crate) pod: &'a Pod,
    pub(crate) index: &'a ExplainIndex,
    pub(crate) id: NodeId,
    pub(crate) node: &'a Node,
}

impl Details<'_> {
    /// The pods that are bound to the node or nominated to it, by name; not the pod itself.
    pub(super) fn others(&self) -> BTreeMap<&str, &Pod> {
        let (cluster, node, pod) = (&*self.cluster, self.id, self.pod);
        let own = key_of(&pod.metadata.namespace, &pod.metadata.name);
        let name = cluster.compiler().node_names.get(node.at()).map_or("", |name| &**name);
        let entry = |key: &Arc<str>| cluster.store().pods.get(key);
        let is_nominated =
            |entry: &&PodEntry| entry.nomination.is_some() && entry.pod.status.nominated_node_name == name;
        let nominated = cluster.nominated().iter().filter_map(entry).filter(is_nominated);
        let others =
            cluster.store().pods.on(node).filter_map(entry).chain(nominated).filter(|entry| *entry.key != *own);
        others.map(|entry| (&*entry.key, &*entry.pod)).collect()
    }
}

/// Indexes over all pods and nodes, each built when first asked for and shared by the explanations of all nodes.
#[derive(Default)]
pub(crate) struct ExplainIndex {
    near: OnceCell<Near>,
    exclusive: OnceCell<Vec<String>>,
    spread: HashMap<NodeId, Vec<SpreadNumbers>>,
    pub(super) amounts: OnceCell<Vec<Amounts>>,
}

impl ExplainIndex {
    /// How spread constraints stand on the nodes is known already.
    pub(crate) fn new(numbers: Vec<(NodeId, SpreadNumbers)>) -> Self {
        let mut spread: HashMap<NodeId, Vec<SpreadNumbers>> = HashMap::new();
        for (node, numbers) in numbers {
            spread.entry(node).or_default().push(numbers);
        }
        ExplainIndex { spread, ..ExplainIndex::default() }
    }

    /// Which of the pod's `ReadWriteOncePod` claims are in use.
    pub(super) fn exclusive(&self, cluster: &Cluster, pod: &Pod) -> &[String] {
        self.exclusive.get_or_init(|| cluster.exclusive_users(pod))
    }

    /// What bound pods have to do with the pod's affinity terms, and theirs with it.
    pub(super) fn near(&self, cluster: &Cluster, pod: &Pod) -> &Near {
        self.near.get_or_init(|| cluster.near(pod))
    }

    /// How each `DoNotSchedule` constraint stands on a node.
    pub(super) fn spread(&self, node: NodeId) -> &[SpreadNumbers] {
        self.spread.get(&node).map_or(&[], Vec::as_slice)
    }
}

/// What is wrong with the pod's claims where a plugin rejects the pod for them before any node is looked at.
pub(super) fn claim_details(cluster: &Cluster, pod: &Pod, plugin: Plugin) -> Vec<String> {
    let names = claim_names(pod);
    let mut out: Vec<String> =
        names.filter_map(|(name, ephemeral)| claim_trouble(cluster, pod, &name, ephemeral, plugin)).collect();
    out.dedup();
    out
}

/// Why a plugin rejects the pod for a claim whatever the node, if it does.
fn claim_trouble(cluster: &Cluster, pod: &Pod, name: &str, ephemeral: bool, plugin: Plugin) -> Option<String> {
    let namespace = &pod.metadata.namespace;
    let key = key_of(namespace, name);
    // Claims that were made for the pod are looked at by one plugin alone.
    let binding = plugin == Plugin::VolumeBinding;
    if ephemeral && !binding {
        return None;
    }
    let Some(claim) = cluster.claim(namespace, name) else { return Some(format!("claim {key} is not there")) };
    let volume = &claim.spec.volume_name;
    let is_lost = match plugin {
        Plugin::VolumeBinding => claim.status.phase == "Lost",
        Plugin::VolumeZone => !volume.is_empty() && cluster.volume(volume).is_none(),
        _ => return None,
    };
    if is_lost {
        return Some(format!("claim {key}: volume {volume} is not there"));
    }
    if binding && claim.metadata.deletion_timestamp.is_some() {
        return Some(format!("claim {key} is being deleted"));
    }
    if binding && ephemeral && !owned_by(claim, pod) {
        return Some(format!("claim {key} belongs to another than the pod"));
    }
    if !volume.is_empty() {
        let is_complete = !binding || claim.metadata.annotations.contains_key(BIND_COMPLETED);
        return (!is_complete).then(|| format!("claim {key}: its binding to volume {volume} is not complete"));
    }
    let why = match (class_of_claim(claim), cluster.class(class_of_claim(claim))) {
        ("", _) => "it names no class",
        (_, None) => "its class is not there",
        (_, Some(class)) if class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer") => return None,
        _ => "its class does not wait for a pod's node",
    };
    Some(format!("{} has no volume, and {why}", claim_text(claim)))
}

/// A claim with its class and how much it asks for.
pub(super) fn claim_text(claim: &PersistentVolumeClaim) -> String {
    let class = match class_of_claim(claim) {
        "" => "no class".to_owned(),
        class => format!("class {class}"),
    };
    let size = claim.spec.resources.requests.get(STORAGE).map_or(String::new(), |size| format!(", {size}"));
    format!("claim {} ({class}{size})", key_of(&claim.metadata.namespace, &claim.metadata.name))
}
