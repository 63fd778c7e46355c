//! A hash map whose copies share what they have in common: a copy costs a few pointers, and a change of a copy what it changes.
//!
//! It is made of generations. The oldest is large, and all copies look into the same; changes go to the youngest, which belongs to
//! one copy alone. A generation that has grown to half of the one before it is merged into that, so there are few, and each entry is copied
//! seldom. Without copies there is one generation, and the map is a plain one.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use foldhash::quality::RandomState;
use smallvec::SmallVec;

/// One generation; `None` stands for what an older one has and is gone.
type Generation<K, V> = HashMap<K, Option<V>, RandomState>;

/// See the module.
#[derive(Clone)]
pub(crate) struct SharedMap<K, V> {
    /// The oldest first.
    generations: SmallVec<[Arc<Generation<K, V>>; 4]>,
    len: usize,
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        SharedMap { generations: SmallVec::new(), len: 0 }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> SharedMap<K, V> {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.generations.iter().rev().find_map(|generation| generation.get(key))?.as_ref()
    }

    /// Room for so many entries more, where the youngest generation is this copy's alone.
    pub(crate) fn reserve(&mut self, entries: usize) {
        if self.generations.is_empty() {
            self.generations.push(Arc::default());
        }
        if let Some(own) = self.generations.last_mut().and_then(Arc::get_mut) {
            own.reserve(entries);
        }
    }

    pub(crate) fn contains_key<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// An entry, to be changed: that of this copy alone.
    pub(crate) fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let is_own = self.generations.last_mut().and_then(Arc::get_mut).is_some_and(|own| own.contains_key(key));
        if !is_own {
            let entry = self.generations.iter().rev().find_map(|generation| generation.get_key_value(key));
            let (key, value) = entry.and_then(|(key, value)| Some((key.clone(), value.clone()?)))?;
            self.put(key, Some(value));
        }
        Arc::get_mut(self.generations.last_mut()?)?.get_mut(key)?.as_mut()
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.len += usize::from(self.get(&key).is_none());
        self.put(key, Some(value));
    }

    pub(crate) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        if let [only] = &mut self.generations[..]
            && let Some(only) = Arc::get_mut(only)
        {
            let removed = only.remove(key).flatten();
            self.len -= usize::from(removed.is_some());
            return removed;
        }
        let entry = self.generations.iter().rev().find_map(|generation| generation.get_key_value(key));
        let (key, value) = entry.and_then(|(key, value)| Some((key.clone(), value.clone()?)))?;
        self.len -= 1;
        self.put(key, None);
        Some(value)
    }

    /// The entries, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.generations.iter().enumerate().flat_map(|(at, generation)| {
            let younger = &self.generations[at + 1..];
            let is_last = move |key: &K| younger.iter().all(|younger| !younger.contains_key(key));
            generation
                .iter()
                .filter(move |(key, _)| is_last(key))
                .filter_map(|(key, value)| Some((key, value.as_ref()?)))
        })
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// Writes to the youngest generation, which is this copy's alone afterwards.
    fn put(&mut self, key: K, value: Option<V>) {
        match self.generations.last_mut().and_then(Arc::get_mut) {
            Some(own) => drop(own.insert(key, value)),
            None => self.generations.push(Arc::new(HashMap::from_iter([(key, value)]))),
        }
        self.merge();
    }

    /// Merges the youngest generation into older ones while it is large beside them, or nobody else looks into these.
    fn merge(&mut self) {
        while let [.., older, youngest] = &mut self.generations[..] {
            let is_large = youngest.len() * 2 >= older.len();
            if !is_large && Arc::get_mut(older).is_none() {
                return;
            }
            let youngest = std::mem::take(Arc::make_mut(youngest));
            let older = Arc::make_mut(older);
            older.extend(youngest);
            self.generations.pop();
        }
        if let [only] = &mut self.generations[..]
            && let Some(only) = Arc::get_mut(only)
            && only.len() > self.len
        {
            only.retain(|_, value| value.is_some());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::SharedMap;

    proptest! {
        /// Copies of copies against plain maps: each knows just its own changes.
        #[test]
        fn copies_know_their_own_changes(steps in prop::collection::vec((0..6usize, 0..4u8, 0..40u32, any::<u32>()), 1..600)) {
            let mut maps = vec![(SharedMap::new(), HashMap::new()); 1];
            for (which, what, key, value) in steps {
                let at = which % maps.len();
                let (shared, plain) = &mut maps[at];
                match what {
                    0 => {
                        shared.insert(key, value);
                        plain.insert(key, value);
                    }
                    1 => prop_assert_eq!(shared.remove(&key), plain.remove(&key)),
                    2 => {
                        let (of_shared, of_plain) = (shared.get_mut(&key), plain.get_mut(&key));
                        prop_assert_eq!(&of_shared, &of_plain);
                        of_shared.into_iter().chain(of_plain).for_each(|of| *of = value);
                    }
                    _ if maps.len() < 6 => {
                        let copy = maps[at].clone();
                        maps.push(copy);
                    }
                    _ => drop(maps.swap_remove(at)),
                }
                for (shared, plain) in &maps {
                    prop_assert_eq!(shared.len(), plain.len());
                    let entries: HashMap<u32, u32> = shared.iter().map(|(key, value)| (*key, *value)).collect();
                    prop_assert_eq!(&entries, plain);
                    prop_assert_eq!(shared.iter().count(), plain.len());
                    (0..40).for_each(|key| assert_eq!(shared.get(&key), plain.get(&key)));
                }
            }
        }
    }
}
