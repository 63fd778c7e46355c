//! What to buy: the cheapest mix of node shapes for a load, as the scheduler fills it, and a lower bound that no mix can beat.
//!
//! ```text
//! cluster ─► load: pods off their nodes ─► problem in numbers ─► bound (LP) ─► packed (MILP) ─► replayed by the scheduler, completed, made cheaper
//! ```

mod bound;
mod chain;
mod knapsack;
mod load;
mod models;
mod nodes;
mod pack;
mod problem;
mod quick;
mod replay;
mod rules;
mod search;
mod shape;

use std::collections::BTreeMap;

pub use shape::Shape;

use self::bound::Bound;
use self::load::Load;
use self::search::{Completed, Mix, Search};
use crate::change::Change;
use crate::error::{Error, ErrorKind};
use crate::simulate::{SimulationOptions, Utilisation};
use crate::state::Cluster;

/// How many shapes alone are tried.
const SINGLES: usize = 6;

/// What may be lost without a pod staying without a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Survive {
    /// Any one node.
    Node,
    /// Any one zone.
    Zone,
}

/// What can be bought, and what is asked of it.
#[derive(Clone, Debug)]
pub struct SizeOptions {
    /// What can be bought, see [`Shape::catalogue`].
    pub shapes: Vec<Shape>,
    /// The zones that nodes are bought in, each of which gets at least one; those that the catalogue names if none are, or else those of the
    /// cluster's nodes.
    pub zones: Vec<String>,
    /// What may be lost.
    pub survive: Option<Survive>,
    /// The nodes that are there stay, with their pods, and cost nothing: what is bought is for the pods that wait.
    pub keep_nodes: bool,
    /// The architectures that are bought: images are made for one, and the scheduler does not look. Those of the cluster's nodes if none are
    /// named, or amd64 where there are no nodes.
    pub arch: Vec<String>,
    /// Labels that all nodes get that are bought.
    pub labels: BTreeMap<String, String>,
    /// Changes that are made before, such as manifests that are applied.
    pub changes: Vec<Change>,
    /// How the cluster comes to rest before.
    pub simulation: SimulationOptions,
    /// How many pods the search places at most, over all replays.
    pub effort: usize,
}

impl Default for SizeOptions {
    fn default() -> Self {
        SizeOptions {
            shapes: Vec::new(),
            zones: Vec::new(),
            survive: None,
            keep_nodes: false,
            arch: Vec::new(),
            labels: BTreeMap::new(),
            changes: Vec::new(),
            simulation: SimulationOptions { jobs_finish: false, ..SimulationOptions::default() },
            effort: 12_000_000,
        }
    }
}

/// Nodes of one shape in one zone.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bought {
    /// The shape's name.
    pub shape: String,
    /// The zone, where there are such.
    pub zone: Option<String>,
    /// How many.
    pub count: u32,
    /// What one costs.
    pub price: f64,
}

/// Nodes, and what they cost.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Priced {
    /// The sum.
    pub price: f64,
    /// The nodes.
    pub nodes: Vec<Bought>,
}

impl Priced {
    /// How many nodes there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.nodes.iter().map(|bought| bought.count).sum()
    }
}

/// What to buy.
#[derive(Clone)]
#[non_exhaustive]
pub struct Size {
    /// What was changed before, as options of the command.
    pub changes: Vec<String>,
    /// How many pods are to be carried.
    pub pods: usize,
    /// How many classes of them differ in what they ask for and may be on.
    pub classes: usize,
    /// How many shapes there are, and how many of them no other one beats.
    pub shapes: (usize, usize),
    /// The zones.
    pub zones: Vec<String>,
    /// Each of them gets a node.
    pub in_each_zone: bool,
    /// What may be lost.
    pub survive: Option<Survive>,
    /// No mix that carries the pods costs less.
    pub bound: f64,
    /// The cheapest mix found whose nodes can be packed with all pods, by requests and what is linear of the rules; none where a failure is to be survived, which is no packing.
    pub packed: Option<Priced>,
    /// The cheapest mix found on which the scheduler places all pods: with the first of equal nodes, and with three draws among them.
    pub scheduled: Option<Priced>,
    /// The same of one shape alone.
    pub single: Option<Priced>,
    /// Pods that nothing of the catalogue carries, and why.
    pub impossible: Vec<(String, String)>,
    /// How many replays the search took.
    pub replays: usize,
    /// What the nodes have, and what is asked of them; those that are kept among them.
    pub after: Utilisation,
    /// What a user should know of the input.
    pub warnings: Vec<String>,
    /// What plays no part: whose it is, and why.
    pub left_out: Vec<String>,
    /// The cluster with these nodes, its pods on them.
    pub cluster: Cluster,
}

impl Size {
    /// By which part the mix costs more than the bound.
    #[must_use]
    pub fn gap(&self) -> Option<f64> {
        let price = self.scheduled.as_ref()?.price;
        (self.bound > 0.0).then(|| price / self.bound - 1.0)
    }
}

impl Cluster {
    /// Looks for the cheapest nodes that carry the pods of a cluster, those that are on nodes and those that wait. Its nodes are replaced by new
    /// ones, each with its daemon pods; or kept, with [`SizeOptions::keep_nodes`], and then only pods that wait are carried.
    ///
    /// The bound is that of the configuration LP: it knows requests, the nodes that a pod may be on, daemon pods, hosts that replicas do not
    /// share, zones that may differ by so many, and failures as far as they are linear. The mix is a fact: the scheduler placed every pod on it,
    /// with the first of equal nodes and with some draws among them. Nobody is preempted.
    ///
    /// Costs [`Cluster::simulate`], a judgement of each kind of pod by each shape and zone, and a replay of all pods for each mix that is tried.
    ///
    /// # Errors
    /// Where a change cannot be made, nothing can be bought, or `progress` says stop: it is told how many replays of how many were made.
    pub fn size(&self, options: &SizeOptions, progress: &mut dyn FnMut(usize, usize) -> bool) -> Result<Size, Error> {
        if options.shapes.is_empty() {
            return Err(Error::input("the catalogue has no shapes"));
        }
        if options.keep_nodes && options.survive.is_some() {
            let hint =
                "leave one of them out; `bayplan fail --by zone` says what the loss of nodes does that are there";
            return Err(
                Error::input("what is to survive is asked of new nodes, and not of those that are kept").hint(hint)
            );
        }
        // In parts of the dearest one: a price may be by the second or by the year.
        let unit = options.shapes.iter().map(|shape| shape.price).fold(0.0, f64::max);
        let asked = options;
        let mut options = options.clone();
        options.shapes.iter_mut().for_each(|shape| shape.price /= unit);
        let options = &options;
        let mut quiet = self.clone();
        quiet.set_preemption(false);
        let start = quiet.what_if(&options.changes, options.simulation, &mut |_, _| progress(0, 0))?;
        let mut warnings = start.warnings.clone();
        let mut left_out = start.not_done();
        let mut load = Load::of(start.cluster, options, &mut || progress(0, 0))?;
        if options.survive == Some(Survive::Zone) && load.zones.len() < 2 {
            let hint = "name the zones to buy in with --zones a,b,c (in Python zones=)";
            return Err(Error::new(ErrorKind::Input, "no zone can be survived where there is but one").hint(hint));
        }
        left_out.append(&mut load.left_out);
        warnings.append(&mut load.warnings);
        warnings.extend(load.bound_to_a_zone(options.survive));
        let all = load.pods.len() + load.impossible.len();
        let (bound, packed, found) = solve(&mut load, options, progress)?;
        let search = Search::new(&load, &bound, options);
        let (mix, single, replays) = found;
        let mut cluster = match mix.as_ref().map(|mix| search.cluster(mix)).transpose()?.flatten() {
            Some(cluster) => *cluster,
            None => load.cluster.clone(),
        };
        cluster.set_seed(self.seed());
        cluster.set_preemption(self.preempts());
        let priced = |mix: &Mix| priced(&load, asked, mix);
        Ok(Size {
            changes: options.changes.iter().map(ToString::to_string).collect(),
            pods: all,
            classes: load.problem.classes.iter().filter(|class| class.count > 0).count(),
            shapes: (options.shapes.len(), shapes_of(&load)),
            zones: load.zones.iter().flatten().cloned().collect(),
            in_each_zone: load.problem.each_zone,
            survive: options.survive,
            bound: bound.price * unit,
            packed: packed.as_ref().map(priced),
            scheduled: mix.as_ref().map(priced),
            single: single.as_ref().map(priced),
            after: Utilisation::of(&mut cluster)?,
            impossible: load.impossible,
            replays,
            warnings,
            left_out,
            cluster,
        })
    }
}

/// The mix that is enough, the best of one shape, and how many replays these took.
type Found = (Option<Mix>, Option<Mix>, usize);

/// Bounds, packs, and searches; pods that nothing helps are taken out, and then it begins anew.
fn solve(
    load: &mut Load,
    options: &SizeOptions,
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<(Bound, Option<Mix>, Found), Error> {
    loop {
        let bound = bound_of(load, options, &mut || progress(0, 0))?;
        let models = load.models.len();
        let mut packed = pack::pack(&load.problem, &bound).map(|mut mix| {
            mix.truncate(models);
            mix
        });
        let mut search = Search::new(load, &bound, options);
        let start = packed.clone().unwrap_or_else(|| vec![0; models]);
        // A failure is no packing.
        packed = packed.filter(|_| options.survive.is_none());
        let mut best = match search.complete(start, progress)? {
            Completed::Enough(mix) => mix,
            Completed::Hopeless(pods) => {
                load.give_up(&pods)?;
                continue;
            }
        };
        if packed.is_none() && options.survive.is_none() {
            packed = Some(best.clone());
        }
        let mut single: Option<Mix> = None;
        for (shape, count) in search.single_shapes().into_iter().take(SINGLES) {
            let most = single.as_ref().map_or(f64::INFINITY, |mix| search.price(mix));
            if let Some(mix) = search.single(shape, count, most, progress)? {
                single = Some(mix);
            }
        }
        // The search begins at both: one is the best packing, the other one fills evenly.
        let mut starts = vec![best.clone()];
        starts.extend(packed.clone());
        starts.extend(single.clone());
        if single.as_ref().is_some_and(|single| search.price(single) < search.price(&best)) {
            best = single.clone().unwrap_or(best);
        }
        best = search.improve(&starts, best, progress)?;
        // What the scheduler fills can be packed too.
        if packed.as_ref().is_some_and(|packed| search.price(packed) > search.price(&best)) {
            packed = Some(best.clone());
        }
        let replays = search.replays_made();
        return Ok((bound, packed, (Some(best), single, replays)));
    }
}

/// The bound, with what a failure adds as far as it is linear.
fn bound_of(load: &Load, options: &SizeOptions, progress: &mut dyn FnMut() -> bool) -> Result<Bound, Error> {
    let mut whole = bound::bound(&load.problem, progress)?;
    match options.survive {
        // Whichever is lost, the others carry all.
        Some(Survive::Node) => {
            let cheapest = load.models.iter().filter(|model| !model.is_too_small).map(|model| model.price);
            let cheapest = cheapest.min_by(f64::total_cmp).unwrap_or(0.0);
            // With the node its zone may be gone.
            let rest = bound::bound(&load.problem.without_zones(), progress)?.price;
            if !load.pods.is_empty() {
                whole.price = whole.price.max(rest + cheapest);
            }
        }
        Some(Survive::Zone) => {
            // Each zone's nodes are in all sums but one.
            let zones = load.zones.len();
            let mut sum = 0.0;
            for zone in 0..zones {
                sum += bound::bound(&load.problem.without_zone(zone), progress)?.price;
            }
            whole.price = whole.price.max(sum / (zones - 1) as f64);
        }
        _ => {}
    }
    Ok(whole)
}

fn priced(load: &Load, options: &SizeOptions, mix: &Mix) -> Priced {
    let mut nodes: Vec<Bought> = mix
        .iter()
        .zip(&load.models)
        .filter(|(count, _)| **count > 0)
        .map(|(count, model)| Bought {
            shape: options.shapes[model.shape].name.clone(),
            zone: load.zones[model.zone].clone(),
            count: *count,
            price: options.shapes[model.shape].price,
        })
        .collect();
    nodes.sort_by(|a, b| {
        let of = |bought: &Bought| bought.price * f64::from(bought.count);
        of(b).total_cmp(&of(a)).then_with(|| (&a.shape, &a.zone).cmp(&(&b.shape, &b.zone)))
    });
    Priced { price: nodes.iter().map(|bought| bought.price * f64::from(bought.count)).fold(0.0, |a, b| a + b), nodes }
}

/// How many shapes are left.
fn shapes_of(load: &Load) -> usize {
    load.models.iter().map(|model| model.shape).collect::<std::collections::BTreeSet<_>>().len()
}
