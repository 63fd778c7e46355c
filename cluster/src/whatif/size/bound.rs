//! A lower bound of the price: the configuration LP, by cutting planes on its dual. No mix of nodes that carries all pods is cheaper, however
//! they are packed.
//!
//! ```text
//! values of pods ─► the best pattern of each type (knapsack) ─► one worth more than its node costs is a cut ─► new values … until there is none
//! ```

use std::collections::BTreeSet;

use microlp::{ComparisonOp, OptimizationDirection, Problem as Lp, Solution, Variable};

use super::knapsack::{Pattern, Wanted, fill};
use super::problem::{Class, Problem};
use crate::error::Error;
use crate::whatif::parallel;

/// Rounds of cuts: each leaves a true bound.
const MOST_ROUNDS: usize = 400;
const CUTS_A_ROUND: usize = 40;
/// How far below the LP's own value the bound may stay.
const CLOSE: f64 = 1e-6;

/// A column of the configuration LP: a node's type, and how many pods of each class are on it.
pub(super) type Column = (usize, Vec<u32>);

/// A lower bound, and what proves it.
#[derive(Clone, Debug, Default)]
pub(super) struct Bound {
    pub(super) price: f64,
    /// What a pod of each class is worth, by zone.
    pub(super) values: Vec<Vec<f64>>,
    /// What a node of each type is worth at most, at these values.
    pub(super) worth: Vec<f64>,
    /// What all pods are worth together: nodes that are worth less do not carry them.
    pub(super) needed: f64,
    /// The patterns that came up.
    pub(super) columns: BTreeSet<Column>,
}

/// The dual's variables.
struct Dual {
    /// By class and zone; the same one in all zones where a class has no range.
    values: Vec<Vec<Variable>>,
    /// What it is worth that a zone has a node.
    zones: Vec<Variable>,
    /// What one more node of a type of which there are only so many is worth.
    limits: Vec<Option<Variable>>,
}

/// A dual point in numbers.
struct Point {
    values: Vec<Vec<f64>>,
    zones: Vec<f64>,
    limits: Vec<f64>,
    /// The objective without the terms of the limits.
    objective: f64,
    /// The same without those of the zones.
    pods: f64,
}

/// The bound for a problem, each class of which has a type that carries it.
pub(super) fn bound(problem: &Problem, progress: &mut dyn FnMut() -> bool) -> Result<Bound, Error> {
    let mut best = Bound::default();
    if problem.classes.is_empty() && problem.types.is_empty() {
        return Ok(best);
    }
    let (mut lp, dual) = dual_of(problem);
    for column in alone(problem) {
        if best.columns.insert(column.clone()) {
            let (row, most) = cut(problem, &dual, &column);
            lp.add_constraint(row, ComparisonOp::Le, most);
        }
    }
    let Some(mut solution) = lp.solve().ok().and_then(|outcome| outcome.into_solution().ok()) else {
        return Err(Error::input("the bound's linear program has no solution"));
    };
    let mut is_proof = false;
    for _ in 0..MOST_ROUNDS {
        let point = point_of(problem, &dual, &solution);
        let allowed = |at: usize| {
            let node = &problem.types[at];
            node.price + point.limits[at] - if node.limit.is_none() { point.zones[node.zone] } else { 0.0 }
        };
        let patterns =
            price_all(problem, &point.values, progress, |at| Wanted { above: allowed(at), is_proof, counts: None })?;
        let at_most: Vec<f64> = patterns.iter().map(|pattern| pattern.at_most).collect();
        best.better(problem, &point, &at_most);
        let mut cuts: Vec<(f64, Column)> = Vec::new();
        let mut unsure = false;
        for (at, pattern) in patterns.into_iter().enumerate() {
            let price = problem.types[at].price.max(0.01);
            unsure |= pattern.at_most - allowed(at) > 10.0 * CLOSE * price;
            let over = pattern.value - allowed(at);
            if over > CLOSE * price {
                cuts.push((over / price, (at, pattern.counts)));
            }
        }
        cuts.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        cuts.retain(|(_, column)| !best.columns.contains(column));
        if cuts.is_empty() {
            if !unsure || is_proof {
                break;
            }
            // Perhaps there is a pattern that was not found: it is looked for longer.
            is_proof = true;
            continue;
        }
        for (_, column) in cuts.into_iter().take(CUTS_A_ROUND) {
            let (row, most) = cut(problem, &dual, &column);
            best.columns.insert(column);
            let Some(next) = add(solution, row, most) else { return best.weighed(problem, progress) };
            solution = next;
        }
    }
    best.weighed(problem, progress)
}

/// The best pattern of each type.
fn price_all<'w>(
    problem: &Problem,
    values: &[Vec<f64>],
    progress: &mut dyn FnMut() -> bool,
    wanted: impl Fn(usize) -> Wanted<'w> + Sync,
) -> Result<Vec<Pattern>, Error> {
    parallel::each(problem.types.len(), 0, &mut |_, _| progress(), |at| {
        let node = &problem.types[at];
        let values: Vec<f64> = values.iter().map(|by_zone| by_zone[node.zone]).collect();
        Ok(fill(&problem.classes, &values, at, node, wanted(at)))
    })
}

/// One more cut; nothing where the solver gives up: what was proved so far stays.
fn add(solution: Solution, row: Vec<(Variable, f64)>, most: f64) -> Option<Solution> {
    solution.add_constraint(row, ComparisonOp::Le, most).ok()?.into_solution().ok()
}

fn dual_of(problem: &Problem) -> (Lp, Dual) {
    let mut lp = Lp::new(OptimizationDirection::Maximize);
    let dearest = problem.types.iter().map(|node| node.price).fold(0.0, f64::max);
    let mut values = Vec::with_capacity(problem.classes.len());
    for class in &problem.classes {
        // A pod is worth no more than a node of its own.
        let bought = problem.types.iter().zip(&class.on).filter(|(node, on)| **on && node.limit.is_none());
        let alone = bought.map(|(node, _)| node.price).min_by(f64::total_cmp).unwrap_or(dearest * 100.0);
        let Some((least, most)) = class.range(problem.zones) else {
            values.push(vec![lp.add_var(f64::from(class.count), (0.0, alone)); problem.zones]);
            continue;
        };
        // How many pods are in a zone is free within the range: the value of a pod differs between zones by what the range's ends are worth.
        let worth = lp.add_var(f64::from(class.count), (f64::NEG_INFINITY, dearest * 100.0));
        let by_zone = (0..problem.zones).map(|_| {
            let value = lp.add_var(0.0, (0.0, dearest * 100.0));
            let (at_least, at_most) =
                (lp.add_var(least, (0.0, dearest * 100.0)), lp.add_var(-most, (0.0, f64::INFINITY)));
            lp.add_constraint([(value, 1.0), (worth, -1.0), (at_least, -1.0), (at_most, 1.0)], ComparisonOp::Eq, 0.0);
            value
        });
        values.push(by_zone.collect());
    }
    let zones = (0..problem.zones).map(|_| {
        let is_bought = problem.each_zone;
        lp.add_var(f64::from(u8::from(is_bought)), (0.0, if is_bought { dearest } else { 0.0 }))
    });
    let zones = zones.collect();
    let limits =
        problem.types.iter().map(|node| node.limit.map(|limit| lp.add_var(-f64::from(limit), (0.0, f64::INFINITY))));
    let limits = limits.collect();
    (lp, Dual { values, zones, limits })
}

/// Each class alone on each type: so the first values are of the right size.
fn alone(problem: &Problem) -> Vec<Column> {
    let mut columns = Vec::new();
    for (at, node) in problem.types.iter().enumerate() {
        columns.push((at, vec![0; problem.classes.len()]));
        for (nth, class) in problem.classes.iter().enumerate() {
            let most = if class.on[at] { class.most_on(node) } else { 0 };
            if most > 0 {
                let mut counts = vec![0; problem.classes.len()];
                counts[nth] = most;
                columns.push((at, counts));
            }
        }
    }
    columns
}

/// The pods of a pattern, and that its zone has a node, are worth no more than the node costs.
fn cut(problem: &Problem, dual: &Dual, (at, counts): &Column) -> (Vec<(Variable, f64)>, f64) {
    let node = &problem.types[*at];
    let mut row: Vec<(Variable, f64)> = Vec::new();
    for (count, values) in counts.iter().zip(&dual.values) {
        if *count > 0 {
            row.push((values[node.zone], f64::from(*count)));
        }
    }
    match dual.limits[*at] {
        Some(limit) => row.push((limit, -1.0)),
        None => row.push((dual.zones[node.zone], 1.0)),
    }
    (row, node.price)
}

fn point_of(problem: &Problem, dual: &Dual, solution: &Solution) -> Point {
    let value = |variable: &Variable| solution.var_value(*variable).max(0.0);
    let values: Vec<Vec<f64>> = dual.values.iter().map(|by_zone| by_zone.iter().map(value).collect()).collect();
    let zones: Vec<f64> = dual.zones.iter().map(value).collect();
    let limits: Vec<f64> = dual.limits.iter().map(|limit| limit.as_ref().map_or(0.0, value)).collect();
    let pods = problem.classes.iter().zip(&values).map(|(class, values)| least_worth(class, values)).sum();
    let counted = problem.each_zone;
    let objective = pods + if counted { zones.iter().sum() } else { 0.0 };
    Point { values, zones, limits, objective, pods }
}

/// What the pods of a class are worth at least, wherever they are within their range.
fn least_worth(class: &Class, values: &[f64]) -> f64 {
    let Some((least, most)) = class.range(values.len()) else { return f64::from(class.count) * values[0] };
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut rest = f64::from(class.count) - least * sorted.len() as f64;
    let mut worth = 0.0;
    for value in sorted {
        let more = rest.clamp(0.0, most - least);
        rest -= more;
        worth += value * (least + more);
    }
    worth
}

impl Bound {
    /// The same, with what a node of each type is worth.
    fn weighed(mut self, problem: &Problem, progress: &mut dyn FnMut() -> bool) -> Result<Self, Error> {
        let patterns = price_all(problem, &self.values, progress, |_| Wanted::default())?;
        self.worth = patterns.iter().map(|pattern| pattern.at_most).collect();
        Ok(self)
    }

    /// Takes what a dual point proves, where it proves more: the point is made legal by scaling it by how much the worst pattern is over its price.
    fn better(&mut self, problem: &Problem, point: &Point, at_most: &[f64]) {
        let mut scale = 1.0_f64;
        for (node, at_most) in problem.types.iter().zip(at_most) {
            if node.limit.is_none() {
                scale = scale.max((at_most + point.zones[node.zone]) / node.price);
            }
        }
        let mut price = point.objective / scale;
        let mut limited = 0.0;
        for (node, at_most) in problem.types.iter().zip(at_most) {
            if let Some(limit) = node.limit {
                limited += f64::from(limit) * (at_most / scale - node.price).max(0.0);
            }
        }
        price -= limited;
        // What floating point may have cost.
        price *= 1.0 - 1e-9;
        if price > self.price || self.values.is_empty() {
            self.price = price.max(0.0);
            self.values =
                point.values.iter().map(|values| values.iter().map(|value| value / scale).collect()).collect();
            self.needed = point.pods / scale;
        }
    }
}
