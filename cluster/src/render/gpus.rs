//! The GPUs of a cluster.

use serde_json::{Value, json};

use super::answer::Answer;
use super::json::API_VERSION;
use super::page::{NONE, Page};
use super::summary::pods;
use super::table::Table;
use super::units;
use crate::whatif::{GPU_SIZES, GpuView, Gpus};

/// Where GPUs are free, and for whom.
#[must_use]
pub fn gpus(view: &GpuView) -> Answer {
    let row = |gpus: &Gpus| {
        let fits = GPU_SIZES.iter().zip(gpus.fits).map(|(size, count)| (size.to_string(), json!(count)));
        json!({
            "name": gpus.name, "pool": gpus.pool, "resource": gpus.resource, "nodes": gpus.nodes, "total": gpus.total,
            "used": gpus.used, "free": gpus.free, "stranded": gpus.stranded, "largest": gpus.largest,
            "fits": fits.collect::<serde_json::Map<_, _>>(),
        })
    };
    let beside = view
        .beside
        .iter()
        .map(|(name, (cpu, memory))| (name.clone(), json!({ "cpu": units::number("cpu", *cpu), "memory": memory })));
    let freed = view
        .freed
        .iter()
        .map(|one| json!({ "resource": one.resource, "size": one.size, "node": one.node, "moves": one.moves }));
    let document = json!({
        "apiVersion": API_VERSION,
        "kind": "Gpus",
        "beside": beside.collect::<serde_json::Map<_, _>>(),
        "pools": view.pools.iter().map(row).collect::<Vec<_>>(),
        "items": view.nodes.iter().map(row).collect::<Vec<Value>>(),
        "freed": freed.collect::<Vec<_>>(),
        "warnings": view.warnings,
    });
    Answer::new(document, page(view, false), page(view, true))
}

fn table(first: &str, rows: &[Gpus], with_pool: bool) -> Table {
    let mut header = vec![first];
    if with_pool {
        header.push("POOL");
    }
    header.extend(["RESOURCE", "TOTAL", "USED", "FREE", "STRANDED", "LARGEST", "1", "2", "4", "8"]);
    let mut table = Table::new(header);
    for row in rows {
        let name = if row.name.is_empty() { NONE.to_owned() } else { row.name.clone() };
        let mut cells = vec![name];
        if with_pool {
            cells.push(row.pool.clone().unwrap_or_else(|| NONE.to_owned()));
        }
        cells.push(row.resource.clone());
        cells.extend([row.total, row.used, row.free, row.stranded, row.largest].map(|count| count.to_string()));
        cells.extend(row.fits.map(|count| count.to_string()));
        table.row(cells);
    }
    table
}

fn page(view: &GpuView, is_wide: bool) -> Page {
    let mut page = Page::default();
    page.table(table("POOL", &view.pools, false));
    page.gap();
    let mut nodes: Vec<Gpus> = view.nodes.clone();
    if !is_wide {
        // Those where something is free.
        nodes.retain(|gpus| gpus.free > 0);
    }
    if !nodes.is_empty() {
        page.table(table("NODE", &nodes, true));
        page.gap();
    }
    page.line("Under 1, 2, 4, 8: how many pods of so many GPUs still fit.");
    for (name, (cpu, memory)) in &view.beside {
        let (cpu, memory) = (units::amount("cpu", *cpu), units::amount("memory", *memory));
        page.line(format!("A free {name} is stranded where its node has not {cpu} cpu and {memory} memory beside it."));
    }
    for freed in &view.freed {
        page.line(format!(
            "{} {} together: move {} off {} ({}).",
            freed.size,
            freed.resource,
            pods(freed.moves.len()),
            freed.node,
            freed.moves.join(", ")
        ));
    }
    view.warnings.iter().for_each(|warning| page.line(format!("warning: {warning}")));
    page
}
