//! Requirements on labels and tolerations, as callers give them and as they lie in the arena.

use super::{Range, Tables};
use crate::{Error, NONE, StrId};

/// The operator of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Op {
    /// The value is one of these.
    In = 0,
    /// The value is none of these, or there is none.
    NotIn = 1,
    /// There is a value.
    Exists = 2,
    /// There is no value.
    DoesNotExist = 3,
    /// The value is an integer above the bound.
    Gt = 4,
    /// The value is an integer below the bound.
    Lt = 5,
    /// Matches nothing: the requirement is not legal.
    Never = 6,
}

/// One requirement. `key` is a label key's column for nodes ([`crate::KeyId`]), and a string ([`StrId`]) for pods and
/// namespaces; its values are `count` strings from `first` on in the list that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// The term that it belongs to; terms are numbered from 0, in order.
    pub term: u32,
    /// The key.
    pub key: u32,
    /// The operator.
    pub op: Op,
    /// Its first value.
    pub first: u32,
    /// How many values.
    pub count: u32,
    /// The bound of Gt and Lt.
    pub bound: i64,
}

/// Terms of which one must match (or each of which adds its weight); all requirements of a term must match, and a
/// term without any matches nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeTerms<'a> {
    /// How many terms.
    pub terms: u32,
    /// A weight for each term, where they are preferred; else empty.
    pub weights: &'a [i32],
    /// The requirements, in order of their terms.
    pub requirements: &'a [Requirement],
    /// The values that they point into.
    pub values: &'a [StrId],
}

/// The operator of a toleration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum TolerationOp {
    /// Any value.
    Exists = 0,
    /// Just this value.
    Equal = 1,
    /// A taint whose integer is below.
    Lt = 2,
    /// A taint whose integer is above.
    Gt = 3,
}

/// A toleration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Toleration {
    /// The key, or [`StrId::NONE`] for all.
    pub key: StrId,
    /// The operator.
    pub op: TolerationOp,
    /// The value.
    pub value: StrId,
    /// The effect, or none for all.
    pub effect: Option<super::TaintEffect>,
}

/// Words before a requirement's values.
const HEAD: usize = 5;

/// What the weights of preferred terms come to at most, each taken as positive, so that sums of weighted scores stay far from
/// the end of 64 bits.
const MOST_WEIGHTS: u64 = 1 << 22;

pub(crate) fn weights_are_small(weights: impl Iterator<Item = i32>) -> bool {
    weights.map(|weight| u64::from(weight.unsigned_abs())).sum::<u64>() <= MOST_WEIGHTS
}

impl Tables<'_> {
    /// Appends terms: for each a weight, the number of words of its requirements, and these.
    pub(crate) fn push_terms(&mut self, terms: &NodeTerms<'_>) -> Result<Range, Error> {
        if !weights_are_small(terms.weights.iter().copied()) {
            return Err(Error::OutOfRange { field: "weight", most: MOST_WEIGHTS });
        }
        let words = (0..terms.terms).flat_map(|term| {
            // They are in the order of their terms.
            let from = terms.requirements.partition_point(|r| r.term < term);
            let own = move || terms.requirements[from..].iter().take_while(move |r| r.term == term);
            let len: usize = own().map(|r| HEAD + r.count as usize).sum();
            let weight = terms.weights.get(term as usize).copied().unwrap_or(0);
            [weight as u32, len as u32].into_iter().chain(own().flat_map(|r| words_of(r, terms.values)))
        });
        self.push_words(words)
    }

    /// Appends requirements that must all match.
    pub(crate) fn push_requirements(&mut self, requirements: &[Requirement], values: &[StrId]) -> Result<Range, Error> {
        self.push_words(requirements.iter().flat_map(|r| words_of(r, values)))
    }

    pub(crate) fn push_tolerations(&mut self, tolerations: &[Toleration]) -> Result<Range, Error> {
        self.push_words(
            tolerations.iter().flat_map(|t| [t.key.0, t.op as u32, t.value.0, t.effect.map_or(NONE, |e| e as u32)]),
        )
    }

    /// Whether all requirements hold for the value that `value_of` finds under a key.
    pub(crate) fn all_match(&self, mut words: &[u32], value_of: impl Fn(u32) -> u32) -> bool {
        while let [key, op, count, low, high, rest @ ..] = words {
            let (values, after) = rest.split_at((*count as usize).min(rest.len()));
            words = after;
            let value = value_of(*key);
            let bound = (u64::from(*high) << 32 | u64::from(*low)) as i64;
            let holds = match op {
                0 => value != NONE && values.contains(&value),
                1 => value == NONE || !values.contains(&value),
                2 => value != NONE,
                3 => value == NONE,
                4 => self.int_of(value).is_some_and(|v| v > bound),
                5 => self.int_of(value).is_some_and(|v| v < bound),
                _ => false,
            };
            if !holds {
                return false;
            }
        }
        true
    }

    /// Whether a node meets one of the terms.
    pub(crate) fn any_term_matches(&self, terms: Range, node: usize) -> bool {
        self.each_term(terms, node, |_| ()) > 0
    }

    /// The weights of the terms that a node meets, summed.
    pub(crate) fn weight_of_terms(&self, terms: Range, node: usize) -> i64 {
        let mut sum = 0;
        self.each_term(terms, node, |weight| sum += i64::from(weight));
        sum
    }

    /// The weights of terms.
    pub(crate) fn weights_of(&self, terms: Range) -> impl Iterator<Item = i32> {
        let mut words = self.list(terms);
        core::iter::from_fn(move || {
            let [weight, len, rest @ ..] = words else { return None };
            words = rest.get(*len as usize..).unwrap_or(&[]);
            Some(*weight as i32)
        })
    }

    fn each_term(&self, terms: Range, node: usize, mut met: impl FnMut(i32)) -> u32 {
        let (mut words, mut count) = (self.list(terms), 0);
        while let [weight, len, rest @ ..] = words {
            let (own, after) = rest.split_at((*len as usize).min(rest.len()));
            words = after;
            if !own.is_empty() && self.node_matches(own, node) {
                met(*weight as i32);
                count += 1;
            }
        }
        count
    }

    pub(crate) fn node_matches(&self, requirements: &[u32], node: usize) -> bool {
        self.all_match(requirements, |key| {
            self.labels.get(key as usize * self.limits.nodes as usize + node).copied().unwrap_or(NONE)
        })
    }
}

fn words_of<'v>(r: &Requirement, values: &'v [StrId]) -> impl Iterator<Item = u32> + use<'v> {
    let own = values.get(r.first as usize..(r.first + r.count) as usize).unwrap_or(&[]);
    [r.key, r.op as u32, own.len() as u32, r.bound as u64 as u32, (r.bound as u64 >> 32) as u32]
        .into_iter()
        .chain(own.iter().map(|v| v.0))
}
