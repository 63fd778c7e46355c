//! Volumes, drivers and sets of nodes to rows.

use std::sync::Arc;

use bayplan_core::{DriverId, NodeSetId, Op, StrId, UseKeyId, UseListId, UseTag, VolumeId};

use super::Compiler;
use super::terms::{KeyOf, Terms};
use crate::error::Error;
use crate::labels::{NodeSelector, Requirement};
use crate::objects::TopologySelectorTerm;

impl Compiler {
    fn node_set(&mut self, terms: Option<Terms>) -> Result<NodeSetId, Error> {
        let table = &mut self.table;
        self.node_sets.id(terms, |terms| {
            let terms = terms.as_ref().map(Terms::def);
            table.run(|s| s.add_node_set(terms.as_ref()))
        })
    }

    /// All nodes.
    pub(crate) fn every_node(&mut self) -> Result<NodeSetId, Error> {
        self.node_set(None)
    }

    /// The nodes that a node selector matches by their labels alone, as volumes are reached: fields are not looked at.
    pub(crate) fn reaching(&mut self, selector: &NodeSelector) -> Result<NodeSetId, Error> {
        let mut terms = Terms::default();
        for term in &selector.terms {
            terms.terms += 1;
            if term.labels.is_empty() {
                terms.push(0, Op::Exists, &[], 0);
            }
            for requirement in &term.labels {
                self.requirement(&mut terms, requirement, KeyOf::Node)?;
            }
        }
        self.node_set(Some(terms))
    }

    /// The nodes that reach a volume by one selector where they announced something, and by another (all, without one)
    /// where they did not.
    pub(crate) fn reaching_by_announcement(
        &mut self,
        announced: &str,
        selector: &NodeSelector,
        other: Option<&NodeSelector>,
    ) -> Result<NodeSetId, Error> {
        let announced = self.key(announced)?.0;
        let mut terms = Terms::default();
        let all = NodeSelector { terms: vec![crate::labels::NodeTerm { labels: Vec::new(), fields: Vec::new() }] };
        for (op, selector) in [(Op::Exists, selector), (Op::DoesNotExist, other.unwrap_or(&all))] {
            for term in &selector.terms {
                terms.terms += 1;
                terms.push(announced, op, &[], 0);
                for requirement in &term.labels {
                    self.requirement(&mut terms, requirement, KeyOf::Node)?;
                }
            }
        }
        self.node_set(Some(terms))
    }

    /// The nodes whose labels fulfil all; all nodes, if there are none.
    pub(crate) fn fulfilling(&mut self, requirements: &[Requirement]) -> Result<NodeSetId, Error> {
        if requirements.is_empty() {
            return self.every_node();
        }
        let mut terms = Terms { terms: 1, ..Terms::default() };
        for requirement in requirements {
            self.requirement(&mut terms, requirement, KeyOf::Node)?;
        }
        self.node_set(Some(terms))
    }

    /// No node.
    pub(crate) fn no_node(&mut self) -> Result<NodeSetId, Error> {
        self.node_set(Some(Terms::default()))
    }

    /// The nodes for which a storage class makes volumes.
    pub(crate) fn allowed(&mut self, topologies: &[TopologySelectorTerm]) -> Result<NodeSetId, Error> {
        if topologies.is_empty() {
            return self.every_node();
        }
        let mut terms = Terms::default();
        for topology in topologies {
            terms.terms += 1;
            for requirement in &topology.match_label_expressions {
                let key = self.key(&requirement.key)?;
                let values = requirement.values.iter().map(|v| self.string(v)).collect::<Result<Vec<_>, _>>()?;
                terms.push(key.0, Op::In, &values, 0);
            }
        }
        self.node_set(Some(terms))
    }

    /// The nodes in the zone of a volume. For each place a label with the values from which it can be reached, and the
    /// label that stands in where a node lacks it. A node without any of `labels` is in no zone, and passes.
    pub(crate) fn zone(&mut self, places: &[(&str, &str, Vec<String>)], labels: &[&str]) -> Result<NodeSetId, Error> {
        if places.is_empty() {
            return self.every_node();
        }
        let mut terms = Terms { terms: 1, ..Terms::default() };
        for label in labels {
            let key = self.key(label)?;
            terms.push(key.0, Op::DoesNotExist, &[], 0);
        }
        let mut compiled = Vec::new();
        for (label, other, values) in places {
            let values = values.iter().map(|v| self.string(v)).collect::<Result<Vec<_>, _>>()?;
            compiled.push((self.key(label)?.0, self.key(other)?.0, values));
        }
        // Every combination of "by its own label" and "by the other, as its own is absent".
        for choice in 0..1u32 << compiled.len() {
            if compiled.iter().enumerate().any(|(at, (own, other, _))| choice >> at & 1 != 0 && own == other) {
                continue;
            }
            terms.terms += 1;
            for (at, (own, other, values)) in compiled.iter().enumerate() {
                if choice >> at & 1 == 0 {
                    terms.push(*own, Op::In, values, 0);
                } else {
                    terms.push(*own, Op::DoesNotExist, &[], 0);
                    terms.push(*other, Op::In, values, 0);
                }
            }
        }
        self.node_set(Some(terms))
    }

    /// The row of a volume object.
    pub(crate) fn volume(
        &mut self,
        name: &str,
        reach: NodeSetId,
        zone: NodeSetId,
        class: &str,
        size: i64,
    ) -> Result<VolumeId, Error> {
        let class = self.storage_class(class);
        let table = &mut self.table;
        self.volumes.id((name.to_owned(), reach, zone, class, size), |(_, reach, zone, class, size)| {
            table.run(|s| s.add_volume(*reach, *zone, *class, *size))
        })
    }

    /// The number of a storage class.
    pub(crate) fn storage_class(&mut self, name: &str) -> u32 {
        let next = self.storage_classes.len() as u32;
        self.storage_classes.id(name.to_owned(), |_| Ok(next)).unwrap_or(next)
    }

    /// A storage driver; a new one has no limits yet.
    pub(crate) fn driver(&mut self, name: &str) -> Result<DriverId, Error> {
        if let Some(id) = self.drivers.get(name) {
            return Ok(id);
        }
        let id = self.table.run(|s| s.add_driver())?;
        self.driver_names.push_back(Arc::from(name));
        self.drivers_stale = true;
        self.drivers.id(name.to_owned(), |_| Ok(id))
    }

    /// The key of a volume of a driver.
    pub(crate) fn handle(&mut self, driver: &str, handle: &str) -> Result<UseKeyId, Error> {
        let driver = self.driver(driver)?;
        let table = &mut self.table;
        self.handles.id((driver, handle.to_owned()), |_| {
            let key = table.run(|s| s.add_use_key())?;
            table.run(|s| s.set_key_driver(key, driver))?;
            Ok(key)
        })
    }

    /// The key of a claim that only one pod may use.
    pub(crate) fn exclusive(&mut self, claim: &str) -> Result<UseKeyId, Error> {
        let table = &mut self.table;
        self.exclusive.id(claim.to_owned(), |_| table.run(|s| s.add_use_key()))
    }

    /// A list of uses.
    pub(crate) fn use_list(&mut self, uses: Vec<(UseKeyId, UseTag)>) -> Result<UseListId, Error> {
        if uses.is_empty() {
            return Ok(UseListId::NONE);
        }
        let table = &mut self.table;
        self.use_lists.id(uses, |uses| table.run(|s| s.add_use_list(uses)))
    }

    /// The name of a node as a string, or none.
    pub(crate) fn node_name(&mut self, name: Option<&str>) -> Result<StrId, Error> {
        name.map_or(Ok(StrId::NONE), |name| self.string(name))
    }
}
