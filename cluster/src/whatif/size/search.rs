//! The cheapest mix on which the scheduler places all pods: mixes are completed until they do, and then made cheaper node by node.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::bound::Bound;
use super::chain::Chain;
use super::knapsack::{Wanted, fill};
use super::load::Load;
use super::nodes::Nodes;
use super::problem::Class;
use super::replay::{Limit, Played};
use super::{SizeOptions, Survive};
use crate::error::Error;
use crate::state::Cluster;
use crate::whatif::parallel;

/// Equal nodes are drawn anew so often before a mix is called enough: a real scheduler draws too.
pub(super) const DRAWS: u64 = 3;
/// Searches side by side, each with its own draws.
const CHAINS: usize = 4;

/// How often more of one model is bought in vain, each time twice as many, before another one is tried.
const IN_VAIN: u32 = 5;
/// Models of a zone that nodes are drawn from, beside those that are there.
const POOL: usize = 25;

/// How many nodes of each model.
pub(super) type Mix = Vec<u32>;

/// Tells how many replays were made of how many; whether to go on.
type Tell<'p> = &'p mut dyn FnMut(usize, usize) -> bool;

pub(super) struct Search<'l> {
    pub(super) load: &'l Load,
    pub(super) bound: &'l Bound,
    pub(super) survive: Option<Survive>,
    /// A node in each zone is asked for.
    pub(super) each_zone: bool,
    /// Replays that may still be made.
    replays: usize,
    all: usize,
    /// What a pod of each class is worth.
    pub(super) worth: Vec<f64>,
}

/// What is enough, or the pods that nothing helps.
pub(super) enum Completed {
    Enough(Mix),
    Hopeless(Vec<(usize, String)>),
}

impl<'l> Search<'l> {
    pub(super) fn new(load: &'l Load, bound: &'l Bound, options: &SizeOptions) -> Self {
        let pods = load.pods.len().max(1);
        let replays = (options.effort / pods).clamp(40, 100_000);
        Search {
            load,
            bound,
            survive: options.survive,
            each_zone: load.problem.each_zone,
            replays,
            all: replays,
            worth: worth_of(load, bound),
        }
    }

    /// Not a pod may be left.
    fn none(&self) -> Limit<'_> {
        Limit { worth: &self.worth, most: 0.0 }
    }

    /// All are tried.
    fn any(&self) -> Limit<'_> {
        Limit { worth: &self.worth, most: f64::INFINITY }
    }

    pub(super) fn replays_made(&self) -> usize {
        self.all - self.replays
    }

    pub(super) fn price(&self, mix: &[u32]) -> f64 {
        mix.iter().zip(&self.load.models).map(|(count, model)| f64::from(*count) * model.price).fold(0.0, |a, b| a + b)
    }

    /// May a mix carry all pods, for all that the bound knows?
    fn may_do(&self, mix: &[u32]) -> bool {
        if self.each_zone && !self.has_all_zones(mix) {
            return false;
        }
        let kept = self.bound.worth.iter().skip(mix.len()).sum::<f64>();
        let worth: f64 = mix.iter().zip(&self.bound.worth).map(|(count, worth)| f64::from(*count) * worth).sum();
        worth + kept >= self.bound.needed * (1.0 - 1e-9)
    }

    pub(super) fn has_all_zones(&self, mix: &[u32]) -> bool {
        let mut there = vec![false; self.load.zones.len()];
        for (count, model) in mix.iter().zip(&self.load.models) {
            there[model.zone] |= *count > 0;
        }
        !there.contains(&false)
    }

    /// Does the scheduler place all pods, with the first of equal nodes and with some draws? The cluster as it is where the first is taken.
    pub(super) fn enough(&self, mix: &[u32]) -> Result<Option<Box<Cluster>>, Error> {
        let Played::Whole(cluster) = self.load.play(mix, None, self.none(), self.survive)? else { return Ok(None) };
        for seed in 1..=DRAWS {
            if let Played::Short(_) = self.load.play(mix, Some(seed), self.none(), self.survive)? {
                return Ok(None);
            }
        }
        Ok(Some(cluster))
    }

    /// The cluster that a mix comes to.
    pub(super) fn cluster(&self, mix: &[u32]) -> Result<Option<Box<Cluster>>, Error> {
        match self.load.play(mix, None, self.none(), self.survive)? {
            Played::Whole(cluster) => Ok(Some(cluster)),
            Played::Short(_) => Ok(None),
        }
    }

    /// Adds nodes to a mix until all pods have one.
    pub(super) fn complete(&mut self, mut mix: Mix, tell: Tell<'_>) -> Result<Completed, Error> {
        self.fill_zones(&mut mix);
        let (mut least, mut in_vain, mut seed) = (usize::MAX, 0_u32, None);
        // What was bought since it last helped, and what never did.
        let (mut bought, mut tried): (Vec<(usize, u32)>, Vec<usize>) = (Vec::new(), Vec::new());
        loop {
            self.replays = self.replays.saturating_sub(1);
            if !tell(self.all - self.replays, self.all) {
                return Err(Error::stopped());
            }
            let short = match self.load.play(&mix, seed, self.any(), self.survive)? {
                Played::Whole(_) => match seed {
                    Some(DRAWS) => return Ok(Completed::Enough(mix)),
                    _ => {
                        seed = Some(seed.map_or(1, |seed| seed + 1));
                        (least, in_vain) = (usize::MAX, 0);
                        continue;
                    }
                },
                Played::Short(short) => short,
            };
            if short.pods.len() < least {
                (least, in_vain) = (short.pods.len(), 0);
                bought.clear();
                tried.clear();
            } else {
                // Others fill what was bought for these: more is bought, and then larger ones, or in other zones.
                in_vain += 1;
                if in_vain > IN_VAIN {
                    tried.extend(bought.last().map(|(at, _)| *at));
                    bought.drain(..).for_each(|(at, many)| mix[at] -= many);
                    in_vain = 0;
                }
            }
            let Some((at, many)) = self.best_for(&short.pods, short.without, &mix, &tried) else {
                return Ok(Completed::Hopeless(short.pods));
            };
            let many = many.max(1 << in_vain);
            mix[at] += many;
            bought.push((at, many));
        }
    }

    /// A node in each zone.
    fn fill_zones(&self, mix: &mut Mix) {
        if !self.each_zone {
            return;
        }
        for zone in 0..self.load.zones.len() {
            let mut there = mix.iter().zip(&self.load.models).filter(|(_, model)| model.zone == zone);
            if there.all(|(count, _)| *count == 0) {
                let models =
                    self.load.models.iter().enumerate().filter(|(_, model)| model.zone == zone && !model.is_too_small);
                let cheapest = models.min_by(|a, b| a.1.price.total_cmp(&b.1.price));
                if let Some((at, _)) = cheapest {
                    mix[at] += 1;
                }
            }
        }
    }

    /// The model that carries most of these pods for its price, and how many of it may be needed.
    fn best_for(
        &self,
        pods: &[(usize, String)],
        without: Option<usize>,
        mix: &[u32],
        tried: &[usize],
    ) -> Option<(usize, u32)> {
        let problem = &self.load.problem;
        let mut counts = vec![0; problem.classes.len()];
        for (at, _) in pods {
            counts[self.load.class_of[*at]] += 1;
        }
        let mut best: Option<(f64, usize, u32)> = None;
        for (at, model) in self.load.models.iter().enumerate() {
            // Where a larger one did not help, neither does this one.
            let is_less = |than: &usize| {
                let (room, other) = (&problem.types[at].room, &problem.types[*than].room);
                self.load.models[*than].zone == model.zone && room.iter().zip(other).all(|(room, other)| room <= other)
            };
            if model.is_too_small || Some(model.zone) == without || tried.iter().any(is_less) {
                continue;
            }
            let pattern = fill(
                &problem.classes,
                &self.worth,
                at,
                &problem.types[at],
                Wanted { counts: Some(&counts), ..Wanted::default() },
            );
            if pattern.value <= 0.0 {
                continue;
            }
            // Of equal ones the zone that has the fewest.
            let there: u32 = mix
                .iter()
                .zip(&self.load.models)
                .filter(|(_, other)| other.zone == model.zone)
                .map(|(count, _)| *count)
                .sum();
            let rate = pattern.value / model.price * (1.0 - 1e-6 * f64::from(there.min(1000)));
            if best.is_none_or(|(most, _, _)| rate > most) {
                let all: f64 = counts.iter().zip(&self.worth).map(|(count, value)| f64::from(*count) * value).sum();
                let many = ((all / pattern.value) / 2.0).floor().clamp(1.0, 1e5) as u32;
                best = Some((rate, at, many));
            }
        }
        best.map(|(_, at, many)| (at, many))
    }

    /// So many nodes of one shape, dealt out to its zones.
    pub(super) fn of_shape(&self, shape: usize, count: u32) -> Mix {
        let of_shape: Vec<usize> =
            self.load.models.iter().enumerate().filter(|(_, model)| model.shape == shape).map(|(at, _)| at).collect();
        let mut mix = vec![0; self.load.models.len()];
        for nth in 0..count as usize {
            mix[of_shape[nth % of_shape.len()]] += 1;
        }
        mix
    }

    /// The shapes that carry all pods alone, with how many of each are needed at least, the cheapest first.
    pub(super) fn single_shapes(&self) -> Vec<(usize, u32)> {
        let problem = &self.load.problem;
        let mut found: Vec<(f64, usize, u32)> = Vec::new();
        let mut seen = HashSet::new();
        for (at, model) in self.load.models.iter().enumerate() {
            let carries = |class: &Class| {
                self.load.models.iter().zip(&class.on).any(|(other, on)| *on && other.shape == model.shape)
            };
            // One that is not sold everywhere is in no zone alone.
            let zones = self.load.models.iter().filter(|other| other.shape == model.shape).count();
            let is_everywhere = !self.each_zone || zones == self.load.zones.len();
            if model.is_too_small || !seen.insert(model.shape) || !is_everywhere || !problem.classes.iter().all(carries)
            {
                continue;
            }
            let node = &problem.types[at];
            let by_room = (0..node.room.len()).map(|side| {
                let asked: i64 = problem.classes.iter().map(|class| class.request[side] * i64::from(class.count)).sum();
                if asked > 0 { asked as f64 / node.room[side].max(1) as f64 } else { 0.0 }
            });
            let by_rule =
                problem.classes.iter().map(|class| f64::from(class.count) / f64::from(class.most_on(node).max(1)));
            let count = by_room.chain(by_rule).fold(1.0, f64::max).ceil();
            found.push((count * model.price, model.shape, count.min(1e6) as u32));
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        found.into_iter().map(|(_, shape, count)| (shape, count)).collect()
    }

    /// How many nodes of one shape are enough; nothing where they are dearer than `most`.
    pub(super) fn single(&mut self, shape: usize, count: u32, most: f64, tell: Tell<'_>) -> Result<Option<Mix>, Error> {
        let mut step = 1;
        if self.load.pods.is_empty() {
            return Ok(None);
        }
        let zones = self.load.zones.len() as u32;
        let (mut least, mut now) = (count, count.max(if self.each_zone { zones } else { 1 }));
        // A node for each pod, and as many again where some are lost.
        let enough = (self.load.pods.len() as u32).saturating_add(zones).saturating_mul(2).max(now);
        let mut found = None;
        // Up in growing steps, then down to the last that is not enough.
        loop {
            let mix = self.of_shape(shape, now);
            if self.replays == 0 || now > enough || self.price(&mix) >= most {
                break;
            }
            self.replays -= 1;
            if !tell(self.all - self.replays, self.all) {
                return Err(Error::stopped());
            }
            if self.may_do(&mix) && self.enough(&mix)?.is_some() {
                found = Some(mix);
                break;
            }
            least = now + 1;
            now = now.saturating_add(step);
            step *= 2;
        }
        while found.is_some() && least < now && self.replays > 0 {
            let middle = least + (now - least) / 2;
            let mix = self.of_shape(shape, middle);
            self.replays -= 1;
            if self.may_do(&mix) && self.enough(&mix)?.is_some() {
                now = middle;
                found = Some(mix);
            } else {
                least = middle + 1;
            }
        }
        Ok(found)
    }

    /// Looks for cheaper mixes from these, which are enough or may become so; the cheapest that is.
    ///
    /// Chains of small changes, each of which is taken where it costs less, and now and then where it costs a little more. A mix costs what its
    /// nodes do, and what the pods are worth that find none.
    pub(super) fn improve(&mut self, starts: &[Mix], best: Mix, tell: Tell<'_>) -> Result<Mix, Error> {
        let steps = self.replays / CHAINS;
        let (made, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (done, all) = (self.all - self.replays, self.all);
        let this = &*self;
        let pool = this.pool(starts);
        let mut watch = |_: usize, _: usize| {
            let go_on = tell((done + made.load(Ordering::Relaxed)).min(all), all);
            if !go_on {
                stop.store(true, Ordering::Relaxed);
            }
            go_on
        };
        let found = parallel::each(CHAINS, 0, &mut watch, |nth| {
            let start = &starts[nth % starts.len()];
            let mut chain = Chain {
                search: this,
                pool: &pool,
                best: best.clone(),
                nodes: Nodes::none(this.load),
                state: 0x9e37_79b9_7f4a_7c15 ^ (nth as u64 + 1),
            };
            chain.go(start.clone(), steps, &made, &stop)?;
            Ok(chain.best)
        })?;
        self.replays = self.replays.saturating_sub(made.into_inner());
        let cheapest = found.into_iter().min_by(|a, b| self.price(a).total_cmp(&self.price(b)).then_with(|| a.cmp(b)));
        Ok(cheapest.unwrap_or(best))
    }

    /// The models that are worth nearly their price, and those that are there.
    fn pool(&self, starts: &[Mix]) -> Vec<usize> {
        let models = self.load.models.iter().enumerate().filter(|(_, model)| !model.is_too_small);
        let mut pool: Vec<(f64, usize)> =
            models.map(|(at, model)| (self.bound.worth.get(at).copied().unwrap_or(0.0) / model.price, at)).collect();
        pool.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut pool: Vec<usize> = pool.into_iter().take(POOL * self.load.zones.len()).map(|(_, at)| at).collect();
        for mix in starts {
            pool.extend((0..mix.len()).filter(|at| mix[*at] > 0));
        }
        pool.sort_unstable();
        pool.dedup();
        pool
    }
}

/// What a pod of each class is worth: what it costs where it is packed, and at least a little.
fn worth_of(load: &Load, bound: &Bound) -> Vec<f64> {
    let of_class = |(class, nth): (&Class, usize)| {
        let values = bound.values.get(nth).map_or(&[][..], |values| values);
        let alone = load.problem.types.iter().zip(&class.on).filter(|(node, on)| **on && node.limit.is_none());
        let part =
            alone.map(|(node, _)| node.price / f64::from(class.most_on(node).max(1))).fold(f64::INFINITY, f64::min);
        values.iter().copied().fold(0.0, f64::max).max(if part.is_finite() { part * 0.05 } else { 0.0 })
    };
    load.problem.classes.iter().zip(0..).map(of_class).collect()
}
