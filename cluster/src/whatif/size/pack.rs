//! The cheapest mix whose nodes can be packed with all pods: the patterns of the bound's LP, in whole nodes.

use std::time::Duration;

use microlp::{ComparisonOp, OptimizationDirection, Problem as Lp, SolveOptions, Variable};

use super::bound::{Bound, Column};
use super::problem::Problem;

/// Patterns that are looked at: those that are worth nearly their price.
const MOST_COLUMNS: usize = 500;
/// Branches of the search; the same on every machine, which a time is not.
const MOST_BRANCHES: u64 = 1_500;
/// Only so that a search that gets lost ends.
const MOST_SECONDS: Duration = Duration::from_secs(30);
/// A mix that is so close to the best is taken.
const CLOSE: f64 = 0.002;

/// How many nodes of each type; nothing where no whole packing was found.
pub(super) fn pack(problem: &Problem, bound: &Bound) -> Option<Vec<u32>> {
    let slack = |(at, counts): &Column| -> f64 {
        let node = &problem.types[*at];
        let worth: f64 =
            counts.iter().zip(&bound.values).map(|(count, values)| f64::from(*count) * values[node.zone]).sum();
        (node.price - worth) / node.price.max(0.01)
    };
    let mut columns: Vec<(f64, &Column)> = bound.columns.iter().map(|column| (slack(column), column)).collect();
    columns.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
    columns.truncate(MOST_COLUMNS);
    let whole = solve(problem, &columns, true).or_else(|| solve(problem, &columns, false))?;
    let mut mix = vec![0; problem.types.len()];
    for ((_, (at, _)), many) in columns.iter().zip(whole) {
        mix[*at] += many;
    }
    Some(mix)
}

/// How many nodes have each pattern. Without `whole` the parts of nodes are rounded up.
fn solve(problem: &Problem, columns: &[(f64, &Column)], whole: bool) -> Option<Vec<u32>> {
    let mut lp = Lp::new(OptimizationDirection::Minimize);
    let most = i32::try_from(problem.classes.iter().map(|class| u64::from(class.count)).sum::<u64>()).ok()?;
    let nodes: Vec<Variable> = columns
        .iter()
        .map(|(_, (at, _))| {
            let price = problem.types[*at].price;
            if whole { lp.add_integer_var(price, (0, most)) } else { lp.add_var(price, (0.0, f64::from(most))) }
        })
        .collect();
    let covering = |class: usize, zone: Option<usize>| -> Vec<(Variable, f64)> {
        let columns = nodes.iter().zip(columns).filter(|(_, (_, (at, counts)))| {
            counts[class] > 0 && zone.is_none_or(|zone| problem.types[*at].zone == zone)
        });
        columns.map(|(node, (_, (_, counts)))| (*node, f64::from(counts[class]))).collect()
    };
    for (nth, class) in problem.classes.iter().enumerate() {
        let Some((least, most)) = class.range(problem.zones) else {
            lp.add_constraint(covering(nth, None), ComparisonOp::Ge, f64::from(class.count));
            continue;
        };
        let mut all = Vec::new();
        for zone in 0..problem.zones {
            let there = lp.add_integer_var(0.0, (least as i32, most as i32));
            let mut row = covering(nth, Some(zone));
            row.push((there, -1.0));
            lp.add_constraint(row, ComparisonOp::Ge, 0.0);
            all.push((there, 1.0));
        }
        lp.add_constraint(all, ComparisonOp::Eq, f64::from(class.count));
    }
    for zone in 0..problem.zones {
        if problem.each_zone {
            let there = nodes.iter().zip(columns).filter(|(_, (_, (at, _)))| problem.types[*at].zone == zone);
            lp.add_constraint(there.map(|(node, _)| (*node, 1.0)).collect::<Vec<_>>(), ComparisonOp::Ge, 1.0);
        }
    }
    for (at, node) in problem.types.iter().enumerate() {
        if let Some(limit) = node.limit {
            let of_type = nodes.iter().zip(columns).filter(|(_, (_, (of, _)))| *of == at);
            let row: Vec<_> = of_type.map(|(node, _)| (*node, 1.0)).collect();
            if !row.is_empty() {
                lp.add_constraint(row, ComparisonOp::Le, f64::from(limit));
            }
        }
    }
    let mut options = SolveOptions::default();
    (options.node_limit, options.time_limit, options.mip_gap) = (Some(MOST_BRANCHES), Some(MOST_SECONDS), CLOSE);
    let solution = lp.solve_with(options).ok()?.into_solution().ok()?;
    let count = |node: &Variable| {
        let many = solution.var_value(*node);
        (if whole { many.round() } else { (many - 1e-7).ceil() }).max(0.0) as u32
    };
    Some(nodes.iter().map(count).collect())
}
