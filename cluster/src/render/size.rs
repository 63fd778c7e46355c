//! What to buy.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::Answer;
use super::json::API_VERSION;
use super::page::{NONE, Page};
use super::summary::{nodes, pods};
use super::table::Table;
use super::units;
use super::whatif::{changed, utilisation_json};
use crate::whatif::{Bought, Priced, Size, Survive};

/// Pods that cannot be carried, and rows of nodes, that a page shows without being asked for all.
const SHOWN: usize = 20;

/// The cheapest nodes for a load.
#[must_use]
pub fn size(size: &Size) -> Answer {
    let mut page = changed(&size.changes);
    let mut wide = page.clone();
    for (page, is_wide) in [(&mut page, false), (&mut wide, true)] {
        page.append(write(size, is_wide));
    }
    Answer::new(document(size), page, wide)
}

fn document(size: &Size) -> Value {
    let survive = size.survive.map(word);
    let over = |priced: &Priced| (size.bound > 0.0).then(|| round(priced.price / size.bound - 1.0));
    let priced = |priced: &Option<Priced>| {
        priced.as_ref().map(|priced| {
            json!({
                "price": round(priced.price),
                "nodes": priced.count(),
                "gap": over(priced),
                "items": priced.nodes.iter().map(bought).collect::<Vec<_>>(),
            })
        })
    };
    let impossible = size.impossible.iter().map(|(pod, why)| json!({ "pod": pod, "why": why }));
    json!({
        "apiVersion": API_VERSION,
        "kind": "Size",
        "changes": size.changes,
        "summary": {
            "pods": size.pods, "classes": size.classes, "impossible": size.impossible.len(),
            "shapes": size.shapes.0, "notDominated": size.shapes.1,
            "zones": size.zones, "survive": survive, "replays": size.replays,
        },
        "bound": round(size.bound),
        "scheduled": priced(&size.scheduled),
        "packed": priced(&size.packed),
        "single": priced(&size.single),
        "after": utilisation_json(&size.after),
        "impossible": impossible.collect::<Vec<_>>(),
        "warnings": size.warnings,
        "leftOut": size.left_out,
    })
}

fn bought(bought: &Bought) -> Value {
    json!({ "shape": bought.shape, "zone": bought.zone, "count": bought.count, "price": bought.price })
}

fn word(survive: Survive) -> &'static str {
    match survive {
        Survive::Node => "node",
        Survive::Zone => "zone",
    }
}

/// To nine digits: what is behind is noise of the solver.
fn round(number: f64) -> f64 {
    format!("{number:.8e}").parse().unwrap_or(number)
}

/// A price for people: to a thousandth, and a small one to four digits.
fn price(price: f64) -> String {
    match price {
        small if small > 0.0 && small < 0.1 => {
            format!("{small:.3e}").parse().map_or(String::new(), |it: f64| it.to_string())
        }
        price => format!("{price:.3}"),
    }
}

fn write(size: &Size, is_wide: bool) -> Page {
    let mut page = Page::default();
    let carried = size.pods.saturating_sub(size.impossible.len());
    let zones = match &size.zones[..] {
        [] => String::new(),
        [zone] => format!(" in {zone}"),
        zones if size.in_each_zone => format!(" in {}, at least one node in each", zones.join(", ")),
        zones => format!(" in {}", zones.join(", ")),
    };
    let survive = size.survive.map(|survive| format!(", any {} may fail", word(survive))).unwrap_or_default();
    page.line(format!(
        "{} in {}; {}, {} of which no other beats{zones}{survive}.",
        pods(carried),
        counted(size.classes, "class", "classes"),
        counted(size.shapes.0, "shape", "shapes"),
        size.shapes.1,
    ));
    page.gap();
    page.table(prices(size));
    page.gap();
    if let Some(scheduled) = &size.scheduled {
        page.append(mix(scheduled, is_wide));
        page.line(format!("Requested of {}: {}.", nodes(size.after.nodes), units::utilisation(&size.after)));
    } else {
        page.line("No mix was found that carries the pods.");
    }
    if !size.impossible.is_empty() {
        let mut table = Table::new(["NOTHING CARRIES", "WHY"]);
        let shown = if is_wide { size.impossible.len() } else { size.impossible.len().min(SHOWN) };
        for (pod, why) in size.impossible.iter().take(shown) {
            table.row(vec![pod.clone(), why.clone()]);
        }
        page.gap();
        page.table(table);
        if shown < size.impossible.len() {
            page.line(format!("… and {} more; -o wide shows all", size.impossible.len() - shown));
        }
    }
    size.warnings.iter().for_each(|warning| page.line(format!("warning: {warning}")));
    for text in &size.left_out {
        let is_rule = text.starts_with("rule not applied");
        page.line(if is_rule { text.clone() } else { format!("left out: {text}") });
    }
    page
}

fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// The three prices, and that of one shape alone, side by side.
fn prices(size: &Size) -> Table {
    let mut table = Table::new(["", "PRICE", "NODES", "OVER THE BOUND"]);
    let mut row = |name: &str, priced: Option<&Priced>| {
        let Some(priced) = priced else { return };
        let over = match size.bound > 0.0 {
            true => format!("{:.1} %", (priced.price / size.bound - 1.0) * 100.0),
            false => NONE.to_owned(),
        };
        table.row(vec![name.to_owned(), price(priced.price), priced.count().to_string(), over]);
    };
    row("as scheduled", size.scheduled.as_ref());
    row("as packed", size.packed.as_ref());
    row("one shape, as scheduled", size.single.as_ref());
    table.row(vec!["lower bound".to_owned(), price(size.bound), String::new(), String::new()]);
    table
}

/// The nodes to buy, a row a shape; where all is shown, a row for each of its zones.
fn mix(priced: &Priced, is_wide: bool) -> Page {
    let mut page = Page::default();
    let mut rows: Vec<(&str, String, u32, f64)> = Vec::new();
    if is_wide {
        let row = |one: &'_ Bought| (one.zone.clone().unwrap_or_else(|| NONE.to_owned()), one.count, one.price);
        for one in &priced.nodes {
            let (zone, count, price) = row(one);
            rows.push((&one.shape, zone, count, price));
        }
    } else {
        let mut by_shape: BTreeMap<(&str, u64), usize> = BTreeMap::new();
        for one in &priced.nodes {
            // A type may have another price elsewhere.
            let at = *by_shape.entry((&one.shape, one.price.to_bits())).or_insert(rows.len());
            let zone = one.zone.as_deref().map(|zone| format!("{} {zone}", one.count));
            match rows.get_mut(at) {
                Some(row) => {
                    row.1 = [&row.1[..]].into_iter().chain(zone.as_deref()).collect::<Vec<_>>().join(", ");
                    row.2 += one.count;
                }
                None => rows.push((&one.shape, zone.unwrap_or_default(), one.count, one.price)),
            }
        }
    }
    let has_zones = priced.nodes.iter().any(|one| one.zone.is_some());
    let columns = [("COUNT", true), ("SHAPE", true), ("ZONES", has_zones), ("PRICE EACH", true), ("PRICE", true)];
    let mut table = Table::new(columns.iter().filter(|(_, is)| *is).map(|(name, _)| *name));
    for (shape, zones, count, price) in rows {
        let cells =
            [count.to_string(), shape.to_owned(), zones, price.to_string(), self::price(price * f64::from(count))];
        table.row(cells.into_iter().zip(columns).filter(|(_, (_, is))| *is).map(|(cell, _)| cell).collect());
    }
    if table.body().is_empty() {
        page.line("No node needs to be bought.");
    } else {
        page.table(table);
    }
    page.gap();
    page
}
