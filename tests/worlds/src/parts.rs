//! What clusters are made of.

use bayplan_core::{
    Error, KeyId, LabelClassId, NamespaceId, Op, Requirement, Scheduler, SelectorDef, SelectorId, SpecDef, SpreadDef,
    StrId,
};

/// A requirement on `count` values from `first` on in the list that goes with it, or on a bound, in the first term.
#[must_use]
pub fn requirement(key: u32, op: Op, first: u32, count: u32, bound: i64) -> Requirement {
    Requirement { term: 0, key, op, first, count, bound }
}

/// The pods of an application: those with one label, and the selector that finds them in their namespace.
#[derive(Clone, Copy, Debug)]
pub struct App {
    /// The label class of its pods.
    pub labels: LabelClassId,
    /// The selector.
    pub selector: SelectorId,
}

/// Adds an application by its label.
///
/// # Errors
/// As tables have room.
pub fn add_app(s: &mut Scheduler<'_>, namespace: NamespaceId, key: StrId, value: StrId) -> Result<App, Error> {
    let labels = s.add_label_class(namespace, &[(key, value)])?;
    let selector = s.add_selector(&SelectorDef {
        namespaces: &[namespace],
        requirements: Some(&[requirement(key.0, Op::In, 0, 1, 0)]),
        values: &[value],
        ..SelectorDef::default()
    })?;
    Ok(App { labels, selector })
}

/// A spread constraint with the defaults of the API server; without a selector it counts the pod's default selector.
#[must_use]
pub fn spread(selector: Option<SelectorId>, key: KeyId, max_skew: i32) -> SpreadDef {
    SpreadDef {
        selector,
        key,
        hostname: false,
        max_skew,
        min_domains: 1,
        honor_affinity: true,
        honor_taints: false,
        counts_nothing: false,
    }
}

/// A spec of one container that requests so much of milli-CPU and bytes of memory.
#[must_use]
pub fn asking<'a>(amounts: &'a [i64; 2]) -> SpecDef<'a> {
    SpecDef {
        fit: amounts,
        bound: amounts,
        bound_non_zero: *amounts,
        score: amounts,
        balanced: amounts,
        image_count: 1,
        ..SpecDef::default()
    }
}
