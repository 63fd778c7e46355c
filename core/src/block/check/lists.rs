//! Rows of classes, profiles, selectors and volumes, and the lists of theirs that lie in the arena.

use super::{below, holds, known, words};
use crate::plugin::Plugin;
use crate::tables::{
    Count, MAX_FILTERS, MOST_IMAGES, MOST_SCORE, Range, RuleRow, SpreadRow, Tables, TermKind, is_shape_score,
    is_term_weight, is_weight, weights_are_small,
};
use crate::{Error, NONE};

pub(super) fn check(t: &Tables<'_>) -> Result<(), Error> {
    let count = |count| t.count(count);
    for list in &t.taint_list[..count(Count::TaintSets) as usize] {
        words(t, *list, 3, "taint_sets")?;
    }
    for list in &t.image_list[..count(Count::ImageSets) as usize] {
        let images = words(t, *list, 3, "image_sets")?.iter().step_by(3);
        holds(images.into_iter().all(|image| *image < count(Count::Images)), "image_sets")?;
    }
    profiles(t)?;
    specs(t)?;
    let classes = count(Count::LabelClasses) as usize;
    known(&t.label_namespace[..classes], count(Count::Namespaces), "label_classes")?;
    for list in &t.label_list[..classes] {
        words(t, *list, 2, "label_classes")?;
    }
    for list in &t.namespace_list[..count(Count::Namespaces) as usize] {
        words(t, *list, 2, "namespaces")?;
    }
    for row in &t.selectors[..count(Count::Selectors) as usize] {
        words(t, row.namespaces, 1, "selectors")?;
        words(t, row.namespace_terms, 1, "selectors")?;
        words(t, row.requirements, 1, "selectors")?;
    }
    for row in &t.terms[..count(Count::Terms) as usize] {
        known(&[row.selector, row.own_selector], count(Count::Selectors), "terms")?;
        known(&[row.key], count(Count::Keys), "terms")?;
        holds(row.kind <= TermKind::LAST && is_term_weight(row.weight), "terms")?;
    }
    for row in &t.externals[..count(Count::Externals) as usize] {
        known(&[row.name], count(Count::Strings), "externals")?;
    }
    let columns = count(Count::ExternalColumns) as usize;
    known(&t.external_slot[..columns], count(Count::Externals), "external_columns")?;
    known(&t.external_spec[..columns], count(Count::Specs), "external_columns")?;
    let scores = &t.external_score[..columns * t.limits.nodes as usize];
    holds(scores.iter().all(|score| score.unsigned_abs() <= MOST_SCORE), "external_columns")?;
    for list in &t.node_sets[..count(Count::NodeSets) as usize] {
        if list.start != NONE {
            words(t, *list, 1, "node_sets")?;
        }
    }
    for row in &t.volumes[..count(Count::Volumes) as usize] {
        known(&[row.reach, row.zone], count(Count::NodeSets), "volumes")?;
    }
    Ok(())
}

fn profiles(t: &Tables<'_>) -> Result<(), Error> {
    let resources = t.count(Count::Resources);
    for row in &t.profiles[..t.count(Count::Profiles) as usize] {
        let externals = t.count(Count::Externals);
        let is_rule = |row: &u8| match *row {
            RuleRow::END => true,
            row if row >= RuleRow::EXTERNAL => u32::from(row - RuleRow::EXTERNAL) < externals,
            plugin => usize::from(plugin) < Plugin::ALL.len(),
        };
        let (filters, rest) = row.filters.split_at(MAX_FILTERS);
        holds(filters.iter().all(is_rule) && rest.iter().all(|row| *row == RuleRow::END), "profiles")?;
        for pair in words(t, row.externals, 2, "profiles")?.chunks_exact(2) {
            holds(pair[0] < externals && is_weight(i64::from(pair[1])), "profiles")?;
        }
        holds(row.weights.iter().chain([&row.hard_pod_affinity_weight]).all(|weight| is_weight(*weight)), "profiles")?;
        for fit in words(t, row.fit_resources, 3, "profiles")?.chunks_exact(3) {
            let weight = (u64::from(fit[2]) << 32 | u64::from(fit[1])) as i64;
            holds(fit[0] < resources && is_weight(weight), "profiles")?;
        }
        known(words(t, row.balanced, 1, "profiles")?, resources, "profiles")?;
        for shape in [row.shape, row.volume_shape] {
            let points = words(t, shape, 2, "profiles")?.chunks_exact(2);
            holds(
                points.clone().map(|point| point[0] as i32).is_sorted_by(|before, point| before < point),
                "profiles",
            )?;
            holds(points.clone().all(|point| is_shape_score(point[1] as i32)), "profiles")?;
        }
        words(t, row.enforced, 1, "profiles")?;
        words(t, row.added_preferred, 1, "profiles")?;
        holds(weights_are_small(t.weights_of(row.added_preferred)), "profiles")?;
    }
    Ok(())
}

fn specs(t: &Tables<'_>) -> Result<(), Error> {
    for row in &t.specs[..t.count(Count::Specs) as usize] {
        known(&[row.profile], t.count(Count::Profiles), "specs")?;
        words(t, row.tolerations, 4, "specs")?;
        for terms in [row.selector, row.required, row.preferred] {
            words(t, terms, 1, "specs")?;
        }
        holds(weights_are_small(t.weights_of(row.preferred)), "specs")?;
        holds(row.image_count <= MOST_IMAGES, "specs")?;
        words(t, row.names, 1, "specs")?;
        known(words(t, row.images, 1, "specs")?, t.count(Count::Images), "specs")?;
        known(words(t, row.terms, 1, "specs")?, t.count(Count::Terms), "specs")?;
        for things in [row.ports, row.disks] {
            pairs(t, things, "specs")?;
        }
        for list in [row.spread_hard, row.spread_soft] {
            let constraints = words(t, list, SpreadRow::WORDS as usize, "specs")?;
            for at in 0..constraints.len() as u32 / SpreadRow::WORDS {
                let Some(row) = t.spread(list, at) else { continue };
                below(&[row.selector], t.count(Count::Selectors), "specs")?;
                known(&[row.key], t.count(Count::Keys), "specs")?;
            }
        }
    }
    for list in &t.use_lists[..t.count(Count::UseLists) as usize] {
        pairs(t, *list, "use_lists")?;
    }
    Ok(())
}

/// Pairs of a key of something that pods use, and a tag.
fn pairs(t: &Tables<'_>, list: Range, table: &'static str) -> Result<(), Error> {
    let mut keys = words(t, list, 2, table)?.iter().step_by(2);
    holds(keys.all(|key| *key < t.count(Count::UseKeys)), table)
}
