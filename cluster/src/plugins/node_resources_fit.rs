//! NodeResourcesFit: whether requests fit, and how full they make the node.

use bayplan_core::NodeId;
use bayplan_core::plugins::node_resources_fit::{INSUFFICIENT, TOO_MANY_PODS};

use super::arguments::{shape, weighted};
use super::details::Details;
use super::{Arguments, Entry, Text, filters, scores};
use crate::config::{Args, FitArgs, Point, Strategy, raw, wrong};
use crate::error::Error;
use crate::labels::is_qualified_name;
use crate::requests;
use crate::requests::{CPU, MEMORY};
use crate::version::Version;

pub(crate) const PLUGIN: Entry = Entry {
    points: |point, _| filters(point) || scores(point) || point == Point::PlacementScore,
    by_default: |_| Some(Some(1)),
    configure: Some(configure),
    texts: &[
        (TOO_MANY_PODS, Text::Is("Too many pods")),
        (INSUFFICIENT, Text::OfResource(|resource| format!("Insufficient {resource}"))),
    ],
    details: Some(details),
    ..Entry::NONE
};

fn configure(args: &mut Args, given: Arguments<'_>) -> Result<(), Error> {
    args.fit = fit(given.typed()?, given.version, given.path)?;
    Ok(())
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

/// What the pod asks for of a resource, and by node row what there is and what is requested.
pub(crate) struct Amounts {
    name: String,
    asked: i64,
    of_nodes: Vec<(i64, i64)>,
}

/// The resources of which too little is left: in milli-CPU, bytes and counts.
fn details(of: &mut Details<'_>) -> Result<Vec<String>, Error> {
    if of.index.amounts.get().is_none() {
        _ = of.index.amounts.set(amounts(of)?);
    }
    let short = of.index.amounts.get().into_iter().flatten().filter_map(|Amounts { name, asked, of_nodes }| {
        let (all, used) = of_nodes.get(of.id.at()).copied()?;
        let show = |value: i64| if name == "cpu" { format!("{value}m") } else { value.to_string() };
        (*asked > all.wrapping_sub(used))
            .then(|| format!("{name}: {} asked for, {} of {} taken", show(*asked), show(used), show(all)))
    });
    Ok(short.collect())
}

/// The amounts of all nodes, in one go.
fn amounts(of: &mut Details<'_>) -> Result<Vec<Amounts>, Error> {
    let asked = requests::pending(of.pod);
    let mut named =
        vec![("cpu", asked.milli_cpu), ("memory", asked.memory), ("ephemeral-storage", asked.ephemeral_storage)];
    named.extend(asked.scalar.iter().map(|(name, amount)| (name.as_str(), *amount)));
    named.push(("pods", 1));
    let mut out = Vec::new();
    for (name, asked) in named.into_iter().filter(|(_, amount)| *amount > 0) {
        let resource = of.cluster.resource(name)?;
        let of_nodes = of.cluster.read(|t| {
            let nodes = 0..t.node_rows() as u32;
            // A removed node has nothing of anything.
            Ok(nodes.map(|node| t.amounts(NodeId(node), resource).unwrap_or_default()).collect())
        })?;
        out.push(Amounts { name: name.to_owned(), asked, of_nodes });
    }
    Ok(out)
}
