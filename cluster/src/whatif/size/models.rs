//! What can be bought, as nodes: a shape in a zone, with the pods of DaemonSets that come along.

use std::collections::{BTreeSet, HashSet};

use super::shape::TYPE_LABELS;
use super::{Shape, SizeOptions};
use crate::change::label_key;
use crate::error::{Error, ErrorKind};
use crate::objects::{Kind, Node, Object, Pod, Provenance};
use crate::plan::node_of;
use crate::state::Cluster;

const ARCH: &str = "kubernetes.io/arch";
const AMD64: &str = "amd64";

/// A shape in a zone, as a node.
#[derive(Clone)]
pub(super) struct Model {
    /// The place of the shape in the catalogue.
    pub(super) shape: usize,
    /// The place of the zone in the load's list.
    pub(super) zone: usize,
    pub(super) price: f64,
    /// What the names of such nodes begin with.
    pub(super) stem: String,
    pub(super) node: Node,
    /// The pods of DaemonSets that come with it.
    pub(super) daemons: Vec<Pod>,
    /// Not all of them find room.
    pub(super) is_too_small: bool,
}

/// The zones that nodes are bought in: those that were asked for, or those that the catalogue names, or those of the cluster's nodes; one
/// without a name where there are none.
pub(super) fn zones_of(cluster: &Cluster, options: &SizeOptions) -> Vec<Option<String>> {
    let of_nodes = || -> BTreeSet<String> {
        let nodes = cluster.objects(Kind::Node);
        nodes.filter_map(|node| node.metadata().labels.get(label_key("zone")).cloned()).collect()
    };
    let of_shapes: BTreeSet<String> = options.shapes.iter().flat_map(|shape| shape.zones.iter().cloned()).collect();
    let mut asked: Vec<String> = Vec::new();
    for zone in options.zones.iter().map(|zone| zone.trim()).filter(|zone| !zone.is_empty()) {
        if !asked.iter().any(|other| other == zone) {
            asked.push(zone.to_owned());
        }
    }
    let zones: Vec<String> = if !asked.is_empty() {
        asked
    } else if !of_shapes.is_empty() {
        of_shapes.into_iter().collect()
    } else {
        of_nodes().into_iter().collect()
    };
    if zones.is_empty() { vec![None] } else { zones.into_iter().map(Some).collect() }
}

/// The architectures that are bought.
pub(super) fn arch_of(cluster: &Cluster, options: &SizeOptions) -> BTreeSet<String> {
    if !options.arch.is_empty() {
        return options.arch.iter().cloned().collect();
    }
    let nodes = cluster.objects(Kind::Node);
    let arch: BTreeSet<String> = nodes.filter_map(|node| node.metadata().labels.get(ARCH).cloned()).collect();
    if arch.is_empty() { [AMD64.to_owned()].into() } else { arch }
}

/// The place of a node's zone; the first where it has none of these.
pub(super) fn zone_of(zone: Option<&str>, zones: &[Option<String>]) -> usize {
    zones.iter().position(|one| one.as_deref() == zone).unwrap_or(0)
}

/// A node of each shape in each zone where it is sold. Shapes that another one beats in all are left out.
pub(super) fn models(
    cluster: &Cluster,
    options: &SizeOptions,
    zones: &[Option<String>],
    arch: &BTreeSet<String>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Model>, Error> {
    let chooses_types = names_types(cluster);
    let mut kept: Vec<usize> =
        (0..options.shapes.len()).filter(|at| arch.contains(&options.shapes[*at].arch)).collect();
    let others = options.shapes.len() - kept.len();
    if others > 0 {
        let of = arch.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let shapes = match others {
            1 => "1 shape is left out that is".to_owned(),
            others => format!("{others} shapes are left out that are"),
        };
        warnings.push(format!("{shapes} not {of}: name what images are made for with --arch (in Python arch=)"));
    }
    if !chooses_types {
        let among = kept.clone();
        let is_beaten = |at: usize| {
            among.iter().any(|other| *other != at && beats(&options.shapes[*other], &options.shapes[at], *other < at))
        };
        kept.retain(|at| !is_beaten(*at));
    }
    let mut models = Vec::new();
    let mut stems = HashSet::new();
    for at in kept {
        let shape = &options.shapes[at];
        for (zone, name) in zones.iter().enumerate() {
            if let Some(name) = name
                && !shape.zones.is_empty()
                && !shape.zones.contains(name)
            {
                continue;
            }
            let mut add = shape.nodes(1, name.as_deref());
            for (key, value) in &options.labels {
                add.labels.insert(key.clone(), value.clone());
            }
            let mut stem = add.name.clone().unwrap_or_default();
            while cluster.object(Kind::Node, "", &format!("{stem}-1")).is_some() || !stems.insert(stem.clone()) {
                stem.push_str("-x");
            }
            let (mut node, _) = add.made(cluster).map_err(|error| error.in_object(format!("shape {}", shape.name)))?;
            node.metadata.name = format!("{stem}-1");
            models.push(Model {
                shape: at,
                zone,
                price: shape.price,
                stem,
                node,
                daemons: Vec::new(),
                is_too_small: false,
            });
        }
    }
    if models.is_empty() {
        let zones: Vec<&str> = zones.iter().flatten().map(String::as_str).collect();
        let places = if zones.is_empty() { String::new() } else { format!(" in {}", zones.join(", ")) };
        let arch = arch.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(Error::new(ErrorKind::Input, format!("the catalogue has no shape of {arch}{places}")));
    }
    Ok(models)
}

/// Is a shape at least as good as another one in all, for pods that do not ask what it is called? Of two equal ones the first is.
fn beats(shape: &Shape, other: &Shape, is_first: bool) -> bool {
    let is_alike = (&shape.arch, &shape.zones, &shape.labels, &shape.taints)
        == (&other.arch, &other.zones, &other.labels, &other.taints);
    if !is_alike || shape.price > other.price {
        return false;
    }
    let (has, other_has) = (shape.allocatable(), other.allocatable());
    let enough = |(name, amount): (&String, _)| has.get(name).is_some_and(|has| has >= amount);
    other_has.iter().all(enough) && (shape.price < other.price || has != other_has || is_first)
}

/// Does a pod or a DaemonSet choose nodes by the name of their type? Then no shape is as good as another.
fn names_types(cluster: &Cluster) -> bool {
    let mut specs = cluster.store().pods.iter().map(|entry| &entry.pod.spec).collect::<Vec<_>>();
    let sets: Vec<_> = cluster.objects(Kind::DaemonSet).collect();
    specs.extend(sets.iter().filter_map(|set| match set {
        Object::DaemonSet(set) => Some(&set.spec.template.spec),
        _ => None,
    }));
    specs.iter().any(|spec| {
        let required = spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref()?.required.as_ref());
        let mut by_affinity = required
            .into_iter()
            .flat_map(|required| &required.node_selector_terms)
            .flat_map(|term| &term.match_expressions)
            .map(|expression| expression.key.as_str());
        TYPE_LABELS.iter().any(|key| spec.node_selector.contains_key(*key))
            || by_affinity.any(|key| TYPE_LABELS.contains(&key))
    })
}

/// Puts one node of each model into a cluster, with its daemon pods; the names of the nodes.
pub(super) fn put_in(
    probe: &mut Cluster,
    models: &mut [Model],
    warnings: &mut Vec<String>,
    progress: &mut dyn FnMut() -> bool,
) -> Result<Vec<String>, Error> {
    // As nodes that no server has seen: these lack the pods of DaemonSets.
    let nodes = models.iter().map(|model| {
        let mut node = model.node.clone();
        node.metadata.provenance = Provenance::default();
        Object::from(node)
    });
    probe.load(nodes.collect::<Vec<_>>())?;
    let before: HashSet<String> = probe.pending().into_iter().collect();
    let (mut said, mut refused) = (Vec::new(), Vec::new());
    probe.place_daemons(&[], &mut said, &mut refused, &mut |_, _| progress())?;
    let mut homeless: HashSet<String> = HashSet::new();
    for key in probe.pending().into_iter().filter(|key| !before.contains(key)) {
        homeless.extend(probe.pod(&key).and_then(node_of).map(str::to_owned));
        probe.evict(&key)?;
    }
    // What is refused, and not for want of room.
    warnings.extend(refused.into_iter().filter(|text| !text.contains(", of a DaemonSet, finds no room: ")));
    let mut small = BTreeSet::new();
    let mut names = Vec::new();
    for model in models.iter_mut() {
        let name = model.node.metadata.name.clone();
        let on = probe.pods_on(&name);
        model.daemons = on.iter().filter_map(|key| probe.pod(key).cloned()).collect();
        if homeless.contains(&name) {
            model.is_too_small = true;
            small.insert(model.node.metadata.labels.get(TYPE_LABELS[0]).cloned().unwrap_or_default());
        }
        names.push(name);
    }
    if let Some(first) = small.first() {
        warnings.push(match small.len() {
            1 => format!("{first} is too small for the pods of the DaemonSets, and is left out"),
            count => format!(
                "{count} shapes are too small for the pods of the DaemonSets, and are left out (first: {first})"
            ),
        });
    }
    Ok(names)
}
