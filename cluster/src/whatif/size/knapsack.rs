//! The most valuable set of pods for one node: a bounded knapsack with as many sides as there are resources, by branch and bound.

use microlp::{ComparisonOp, OptimizationDirection, Problem as Lp, SolveOptions};

use super::problem::{Class, Type};

/// What is searched before the bound is taken for the answer, and what where a proof hangs on it.
const STEPS: (u32, u32) = (30_000, 3_000_000);
/// Branches of the integer program that comes after.
const BRANCHES: u64 = 20_000;
/// What differs by less is the same.
const CLOSE: f64 = 1e-7;

/// A set of pods for a node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern {
    /// How many of each class.
    pub(super) counts: Vec<u32>,
    /// What they are worth together.
    pub(super) value: f64,
    /// No set is worth more.
    pub(super) at_most: f64,
}

struct Item<'p> {
    class: usize,
    request: &'p [i64],
    value: f64,
    /// How much of the node one takes, resources weighed by how scarce they are.
    weight: f64,
    most: u32,
}

/// What is looked for.
#[derive(Clone, Copy, Default)]
pub(super) struct Wanted<'w> {
    /// At most so many of each class; as many as there are without it.
    pub(super) counts: Option<&'w [u32]>,
    /// Only sets that are worth more: the empty one stands for none.
    pub(super) above: f64,
    /// A proof hangs on it: it is searched longer.
    pub(super) is_proof: bool,
}

/// The best set for a node, where one pod of each class is worth `values`.
pub(super) fn fill(classes: &[Class], values: &[f64], place: usize, node: &Type, wanted: Wanted<'_>) -> Pattern {
    let mut items: Vec<Item<'_>> = classes
        .iter()
        .enumerate()
        .filter_map(|(at, class)| {
            let most = class.most_on(node).min(wanted.counts.map_or(u32::MAX, |counts| counts[at]));
            (class.on[place] && most > 0 && values[at] > 1e-12).then_some(Item {
                class: at,
                request: &class.request,
                value: values[at],
                weight: 0.0,
                most,
            })
        })
        .collect();
    let scarcity = weigh(&items, node);
    for item in &mut items {
        item.weight = cost(item.request, &scarcity, &node.room);
    }
    items.sort_by(|a, b| (b.value * a.weight).total_cmp(&(a.value * b.weight)).then(a.class.cmp(&b.class)));
    // Each resource by itself bounds too, and some mixtures: when a few classes are decided, another one may have become the scarce one.
    let sum = scarcity.iter().sum::<f64>().max(1e-12);
    let even = sum / scarcity.len() as f64;
    let alone = |of: usize, share: f64| -> Vec<f64> {
        let mixed = scarcity.iter().enumerate();
        mixed.map(|(side, price)| price * (1.0 - share) + if side == of { sum * share } else { 0.0 }).collect()
    };
    let mut prices = vec![scarcity.clone()];
    for side in (0..scarcity.len()).filter(|side| scarcity[*side] > 0.02 * sum) {
        prices.extend([0.1, 0.3, 1.0].map(|share| alone(side, share)));
    }
    prices.push(scarcity.iter().map(|price| (price + even) / 2.0).collect());
    let surrogates = prices.iter().map(|prices| Surrogate::of(&items, prices, &node.room)).collect();
    let mut search = Search {
        room: node.room.clone(),
        taken: vec![0; items.len()],
        best: (wanted.above.max(0.0), vec![0; items.len()]),
        items: &items,
        surrogates,
        steps: if wanted.is_proof { STEPS.1 } else { STEPS.0 },
        whole: true,
    };
    let root = search.bound(0, 0.0, f64::NEG_INFINITY);
    search.go(0, 0.0);
    let (mut value, mut taken) = search.best;
    let mut at_most = if search.whole { value * (1.0 + CLOSE) + 1e-9 } else { root.max(value) };
    if !search.whole
        && wanted.is_proof
        && let Some(found) = by_program(&items, node)
    {
        at_most = at_most.min(found.1.max(value));
        if found.0 > value {
            (value, taken) = (found.0, found.2);
        }
    }
    // Nothing may be worth more than what was asked for.
    let value = if taken.iter().all(|taken| *taken == 0) { 0.0 } else { value };
    let mut counts = vec![0; classes.len()];
    for (item, taken) in items.iter().zip(taken) {
        counts[item.class] = taken;
    }
    Pattern { counts, value, at_most }
}

/// The same as an integer program: its bounds look at all sides at once. What was found, what there is at most, and the set.
fn by_program(items: &[Item<'_>], node: &Type) -> Option<(f64, f64, Vec<u32>)> {
    let mut lp = Lp::new(OptimizationDirection::Maximize);
    let most = |item: &Item<'_>| i32::try_from(item.most).unwrap_or(i32::MAX);
    let counts: Vec<_> = items.iter().map(|item| lp.add_integer_var(item.value, (0, most(item)))).collect();
    for (side, room) in node.room.iter().enumerate() {
        let asked = counts.iter().zip(items).filter(|(_, item)| item.request[side] > 0);
        let row: Vec<_> =
            asked.map(|(count, item)| (*count, item.request[side] as f64 / *room as f64 * 100.0)).collect();
        if !row.is_empty() {
            lp.add_constraint(row, ComparisonOp::Le, 100.0);
        }
    }
    let mut options = SolveOptions::default();
    options.node_limit = Some(BRANCHES);
    let outcome = lp.solve_with(options).ok()?;
    let at_most = outcome.stats().best_bound? * (1.0 + CLOSE) + 1e-9;
    let solution = outcome.into_solution().ok()?;
    let counts: Vec<u32> = counts.iter().map(|count| solution.var_value(*count).round().max(0.0) as u32).collect();
    // Rounded by the solver: what does not fit in whole numbers is no set.
    let fits = (0..node.room.len()).all(|side| {
        let asked: i64 = items.iter().zip(&counts).map(|(item, count)| item.request[side] * i64::from(*count)).sum();
        asked <= node.room[side]
    });
    let value = items.iter().zip(&counts).map(|(item, count)| item.value * f64::from(*count)).sum();
    fits.then_some((value, at_most, counts))
}

/// What a pod takes, in parts of the node, at these prices.
fn cost(request: &[i64], prices: &[f64], room: &[i64]) -> f64 {
    let parts = request.iter().zip(prices).zip(room).filter(|(_, room)| **room > 0);
    parts.map(|((asked, price), room)| price * (*asked as f64 / *room as f64)).sum()
}

/// The price of all of each resource of the node, from the dual of the relaxed problem. Any prices give a true bound; these give the least.
fn weigh(items: &[Item<'_>], node: &Type) -> Vec<f64> {
    let sides = node.room.len();
    let mut lp = Lp::new(OptimizationDirection::Minimize);
    let prices: Vec<_> = node.room.iter().map(|_| lp.add_var(1.0, (0.0, f64::INFINITY))).collect();
    let whole: f64 = items.iter().map(|item| item.value * f64::from(item.most)).sum::<f64>().max(1e-9);
    for item in items {
        // What one pod is worth more than it costs; there are `most` of it.
        let rest = lp.add_var(1.0, (0.0, f64::INFINITY));
        let many = f64::from(item.most);
        let mut row: Vec<_> = vec![(rest, 1.0)];
        for ((price, asked), room) in prices.iter().zip(item.request).zip(&node.room) {
            if *asked > 0 && *room > 0 {
                row.push((*price, many * (*asked as f64 / *room as f64)));
            }
        }
        lp.add_constraint(row, ComparisonOp::Ge, many * item.value / whole);
    }
    match lp.solve().ok().and_then(|outcome| outcome.into_solution().ok()) {
        Some(solution) => prices.iter().map(|price| solution.var_value(*price).max(0.0) * whole).collect(),
        None => vec![whole / sides as f64; sides],
    }
}

/// The same knapsack with one side: resources are added up at some prices.
struct Surrogate {
    /// What one of each item takes.
    weights: Vec<f64>,
    /// The items, the most valuable for their weight first.
    order: Vec<usize>,
    left: f64,
}

impl Surrogate {
    fn of(items: &[Item<'_>], prices: &[f64], room: &[i64]) -> Self {
        let weights: Vec<f64> = items.iter().map(|item| cost(item.request, prices, room)).collect();
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by(|a, b| {
            let (left, right) = (items[*b].value * weights[*a], items[*a].value * weights[*b]);
            left.total_cmp(&right).then(a.cmp(b))
        });
        let left = room.iter().zip(prices).map(|(room, price)| if *room > 0 { *price } else { 0.0 }).sum();
        Surrogate { weights, order, left }
    }
}

struct Search<'i> {
    items: &'i [Item<'i>],
    room: Vec<i64>,
    taken: Vec<u32>,
    best: (f64, Vec<u32>),
    surrogates: Vec<Surrogate>,
    steps: u32,
    whole: bool,
}

impl Search<'_> {
    /// What can be had at most, with the items before `at` decided; less than `enough` is not looked at closer.
    fn bound(&self, at: usize, value: f64, enough: f64) -> f64 {
        let mut least = f64::INFINITY;
        for surrogate in &self.surrogates {
            let (mut left, mut bound) = (surrogate.left, value);
            for nth in surrogate.order.iter().filter(|nth| **nth >= at) {
                let item = &self.items[*nth];
                let all = surrogate.weights[*nth] * f64::from(item.most);
                if all <= left {
                    left -= all;
                    bound += item.value * f64::from(item.most);
                } else {
                    bound += item.value * (left.max(0.0) / surrogate.weights[*nth]);
                    break;
                }
            }
            least = least.min(bound);
            if least <= enough {
                break;
            }
        }
        least
    }

    fn go(&mut self, at: usize, value: f64) {
        if value > self.best.0 {
            self.best = (value, self.taken.clone());
        }
        let enough = self.best.0 * (1.0 + CLOSE) + 1e-9;
        if at == self.items.len() || self.bound(at, value, enough) <= enough {
            return;
        }
        if self.steps == 0 {
            self.whole = false;
            return;
        }
        self.steps -= 1;
        let item = &self.items[at];
        let (request, worth) = (item.request, item.value);
        let fits = request.iter().zip(&self.room).filter(|(asked, _)| **asked > 0);
        let most = fits.map(|(asked, room)| u32::try_from(room / asked).unwrap_or(u32::MAX)).min().unwrap_or(u32::MAX);
        for taken in (0..=most.min(item.most)).rev() {
            self.take(at, request, taken, -1);
            self.go(at + 1, value + worth * f64::from(taken));
            self.take(at, request, taken, 1);
            if !self.whole {
                break;
            }
        }
        self.taken[at] = 0;
    }

    fn take(&mut self, at: usize, request: &[i64], taken: u32, sign: i64) {
        self.taken[at] = if sign < 0 { taken } else { 0 };
        for (room, asked) in self.room.iter_mut().zip(request) {
            *room += sign * asked * i64::from(taken);
        }
        for surrogate in &mut self.surrogates {
            surrogate.left += sign as f64 * surrogate.weights[at] * f64::from(taken);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every set, counted out.
    fn best(classes: &[Class], values: &[f64], room: &[i64]) -> f64 {
        let Some((class, rest)) = classes.split_first() else { return 0.0 };
        let mut most = 0.0_f64;
        for taken in 0..=class.count.min(class.per_node) {
            let left: Vec<i64> =
                room.iter().zip(&class.request).map(|(room, asked)| room - asked * i64::from(taken)).collect();
            if left.iter().any(|left| *left < 0) {
                break;
            }
            most = most.max(values[0] * f64::from(taken) + best(rest, &values[1..], &left));
        }
        most
    }

    proptest! {
        #[test]
        fn is_the_best_of_all_sets(
            pods in prop::collection::vec((1_i64..9, 0_i64..9, 1_u32..5, 1_u32..6, 0.0_f64..10.0), 1..6),
            room in (1_i64..30, 1_i64..30, 1_i64..9),
        ) {
            let classes: Vec<Class> = pods.iter().map(|(cpu, memory, count, per_node, _)| Class {
                request: vec![*cpu, *memory, 1], count: *count, per_node: *per_node, skew: None, per_zone: u32::MAX, on: vec![true],
            }).collect();
            let values: Vec<f64> = pods.iter().map(|pod| pod.4).collect();
            let node = Type { price: 1.0, room: vec![room.0, room.1, room.2], zone: 0, limit: None };
            let found = fill(&classes, &values, 0, &node, Wanted::default());
            let best = best(&classes, &values, &node.room);
            prop_assert!((found.value - best).abs() <= best * 1e-6 + 1e-9, "{} is not {best}", found.value);
            prop_assert!(found.at_most >= best - 1e-9);
            let worth: f64 = found.counts.iter().zip(&values).map(|(count, value)| f64::from(*count) * value).sum();
            prop_assert!((worth - found.value).abs() < 1e-9);
        }
    }
}
