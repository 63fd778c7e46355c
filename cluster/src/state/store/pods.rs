//! Pods, and the indexes by which a question finds some of them without a look at all.

use std::cmp::Reverse;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use bayplan_core::{NodeId, PodDef, PodId};
use imbl::{OrdMap, OrdSet, Vector};
use smallvec::SmallVec;

use super::PodEntry;
use crate::compile::is_of_one_class;
use crate::objects::{ObjectMeta, OwnerReference, Pod};
use crate::shared::SharedMap;
use crate::state::key_of;
use crate::state::storage::claim_names;

/// The keys of pods, in the order of arrival.
pub(crate) type Members = OrdMap<u64, Arc<str>>;

/// All pods, by key: `namespace/name`.
#[derive(Clone, Default)]
pub(crate) struct Pods {
    entries: SharedMap<Arc<str>, PodEntry>,
    next_sequence: u64,
    next_turn: u64,
    /// Those that wait for a node, in the order of the scheduler's queue: the highest priority first, then the oldest.
    waiting: OrdMap<(Reverse<i32>, u64), Arc<str>>,
    /// By the hash of the bare name.
    by_name: SharedMap<u64, SmallVec<[Arc<str>; 1]>>,
    /// By namespace, kind and name of the controller, with a NUL between; without those that ended or end.
    by_controller: OrdMap<Arc<str>, Members>,
    /// By the claims that they use: `namespace/name`.
    by_claim: OrdMap<Arc<str>, Members>,
    /// By the row of the node that they are bound to.
    by_node: Vector<Members>,
    /// The start times in the pods' status, in seconds since the epoch, and how many have each.
    starts: OrdMap<i64, u32>,
    /// The priorities of the bound pods, and how many have each.
    priorities: OrdMap<i32, u32>,
    /// The keys of the labels, and how many pods have each.
    labels: SharedMap<Arc<str>, u32>,
    /// Those whose priority follows the priority classes.
    without_priority: OrdSet<Arc<str>>,
    /// Those without labels.
    unlabelled: OrdSet<Arc<str>>,
    /// Those that have ended, by the name of the node that they were on.
    ended: OrdSet<(Arc<str>, Arc<str>)>,
}

impl Pods {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn waiting_count(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn bound_count(&self) -> usize {
        self.priorities.values().map(|count| *count as usize).sum()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&PodEntry> {
        self.entries.get(key)
    }

    /// In no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &PodEntry> {
        self.entries.values()
    }

    /// Puts a pod in, in the place of the one of its name; the entry before. What is known of the pod in the tables stays, its class where
    /// nothing that it is made of changed.
    pub(crate) fn put(&mut self, pod: Arc<Pod>, priority: i32) -> (Arc<str>, Option<PodEntry>) {
        let key = key_of(&pod.metadata.namespace, &pod.metadata.name);
        let Some(old) = self.entries.get(&*key).cloned() else { return (self.add(key, pod, priority), None) };
        let key = old.key.clone();
        self.change(&key, |entry| {
            if entry.pod.spec.node_name != pod.spec.node_name {
                entry.start = None;
            }
            entry.assumed = None;
            if entry.priority != priority || !is_of_one_class(&entry.pod, &pod) {
                entry.class = None;
            }
            (entry.pod, entry.priority) = (pod, priority);
            if entry.finished() {
                entry.class = None;
            }
        });
        (key, Some(old))
    }

    /// Puts a new pod in.
    fn add(&mut self, key: String, pod: Arc<Pod>, priority: i32) -> Arc<str> {
        let key: Arc<str> = Arc::from(key);
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let (row, bound_as, nomination, start, class) = (None, None, None, None, None);
        let turn = 0;
        let entry = PodEntry {
            key: key.clone(),
            pod,
            sequence,
            priority,
            turn,
            row,
            bound_as,
            nomination,
            start,
            assumed: None,
            class,
        };
        self.index(None, Some(&entry));
        self.entries.insert(key.clone(), entry);
        key
    }

    /// Changes what no index knows of a pod's entry: when it was bound, its class, its nomination, its row on the node where it is.
    pub(crate) fn note(&mut self, key: &str, change: impl FnOnce(&mut PodEntry)) {
        self.entries.get_mut(key).map(change);
    }

    /// Room for so many pods more.
    pub(crate) fn reserve(&mut self, pods: usize) {
        self.entries.reserve(pods);
        self.by_name.reserve(pods);
    }

    /// Notes the row that a pod has now and what stands in it, or that it has none. A new row is the last in the order in which pods
    /// were bound.
    pub(crate) fn set_row(&mut self, key: &str, row: Option<(PodId, NodeId, PodDef)>) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let (before, after) = (entry.row.map(|(_, node)| node), row.map(|(_, node, _)| node));
        entry.row = row.map(|(id, node, _)| (id, node));
        entry.bound_as = row.map(|(_, _, def)| def);
        if after.is_some() {
            self.next_turn += 1;
            entry.turn = self.next_turn;
        }
        let (key, sequence, priority) = (entry.key.clone(), entry.sequence, entry.priority);
        if before != after {
            self.index_node(&key, sequence, before, after);
        }
        match (before, after) {
            (None, Some(_)) => *self.priorities.entry(priority).or_default() += 1,
            (Some(_), None) => count_out(&mut self.priorities, &priority),
            _ => {}
        }
    }

    /// Changes a pod's entry.
    pub(crate) fn change(&mut self, key: &str, change: impl FnOnce(&mut PodEntry)) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let before = entry.clone();
        change(entry);
        let after = entry.clone();
        self.index(Some(&before), Some(&after));
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<PodEntry> {
        let removed = self.entries.remove(key)?;
        self.index(Some(&removed), None);
        Some(removed)
    }

    /// The pods that wait for a node, in the order of the queue.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Arc<str>> {
        self.waiting.values()
    }

    /// The pods of a name, whatever their namespace.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &Arc<str>> {
        let named = self.by_name.get(&hash(name)).into_iter().flatten();
        named.filter(move |key| key.rsplit_once('/').is_some_and(|(_, other)| other == name))
    }

    /// The pods of a controller that neither ended nor end, in the order of arrival.
    pub(crate) fn controlled(&self, namespace: &str, kind: &str, name: &str) -> impl Iterator<Item = &PodEntry> {
        let members = self.by_controller.get(&*controller_key(namespace, kind, name));
        members.into_iter().flat_map(OrdMap::values).filter_map(|key| self.get(key))
    }

    /// How many these are.
    pub(crate) fn count_controlled(&self, namespace: &str, kind: &str, name: &str) -> usize {
        self.by_controller.get(&*controller_key(namespace, kind, name)).map_or(0, OrdMap::len)
    }

    /// The same for all controllers whose names begin so, with these names.
    pub(crate) fn controlled_by_prefix(
        &self,
        namespace: &str,
        kind: &str,
        prefix: &str,
    ) -> impl Iterator<Item = (&str, &Members)> {
        let begin = controller_key(namespace, kind, prefix);
        let from: Arc<str> = Arc::from(begin.as_str());
        let all = self.by_controller.range::<_, Arc<str>>(from..).take_while(move |(key, _)| key.starts_with(&begin));
        all.map(|(key, members)| (key.rsplit_once('\0').map_or("", |(_, name)| name), members))
    }

    /// The pods that use a claim.
    pub(crate) fn users(&self, claim: &str) -> impl Iterator<Item = &Arc<str>> {
        self.by_claim.get(claim).into_iter().flat_map(OrdMap::values)
    }

    /// The pods that use any claim, once for each.
    pub(crate) fn all_users(&self) -> impl Iterator<Item = &Arc<str>> {
        self.by_claim.values().flat_map(OrdMap::values)
    }

    /// The pods bound to a node, in the order of arrival.
    pub(crate) fn on(&self, node: NodeId) -> impl Iterator<Item = &Arc<str>> {
        self.by_node.get(node.at()).into_iter().flat_map(OrdMap::values)
    }

    /// The pods that have ended on a node, by name.
    pub(crate) fn ended_on(&self, node: &str) -> impl Iterator<Item = &Arc<str>> {
        let from: (Arc<str>, Arc<str>) = (Arc::from(node), Arc::from(""));
        self.ended.range(from..).take_while(move |(on, _)| **on == *node).map(|(_, key)| key)
    }

    /// The start time of the youngest pod.
    pub(crate) fn last_start(&self) -> Option<i64> {
        self.starts.get_max().map(|(start, _)| *start)
    }

    /// The lowest priority of a bound pod.
    pub(crate) fn lowest_priority(&self) -> Option<i32> {
        self.priorities.get_min().map(|(priority, _)| *priority)
    }

    /// Whether some pod has a label of this key.
    pub(crate) fn has_label(&self, key: &str) -> bool {
        self.labels.contains_key(key)
    }

    /// The pods whose priority follows the priority classes.
    pub(crate) fn without_priority(&self) -> impl Iterator<Item = &Arc<str>> {
        self.without_priority.iter()
    }

    /// The pods of a namespace that have no labels.
    pub(crate) fn unlabelled(&self, namespace: &str) -> impl Iterator<Item = &PodEntry> {
        let begin = format!("{namespace}/");
        let from: Arc<str> = Arc::from(begin.as_str());
        let all = self.unlabelled.range::<_, Arc<str>>(from..).take_while(move |key| key.starts_with(&begin));
        all.filter_map(|key| self.get(key))
    }

    /// Brings the indexes in line with an entry that came, changed or went.
    fn index(&mut self, before: Option<&PodEntry>, after: Option<&PodEntry>) {
        let place = |entry: &PodEntry| entry.waits().then_some((Reverse(entry.priority), entry.sequence));
        if let Some((old, new, entry)) = differing(before, after, place) {
            old.map(|place| self.waiting.remove(&place));
            new.map(|place| self.waiting.insert(place, entry.key.clone()));
        }
        let node = |entry: &PodEntry| entry.row.map(|(_, node)| node);
        if let Some((old, new, entry)) = differing(before, after, node) {
            self.index_node(&entry.key, entry.sequence, old, new);
        }
        let bound = |entry: &PodEntry| entry.row.map(|_| entry.priority);
        if let Some((old, new, _)) = differing(before, after, bound) {
            old.into_iter().for_each(|priority| count_out(&mut self.priorities, &priority));
            new.into_iter().for_each(|priority| *self.priorities.entry(priority).or_default() += 1);
        }
        if let (Some(before), Some(after)) = (before, after)
            && Arc::ptr_eq(&before.pod, &after.pod)
        {
            return;
        }
        self.index_object(before, after);
    }

    fn index_node(&mut self, key: &Arc<str>, sequence: u64, before: Option<NodeId>, after: Option<NodeId>) {
        if let Some(members) = before.and_then(|node| self.by_node.get_mut(node.at())) {
            members.remove(&sequence);
        }
        if let Some(node) = after {
            while self.by_node.len() <= node.at() {
                self.by_node.push_back(Members::new());
            }
            self.by_node[node.at()].insert(sequence, key.clone());
        }
    }

    /// The part that depends on the object alone.
    fn index_object(&mut self, before: Option<&PodEntry>, after: Option<&PodEntry>) {
        if let Some((old, new, entry)) = differing(before, after, |_| Some(())) {
            let name = hash(&entry.pod.metadata.name);
            if let (Some(()), Some(of_name)) = (old, self.by_name.get_mut(&name)) {
                of_name.retain(|key| *key != entry.key);
                if of_name.is_empty() {
                    self.by_name.remove(&name);
                }
            }
            if new.is_some() {
                match self.by_name.get_mut(&name) {
                    Some(of_name) => of_name.push(entry.key.clone()),
                    None => self.by_name.insert(name, SmallVec::from_iter([entry.key.clone()])),
                }
            }
        }
        let [old, new] = [before, after].map(|entry| entry.and_then(controller_of));
        if old != new {
            let key = |(namespace, owner): (&str, &OwnerReference)| controller_key(namespace, &owner.kind, &owner.name);
            if let (Some(old), Some(entry)) = (old.map(key), before) {
                take_out(&mut self.by_controller, &old, entry);
            }
            if let (Some(new), Some(entry)) = (new.map(key), after) {
                put_in(&mut self.by_controller, new, entry);
            }
        }
        if before.map(|entry| &entry.pod.spec.volumes) != after.map(|entry| &entry.pod.spec.volumes) {
            let claims = |entry: &PodEntry| {
                let namespace = entry.pod.metadata.namespace.clone();
                let keys = claim_names(&entry.pod).map(move |(name, _)| key_of(&namespace, &name));
                keys.collect::<Vec<String>>()
            };
            for (entry, claim) in
                before.into_iter().flat_map(|entry| claims(entry).into_iter().map(move |c| (entry, c)))
            {
                take_out(&mut self.by_claim, &claim, entry);
            }
            for (entry, claim) in after.into_iter().flat_map(|entry| claims(entry).into_iter().map(move |c| (entry, c)))
            {
                put_in(&mut self.by_claim, claim, entry);
            }
        }
        let [old, new] = [before, after].map(|entry| entry.and_then(|entry| entry.pod.status.start_time.as_deref()));
        if old != new {
            let seconds = |time: Option<&str>| time.and_then(crate::time::seconds);
            seconds(old).into_iter().for_each(|start| count_out(&mut self.starts, &start));
            seconds(new).into_iter().for_each(|start| *self.starts.entry(start).or_default() += 1);
        }
        let [old, new] = [before, after].map(|entry| entry.map(|entry| &entry.pod.metadata.labels));
        if old != new {
            for key in old.into_iter().flat_map(|labels| labels.keys()) {
                if let Some(count) = self.labels.get_mut(key.as_str()) {
                    *count -= 1;
                    if *count == 0 {
                        self.labels.remove(key.as_str());
                    }
                }
            }
            for key in new.into_iter().flat_map(|labels| labels.keys()) {
                match self.labels.get_mut(key.as_str()) {
                    Some(count) => *count += 1,
                    None => self.labels.insert(Arc::from(key.as_str()), 1),
                }
            }
        }
        let unlabelled = |entry: &PodEntry| entry.pod.metadata.labels.is_empty().then_some(());
        if let Some((_, new, entry)) = differing(before, after, unlabelled) {
            match new {
                Some(()) => drop(self.unlabelled.insert(entry.key.clone())),
                None => drop(self.unlabelled.remove(&entry.key)),
            }
        }
        let ended = |entry: &PodEntry| {
            let node = &entry.pod.spec.node_name;
            (entry.finished() && !node.is_empty()).then(|| node.clone())
        };
        if let Some((old, new, entry)) = differing(before, after, ended) {
            let of = |node: String| (Arc::from(node), entry.key.clone());
            old.into_iter().for_each(|node| drop(self.ended.remove(&of(node))));
            new.into_iter().for_each(|node| drop(self.ended.insert(of(node))));
        }
        let follows = |entry: &PodEntry| entry.pod.spec.priority.is_none().then_some(());
        if let Some((_, new, entry)) = differing(before, after, follows) {
            match new {
                Some(()) => drop(self.without_priority.insert(entry.key.clone())),
                None => drop(self.without_priority.remove(&entry.key)),
            }
        }
    }
}

/// What of an entry was and what is, where the two differ; and the entry.
fn differing<'e, T: PartialEq>(
    before: Option<&'e PodEntry>,
    after: Option<&'e PodEntry>,
    of: impl Fn(&PodEntry) -> Option<T>,
) -> Option<(Option<T>, Option<T>, &'e PodEntry)> {
    let (old, new) = (before.and_then(&of), after.and_then(&of));
    (old != new).then_some((old, new, after.or(before)?))
}

fn put_in(index: &mut OrdMap<Arc<str>, Members>, key: String, entry: &PodEntry) {
    match index.get_mut(key.as_str()) {
        Some(members) => drop(members.insert(entry.sequence, entry.key.clone())),
        None => drop(index.insert(Arc::from(key), Members::unit(entry.sequence, entry.key.clone()))),
    }
}

fn take_out(index: &mut OrdMap<Arc<str>, Members>, key: &str, entry: &PodEntry) {
    if let Some(members) = index.get_mut(key) {
        members.remove(&entry.sequence);
        if members.is_empty() {
            index.remove(key);
        }
    }
}

fn count_out<T: Ord + Clone>(counts: &mut OrdMap<T, u32>, key: &T) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// The owner that controls an object.
pub(crate) fn controller(meta: &ObjectMeta) -> Option<&OwnerReference> {
    meta.controller()
}

fn controller_of(entry: &PodEntry) -> Option<(&str, &OwnerReference)> {
    let meta = &entry.pod.metadata;
    let counts = !entry.finished() && meta.deletion_timestamp.is_none();
    Some((meta.namespace.as_str(), controller(meta).filter(|_| counts)?))
}

fn controller_key(namespace: &str, kind: &str, name: &str) -> String {
    [namespace, kind, name].join("\0")
}
