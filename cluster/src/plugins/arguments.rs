//! Arguments of plugins as a configuration gives them, and what several plugins have in common.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::config::{Plugin, ShapePoint, Warning, raw, wrong};
use crate::error::Error;
use crate::version::Version;

/// The group and version of a scheduler's configuration.
pub(crate) const API_VERSION: &str = "kubescheduler.config.k8s.io/v1";

/// A score of 10 in a configuration is the scheduler's 100.
const SCORE_SCALE: i64 = 10;

/// What a profile's `pluginConfig` says of a plugin.
pub(crate) struct Arguments<'a> {
    pub(crate) plugin: Plugin,
    pub(crate) args: Option<BTreeMap<String, Value>>,
    pub(crate) version: Version,
    /// The field in which they stand.
    pub(crate) path: &'a str,
    pub(crate) warnings: &'a mut Vec<Warning>,
}

impl Arguments<'_> {
    /// The arguments as the plugin's own fields.
    ///
    /// # Errors
    /// Fields that it does not have, and another `apiVersion` or `kind`.
    pub(super) fn typed<T: for<'de> Deserialize<'de>>(&self) -> Result<T, Error> {
        let (plugin, path) = (self.plugin, self.path);
        let mut args = self.args.clone().unwrap_or_default();
        for (field, legal) in [("apiVersion", API_VERSION.to_owned()), ("kind", format!("{plugin}Args"))] {
            if let Some(value) = args.remove(field).filter(|value| *value != legal) {
                return Err(wrong(format!("{path}.{field}"), format!("{value} is not `{legal}`")));
            }
        }
        raw::read(Value::Object(args.into_iter().collect()), path)
    }
}

/// Resources with their weights; 0 is 1.
pub(super) fn weighted(resources: Vec<raw::ResourceSpec>) -> Vec<(String, i64)> {
    resources.into_iter().map(|r| (r.name, if r.weight == 0 { 1 } else { r.weight })).collect()
}

/// The points of a shape, of rising utilization.
pub(super) fn shape(points: &[raw::UtilizationShapePoint], path: &str) -> Result<Vec<ShapePoint>, Error> {
    if points.is_empty() {
        return Err(wrong(path, "at least one point is required"));
    }
    for (i, point) in points.iter().enumerate() {
        let out_of_range = |field: &str, value, most| {
            Err(wrong(format!("{path}[{i}].{field}"), format!("{value} is not in 0 to {most}")))
        };
        if !(0..=100).contains(&point.utilization) {
            return out_of_range("utilization", point.utilization, 100);
        }
        if !(0..=10).contains(&point.score) {
            return out_of_range("score", point.score, 10);
        }
        if i > 0 && points[i - 1].utilization >= point.utilization {
            let reason = format!("{} is not above that of the point before", point.utilization);
            return Err(wrong(format!("{path}[{i}].utilization"), reason));
        }
    }
    let scaled = |point: &raw::UtilizationShapePoint| ShapePoint {
        utilization: point.utilization.into(),
        score: i64::from(point.score) * SCORE_SCALE,
    };
    Ok(points.iter().map(scaled).collect())
}
