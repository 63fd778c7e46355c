//! Lists that copies of an object share.

use std::ops::{Deref, DerefMut};
use std::slice;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A list of an object's. Copies share it until one of them is changed: pods of one controller have most of their lists in common. An
/// empty list takes no memory of its own.
#[derive(Clone, Debug)]
pub struct List<T>(Option<Arc<Vec<T>>>);

impl<T: 'static> List<T> {
    const EMPTY: &'static Vec<T> = &Vec::new();
}

impl<T> Default for List<T> {
    fn default() -> Self {
        List(None)
    }
}

impl<T: 'static> Deref for List<T> {
    type Target = Vec<T>;
    fn deref(&self) -> &Vec<T> {
        self.0.as_deref().unwrap_or(Self::EMPTY)
    }
}

impl<T: Clone + 'static> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        Arc::make_mut(self.0.get_or_insert_default())
    }
}

impl<T: PartialEq + 'static> PartialEq for List<T> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => true,
            _ => **self == **other,
        }
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        List((!items.is_empty()).then(|| Arc::new(items)))
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Vec::from_iter(items).into()
    }
}

impl<'a, T: 'static> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: Clone + 'static> IntoIterator for &'a mut List<T> {
    type Item = &'a mut T;
    type IntoIter = slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        // Without this, an empty list would be given memory.
        self.0.as_mut().map_or_else(Default::default, |items| Arc::make_mut(items).iter_mut())
    }
}

impl<T: Serialize + 'static> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::deserialize(from).map(List::from)
    }
}

#[cfg(test)]
mod tests {
    use super::List;

    #[test]
    fn copies_share_until_one_changes() {
        let first = List::from(vec![1, 2]);
        let mut second = first.clone();
        assert!(std::ptr::eq(&first[..], &second[..]) && first == second);
        second.push(3);
        assert_eq!((&first[..], &second[..]), (&[1, 2][..], &[1, 2, 3][..]));
        assert_ne!(first, second);
    }

    #[test]
    fn an_empty_list_is_equal_to_one_that_was_emptied() {
        let mut list = List::from(vec![1]);
        list.clear();
        assert_eq!(list, List::default());
        assert_eq!((&mut List::<u8>::default()).into_iter().count(), 0);
    }
}
