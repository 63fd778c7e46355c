//! Where GPUs are free, which of them nobody can use because cpu or memory is gone, and what it takes to free a block of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::label_key;
use crate::error::{Error, ErrorKind};
use crate::inventory::NodeRow;
use crate::objects::Pod;
use crate::requests;
use crate::simulate::{Base, SimulationOptions};
use crate::state::Cluster;

/// The sizes of pods that are asked about.
pub const SIZES: [i64; 4] = [1, 2, 4, 8];
/// Labels that name the pool of a node, the first that it has counts.
const POOLS: [&str; 6] = [
    "karpenter.sh/nodepool",
    "cloud.google.com/gke-nodepool",
    "eks.amazonaws.com/nodegroup",
    "kubernetes.azure.com/agentpool",
    "pool",
    "node.kubernetes.io/instance-type",
];
/// So many nodes are tried for a block, those first from which fewest pods move.
const TRIES: usize = 32;

/// What is asked about.
#[derive(Clone, Debug)]
pub struct GpuOptions {
    /// How moves are played.
    pub simulation: SimulationOptions,
    /// Only these resources; all whose name says `gpu` where none are named.
    pub resources: Vec<String>,
    /// The label that names a node's pool; a known one by default.
    pub pool: Option<String>,
    /// What a pod needs beside each GPU, in thousandths of a core; by default the least that a pod of the cluster asks for.
    pub cpu: Option<i64>,
    /// The same of memory, in bytes.
    pub memory: Option<i64>,
}

/// The GPUs of a node, or of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gpus {
    /// The node, or the pool.
    pub name: String,
    /// The pool of a node.
    pub pool: Option<String>,
    /// The resource.
    pub resource: String,
    /// How many nodes.
    pub nodes: usize,
    /// How many GPUs there are.
    pub total: i64,
    /// How many are requested.
    pub used: i64,
    /// How many are not.
    pub free: i64,
    /// How many of these no pod can use, because cpu, memory or room for pods is gone, or the node is cordoned.
    pub stranded: i64,
    /// The most that one pod can have.
    pub largest: i64,
    /// How many pods of 1, 2, 4 and 8 GPUs still fit, each size alone.
    pub fits: [i64; 4],
}

/// The fewest moves that free a block.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Freed {
    /// The resource.
    pub resource: String,
    /// How many GPUs the block has.
    pub size: i64,
    /// The node.
    pub node: String,
    /// The pods that move.
    pub moves: Vec<String>,
}

/// The GPUs of a cluster.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GpuView {
    /// By node, in node order.
    pub nodes: Vec<Gpus>,
    /// By pool.
    pub pools: Vec<Gpus>,
    /// What a pod is taken to need beside each GPU: thousandths of a core, bytes.
    pub beside: BTreeMap<String, (i64, i64)>,
    /// Blocks that no node has free, and that moves can free.
    pub freed: Vec<Freed>,
    /// What a user should know of the input.
    pub warnings: Vec<String>,
}

impl Cluster {
    /// Where GPUs are free, and for whom.
    ///
    /// Costs a look at each node and pod, and a fork for each node that is tried for a block.
    ///
    /// # Errors
    /// Where no node has such a resource, or `progress` says stop.
    pub fn gpus(&self, options: &GpuOptions, progress: &mut dyn FnMut(usize, usize) -> bool) -> Result<GpuView, Error> {
        let base = Base::of(self, options.simulation, progress)?;
        let mut fork = base.cluster().clone();
        let rows = fork.node_rows()?;
        let has = |name: &str| rows.iter().any(|row| row.resources.get(name).is_some_and(|of| of.allocatable > 0));
        let names: BTreeSet<String> = match &options.resources[..] {
            [] => {
                let all = rows.iter().flat_map(|row| row.resources.keys());
                all.filter(|name| name.contains("gpu") && has(name)).cloned().collect()
            }
            some => some.iter().filter(|name| has(name)).cloned().collect(),
        };
        if names.is_empty() {
            let all: BTreeSet<&str> = rows
                .iter()
                .flat_map(|row| row.resources.keys())
                .map(String::as_str)
                .filter(|name| name.contains('/'))
                .collect();
            let have = all.into_iter().collect::<Vec<_>>().join(", ");
            let hint = match have.as_str() {
                "" => "no node has any but cpu, memory and the like".to_owned(),
                have => format!("nodes have {have}; name one with --resource (in Python resources=)"),
            };
            let what = if options.resources.is_empty() { "GPUs".to_owned() } else { options.resources.join(" or ") };
            return Err(Error::new(ErrorKind::NotFound, format!("no node has {what}")).hint(hint));
        }
        let mut view = GpuView {
            nodes: Vec::new(),
            pools: Vec::new(),
            beside: BTreeMap::new(),
            freed: Vec::new(),
            warnings: base.cluster().warnings(),
        };
        for name in &names {
            let (cpu, memory) = least(&fork, name);
            let beside = (options.cpu.unwrap_or(cpu), options.memory.unwrap_or(memory));
            view.beside.insert(name.clone(), beside);
            let mut pools: BTreeMap<String, Gpus> = BTreeMap::new();
            for row in &rows {
                let Some(gpus) = of_node(row, name, beside, options.pool.as_deref()) else { continue };
                let key = gpus.pool.clone().unwrap_or_default();
                let pool = pools.entry(key.clone()).or_insert_with(|| Gpus {
                    name: key,
                    resource: name.clone(),
                    ..Gpus::default()
                });
                pool.nodes += 1;
                pool.total += gpus.total;
                pool.used += gpus.used;
                pool.free += gpus.free;
                pool.stranded += gpus.stranded;
                pool.largest = pool.largest.max(gpus.largest);
                pool.fits.iter_mut().zip(gpus.fits).for_each(|(sum, one)| *sum += one);
                view.nodes.push(gpus);
            }
            view.pools.extend(pools.into_values());
            for size in SIZES.into_iter().skip(1) {
                let of_resource = || view.nodes.iter().filter(|gpus| gpus.resource == *name);
                let is_free = of_resource().any(|gpus| gpus.largest >= size);
                if is_free || !of_resource().any(|gpus| gpus.total >= size) {
                    continue;
                }
                if let Some(freed) = free(&base, &fork, (&rows, &view.nodes), (name, beside), size)? {
                    view.freed.push(freed);
                }
            }
        }
        Ok(view)
    }
}

/// How many of a resource a pod asks for.
fn asked(cluster: &Cluster, pod: &Pod, resource: &str) -> i64 {
    requests::bound(pod, cluster.version()).requested.scalar.get(resource).copied().unwrap_or(0)
}

/// The least of cpu and of memory that a pod with such GPUs asks for beside each.
fn least(cluster: &Cluster, resource: &str) -> (i64, i64) {
    let pods = cluster.store().pods.iter().filter(|entry| !entry.finished());
    let beside = pods.filter_map(|entry| {
        let amounts = requests::bound(&entry.pod, cluster.version()).requested;
        let gpus = amounts.scalar.get(resource).copied().filter(|gpus| *gpus > 0)?;
        Some((amounts.milli_cpu / gpus, amounts.memory / gpus))
    });
    beside.reduce(|a, b| (a.0.min(b.0), a.1.min(b.1))).unwrap_or((0, 0))
}

fn of_node(row: &NodeRow, resource: &str, beside: (i64, i64), pool: Option<&str>) -> Option<Gpus> {
    let of = row.resources.get(resource).filter(|of| of.allocatable > 0)?;
    let free = (of.allocatable - of.requested).max(0);
    let left = |name: &str| row.resources.get(name).map_or(0, |of| (of.allocatable - of.requested).max(0));
    let most = |left: i64, need: i64| if need > 0 { left / need } else { i64::MAX };
    let usable = free.min(most(left("cpu"), beside.0)).min(most(left("memory"), beside.1));
    let usable = if row.is_cordoned || !row.is_ready || left("pods") == 0 { 0 } else { usable };
    let pool = match pool {
        Some(key) => row.labels.get(label_key(key)),
        None => POOLS.iter().find_map(|key| row.labels.get(*key)),
    };
    Some(Gpus {
        name: row.name.clone(),
        pool: pool.cloned(),
        resource: resource.to_owned(),
        nodes: 1,
        total: of.allocatable,
        used: of.requested,
        free,
        stranded: free - usable,
        largest: usable,
        fits: SIZES.map(|size| (usable / size).min(left("pods"))),
    })
}

/// The fewest pods whose moves free a block on some node, all of which find another node.
fn free(
    base: &Base,
    cluster: &Cluster,
    (rows, nodes): (&[NodeRow], &[Gpus]),
    (resource, beside): (&str, (i64, i64)),
    size: i64,
) -> Result<Option<Freed>, Error> {
    let mut candidates: Vec<(Vec<String>, &str)> = Vec::new();
    for gpus in nodes.iter().filter(|gpus| gpus.resource == resource && gpus.total >= size) {
        // Nobody comes to one that is cordoned, or not ready.
        if rows.iter().any(|row| row.name == gpus.name && (row.is_cordoned || !row.is_ready)) {
            continue;
        }
        let pods = cluster.pods_on(&gpus.name);
        let mut pods: Vec<(i64, String)> = pods
            .into_iter()
            .filter_map(|key| {
                let pod = cluster.pod(&key)?;
                let owner = pod.metadata.controller()?;
                let gpus = asked(cluster, pod, resource);
                (gpus > 0 && owner.kind != "DaemonSet").then_some((gpus, key))
            })
            .collect();
        // The largest first: fewest move.
        pods.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let mut free = gpus.free;
        let mut moves = Vec::new();
        for (many, key) in pods {
            if free >= size {
                break;
            }
            free += many;
            moves.push(key);
        }
        if free >= size && !moves.is_empty() {
            candidates.push((moves, &gpus.name));
        }
    }
    candidates.sort_by_key(|(moves, _)| moves.len());
    for (moves, node) in candidates.into_iter().take(TRIES) {
        let mut simulation = base.fork();
        let waiting = simulation.waiting();
        simulation.change_node(node, |node| node.spec.unschedulable = true)?;
        for pod in &moves {
            let (namespace, name) = pod.split_once('/').unwrap_or_default();
            simulation.delete(crate::objects::Kind::Pod, namespace, name)?;
        }
        simulation.run()?;
        let is_whole = simulation.waiting() <= waiting
            && simulation.preempted() == 0
            && simulation.not_made_again(base.cluster()).is_empty();
        simulation.change_node(node, |node| node.spec.unschedulable = false)?;
        let row = simulation.cluster_mut().node_rows()?.into_iter().find(|row| row.name == node);
        let usable = row.and_then(|row| of_node(&row, resource, beside, None)).map_or(0, |gpus| gpus.largest);
        if is_whole && usable >= size {
            return Ok(Some(Freed { resource: resource.to_owned(), size, node: node.to_owned(), moves }));
        }
    }
    Ok(None)
}
