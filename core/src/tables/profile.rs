//! Profiles: which plugins run, with which weights and arguments.

use super::rows::MAX_FILTERS;
use super::{Count, NodeTerms, ProfileRow, Tables};
use crate::plugin::Plugin;
use crate::{Error, ExternalId, ProfileId, ResourceId};

/// How NodeResourcesFit scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum FitStrategy {
    /// The emptier the better.
    LeastAllocated = 0,
    /// The fuller the better.
    MostAllocated = 1,
    /// By a function of utilization.
    RequestedToCapacityRatio = 2,
}

/// A point of a utilization function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShapePoint {
    /// In percent, ascending.
    pub utilization: i32,
    /// 0 to 100 (the configuration's 0 to 10, times ten).
    pub score: i32,
}

/// What filters or scores: a plugin, or a slot of the caller's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// A plugin of kube-scheduler.
    Plugin(Plugin),
    /// A named slot.
    External(ExternalId),
}

impl From<Plugin> for Rule {
    fn from(plugin: Plugin) -> Self {
        Self::Plugin(plugin)
    }
}

impl From<ExternalId> for Rule {
    fn from(slot: ExternalId) -> Self {
        Self::External(slot)
    }
}

/// A rule as a profile's row holds it: a plugin's number, a slot's behind [`RuleRow::EXTERNAL`], or [`RuleRow::END`].
pub(crate) struct RuleRow;

impl RuleRow {
    /// There are no more rules.
    pub(crate) const END: u8 = 255;
    /// The first slot.
    pub(crate) const EXTERNAL: u8 = 128;

    /// What stands in a row; none at the end.
    pub(crate) fn read(row: u8) -> Option<Rule> {
        match row {
            Self::END => None,
            Self::EXTERNAL.. => Some(Rule::External(ExternalId(u32::from(row - Self::EXTERNAL)))),
            plugin => Plugin::ALL.get(plugin as usize).copied().map(Rule::Plugin),
        }
    }
}

/// A profile as it is added: `ProfileDef { filters: &[Plugin::NodeResourcesFit.into()], ..ProfileDef::default() }`.
#[derive(Clone, Copy, Debug)]
pub struct ProfileDef<'a> {
    /// What filters, in order; at most 28.
    pub filters: &'a [Rule],
    /// What scores, with weights of 0 to 2^31 - 1.
    pub scores: &'a [(Rule, i64)],
    /// How NodeResourcesFit scores.
    pub strategy: FitStrategy,
    /// Its resources, with weights.
    pub fit_resources: &'a [(ResourceId, i64)],
    /// Its utilization function.
    pub shape: &'a [ShapePoint],
    /// The utilization function of storage.
    pub volume_shape: &'a [ShapePoint],
    /// The resources whose balance is scored.
    pub balanced: &'a [ResourceId],
    /// Balance is scored by what the pod improves (from 1.36 on), not by what it leaves.
    pub balanced_by_difference: bool,
    /// Node terms that every pod must match.
    pub enforced: Option<NodeTerms<'a>>,
    /// Node terms that every pod prefers.
    pub added_preferred: NodeTerms<'a>,
    /// The score of NodeAffinity runs for every pod, even where no term is preferred.
    pub prefers_nodes: bool,
    /// The weight in scoring of required affinity terms of bound pods.
    pub hard_pod_affinity_weight: i64,
    /// Preferred terms of bound pods count for pods only that have preferred terms themselves.
    pub ignore_preferred_terms_of_existing_pods: bool,
    /// The default spread constraints are the system's own: nodes that lack a key of theirs count all the same.
    pub system_spread: bool,
}

impl Default for ProfileDef<'_> {
    /// No filters and no scores; the arguments are kube-scheduler's defaults, CPU and memory of equal weight among them.
    fn default() -> Self {
        ProfileDef {
            filters: &[],
            scores: &[],
            strategy: FitStrategy::LeastAllocated,
            fit_resources: &[(ResourceId::CPU, 1), (ResourceId::MEMORY, 1)],
            shape: &[],
            volume_shape: &[],
            balanced: &[ResourceId::CPU, ResourceId::MEMORY],
            balanced_by_difference: true,
            enforced: None,
            added_preferred: NodeTerms::default(),
            prefers_nodes: false,
            hard_pod_affinity_weight: 1,
            ignore_preferred_terms_of_existing_pods: false,
            system_spread: true,
        }
    }
}

/// Bits of a profile.
pub(crate) mod profile_flag {
    pub(crate) const BALANCED_BY_DIFFERENCE: u32 = 1;
    pub(crate) const ENFORCED: u32 = 2;
    pub(crate) const IGNORE_PREFERRED: u32 = 4;
    pub(crate) const SYSTEM_SPREAD: u32 = 8;
    pub(crate) const PREFERS_NODES: u32 = 16;
}
use profile_flag::{BALANCED_BY_DIFFERENCE, ENFORCED, IGNORE_PREFERRED, PREFERS_NODES, SYSTEM_SPREAD};

/// The greatest weight, as a configuration's 32 bits hold it; sums of weighted scores are then far from the end of 64 bits.
const MOST_WEIGHT: i64 = i32::MAX as i64;

/// The most that a point of a utilization function scores, far above the 100 that is asked for.
const MOST_SHAPE_SCORE: u32 = 1 << 20;

pub(crate) fn is_shape_score(score: i32) -> bool {
    score.unsigned_abs() <= MOST_SHAPE_SCORE
}

pub(crate) fn is_weight(weight: i64) -> bool {
    (0..=MOST_WEIGHT).contains(&weight)
}

impl Tables<'_> {
    pub(crate) fn add_profile(&mut self, def: &ProfileDef<'_>) -> Result<ProfileId, Error> {
        self.room(Count::Profiles, 1)?;
        if def.filters.len() > MAX_FILTERS {
            return Err(Error::OutOfRange { field: "filters", most: MAX_FILTERS as u64 });
        }
        let weights =
            def.scores.iter().map(|(_, weight)| weight).chain(def.fit_resources.iter().map(|(_, weight)| weight));
        if !weights.chain([&def.hard_pod_affinity_weight]).all(|weight| is_weight(*weight)) {
            return Err(Error::OutOfRange { field: "weight", most: MOST_WEIGHT as u64 });
        }
        if !def.shape.iter().chain(def.volume_shape).all(|point| is_shape_score(point.score)) {
            return Err(Error::OutOfRange { field: "score", most: u64::from(MOST_SHAPE_SCORE) });
        }
        let ascends = |shape: &[ShapePoint]| shape.is_sorted_by(|before, point| before.utilization < point.utilization);
        if !ascends(def.shape) || !ascends(def.volume_shape) {
            return Err(Error::State { what: "the points of a utilization function do not ascend" });
        }
        for (resource, _) in def.fit_resources {
            self.known(Count::Resources, resource.0)?;
        }
        for resource in def.balanced {
            self.known(Count::Resources, resource.0)?;
        }
        for rule in def.filters.iter().chain(def.scores.iter().map(|(rule, _)| rule)) {
            if let Rule::External(slot) = rule {
                self.known(Count::Externals, slot.0)?;
            }
        }
        let mut filters = [RuleRow::END; 32];
        for (row, rule) in filters.iter_mut().zip(def.filters) {
            *row = match rule {
                Rule::Plugin(plugin) => *plugin as u8,
                Rule::External(slot) if slot.0 < u32::from(RuleRow::END - RuleRow::EXTERNAL) => {
                    RuleRow::EXTERNAL + slot.0 as u8
                }
                Rule::External(_) => {
                    let most = u64::from(RuleRow::END - RuleRow::EXTERNAL - 1);
                    return Err(Error::OutOfRange { field: "slot of a filter", most });
                }
            };
        }
        let mut weights = [0i64; 32];
        for (rule, weight) in def.scores {
            if let Rule::Plugin(plugin) = rule {
                weights[*plugin as usize] = *weight;
            }
        }
        let externals = self.push_words(def.scores.iter().flat_map(|(rule, weight)| {
            match rule {
                Rule::External(slot) => [Some(slot.0), Some(*weight as u32)],
                Rule::Plugin(_) => [None, None],
            }
            .into_iter()
            .flatten()
        }))?;
        let pairs = def.fit_resources.iter().flat_map(|(r, w)| [r.0, *w as u64 as u32, (*w as u64 >> 32) as u32]);
        let fit_resources = self.push_words(pairs)?;
        let shape = self.push_words(def.shape.iter().flat_map(|p| [p.utilization as u32, p.score as u32]))?;
        let volume_shape =
            self.push_words(def.volume_shape.iter().flat_map(|p| [p.utilization as u32, p.score as u32]))?;
        let balanced = self.push_words(def.balanced.iter().map(|r| r.0))?;
        let enforced = self.push_terms(&def.enforced.unwrap_or_default())?;
        let added_preferred = self.push_terms(&def.added_preferred)?;
        let row = self.take(Count::Profiles)?;
        let flag = |on: bool, bit: u32| if on { bit } else { 0 };
        self.profiles[row as usize] = ProfileRow {
            weights,
            hard_pod_affinity_weight: def.hard_pod_affinity_weight,
            filters,
            flags: flag(def.balanced_by_difference, BALANCED_BY_DIFFERENCE)
                | flag(def.enforced.is_some(), ENFORCED)
                | flag(def.ignore_preferred_terms_of_existing_pods, IGNORE_PREFERRED)
                | flag(def.system_spread, SYSTEM_SPREAD)
                | flag(def.prefers_nodes, PREFERS_NODES),
            fit_strategy: def.strategy as u32,
            fit_resources,
            shape,
            volume_shape,
            balanced,
            enforced,
            added_preferred,
            externals,
        };
        Ok(ProfileId(row))
    }
}
