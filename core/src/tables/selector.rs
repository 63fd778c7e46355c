//! Selectors: evaluated once for each label class, never for a pod.

use bitvec::prelude::{BitSlice, Lsb0};

use super::{Count, Requirement, SelectorRow, Tables, TermRow};
use crate::{Error, KeyId, NamespaceId, SelectorId, StrId, TermId};

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

const ANY_NAMESPACE_TERM: u32 = 1;
const NOTHING: u32 = 2;
/// The last kind of pod affinity terms.
pub(crate) const MOST_KIND: u32 = 3;
const EXISTING_NAMESPACES: u32 = 4;
/// The greatest weight of a preferred term, far above the 100 that a pod may give.
const MOST_TERM_WEIGHT: u32 = 1 << 20;

pub(crate) fn is_term_weight(weight: i32) -> bool {
    weight.unsigned_abs() <= MOST_TERM_WEIGHT
}

impl Tables<'_> {
    /// Adds a selector and evaluates it.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`].
    pub fn add_selector(&mut self, def: &SelectorDef<'_>) -> Result<SelectorId, Error> {
        self.room(Count::Selectors, "selectors", self.limits.selectors, 1)?;
        for namespace in def.namespaces {
            self.known(Count::Namespaces, "namespaces", namespace.0)?;
        }
        let namespaces = self.push_words(def.namespaces.iter().map(|n| n.0))?;
        let namespace_terms = self.push_requirements(def.namespace_requirements.unwrap_or(&[]), def.values)?;
        let requirements = self.push_requirements(def.requirements.unwrap_or(&[]), def.values)?;
        let row = self.take(Count::Selectors, "selectors", self.limits.selectors)? as usize;
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

    /// Adds a pod affinity term: 0 required affinity, 1 required anti-affinity, 2 preferred affinity, 3 preferred
    /// anti-affinity.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::NoSuch`], [`Error::OutOfRange`] for another kind and for a weight that is no pod's.
    pub fn add_term(
        &mut self,
        selector: SelectorId,
        own_selector: SelectorId,
        key: KeyId,
        kind: u32,
        weight: i32,
    ) -> Result<TermId, Error> {
        self.known(Count::Selectors, "selectors", selector.0)?;
        self.known(Count::Selectors, "selectors", own_selector.0)?;
        self.known(Count::Keys, "keys", key.0)?;
        if kind > MOST_KIND {
            return Err(Error::OutOfRange { field: "kind", most: u64::from(MOST_KIND) });
        }
        if !is_term_weight(weight) {
            return Err(Error::OutOfRange { field: "weight", most: u64::from(MOST_TERM_WEIGHT) });
        }
        let row = self.take(Count::Terms, "terms", self.limits.terms)?;
        self.terms[row as usize] =
            TermRow { selector: selector.0, own_selector: own_selector.0, key: key.0, kind, weight, unused: 0 };
        Ok(TermId(row))
    }

    /// The label classes that a selector matches.
    #[must_use]
    pub fn matches(&self, selector: SelectorId) -> &BitSlice<u64, Lsb0> {
        let words = self.limits.label_classes.div_ceil(64) as usize;
        let row = self.selector_matches.get(selector.at() * words..(selector.at() + 1) * words).unwrap_or(&[]);
        BitSlice::from_slice(row)
    }

    /// Whether a selector matches a label class.
    #[inline]
    pub(crate) fn selects(&self, selector: u32, class: u32) -> bool {
        let words = self.limits.label_classes.div_ceil(64) as usize;
        let word = self.selector_matches.get(selector as usize * words + class as usize / 64);
        word.is_some_and(|word| word >> (class % 64) & 1 != 0)
    }

    pub(crate) fn evaluate(&mut self, selector: usize, class: usize) {
        let row = self.selectors[selector];
        let namespace = self.label_namespace[class];
        let in_namespace = self.list(row.namespaces).contains(&namespace)
            || row.flags & ANY_NAMESPACE_TERM != 0
                && (row.flags & EXISTING_NAMESPACES == 0
                    || row.namespace_terms.len == 0
                    || self.namespace_exists[namespace as usize] != 0)
                && {
                    let labels = self.namespace_list[namespace as usize];
                    self.all_match(self.list(row.namespace_terms), |key| self.label_in(labels, key))
                };
        let labels = self.label_list[class];
        let matched = row.flags & NOTHING == 0
            && in_namespace
            && self.all_match(self.list(row.requirements), |key| self.label_in(labels, key));
        let words = self.limits.label_classes.div_ceil(64) as usize;
        let bits = &mut self.selector_matches[selector * words..(selector + 1) * words];
        BitSlice::<u64, Lsb0>::from_slice_mut(bits).set(class, matched);
    }
}
