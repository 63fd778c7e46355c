//! The arguments of plugins: defaults, and what kube-scheduler rejects.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::plugin::Plugin;
use super::raw;
use super::wrong;
use super::{Args, BalancedArgs, FitArgs, InterPodArgs, NodeAffinityArgs, ShapePoint, SpreadArgs, Strategy, Warning};
use crate::error::Error;
use crate::labels::{self, is_qualified_name};
use crate::objects::TopologySpreadConstraint;
use crate::requests::{CPU, MEMORY};
use crate::version::Version;

pub(super) const API_VERSION: &str = "kubescheduler.config.k8s.io/v1";

/// A score of 10 in a configuration is the scheduler's 100.
const SCORE_SCALE: i64 = 10;

impl Args {
    /// What holds where nothing is configured.
    pub(super) fn defaults(version: Version) -> Self {
        let core = || vec![(CPU.to_owned(), 1), (MEMORY.to_owned(), 1)];
        let spread = |key: &str, max_skew| TopologySpreadConstraint {
            max_skew,
            topology_key: key.to_owned(),
            when_unsatisfiable: "ScheduleAnyway".to_owned(),
            ..Default::default()
        };
        Args {
            fit: FitArgs {
                ignored_resources: Vec::new(),
                ignored_groups: Vec::new(),
                strategy: Strategy::LeastAllocated,
                resources: core(),
            },
            balanced: BalancedArgs { resources: core().into_iter().map(|(name, _)| name).collect() },
            interpod: InterPodArgs { hard_pod_affinity_weight: 1, ignore_preferred_terms_of_existing_pods: false },
            spread: SpreadArgs {
                is_system: true,
                constraints: vec![spread("kubernetes.io/hostname", 3), spread("topology.kubernetes.io/zone", 5)],
            },
            node_affinity: NodeAffinityArgs::default(),
            volume_shape: (version >= Version::V1_37)
                .then(|| vec![ShapePoint { utilization: 0, score: 100 }, ShapePoint { utilization: 100, score: 0 }]),
        }
    }

    /// Takes over the arguments of one plugin, which stand in the field `path`.
    pub(super) fn configure(
        &mut self,
        plugin: Plugin,
        args: Option<BTreeMap<String, Value>>,
        version: Version,
        path: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        match plugin {
            Plugin::NodeResourcesFit => self.fit = fit(typed(plugin, args, path)?, version, path)?,
            Plugin::NodeResourcesBalancedAllocation => self.balanced = balanced(typed(plugin, args, path)?, path)?,
            Plugin::InterPodAffinity => self.interpod = interpod(&typed(plugin, args, path)?, path)?,
            Plugin::PodTopologySpread => {
                if let Some(listed) = spread(typed(plugin, args, path)?, path)? {
                    self.spread = listed;
                }
            }
            Plugin::NodeAffinity => self.node_affinity = node_affinity(typed(plugin, args, path)?, path)?,
            Plugin::VolumeBinding => {
                if let Some(shape) = volume_binding(typed(plugin, args, path)?, version, path)? {
                    self.volume_shape = Some(shape);
                }
            }
            Plugin::DefaultPreemption => preemption(&typed(plugin, args, path)?, path, warnings)?,
            Plugin::DynamicResources => {
                let _: raw::DynamicResourcesArgs = typed(plugin, args, path)?;
            }
            _ => warnings.push(Warning::new(path, format!("{plugin} takes no arguments; these decide nothing"))),
        }
        Ok(())
    }
}

fn typed<T: for<'de> Deserialize<'de>>(
    plugin: Plugin,
    args: Option<BTreeMap<String, Value>>,
    path: &str,
) -> Result<T, Error> {
    let mut args = args.unwrap_or_default();
    for (field, legal) in [("apiVersion", API_VERSION.to_owned()), ("kind", format!("{plugin}Args"))] {
        if let Some(value) = args.remove(field).filter(|value| *value != legal) {
            return Err(wrong(format!("{path}.{field}"), format!("{value} is not `{legal}`")));
        }
    }
    raw::read(Value::Object(args.into_iter().collect()), path)
}

fn fit(raw: raw::NodeResourcesFitArgs, version: Version, path: &str) -> Result<FitArgs, Error> {
    for (i, name) in raw.ignored_resources.iter().enumerate() {
        if !is_qualified_name(name) {
            return Err(wrong(format!("{path}.ignoredResources[{i}]"), format!("`{name}` is not a resource name")));
        }
    }
    for (i, group) in raw.ignored_resource_groups.iter().enumerate() {
        if group.contains('/') || !is_qualified_name(group) {
            let reason = format!("`{group}` is not the part of a resource name before the `/`");
            return Err(wrong(format!("{path}.ignoredResourceGroups[{i}]"), reason));
        }
    }
    let raw_strategy = raw
        .scoring_strategy
        .unwrap_or_else(|| raw::ScoringStrategy { kind: "LeastAllocated".to_owned(), ..Default::default() });
    let path = format!("{path}.scoringStrategy");
    let ratio_path = format!("{path}.requestedToCapacityRatio");
    let shape = raw_strategy
        .requested_to_capacity_ratio
        .map(|ratio| shape(&ratio.shape, &format!("{ratio_path}.shape")))
        .transpose()?;
    let strategy = match (raw_strategy.kind.as_str(), shape) {
        ("RequestedToCapacityRatio", Some(shape)) => Strategy::RequestedToCapacityRatio { shape },
        ("RequestedToCapacityRatio", None) => {
            return Err(wrong(ratio_path, "is required by the type RequestedToCapacityRatio"));
        }
        // Up to 1.35 a shape that the type does not use is only checked.
        (_, Some(_)) if version >= Version::V1_36 => {
            return Err(wrong(ratio_path, "is only legal with the type RequestedToCapacityRatio"));
        }
        ("LeastAllocated", _) => Strategy::LeastAllocated,
        ("MostAllocated", _) => Strategy::MostAllocated,
        (other, _) => {
            let reason = format!("`{other}` is not one of LeastAllocated, MostAllocated, RequestedToCapacityRatio");
            return Err(wrong(format!("{path}.type"), reason));
        }
    };
    let mut resources = weighted(raw_strategy.resources);
    if resources.is_empty() {
        resources = vec![(CPU.to_owned(), 1), (MEMORY.to_owned(), 1)];
    }
    for (i, (name, weight)) in resources.iter().enumerate() {
        if !(1..=100).contains(weight) {
            let reason = format!("the weight {weight} of {name} is not in 1 to 100");
            return Err(wrong(format!("{path}.resources[{i}].weight"), reason));
        }
    }
    Ok(FitArgs {
        ignored_resources: raw.ignored_resources,
        ignored_groups: raw.ignored_resource_groups,
        strategy,
        resources,
    })
}

fn balanced(raw: raw::NodeResourcesBalancedAllocationArgs, path: &str) -> Result<BalancedArgs, Error> {
    let mut resources = Vec::new();
    for (i, (name, weight)) in weighted(raw.resources).into_iter().enumerate() {
        let path = format!("{path}.resources[{i}]");
        if weight != 1 {
            return Err(wrong(format!("{path}.weight"), format!("the weight {weight} of {name} must be 1")));
        }
        if resources.contains(&name) {
            return Err(wrong(format!("{path}.name"), format!("`{name}` stands here twice")));
        }
        resources.push(name);
    }
    if resources.is_empty() {
        resources = vec![CPU.to_owned(), MEMORY.to_owned()];
    }
    Ok(BalancedArgs { resources })
}

fn weighted(resources: Vec<raw::ResourceSpec>) -> Vec<(String, i64)> {
    resources.into_iter().map(|r| (r.name, if r.weight == 0 { 1 } else { r.weight })).collect()
}

fn shape(points: &[raw::UtilizationShapePoint], path: &str) -> Result<Vec<ShapePoint>, Error> {
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

fn interpod(raw: &raw::InterPodAffinityArgs, path: &str) -> Result<InterPodArgs, Error> {
    let weight = raw.hard_pod_affinity_weight.unwrap_or(1);
    if !(0..=100).contains(&weight) {
        return Err(wrong(format!("{path}.hardPodAffinityWeight"), format!("{weight} is not in 0 to 100")));
    }
    Ok(InterPodArgs {
        hard_pod_affinity_weight: weight,
        ignore_preferred_terms_of_existing_pods: raw.ignore_preferred_terms_of_existing_pods,
    })
}

/// The listed constraints; `None` leaves the system's.
fn spread(raw: raw::PodTopologySpreadArgs, path: &str) -> Result<Option<SpreadArgs>, Error> {
    let type_path = format!("{path}.defaultingType");
    match raw.defaulting_type.as_str() {
        "" | "System" if raw.default_constraints.is_empty() => return Ok(None),
        "" | "System" => {
            return Err(wrong(type_path, "must be List where defaultConstraints are given"));
        }
        "List" => {}
        other => return Err(wrong(type_path, format!("`{other}` is not one of System, List"))),
    }
    for (i, constraint) in raw.default_constraints.iter().enumerate() {
        let path = format!("{path}.defaultConstraints[{i}]");
        let TopologySpreadConstraint { max_skew, topology_key, when_unsatisfiable, label_selector, .. } = constraint;
        let reject = |field: &str, reason: String| Err(wrong(format!("{path}.{field}"), reason));
        if *max_skew <= 0 {
            return reject("maxSkew", format!("{max_skew} is not above 0"));
        }
        if !is_qualified_name(topology_key) {
            return reject("topologyKey", format!("`{topology_key}` is not a label key"));
        }
        if !matches!(when_unsatisfiable.as_str(), "DoNotSchedule" | "ScheduleAnyway") {
            let reason = format!("`{when_unsatisfiable}` is not one of DoNotSchedule, ScheduleAnyway");
            return reject("whenUnsatisfiable", reason);
        }
        if label_selector.is_some() {
            return reject("labelSelector", "is not legal here: it is deduced for each pod".to_owned());
        }
        let is_same = |other: &TopologySpreadConstraint| {
            other.topology_key == *topology_key && other.when_unsatisfiable == *when_unsatisfiable
        };
        if raw.default_constraints[..i].iter().any(is_same) {
            return Err(wrong(path, format!("{topology_key} with {when_unsatisfiable} stands here twice")));
        }
    }
    Ok(Some(SpreadArgs { is_system: false, constraints: raw.default_constraints }))
}

fn node_affinity(raw: raw::NodeAffinityArgs, path: &str) -> Result<NodeAffinityArgs, Error> {
    let Some(added) = raw.added_affinity else { return Ok(NodeAffinityArgs::default()) };
    let path = format!("{path}.addedAffinity");
    let required_path = format!("{path}.requiredDuringSchedulingIgnoredDuringExecution");
    let preferred_path = format!("{path}.preferredDuringSchedulingIgnoredDuringExecution");
    let required = added.required.as_ref().map(|r| labels::NodeSelector::strict(r, &required_path)).transpose();
    let required = required.map_err(|error| wrong(error.field(), error.problem()))?;
    let preferred = match added.preferred.as_slice() {
        [] => None,
        terms => {
            let terms = labels::preferred_terms(terms, &preferred_path);
            Some(terms.map_err(|error| wrong(error.field(), error.problem()))?)
        }
    };
    Ok(NodeAffinityArgs { required, preferred })
}

/// The shape; `None` leaves the default.
fn volume_binding(raw: raw::VolumeBindingArgs, version: Version, path: &str) -> Result<Option<Vec<ShapePoint>>, Error> {
    if let Some(seconds) = raw.bind_timeout_seconds.filter(|seconds| *seconds < 0) {
        return Err(wrong(format!("{path}.bindTimeoutSeconds"), format!("{seconds} is negative")));
    }
    let path = format!("{path}.shape");
    match raw.shape {
        None => Ok(None),
        Some(points) if version >= Version::V1_37 => {
            if points.is_empty() {
                Ok(None)
            } else {
                shape(&points, &path).map(Some)
            }
        }
        Some(_) => Err(wrong(path, "is only legal from 1.37 on")),
    }
}

fn preemption(raw: &raw::DefaultPreemptionArgs, path: &str, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    let percentage = raw.min_candidate_nodes_percentage.unwrap_or(10);
    let absolute = raw.min_candidate_nodes_absolute.unwrap_or(100);
    let percentage_path = format!("{path}.minCandidateNodesPercentage");
    if !(0..=100).contains(&percentage) {
        return Err(wrong(percentage_path, format!("{percentage} is not in 0 to 100")));
    }
    if absolute < 0 {
        return Err(wrong(format!("{path}.minCandidateNodesAbsolute"), format!("{absolute} is negative")));
    }
    if percentage == 0 && absolute == 0 {
        return Err(wrong(percentage_path, "must not be 0 together with minCandidateNodesAbsolute"));
    }
    if percentage < 100 {
        warnings.push(Warning::new(path, "is not honoured: preemption looks at every node, as at a percentage of 100"));
    }
    Ok(())
}
