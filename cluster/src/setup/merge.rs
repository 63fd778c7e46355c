//! Which plugins run at which point: the defaults of the version, changed by what a profile enables and disables.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::config::raw::{self, EnabledPlugin, PluginSet};
use crate::config::{MULTI_POINT, Named, Plugin, Point, Warning, wrong};
use crate::custom::CustomPlugin;
use crate::error::Error;
use crate::version::Version;

/// The plugins of a profile, in the order in which they run.
pub(super) struct Enabled {
    points: Vec<(Point, Vec<Plugin>)>,
    weights: BTreeMap<Plugin, i64>,
    /// The caller's own that are enabled.
    pub(super) named: Vec<Named>,
}

/// A plugin and its weight, 0 where none is given.
type Entry = (Plugin, i32);

impl Enabled {
    /// Merges the defaults with a profile's `plugins`, which stand in the field `path`.
    pub(super) fn new(
        mut plugins: BTreeMap<String, Value>,
        version: Version,
        own: &[CustomPlugin],
        path: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Error> {
        let mut named: Vec<Named> = Vec::new();
        let mut take = |field: &str| -> Result<PluginSet, Error> {
            let set = plugins.remove(field).filter(|set| !set.is_null());
            let mut set: PluginSet =
                set.map_or_else(|| Ok(PluginSet::default()), |set| raw::read(set, &format!("{path}.{field}")))?;
            let is_own = |entry: &EnabledPlugin| own.iter().any(|plugin| plugin.name() == entry.name);
            for entry in set.enabled.iter().filter(|entry| is_own(entry)) {
                if let Some(weight) = entry.weight.filter(|weight| *weight < 0) {
                    return Err(wrong(format!("{path}.{field}.enabled"), format!("{weight} is negative")));
                }
                if named
                    .iter()
                    .any(|other| other.point == field && other.plugin == entry.name && other.weight.is_some())
                {
                    return Err(wrong(format!("{path}.{field}"), format!("{} is enabled twice", entry.name)));
                }
                let plugin = own.iter().find(|plugin| plugin.name() == entry.name);
                let implements = match field {
                    "filter" => plugin.is_some_and(CustomPlugin::is_filter),
                    "score" => plugin.is_some_and(|plugin| plugin.weight().is_some()),
                    other => other == MULTI_POINT,
                };
                if !implements {
                    return Err(wrong(format!("{path}.{field}"), format!("{} is no {field} plugin", entry.name)));
                }
                let weight = Some(i64::from(entry.weight.unwrap_or(0)));
                named.push(Named { plugin: entry.name.clone(), point: field.to_owned(), weight });
            }
            for entry in set.disabled.iter().filter(|entry| is_own(entry) || entry.name == "*" && !own.is_empty()) {
                named.push(Named { plugin: entry.name.clone(), point: field.to_owned(), weight: None });
            }
            set.enabled.retain(|entry| !is_own(entry));
            Ok(set)
        };
        let multi_point = multi_point(&take(MULTI_POINT)?, version, &format!("{path}.{MULTI_POINT}"), warnings)?;
        let mut points = Vec::new();
        let mut score_weights = Vec::new();
        for point in Point::ALL.into_iter().filter(|point| version >= point.since()) {
            let set = take(point.field())?;
            let path = format!("{path}.{}", point.field());
            let own = entries(&set.enabled, version, &path, warnings)?;
            let names = at_point(point, &own, &set.disabled, &multi_point, version, &path)?;
            if point == Point::Score {
                score_weights = own;
            }
            points.push((point, names));
        }
        if let Some(field) = plugins.keys().next() {
            return Err(wrong(format!("{path}.{field}"), format!("is not an extension point of {version}")));
        }
        // The weight that the point itself gives counts before the one that multiPoint gives; 0 is 1.
        let mut weights = BTreeMap::new();
        for (plugin, weight) in score_weights.into_iter().chain(multi_point) {
            weights.entry(plugin).or_insert(if weight == 0 { 1 } else { i64::from(weight) });
        }
        let enabled = Enabled { points, weights, named };
        enabled.check(version, path)?;
        Ok(enabled)
    }

    /// The plugins that run at the point, in order.
    pub(super) fn at(&self, point: Point) -> &[Plugin] {
        self.points.iter().find(|(p, _)| *p == point).map_or(&[], |(_, plugins)| plugins)
    }

    /// The weight of a score.
    pub(super) fn weight(&self, plugin: Plugin) -> i64 {
        self.weights.get(&plugin).copied().unwrap_or(1)
    }

    fn check(&self, version: Version, path: &str) -> Result<(), Error> {
        if self.at(Point::QueueSort).is_empty() {
            return Err(wrong(format!("{path}.queueSort"), "needs one plugin: PrioritySort"));
        }
        if self.at(Point::Bind).is_empty() {
            return Err(wrong(format!("{path}.bind"), "needs one plugin: DefaultBinder"));
        }
        // A filter without its preparation (or the other way round) does not do what it is named for, and neither does a
        // score. Where the preparation is nothing, it may be on or off.
        for (before, after, is_needed_alone) in
            [(Point::PreFilter, Point::Filter, true), (Point::PreScore, Point::Score, false)]
        {
            for plugin in Plugin::ALL.iter().copied() {
                let is_idle_before =
                    plugin.is_idle(version) || before == Point::PreFilter && plugin.is_pre_filter_optional();
                let is_prepared = plugin.implements(before, version) && !is_idle_before;
                let (has_before, has_after) = (self.at(before).contains(&plugin), self.at(after).contains(&plugin));
                if is_prepared && has_before != has_after && (has_after || is_needed_alone) {
                    let (with, without) = if has_after { (after, before) } else { (before, after) };
                    let reason =
                        format!("{plugin} stands at {} but not here; both or neither is supported", with.field());
                    return Err(wrong(format!("{path}.{}", without.field()), reason));
                }
            }
        }
        Ok(())
    }
}

/// The multiPoint list: the defaults, those that the profile names replaced in place, the profile's others after them.
fn multi_point(
    set: &PluginSet,
    version: Version,
    path: &str,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Entry>, Error> {
    let own = entries(&set.enabled, version, path, warnings)?;
    let mut is_placed = vec![false; own.len()];
    let mut merged = Vec::new();
    if !is_disabled(&set.disabled, "*") {
        for (plugin, weight) in Plugin::defaults(version) {
            if is_disabled(&set.disabled, plugin.name()) {
                continue;
            }
            match own.iter().rposition(|(p, _)| *p == plugin) {
                Some(i) => {
                    is_placed[i] = true;
                    merged.push(own[i]);
                }
                None => merged.push((plugin, weight.unwrap_or(0))),
            }
        }
    }
    merged.extend(own.into_iter().zip(is_placed).filter(|(_, is_placed)| !is_placed).map(|(entry, _)| entry));
    for (i, (plugin, _)) in merged.iter().enumerate() {
        if merged[..i].iter().any(|(p, _)| p == plugin) {
            return Err(twice(*plugin, path));
        }
    }
    Ok(merged)
}

/// What runs at one point: first what the point's own list has of multiPoint's, in the own list's order, then the rest of
/// multiPoint, then the rest of the own list.
fn at_point(
    point: Point,
    own: &[Entry],
    disabled: &[EnabledPlugin],
    multi_point: &[Entry],
    version: Version,
    path: &str,
) -> Result<Vec<Plugin>, Error> {
    for (i, (plugin, _)) in own.iter().enumerate() {
        if !plugin.implements(point, version) {
            let reason = format!("{plugin} is no {} plugin in {version}", point.field());
            return Err(wrong(format!("{path}.enabled[{i}].name"), reason));
        }
        if own[..i].iter().any(|(p, _)| p == plugin) {
            return Err(twice(*plugin, path));
        }
    }
    let own: Vec<Plugin> = own.iter().map(|(plugin, _)| *plugin).collect();
    if is_disabled(disabled, "*") {
        return Ok(own);
    }
    let expanded: Vec<Plugin> = multi_point
        .iter()
        .map(|(plugin, _)| *plugin)
        .filter(|plugin| plugin.implements(point, version) && !is_disabled(disabled, plugin.name()))
        .collect();
    let (overriding, rest): (Vec<_>, Vec<_>) = own.iter().partition(|plugin| expanded.contains(plugin));
    let others = expanded.into_iter().filter(|plugin| !own.contains(plugin));
    Ok(overriding.into_iter().chain(others).chain(rest).collect())
}

fn entries(
    enabled: &[EnabledPlugin],
    version: Version,
    path: &str,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Entry>, Error> {
    let list = format!("{path}.enabled");
    let mut entries = Vec::with_capacity(enabled.len());
    for (i, entry) in enabled.iter().enumerate() {
        let path = format!("{list}[{i}].name");
        let plugin = entry.name.parse::<Plugin>().ok().filter(|plugin| plugin.is_in(version)).ok_or_else(|| {
            let reason =
                format!("`{}` is not one of the plugins of kube-scheduler {version}; others can't be run", entry.name);
            wrong(path.clone(), reason)
        })?;
        if plugin.is_idle(version) {
            warnings.push(Warning::new(
                &path,
                format!("{plugin} does nothing: its feature gate is off by default in {version}"),
            ));
        }
        if let Some(weight) = entry.weight.filter(|weight| *weight < 0) {
            return Err(wrong(format!("{list}[{i}].weight"), format!("{weight} is negative")));
        }
        entries.push((plugin, entry.weight.unwrap_or(0)));
    }
    Ok(entries)
}

fn is_disabled(disabled: &[EnabledPlugin], name: &str) -> bool {
    disabled.iter().any(|entry| entry.name == name)
}

fn twice(plugin: Plugin, path: &str) -> Error {
    wrong(path, format!("{plugin} is enabled twice"))
}
