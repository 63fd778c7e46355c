//! Selectors: evaluated once for each label class, never for a pod.

use bitvec::prelude::{BitSlice, Lsb0};

use super::{Count, Requirement, SelectorRow, Tables};
use crate::{Error, LabelClassId, NONE, NamespaceId, SelectorId, StrId};

/// A set of pods: those in the namespaces, or in namespaces whose labels meet the requirements, whose labels meet
/// theirs. The keys of all requirements are strings.
#[derive(Clone, Copy, Debug, Default)]
pub struct SelectorDef<'a> {
    /// Namespaces.
    pub namespaces: &'a [NamespaceId],
    /// Requirements on the labels of further namespaces; an empty list takes every namespace.
    pub namespace_requirements: Option<&'a [Requirement]>,
    /// Requirements on the pods' labels; `None` matches no pod.
    pub requirements: Option<&'a [Requirement]>,
    /// The namespace requirements choose among namespaces that are objects, unless they are empty.
    pub existing_namespaces: bool,
    /// The values of all requirements.
    pub values: &'a [StrId],
}

/// Bits of a selector.
mod selector_flag {
    /// There are namespace requirements, perhaps an empty list.
    pub(super) const ANY_NAMESPACE_TERM: u32 = 1;
    /// It matches no pod.
    pub(super) const NOTHING: u32 = 2;
    /// Namespace requirements choose among namespaces that are objects.
    pub(super) const EXISTING_NAMESPACES: u32 = 4;
}
use selector_flag::{ANY_NAMESPACE_TERM, EXISTING_NAMESPACES, NOTHING};

impl Tables<'_> {
    pub(crate) fn add_selector(&mut self, def: &SelectorDef<'_>) -> Result<SelectorId, Error> {
        self.room(Count::Selectors, 1)?;
        for namespace in def.namespaces {
            self.known(Count::Namespaces, namespace.0)?;
        }
        let namespaces = self.push_words(def.namespaces.iter().map(|n| n.0))?;
        let namespace_terms = self.push_requirements(def.namespace_requirements.unwrap_or(&[]), def.values)?;
        let requirements = self.push_requirements(def.requirements.unwrap_or(&[]), def.values)?;
        let row = self.take(Count::Selectors)? as usize;
        let mut flags = 0;
        if def.namespace_requirements.is_some() {
            flags |= ANY_NAMESPACE_TERM;
        }
        if def.requirements.is_none() {
            flags |= NOTHING;
        }
        if def.existing_namespaces {
            flags |= EXISTING_NAMESPACES;
        }
        self.selectors[row] = SelectorRow { namespaces, namespace_terms, requirements, flags, unused: 0 };
        for class in 0..self.count(Count::LabelClasses) as usize {
            self.evaluate(row, class);
        }
        Ok(SelectorId(row as u32))
    }

    /// Whether a selector matches a label class; never where one of the two is not there.
    #[must_use]
    pub fn matches(&self, selector: SelectorId, class: LabelClassId) -> bool {
        self.known(Count::LabelClasses, class.0).is_ok() && self.selects(selector.0, class.0)
    }

    /// The same of ids that are there.
    #[inline]
    pub(crate) fn selects(&self, selector: u32, class: u32) -> bool {
        let words = self.limits.label_classes.div_ceil(64) as usize;
        let word = self.selector_matches.get(selector as usize * words + class as usize / 64);
        word.is_some_and(|word| word >> (class % 64) & 1 != 0)
    }

    pub(crate) fn evaluate(&mut self, selector: usize, class: usize) {
        let row = self.selectors[selector];
        let labels = self.list(self.label_list[class]);
        // Most selectors are of another namespace or ask for a label that the class lacks: the cheaper question comes first.
        let matched = row.flags & NOTHING == 0
            && self.takes_namespace(&row, self.label_namespace[class])
            && self.all_match(self.list(row.requirements), |key| value_in(labels, key));
        let words = self.limits.label_classes.div_ceil(64) as usize;
        let bits = &mut self.selector_matches[selector * words..(selector + 1) * words];
        BitSlice::<u64, Lsb0>::from_slice_mut(bits).set(class, matched);
    }

    fn takes_namespace(&self, row: &SelectorRow, namespace: u32) -> bool {
        if self.list(row.namespaces).contains(&namespace) {
            return true;
        }
        let must_exist = row.flags & EXISTING_NAMESPACES != 0 && row.namespace_terms.len != 0;
        row.flags & ANY_NAMESPACE_TERM != 0 && (!must_exist || self.namespace_exists[namespace as usize] != 0) && {
            let labels = self.list(self.namespace_list[namespace as usize]);
            self.all_match(self.list(row.namespace_terms), |key| value_in(labels, key))
        }
    }
}

/// The value under a key in a list of (key, value) pairs.
#[inline]
fn value_in(labels: &[u32], key: u32) -> u32 {
    labels.chunks_exact(2).find(|pair| pair[0] == key).map_or(NONE, |pair| pair[1])
}
