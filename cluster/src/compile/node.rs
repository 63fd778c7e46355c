//! Nodes to rows.

use std::collections::HashSet;
use std::sync::Arc;

use bayplan_core::{KeyId, NodeDef, NodeId, StrId, Taint, TaintEffect};

use super::Compiler;
use crate::error::Error;
use crate::objects::Node;
use crate::{images, requests};

/// A node, compiled.
struct Parts {
    name: StrId,
    allocatable: Vec<i64>,
    labels: Vec<(KeyId, StrId)>,
    taints: bayplan_core::TaintSetId,
    images: bayplan_core::ImageSetId,
    features: u64,
}

impl Compiler {
    /// Adds a node or updates it.
    pub(crate) fn put_node(&mut self, node: &Node) -> Result<NodeId, Error> {
        let parts = self.node_parts(node)?;
        let def = NodeDef {
            name: parts.name,
            unschedulable: node.spec.unschedulable,
            allocatable: &parts.allocatable,
            labels: &parts.labels,
            taints: parts.taints,
            images: parts.images,
            features: parts.features,
        };
        if let Some(id) = self.nodes.get(node.metadata.name.as_str()).copied() {
            self.table.run(|s| s.update_node(id, &def))?;
            return Ok(id);
        }
        let id = self.table.run(|s| s.add_node(&def))?;
        let name: Arc<str> = Arc::from(node.metadata.name.as_str());
        self.nodes.insert(name.clone(), id);
        // The core gives rows in order.
        self.node_names.push_back(name);
        Ok(id)
    }

    /// Takes a node away; no pod may be bound to it any more.
    pub(crate) fn drop_node(&mut self, name: &str) -> Result<(), Error> {
        if let Some(id) = self.nodes.get(name).copied() {
            self.table.run(|s| s.remove_node(id))?;
            self.nodes.remove(name);
        }
        Ok(())
    }

    fn node_parts(&mut self, node: &Node) -> Result<Parts, Error> {
        let amounts = requests::allocatable(node);
        let mut allocatable = vec![amounts.milli_cpu, amounts.memory, amounts.ephemeral_storage, amounts.pods];
        for (name, amount) in &amounts.scalar {
            let id = self.resources.id(&mut self.table, name)?;
            if allocatable.len() <= id.at() {
                allocatable.resize(id.at() + 1, 0);
            }
            allocatable[id.at()] = *amount;
        }
        self.note_huge(&allocatable);
        let mut labels = Vec::new();
        for (key, value) in &node.metadata.labels {
            if let Some(id) = self.keys.get(key.as_str()).copied() {
                labels.push((id, self.string(value)?));
            }
        }
        let mut taints = Vec::new();
        for taint in &node.spec.taints {
            let effect = effect(&taint.effect);
            taints.push((self.string(&taint.key)?, self.string(&taint.value)?, effect as u32));
        }
        let table = &mut self.table;
        let taints = self.taint_sets.id(taints, |taints| {
            let list: Vec<Taint> = taints
                .iter()
                .map(|(key, value, e)| Taint { key: *key, value: *value, effect: EFFECTS[*e as usize] })
                .collect();
            table.run(|s| s.add_taint_set(&list))
        })?;
        let (mut held, mut known) = (Vec::new(), HashSet::new());
        for image in &node.status.images {
            for name in &image.names {
                let id = self.image(name)?;
                if known.insert(id) {
                    held.push((id, image.size_bytes));
                }
            }
        }
        let table = &mut self.table;
        let images = self.image_sets.id(held, |held| table.run(|s| s.add_image_set(held)))?;
        let mut features = 0;
        for declared in &node.status.declared_features {
            features |= feature_bit(declared);
        }
        Ok(Parts { name: self.string(&node.metadata.name)?, allocatable, labels, taints, images, features })
    }

    /// The id of an image, by a name as a node's status has it.
    pub(crate) fn image(&mut self, name: &str) -> Result<bayplan_core::ImageId, Error> {
        if let Some(id) = self.images.get(name) {
            return Ok(id);
        }
        let table = &mut self.table;
        self.images.id(name.to_owned(), |_| table.run(|s| s.add_image()))
    }

    /// The images of a pod, for those that some node holds or may hold one day.
    pub(crate) fn images_of(&mut self, pod: &crate::objects::Pod) -> Result<(Vec<bayplan_core::ImageId>, u32), Error> {
        let of_pod = images::of_pod(pod, self.version);
        let ids = of_pod.images.iter().map(|name| self.image(name)).collect::<Result<_, _>>()?;
        Ok((ids, of_pod.count as u32))
    }
}

/// The bit of a feature; 0 for one that no pod can need.
pub(crate) fn feature_bit(name: &str) -> u64 {
    crate::features::ALL.iter().position(|f| *f == name).map_or(0, |bit| 1 << bit)
}

const EFFECTS: [TaintEffect; 3] = [TaintEffect::NoSchedule, TaintEffect::PreferNoSchedule, TaintEffect::NoExecute];

pub(crate) fn effect(name: &str) -> TaintEffect {
    match name {
        "PreferNoSchedule" => TaintEffect::PreferNoSchedule,
        "NoExecute" => TaintEffect::NoExecute,
        _ => TaintEffect::NoSchedule,
    }
}
