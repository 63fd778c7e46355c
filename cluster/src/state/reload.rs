//! The objects of a cluster that was there before, taken in by another: when tables are made anew, and when a cluster is opened that
//! was saved. Pods of one class are compiled once.

use std::collections::HashMap;
use std::sync::Arc;

use bayplan_core::{LabelClassId, SpecId, StrId};
use serde::{Deserialize, Serialize};

use crate::compile::Own;
use crate::error::Error;
use crate::objects::{Kind, Object, Pod};
use crate::state::Cluster;

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
                of: Beside { group, pin, start: entry.start, place: places.get(&entry.sequence).copied().unwrap_or(0) },
                labelled_as: None,
            }
        });
        known.collect()
    }

    /// Makes room for the classes of so many pods at once, as many as these have: a table that grows in steps is copied at each.
    fn reserve_classes(&mut self, pods: &[Known]) -> Result<(), Error> {
        let most = |numbers: &mut dyn Iterator<Item = u32>| numbers.max().map_or(0, |most| most.saturating_add(1));
        // A number is no larger than the count of what it numbers.
        let limit = u32::try_from(pods.len()).unwrap_or(u32::MAX);
        let specs = most(&mut pods.iter().filter_map(|pod| pod.of.group)).min(limit);
        let labels = most(&mut pods.iter().filter_map(|pod| Some(pod.labelled_as.as_ref()?.0))).min(limit);
        let spare = |rows: u32| rows.saturating_add(rows / 8 + 16);
        self.compiler.table.reserve(&[
            ("specs", spare(specs)),
            ("label_classes", spare(labels)),
            ("selectors", spare(specs)),
            ("arena", specs.saturating_mul(40).saturating_add(4096)),
        ])
    }

    /// Takes the objects of another cluster into this one, which is empty.
    pub(crate) fn take_in_again(
        &mut self,
        others: impl IntoIterator<Item = Object>,
        pods: Vec<Known>,
    ) -> Result<(), Error> {
        self.take_in(others)?;
        self.reserve_for(0, pods.len())?;
        self.reserve_classes(&pods)?;
        let mut classes: HashMap<u32, (SpecId, Own)> = HashMap::new();
        let mut keys = Vec::with_capacity(pods.len());
        for Known { pod, of, labelled_as } in pods {
            let key = self.put_pod(pod);
            let mut class = None;
            if let Some((spec, own)) = of.group.and_then(|group| classes.get(&group)) {
                let pin = of.pin.as_deref().map_or(Ok(StrId::NONE), |pin| self.compiler.string(pin))?;
                class = Some((*spec, Own { pin, ..own.clone() }));
            }
            self.store.pods.note(&key, |entry| (entry.start, entry.class) = (of.start, class));
            self.classify(&key)?;
            let class = self.store.pods.get(&key).and_then(|entry| entry.class.as_ref());
            if let (Some(group), Some(class)) = (of.group, class) {
                classes.entry(group).or_insert_with(|| class.clone());
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
