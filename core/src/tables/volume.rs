//! Volumes: sets of nodes from which they can be reached, and how many of each driver a node takes.

use super::{Count, NodeTerms, Range, Tables, VolumeRow};
use crate::{DriverId, Error, NONE, NodeId, NodeSetId, UseKeyId, UseListId, VolumeId};

/// How a pod uses a thing; the tag of a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UseTag;

impl UseTag {
    /// A volume that a pod mounts; also a disk or an address that is written.
    pub const MOUNTED: u32 = 0;
    /// A volume that is attached, whatever pods there are.
    pub const ATTACHED: u32 = 1;
    /// A claim that only one pod may use.
    pub const EXCLUSIVE: u32 = 2;
    /// The name of such a claim, whatever the namespace: what a request looks for among pods that are nominated.
    pub const EXCLUSIVE_NAME: u32 = 3;
}

impl Tables<'_> {
    /// Adds a set of nodes: those that meet one of the terms; `None` is all nodes.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn add_node_set(&mut self, terms: Option<&NodeTerms<'_>>) -> Result<NodeSetId, Error> {
        self.room(Count::NodeSets, "node_sets", self.limits.node_sets, 1)?;
        let list = match terms {
            Some(terms) => self.push_terms(terms)?,
            None => Range { start: NONE, len: NONE },
        };
        let row = self.take(Count::NodeSets, "node_sets", self.limits.node_sets)?;
        self.node_sets[row as usize] = list;
        Ok(NodeSetId(row))
    }

    /// Whether a volume can be reached from a node.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn reaches(&self, volume: VolumeId, node: NodeId) -> Result<bool, Error> {
        self.alive(node)?;
        self.known(Count::Volumes, "volumes", volume.0)?;
        Ok(self.in_node_set(NodeSetId(self.volumes[volume.at()].reach), node.at()))
    }

    /// Whether a node is in a set.
    pub(crate) fn in_node_set(&self, set: NodeSetId, node: usize) -> bool {
        match self.node_sets.get(set.at()) {
            Some(Range { start: NONE, .. }) => true,
            Some(list) => self.any_term_matches(*list, node),
            None => false,
        }
    }

    /// Adds a volume: the nodes that reach it, the nodes of its zone, its storage class (a number of the caller's) and
    /// its size in bytes.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn add_volume(&mut self, reach: NodeSetId, zone: NodeSetId, class: u32, size: i64) -> Result<VolumeId, Error> {
        self.known(Count::NodeSets, "node_sets", reach.0)?;
        self.known(Count::NodeSets, "node_sets", zone.0)?;
        let row = self.take(Count::Volumes, "volumes", self.limits.volumes)?;
        self.volumes[row as usize] = VolumeRow { size, reach: reach.0, zone: zone.0, class, unused: 0 };
        Ok(VolumeId(row))
    }

    /// Adds a storage driver; no node has a limit for it yet.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub fn add_driver(&mut self) -> Result<DriverId, Error> {
        self.take(Count::Drivers, "drivers", self.limits.drivers).map(DriverId)
    }

    /// Sets how many volumes of a driver a node takes (`None`: any number), and whether pods with volumes of the driver
    /// are kept off the node because it is not installed there.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn set_driver(&mut self, driver: DriverId, node: NodeId, limit: Option<u32>, lacks: bool) -> Result<(), Error> {
        self.known(Count::Drivers, "drivers", driver.0)?;
        self.alive(node)?;
        let at = driver.at() * self.limits.nodes as usize + node.at();
        self.driver_limit[at] = limit.unwrap_or(NONE);
        self.driver_lacks[at] = u8::from(lacks);
        Ok(())
    }

    /// Makes a key the handle of a volume of a driver, so that its uses count towards the driver's limits.
    ///
    /// # Errors
    /// [`Error::NoSuch`], or [`Error::State`] where the key is in use already.
    pub fn set_key_driver(&mut self, key: UseKeyId, driver: DriverId) -> Result<(), Error> {
        self.known(Count::UseKeys, "use_keys", key.0)?;
        self.known(Count::Drivers, "drivers", driver.0)?;
        if self.use_first[key.at()] != NONE {
            return Err(Error::State { what: "the key is in use already" });
        }
        self.use_driver[key.at()] = driver.0;
        Ok(())
    }

    /// Adds a list of things that a pod uses beside those of its spec class: volumes and claims, with tags.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn add_use_list(&mut self, uses: &[(UseKeyId, u32)]) -> Result<UseListId, Error> {
        self.room(Count::UseLists, "use_lists", self.limits.use_lists, 1)?;
        for (key, _) in uses {
            self.known(Count::UseKeys, "use_keys", key.0)?;
        }
        let list = self.push_words(uses.iter().flat_map(|(key, tag)| [key.0, *tag]))?;
        let row = self.take(Count::UseLists, "use_lists", self.limits.use_lists)?;
        self.use_lists[row as usize] = list;
        Ok(UseListId(row))
    }

    /// Notes that a volume is attached to a node, whatever pods are there, or no longer.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn attach(&mut self, key: UseKeyId, node: NodeId, attached: bool) -> Result<(), Error> {
        self.known(Count::UseKeys, "use_keys", key.0)?;
        self.alive(node)?;
        if attached {
            if self.free_uses() == 0 {
                return Err(Error::Full { table: "uses", holds: self.limits.uses, needed: self.limits.uses + 1 });
            }
            self.use_on(key.0, node.at(), UseTag::ATTACHED);
        } else {
            self.unuse_on(key.0, node.at(), UseTag::ATTACHED);
        }
        Ok(())
    }

    /// The words of a list of uses.
    pub(crate) fn use_list(&self, list: UseListId) -> &[u32] {
        self.use_lists.get(list.at()).map_or(&[], |range| self.list(*range))
    }
}
