//! The objects of a cluster that was there before, taken in by another: when tables are made again, and when a cluster is opened that
//! was saved. Pods of one class are compiled once.

use std::collections::HashMap;
use std::sync::Arc;

use bayplan_core::{LabelClassId, SpecId, StrId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::compile::Own;
use crate::error::Error;
use crate::objects::{Kind, Object, Pod};
use crate::state::store::Assumed;
use crate::state::{Cluster, Options};
use crate::version::Version;

/// A pod, and what is known of it beside.
pub(crate) struct Known {
    pub(crate) pod: Arc<Pod>,
    pub(crate) of: Beside,
    /// Pods of one value have the same namespace and labels.
    pub(crate) labelled_as: Option<LabelledAs>,
}

/// A number, and labels that differ from those of the others of the number.
pub(crate) type LabelledAs = (u32, Vec<(String, String)>);

/// What is known beside a pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Beside {
    /// Pods of one number have the same class; none where it was not compiled.
    pub(crate) group: Option<u32>,
    /// The only node that its affinity admits, by name.
    pub(crate) pin: Option<String>,
    /// When it was bound, in seconds since the epoch.
    start: Option<i64>,
    /// Its place in the order in which pods were bound.
    place: u32,
    /// Whether a controller made it here.
    pub(crate) is_made: bool,
    /// Not saved.
    #[serde(skip)]
    assumed: Option<Arc<Assumed>>,
}

/// How many pods come, how many classes they have and how many sets of labels: what tables are made for, no more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) pods: usize,
    pub(crate) classes: u32,
    pub(crate) label_sets: u32,
}

impl Cluster {
    /// All objects but pods, the nodes in their order.
    pub(crate) fn other_objects(&self) -> impl Iterator<Item = &Arc<Object>> {
        let nodes = self.nodes().into_iter().filter_map(|name| self.store.objects.get(Kind::Node, "", name));
        let others = Kind::ALL.iter().filter(|kind| **kind != Kind::Node);
        nodes.chain(others.flat_map(|kind| self.store.objects.of_kind(*kind)))
    }

    /// The pods in the order of arrival.
    pub(crate) fn grouped_pods(&self) -> Vec<Known> {
        let mut entries: Vec<_> = self.store.pods.iter().collect();
        entries.sort_unstable_by_key(|entry| entry.sequence);
        let mut bound: Vec<_> = entries.iter().filter(|entry| entry.row.is_some()).collect();
        bound.sort_unstable_by_key(|entry| entry.turn);
        let places: HashMap<u64, u32> = bound.into_iter().map(|entry| entry.sequence).zip(0..).collect();
        let mut groups: HashMap<(SpecId, bool, Option<&str>, bool), u32> = HashMap::new();
        let known = entries.into_iter().map(|entry| {
            let (mut group, mut pin) = (None, None);
            if let Some((spec, own)) = &entry.class {
                let next = groups.len() as u32;
                let key = (*spec, own.conflict, own.fault.as_deref(), own.pin.is_some());
                group = Some(*groups.entry(key).or_insert(next));
                pin = own.pin.is_some().then(|| self.compiler.strings.name(own.pin).to_owned());
            }
            Known {
                pod: entry.pod.clone(),
                of: Beside {
                    group,
                    pin,
                    start: entry.start,
                    place: places.get(&entry.sequence).copied().unwrap_or(0),
                    is_made: entry.pod.metadata.provenance.is_made(),
                    assumed: entry.assumed.clone(),
                },
                labelled_as: None,
            }
        });
        known.collect()
    }

    /// The same objects, decided upon by the scheduler of another version or with another configuration.
    ///
    /// Costs what it costs to make the tables again.
    ///
    /// # Errors
    /// Where the configuration is one that kube-scheduler would not start with.
    pub fn decided_by(&self, version: Version, configuration: Option<Value>) -> Result<Self, Error> {
        let mut anew = Cluster::new(Options {
            version,
            configuration,
            seed: self.seed,
            preemption: self.preemption,
            overlay: self.overlay,
            plugins: self.compiler.plugins.to_vec(),
        })?;
        anew.extender_calls = self.extender_calls.clone();
        anew.overlaid = self.overlaid.clone();
        (anew.draws, anew.clock, anew.changes) = (self.draws, self.clock, self.changes);
        anew.take_over(self)?;
        Ok(anew)
    }

    /// The configuration as it was given.
    #[must_use]
    pub fn configuration(&self) -> Option<&Value> {
        self.configuration.as_deref()
    }

    /// Takes all objects of another cluster into this one, which is empty.
    pub(crate) fn take_over(&mut self, other: &Cluster) -> Result<(), Error> {
        let others = other.other_objects().map(|object| (**object).clone());
        let pods = other.grouped_pods();
        let classes = pods.iter().filter_map(|known| known.of.group).max().map_or(0, |most| most + 1);
        let sizes = Sizes { pods: pods.len(), classes, label_sets: 0 };
        self.take_in_again(others, pods.into_iter().map(Ok), sizes)?;
        self.needed = self.rows()?;
        Ok(())
    }

    /// Makes room for the classes of so many pods at once: a table that grows in steps is copied at each.
    fn reserve_classes(&mut self, sizes: &Sizes) -> Result<(), Error> {
        let spare = |rows: u32| rows.saturating_add(rows / 8 + 16);
        self.compiler.table.reserve(&[
            ("specs", spare(sizes.classes)),
            ("label_classes", spare(sizes.label_sets)),
            ("selectors", spare(sizes.classes)),
            ("arena", sizes.classes.saturating_mul(40).saturating_add(4096)),
        ])
    }

    /// Takes the objects of another cluster into this one, which is empty.
    pub(crate) fn take_in_again(
        &mut self,
        others: impl IntoIterator<Item = Object>,
        pods: impl IntoIterator<Item = Result<Known, Error>>,
        sizes: Sizes,
    ) -> Result<(), Error> {
        self.take_in(others)?;
        self.reserve_for(0, sizes.pods)?;
        self.reserve_classes(&sizes)?;
        self.store.pods.reserve(sizes.pods);
        let mut classes: HashMap<u32, (SpecId, Own)> = HashMap::new();
        let mut keys = Vec::with_capacity(sizes.pods);
        for known in pods {
            let Known { pod, of, labelled_as } = known?;
            let key = self.put_pod(pod);
            let known = of.group.and_then(|group| classes.get(&group));
            let class = match (known, of.pin.as_deref()) {
                (Some((spec, own)), Some(pin)) => Some((*spec, Own { pin: self.compiler.string(pin)?, ..own.clone() })),
                (Some((spec, own)), None) => Some((*spec, Own { pin: StrId::NONE, ..own.clone() })),
                (None, _) => None,
            };
            let is_new = class.is_none();
            if class.is_some() || of.start.is_some() {
                let assumed = of.assumed.clone();
                self.store.pods.note(&key, |entry| {
                    (entry.start, entry.class, entry.assumed) = (of.start, class, assumed);
                });
            }
            if is_new {
                self.classify(&key)?;
                let class = self.store.pods.get(&key).and_then(|entry| entry.class.as_ref());
                if let (Some(group), Some(class)) = (of.group, class) {
                    classes.insert(group, class.clone());
                }
            }
            keys.push((of.place, key, labelled_as));
        }
        keys.sort_by_key(|(place, ..)| *place);
        self.settle_labels()?;
        let mut labels: HashMap<LabelledAs, LabelClassId> = HashMap::new();
        for (_, key, labelled_as) in keys {
            let known = labelled_as.as_ref().and_then(|like| labels.get(like).copied());
            let class = self.settle_pod_of(&key, known)?;
            if let (None, Some(class), Some(like)) = (known, class, labelled_as) {
                labels.insert(like, class);
            }
        }
        self.settle()
    }
}
