//! Pod affinity terms, as specs carry them.

use super::{Count, Tables, TermRow};
use crate::{Error, KeyId, SelectorId, TermId};

/// What a pod affinity term asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum TermKind {
    /// Required pod affinity.
    Affinity = 0,
    /// Required pod anti-affinity.
    AntiAffinity = 1,
    /// Preferred pod affinity.
    PreferredAffinity = 2,
    /// Preferred pod anti-affinity.
    PreferredAntiAffinity = 3,
}

/// The greatest weight of a preferred term, far above the 100 that a pod may give.
const MOST_WEIGHT: u32 = 1 << 20;

pub(crate) fn is_term_weight(weight: i32) -> bool {
    weight.unsigned_abs() <= MOST_WEIGHT
}

impl TermKind {
    /// The last of them, as rows hold it.
    pub(crate) const LAST: u32 = Self::PreferredAntiAffinity as u32;
}

impl Tables<'_> {
    pub(crate) fn add_term(
        &mut self,
        selector: SelectorId,
        own_selector: SelectorId,
        key: KeyId,
        kind: TermKind,
        weight: i32,
    ) -> Result<TermId, Error> {
        self.known(Count::Selectors, selector.0)?;
        self.known(Count::Selectors, own_selector.0)?;
        self.known(Count::Keys, key.0)?;
        if !is_term_weight(weight) {
            return Err(Error::OutOfRange { field: "weight", most: u64::from(MOST_WEIGHT) });
        }
        let row = self.take(Count::Terms)?;
        let (selector, own_selector, key, kind) = (selector.0, own_selector.0, key.0, kind as u32);
        self.terms[row as usize] = TermRow { selector, own_selector, key, kind, weight, unused: 0 };
        Ok(TermId(row))
    }
}
