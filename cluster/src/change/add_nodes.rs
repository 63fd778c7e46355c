//! Nodes that come.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::nodes::HOSTNAME;
use super::{Manifests, options};
use crate::error::{Error, ErrorKind};
use crate::objects::{Condition, CsiNode, Kind, Node, Object, Provenance, ResourceList, Taint};
use crate::quantity::Quantity;
use crate::state::Cluster;

/// So many nodes: like one that is there, like the one of a file, or of a given size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddNodes {
    /// How many.
    pub count: u32,
    /// A node of the cluster: its size, labels, taints, and how many volumes it can attach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<String>,
    /// The manifest of a node that they are like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What they can give to pods, by resource; of a node that they are like, the capacity, of which the system reserves as much as there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: BTreeMap<String, String>,
    /// What their names begin with; `bayplan-` and a number by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The zones that they are dealt out to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// Labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Taints: `key=value:Effect`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taints: Vec<String>,
}

const ZONE: &str = "topology.kubernetes.io/zone";
/// No more nodes come at once.
const MOST: u32 = 100_000;
/// A kubelet's own default.
const PODS: &str = "110";

impl AddNodes {
    /// Reads `3 like=node-07`, `2 cpu=16 memory=64Gi zone=a,b label:pool=x taint:a=b:NoSchedule name=big`.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let count = words.next().and_then(|count| count.parse().ok()).ok_or("it begins with how many")?;
        let mut add = AddNodes { count, ..AddNodes::default() };
        let mut sizes = Vec::new();
        for word in words {
            let (key, value) = word.split_once('=').ok_or_else(|| format!("`{word}` is not of the form name=value"))?;
            match key {
                "like" => add.like = Some(value.to_owned()),
                "file" => add.file = Some(value.to_owned()),
                "name" => add.name = Some(value.to_owned()),
                "zone" | "zones" => add.zones = value.split(',').map(str::to_owned).collect(),
                _ => match key.split_once(':') {
                    Some(("label", key)) => _ = add.labels.insert(key.to_owned(), value.to_owned()),
                    Some(("taint", key)) => add.taints.push(format!("{key}={value}")),
                    _ => sizes.push(word),
                },
            }
        }
        add.resources = options::pairs(sizes)?;
        if add.like.is_none() && add.file.is_none() && add.resources.is_empty() {
            return Err("it does not say how large they are".to_owned());
        }
        Ok(add)
    }

    /// The nodes, and the `CSINode` of each whose model has one, in order. Their names are free.
    pub(super) fn nodes(&self, cluster: &Cluster) -> Result<Vec<(Node, Option<CsiNode>)>, Error> {
        if self.count > MOST {
            return Err(Error::input(format!("{} nodes are too many", self.count))
                .hint(format!("at most {MOST} come at once"))
                .at("count"));
        }
        let (model, csi) = self.model(cluster)?;
        let sizes = super::apply::amounts(&self.resources)?;
        let taints = self.taints.iter().map(|taint| super::apply::taint(taint)).collect::<Result<Vec<Taint>, _>>()?;
        let prefix = self.name.clone().unwrap_or_else(|| "bayplan".to_owned());
        let is_free = |name: &str| cluster.object(Kind::Node, "", name).is_none();
        let mut names = (1_u32..).map(|number| format!("{prefix}-{number}")).filter(|name| is_free(name));
        let mut nodes = Vec::new();
        for nth in 0..self.count as usize {
            let mut node = model.clone();
            let name = names.next().unwrap_or_default();
            let labels = &mut node.metadata.labels;
            labels.insert(HOSTNAME.to_owned(), name.clone());
            if let Some(zone) = self.zones.get(nth % self.zones.len().max(1)) {
                labels.insert(ZONE.to_owned(), zone.clone());
            }
            labels.extend(self.labels.clone());
            node.metadata.name.clone_from(&name);
            node.spec.taints.extend(taints.iter().cloned());
            resize(&mut node, &sizes);
            let csi = csi.clone().map(|mut csi| {
                csi.metadata.name.clone_from(&name);
                csi.metadata.uid.clear();
                csi
            });
            nodes.push((node, csi));
        }
        Ok(nodes)
    }

    /// The first of the nodes.
    pub(crate) fn made(&self, cluster: &Cluster) -> Result<(Node, Option<CsiNode>), Error> {
        self.nodes(cluster)?.pop().ok_or_else(|| Error::input("no node is asked for"))
    }

    /// The node that they are like, without what is its own.
    fn model(&self, cluster: &Cluster) -> Result<(Node, Option<CsiNode>), Error> {
        let (mut node, csi) = match (&self.like, &self.file) {
            (Some(like), None) => {
                let Some(Object::Node(node)) = cluster.object(Kind::Node, "", like) else {
                    return Err(crate::state::no_node(like).hint("`bayplan nodes -c DUMP` shows the nodes").at("like"));
                };
                let csi = match cluster.object(Kind::CSINode, "", like) {
                    Some(Object::CSINode(csi)) => Some((**csi).clone()),
                    _ => None,
                };
                ((**node).clone(), csi)
            }
            (None, Some(file)) => {
                let input = Manifests::file(file).read()?;
                let nodes = input.objects.into_iter().filter_map(|object| match object {
                    Object::Node(node) => Some(*node),
                    _ => None,
                });
                let node = nodes.into_iter().next();
                (node.ok_or_else(|| Error::input("there is no Node in it").in_source(file.clone()))?, None)
            }
            (None, None) if self.resources.is_empty() => {
                return Err(Error::input("it is not said how large the nodes are").hint("say like, file or resources"));
            }
            (None, None) => (plain(), None),
            _ => return Err(Error::new(ErrorKind::Input, "like and file exclude each other").at("addNodes")),
        };
        let meta = &mut node.metadata;
        meta.uid.clear();
        // As one that a server has: what a kubelet says of itself is not filled in here.
        meta.provenance = Provenance::Live;
        node.spec.unschedulable = false;
        node.spec.provider_id.clear();
        node.spec.taints.retain(|taint| !taint.key.starts_with("node.kubernetes.io/"));
        node.status.images.clear();
        let ready = Condition { kind: "Ready".to_owned(), status: "True".to_owned(), ..Condition::default() };
        node.status.conditions = vec![ready];
        Ok((node, csi))
    }
}

/// A node without anything of its own but what every kubelet says.
fn plain() -> Node {
    let mut node = Node::default();
    for (key, value) in [("kubernetes.io/os", "linux"), ("kubernetes.io/arch", "amd64")] {
        node.metadata.labels.insert(key.to_owned(), value.to_owned());
    }
    let pods: Quantity = PODS.parse().unwrap_or(Quantity::ZERO);
    node.status.allocatable.insert("pods".to_owned(), pods);
    node.status.capacity.insert("pods".to_owned(), pods);
    node
}

/// Gives a node another capacity; what the system reserves stays as much.
pub(super) fn resize(node: &mut Node, sizes: &ResourceList) {
    for (name, size) in sizes {
        let status = &mut node.status;
        let (of, to_pods) = (status.capacity.get(name).copied(), status.allocatable.get(name).copied());
        let mut left = *size;
        if let (Some(of), Some(to_pods)) = (of, to_pods) {
            left += of.negated();
            left += to_pods;
        }
        let left = if left.is_negative() { Quantity::ZERO } else { left };
        status.capacity.insert(name.clone(), *size);
        status.allocatable.insert(name.clone(), left);
    }
}

impl fmt::Display for AddNodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.count)?;
        for (key, value) in [("like", &self.like), ("file", &self.file), ("name", &self.name)] {
            if let Some(value) = value {
                write!(f, " {key}={value}")?;
            }
        }
        self.resources.iter().try_for_each(|(key, value)| write!(f, " {key}={value}"))?;
        if !self.zones.is_empty() {
            write!(f, " zone={}", self.zones.join(","))?;
        }
        self.labels.iter().try_for_each(|(key, value)| write!(f, " label:{key}={value}"))?;
        self.taints.iter().try_for_each(|taint| write!(f, " taint:{taint}"))
    }
}
