//! Volumes: sets of nodes from which they can be reached, and how many of each driver a node takes.

use super::undo::Record;
use super::{Count, NodeTerms, Range, Tables, VolumeRow};
use crate::{DriverId, Error, NONE, NodeId, NodeSetId, UseKeyId, UseListId, VolumeId};

/// How a pod uses a volume or claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum UseTag {
    /// A volume that a pod mounts.
    Mounted = 0,
    /// A volume that is attached, whatever pods there are.
    Attached = 1,
    /// A `ReadWriteOncePod` claim.
    Exclusive = 2,
    /// The name of such a claim, whatever the namespace: what a request looks for among nominated pods.
    ExclusiveName = 3,
}

impl Tables<'_> {
    pub(crate) fn add_node_set(&mut self, terms: Option<&NodeTerms<'_>>) -> Result<NodeSetId, Error> {
        self.room(Count::NodeSets, 1)?;
        let list = match terms {
            Some(terms) => self.push_terms(terms)?,
            None => Range { start: NONE, len: NONE },
        };
        let row = self.take(Count::NodeSets)?;
        self.node_sets[row as usize] = list;
        Ok(NodeSetId(row))
    }

    /// Whether a volume can be reached from a node.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn reaches(&self, volume: VolumeId, node: NodeId) -> Result<bool, Error> {
        self.alive(node)?;
        self.known(Count::Volumes, volume.0)?;
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

    pub(crate) fn add_volume(
        &mut self,
        reach: NodeSetId,
        zone: NodeSetId,
        class: u32,
        size: i64,
    ) -> Result<VolumeId, Error> {
        self.known(Count::NodeSets, reach.0)?;
        self.known(Count::NodeSets, zone.0)?;
        let row = self.take(Count::Volumes)?;
        self.volumes[row as usize] = VolumeRow { size, reach: reach.0, zone: zone.0, class, unused: 0 };
        Ok(VolumeId(row))
    }

    pub(crate) fn add_driver(&mut self) -> Result<DriverId, Error> {
        self.take(Count::Drivers).map(DriverId)
    }

    pub(crate) fn set_driver(
        &mut self,
        driver: DriverId,
        node: NodeId,
        limit: Option<u32>,
        lacks: bool,
    ) -> Result<(), Error> {
        self.known(Count::Drivers, driver.0)?;
        self.alive(node)?;
        let at = driver.at() * self.limits.nodes as usize + node.at();
        self.driver_limit[at] = limit.unwrap_or(NONE);
        self.driver_lacks[at] = u8::from(lacks);
        Ok(())
    }

    /// How many volumes of a driver are on a node, and how many it takes at most.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn driver_on(&self, node: NodeId, driver: DriverId) -> Result<(u32, Option<u32>), Error> {
        self.alive(node)?;
        let at = driver.at() * self.limits.nodes as usize + node.at();
        match (self.driver_used.get(at), self.driver_limit.get(at)) {
            (Some(used), Some(limit)) => Ok((*used, (*limit != NONE).then_some(*limit))),
            _ => Err(Error::NoSuch { table: Count::Drivers.name(), id: driver.0 }),
        }
    }

    pub(crate) fn set_key_driver(&mut self, key: UseKeyId, driver: DriverId) -> Result<(), Error> {
        self.known(Count::UseKeys, key.0)?;
        self.known(Count::Drivers, driver.0)?;
        if self.use_first[key.at()] != NONE {
            return Err(Error::State { what: "the key is in use already" });
        }
        self.use_driver[key.at()] = driver.0;
        Ok(())
    }

    pub(crate) fn add_use_list(&mut self, uses: &[(UseKeyId, UseTag)]) -> Result<UseListId, Error> {
        self.room(Count::UseLists, 1)?;
        for (key, _) in uses {
            self.known(Count::UseKeys, key.0)?;
        }
        let list = self.push_words(uses.iter().flat_map(|(key, tag)| [key.0, *tag as u32]))?;
        let row = self.take(Count::UseLists)?;
        self.use_lists[row as usize] = list;
        Ok(UseListId(row))
    }

    pub(crate) fn set_attached(&mut self, key: UseKeyId, node: NodeId, attached: bool) -> Result<(), Error> {
        self.known(Count::UseKeys, key.0)?;
        self.alive(node)?;
        let is_there = |row: usize| self.use_node[row] == node.0 && self.use_tag[row] == UseTag::Attached as u32;
        if attached == self.uses_of(key.0).any(is_there) {
            return Ok(());
        }
        if attached {
            if self.free_uses() == 0 {
                return Err(Error::Full {
                    table: Count::Uses.name(),
                    holds: self.limits.uses,
                    needed: self.limits.uses + 1,
                });
            }
            self.use_on(key.0, node.at(), UseTag::Attached as u32, &mut Record::none());
        } else {
            self.unuse_on(key.0, node.at(), UseTag::Attached as u32, &mut Record::none());
        }
        Ok(())
    }

    /// The words of a list of uses.
    pub(crate) fn use_list(&self, list: UseListId) -> &[u32] {
        self.use_lists.get(list.at()).map_or(&[], |range| self.list(*range))
    }
}
