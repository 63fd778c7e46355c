//! Nodes: capacity, labels, taints, images and features, a row each.

use super::{Count, Range, Sequence, Tables};
use crate::{EMPTY, Error, ImageId, ImageSetId, KeyId, NONE, NodeId, ResourceId, StrId, TaintSetId};

/// What a taint does to pods that do not tolerate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum TaintEffect {
    /// They are not placed here.
    NoSchedule = 0,
    /// They are rather placed elsewhere.
    PreferNoSchedule = 1,
    /// They are not placed here, and leave.
    NoExecute = 2,
}

/// A taint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Taint {
    /// The key.
    pub key: StrId,
    /// The value.
    pub value: StrId,
    /// The effect.
    pub effect: TaintEffect,
}

/// A node as it is added or updated: `NodeDef { name, allocatable: &[4000, 16 << 30, 0, 110], ..NodeDef::default() }`.
#[derive(Clone, Copy, Debug)]
pub struct NodeDef<'a> {
    /// Its name.
    pub name: StrId,
    /// It is cordoned.
    pub unschedulable: bool,
    /// What can be requested of it, by [`ResourceId`]: milli-CPU, bytes, counts. Missing ones are 0.
    pub allocatable: &'a [i64],
    /// The labels whose keys have columns.
    pub labels: &'a [(KeyId, StrId)],
    /// Its taints.
    pub taints: TaintSetId,
    /// Its images.
    pub images: ImageSetId,
    /// The features that it declares, a bit each.
    pub features: u64,
}

impl Default for NodeDef<'_> {
    /// A node of the empty name, with the first taint list and the first image list.
    fn default() -> Self {
        NodeDef {
            name: EMPTY,
            unschedulable: false,
            allocatable: &[],
            labels: &[],
            taints: TaintSetId(0),
            images: ImageSetId(0),
            features: 0,
        }
    }
}

/// Bits of a node.
pub(crate) mod node_flag {
    pub(crate) const ALIVE: u8 = 1;
    pub(crate) const UNSCHEDULABLE: u8 = 2;
}
use node_flag::{ALIVE, UNSCHEDULABLE};

impl Tables<'_> {
    pub(crate) fn add_taint_set(&mut self, taints: &[Taint]) -> Result<TaintSetId, Error> {
        self.room(Count::TaintSets, 1)?;
        let list = self.push_words(taints.iter().flat_map(|t| [t.key.0, t.value.0, t.effect as u32]))?;
        let row = self.take(Count::TaintSets)?;
        self.taint_list[row as usize] = list;
        Ok(TaintSetId(row))
    }

    pub(crate) fn add_image(&mut self) -> Result<ImageId, Error> {
        self.take(Count::Images).map(ImageId)
    }

    pub(crate) fn add_image_set(&mut self, images: &[(ImageId, i64)]) -> Result<ImageSetId, Error> {
        self.room(Count::ImageSets, 1)?;
        for (image, _) in images {
            self.known(Count::Images, image.0)?;
        }
        let list = self
            .push_words(images.iter().flat_map(|(i, size)| [i.0, *size as u64 as u32, (*size as u64 >> 32) as u32]))?;
        let row = self.take(Count::ImageSets)?;
        self.image_list[row as usize] = list;
        Ok(ImageSetId(row))
    }

    pub(crate) fn add_resource(&mut self) -> Result<ResourceId, Error> {
        self.take(Count::Resources).map(ResourceId)
    }

    pub(crate) fn add_key(&mut self) -> Result<KeyId, Error> {
        self.take(Count::Keys).map(KeyId)
    }

    pub(crate) fn add_node(&mut self, node: &NodeDef<'_>) -> Result<NodeId, Error> {
        self.check_node(node)?;
        let row = self.take(Count::Nodes)?;
        self.counts[Count::AliveNodes as usize] += 1;
        self.bump(Sequence::Epoch);
        self.write_node(row as usize, node);
        Ok(NodeId(row))
    }

    pub(crate) fn update_node(&mut self, id: NodeId, node: &NodeDef<'_>) -> Result<(), Error> {
        self.alive(id)?;
        self.check_node(node)?;
        if self.image_set[id.at()] != node.images.0 {
            self.count_images(self.image_set[id.at()], false);
            self.bump(Sequence::Epoch);
            self.write_node(id.at(), node);
        } else {
            self.count_images(node.images.0, false);
            self.write_node(id.at(), node);
        }
        Ok(())
    }

    pub(crate) fn remove_node(&mut self, id: NodeId) -> Result<(), Error> {
        self.alive(id)?;
        if self.node_pods[id.at()] != NONE {
            return Err(Error::State { what: "the node still holds pods: unbind them first" });
        }
        self.count_images(self.image_set[id.at()], false);
        self.node_flags[id.at()] = 0;
        for key in 0..self.limits.keys as usize {
            self.labels[key * self.limits.nodes as usize + id.at()] = NONE;
        }
        self.bump(Sequence::Topology);
        self.counts[Count::AliveNodes as usize] -= 1;
        self.bump(Sequence::Epoch);
        self.note(id.at());
        Ok(())
    }

    pub(crate) fn relabel_node(&mut self, id: NodeId, key: KeyId, value: StrId) -> Result<(), Error> {
        self.alive(id)?;
        self.known(Count::Keys, key.0)?;
        if value.is_some() {
            self.known(Count::Strings, value.0)?;
        }
        self.labels[key.at() * self.limits.nodes as usize + id.at()] = value.0;
        self.bump(Sequence::Topology);
        self.note(id.at());
        Ok(())
    }

    pub(crate) fn fill_label(&mut self, id: NodeId, key: KeyId, value: StrId) -> Result<(), Error> {
        self.alive(id)?;
        self.known(Count::Keys, key.0)?;
        self.known(Count::Strings, value.0)?;
        self.labels[key.at() * self.limits.nodes as usize + id.at()] = value.0;
        self.bump(Sequence::Topology);
        Ok(())
    }

    /// Rows of nodes, removed ones among them.
    #[must_use]
    pub fn node_rows(&self) -> usize {
        self.count(Count::Nodes) as usize
    }

    /// Nodes that are there.
    #[must_use]
    pub fn alive_nodes(&self) -> u32 {
        self.count(Count::AliveNodes)
    }

    /// What a node has of a resource in all, and what is requested of it.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn amounts(&self, node: NodeId, resource: ResourceId) -> Result<(i64, i64), Error> {
        self.alive(node)?;
        self.known(Count::Resources, resource.0)?;
        let at = resource.at() * self.limits.nodes as usize + node.at();
        match (self.allocatable.get(at), self.requested.get(at)) {
            (Some(all), Some(used)) => Ok((*all, *used)),
            _ => Err(Error::NoSuch { table: Count::Resources.name(), id: resource.0 }),
        }
    }

    pub(crate) fn alive(&self, id: NodeId) -> Result<(), Error> {
        match self.node_flags.get(id.at()) {
            Some(flags) if flags & ALIVE != 0 => Ok(()),
            _ => Err(Error::NoSuch { table: Count::Nodes.name(), id: id.0 }),
        }
    }

    fn check_node(&self, node: &NodeDef<'_>) -> Result<(), Error> {
        self.known(Count::Strings, node.name.0)?;
        self.known(Count::TaintSets, node.taints.0)?;
        self.known(Count::ImageSets, node.images.0)?;
        for (key, value) in node.labels {
            self.known(Count::Keys, key.0)?;
            self.known(Count::Strings, value.0)?;
        }
        if node.allocatable.len() > self.count(Count::Resources) as usize {
            return Err(Error::NoSuch { table: Count::Resources.name(), id: node.allocatable.len() as u32 - 1 });
        }
        Ok(())
    }

    fn write_node(&mut self, row: usize, node: &NodeDef<'_>) {
        let stride = self.limits.nodes as usize;
        self.node_flags[row] = ALIVE | if node.unschedulable { UNSCHEDULABLE } else { 0 };
        for resource in 0..self.limits.resources as usize {
            self.allocatable[resource * stride + row] = node.allocatable.get(resource).copied().unwrap_or(0);
        }
        let mut relabelled = false;
        for key in 0..self.count(Count::Keys) {
            let given = node.labels.iter().rev().find(|(k, _)| k.0 == key).map_or(NONE, |(_, value)| value.0);
            let value = if key == 0 { node.name.0 } else { given };
            let label = &mut self.labels[key as usize * stride + row];
            relabelled |= core::mem::replace(label, value) != value;
        }
        if relabelled {
            self.bump(Sequence::Topology);
        }
        self.taint_set[row] = node.taints.0;
        self.image_set[row] = node.images.0;
        self.features[row] = node.features;
        self.count_images(node.images.0, true);
        self.note(row);
    }

    /// One more node holds these images, or one less. An image has the size that the first node to hold it said, as in
    /// kube-scheduler's cache.
    fn count_images(&mut self, set: u32, add: bool) {
        if !add {
            for at in self.images_of(set) {
                self.image_nodes[self.arena[at] as usize] -= 1;
            }
            return;
        }
        for at in self.images_of(set) {
            let image = self.arena[at] as usize;
            if self.image_nodes[image] == 0 {
                self.image_size[image] = (u64::from(self.arena[at + 2]) << 32 | u64::from(self.arena[at + 1])) as i64;
            }
        }
        self.hold_images(set);
    }

    /// One more node holds these images, whose sizes are known.
    pub(crate) fn hold_images(&mut self, set: u32) {
        for at in self.images_of(set) {
            self.image_nodes[self.arena[at] as usize] += 1;
        }
    }

    /// Where the images of a set lie in the arena.
    fn images_of(&self, set: u32) -> impl Iterator<Item = usize> + use<> {
        let Range { start, len } = self.image_list.get(set as usize).copied().unwrap_or_default();
        (start as usize..start as usize + len as usize).step_by(3)
    }
}
