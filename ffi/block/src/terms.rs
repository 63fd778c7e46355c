//! Requirements on labels.

use bayplan_core::{Op, StrId};

use crate::fault::Fault;
use crate::guard::{Listed, list};

/// Operator: the value is one of these.
pub const BAYPLAN_CORE_IN: u32 = 0;
/// Operator: the value is none of these, or there is none.
pub const BAYPLAN_CORE_NOT_IN: u32 = 1;
/// Operator: there is a value.
pub const BAYPLAN_CORE_EXISTS: u32 = 2;
/// Operator: there is no value.
pub const BAYPLAN_CORE_DOES_NOT_EXIST: u32 = 3;
/// Operator: the value is an integer above the bound.
pub const BAYPLAN_CORE_GT: u32 = 4;
/// Operator: the value is an integer below the bound.
pub const BAYPLAN_CORE_LT: u32 = 5;
/// Operator: matches nothing; the requirement is not legal.
pub const BAYPLAN_CORE_NEVER: u32 = 6;

/// One requirement. Its values are `count` strings from `first` on in the list of values that goes with it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Requirement {
    /// The term that it belongs to, counted from 0, in order; 0 in selectors of pods.
    pub term: u32,
    /// The key: of nodes a row of bayplan_core_add_key(), of pods and namespaces a string.
    pub key: u32,
    /// BAYPLAN_CORE_IN and so on.
    pub op: u32,
    /// Its first value.
    pub first: u32,
    /// How many values.
    pub count: u32,
    /// Filler.
    pub reserved: u32,
    /// The bound of BAYPLAN_CORE_GT and BAYPLAN_CORE_LT.
    pub bound: i64,
}

/// Terms of which one must match, or each of which adds its weight; all requirements of a term must match, and a term
/// without any matches nothing.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NodeTerms {
    /// A weight for each term where they are preferred; else null.
    pub weights: *const i32,
    /// The requirements, in order of their terms.
    pub requirements: *const Requirement,
    /// The strings that they point into.
    pub values: *const u32,
    /// How many terms.
    pub terms: u32,
    /// How many requirements.
    pub requirement_count: u32,
    /// How many values.
    pub value_count: u32,
    /// Filler.
    pub reserved: u32,
}

/// The most requirements of one list.
const MOST: usize = 128;

/// Requirements in the core's form.
pub(crate) struct Requirements<'a> {
    pub(crate) all: Listed<bayplan_core::Requirement, MOST>,
    pub(crate) values: &'a [StrId],
}

/// # Safety
/// Both lists are as long as is said, and nobody writes them.
pub(crate) unsafe fn requirements<'a>(
    from: *const Requirement,
    count: u32,
    values: &'a [StrId],
) -> Result<Requirements<'a>, Fault> {
    // SAFETY: as above.
    let from = unsafe { list(from, count as usize, "requirements") }?;
    let all = Listed::of(from, "requirements", |r| {
        if u64::from(r.first) + u64::from(r.count) > values.len() as u64 {
            return Err(Fault::argument("values of a requirement"));
        }
        let op = match r.op {
            BAYPLAN_CORE_IN => Op::In,
            BAYPLAN_CORE_NOT_IN => Op::NotIn,
            BAYPLAN_CORE_EXISTS => Op::Exists,
            BAYPLAN_CORE_DOES_NOT_EXIST => Op::DoesNotExist,
            BAYPLAN_CORE_GT => Op::Gt,
            BAYPLAN_CORE_LT => Op::Lt,
            BAYPLAN_CORE_NEVER => Op::Never,
            _ => return Err(Fault::argument("op")),
        };
        let (term, key, first, count, bound) = (r.term, r.key, r.first, r.count, r.bound);
        Ok(bayplan_core::Requirement { term, key, op, first, count, bound })
    })?;
    Ok(Requirements { all, values })
}

/// Ids, as the core has them: a number each.
///
/// # Safety
/// `from` is null or points to `count` numbers that nobody writes; `T` is one of the core's ids.
pub(crate) unsafe fn ids<'a, T>(from: *const u32, count: usize, name: &str) -> Result<&'a [T], Fault> {
    const { assert!(size_of::<T>() == size_of::<u32>() && align_of::<T>() == align_of::<u32>()) };
    // SAFETY: as above; an id is a number with a name.
    unsafe { list(from.cast(), count, name) }
}

/// Terms in the core's form, with the lists that they need.
pub(crate) struct Terms<'a> {
    terms: u32,
    weights: &'a [i32],
    requirements: Requirements<'a>,
}

impl Terms<'_> {
    pub(crate) fn def(&self) -> bayplan_core::NodeTerms<'_> {
        bayplan_core::NodeTerms {
            terms: self.terms,
            weights: self.weights,
            requirements: self.requirements.all.all(),
            values: self.requirements.values,
        }
    }
}

/// # Safety
/// `from` is null or points to terms whose lists are as long as they say, and nobody writes them.
pub(crate) unsafe fn terms<'a>(from: *const NodeTerms) -> Result<Option<Terms<'a>>, Fault> {
    // SAFETY: as above.
    let Some(from) = (unsafe { list(from, usize::from(!from.is_null()), "terms") })?.first() else { return Ok(None) };
    let weights = if from.weights.is_null() { 0 } else { from.terms as usize };
    // SAFETY: as above.
    let (weights, values) =
        unsafe { (list(from.weights, weights, "weights")?, ids(from.values, from.value_count as usize, "values")?) };
    // SAFETY: as above.
    let requirements = unsafe { requirements(from.requirements, from.requirement_count, values) }?;
    // One list is walked term by term.
    let in_order = |of: &[bayplan_core::Requirement]| of.windows(2).all(|pair| pair[0].term <= pair[1].term);
    if !in_order(requirements.all.all()) || requirements.all.all().iter().any(|r| r.term >= from.terms) {
        return Err(Fault::argument("the terms of requirements are not in order"));
    }
    // Each term takes words of the arena, whether or not it has requirements.
    if from.terms as usize > MOST {
        return Err(Fault::limit("terms", MOST));
    }
    Ok(Some(Terms { terms: from.terms, weights, requirements }))
}
